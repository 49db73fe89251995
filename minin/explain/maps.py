"""Where in the image a Network in Network saw each class.

The network ends in one feature map a class, and a class's score is the average of its map.
So the maps, just before they are averaged, show what spoke for a class and where; nothing
has to be computed that the network did not compute anyway. Paper: section 3.2, figure 4.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from minin import backend
from minin.autograd import record
from minin.data.transforms import Preprocess
from minin.doctor.inputs import Images, prepared
from minin.doctor.judge import in_use
from minin.nn import Module


def class_maps(
    model: Module, images: Images, preprocess: Preprocess | None = None
) -> npt.NDArray[Any] | None:
    """Return the maps that global average pooling turns into class scores.

    **Shapes:** images (N, C, H, W) -> (N, classes, OH, OW), or None if the network does not
    end in global average pooling.

    Args:
        model: the network; it is left as it was.
        images: bytes as loaded, or floats that are prepared already.
        preprocess: how bytes become floats; left out, as `fit` noted it in the network.
    """
    with in_use(model), record() as tape:
        logits = model(prepared(model, images, preprocess))  # (N, classes)
    for step in reversed(tape.steps):
        if step.op.__name__ == "global_avg_pool2d" and step.output.shape == logits.shape:
            return backend.to_numpy(step.arguments[0])
    return None

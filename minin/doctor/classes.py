"""Which classes still say something, and which are silent for good."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from minin.autograd import Tape, no_grad, record
from minin.backend import to_numpy
from minin.data.transforms import Preprocess
from minin.doctor import thresholds
from minin.doctor.choose import most
from minin.doctor.gradients import Floats, untouched
from minin.doctor.inputs import Images, prepared
from minin.doctor.judge import Labels
from minin.doctor.layers import Output, final_maps, outputs, rms
from minin.doctor.vitals import ClassVitals
from minin.nn import Module


def dead_classes(
    model: Module, images: Images, preprocess: Preprocess | None = None
) -> tuple[int, ...]:
    """Return the classes whose map is dead, and so far below 0 that it will hardly come back.

    One forward pass over at most 256 images: cheap enough for the end of every epoch. Maps
    that are only just below 0 are left out here, for they come and go in healthy runs.

    **Shapes:** images (N, C, H, W).

    Args:
        model: a network that returns logits (N, classes); it is left as it was.
        images: training images in any order but sorted by class: bytes, or prepared floats.
        preprocess: how bytes become floats; left out, as `fit` noted it in the network.

    Raises:
        DtypeError: if the images are bytes and nobody says how to make floats of them.

    Example:
        >>> from minin import models
        >>> images = np.random.default_rng(0).normal(size=(64, 1, 8, 8)).astype(np.float32)
        >>> net = models.build("nin-digits", rng=0, final_relu=True)
        >>> net[6][4].bias.data -= [0, 0, 0, 90, 0, 0, 0, 90, 0, 0]
        >>> dead_classes(net, images)
        (3, 7)
    """
    images = images[: most(images.shape)]
    with untouched(model), no_grad():
        with record() as tape:
            logits = model(prepared(model, images, preprocess))
        z = to_numpy(logits.data).astype(np.float64)  # (N, classes)
        last = list(outputs(model, tape))[-1:]
        found = class_vitals(z, np.zeros(0, np.int64), tape, last, None)
    silent = [k for k, one in enumerate(found) if one.constant]
    enough = len(z) >= thresholds.OWN_IMAGES * z.shape[1] or len(silent) == z.shape[1]
    if len(z) < 2 or not enough:
        return ()
    return tuple(k for k in silent if is_far_below(found[k]))


def is_far_below(one: ClassVitals) -> bool:
    """Tell whether a dead map is unlikely to come back; one of unknown height is."""
    return one.reach is None or not one.reach > thresholds.FAR_BELOW


def class_vitals(
    z: Floats,
    labels: Labels,
    tape: Tape,
    last: list[Output],
    gradients: dict[str, Floats] | None,
) -> tuple[ClassVitals, ...]:
    """Measure every class's logit, its map where there is one, and its gradient.

    **Shapes:** z (N, classes), labels (N,) or empty.
    """
    maps = final_maps(tape, z.shape)
    speaks = z != 0 if maps is None else np.any(to_numpy(maps) != 0, axis=(2, 3))  # (N, K)
    counts = np.bincount(labels, minlength=z.shape[1])
    rows = _rows(last, gradients or {}, z.shape[1])
    reach = _reach(last, z.shape[1])
    return tuple(
        ClassVitals(
            images=int(counts[k]),
            alive=float(np.mean(speaks[:, k])),
            constant=bool(np.all(z[:, k] == z[0, k])),
            gradient=None if rows is None else rows[k],
            reach=None if reach is None else float(reach[k]),
        )
        for k in range(z.shape[1])
    )


def _rows(last: list[Output], gradients: dict[str, Floats], k: int) -> list[float] | None:
    """Measure the gradient of the weights behind each class, if the last layer has them."""
    name = f"{last[0].path}.weight" if last else ""
    if name not in gradients or len(gradients[name]) != k:
        return None
    return [rms(row) for row in gradients[name]]


def _reach(last: list[Output], k: int) -> npt.NDArray[Any] | None:
    """Return the highest number of each map before its ReLU, in its standard deviations."""
    if not last or last[0].activation != "relu" or last[0].before.shape[1] != k:
        return None
    before = to_numpy(last[0].before).astype(np.float64)  # (N, K, OH, OW), or (N, K)
    axes = (0, *range(2, before.ndim))
    top, spread = before.max(axis=axes), before.std(axis=axes)  # (K,)
    with np.errstate(all="ignore"):
        return np.where(spread > 0, top / spread, -np.inf)

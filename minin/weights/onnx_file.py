"""A network as an ONNX file, which other programs run: same layers, same weights, same logits.

Pools that round up are written with the border that their last windows reach, for ONNX's own rule
for rounding up is another one, and not all programs follow it. So the image's size is fixed; the
number of images is not. Dropout, which does nothing in use, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from minin import nn
from minin.errors import BackendUnavailableError
from minin.files.arrays import PathLike
from minin.files.atomic import write_atomically
from minin.models.builder import Network

OPSET, FORMAT = 17, 8  # of 2022: older than all programs still in use
OPS = {
    nn.Conv2d: "Conv",
    nn.ReLU: "Relu",
    nn.MaxPool2d: "MaxPool",
    nn.GlobalAvgPool2d: "GlobalAveragePool",
}


def write_onnx(path: PathLike, network: Network, words: Mapping[str, str]) -> None:
    """Write ``network`` to ``path``: whole, or not at all; its numbers are float32 there.

    **Shapes:** of the graph: image (N, C, H, W) -> logits (N, classes).

    Args:
        path: the file, by custom with the ending ``.onnx``.
        network: a network made by `models.build`.
        words: what to keep beside the graph, such as the names of the classes.

    Raises:
        DataError: if the file cannot be written.
        BackendUnavailableError: if onnx is not installed.
    """
    try:
        import onnx
        from onnx import helper, numpy_helper
    except ImportError as error:
        raise BackendUnavailableError.needs("writing ONNX", "onnx") from error
    nodes, x, shape = [], "image", tuple(network.input_shape)
    for name, layer in network.named_modules():
        if type(layer) in OPS:
            arrays = [f"{name}.{own}" for own, _ in layer.named_parameters()]
            how = _window(layer, shape)
            nodes.append(helper.make_node(OPS[type(layer)], [x, *arrays], [name], **how))
            x, shape = name, layer.output_shape(shape)
    nodes.append(helper.make_node("Flatten", [x], ["logits"]))
    ends = [("image", network.input_shape), ("logits", shape)]
    kind = onnx.TensorProto.FLOAT  # ONNX Runtime convolves nothing else
    begin, end = (helper.make_tensor_value_info(n, kind, ["N", *sizes]) for n, sizes in ends)
    weights = [
        numpy_helper.from_array(array.astype(np.float32), name)
        for name, array in network.state_dict().items()
    ]
    graph = helper.make_graph(nodes, network.name, [begin], [end], weights)
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=FORMAT)
    helper.set_model_props(model, dict(words))
    onnx.checker.check_model(model)
    write_atomically(path, model.SerializeToString())


def _window(layer: nn.Module, shape: tuple[int, ...]) -> dict[str, Any]:
    """Write the window of a layer, if it has one, as ONNX has it."""
    window = layer.window()
    if window is None:
        return {}
    (top, bottom), (left, right) = window.border((shape[1], shape[2]))
    how = {"kernel_shape": window.kernel, "strides": window.stride, "dilations": window.dilation}
    return {**how, "pads": [top, left, bottom, right]}

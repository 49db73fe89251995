"""What Winograd's transforms cost in digits, layer by layer.

    python -m tools.winograd_error     write docs/winograd-error.md

Every convolution of the eight networks that Winograd can compute is computed so in float32,
forward and back, whatever the cost model would choose, and held against im2col in float64. The
error is the 2-norm of the difference over the 2-norm of the right numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from minin import models, nn
from minin.fast.cpu.im2col import Im2col
from minin.fast.cpu.layout import WorkTile
from minin.fast.cpu.plan import OUTPUTS
from minin.fast.cpu.winograd import Winograd
from minin.shapes import Pair, Window
from tools.page import DOCS, page, rows

TARGET = DOCS / "winograd-error.md"
Array = npt.NDArray[Any]
PIXELS = 60 * 60  # of an image, at most: a larger one is cropped, which changes no channel


class Layer(NamedTuple):
    """One convolution: where it is, and what goes into it."""

    network: str
    name: str
    channels: int
    maps: int
    size: Pair
    window: Window


def layers() -> Iterator[Layer]:
    """Walk all convolutions of all networks that are not 1x1 and have stride 1."""
    for network in models.names():
        model = models.build(network, rng=0)
        shape: tuple[int, ...] = model.input_shape  # (C, H, W)
        for number, module in enumerate(model):
            if isinstance(module, nn.MlpConv):
                first = module.convolutions[0]
                size = (shape[1], shape[2])
                window = Window.of(first.kernel_size, first.stride, first.padding, size=size)
                if window.stride == (1, 1) and window.kernel[0] in OUTPUTS:
                    if size[0] * size[1] > PIXELS:
                        size = (30, 30)
                    name = f"{number}.0"
                    yield Layer(network, name, first.in_channels, first.out_channels, size, window)
            shape = tuple(module.output_shape(shape))


def errors(layer: Layer, m: int, images: int = 2) -> dict[str, float]:
    """Compute one layer both ways; return the error of the output and of each gradient."""
    rng = np.random.default_rng(0)
    k, c, o = layer.window.kernel[0], layer.channels, layer.maps
    x = rng.standard_normal((images, *layer.size, c)).astype(np.float32)
    weight = rng.standard_normal((o, c, k, k)).astype(np.float32) / np.float32(k * np.sqrt(c))
    bias = rng.standard_normal(o).astype(np.float32)
    size = layer.window.output_size(layer.size)
    grad = rng.standard_normal((images, *size, o)).astype(np.float32)
    found = passed(Winograd(x, weight, bias, layer.window, size, m), x, grad)
    x64, weight64, bias64 = (a.astype(np.float64) for a in (x, weight, bias))
    exact = Im2col(x64, weight64, bias64, layer.window, size)
    right = passed(exact, x64, grad.astype(np.float64))
    return {
        name: float(np.linalg.norm(found[name] - right[name]) / np.linalg.norm(right[name]))
        for name in right
    }


def passed(algorithm: Any, x: Array, grad: Array) -> dict[str, Array]:
    """Run forward and back; gather the output and the gradients."""
    y = np.empty(grad.shape, x.dtype)

    def write(tile: WorkTile, part: Array) -> None:
        here = tile.of(y)
        here[:] = part[:, : here.shape[1], : here.shape[2]]

    algorithm.forward(x, write)
    weight, bias, image = algorithm.backward(x, lambda tile: (tile.rows(grad), []), [], True)
    return {"y": y, "grad_x": image, "grad_weight": weight, "grad_bias": bias}


def main() -> None:
    """Write the page."""
    lines, worst = [], 0.0
    for layer in layers():
        k = layer.window.kernel[0]
        for m in OUTPUTS[k]:
            found = errors(layer, m)
            worst = max(worst, *found.values())
            what = f"{k}x{k}, {layer.channels} to {layer.maps}, {layer.size[0]}x{layer.size[1]}"
            numbers = [f"{error:.1e}" for error in found.values()]
            lines.append([layer.network, layer.name, what, m, *numbers])
            print(*lines[-1], flush=True)
    text = page("winograd-error", rows=rows(lines), worst=f"{worst:.1e}")
    TARGET.write_text(text, "utf-8")
    print(f"wrote {TARGET.name}: the largest error is {worst:.1e}")


if __name__ == "__main__":
    main()

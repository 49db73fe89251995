"""From a tape to what came out of each layer, the layers inside an mlpconv included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from minin import ops
from minin.autograd import Step, Tape, no_grad
from minin.backend import Array, to_numpy
from minin.doctor.vitals import LayerVitals
from minin.nn import Module

Floats = npt.NDArray[np.float64]

ACTIVATIONS = ("relu", "leaky_relu", "sigmoid", "tanh")


class Output(NamedTuple):
    """What one layer gave.

    Attributes:
        path: the layer, as its parameters' names begin.
        activation: what follows it at once, or "".
        before: its numbers before that.
        values: its numbers after that.
    """

    path: str
    activation: str
    before: Array
    values: Array


def outputs(model: Module, tape: Tape) -> Iterator[Output]:
    """Yield the output of every layer with weights, in the order in which they ran.

    A layer's activation, where one follows at once, belongs to it. An mlpconv runs as one
    operation and keeps nothing of its inside, so its convolutions run here once more.
    """
    paths = {id(p.data): name.rpartition(".")[0] for name, p in model.named_parameters()}
    steps = tape.steps
    for place, step in enumerate(steps):
        if step.op.__name__ == "mlpconv":
            yield from _inside(step, paths)
        elif step.op.__name__ in ("conv2d", "linear"):
            after = steps[place + 1] if place + 1 < len(steps) else step
            follows = after.op.__name__ in ACTIVATIONS and after.arguments[0] is step.output
            name, values = (after.op.__name__, after.output) if follows else ("", step.output)
            yield Output(_path(step.arguments[1], paths, place), name, step.output, values)


def _inside(step: Step, paths: dict[int, str]) -> Iterator[Output]:
    """Run the layers of an mlpconv one by one."""
    x, weights, biases = step.arguments
    window = {name: step.parameters[name] for name in ("stride", "padding")}
    for number, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        with no_grad():
            before = ops.conv2d(x, weight, bias, **(window if number == 0 else {})).data
            last = number == len(weights) - 1
            name = "" if last and not step.parameters["final_relu"] else "relu"
            x = ops.relu(before).data if name else before  # (N, maps of this layer, OH, OW)
        yield Output(_path(weight, paths, number), name, before, x)


def _path(weight: Any, paths: dict[int, str], place: int) -> str:
    return paths.get(id(weight), f"layer {place}")


def layer_vitals(output: Output) -> LayerVitals:
    """Measure one output."""
    values = to_numpy(output.values)
    return LayerVitals(output.path, output.activation, float(np.mean(values == 0)), rms(values))


def rms(values: npt.ArrayLike) -> float:
    """Return the root of the mean square; of nothing it is 0.

    Example:
        >>> rms([3.0, -4.0, 0.0, 0.0])
        2.5
    """
    numbers: Floats = np.asarray(values, dtype=np.float64)
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(numbers**2))) if numbers.size else 0.0


def final_maps(tape: Tape, shape: tuple[int, ...]) -> Array | None:
    """Return the maps whose averages are the logits, or None if there are none.

    **Shapes:** -> (N, classes, OH, OW) for logits of ``shape`` (N, classes).
    """
    for step in reversed(tape.steps):
        if step.op.__name__ == "global_avg_pool2d" and tuple(step.output.shape) == shape:
            return step.arguments[0]
    return None

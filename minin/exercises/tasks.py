"""What is asked of an answer: which functions, on which inputs, compared with what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import numpy as np

from minin.exercises.sizes import FOR_SLOPES, LARGE, Geometry, geometries
from minin.gradcheck.recognise.references.record import Array
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.sentences import sentence

Two = tuple[int, int]
Functions = Mapping[str, Callable[..., Any]]
_THREE = ("x", "weight", "bias")


@dataclass(frozen=True)
class Value:
    """One call of an answer's function, and the right result.

    Attributes:
        function: which function.
        arguments: its arguments.
        right: computes what it must return; called once the answer has come.
        about: the case in words.
        cached: whether it returns the result and a cache.
        before: another function and its arguments, whose cache is the last argument.
        rule: what decides in such a case, if it is a convention.
        wrong: what known bugs make of it, by their ids.
        mark: what it is marked as.
    """

    function: str
    arguments: tuple[Any, ...]
    right: Callable[[], Array]
    about: str
    cached: bool = False
    before: tuple[str, tuple[Any, ...]] | None = None
    rule: str = ""
    wrong: Callable[[], Mapping[str, Array]] = dict
    mark: str = "values"


@dataclass(frozen=True)
class SlopeCheck:
    """One check of an answer's backward: the arguments of `gradcheck.check_backward`."""

    function: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: list[Array]
    op: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """A forward and a backward of an answer, and the arguments at which they are tried.

    Attributes:
        forward: its name; it takes the inputs, then the values of params.
        backward: its name.
        inputs: arrays.
        op: the reference.
        params: settings as the answer's forward names them.
        known: turns these into the settings of the reference.
        names: of the inputs.
        measured: whether slopes are measured there.
    """

    forward: str
    backward: str
    inputs: list[Array]
    op: str
    params: dict[str, Any] = field(default_factory=dict)
    known: Callable[..., dict[str, Any]] = dict
    names: tuple[str, ...] = ("x",)
    measured: bool = True

    def run(self, *inputs: Array, **params: Any) -> tuple[Array, Any]:
        """Compute forward by the reference."""
        return REFERENCES[self.op].forward(*inputs, **self.known(**params))

    def gradients(self, grad_y: Array, cache: Any) -> list[Array]:
        """Compute backward by the reference, from the cache of `run`."""
        return [np.asarray(g) for g in REFERENCES[self.op].backward(grad_y, cache)]


def _none(*_: Any) -> Iterator[Any]:
    return iter(())


@dataclass(frozen=True)
class Task:
    """All that is asked in one exercise.

    Attributes:
        functions: what the answer must define.
        values: makes calls with known results, the smallest first.
        pairs: makes pairs whose gradients are compared and measured.
        slopes: makes checks of gradients where the answer has no pair of its own.
        ties: makes calls where no slope exists and a convention decides; made last.
    """

    functions: tuple[str, ...]
    values: Callable[[np.random.Generator], Iterator[Value]]
    pairs: Callable[[np.random.Generator], Iterator[Pair]] = _none
    slopes: Callable[[Functions, np.random.Generator], Iterator[SlopeCheck]] = _none
    ties: Callable[[np.random.Generator], Iterator[Value]] = _none


def _image(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draw distinct numbers, so that no two pixels can be taken for each other.

    A small image has whole numbers, for it is shown to a learner who fails on it.
    """
    steps = rng.permutation(int(np.prod(shape))).reshape(shape)
    if steps.size <= 24:
        return steps + 1.0
    return np.asarray((steps - steps.mean()) / 8 + rng.uniform(0.01, 0.05, shape))


def _right(op: str, *inputs: Array, **settings: Any) -> Callable[[], Array]:
    """Say how to compute what an answer must return, by the gradient checker's reference.

    A reference shares no line with minin's own ops, nor with an answer.
    """
    return lambda: REFERENCES[op].forward(*inputs, **settings)[0]


def _columns(rng: np.random.Generator, g: Geometry) -> Array:
    """Draw columns as im2col makes them. -> (N, C*KH*KW, OH*OW)."""
    return _image(rng, _right("im2col", np.zeros(g.image), **g.settings)().shape)


# ---- 1 and 2: each is the backward of the other, so slopes are measured on the other one


def _im2col_values(rng: np.random.Generator) -> Iterator[Value]:
    for g in geometries(rng):
        x = _image(rng, g.image)
        yield Value("im2col", (x, *g[1:]), _right("im2col", x, **g.settings), str(g))


def _im2col_slopes(functions: Functions, rng: np.random.Generator) -> Iterator[SlopeCheck]:
    def forward(columns: Array, output_size: Two, **settings: Any) -> tuple[Array, Any]:
        y = REFERENCES["col2im"].forward(columns, output_size=output_size, **settings)[0]
        return y, _settings(**settings)

    def backward(grad: Array, settings: tuple[Two, Two, Two]) -> Any:
        return functions["im2col"](grad, *settings)

    for g in FOR_SLOPES:
        params = {"output_size": g.image[2:], **g.settings}
        inputs = [_columns(rng, g)]
        yield SlopeCheck("im2col", forward, backward, inputs, "col2im", params)


def _settings(kernel_size: Any, stride: Any, pad: Any) -> tuple[Two, Two, Two]:
    """Read a kernel, a stride and a padding that is the same on both sides.

    Raises:
        ValueError: if the padding differs, for the exercises know no such case.
    """
    pads = [pad, pad] if isinstance(pad, int) else list(pad)
    sides = {tuple(p) if isinstance(p, (tuple, list)) else (p, p) for p in pads}
    if any(before != after for before, after in sides):
        raise ValueError("the padding must be the same on both sides")
    ph, pw = (p[0] if isinstance(p, (tuple, list)) else p for p in pads)
    (kh, kw), (sh, sw) = (v if isinstance(v, tuple) else (v, v) for v in (kernel_size, stride))
    return (kh, kw), (sh, sw), (ph, pw)


def _col2im_values(rng: np.random.Generator) -> Iterator[Value]:
    for g in geometries(rng):
        cols = _columns(rng, g)
        yield Value("col2im", (cols, *g), _added(cols, g), str(g))
    for g in geometries(rng):
        ones = _right("im2col", np.zeros(g.image), **g.settings)() + 1
        yield Value("coverage", tuple(g), _added(ones, g), str(g), mark="coverage")


def _added(cols: Array, g: Geometry) -> Callable[[], Array]:
    """Add columns back to an image. cols (N, C*KH*KW, OH*OW) -> (N, C, H, W)."""
    return _right("col2im", cols, output_size=g.image[2:], **g.settings)


def _col2im_slopes(functions: Functions, rng: np.random.Generator) -> Iterator[SlopeCheck]:
    def forward(x: Array, **settings: Any) -> tuple[Array, Any]:
        return REFERENCES["im2col"].forward(x, **settings)[0], (x.shape, *_settings(**settings))

    def backward(grad: Array, cache: Any) -> Any:
        return functions["col2im"](grad, *cache)

    for g in FOR_SLOPES:
        inputs = [_image(rng, g.image)]
        yield SlopeCheck("col2im", forward, backward, inputs, "im2col", g.settings)


# ---- 3 to 6: an answer's backward against its own forward, the forward against the reference


def _conv_inputs(rng: np.random.Generator, g: Geometry) -> tuple[Array, Array, Array]:
    o = 4 if g.image[1] != 4 else 5
    weight = _image(rng, (o, g.image[1], *g.kernel))
    return _image(rng, g.image), weight, rng.standard_normal(o)


def _conv_values(rng: np.random.Generator) -> Iterator[Value]:
    for g in geometries(rng):
        inputs, rest = _conv_inputs(rng, g), (g.stride, g.padding)
        right = _right("conv2d", *inputs, stride=g.stride, pad=g.settings["pad"])
        yield Value("conv_forward", (*inputs, *rest), right, str(g), cached=True)


def _conv_pairs(rng: np.random.Generator) -> Iterator[Pair]:
    for g in (*FOR_SLOPES, LARGE):
        inputs, params = list(_conv_inputs(rng, g)), {"stride": g.stride, "padding": g.padding}
        yield Pair(
            "conv_forward", "conv_backward", inputs, "conv2d", params, _padded, _THREE, g != LARGE
        )


def _padded(stride: Two, padding: Two) -> dict[str, Any]:
    return {"stride": stride, "pad": tuple((p, p) for p in padding)}


def _pixel_inputs(rng: np.random.Generator, g: Geometry) -> list[Array]:
    o = 4 if g.image[1] != 4 else 5
    return [_image(rng, g.image), _image(rng, (o, g.image[1])), rng.standard_normal(o)]


def _conv1x1_values(rng: np.random.Generator) -> Iterator[Value]:
    for g in geometries(rng):
        x, weight, bias = _pixel_inputs(rng, g)
        right = _right("conv1x1", x, weight, bias)
        about = sentence("exercises.pixels", image=g.image, weight=weight.shape, bias=bias.shape)
        yield Value("conv1x1_forward", (x, weight, bias), right, about, cached=True)


def _conv1x1_pairs(rng: np.random.Generator) -> Iterator[Pair]:
    for g in FOR_SLOPES:
        inputs = _pixel_inputs(rng, g)
        yield Pair("conv1x1_forward", "conv1x1_backward", inputs, "conv1x1", names=_THREE)


def _max_pool_values(rng: np.random.Generator) -> Iterator[Value]:
    for g in geometries(rng):
        x = _image(rng, g.image)
        right = _right("max_pool2d", x, kernel_size=g.kernel, stride=g.stride)
        about = sentence("exercises.pooling", image=g.image, kernel=g.kernel, stride=g.stride)
        yield Value("max_pool_forward", (x, g.kernel, g.stride), right, about, cached=True)


def _max_pool_pairs(rng: np.random.Generator) -> Iterator[Pair]:
    for g in FOR_SLOPES:
        inputs, params = [_image(rng, g.image)], {"kernel": g.kernel, "stride": g.stride}
        yield Pair("max_pool_forward", "max_pool_backward", inputs, "max_pool2d", params, _windows)


def _windows(kernel: Two, stride: Two) -> dict[str, Any]:
    return {"kernel_size": kernel, "stride": stride}


def _max_pool_ties(rng: np.random.Generator) -> Iterator[Value]:
    """Images of few different numbers: nearly every window has a tie."""
    pool = REFERENCES["max_pool2d"]
    for g in geometries(rng):
        x = rng.integers(1, 3, g.image).astype(float)
        y, cache = pool.forward(x, kernel_size=g.kernel, stride=g.stride)
        grad_y = _image(rng, y.shape)

        def gradient(bug: str | None, grad_y: Array = grad_y, cache: Any = cache) -> Array:
            return np.asarray(pool.run_backward(grad_y, cache, bug)[0])

        yield Value(
            "max_pool_backward",
            (grad_y,),
            partial(gradient, None),
            sentence("exercises.pooling_ties", image=g.image, kernel=g.kernel, stride=g.stride),
            before=("max_pool_forward", (x, g.kernel, g.stride)),
            rule=sentence("exercises.first_tie"),
            wrong=partial(_by_bug, gradient),
            mark="ties",
        )


def _by_bug(gradient: Callable[[str | None], Array]) -> Mapping[str, Array]:
    return {bug: gradient(bug) for bug in ("E4", "E5")}


def _gap_values(rng: np.random.Generator) -> Iterator[Value]:
    for g in geometries(rng):
        x = _image(rng, g.image)
        right = _right("global_avg_pool2d", x)
        yield Value(
            "gap_forward", (x,), right, sentence("exercises.image", image=g.image), cached=True
        )


def _gap_pairs(rng: np.random.Generator) -> Iterator[Pair]:
    for g in FOR_SLOPES:
        yield Pair("gap_forward", "gap_backward", [_image(rng, g.image)], "global_avg_pool2d")


TASKS: Final[dict[str, Task]] = {
    "im2col": Task(("im2col",), _im2col_values, slopes=_im2col_slopes),
    "col2im": Task(("col2im", "coverage"), _col2im_values, slopes=_col2im_slopes),
    "conv_backward": Task(("conv_forward", "conv_backward"), _conv_values, _conv_pairs),
    "conv1x1": Task(("conv1x1_forward", "conv1x1_backward"), _conv1x1_values, _conv1x1_pairs),
    "max_pool": Task(
        ("max_pool_forward", "max_pool_backward"),
        _max_pool_values,
        _max_pool_pairs,
        ties=_max_pool_ties,
    ),
    "global_avg_pool": Task(("gap_forward", "gap_backward"), _gap_values, _gap_pairs),
}

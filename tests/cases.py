"""CASES: every public op, how hypothesis draws arguments for it, and what it must equal.

One table for all laws. A test fails if a public op has no row. Arrays are drawn with distinct
numbers, none of them near 0 and no two near each other, so that no difference crosses a kink;
what happens *at* ties, zeros and NaN has tests of its own in test_edges.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from tests import oracles

Array: TypeAlias = npt.NDArray[Any]


@dataclass
class Arguments:
    """One call: array arguments (lists, None and integer arrays among them), and parameters."""

    arrays: list[Any]
    parameters: dict[str, Any] = field(default_factory=dict)

    def flat(self) -> list[Array]:
        """The float arrays, those in lists too, in order."""
        spread = [x for a in self.arrays for x in (a if isinstance(a, list) else [a])]
        return [x for x in spread if is_float(x)]

    def replaced(self, floats: Sequence[Any]) -> list[Any]:
        """The arguments with their float arrays replaced by others, in order."""
        rest = iter(floats)

        def put(x: Any) -> Any:
            return [put(y) for y in x] if isinstance(x, list) else next(rest) if is_float(x) else x

        return [put(a) for a in self.arrays]


def is_float(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


@dataclass(frozen=True)
class Case:
    """One row.

    Attributes:
        draw: strategy for the arguments, in float64.
        oracle: the loops that the op must equal.
        linear_in: places among the arrays in which the op is linear, each by itself.
    """

    draw: st.SearchStrategy[Arguments]
    oracle: Callable[..., Array]
    linear_in: tuple[int, ...] = ()


def distinct(draw: st.DrawFn, shape: tuple[int, ...], low: float = -2, high: float = 2) -> Array:
    """Numbers from low to high in random order, all distinct, none near 0."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = int(np.prod(shape))
    numbers = low + (high - low) * (np.arange(count) + 0.75) / (count + 0.5)
    numbers = np.where(np.abs(numbers) < 1e-3, 1e-3, numbers)
    return np.asarray(rng.permutation(numbers)).reshape(shape)


small = st.integers(1, 4)
shapes = st.lists(small, min_size=0, max_size=3).map(tuple)


@st.composite
def one_array(draw: st.DrawFn, low: float = -2, high: float = 2) -> Arguments:
    return Arguments([distinct(draw, draw(shapes), low, high)])


@st.composite
def leaking(draw: st.DrawFn) -> Arguments:
    x = draw(one_array()).arrays
    return Arguments(x, {"negative_slope": draw(st.sampled_from([0.01, 0.5]))})


@st.composite
def two_arrays(
    draw: st.DrawFn, low: float = -2, high: float = 2, low2: float = -2, high2: float = 2
) -> Arguments:
    """Two arrays that broadcast, in every way that there is."""
    shape = draw(shapes)
    stretched = [tuple(draw(st.sampled_from([n, 1])) for n in shape) for _ in range(2)]
    cuts = draw(st.sampled_from([(0, 0), (0, 1), (1, 0)]))
    x_shape, y_shape = (s[cut:] for s, cut in zip(stretched, cuts, strict=True))
    x, y = distinct(draw, x_shape, low, high), distinct(draw, y_shape, low2, high2)
    return Arguments([x, np.asarray(y + 1e-3)])  # no x equals a y


@st.composite
def reduction(draw: st.DrawFn) -> Arguments:
    x = distinct(draw, draw(shapes))
    axes = st.lists(st.integers(0, max(x.ndim - 1, 0)), unique=True, max_size=x.ndim).map(tuple)
    axis: Any = draw(st.one_of(st.none(), axes if x.ndim else st.just(())))
    if axis and draw(st.booleans()):
        axis = axis[0] - x.ndim  # an int, counted from the end
    return Arguments([x], {"axis": axis, "keepdims": draw(st.booleans())})


@st.composite
def matrices(draw: st.DrawFn) -> Arguments:
    m, k, n = draw(small), draw(small), draw(small)
    lead = draw(st.sampled_from([((), ()), ((2,), (2,)), ((3, 1), (2,)), ((), (2,))]))
    x_shape, y_shape = (*lead[0], m, k), (*lead[1], k, n)
    vectors = draw(st.sampled_from(["neither", "left", "right", "both"]))
    if vectors in ("left", "both"):
        x_shape = (k,)
    if vectors in ("right", "both"):
        y_shape = (k,)
    return Arguments([distinct(draw, x_shape), distinct(draw, y_shape)])


@st.composite
def dense(draw: st.DrawFn) -> Arguments:
    n, c, o = draw(small), draw(small), draw(small)
    lead = draw(st.sampled_from([(n,), (n,), (), (2, n), (n, 1, 2)]))
    bias = distinct(draw, (o,)) if draw(st.booleans()) else None
    return Arguments([distinct(draw, (*lead, c)), distinct(draw, (o, c)), bias])


@st.composite
def indexing(draw: st.DrawFn) -> Arguments:
    x = distinct(draw, tuple(draw(st.lists(st.integers(2, 4), min_size=2, max_size=3))))
    last = x.shape[-1] - 1
    keys: list[Any] = [0, -1, slice(None, None, 2), (slice(1, None), None, 0), (..., last)]
    keys += [(slice(None), slice(None, None, -1))]
    return Arguments([x], {"key": draw(st.sampled_from(keys))})


@st.composite
def reshaping(draw: st.DrawFn) -> Arguments:
    x = distinct(draw, draw(shapes))
    divisors = [d for d in range(1, x.size + 1) if x.size % d == 0]
    d = draw(st.sampled_from(divisors))
    return Arguments([x], {"shape": draw(st.sampled_from([(d, -1), (x.size // d, d), -1]))})


@st.composite
def permutation(draw: st.DrawFn) -> Arguments:
    x = distinct(draw, draw(shapes))
    axes = draw(st.one_of(st.none(), st.permutations(range(x.ndim)).map(tuple)))
    return Arguments([x], {"axes": axes})


@st.composite
def flattening(draw: st.DrawFn) -> Arguments:
    x = distinct(draw, draw(st.lists(small, min_size=2, max_size=4).map(tuple)))
    return Arguments([x], {"start_dim": draw(st.integers(0, x.ndim - 1))})


@st.composite
def joining(draw: st.DrawFn) -> Arguments:
    shape = list(draw(st.lists(small, min_size=1, max_size=3)))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    xs = []
    for _ in range(draw(st.integers(1, 3))):
        shape[axis] = draw(small)
        xs.append(distinct(draw, tuple(shape)))
    return Arguments([xs], {"axis": axis})


paddings = st.one_of(
    st.integers(0, 2),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2),
)
pairs = st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 3), st.integers(1, 3)))
window_paddings = st.one_of(paddings, st.sampled_from(["same", "valid"]))


@st.composite
def framing(draw: st.DrawFn) -> Arguments:
    x = distinct(draw, (draw(small), draw(small), draw(small), draw(small)))
    return Arguments([x], {"padding": draw(paddings), "value": 0.0})


@st.composite
def choosing(draw: st.DrawFn) -> Arguments:
    arguments = draw(two_arrays())
    x, y = arguments.arrays
    shape = np.broadcast_shapes(x.shape, y.shape)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return Arguments([np.asarray(rng.random(shape) < 0.5), x, y])


@dataclass
class Geometry:
    """A window that fits an image, both drawn small and never square on purpose."""

    size: tuple[int, int]
    kernel: tuple[int, int]
    parameters: dict[str, Any]


@st.composite
def geometry(draw: st.DrawFn) -> Geometry:
    kernel = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    dilation = draw(st.one_of(st.just(1), st.tuples(st.integers(1, 2), st.integers(1, 2))))
    reach = np.array(kernel) * (dilation if isinstance(dilation, tuple) else (1, 1))
    size = (int(reach[0]) + draw(st.integers(0, 4)), int(reach[1]) + draw(st.integers(0, 3)))
    parameters = {
        "stride": draw(pairs), "padding": draw(window_paddings), "dilation": dilation,
    }  # fmt: skip
    return Geometry(size, kernel, parameters)


@st.composite
def unrolling(draw: st.DrawFn) -> Arguments:
    g = draw(geometry())
    x = distinct(draw, (draw(st.integers(1, 2)), draw(st.integers(1, 3)), *g.size))
    return Arguments([x], {"kernel_size": g.kernel, **g.parameters})


@st.composite
def rolling(draw: st.DrawFn) -> Arguments:
    image = draw(unrolling())
    size = image.arrays[0].shape[2:]
    cols = oracles.im2col(image.arrays[0], **image.parameters)
    return Arguments([distinct(draw, cols.shape)], {"output_size": size, **image.parameters})


@st.composite
def convolving(draw: st.DrawFn) -> Arguments:
    g, groups = draw(geometry()), draw(st.sampled_from([1, 1, 2, 3]))
    n, c, o = draw(st.integers(1, 2)), groups * draw(st.integers(1, 2)), groups * draw(small)
    weight = distinct(draw, (o, c // groups, *g.kernel))
    bias = distinct(draw, (o,)) if draw(st.booleans()) else None
    return Arguments(
        [distinct(draw, (n, c, *g.size)), weight, bias], {**g.parameters, "groups": groups}
    )


@st.composite
def sliding_perceptron(draw: st.DrawFn) -> Arguments:
    """Weights and images whose sums are all far from the ReLU's kink."""
    g = draw(geometry())
    widths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    n, c = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    sign = draw(st.sampled_from([1, -1]))
    weights, biases = [], []
    for layer, width in enumerate(widths):
        kernel = g.kernel if layer == 0 else (1, 1)
        weights.append(distinct(draw, (width, c, *kernel), 0.1, 1))
        biases.append(distinct(draw, (width,), 0.1, 1) if draw(st.booleans()) else None)
        if layer == 0 and width > 1:
            weights[0][0] *= sign  # one map that may be cut off by the ReLU
        c = width
    x = distinct(draw, (n, weights[0].shape[1], *g.size), 0.1, 1)
    parameters = {k: v for k, v in g.parameters.items() if k != "dilation"}
    parameters["final_relu"] = draw(st.booleans())
    biases[0] = distinct(draw, (widths[0],), 0.1, 1) * np.where(np.arange(widths[0]) == 0, sign, 1)
    return Arguments([x, weights, biases], parameters)


@st.composite
def pooling(draw: st.DrawFn, average: bool) -> Arguments:
    kernel = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    size = tuple(2 * k + draw(st.integers(0, 3)) for k in kernel)
    x = distinct(draw, (draw(st.integers(1, 2)), draw(st.integers(1, 2)), *size))
    sides = [st.tuples(st.integers(0, k // 2), st.integers(0, k // 2)) for k in kernel]
    parameters = {
        "kernel_size": kernel,
        "stride": draw(st.one_of(st.none(), pairs)),
        "padding": draw(st.one_of(st.just(0), st.tuples(*sides))),
        "ceil_mode": draw(st.booleans()),
    }
    if average:
        parameters["count_include_pad"] = draw(st.booleans())
    else:
        parameters["dilation"] = draw(st.sampled_from([1, 2, (1, 2)]))
    return Arguments([x], parameters)


@st.composite
def maps(draw: st.DrawFn) -> Arguments:
    return Arguments([distinct(draw, (draw(small), draw(small), draw(small), draw(small)))])


@st.composite
def along_axis(draw: st.DrawFn) -> Arguments:
    x = distinct(draw, draw(st.lists(small, min_size=1, max_size=3).map(tuple)))
    return Arguments([x], {"axis": draw(st.integers(-x.ndim, x.ndim - 1))})


reductions = st.sampled_from(["mean", "sum", "none"])


@st.composite
def classifying(draw: st.DrawFn) -> Arguments:
    n, k = draw(small), draw(small)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    target = rng.integers(0, k, n)
    smoothing = draw(st.sampled_from([0.0, 0.1, 1.0]))
    return Arguments(
        [distinct(draw, (n, k)), target],
        {"reduction": draw(reductions), "label_smoothing": smoothing},
    )


@st.composite
def comparing(draw: st.DrawFn) -> Arguments:
    shape = draw(shapes)
    x, target = distinct(draw, shape), distinct(draw, shape)
    return Arguments([x, target], {"reduction": draw(reductions)})


@st.composite
def dropping(draw: st.DrawFn) -> Arguments:
    x = distinct(draw, draw(shapes))
    parameters = {"p": draw(st.sampled_from([0.0, 0.3, 0.5, 1.0])), "training": draw(st.booleans())}
    return Arguments([x], {**parameters, "rng": draw(st.integers(0, 9))})


def dropout_oracle(x: Array, p: float, training: bool, rng: int) -> Array:
    return oracles.dropout(x, p, training, mask=hashed_mask(x.shape, p, rng))


def hashed_mask(shape: tuple[int, ...], p: float, seed: int) -> Array:
    """The documented mask, number by number, with Python's own integers."""
    first, second = np.random.default_rng(seed).integers(0, 2**32, size=2, dtype=np.uint64)

    def mix(x: int) -> int:
        x = ((x ^ (x >> 16)) * 0x7FEB352D) % 2**32
        x = ((x ^ (x >> 15)) * 0x846CA68B) % 2**32
        return x ^ (x >> 16)

    count = int(np.prod(shape))
    hashes = [mix(mix(i ^ int(first)) ^ int(second)) for i in range(count)]
    keep = [p < 1 and h >= round(p * 2**32) for h in hashes]
    return np.array(keep, dtype=bool).reshape(shape)


positive = one_array(0.3, 3)
CASES: dict[str, Case] = {
    "add": Case(two_arrays(), oracles.add),
    "subtract": Case(two_arrays(), oracles.subtract),
    "multiply": Case(two_arrays(), oracles.multiply, linear_in=(0, 1)),
    "divide": Case(two_arrays(-2, 2, 0.3, 3), oracles.divide, linear_in=(0,)),
    "power": Case(two_arrays(0.3, 3), oracles.power),
    "negative": Case(one_array(), oracles.negative, linear_in=(0,)),
    "getitem": Case(indexing(), lambda x, key: oracles.getitem(x, key), linear_in=(0,)),
    "matmul": Case(matrices(), oracles.matmul, linear_in=(0, 1)),
    "sum": Case(reduction(), oracles.sum, linear_in=(0,)),
    "mean": Case(reduction(), oracles.mean, linear_in=(0,)),
    "max": Case(reduction(), oracles.max),
    "reshape": Case(reshaping(), oracles.reshape, linear_in=(0,)),
    "transpose": Case(permutation(), oracles.transpose, linear_in=(0,)),
    "flatten": Case(flattening(), oracles.flatten, linear_in=(0,)),
    "concatenate": Case(joining(), oracles.concatenate, linear_in=(0,)),
    "pad2d": Case(framing(), oracles.pad2d, linear_in=(0,)),
    "where": Case(choosing(), oracles.where),
    "relu": Case(one_array(), oracles.relu),
    "leaky_relu": Case(leaking(), oracles.leaky_relu),
    "sigmoid": Case(one_array(), oracles.sigmoid),
    "tanh": Case(one_array(), oracles.tanh),
    "exp": Case(one_array(), oracles.exp),
    "log": Case(positive, oracles.log),
    "sqrt": Case(positive, oracles.sqrt),
    "abs": Case(one_array(), oracles.abs),
    "maximum": Case(two_arrays(), oracles.maximum),
    "linear": Case(dense(), oracles.linear),
    "im2col": Case(unrolling(), oracles.im2col, linear_in=(0,)),
    "col2im": Case(rolling(), oracles.col2im, linear_in=(0,)),
    "conv2d": Case(convolving(), oracles.conv2d, linear_in=(0, 1)),
    "mlpconv": Case(sliding_perceptron(), oracles.mlpconv),
    "max_pool2d": Case(pooling(average=False), oracles.max_pool2d),
    "avg_pool2d": Case(pooling(average=True), oracles.avg_pool2d, linear_in=(0,)),
    "global_avg_pool2d": Case(maps(), oracles.global_avg_pool2d, linear_in=(0,)),
    "softmax": Case(along_axis(), oracles.softmax),
    "log_softmax": Case(along_axis(), oracles.log_softmax),
    "cross_entropy": Case(classifying(), oracles.cross_entropy),
    "mse_loss": Case(comparing(), oracles.mse_loss),
    "dropout": Case(dropping(), dropout_oracle),
}

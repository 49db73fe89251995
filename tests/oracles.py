"""The slow, obvious version of every op: loops, one output number at a time.

Nothing here comes from minin. These loops are the truth that its plain and its fast rules
are compared with, so they contain no trick at all: every input pixel that an output needs
is found by index arithmetic that is written out. Names and parameters are those of the
public ops. Only the forward is here, as numeric differences check the gradients, with two
exceptions: `col2im` is an op itself, and `max_pool2d_grad_x` fixes what happens at a tie,
which differences cannot see.

Axes (the same letters in lower case are positions in the code):

    N        images                 O        output channels
    C        channels               KH, KW   kernel rows, columns
    H, W     image rows, columns    OH, OW   output rows, columns

Every number is computed in float64 and then rounded once to the type of the input.
Integers stay integers where NumPy keeps them and become float64 where it does that.
"""

import builtins
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Operand = Array | float
Index = tuple[int, ...]
Pair = int | tuple[int, int]
Padding = str | int | tuple[Pair, Pair]
Axes = int | tuple[int, ...] | None

# ----------------------------------------------------------------------------- geometry


class Axis(NamedTuple):
    """How the windows of a convolution or pooling lie along one axis of the image."""

    length: int  # pixels of the image
    kernel: int  # taps of one window
    stride: int
    dilation: int
    before: int  # padding above or to the left
    after: int  # padding below or to the right
    outputs: int  # number of windows

    def source(self, output: int, tap: int) -> int:
        """Say which pixel a tap of a window touches; outside 0..length-1 it is padding."""
        return output * self.stride - self.before + tap * self.dilation


def pair(value: Pair) -> tuple[int, int]:
    """Spell an int as the same number for rows and columns."""
    if isinstance(value, int | np.integer):
        return int(value), int(value)
    first, second = value
    return int(first), int(second)


def same_padding(length: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Pad one axis so that it has ceil(length / stride) outputs, the odd pixel after."""
    outputs = math.ceil(length / stride)
    needed = (outputs - 1) * stride + dilation * (kernel - 1) + 1
    total = builtins.max(needed - length, 0)
    return total // 2, total - total // 2


def axis_padding(
    padding: Padding, axis: int, length: int, kernel: int, stride: int, dilation: int
) -> tuple[int, int]:
    """Give the padding before and after one axis (0 rows, 1 columns), however spelled."""
    if isinstance(padding, str):
        if padding == "same":
            return same_padding(length, kernel, stride, dilation)
        if padding == "valid":
            return 0, 0
        raise ValueError(f"padding is 'same', 'valid' or numbers; got {padding!r}")
    if isinstance(padding, int | np.integer):
        return pair(padding)
    rows, columns = padding
    return pair((rows, columns)[axis])


def output_length(
    length: int,
    kernel: int,
    stride: int,
    dilation: int,
    before: int,
    after: int,
    ceil_mode: bool = False,
) -> int:
    """Count the windows along one axis."""
    room = length + before + after - dilation * (kernel - 1) - 1
    if not ceil_mode:
        outputs = math.floor(room / stride) + 1
    else:
        outputs = math.ceil(room / stride) + 1
        if (outputs - 1) * stride >= length + before:  # starts right of the image
            outputs -= 1
    if outputs < 1:
        raise ValueError(f"no window of {kernel} taps fits on {length} pixels")
    return outputs


def windows(
    size: Sequence[int],
    kernel_size: Pair,
    stride: Pair | None,
    padding: Padding,
    dilation: Pair = 1,
    ceil_mode: bool = False,
) -> tuple[Axis, Axis]:
    """Lay the windows over an image of size (H, W): the rows, then the columns."""
    axes = []
    for axis in (0, 1):
        length = int(size[axis])
        k = pair(kernel_size)[axis]
        s = k if stride is None else pair(stride)[axis]
        d = pair(dilation)[axis]
        before, after = axis_padding(padding, axis, length, k, s, d)
        outputs = output_length(length, k, s, d, before, after, ceil_mode)
        axes.append(Axis(length, k, s, d, before, after, outputs))
    return axes[0], axes[1]


def inside(rows: Axis, columns: Axis, h: int, w: int) -> bool:
    """Say whether (h, w) is a pixel of the image, not padding."""
    return 0 <= h < rows.length and 0 <= w < columns.length


# -------------------------------------------------------------------------- small helpers


def float_type(*arrays: Operand) -> np.dtype[Any]:
    """Give the type of a result that is never an integer (a quotient, a mean, an exp)."""
    dtype = np.result_type(*arrays)
    return dtype if np.issubdtype(dtype, np.floating) else np.dtype(np.float64)


def rounded(y: Array, dtype: npt.DTypeLike) -> Array:
    """Round float64 to the type of the result, silently where float32 overflows."""
    with np.errstate(all="ignore"):
        return y.astype(dtype)


def broadcast_index(index: Index, shape: Index) -> Index:
    """Find the element of an array of `shape` that broadcasting puts at `index`."""
    last = index[len(index) - len(shape) :]
    return tuple(0 if size == 1 else position for position, size in zip(last, shape, strict=True))


def each(fn: Callable[..., Any], *arrays: Operand, dtype: npt.DTypeLike) -> Array:
    """Apply a function of numbers to each element of arrays broadcast together."""
    wide = [np.asarray(x, dtype=np.float64) for x in arrays]
    y = np.empty(np.broadcast_shapes(*(x.shape for x in wide)))
    with np.errstate(all="ignore"):
        for i in np.ndindex(y.shape):
            y[i] = fn(*(x[broadcast_index(i, x.shape)] for x in wide))
    return rounded(y, dtype)


def axis_number(axis: int, ndim: int) -> int:
    """Count a negative axis from the end."""
    if not -ndim <= axis < ndim:
        raise ValueError(f"axis {axis} is out of range for {ndim} axes")
    return axis + ndim if axis < 0 else axis


def reduce(
    fn: Callable[[list[Any]], Any],
    x: Array,
    axis: Axes,
    keepdims: bool,
    dtype: npt.DTypeLike,
) -> Array:
    """Collect the numbers that share a place in the output and make one of each list."""
    asked = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    gone = [axis_number(a, x.ndim) for a in asked]
    shape = tuple(1 if a in gone else size for a, size in enumerate(x.shape))
    lists: dict[Index, list[Any]] = {i: [] for i in np.ndindex(shape)}
    for i in np.ndindex(x.shape):
        place = tuple(0 if a in gone else position for a, position in enumerate(i))
        lists[place].append(np.float64(x[i]))
    y = np.empty(shape)
    with np.errstate(all="ignore"):
        for place, values in lists.items():
            y[place] = fn(values)
    if not keepdims:
        y = y.reshape([size for a, size in enumerate(shape) if a not in gone])
    return rounded(y, dtype)


def total_of(values: list[Any]) -> Any:
    """Add numbers from first to last."""
    total = np.float64(0.0)
    for value in values:
        total = total + value
    return total


def mean_of(values: list[Any]) -> Any:
    """Average numbers; NaN if there are none."""
    return total_of(values) / np.float64(len(values))


def largest_of(values: list[Any]) -> Any:
    """Find the largest number; a NaN is larger than all."""
    if not values:
        raise ValueError("the maximum of no numbers")
    best = values[0]
    for value in values:
        if value > best or math.isnan(value):
            best = value
    return best


def lines(shape: Index, axis: int) -> Iterator[list[Index]]:
    """Walk over the lines of an array along one axis, each a list of element indices."""
    axis = axis_number(axis, len(shape))
    for i in np.ndindex(shape[:axis] + shape[axis + 1 :]):
        yield [(*i[:axis], k, *i[axis:]) for k in range(shape[axis])]


# ------------------------------------------------------------------------- elementwise


def add(x: Operand, y: Operand) -> Array:
    """Add two arrays.

    Shapes: x (...), y (...) -> (...), broadcast
    """
    return each(lambda a, b: a + b, x, y, dtype=np.result_type(x, y))


def subtract(x: Operand, y: Operand) -> Array:
    """Subtract the second array from the first.

    Shapes: x (...), y (...) -> (...), broadcast
    """
    return each(lambda a, b: a - b, x, y, dtype=np.result_type(x, y))


def multiply(x: Operand, y: Operand) -> Array:
    """Multiply two arrays element by element.

    Shapes: x (...), y (...) -> (...), broadcast
    """
    return each(lambda a, b: a * b, x, y, dtype=np.result_type(x, y))


def divide(x: Operand, y: Operand) -> Array:
    """Divide the first array by the second.

    Shapes: x (...), y (...) -> (...), broadcast
    """
    return each(lambda a, b: a / b, x, y, dtype=float_type(x, y))


def power(x: Operand, y: Operand) -> Array:
    """Raise the first array to the power of the second.

    Shapes: x (...), y (...) -> (...), broadcast
    """
    return each(lambda a, b: a**b, x, y, dtype=np.result_type(x, y))


def negative(x: Array) -> Array:
    """Change the sign.

    Shapes: x (...) -> (...)
    """
    return each(lambda a: -a, x, dtype=x.dtype)


def relu(x: Array) -> Array:
    """Keep the positive part; NaN stays NaN.

    Shapes: x (...) -> (...)
    """
    return each(lambda a: 0.0 if a <= 0 else a, x, dtype=x.dtype)


def leaky_relu(x: Array, negative_slope: float = 0.01) -> Array:
    """Keep the positive part and a little of the negative one.

    Shapes: x (...) -> (...)
    """
    return each(lambda a: a if a > 0 else negative_slope * a, x, dtype=float_type(x))


def sigmoid(x: Array) -> Array:
    """Squash to 0..1 by 1 / (1 + exp(-x)).

    Shapes: x (...) -> (...)
    """
    return each(lambda a: 1.0 / (1.0 + np.exp(-a)), x, dtype=float_type(x))


def tanh(x: Array) -> Array:
    """Squash to -1..1 by the hyperbolic tangent.

    Shapes: x (...) -> (...)
    """
    return each(np.tanh, x, dtype=float_type(x))


def exp(x: Array) -> Array:
    """Raise e to the power of each element.

    Shapes: x (...) -> (...)
    """
    return each(np.exp, x, dtype=float_type(x))


def log(x: Array) -> Array:
    """Take the natural logarithm.

    Shapes: x (...) -> (...)
    """
    return each(np.log, x, dtype=float_type(x))


def sqrt(x: Array) -> Array:
    """Take the square root.

    Shapes: x (...) -> (...)
    """
    return each(np.sqrt, x, dtype=float_type(x))


def abs(x: Array) -> Array:
    """Drop the sign.

    Shapes: x (...) -> (...)
    """
    return each(builtins.abs, x, dtype=x.dtype)


def maximum(x: Operand, y: Operand) -> Array:
    """Take the larger of two numbers, NaN if either is NaN.

    Shapes: x (...), y (...) -> (...), broadcast
    """
    dtype = np.result_type(x, y)
    return each(lambda a, b: a if a > b or math.isnan(a) else b, x, y, dtype=dtype)


def where(mask: Array, x: Operand, y: Operand) -> Array:
    """Take x where the mask is true, y elsewhere.

    Shapes: mask (...), x (...), y (...) -> (...), broadcast
    """
    dtype = np.result_type(x, y)
    return each(lambda keep, a, b: a if keep else b, mask, x, y, dtype=dtype)


def dropout(x: Array, p: float = 0.5, training: bool = True, mask: Array | None = None) -> Array:
    """Drop what the mask does not keep and scale the rest by 1 / (1 - p).

    A dropped number is multiplied by 0, so that a NaN stays visible.

    Shapes: x (...), mask (...) -> (...)
    """
    if not training:
        return x.copy()
    if mask is None or mask.shape != x.shape:
        raise ValueError("dropout in training needs a keep-mask with the shape of x")
    return each(lambda a, keep: a / (1.0 - p) if keep else a * 0.0, x, mask, dtype=x.dtype)


# ------------------------------------------------------------------------------- reduce


def sum(x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
    """Add up along one axis, several, or all.

    Shapes: x (...) -> (...) without the axes, or with 1 in their place
    """
    dtype = x.dtype if np.issubdtype(x.dtype, np.floating) else np.dtype(np.int64)
    return reduce(total_of, x, axis, keepdims, dtype)


def mean(x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
    """Average along one axis, several, or all.

    Shapes: x (...) -> (...) without the axes, or with 1 in their place
    """
    return reduce(mean_of, x, axis, keepdims, float_type(x))


def max(x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
    """Take the largest along one axis, several, or all; NaN wins.

    Shapes: x (...) -> (...) without the axes, or with 1 in their place
    """
    return reduce(largest_of, x, axis, keepdims, x.dtype)


# ------------------------------------------------------------------------------ reshape


def reshape(x: Array, shape: int | Sequence[int]) -> Array:
    """Put the elements, in row-major order, into another shape; one length may be -1.

    Shapes: x (...) -> shape
    """
    wanted = [shape] if isinstance(shape, int) else list(shape)
    if -1 in wanted:
        known = math.prod(size for size in wanted if size != -1)
        wanted[wanted.index(-1)] = x.size // known
    if math.prod(wanted) != x.size:
        raise ValueError(f"cannot put {x.shape} into {tuple(wanted)}")
    y = np.empty(wanted, dtype=x.dtype)
    for i, j in zip(np.ndindex(x.shape), np.ndindex(y.shape), strict=True):
        y[j] = x[i]
    return y


def transpose(x: Array, axes: Sequence[int] | None = None) -> Array:
    """Reorder the axes: axis k of the result is axis axes[k] of x; None reverses them.

    Shapes: x (...) -> (...) permuted
    """
    asked = range(x.ndim)[::-1] if axes is None else axes
    order = [axis_number(a, x.ndim) for a in asked]
    if sorted(order) != list(range(x.ndim)):
        raise ValueError(f"axes {axes} is no permutation of {x.ndim} axes")
    y = np.empty([x.shape[a] for a in order], dtype=x.dtype)
    for i in np.ndindex(x.shape):
        y[tuple(i[a] for a in order)] = x[i]
    return y


def flatten(x: Array, start_dim: int = 1) -> Array:
    """Merge all axes from start_dim on into one.

    Shapes: x (N, ...) -> (N, product of the rest)
    """
    start = axis_number(start_dim, x.ndim)
    return reshape(x, (*x.shape[:start], math.prod(x.shape[start:])))


def concatenate(xs: Sequence[Array], axis: int = 0) -> Array:
    """Join arrays along an axis that they have.

    Shapes: xs [(..., A, ...), (..., B, ...)] -> (..., A + B, ...)
    """
    axis = axis_number(axis, xs[0].ndim)
    shape = list(xs[0].shape)
    shape[axis] = builtins.sum(x.shape[axis] for x in xs)
    y = np.empty(shape, dtype=np.result_type(*xs))
    offset = 0
    for x in xs:
        if [*x.shape[:axis], shape[axis], *x.shape[axis + 1 :]] != shape:
            raise ValueError(f"{x.shape} does not fit {xs[0].shape} along axis {axis}")
        for i in np.ndindex(x.shape):
            y[(*i[:axis], offset + i[axis], *i[axis + 1 :])] = x[i]
        offset += x.shape[axis]
    return y


def pad2d(x: Array, padding: int | tuple[Pair, Pair], value: float = 0.0) -> Array:
    """Put a border of one value around each image.

    Shapes: x (N, C, H, W) -> (N, C, top + H + bottom, left + W + right)
    """
    rows, columns = (padding, padding) if isinstance(padding, int) else padding
    (top, bottom), (left, right) = pair(rows), pair(columns)
    height, width = top + x.shape[2] + bottom, left + x.shape[3] + right
    y = np.empty((*x.shape[:2], height, width), dtype=x.dtype)
    for n, c, h, w in np.ndindex(y.shape):
        image = top <= h < top + x.shape[2] and left <= w < left + x.shape[3]
        y[n, c, h, w] = x[n, c, h - top, w - left] if image else value
    return y


def spell_out(index: Any, shape: Index) -> list[Any]:
    """Write an index as ints, ranges, None and integer arrays that cover all axes.

    Ranges for the Ellipsis follow it, as NumPy counts even an empty one as a separator.
    """
    entries: list[Any] = []
    for entry in index if isinstance(index, tuple) else (index,):
        array = np.asarray(entry) if isinstance(entry, list | np.ndarray) else None
        if array is not None and array.dtype == bool:  # the places where it is true
            places = [i for i in np.ndindex(array.shape) if array[i]]
            entries += [np.array([i[a] for i in places], int) for a in range(array.ndim)]
        else:
            entries.append(entry if array is None else array)
    used = builtins.sum(entry is not None and entry is not Ellipsis for entry in entries)
    dots = [i for i, entry in enumerate(entries) if entry is Ellipsis] or [len(entries)]
    entries[dots[0] : dots[0] + 1] = [Ellipsis] + [slice(None)] * (len(shape) - used)
    axis = 0
    for i, entry in enumerate(entries):
        if isinstance(entry, slice):
            entries[i] = range(*entry.indices(shape[axis]))
        axis += entry is not None and entry is not Ellipsis
    return entries


def pick(x: Array, entries: list[Any]) -> Array:
    """Index by ints (which drop their axis), ranges and None (which adds an axis)."""
    choices: list[Any] = []  # for each axis of x, the positions that are kept
    for entry in entries:
        if isinstance(entry, range):
            choices.append(entry)
        elif entry is not None and entry is not Ellipsis:
            choices.append([axis_number(int(entry), x.shape[len(choices)])])
    y = np.empty([len(choice) for choice in choices], dtype=x.dtype)
    for j in np.ndindex(y.shape):
        y[j] = x[tuple(choice[k] for choice, k in zip(choices, j, strict=True))]
    return y.reshape(kept_shape(entries))


def kept_shape(entries: list[Any]) -> list[int]:
    """Give the lengths of the axes that ranges keep and None adds."""
    kept = [entry for entry in entries if entry is None or isinstance(entry, range)]
    return [1 if entry is None else len(entry) for entry in kept]


def getitem(x: Array, index: Any) -> Array:
    """Index as NumPy does: ints, slices, None, Ellipsis, integer and boolean arrays.

    Shapes: x (...) -> (...)
    """
    entries = spell_out(index, x.shape)
    arrays = [i for i, entry in enumerate(entries) if isinstance(entry, np.ndarray)]
    if not arrays:
        return pick(x, entries)
    # The axes of the arrays, broadcast together, stand where the arrays stood, or first if
    # a slice or None separates them. An int beside an array counts as one more array.
    fancy = [i for i, e in enumerate(entries) if isinstance(e, int | np.integer | np.ndarray)]
    together = fancy[-1] - fancy[0] == len(fancy) - 1
    lead = len(kept_shape(entries[: fancy[0]])) if together else 0
    block = np.broadcast_shapes(*(entries[i].shape for i in arrays))
    shape = kept_shape(entries)
    y = np.empty([*shape[:lead], *block, *shape[lead:]], dtype=x.dtype)
    for b in np.ndindex(block):
        chosen = list(entries)
        for i in arrays:
            chosen[i] = entries[i][broadcast_index(b, entries[i].shape)]
        y[(slice(None),) * lead + b] = pick(x, chosen)
    return y


# ------------------------------------------------------------------------------- linear


def matmul(x: Array, y: Array) -> Array:
    """Multiply matrices, as numpy.matmul does with vectors and with stacks of matrices.

    Shapes: x (..., I, J), y (..., J, K) -> (..., I, K)
    """
    a = x[None, :] if x.ndim == 1 else x
    b = y[:, None] if y.ndim == 1 else y
    if a.shape[-1] != b.shape[-2]:
        raise ValueError(f"matmul cannot join {x.shape} and {y.shape}")
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    z = np.empty((*stack, a.shape[-2], b.shape[-1]))
    for *s, i, k in np.ndindex(z.shape):
        left = broadcast_index(tuple(s), a.shape[:-2])
        right = broadcast_index(tuple(s), b.shape[:-2])
        total = 0.0
        for j in range(a.shape[-1]):
            total += float(a[(*left, i, j)]) * float(b[(*right, j, k)])
        z[(*s, i, k)] = total
    if x.ndim == 1:
        z = z[..., 0, :]
    if y.ndim == 1:
        z = z[..., 0]
    return rounded(np.asarray(z), np.result_type(x, y))


def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """Give each output a weighted sum of all inputs.

    Shapes: x (..., C), weight (O, C), bias (O) -> (..., O)
    """
    if x.shape[-1] != weight.shape[1]:
        raise ValueError(f"linear cannot join {x.shape} and {weight.shape}")
    y = np.empty((*x.shape[:-1], weight.shape[0]))
    for *i, o in np.ndindex(y.shape):
        total = 0.0 if bias is None else float(bias[o])
        for c in range(weight.shape[1]):
            total += float(x[(*i, c)]) * float(weight[o, c])
        y[(*i, o)] = total
    return rounded(y, x.dtype)


# -------------------------------------------------------------------------- convolution


def conv2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Array:
    """Slide kernels over images that are padded with zeros.

    Shapes: x (N, C, H, W), weight (O, C/groups, KH, KW), bias (O) -> (N, O, OH, OW)
    """
    in_group, out_group = x.shape[1] // groups, weight.shape[0] // groups
    if (in_group * groups, out_group * groups) != (x.shape[1], weight.shape[0]):
        raise ValueError(f"{groups} groups do not divide the channels")
    if weight.shape[1] != in_group:
        raise ValueError(f"conv2d cannot join {x.shape} and {weight.shape}")
    rows, columns = windows(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    y = np.empty((x.shape[0], weight.shape[0], rows.outputs, columns.outputs))
    for n, o, oh, ow in np.ndindex(y.shape):
        first = (o // out_group) * in_group  # the first channel of this output's group
        total = 0.0 if bias is None else float(bias[o])
        for c, kh, kw in np.ndindex(weight.shape[1:]):
            h, w = rows.source(oh, kh), columns.source(ow, kw)
            pixel = float(x[n, first + c, h, w]) if inside(rows, columns, h, w) else 0.0
            total += pixel * float(weight[o, c, kh, kw])
        y[n, o, oh, ow] = total
    return rounded(y, x.dtype)


def mlpconv(
    x: Array,
    weights: Sequence[Array],
    biases: Sequence[Array | None],
    stride: Pair = 1,
    padding: Padding = 0,
    final_relu: bool = True,
) -> Array:
    """Convolve, then mix the channels of each pixel by 1x1 kernels, with ReLU between.

    Shapes: x (N, C, H, W), weights [(O, C, KH, KW), (O2, O, 1, 1), ...] -> (N, O2, OH, OW)
    """
    y = x
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        if layer == 0:
            y = conv2d(y.astype(np.float64), weight, bias, stride=stride, padding=padding)
        else:
            y = conv2d(y, weight, bias)
        if final_relu or layer < len(weights) - 1:
            y = relu(y)
    return rounded(y, x.dtype)


def im2col(
    x: Array,
    kernel_size: Pair,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
) -> Array:
    """Write the pixels under each window, padding as 0, into one column.

    Shapes: x (N, C, H, W) -> (N, C*KH*KW, OH*OW)
    """
    rows, columns = windows(x.shape[2:], kernel_size, stride, padding, dilation)
    taps = rows.kernel * columns.kernel
    cols = np.zeros((x.shape[0], x.shape[1] * taps, rows.outputs * columns.outputs), dtype=x.dtype)
    for n, c, kh, kw in np.ndindex(*x.shape[:2], rows.kernel, columns.kernel):
        for oh, ow in np.ndindex(rows.outputs, columns.outputs):
            h, w = rows.source(oh, kh), columns.source(ow, kw)
            if inside(rows, columns, h, w):
                k = c * taps + kh * columns.kernel + kw
                cols[n, k, oh * columns.outputs + ow] = x[n, c, h, w]
    return cols


def col2im(
    cols: Array,
    output_size: tuple[int, int],
    kernel_size: Pair,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
) -> Array:
    """Add each number of a column to the pixel that im2col would have read it from.

    Shapes: cols (N, C*KH*KW, OH*OW) -> (N, C, H, W) with output_size (H, W)
    """
    rows, columns = windows(output_size, kernel_size, stride, padding, dilation)
    taps = rows.kernel * columns.kernel
    if cols.shape[1] % taps or cols.shape[2] != rows.outputs * columns.outputs:
        raise ValueError(f"columns {cols.shape} do not belong to {output_size}")
    x = np.zeros((cols.shape[0], cols.shape[1] // taps, rows.length, columns.length))
    for n, c, kh, kw in np.ndindex(*x.shape[:2], rows.kernel, columns.kernel):
        for oh, ow in np.ndindex(rows.outputs, columns.outputs):
            h, w = rows.source(oh, kh), columns.source(ow, kw)
            if inside(rows, columns, h, w):
                k = c * taps + kh * columns.kernel + kw
                x[n, c, h, w] += cols[n, k, oh * columns.outputs + ow]
    return rounded(x, cols.dtype)


# ------------------------------------------------------------------------------ pooling


def winner(image: Array, rows: Axis, columns: Axis, oh: int, ow: int) -> Index | None:
    """Find the largest pixel of one window, the first of equals; the first NaN beats all.

    None: the window lies on padding alone.

    Shapes: image (H, W) -> (h, w)
    """
    best: Index | None = None
    for kh, kw in np.ndindex(rows.kernel, columns.kernel):
        h, w = rows.source(oh, kh), columns.source(ow, kw)
        if not inside(rows, columns, h, w):
            continue  # padding is -inf: it never beats a pixel
        if best is None:
            best = h, w
        elif math.isnan(image[best]):
            break
        elif image[h, w] > image[best] or math.isnan(image[h, w]):
            best = h, w
    return best


def max_pool2d(
    x: Array,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Padding = 0,
    dilation: Pair = 1,
    ceil_mode: bool = False,
) -> Array:
    """Take the largest pixel of each window; padding is -inf; NaN wins.

    Shapes: x (N, C, H, W) -> (N, C, OH, OW)
    """
    rows, columns = windows(x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    y = np.empty((*x.shape[:2], rows.outputs, columns.outputs))
    for n, c, oh, ow in np.ndindex(y.shape):
        best = winner(x[n, c], rows, columns, oh, ow)
        y[n, c, oh, ow] = -math.inf if best is None else x[n, c][best]
    return rounded(y, x.dtype)


def max_pool2d_grad_x(
    x: Array,
    grad_y: Array,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Padding = 0,
    dilation: Pair = 1,
    ceil_mode: bool = False,
) -> Array:
    """Add the gradient of each output to the one pixel that won its window.

    Shapes: x (N, C, H, W), grad_y (N, C, OH, OW) -> (N, C, H, W)
    """
    rows, columns = windows(x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    if grad_y.shape != (*x.shape[:2], rows.outputs, columns.outputs):
        raise ValueError(f"gradient {grad_y.shape} does not belong to {x.shape}")
    grad_x = np.zeros(x.shape)
    for n, c, oh, ow in np.ndindex(grad_y.shape):
        best = winner(x[n, c], rows, columns, oh, ow)
        if best is not None:
            grad_x[n, c][best] += grad_y[n, c, oh, ow]
    return rounded(grad_x, x.dtype)


def avg_pool2d(
    x: Array,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """Average each window; what ceil_mode adds beyond the padding is never counted.

    A window without anything to count gives 0, as in PyTorch.

    Shapes: x (N, C, H, W) -> (N, C, OH, OW)
    """
    rows, columns = windows(x.shape[2:], kernel_size, stride, padding, 1, ceil_mode)
    y = np.empty((*x.shape[:2], rows.outputs, columns.outputs))
    for n, c, oh, ow in np.ndindex(y.shape):
        total, count = 0.0, 0
        for kh, kw in np.ndindex(rows.kernel, columns.kernel):
            h, w = rows.source(oh, kh), columns.source(ow, kw)
            if inside(rows, columns, h, w):
                total += float(x[n, c, h, w])
                count += 1
            elif h < rows.length + rows.after and w < columns.length + columns.after:
                count += 1 if count_include_pad else 0
        y[n, c, oh, ow] = total / count if count else 0.0
    return rounded(y, x.dtype)


def global_avg_pool2d(x: Array) -> Array:
    """Average each feature map.

    Shapes: x (N, C, H, W) -> (N, C)
    """
    y = np.empty(x.shape[:2])
    for n, c in np.ndindex(y.shape):
        total = 0.0
        for h, w in np.ndindex(x.shape[2:]):
            total += float(x[n, c, h, w])
        y[n, c] = total / (x.shape[2] * x.shape[3])
    return rounded(y, x.dtype)


# --------------------------------------------------------------------------------- loss


def softmax(x: Array, axis: int = -1) -> Array:
    """Turn each line into probabilities exp(x) / sum(exp(x)).

    Shapes: x (...) -> (...)
    """
    y = np.empty(x.shape)
    with np.errstate(all="ignore"):
        for line in lines(x.shape, axis):
            values = [np.float64(x[i]) for i in line]
            # exp(x - top) / sum(exp(x - top)) is the same number and cannot overflow
            top = largest_of(values)
            total = total_of([np.exp(value - top) for value in values])
            for i, value in zip(line, values, strict=True):
                y[i] = np.exp(value - top) / total
    return rounded(y, float_type(x))


def log_softmax(x: Array, axis: int = -1) -> Array:
    """Take the logarithm of softmax: x - log(sum(exp(x))).

    Shapes: x (...) -> (...)
    """
    y = np.empty(x.shape)
    with np.errstate(all="ignore"):
        for line in lines(x.shape, axis):
            values = [np.float64(x[i]) for i in line]
            top = largest_of(values)  # as in softmax, against overflow
            log_total = np.log(total_of([np.exp(value - top) for value in values]))
            for i, value in zip(line, values, strict=True):
                y[i] = value - top - log_total
    return rounded(y, float_type(x))


def reduce_losses(losses: Array, reduction: str, dtype: npt.DTypeLike) -> Array:
    """Keep the losses ("none"), add them up ("sum") or average them ("mean").

    Shapes: losses (...) -> () or (...)
    """
    if reduction == "none":
        return rounded(losses, dtype)
    if reduction == "sum":
        return rounded(sum(losses), dtype)
    if reduction == "mean":
        return rounded(mean(losses), dtype)
    raise ValueError(f"reduction is 'mean', 'sum' or 'none'; got {reduction!r}")


def cross_entropy(
    logits: Array, target: Array, reduction: str = "mean", label_smoothing: float = 0.0
) -> Array:
    """Take minus the log-probability of the right class.

    Label smoothing s wants the probabilities 1 - s + s/C for it and s/C for the others.

    Shapes: logits (N, C), target (N) -> () or (N)
    """
    if target.shape != logits.shape[:1]:
        raise ValueError(f"target {target.shape} does not belong to {logits.shape}")
    logs = log_softmax(logits.astype(np.float64), axis=1)
    losses = np.empty(logits.shape[0])
    for n in range(logits.shape[0]):
        right = int(target[n])
        if not 0 <= right < logits.shape[1]:
            raise ValueError(f"target {right} is none of {logits.shape[1]} classes")
        loss = 0.0
        for c in range(logits.shape[1]):
            wanted = label_smoothing / logits.shape[1]
            if c == right:
                wanted += 1.0 - label_smoothing
            if wanted > 0.0:  # 0 * log(0) counts as 0
                loss -= wanted * float(logs[n, c])
        losses[n] = loss
    return reduce_losses(losses, reduction, float_type(logits))


def mse_loss(x: Array, target: Array, reduction: str = "mean") -> Array:
    """Square the differences.

    Shapes: x (...), target (...) -> () or (...)
    """
    if x.shape != target.shape:
        raise ValueError(f"target {target.shape} does not belong to {x.shape}")
    losses = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        difference = float(x[i]) - float(target[i])
        losses[i] = difference * difference
    return reduce_losses(losses, reduction, float_type(x))

"""im2col and col2im: each is the backward of the other.

im2col reads the pixels under each window, (N, C, H, W) -> (N, C*KH*KW, OH*OW); col2im adds
every number of such columns back to its pixel.
"""

from __future__ import annotations

from typing import Any

from minin.gradcheck.recognise.references.record import Array, Cache, Gradients, Params, Reference
from minin.gradcheck.recognise.references.values import (
    UPSTREAM,
    Rng,
    coin,
    distinct,
    image_lengths,
    kernel_lengths,
    same_padding,
    stride_and_pad,
    upstream,
)
from minin.gradcheck.recognise.references.windows import (
    SCATTER,
    Grid,
    gather,
    grid_of,
    misplaced,
    scatter,
    turn_windows,
)


def flat(cells: Array) -> Array:
    """Shapes: cells (N, C, KH, KW, OH, OW) -> (N, C*KH*KW, OH*OW)."""
    n, c, kh, kw, oh, ow = cells.shape
    return cells.reshape(n, c * kh * kw, oh * ow)


def unflat(columns: Array, grid: Grid) -> Array:
    """Shapes: columns (N, C*KH*KW, OH*OW) -> (N, C, KH, KW, OH, OW)."""
    kernel, outputs = (
        (grid.rows.kernel, grid.columns.kernel),
        (grid.rows.outputs, grid.columns.outputs),
    )
    return columns.reshape(columns.shape[0], -1, *kernel, *outputs)


def misread_order(cells: Array, bug: str | None) -> Array:
    """Misread the axes of the columns: their rows (B4), or samples and windows (B6)."""
    n, c, kh, kw, oh, ow = cells.shape
    if bug == "B4":  # written (c, kh, kw), read (kh, kw, c)
        return cells.reshape(n, kh, kw, c, oh, ow).transpose(0, 3, 1, 2, 4, 5)
    if bug == "B6":  # written (sample, window), read (window, sample)
        table = cells.transpose(1, 2, 3, 0, 4, 5).reshape(c, kh, kw, oh, ow, n)
        return table.transpose(5, 0, 1, 2, 3, 4)
    return cells


# --------------------------------------------------------------------------------- im2col


def im2col(
    x: Array, *, kernel_size: Any, stride: Any = 1, pad: Any = 0, dilation: Any = 1
) -> tuple[Array, Cache]:
    """Write the pixels under each window into a column."""
    grid = grid_of(x.shape[2:], kernel_size, stride, pad, dilation)
    return flat(gather(x, grid)), grid


def im2col_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Add the columns back to the image."""
    cells = misread_order(unflat(upstream(grad_y, bug), cache), bug)
    grad_x = scatter(cells, cache, bug)
    return (grad_x[:, ::-1] if bug == "B12" else grad_x,)


def draw_im2col(rng: Rng) -> tuple[list[Array], Params]:
    """Draw an image and windows."""
    (n, c), size = image_lengths(rng, 2)
    if coin(rng, 0.2):
        kernel, params = same_padding(rng)
    else:
        kernel = kernel_lengths(rng, size)
        params = stride_and_pad(rng, kernel)
        if max(kernel) <= 3 and coin(rng, 0.2):
            params["dilation"] = 2
    params["kernel_size"] = kernel
    return [distinct(rng, (n, c, *size))], params


# --------------------------------------------------------------------------------- col2im


def col2im(
    columns: Array,
    *,
    output_size: tuple[int, int],
    kernel_size: Any,
    stride: Any = 1,
    pad: Any = 0,
    dilation: Any = 1,
) -> tuple[Array, Cache]:
    """Add every number of a column to the pixel that im2col would have read it from."""
    grid = grid_of(output_size, kernel_size, stride, pad, dilation)
    return scatter(unflat(columns, grid), grid), grid


def col2im_backward(grad_y: Array, cache: Cache, bug: str | None) -> Gradients:
    """Read the columns from the gradient of the image."""
    wrong = misplaced(cache, bug if bug in ("D1", "D9") else None)
    cells = gather(upstream(grad_y, bug), wrong)
    return (flat(misread_order(turn_windows(cells, bug), bug)),)


def draw_col2im(rng: Rng) -> tuple[list[Array], Params]:
    """Draw windows, and columns that belong to them."""
    (image,), params = draw_im2col(rng)
    columns, _ = im2col(image, **params)
    return [distinct(rng, columns.shape)], {"output_size": image.shape[2:], **params}


IM2COL = Reference(
    "im2col", ("x",), im2col, im2col_backward, draw_im2col,
    dict.fromkeys((*UPSTREAM, "B4", "B6", "B12", *SCATTER), "x"),
)  # fmt: skip
COL2IM = Reference(
    "col2im", ("columns",), col2im, col2im_backward, draw_col2im,
    dict.fromkeys((*UPSTREAM, "B4", "B6", "B7 windows", "B8", "D1", "D9"), "columns"),
)  # fmt: skip

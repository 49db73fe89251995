"""What a network costs, counted without running it.

Every layer knows the shape it returns and the products it computes, so a summary is a walk
through integers: it takes no time for the largest network, and no memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from minin import nn
from minin.backend import Shape
from minin.errors import ArgumentError, MininError
from minin.shapes import ReceptiveField, Window, integer
from minin.text import as_html, table


@dataclass(frozen=True)
class SummaryRow:
    """One layer of a summary. A ReLU has no row; it is named in the row before.

    Attributes:
        name: where the layer is, as its parameters are named: "0.2".
        label: what it is, as in "conv 5x5 relu".
        output_shape: (C, H, W) or (C,), of one image.
        params: numbers to learn.
        macs: multiply-accumulates of the batch; 1 MAC is 2 FLOP.
        train_bytes: the activation it leaves for backward; im2col columns come on top.
        inference_bytes: what is in memory while it runs, without gradients.
        field: the pixels that one of its units can see; None if all of them.
    """

    name: str
    label: str
    output_shape: Shape
    params: int
    macs: int
    train_bytes: int
    inference_bytes: int
    field: ReceptiveField | None


@dataclass(frozen=True)
class Summary:
    """What `summary` found; ``str()`` of it is a table.

    Attributes:
        title: the network's name.
        input_shape: (C, H, W) of an image.
        batch: images in the batch.
        rows: one a layer.
        params: numbers to learn, each counted once.
        macs: multiply-accumulates of the batch.
        parameter_bytes: the memory of the parameters.
        train_bytes: the batch and every activation kept for backward, without im2col columns.
        inference_bytes: the most that is in memory at one moment without gradients.
        dtype: the kind of the numbers.
    """

    title: str
    input_shape: Shape
    batch: int
    rows: tuple[SummaryRow, ...]
    params: int
    macs: int
    parameter_bytes: int
    train_bytes: int
    inference_bytes: int
    dtype: str

    def __str__(self) -> str:
        """Lay the rows out in a table."""
        heads = ("layer", "output", "parameters", "MACs", "train", "infer", "sees")
        cells = [_cells(row) for row in self.rows]
        total = (
            "total",
            "",
            f"{self.params:,}",
            f"{self.macs:,}",
            short_bytes(self.train_bytes),
            short_bytes(self.inference_bytes),
            "",
        )
        lines = table([heads, *cells, total], words=2)
        batch = "an image" if self.batch == 1 else f"{self.batch} images"
        return "\n".join(
            [
                f"{self.title}, {batch} of {_by(self.input_shape)}, {self.dtype}, "
                f"parameters {self.parameter_bytes / 2**20:.2f} MiB",
                lines[0],
                "-" * len(lines[0]),
                *lines[1:-1],
                "-" * len(lines[0]),
                lines[-1],
                "train: bytes kept for backward; in total with the images",
                "infer: bytes in use while the layer runs; in total the most",
                "sees: the pixels, each way, that one unit can see",
            ]
        )

    def _repr_html_(self) -> str:
        return as_html(str(self))


def summary(model: nn.Module, input_shape: Any = None) -> Summary:
    """Count what ``model`` costs: shapes, parameters, MACs, memory and receptive fields.

    MACs are those of convolutions and linear layers, as papers count them. The memory is
    that of activations: in training the batch and every layer's output (a ReLU's slope is
    read off its output, so it takes nothing), else what goes into and out of one layer.

    Args:
        model: the module. A module of one's own needs a method ``output_shape``.
        input_shape: (C, H, W) of an image, or (N, C, H, W) of a batch, by which work and
            memory are then multiplied; None for the images a network was built for.

    Raises:
        ArgumentError: if the shape is none, or a layer cannot say what it returns.
        ShapeError: if the shape does not fit; the message names the layer.

    Example:
        >>> from minin import models
        >>> found = summary(models.build("nin-cifar10", rng=0))
        >>> found.params, found.macs, found.rows[3].output_shape
        (966986, 222486528, (96, 16, 16))
    """
    batch, shape = _read_shape(model, input_shape)
    first = next(model.parameters(), None)
    dtype = "float32" if first is None else str(first.dtype)
    size = batch * (8 if dtype == "float64" else 4)
    rows = tuple(_rows(model, shape, batch, size))
    parameters = list(model.parameters())
    return Summary(
        title=str(getattr(model, "name", type(model).__name__)),
        input_shape=shape,
        batch=batch,
        rows=rows,
        params=sum(math.prod(p.shape) for p in parameters),
        macs=sum(row.macs for row in rows),
        parameter_bytes=sum(math.prod(p.shape) * p.dtype.itemsize for p in parameters),
        train_bytes=size * math.prod(shape) + sum(row.train_bytes for row in rows),
        inference_bytes=max((row.inference_bytes for row in rows), default=0),
        dtype=dtype,
    )


def _read_shape(model: nn.Module, input_shape: Any) -> tuple[int, Shape]:
    """Read (C, H, W) or (N, C, H, W) as (batch, image)."""
    given = getattr(model, "input_shape", None) if input_shape is None else input_shape
    if not isinstance(given, (tuple, list)) or not given:
        raise ArgumentError(
            f"input_shape must be (C, H, W), or (N, C, H, W) for a batch; got {given!r}"
        )
    shape = tuple(integer(f"input_shape[{i}]", length) for i, length in enumerate(given))
    return (shape[0], shape[1:]) if len(shape) == 4 else (1, shape)


def _rows(model: nn.Module, shape: Shape, batch: int, size: int) -> Iterator[SummaryRow]:
    """Go through the layers with the shape and the receptive field in hand."""
    field: ReceptiveField | None = ReceptiveField()
    seen: set[int] = set()
    row: SummaryRow | None = None
    for name, layer, shape_in, shape_out in _walk("", model, shape):
        if isinstance(layer, nn.ReLU) and row is not None:
            row = _with_relu(row)
            continue
        if row is not None:
            yield row
        # The padding "same" depends on the size of the image.
        if isinstance(layer, nn.Conv2d):
            window: Window | None = layer.window((shape_in[1], shape_in[2]))
        else:
            window = layer.window()
        if len(shape_out) != 3:
            field = None
        elif field is not None and window is not None:
            field = field.through(window)
        new = [p for p in layer.parameters() if id(p) not in seen]
        seen.update(map(id, new))
        row = SummaryRow(
            name=name,
            label=layer.label(),
            output_shape=shape_out,
            params=sum(math.prod(p.shape) for p in new),
            macs=batch * layer.macs(shape_in),
            train_bytes=size * _kept(layer, shape_out),
            inference_bytes=size * _in_use(layer, shape_in, shape_out),
            field=field,
        )
    if row is not None:
        yield row


def _walk(
    name: str, layer: nn.Module, shape: Shape
) -> Iterator[tuple[str, nn.Module, Shape, Shape]]:
    """Go through the layers that do something: (name, layer, shape before, shape after)."""
    if isinstance(layer, nn.Sequential):
        for key, child in layer.named_children():
            for step in _walk(f"{name}.{key}" if name else key, child, shape):
                yield step
                shape = step[3]
        return
    try:
        after = layer.output_shape(shape)
    except MininError as error:
        raise type(error)(f"layer {name or 0} ({layer.label()}): {error}") from error
    yield name, layer, shape, after


def _with_relu(row: SummaryRow) -> SummaryRow:
    return SummaryRow(**{**vars(row), "label": f"{row.label} relu"})


def _kept(layer: nn.Module, shape: Shape) -> int:
    """Count the numbers that wait for backward; flattening makes no new ones."""
    return 0 if isinstance(layer, nn.Flatten) else math.prod(shape)


def _in_use(layer: nn.Module, before: Shape, after: Shape) -> int:
    """Count the numbers in memory while a layer runs; these two pass on what they get."""
    passes = isinstance(layer, (nn.Flatten, nn.Dropout))
    return math.prod(before) + (0 if passes else math.prod(after))


def _cells(row: SummaryRow) -> tuple[str, ...]:
    """Write a row of the table."""
    if row.field is None:
        sees = "all"
    else:
        h, w = row.field.size
        sees = str(h) if h == w else f"{h}x{w}"
    return (
        f"{row.name} {row.label}".strip(),
        _by(row.output_shape),
        f"{row.params:,}" if row.params else "",
        f"{row.macs:,}" if row.macs else "",
        short_bytes(row.train_bytes),
        short_bytes(row.inference_bytes),
        sees,
    )


def short_bytes(count: int) -> str:
    """Write a number of bytes in five characters or fewer, K being 1024.

    Example:
        >>> short_bytes(40), short_bytes(786432), short_bytes(30380704)
        ('40', '768K', '29.0M')
    """
    size, unit = float(count), ""
    for larger in "KMGT":
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.0f}{unit}" if unit in ("", "K") else f"{size:.1f}{unit}"


def _by(shape: Shape) -> str:
    return "x".join(map(str, shape))

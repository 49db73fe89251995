"""One way to compute a convolution: its code, and what that takes, behind one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minin.algorithms.budget import budget, within
from minin.algorithms.layer import Cost, Layer, read
from minin.backend import Array
from minin.errors import ArgumentError


@dataclass(frozen=True)
class Algorithm:
    """One way to compute a convolution; to call it is to convolve.

    Attributes:
        name: as `names` lists it.
        compute: takes a layer, x, weight, bias (None for none), and the options by name.
        cost: takes a layer and the options; returns what ``compute`` will take.
        holds: what takes most of its memory, for the message where that does not fit.
        fix: the usual way out then.
        why_not: takes a layer; returns None if it is covered, else the reason.
        options: what it can be told besides the layer.
    """

    name: str
    compute: Callable[..., Array]
    cost: Callable[..., Cost]
    holds: str = "its output"
    fix: str = "take tiled-im2col or a smaller batch"
    why_not: Callable[[Layer], str | None] = lambda _: None
    options: tuple[str, ...] = ()

    def __call__(
        self,
        x: Array,
        weight: Array,
        bias: Array = None,
        *,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        budget_bytes: int | None = None,
        **options: Any,
    ) -> Array:
        """Convolve images with filters.

        **Shapes:** x (N, C, H, W), weight (O, C, KH, KW), bias (O) -> (N, O, OH, OW).

        Args:
            x: images.
            weight: filters.
            bias: one number an output channel, or None.
            stride: int or (SH, SW), pixels from window to window.
            padding: int, (PH, PW), ((top, bottom), (left, right)), "same" or "valid"; zeros.
            dilation: int or (DH, DW), pixels from cell to cell.
            budget_bytes: the memory it may take, the output counted; None for half of what is
                available.
            **options: ``m`` for winograd, the outputs along a tile: more of them save more work
                and cost more digits. None for 4, or fewer if the kernel is large.

        Raises:
            ShapeError: if the shapes do not fit together, or no window fits the image.
            ArgumentError: if a parameter is out of range, or the layer is not covered.
            DtypeError: if an array holds no floats.
            MemoryBudgetError: if it would not fit; nothing has been allocated then.
        """
        layer = read(self.name, x, weight, bias, stride, padding, dilation)
        return self.run(layer, x, weight, bias, budget_bytes, **options)

    def run(
        self,
        layer: Layer,
        x: Array,
        weight: Array,
        bias: Array = None,
        budget_bytes: int | None = None,
        **options: Any,
    ) -> Array:
        """Convolve arrays whose layer is known.

        **Shapes:** as for a call.

        Raises:
            ArgumentError: if the layer is not covered, or an option is not known.
            MemoryBudgetError: if it would not fit; nothing has been allocated then.
        """
        allowed = budget(budget_bytes)
        if "budget_bytes" in self.options:
            options["budget_bytes"] = allowed
        within(self.name, self.predict(layer, **options).peak_bytes, allowed, self.holds, self.fix)
        return self.compute(layer, x, weight, bias, **options)

    def predict(self, layer: Layer, **options: Any) -> Cost:
        """Say what it takes for a layer, before anything is computed or allocated.

        Raises:
            ArgumentError: if the layer is not covered, or an option is not known.
        """
        if (reason := self.why_not(layer)) is not None:
            raise ArgumentError(f"{self.name}: {reason}")
        if unknown := sorted(options.keys() - set(self.options)):
            known = f"only {', '.join(self.options)}" if self.options else "nothing"
            raise ArgumentError(
                f"{self.name}: its cost depends on {known}, not on {', '.join(unknown)}"
            )
        return self.cost(layer, **options)

    def covers(self, layer: Layer) -> bool:
        """Tell whether it computes this layer."""
        return self.why_not(layer) is None

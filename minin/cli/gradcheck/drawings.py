"""Inputs for somebody's forward: drawn for its operation, laid out as it wants them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from minin.cli.gradcheck.file import failing_line
from minin.cli.gradcheck.settings import Call, arguments, arranged, canonical, unfold
from minin.errors import ArgumentError
from minin.gradcheck.recognise.layouts import LAYOUTS
from minin.gradcheck.recognise.match import keywords_of_run
from minin.gradcheck.recognise.references.record import Reference

DRAWS, TRIES = 300, 40  # of inputs; of them, those that forward is called with
CHECKS = 6
Drawn = tuple[Call, Any]  # and what the reference makes of them

# Where images and kernels lie: as the references have them, or with channels last, the bias as
# one axis or, as in some courses, as four.
FIRST: dict[int, str] = {}
LAST = {0: "channels_last", 1: "kernel_first", -1: "channels_last"}
IMAGES = ("conv2d", "max_pool2d", "avg_pool2d")


def accepted(
    reference: Reference,
    forward: Callable[..., Any],
    given: Mapping[str, Any],
    seed: int,
    path: str,
) -> list[Call]:
    """Return the first few drawings that forward takes.

    Where forward gives what the reference gives for some of them, only those are of use: a
    forward may take a setting without a word and not heed it.

    Raises:
        ArgumentError: if it takes none: what it raised first, and where.
    """
    taken: list[Call] = []
    first: ArgumentError | None = None
    for layout, bias_axes in ((FIRST, 1), (LAST, 1), (LAST, 4)):
        if layout and reference.name not in IMAGES:
            break
        agreed: list[Call] = []
        for drawing in islice(drawn(reference, forward, given, seed), TRIES):
            (inputs, keywords), expected = laid_out(drawing, layout, bias_axes)
            try:
                out = forward(
                    *(x.copy() if isinstance(x, np.ndarray) else x for x in inputs), **keywords
                )
            except Exception as error:  # whatever somebody's code stops with
                first = first or _raised(error, path, inputs, keywords, forward)
                continue
            (agreed if _same(out, expected) else taken).append((inputs, keywords))
            if len(agreed) == CHECKS:
                break
        if agreed:
            return agreed
    if not taken:
        raise first or _unfit(reference, forward)
    return taken[:CHECKS]


def drawn(
    reference: Reference, forward: Callable[..., Any], given: Mapping[str, Any], seed: int
) -> Iterator[Drawn]:
    """Yield inputs, and settings in the spelling that forward has for them; plain ones first.

    A drawing is used only if forward can be told all that is unusual about it: an op without
    groups is not given grouped weights.
    """
    rng = np.random.default_rng(seed)
    bare, whole = unfold(forward, given)
    fixed = canonical(reference, forward, bare, whole)
    extra = {k: v for k, v in bare.items() if k in arguments(forward)}
    later: list[Drawn] = []
    for _ in range(DRAWS):
        inputs, params = reference.draw(rng)
        if fixed:
            params = {k: v for k, v in params.items() if k in _demanded(reference)} | fixed
        call = arranged(reference, forward, inputs, params, fixed, given)
        if call is None:
            continue
        kept = sum(isinstance(x, np.ndarray) for x in call[0])
        out = _output(reference, [*inputs[:kept], *[None] * len(inputs[kept:])], params)
        if out is None:
            continue
        ready = ((call[0], call[1] | extra), out)
        if fixed or not any(isinstance(params.get(k), tuple) for k in ("stride", "pad")):
            yield ready
        else:
            later.append(ready)
    yield from later


def laid_out(drawing: Drawn, layout: Mapping[int, str], bias_axes: int) -> Drawn:
    """Lay a drawing's arrays, and the output that is expected, out in another way."""
    (inputs, keywords), expected = drawing
    moved = [_lay(x, layout.get(place)) for place, x in enumerate(inputs)]
    if bias_axes == 4 and len(moved) > 2 and np.ndim(moved[2]) == 1:
        moved[2] = moved[2].reshape(1, 1, 1, -1)
    return (moved, keywords), _lay(expected, layout.get(-1))


def _lay(x: Any, layout: str | None) -> Any:
    return x if layout is None or np.ndim(x) != 4 else LAYOUTS[layout].back(x, x.shape).copy()


def _same(out: Any, expected: Any) -> bool:
    """Tell whether forward's output, without its cache, is the expected one."""
    y = out[0] if isinstance(out, (tuple, list)) and len(out) == 2 else out
    return np.shape(y) == np.shape(expected) and bool(np.allclose(y, expected))


def _raised(
    error: Exception,
    path: str,
    inputs: list[Any],
    keywords: dict[str, Any],
    forward: Callable[..., Any],
) -> ArgumentError:
    came = ", ".join(str(getattr(x, "shape", x)) for x in inputs)
    given = f" and {keywords}" if keywords else ""
    bag = next((n for n in arguments(forward) if "param" in n.lower()), "conv_param")
    return ArgumentError(
        f"{failing_line(error, path)}: forward raised {type(error).__name__}: {error}; it was "
        f"given {came}{given}: if it wants other settings, say so with --params, bare or in the "
        f'dictionary that it takes, as in \'{{"stride": 2}}\' or \'{{"{bag}": {{"stride": 2}}}}\''
    )


def _unfit(reference: Reference, forward: Callable[..., Any]) -> ArgumentError:
    known = ", ".join(keywords_of_run(reference)) or "none"
    return ArgumentError(
        f"no inputs of {reference.name} fit forward({', '.join(arguments(forward))}) with these "
        f"settings; give --params among {known}, or let forward take them as keyword arguments; a "
        "layer that keeps its weights is checked by gradcheck.check_backward(layer.forward, "
        "layer.backward, [x])"
    )


def _demanded(reference: Reference) -> set[str]:
    """Name the settings that have no default."""
    empty = inspect.Parameter.empty
    return {k for k, default in keywords_of_run(reference).items() if default is empty}


def _output(reference: Reference, inputs: list[Any], params: Mapping[str, Any]) -> Any:
    """Return the reference's output; None where such settings do not fit such inputs."""
    try:
        out, _ = reference.forward(*inputs, **params)
    except Exception:  # whatever NumPy says to shapes that do not fit
        return None
    return out if out.size else None

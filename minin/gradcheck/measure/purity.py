"""Can the measurement be trusted? what has to be known before any number is compared.

Does forward give the same twice? Does backward? Do they leave alone what is not theirs? Does
backward use the cache it is given? Do the numbers survive another order of memory? Each
question costs one or two calls, and each answer is reported as what it is instead of as a
mysterious difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.measure.facts import Explanation, Fact
from minin.gradcheck.subject import Subject
from minin.gradcheck.subject.outcome import ForwardRun
from minin.sentences import sentence


def equal(a: Any, b: Any, slack: float = 1e-9) -> bool:
    """Tell whether two gradients, of whatever kind came, are the same numbers."""
    if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
        return type(a) is type(b) and (not np.isscalar(a) or bool(a == b))
    if a.shape != b.shape:
        return False
    scale = float(np.max(np.abs(a), initial=0.0)) if a.size else 0.0
    scale = scale if np.isfinite(scale) else 0.0
    return bool(np.allclose(a, b, rtol=0, atol=slack * max(scale, 1e-300), equal_nan=True))


def all_equal(first: Sequence[Any], second: Sequence[Any], slack: float = 1e-9) -> bool:
    """Tell whether two lists of gradients are the same numbers."""
    return all(equal(a, b, slack) for a, b in zip(first, second, strict=True))


def copies(grads: Sequence[Any]) -> list[Any]:
    """Copy gradients, so that a later call cannot change them."""
    return [g.copy() if isinstance(g, np.ndarray) else g for g in grads]


def inspect(subject: Subject, grad_y: Array) -> Iterator[Fact]:
    """Yield every fact about the harness around the numbers."""
    first, second = (subject.run(subject.base) for _ in range(2))
    third = second if subject.graph else subject.run(subject.base)
    if not equal(first.output, second.output) or not equal(second.output, third.output):
        yield _fact(
            "forward",
            "H8",
            sentence("gradcheck.forward_differs"),
            fatal=True,
        )
        return
    yield from _find_changed(subject, first.arguments, subject.base, "forward")
    if not np.isfinite(first.output).all():
        yield _fact("forward", "F6", sentence("gradcheck.output_not_finite"), fatal=True)
        return
    coarse = not subject.graph and single(subject, first)
    if coarse:
        yield _fact("forward", "H4", sentence("gradcheck.float32"), note=True)
    yield from _calls(subject, grad_y, 1e-4 if coarse else 1e-7)


def single(subject: Subject, outcome: ForwardRun) -> bool:
    """Tell whether forward works in float32, openly or under a float64 coat."""
    if outcome.dtype == np.float32:
        return True
    nudged = ([b * _nudge(b, by) for b in subject.base] for by in (1e-4, 2.3e-4))
    y, second, third = outcome.output, *(subject.look(moved)[0] for moved in nudged)
    if not y.shape == second.shape == third.shape:
        return False
    moves = (y != second) & (second != third)  # a constant fits into float32, and tells nothing
    for found in (y, second, third):
        known = moves & np.isfinite(found) & (found != np.round(found))
        if not known.any() or not np.array_equal(found[known], found[known].astype(np.float32)):
            return False
    return True


def _nudge(b: Array, by: float) -> Array:
    return np.asarray(1 + by * np.pi / 3 * (1 + np.arange(b.size).reshape(b.shape) % 7))


def _calls(subject: Subject, grad_y: Array, slack: float) -> Iterator[Fact]:
    """Yield what several calls of backward reveal together; each has a forward of its own."""
    outcome = subject.run(subject.base)
    handed, kept_before = grad_y.copy(), _snapshot(outcome.cache)
    grads = subject.run_backward(outcome, handed)
    if subject.graph:
        return  # the engine looks after its own memory, cache and repetitions
    yield from _find_shared(subject, grads, handed, outcome)
    grads = copies(grads)
    if not equal(handed, grad_y, 0.0):
        yield _fact("backward", "H1", sentence("gradcheck.changes_upstream"))
    yield from _find_changed(subject, outcome.arguments, subject.base, "backward")
    fresh = copies(subject.run_backward(subject.run(subject.base), grad_y.copy()))
    for _ in range(6):  # a race may be lost only now and then
        if all_equal(grads, fresh):
            fresh = copies(subject.run_backward(subject.run(subject.base), grad_y.copy()))
    again = _second(subject, outcome, grad_y)
    changed = _snapshot(outcome.cache) != kept_before
    told = _of_cache(again, changed, fresh, all_equal(grads, fresh))
    if told:  # not wrong, worth a word: each call was given a cache of its own
        yield _used_up(told)
    second = fresh if told or isinstance(again, str) else again
    yield from _repeats(subject, grads, fresh, second, grad_y)
    if all_equal(grads, fresh):
        yield from _stale(subject, grads, grad_y, slack) if outcome.cached else ()
        yield from _views(subject, grads, grad_y, slack)


def _second(subject: Subject, outcome: ForwardRun, grad_y: Array) -> list[Any] | str:
    """Call backward a second time on one cache; return what it said where it stops."""
    try:
        return copies(subject.run_backward(outcome, grad_y.copy()))
    except Exception as error:  # somebody's backward pops or shifts what forward left
        return f"{type(error).__name__}: {error!s:.60}"


def _of_cache(again: list[Any] | str, changed: bool, first: list[Any], steady: bool) -> str:
    """Say what backward does to its cache, where the gradients are none the worse for it."""
    if isinstance(again, str):
        return sentence("gradcheck.second_stops", error=again)
    same = all_equal(first, again)
    if changed and same:
        return sentence("gradcheck.changes_cache")
    # A graph adds up in its own nodes; arrays that are changed in place are another matter.
    return sentence("gradcheck.second_differs") if steady and not (changed or same) else ""


def _used_up(what: str) -> Fact:
    said = Explanation("harness", None, what, fix=sentence("gradcheck.cache_fix"))
    return Fact("backward", said, note=True)


def _snapshot(cache: Any) -> tuple[bytes, ...]:
    """Return the bytes of every array in a cache, to see whether a call changes them."""
    return tuple(a.tobytes() for a in _arrays(cache))


def _arrays(found: Any) -> Iterator[Array]:
    if isinstance(found, np.ndarray) and not found.dtype.hasobject:
        yield found
    elif isinstance(found, (list, tuple)):
        for part in found:
            yield from _arrays(part)
    elif isinstance(found, dict):
        yield from _arrays(list(found.values()))


def _find_changed(
    subject: Subject, arguments: Sequence[Any], before: Sequence[Array], who: str
) -> Iterator[Fact]:
    """Yield the arguments that were overwritten."""
    if subject.graph:
        now = [np.asarray(a) for a in arguments if isinstance(a, np.ndarray)]
    else:
        now = list(_floats(arguments[:-1]))
    for name, array, old in zip(subject.names, now, before, strict=False):
        if array.shape == old.shape and not np.array_equal(array, old, equal_nan=True):
            what = sentence("gradcheck.changes_input", who=who, argument=name)
            yield _fact(name, "H1", what)


def _floats(arguments: Any) -> Iterator[Array]:
    for argument in arguments:
        if isinstance(argument, np.ndarray) and argument.dtype.kind == "f":
            yield argument
        elif isinstance(argument, (list, tuple)):
            yield from _floats(argument)


def _find_shared(
    subject: Subject, grads: Sequence[Any], grad_y: Array, outcome: ForwardRun
) -> Iterator[Fact]:
    """Yield gradients that are the same memory as something else."""
    if subject.graph:
        return  # the engine owns its gradients
    arrays = [(n, g) for n, g in zip(subject.names, grads, strict=True) if _writable(g)]
    for place, (name, grad) in enumerate(arrays):
        other = _sharing(grad, arrays[:place])
        read = _sharing(grad, _name(subject, outcome))
        if other is not None:
            what = sentence("gradcheck.same_as_gradient", argument=name, other=other)
            yield _fact(name, "H2", what)
        elif read is not None:
            yield _fact(name, "H2", sentence("gradcheck.same_as_input", argument=name, other=read))
        elif grad is grad_y:
            yield _fact(
                name,
                "H2",
                sentence("gradcheck.is_upstream", argument=name),
                note=True,
            )


def _sharing(grad: Array, arrays: Sequence[tuple[str, Array]]) -> str | None:
    """Return the name of the first array that is the same memory."""
    return next((name for name, array in arrays if np.shares_memory(grad, array)), None)


def _writable(grad: Any) -> bool:
    return isinstance(grad, np.ndarray) and grad.size > 0 and bool(grad.flags.writeable)


def _name(subject: Subject, outcome: ForwardRun) -> list[tuple[str, Array]]:
    return list(zip(subject.names, _floats(outcome.arguments[:-1]), strict=False))


def _repeats(
    subject: Subject, grads: list[Any], fresh: list[Any], again: list[Any], grad_y: Array
) -> Iterator[Fact]:
    """Yield what differs between calls that should give the same."""
    for place, name in enumerate(subject.names):
        g, f, a = grads[place], fresh[place], again[place]
        if equal(g, f) and equal(g, a):
            continue
        if equal(g, f):
            yield _fact(
                name,
                "F5",
                sentence("gradcheck.second_differs"),
                also=("A9",),
            )
        elif _times(f, g, 2) or _times(a, g, 2) or _times(a, g, 3):
            third = subject.run_backward(subject.run(subject.base), grad_y.copy())[place]
            doubled = _times(third, g, 4)
            key = "gradcheck.second_adds_4" if doubled else "gradcheck.second_adds"
            yield _fact(name, "A9", sentence(key))
        else:
            yield _random(name, g, f)


def _times(later: Any, first: Any, factor: float) -> bool:
    return (
        isinstance(first, np.ndarray)
        and first.dtype.kind == "f"
        and bool(np.any(first != 0) and equal(later, first * factor))
    )


def _random(name: str, g: Any, f: Any) -> Fact:
    """Tell a new mask from a race: a mask zeroes many entries, a race changes few."""
    if isinstance(g, np.ndarray) and isinstance(f, np.ndarray) and g.shape == f.shape:
        zeros = (g == 0) != (f == 0)
        differ = ~np.isclose(g, f)
        if zeros.any() and zeros.sum() >= 0.8 * differ.sum():
            return _fact(name, "A8", sentence("gradcheck.own_mask"), also=("H11",), fatal=True)
    return _fact(name, "H11", sentence("gradcheck.random"), also=("A8",), fatal=True)


def _stale(subject: Subject, grads: list[Any], grad_y: Array, slack: float) -> Iterator[Fact]:
    """Yield gradients that come from another forward than the one whose cache is handed over."""
    outcome = subject.run(subject.base)
    shifted = [b * 1.25 + 0.01 for b in subject.base]
    subject.look(shifted)
    later = copies(subject.run_backward(outcome, grad_y.copy()))
    for name, g, late in zip(subject.names, grads, later, strict=True):
        if not equal(g, late, slack):
            yield _fact(name, "H9", sentence("gradcheck.old_cache"))


def _views(subject: Subject, grads: list[Any], grad_y: Array, slack: float) -> Iterator[Fact]:
    """Yield what changes when the same numbers lie in memory in another order."""
    try:
        outcome = subject.run(subject.base, strange=True)
        if not equal(outcome.output, subject.run(subject.base).output, slack):
            yield _fact("forward", "H3", sentence("gradcheck.view_output"))
            return
        strange = np.empty(tuple(reversed(grad_y.shape))).transpose()
        strange[...] = grad_y
        views = copies(subject.run_backward(outcome, strange))
    except Exception as error:
        yield _fact("backward", "H3", sentence("gradcheck.view_raises", error=f"{error!r:.50}"))
        return
    for name, g, v in zip(subject.names, grads, views, strict=True):
        if not equal(g, v, slack):
            yield _fact(name, "H3", sentence("gradcheck.view_gradient"))


def _fact(
    argument: str,
    bug: str,
    what: str,
    also: tuple[str, ...] = (),
    fatal: bool = False,
    note: bool = False,
) -> Fact:
    return Fact(argument, Explanation("harness", bug, what, also), fatal, note)

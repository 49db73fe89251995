"""The right contributions times something: a number for each output number, or each entry."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.law import Law
from minin.gradcheck.diagnose.pairs import named, numbers_at, rule_of
from minin.gradcheck.measure.jacobians import Contributions
from minin.sentences import Phrase, phrase


def _sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


FUNCTIONS: dict[str, Callable[[Array], Any]] = {
    "{0}": lambda v: v, "1/{0}": lambda v: 1 / v, "{0}**2": lambda v: v**2,
    "1/{0}**2": lambda v: v**-2.0, "1 - {0}": lambda v: 1 - v, "1 - {0}**2": lambda v: 1 - v**2,
    "1 + {0}": lambda v: 1 + v, "1/(1 + {0})": lambda v: 1 / (1 + v),
    "1/(1 - {0})": lambda v: 1 / (1 - v), "{0}*(1 - {0})": lambda v: v * (1 - v),
    "1/(1 - {0}**2)": lambda v: 1 / (1 - v**2), "1/({0}*(1 - {0}))": lambda v: 1 / (v * (1 - v)),
    "sigmoid({0})": _sigmoid, "1 - sigmoid({0})": lambda v: 1 - _sigmoid(v),
    "sigmoid({0})*(1 - sigmoid({0}))": lambda v: _sigmoid(v) * (1 - _sigmoid(v)),
    "tanh({0})": np.tanh, "1 - tanh({0})**2": lambda v: 1 - np.tanh(v) ** 2,
    "exp({0})": np.exp, "exp(-{0})": lambda v: np.exp(-v), "cos({0})": np.cos, "sin({0})": np.sin,
    "sqrt({0})": np.sqrt, "1/sqrt({0})": lambda v: v**-0.5, "sign({0})": np.sign, "|{0}|": np.abs,
}  # fmt: skip


def factors(c: Contributions) -> Law | None:
    """Each output number's contributions, or each entry's, are right but for one factor."""
    if (c.came & ~c.wanted).any() or not (c.wanted & ~c.right).any():
        return None
    for axis, shape in ((0, c.output.shape), (1, c.x.shape)):
        found = _factors(c, axis)
        if found is None or np.ptp(found[1]) <= 1e-6 * np.abs(found[1]).max():
            continue
        seen, values = found
        name = next(_names(c, shape, seen, values), None)
        if name is not None:
            what = phrase(
                "contributions.factor_i" if axis else "contributions.factor_o", factor=name
            )
            return Law("contributions", what, None, fix=phrase("contributions.factor_fix"))
        two = _partly(c, axis, seen, values)
        if two is not None:
            return two
    return None


def by_indices(c: Contributions) -> Law | None:
    """The factor depends on a few indices alone: those of a step in between."""
    if (c.came & ~c.wanted).any() or not (c.wanted & ~c.right).any():
        return None
    i, o = np.nonzero(c.wanted)
    ratio = c.backward[i, o] / c.forward[i, o]
    slack = 4 * c.slack[i, o] * (1 + np.abs(ratio)) / np.abs(c.forward[i, o])
    axes = [(f"i{a}", c.entry[a][i]) for a, n in enumerate(c.x.shape) if n > 1]
    axes += [(f"o{b}", c.place[b][o]) for b, n in enumerate(c.output.shape) if n > 1]
    for count in (1, 2, 3):
        for chosen in itertools.combinations(axes, count):
            stacked = np.stack([pair[1] for pair in chosen])
            group = np.unique(stacked, axis=1, return_inverse=True)[1].ravel()
            groups = int(group.max()) + 1
            if 3 * groups > len(ratio) or groups < 2:
                continue
            mean = np.bincount(group, ratio) / np.bincount(group)
            lost = set(np.round(mean, 5)) <= {0, 1}  # that is another law's
            if (np.abs(ratio - mean[group]) <= slack).all() and not lost:
                what = phrase(
                    "contributions.factor_by",
                    indices=", ".join(name for name, _ in chosen),
                    factors=_listed(mean),
                )
                steps = mean[1:] / mean[:-1]
                power = chosen[0][0] == "i0" and groups > 2 and np.ptp(steps) < 1e-5 * abs(steps[0])
                fix = None if power else phrase("contributions.factor_by_fix")
                return Law("contributions/factor", what, "A14" if power else None, fix=fix)
    return None


def whole(c: Contributions) -> float | None:
    """Return the number by which all right contributions are multiplied; None if there is none."""
    right, yours = c.forward[c.judged], c.backward[c.judged]
    power = float((right**2).sum())
    k = float((right * yours).sum()) / power if power else 0.0
    return (
        k if k and (np.abs(yours - k * right) <= c.slack[c.judged] * (1 + abs(k))).all() else None
    )


def _factors(c: Contributions, axis: int) -> tuple[Array, Array] | None:
    """Return for which outputs (or entries) there is a factor, and what it is; None if not."""
    right, yours = c.forward * c.judged[:, None], c.backward * c.judged[:, None]
    power = (right**2).sum(axis=axis)
    seen = c.wanted.any(axis=axis)
    if seen.sum() < 2:
        return None
    values = (right * yours).sum(axis=axis)[seen] / power[seen]
    every = np.zeros(len(seen))
    every[seen] = values
    told = right * np.expand_dims(every, axis)
    ok = np.abs(told - yours) <= c.slack * (1 + np.abs(np.expand_dims(every, axis)))
    return (seen, values) if ok[c.judged].all() else None


def _names(c: Contributions, shape: tuple[int, ...], seen: Array, values: Array) -> Iterator[str]:
    """Yield the functions of known numbers that the factors are, with a number before them."""
    for name, numbers in numbers_at(c, shape):
        at = np.asarray(numbers, dtype=float).ravel()[seen]
        for form, function in FUNCTIONS.items():
            with np.errstate(all="ignore"):
                told = np.asarray(function(at))
            if not np.isfinite(told).all() or np.ptp(told) <= 1e-6 * np.abs(told).max():
                continue
            k = float(values @ told) / float(told @ told)
            sure = abs(k - 1) < 1e-5 or len(values) > 3
            if sure and np.abs(values - k * told).max() <= 1e-5 * np.abs(values).max():
                shown = form.format(name)
                yield shown if abs(k - 1) < 1e-5 else f"{k:.5g} * {shown}"


def _partly(c: Contributions, axis: int, seen: Array, values: Array) -> Law | None:
    """Tell where there is a factor, and which, where there is none elsewhere."""
    off = np.abs(values - 1) > 1e-5
    if not off.any() or off.all():
        return None
    hit = np.zeros(len(seen), dtype=bool)
    hit[np.flatnonzero(seen)[off]] = True
    rule = rule_of(c, c.wanted & np.expand_dims(hit, axis), c.wanted)
    weight = next(_names(c, (c.output, c.x)[axis].shape, hit, values[off]), None)
    if np.ptp(values[off]) <= 1e-5 * np.abs(values[off]).max():
        weight = named(c, float(np.median(values[off])))
    if rule is None or weight is None:
        return None
    what = phrase("contributions.weighted", rule=rule.said, weight=weight)
    return Law("contributions", what, None, fix=phrase("contributions.weighted_fix"))


def _listed(values: Array) -> str:
    return ", ".join(f"{v:.3g}" for v in values[:5]) + (", ..." if len(values) > 5 else "")


def other_numbers(c: Contributions) -> Law | None:
    """Backward multiplies by another array than forward, or by the same one at other indices."""
    known = {n: a for n, a in c.arguments.items() if a.dtype.kind == "f"}
    yours = next(_read(c, {**known, "y": c.output}, c.backward, c.came), None)
    if yours is None or not (c.came & ~c.right).any():
        return None
    right = next(_read(c, known, c.forward, c.wanted & c.came), None)
    if right == yours:
        return None
    array = yours.split("[")[0]
    fix: Phrase | None = phrase("contributions.saved_fix", array=array)
    bug = None
    if right is None:
        what = phrase("contributions.other_array", yours=yours)
    else:
        what = phrase("contributions.other_array_for", yours=yours, right=right)
        if right.split("[")[0] == array:
            bug = "B2" if c.arguments.get(array, c.output).ndim == 2 else None
            fix = None if bug else phrase("contributions.axes_fix", array=array)
    return Law("contributions", what, bug, fix=fix)


def _read(c: Contributions, known: dict[str, Array], m: Array, mask: Array) -> Iterator[str]:
    """Yield arrays, with their indices, whose numbers are a matrix wherever the mask is."""
    i, o = np.nonzero(mask)
    if len(i) < 8:
        return
    values, scale = m[i, o], float(np.abs(m[i, o]).max())
    slots = [(f"i{a}", n, c.entry[a][i]) for a, n in enumerate(c.x.shape)]
    slots += [(f"o{b}", n, c.place[b][o]) for b, n in enumerate(c.output.shape)]
    for name, array in known.items():
        if not 1 <= array.ndim <= 4 or array.size < 3:
            continue
        choices = [[s for s in slots if s[1] == n] for n in array.shape]
        for chosen in itertools.islice(itertools.product(*choices), 400):
            if len({s[0] for s in chosen}) < len(chosen):
                continue
            told = array[tuple(s[2] for s in chosen)]
            if np.ptp(told) and (np.abs(told - values) <= 1e-5 * scale + 4 * c.error[i]).all():
                yield f"{name}[{', '.join(s[0] for s in chosen)}]"

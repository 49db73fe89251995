"""Some contributions are lost, or counted with another weight, and all others are right."""

from __future__ import annotations

import itertools

import numpy as np

from minin.backend import Array
from minin.gradcheck.diagnose.law import Law
from minin.gradcheck.diagnose.pairs import Rule, named, numbers_at, rule_of, side
from minin.gradcheck.measure.jacobians import Contributions
from minin.sentences import phrase


def lost(c: Contributions) -> Law | None:
    """Contributions that a rule picks are lost, doubled or scaled; none is where none belongs."""
    wrong = c.wanted & ~c.right
    if (c.came & ~c.wanted).any() or not wrong.any():
        return None
    ratios = c.backward[wrong] / c.forward[wrong]
    weight = float(np.median(ratios))
    off = np.abs(c.backward - weight * c.forward) > (1 + abs(weight)) * c.slack
    if (off & wrong).any():
        return None
    rule = rule_of(c, wrong, c.wanted)
    if rule is None and abs(weight) < 1e-6:
        rule = _behind_windows(c)
    return None if rule is None else _in_words(c, rule, weight)


def _behind_windows(c: Contributions) -> Rule | None:
    """Find an order of overwriting where whole windows are assigned, their zeros too."""
    if c.x.ndim != 4 or c.output.ndim != 4:
        return None
    window = _same_in_all(c, c.wanted)
    if window is None:
        return None
    gone = window & ~c.came
    rule = rule_of(c, gone, window)
    return rule if rule is not None and rule.sort == "overwritten" else None


def _same_in_all(c: Contributions, mask: Array) -> Array | None:
    """Join what happens in all samples and channels: the windows, where winners hide them."""
    found = mask.copy()
    for a, b in c.shared(mask):
        whole = found.reshape(*c.x.shape, *c.output.shape)
        any_ = whole.any(axis=(a, c.x.ndim + b), keepdims=True)
        equal = c.entry[a][:, None] == c.place[b][None, :]
        found = np.broadcast_to(any_, whole.shape).reshape(mask.shape) & equal
    return found


def _in_words(c: Contributions, rule: Rule, weight: float) -> Law:
    if abs(weight) < 1e-6:
        return _of_lost(c, rule)
    what = phrase("contributions.weighted", rule=rule.said, weight=named(c, weight))
    if abs(weight - 2) < 1e-5:
        what = phrase("contributions.twice", rule=rule.said)
    return Law("contributions", what, None, fix=phrase("contributions.weighted_fix"))


def _of_lost(c: Contributions, rule: Rule) -> Law:
    what = phrase("contributions.lost", rule=rule.said)
    fix = phrase("contributions.assigned_fix")
    if rule.sort == "overwritten":
        met = _of_meeting(c)
        return Law("contributions", rule.said, met, fix=None if met == "C2" else fix)
    if rule.sort in ("output/but last", "output/but first"):
        last = rule.sort == "output/but last"
        what = phrase(
            "contributions.o_but_last" if last else "contributions.o_but_first", axis=rule.axes[0]
        )
        bug = "C5" if rule.axes[0] == 0 and c.output.ndim > 1 else None
        if not last:
            return Law("contributions", what, None, fix=phrase("contributions.carried_fix"))
        return Law("contributions", what, bug, fix=fix)
    if rule.sort == "relation":
        what = phrase("contributions.lost_relation", rule=rule.said)
        sums = np.abs(c.forward.sum(axis=0)) <= 10 * c.slack.max(axis=0)
        if c.x.shape == c.output.shape and sums.all():
            return Law("contributions", what, "F2")
        a, b = rule.axes
        return Law("contributions", what, None, fix=phrase("contributions.relation_fix", a=a, b=b))
    if rule.sort == "number":
        return Law("contributions", what, "E3", fix=phrase("contributions.mask_fix"))
    return Law("contributions", what, None, fix=phrase("contributions.lost_fix"))


def _of_meeting(c: Contributions) -> str:
    """Say which bug leaves one of the contributions that meet in an entry."""
    if any(a.dtype.kind in "iu" for a in c.arguments.values()):
        return "C2"
    return "C3" if c.x.ndim > 2 and _picks(c) else "C1"


def _picks(c: Contributions) -> bool:
    """Tell whether each output number is one of the entries: a maximum."""
    return bool(c.wanted.sum(axis=0).max() == 1 and (np.abs(c.forward[c.wanted] - 1) < 1e-6).all())


def masks(c: Contributions) -> Law | None:
    """Contributions are where none belongs, and perhaps not where they do: another mask."""
    extra, wrong = c.came & ~c.wanted, c.wanted & ~c.right
    if not extra.any() or (c.came & c.wanted & ~c.right).any():
        return None
    dead = ~c.wanted.any(axis=0)
    if not wrong.any() and not (extra & ~dead).any() and (~dead).any():
        fix = phrase("contributions.mask_fix")
        return Law("contributions", phrase("contributions.cut_off"), "E3", fix=fix)
    if not wrong.any() and c.x.ndim > 2 and _picks(c):
        fix = phrase("contributions.losers_fix")
        return Law("contributions", phrase("contributions.losers"), "E6", fix=fix)
    used = c.came.any(axis=0)
    if not (used & ~dead).any():
        seen = used | ~dead
        for name, numbers in numbers_at(c, c.output.shape):
            yours = side(c, name, numbers.ravel()[seen], used[seen])
            right = side(c, name, numbers.ravel()[seen], ~dead[seen])
            if yours is not None and right is not None:
                what = phrase("contributions.other_side", yours=yours, right=right)
                return Law("contributions", what, None, fix=phrase("contributions.other_side_fix"))
    return None


def sums(c: Contributions) -> Law | None:
    """Entries and output numbers are joined along other axes than forward joins them."""
    right, yours = c.shared(c.wanted), c.shared(c.came)
    missing = [p for p in right if p not in yours]
    more = [p for p in yours if p not in right]
    if missing and more:
        what = phrase("contributions.other_axis", right=more[0][0], yours=missing[0][0])
        return Law("contributions/sums", what, None, fix=phrase("contributions.other_axis_fix"))
    if missing and (c.came & ~c.wanted).any():
        what = phrase("contributions.joined", axis=missing[0][0])
        bug = "F1" if (np.abs(c.forward.sum(axis=0)) <= 10 * c.slack.max(axis=0)).all() else None
        fix = phrase("contributions.joined_fix", axis=missing[0][0])
        return Law("contributions/sums", what, bug, fix=fix)
    return _direction(c)


def _direction(c: Contributions) -> Law | None:
    """Forward reaches later indices along an axis, and yours comes from earlier ones."""
    for a in range(c.x.ndim):
        for b in range(c.output.ndim):
            if c.x.shape[a] != c.output.shape[b] or c.x.shape[a] < 3:
                continue
            apart = c.place[b][None, :] - c.entry[a][:, None]
            for sign in (1, -1):
                right, yours = sign * apart[c.wanted], sign * apart[c.came]
                if (
                    right.min(initial=0) == 0 == yours.max(initial=0)
                    and right.max() > 0 > yours.min()
                ):
                    what = phrase(
                        "contributions.backwards" if sign > 0 else "contributions.forwards",
                        a=a, b=b,
                    )  # fmt: skip
                    fix = phrase("contributions.direction_fix", axis=a)
                    return Law("contributions/sums", what, None, fix=fix)
    return None


def copies(c: Contributions) -> Law | None:
    """Backward is the same everywhere along an axis, and forward is not at the border."""
    if (c.came & ~c.wanted).any():
        return None
    for a, b, step in itertools.product(range(c.x.ndim), range(c.output.ndim), (1, 2, 3)):
        if c.x.shape[a] > 3 and c.output.shape[b] > 3 and (a, b) not in c.joint:
            group = _offsets(c, a, b, step)
            inner = np.setdiff1d(np.arange(c.output.shape[b]), c.place[b][(~c.right).any(axis=0)])
            if len(inner) and _steady(c.backward, group, c) and not _steady(c.forward, group, c):
                what = phrase("contributions.copies", axis=a)
                return Law("contributions", what, None, fix=phrase("contributions.copies_fix"))
    return None


def _offsets(c: Contributions, a: int, b: int, step: int) -> Array:
    """Number the pairs so that those which differ by a shift along one axis are one."""
    shape = (c.x.size, c.output.size)
    index = [np.broadcast_to(e[:, None], shape) for k, e in enumerate(c.entry) if k != a]
    index += [np.broadcast_to(p[None], shape) for k, p in enumerate(c.place) if k != b]
    index.append(c.entry[a][:, None] - step * c.place[b][None] + step * c.output.shape[b])
    sizes = [int(i.max()) + 1 for i in index]
    return np.ravel_multi_index([i.ravel() for i in index], sizes)


def _steady(m: Array, group: Array, c: Contributions) -> bool:
    """Tell whether a matrix has one number for all pairs of a group."""
    low = np.full(int(group.max()) + 1, np.inf)
    high = -low
    np.minimum.at(low, group, m.ravel())
    np.maximum.at(high, group, m.ravel())
    return bool((high - low)[np.isfinite(low)].max() <= 4 * float(c.slack.max()))

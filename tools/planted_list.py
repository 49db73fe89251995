"""The faults that `tools.planted_faults` plants, one by one, in minin/gradcheck."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """One slip.

    Attributes:
        file: in minin/gradcheck.
        old: the text that is replaced; it is there exactly once.
        new: what takes its place.
        why: what goes wrong with it.
        tests: the test files that are run, by the part of their names behind ``test_``.
    """

    file: str
    old: str
    new: str
    why: str
    tests: tuple[str, ...]


FAULTS: tuple[Fault, ...] = (
    Fault(
        "measure/differences.py", "self.same = right == self.branches == left", "self.same = True",
        "a branch that changed within h is no kink any more",
        ("differences",),
    ),
    Fault(
        "measure/differences.py", "return widest > share * largest and widest > noise",
        "return widest > share * largest",
        "the noise floor is dropped: rounding is taken for a kink, and wrong numbers are excused",
        ("differences",),
    ),
    Fault(
        "measure/differences.py",
        "return widest > share * largest and widest > noise", "return True",
        "the kink test is always true: nothing is judged",
        ("differences",),
    ),
    Fault(
        "measure/slopes.py", "mask[self.entries[self.kink]] = True",
        "mask[: len(self.kink)] = self.kink",
        "where only some entries are moved, others are set aside than those on kinks",
        ("differences",),
    ),
    Fault(
        "measure/kinks.py", "bad = (came < low - slack) | (came > high + slack)",
        "bad = (came < low - slack) & (came > high + slack)",
        "a slope that is on neither side of a kink passes",
        ("report",),
    ),
    Fault(
        "measure/kinks.py", "if abs(came - want) > 1e-4 * max(1.0, abs(want)):",
        "if came - want > 1e-4 * max(1.0, abs(want)):",
        "an abs is forgotten: equals that get too little together pass",
        ("report",),
    ),
    Fault(
        "measure/purity.py", "if array.shape == old.shape and not np.array_equal",
        "if array.shape != old.shape and not np.array_equal",
        "whether inputs are changed in place is not looked at",
        ("purity",),
    ),
    Fault(
        "measure/purity.py", "def equal(a: Any, b: Any, slack: float = 1e-9)",
        "def equal(a: Any, b: Any, slack: float = 1e-2)",
        "two calls that differ by a thousandth count as the same: a race stays hidden",
        ("purity",),
    ),
    Fault(
        "measure/cotangents.py",
        "return np.asarray(sizes * signs).reshape(shape)", "return np.ones(shape)",
        "a cotangent of ones: a backward that sums, permutes or ignores it passes",
        ("cotangents",),
    ),
    Fault(
        "recognise/other_inputs.py",
        "return moved if binding.agrees(again) else None", "return moved",
        "a reference is believed where it computes something else than the caller's forward",
        ("cotangents",),
    ),
    Fault(
        "examine.py", "if not clean or sample is not None or result.binding is not None:",
        "if not clean:",
        "what is right at the caller's own inputs is tried nowhere else",
        ("interface",),
    ),
    Fault(
        "examine.py", "if not all(s.dense for s in result.slopes) and not result.verdicts:",
        "if all(s.dense for s in result.slopes) and not result.verdicts:",
        "of a large array only the few numbers that were moved are judged",
        ("interface",),
    ),
    Fault(
        "measure/directions.py", "TOLERANCE = 2e-5", "TOLERANCE = 2e-2",
        "a tolerance 1000 times too loose: one wrong number among many is not felt",
        ("interface",),
    ),
    Fault(
        "measure/sight.py", "TOLERANCE = 3e-7", "TOLERANCE = 3e-4",
        "a tolerance 1000 times too loose: small faults pass",
        ("interface",),
    ),
    Fault(
        "measure/sight.py", "return self.trusted & ~(off <= self.allowed)",
        "return ~(off <= self.allowed)",
        "the trusted mask is ignored: kinks and unmeasured numbers are called wrong",
        ("report",),
    ),
    Fault(
        "measure/sight.py", "return self.trusted & ~(off <= self.allowed)",
        "return np.asarray(self.trusted & (off > self.allowed))",
        "`>` for `not <=`: NaN compares with nothing, and passes",
        ("interface",),
    ),
    Fault(
        "diagnose/evidence.py",
        "return tuple(s for s in self.sights if s.wrong.any() or not s.fits)",
        "return tuple(s for s in self.sights[:1] if s.wrong.any() or not s.fits)",
        "only the first probe is judged",
        ("cotangents",),
    ),
    Fault(
        "diagnose/evidence.py",
        "return tuple(s for s in self.sights if s.wrong.any() or not s.fits)",
        "return tuple(s for s in self.sights if s.fits and s.wrong.any())",
        "ok when backward raises, or when a gradient has another shape",
        ("interface",),
    ),
    Fault(
        "diagnose/evidence.py", "return len(self.own) >= 2 and", "return len(self.own) >= 1 and",
        "`at least two probes` is reduced to one: a coincidence is told as a cause",
        ("recognisers",),
    ),
    Fault(
        "diagnose/structure.py", "if len(want) == 4 and moved == [2, 3]:",
        "if len(want) == 4 and moved == [3, 2]:",
        "form: exchanged rows and columns are not recognised by the shape",
        ("recognisers",),
    ),
    Fault(
        "diagnose/scale.py", "abs(c - 1) < 1e-6 for c in found", "c - 1 < 1e-6 for c in found",
        "scaled: an abs is forgotten: factors below 1, and wrong signs, have no name",
        ("recognisers",),
    ),
    Fault(
        "diagnose/scale.py", "and np.ptp(ratios) < 1e-5", "and np.ptp(ratios) > 1e-5",
        "scaled_by_slice: `>` for `<`: a factor that grows from sample to sample is not recognised",
        ("recognisers",),
    ),
    Fault(
        "diagnose/additive.py", "if sight.same(sight.numeric + c * term)",
        "if sight.same(sight.numeric - c * term)",
        "added: a sign: what was added is taken away",
        ("recognisers",),
    ),
    Fault(
        "diagnose/permute.py", "if evidence.holds(candidate, evidence.measured):",
        "if candidate(first) is not None:",
        "permuted: a move that fits one probe is told without asking the others",
        ("recognisers",),
    ),
    Fault(
        "diagnose/support.py", "size[wrong].min() <= size[right].max()",
        "size[wrong].min() >= size[right].max()",
        "support: `>=` for `<=`: a clip is denied where there is one",
        ("recognisers",),
    ),
    Fault(
        "diagnose/support.py", "if (wrong & ~mask).any() or not picked.any()",
        "if not picked.any()",
        "place: a rule of place is told though there are wrong entries outside it",
        ("recognisers",),
    ),
    Fault(
        "diagnose/paths.py", "for axes in itertools.combinations(range(ndim), count):",
        "for axes in itertools.combinations(range(1, ndim), count):",
        "reduced: the search for the axes of a sum leaves out the first",
        ("recognisers",),
    ),
    Fault(
        "diagnose/paths.py", 'return "the last alone" if ones[-1] else',
        'return "the last alone" if ones[0] else',
        "partial_sum: the first contribution is called the last",
        ("recognisers",),
    ),
    Fault(
        "diagnose/collisions.py", "bool(close.any(axis=1).mean() > 0.98)",
        "bool(close.any(axis=0).mean() > 0.98)",
        "partial_sum: another axis: it is asked of outputs what should be asked of entries",
        ("recognisers",),
    ),
    Fault(
        "diagnose/cotangent.py", "if _near(double, 4 * came, scale):",
        "if _near(double, 2 * came, scale):",
        "upstream: what follows the upstream gradient rightly is said to use it twice",
        ("recognisers",),
    ),
    Fault(
        "diagnose/known.py", "if switch in switches and all(_is(s, m[switch])",
        "if switch in switches and any(_is(s, m[switch])",
        "known_bug: a known bug is proved by one probe, whatever the others say",
        ("recognisers",),
    ),
    Fault(
        "diagnose/compose.py", "c = float(came @ told) / power", "c = float(came @ came) / power",
        "composed: the factor on top of another bug is the wrong one",
        ("recognisers",),
    ),
    Fault(
        "diagnose/collisions.py", "if len(came) != 1 or came == true:",
        "if len(came) != 1 or came != true:",
        "invariant: `!=` for `==`: softmax over the wrong axis is not recognised",
        ("recognisers",),
    ),
    Fault(
        "diagnose/choose.py", "said = sorted(said, key=lambda e: rank(e.kind))",
        "said = sorted(said, key=lambda e: -rank(e.kind))",
        "the most involved explanation is told instead of the simplest",
        ("recognisers",),
    ),
    Fault(
        "diagnose/nearby_function.py",
        "different |= bool(abs(told - true) > 4 * slack)", "different = True",
        "nearby_function: a nearby function with the same slopes is told as the cause",
        ("slips_in_the_checker",),
    ),
    Fault(
        "diagnose/first_wrong_step.py", "for number in range(len(steps) - 1, -1, -1):",
        "for number in range(len(steps)):",
        "nearby_function: the rule nearest the input is blamed, not the first on the way back",
        ("interface",),
    ),
    Fault(
        "recognise/match.py", "atol=1e-7 * scale + 1e-12", "atol=1e-1 * scale + 1e-12",
        "a forward that is nearly a convolution is taken for one",
        ("match",),
    ),
    Fault(
        "report/smallest_case.py",
        "return bool(abs(true - came) > 1e-4", "return bool(true - came > 1e-4",
        "smallest_case: an abs is forgotten: what is too large is not shrunk",
        ("smallest_case",),
    ),
    Fault(
        "report/report.py", "if self.level >= 3:", "if self.level >= 1:",
        "the dial gives the fix away at `where`",
        ("report",),
    ),
    Fault(
        "report/report.py", 'whole = {"forward", "backward"} & {f.argument for f in self.findings}',
        'whole = {"forward", "backward"} & {f.argument for f in self.findings[1:]}',
        "a forward that draws anew still gets points",
        ("report",),
    ),
    Fault(
        "check.py", "subject.restore()", "subject.held.clear()",
        "parameters keep the check's float64 numbers",
        ("interface",),
    ),
    Fault(
        "report/text.py", "enumerate(result.verdicts.items())",
        "enumerate(list(result.verdicts.items())[:1])",
        "of two wrong gradients one is told, and the other passes",
        ("interface",),
    ),
    Fault(
        "report/text.py",
        "for f in result.facts if not f.note]", "for f in result.facts if f.fatal]",
        "what was seen of the harness is kept back, unless it is fatal",
        ("purity",),
    ),
    Fault(
        "subject/functions.py", "return (came + [MISSING] * len(floats))[: len(floats)]",
        "return (came + [None] * len(floats))[: len(floats)]",
        "a gradient that is not returned counts as one that is declined",
        ("interface",),
    ),
)  # fmt: skip

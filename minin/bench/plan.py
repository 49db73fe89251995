"""What shall be measured: the choice by names, with the nearest name where one is unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from minin.bench.ceilings import ceiling_cases
from minin.bench.libraries import LIBRARIES, ONLY_IF_NAMED, Library, open_library
from minin.bench.subject import DTYPES, SIZES, BenchSubject, Job, cases
from minin.bench.subjects import SUBJECTS
from minin.errors import ArgumentError, BackendUnavailableError, UnknownNameError

RULES = ("plain", "fast")
QUICK_SIZES = ("tiny", "small")
QUICK_DTYPES = ("float32",)

Opener = Callable[[], Library]


@dataclass(frozen=True)
class Contender:
    """Who does a job: a library, with the plain rules or the fast ones.

    Example:
        >>> from minin.bench.libraries import open_library
        >>> str(Contender(open_library("numpy"), "fast"))
        'numpy-fast'
    """

    library: Library
    rules: str

    def __str__(self) -> str:
        return f"{self.library.name}-{self.rules}"

    def can(self, case: Job) -> bool:
        """Tell whether there are rules for a case."""
        return self.rules == "plain" or case.subject.fast(self.library.family)


@dataclass(frozen=True)
class Request:
    """What was asked for; None means all, or what is usual.

    Attributes:
        ops: names of subjects.
        libraries: names as "numpy", for all its rules, or "numpy-fast".
        dtypes: "float32", "float64".
        sizes: "tiny" to "large".
        quick: two sizes, one dtype, no large network, and short visits.
    """

    ops: Sequence[str] | None = None
    libraries: Sequence[str] | None = None
    dtypes: Sequence[str] | None = None
    sizes: Sequence[str] | None = None
    quick: bool = False


@dataclass(frozen=True)
class Plan:
    """What will be measured.

    Attributes:
        cases: in the order of the tables.
        ceilings: for host libraries and for devices.
        contenders: who does each case, if it can.
        skipped: library and reason.
        quick: whether it is the short run.
    """

    cases: tuple[Job, ...]
    contenders: tuple[Contender, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    quick: bool = False
    dtypes: tuple[str, ...] = field(default=DTYPES)

    def ceilings(self, library: Library) -> list[Job]:
        """List the cases that give a library's ceilings."""
        size = ("quick" if self.quick else "host") if library.on_host else "device"
        return ceiling_cases(self.dtypes, size)


def make_plan(
    options: Request,
    subjects: Mapping[str, BenchSubject] = SUBJECTS,
    libraries: Mapping[str, Opener] = LIBRARIES,
) -> Plan:
    """Turn what was asked for into a plan.

    Raises:
        UnknownNameError: if a name is none, with the nearest.
        BackendUnavailableError: if a library was named that cannot be used or waited for.
        ArgumentError: if nothing is left to measure.
    """
    usual = [name for name, one in subjects.items() if one.quick or not options.quick]
    chosen = [subjects[name] for name in _named("op", options.ops, subjects, usual)]
    usual_sizes = QUICK_SIZES if options.quick else SIZES
    sizes = _named("size", options.sizes, SIZES, usual_sizes)
    usual_dtypes = QUICK_DTYPES if options.quick else DTYPES
    dtypes = _named("dtype", options.dtypes, DTYPES, usual_dtypes)
    contenders, skipped = choose_contenders(options.libraries, libraries)
    found = tuple(cases(chosen, sizes, dtypes))
    contenders = tuple(one for one in contenders if any(map(one.can, found)))
    if not contenders:
        raise ArgumentError(
            "nothing is left to measure: no chosen library has the chosen rules for any chosen "
            "op; `minin bench --list` shows what there is"
        )
    return Plan(found, contenders, skipped, options.quick, tuple(dtypes))


def contender_names(libraries: Iterable[str]) -> list[str]:
    """List all names that `--libraries` knows.

    Example:
        >>> contender_names(["numpy"])
        ['numpy', 'numpy-plain', 'numpy-fast']
    """
    return [name for key in libraries for name in (key, *(f"{key}-{rules}" for rules in RULES))]


def choose_contenders(
    wanted: Sequence[str] | None, libraries: Mapping[str, Opener] = LIBRARIES
) -> tuple[tuple[Contender, ...], tuple[tuple[str, str], ...]]:
    """Open the libraries; one that was not named may be missing, and is skipped with its reason.

    Raises:
        UnknownNameError: if a name is none.
        BackendUnavailableError: if one that was named cannot be used.
    """
    names = _named("library", wanted, contender_names(libraries), libraries)
    contenders: list[Contender] = []
    skipped: list[tuple[str, str]] = []
    for key, opener in libraries.items():
        rules = [r for r in RULES if {key, f"{key}-{r}"} & set(names)]
        if not rules:
            continue
        if wanted is None and key in ONLY_IF_NAMED:
            skipped.append((key, f"only if named: {ONLY_IF_NAMED[key]}"))
            continue
        try:
            library = open_library(key, {key: opener})
        except BackendUnavailableError as error:
            if wanted is not None:
                raise BackendUnavailableError(f"{key} cannot be measured: {error}") from error
            skipped.append((key, str(error)))
            continue
        contenders += [Contender(library, r) for r in rules]
    return tuple(contenders), tuple(skipped)


def _named(
    kind: str, wanted: Sequence[str] | None, known: Iterable[str], usual: Iterable[str]
) -> list[str]:
    """Return what is wanted, in the order in which it is known.

    Raises:
        UnknownNameError: if a name is none.
    """
    if wanted is None:
        return list(usual)
    names = list(known)
    for name in wanted:
        if name not in names:
            raise UnknownNameError.among(kind, name, names)
    return [name for name in names if name in wanted]

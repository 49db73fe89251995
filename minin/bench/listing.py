"""What can be measured here, and what cannot, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from minin.bench.libraries import LIBRARIES, ONLY_IF_NAMED, Library, open_library
from minin.bench.subject import DTYPES, BenchSubject
from minin.bench.subjects import SUBJECTS
from minin.errors import BackendUnavailableError
from minin.text import wrap


def listing(
    width: int = 78,
    subjects: Mapping[str, BenchSubject] = SUBJECTS,
    libraries: Mapping[str, Callable[[], Library]] = LIBRARIES,
) -> list[str]:
    """List subjects with their sizes, libraries with why not, and dtypes."""
    lines = wrap("ops, and the libraries that have fast rules for them", width)
    opened = {name: _opened(name, libraries) for name in libraries}
    families = {found.family for found in opened.values() if isinstance(found, Library)}
    families |= set(libraries)  # those that cannot be used here too
    for subject in subjects.values():
        fast = sorted(family for family in families if subject.fast(family))
        sizes = ", ".join(f"{n} {'x'.join(map(str, s))}" for n, s in subject.sizes.items())
        ways = " ".join(subject.ways)
        note = f"; fast: {' '.join(fast)}" if fast else ""
        lines += _entry(subject.name, f"{ways}; {sizes}{note}", width)
    lines.append("libraries")
    for name, found in opened.items():
        lines += _entry(name, _state(name, found), width)
    lines += wrap(f"dtypes: {', '.join(DTYPES)}", width)
    return lines


def _opened(name: str, libraries: Mapping[str, Callable[[], Library]]) -> Library | str:
    try:
        return open_library(name, libraries)
    except BackendUnavailableError as error:
        return str(error)


def _state(name: str, found: Library | str) -> str:
    if isinstance(found, str):
        return f"skipped: {found}"
    versions = ", ".join(f"{key} {version}" for key, version in found.versions.items())
    note = f"; only if named: {ONLY_IF_NAMED[name]}" if name in ONLY_IF_NAMED else ""
    return f"usable on {found.device} ({versions}){note}"


def _entry(name: str, text: str, width: int) -> Iterator[str]:
    indent = "  " + " " * 19 if width >= 60 else "    "
    yield from wrap(f"  {name:<18} {text}", width, rest=indent)

"""A section for every question: what is asked, and what the results say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import alone, comparison
from benchmarks.report.markdown import link
from minin.files.toml import read_toml

Record = dict[str, Any]


ANSWERS: dict[str, Callable[[Record, str], Iterator[str]]] = {
    one.__name__: one
    for one in (
        *(comparison.times, comparison.memory, alone.layers, alone.threads, alone.batches),
        *(alone.engine_overhead, alone.gradcheck_times, alone.loader_share),
    )
}


@dataclass(frozen=True)
class Section:
    """A question on the page.

    Attributes:
        name: of its script and its results.
        title: its heading.
        about: what is asked, and how to read the answer.
        answer: what makes tables and claims of one result, one of `ANSWERS`.
        picture: what draws it, in `pictures`; "" for no picture.
    """

    name: str
    title: str
    about: str
    answer: str
    picture: str = ""


SECTIONS = tuple(
    Section(**one)
    for one in read_toml(Path(__file__).with_name("sections.toml").read_text("utf-8"))["section"]
)


def section(one: Section, results: dict[str, Record]) -> Iterator[str]:
    """Write a section from its results, by the names of their files."""
    yield f"## {one.title}"
    yield ""
    yield one.about
    yield ""
    if not results:
        yield f"Not measured yet. `python -m benchmarks.{one.name}` does."
        yield ""
    for file, record in results.items():
        yield from head(record, file)
        yield from ANSWERS[one.answer](record, file)
        yield ""
        if one.picture:
            yield f"![{one.title}](pictures/{picture_name(file)})"
            yield ""


def picture_name(file: str) -> str:
    """Name the picture of a result."""
    return file.removesuffix(".json") + ".svg"


def head(record: Record, file: str) -> Iterator[str]:
    """Say where and when, of what, and how quiet it was."""
    machine, source, protocol = record["machine"], record["source"], record["protocol"]
    widest = [flag for flag in ("avx512f", "avx2", "asimd") if flag in machine["flags"]][:1]
    yield f"### {', '.join([machine['processor'], *widest])}, {machine['cores']} cores"
    yield ""
    commit = f" at commit {source['commit'][:10]}" if source["commit"] else ""
    changed = ", with changes that no commit has" if source["modified"] else ""
    others = max(share for part in record["parts"] for share in part["others"])
    repeated = sum(part["repeated"] for part in record["parts"])
    yield (
        f"{record['date'][:10]}, minin {source['minin']}{commit}{changed}; {_versions(record)}. "
        f"{protocol['rounds']} rounds after {protocol['warm_up_rounds']} to warm up; others used "
        f"{100 * others:.1f} % of a core at most; disturbed and repeated: {repeated}. "
        f"All numbers: {link(file)}."
    )
    yield ""


def _versions(record: Record) -> str:
    """Name every version once, and who uses another one."""
    found: dict[str, list[str]] = {}
    for part in record["parts"]:
        for peer in part["peers"]:
            for name, version in peer["versions"].items():
                if name != "minin" and version not in found.setdefault(name, []):
                    found[name].append(version)
    return ", ".join(f"{name} {' and '.join(versions)}" for name, versions in found.items())

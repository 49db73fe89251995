"""A section for every question: what is asked, and what the results say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.report import alone, comparison
from benchmarks.report.markdown import link

Record = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """A question on the page.

    Attributes:
        name: of its script and its results.
        title: its heading.
        about: what is asked, and how to read the answer.
        answer: makes tables and claims of one result.
        picture: whether there is one.
    """

    name: str
    title: str
    about: str
    answer: Callable[[Record, str], Iterator[str]]
    picture: bool = False


SECTIONS = (
    Section(
        "training_step",
        "A training step, beside other libraries",
        "Forward, cross entropy, backward and SGD with momentum and weight decay, float32, with "
        "dropout.",
        comparison.times,
        picture=True,
    ),
    Section(
        "inference",
        "A forward pass, beside other libraries",
        "The same networks and batches without gradients and without dropout.",
        comparison.times,
        picture=True,
    ),
    Section(
        "old_frameworks",
        "A training step, beside earlier frameworks on NumPy",
        "Chainer and DeZero in [an environment of their own](old_frameworks.md).",
        comparison.times,
        picture=True,
    ),
    Section(
        "gpu_step",
        "A training step on a GPU",
        "minin's CuPy rules beside PyTorch, every step ended synchronised; products of whole "
        "float32, and in TF32, which keeps 10 bits of a factor. minin on the CPU stands first.",
        comparison.times,
        picture=True,
    ),
    Section(
        "layers",
        "Every layer, and its floor",
        "The floor is what the multiplications of im2col take at the speed of a large matrix "
        "product, or its numbers at that of a large copy, whichever is longer. More than 100 % is "
        "possible: Winograd's rule saves multiplications.",
        alone.layers,
        picture=True,
    ),
    Section(
        "threads",
        "More workers",
        "The same training steps with 1, 2 and more workers.",
        alone.threads,
        picture=True,
    ),
    Section(
        "batches",
        "Batches from 1 to 256",
        "What one image costs.",
        alone.batches,
        picture=True,
    ),
    Section(
        "memory",
        "Memory of a training step",
        "The most that a new process ever held after three steps; each round starts new ones.",
        comparison.memory,
        picture=True,
    ),
    Section(
        "engine_overhead",
        "The engine alone",
        "A chain of operations on four numbers, forward and backward, less the same calls of NumPy "
        "made by hand.",
        alone.engine_overhead,
    ),
    Section(
        "gradcheck_times",
        "Gradient checks",
        "Every operation of the zoo, right and with one bug, and a whole network on two images.",
        alone.gradcheck_times,
    ),
    Section(
        "loader_share",
        "Waiting for batches",
        "nin-mnist learns from MNIST; `ahead` is how many batches a thread prepares ahead.",
        alone.loader_share,
    ),
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
        yield from one.answer(record, file)
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

"""Sections about minin by itself: layers, threads, batches, engine, checks, loader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.harness.summary import ratios, summarise
from benchmarks.report import words
from benchmarks.report.comparison import skipped
from benchmarks.report.markdown import claim, table
from minin.bench import units

Record = dict[str, Any]
Part = dict[str, Any]
SERIOUS = 16  # images a batch from which on an image should cost the same


def rounds(part: Part, peer: str, measure: str) -> list[float]:
    """Return the rounds of one measure of one peer."""
    found = next(one for one in part["peers"] if one["name"] == peer)
    values: list[float] = found["measures"][measure]["values"]["rounds"]
    return values


def median_of(part: Part, peer: str, measure: str) -> float:
    """Return the median of one measure of one peer."""
    return _median(rounds(part, peer, measure))


def speeds(part: Part) -> tuple[list[float], list[float]]:
    """Return FLOP/s of the large product and bytes/s of the large copy, round by round."""
    reach = part["facts"]["ceilings"]
    products, copies = (rounds(part, "ceilings", key) for key in ("matrix product", "copy"))
    flops, moved = reach["matrix product"]["flops"], reach["copy"]["bytes"]
    return [flops / x for x in products], [moved / x for x in copies]


def floors(part: Part) -> dict[str, list[float]]:
    """Return the least seconds of every layer, round by round, by its measure."""
    products, copies = speeds(part)
    return {
        layer["measure"]: [
            max(layer["flops"] / flops, layer["bytes"] / moved)
            for flops, moved in zip(products, copies, strict=True)
        ]
        for layer in part["facts"]["layers"]
    }


def shares(part: Part) -> dict[str, float]:
    """Return how much of its floor every layer reaches: the median over the rounds."""
    return {
        key: _median(ratios(least, rounds(part, "minin", key)))
        for key, least in floors(part).items()
    }


def _median(values: Sequence[float]) -> float:
    return float(summarise(values)["median"])


def layers(record: Record, file: str) -> Iterator[str]:
    """Write what every layer takes, beside what it would take at the machine's best."""
    for part in record["parts"]:
        products, copies = map(_median, speeds(part))
        least, reached = floors(part), shares(part)
        yield (
            f"**{part['name']}**: a product of two large matrices runs at "
            f"{units.three(products / 1e9, places=3)} GFLOP/s, a large copy moves "
            f"{units.three(copies / 1e9, places=3)} GB/s, read and written."
        )
        yield ""
        rows = []
        for layer in part["facts"]["layers"]:
            key = layer["measure"]
            rows.append(
                [
                    label(layer),
                    words.seconds(median_of(part, "minin", key)),
                    words.seconds(_median(least[key])),
                    words.share(reached[key]),
                ]
            )
        yield from table(["layer", "median", "floor", "floor / time"], rows)
    for part in record["parts"]:
        whole = _whole(part)
        yield claim(
            f"{part['name']}: the floors of all layers together are {words.share(whole)} of what "
            "the layers take.",
            file,
        )


def label(layer: dict[str, Any]) -> str:
    """Name a layer and the way through it, as in "1 max pool 3x3/2, backward"."""
    way = layer["measure"].rpartition(" ")[2]
    return f"{layer['layer']}, {way}" if way in ("forward", "backward") else str(layer["layer"])


def _whole(part: Part) -> float:
    """Divide the sum of all floors by the sum of all times, round by round."""
    least = floors(part)
    times = [rounds(part, "minin", key) for key in least]
    sums = [list(map(sum, zip(*lists, strict=True))) for lists in (least.values(), times)]
    return _median(ratios(*sums))


def threads(record: Record, file: str) -> Iterator[str]:
    """Write what more workers bring."""
    claims = []
    for part in record["parts"]:
        yield f"**{part['name']}**"
        yield ""
        gains = {ratio["against"]: ratio["values"] for ratio in part["ratios"]}
        rows = []
        for peer in part["peers"]:
            values, gain = peer["measures"]["step"]["values"], gains.get(peer["name"])
            rows.append(
                [
                    str(_workers(peer)),
                    words.seconds(values["median"]),
                    words.between(values),
                    f"{gain['median']:.2f}" if gain else "1",
                    f"{peer['cores_used']:.1f}",
                ]
            )
            if gain:
                claims.append(
                    f"{part['name']}: {_workers(peer)} workers are {gain['median']:.2f} times as "
                    "fast as one."
                )
        heads = ["workers", "median", "quartiles", "times as fast as the first", "cores used"]
        yield from table(heads, rows)
    yield from skipped(record)
    yield from (claim(text, file) for text in claims)


def _workers(peer: dict[str, Any]) -> int:
    return int(peer["name"].rpartition("-")[2])


def batches(record: Record, file: str) -> Iterator[str]:
    """Write what an image costs, by the size of its batch."""
    for part in record["parts"]:
        costs = costs_of(part)
        sizes = sorted(costs["minin"])
        yield f"**{part['name']}, time an image**"
        yield ""
        rows = [
            [str(size), *(words.seconds(_median(found[size])) for found in costs.values())]
            for size in sizes
        ]
        yield from table(["batch", *costs], rows)
        if compared := [size for size in sizes if size >= SERIOUS]:
            yield claim(_flatness(part["name"], costs["minin"], compared), file)
            yield ""
    yield from skipped(record)


def costs_of(part: Part) -> dict[str, dict[int, list[float]]]:
    """Return the seconds of an image, round by round, by library and size of the batch."""
    found: dict[str, dict[int, list[float]]] = {}
    for peer in part["peers"]:
        library, _, size = peer["name"].rpartition("-")
        each = [seconds / int(size) for seconds in rounds(part, peer["name"], "step")]
        found.setdefault(library, {})[int(size)] = each
    return found


def _flatness(name: str, costs: dict[int, list[float]], sizes: Sequence[int]) -> str:
    """Say how much more an image costs in the dearest size than in the cheapest."""
    relative = {size: _median(ratios(costs[size], costs[sizes[-1]])) for size in sizes}
    dearest = max(sizes, key=lambda size: relative[size])
    cheapest = min(sizes, key=lambda size: relative[size])
    return (
        f"{name}: from {sizes[0]} to {sizes[-1]} images a batch, one costs minin at most "
        f"{relative[dearest] / relative[cheapest]:.2f} times as much (in {dearest}) as at least "
        f"(in {cheapest}); in {sizes[0]} it costs {relative[sizes[0]]:.2f} times as much as in "
        f"{sizes[-1]}."
    )


def engine_overhead(record: Record, file: str) -> Iterator[str]:
    """Write what every engine costs beyond NumPy's own calls."""
    (part,) = record["parts"]
    names = [peer["name"] for peer in part["peers"] if peer["name"] != "numpy"]
    kinds = list(part["peers"][0]["measures"])
    claims, rows = [], []
    for kind in kinds:
        bare = rounds(part, "numpy", kind)
        over = {name: _over(rounds(part, name, kind), bare) for name in names}
        cells = [f"{words.seconds(v['median'])} ({words.between(v)})" for v in over.values()]
        rows.append([kind, words.seconds(_median(bare)), *cells])
        told = ", ".join(f"{name} {words.seconds(v['median'])}" for name, v in over.items())
        claims.append(f"{kind}: beyond NumPy's own calls one op costs {told}.")
    yield from table(["operation", "NumPy alone", *(f"{name}, beyond" for name in names)], rows)
    yield from skipped(record)
    yield from (claim(text, file) for text in claims)


def _over(these: Sequence[float], bare: Sequence[float]) -> dict[str, Any]:
    return summarise([this - floor for this, floor in zip(these, bare, strict=True)])


def gradcheck_times(record: Record, file: str) -> Iterator[str]:
    """Write how long every check takes."""
    (part,) = record["parts"]
    (peer,) = part["peers"]
    owed, bugs = part["facts"]["owed"], peer["settings"]["bugs"]
    rows, slowest = [], ("", 0.0)
    for name, measure in peer["measures"].items():
        values = measure["values"]
        bug = bugs.get(name.partition(",")[0], "") if name.endswith("wrong") else ""
        rows.append([name, bug, words.seconds(values["median"]), words.extremes(values)])
        if name not in owed:
            slowest = max(slowest, (name, values["median"]), key=lambda item: item[1])
    yield from table(["check", "bug", "median", "least to most"], rows)
    yield claim(
        f"The slowest operation is {slowest[0]}, with {words.seconds(slowest[1])}; owed: "
        f"{words.seconds(owed['operation'])} at most.",
        file,
    )
    for name in owed.keys() & peer["measures"].keys():
        taken = peer["measures"][name]["values"]["median"]
        yield claim(
            f"A check of {name} takes {words.seconds(taken)}; owed: {words.seconds(owed[name])} "
            "at most.",
            file,
        )


def loader_share(record: Record, file: str) -> Iterator[str]:
    """Write how long steps wait for their batches."""
    rows, worst, owed = [], 0.0, 0.0
    for part in record["parts"]:
        owed = part["facts"]["owed"]
        for peer in part["peers"]:
            found = {key: one["values"] for key, one in peer["measures"].items()}
            times = [words.seconds(found[key]["median"]) for key in ("wait", "step")]
            longest = words.seconds(found["longest wait"]["most"])
            share = found["share"]["median"]
            rows.append([f"{part['name']}, {peer['name']}", *times, longest, words.share(share)])
            if peer["name"] != "ahead 0":
                worst = max(worst, share)
    yield from table(["loader", "wait", "step", "longest wait", "waiting"], rows)
    yield claim(
        f"With a thread, steps wait {words.share(worst)} of the time at most; owed: below "
        f"{words.share(owed)}.",
        file,
    )

"""Does the doctor find what is wrong, and only that? Sick runs, healthy runs, published ones.

    python -m tools.doctor_table                 all three, three to four minutes on one core
    python -m tools.doctor_table --seeds 0 1     the seeds on which the thresholds were set

Thresholds were set on seeds 0 and 1 of these runs; seeds 2 and 3 are the test, and what
`docs/doctor.md` shows. MNIST and Fashion-MNIST are read from the folder that MININ_DATA names.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from minin import models, nn, train
from minin.autograd import no_grad
from minin.doctor import Examination, examine
from minin.doctor.inputs import Images, prepared
from minin.doctor.judge import Labels
from minin.errors import DivergedError
from tools.doctor_runs import HEALTHY, SICK, Run, finish
from tools.page import DOCS
from tools.recipe_seeds import few_of

PAGE = DOCS / "doctor.md"
BEGIN, END = "<!-- from here on: python -m tools.doctor_table -->", "<!-- to here -->"
SILENT = ("dead class maps", "frozen")

# As released with the paper, but for the size of the network, which is that of the images.
PUBLISHED = train.RECIPES["mnist-published"].options.changed(
    epochs=4, batch_size=32, schedule="constant", milestones=(), preprocess=("standardise",)
)
PUBLISHED_BUILD: dict[str, Any] = {"final_relu": True, "dropout": 0.5}
RECIPE = train.Options(epochs=6)


class Row(NamedTuple):
    """One run, and what the doctor said about it.

    Attributes:
        name: of the run.
        seed: which one.
        wanted: the name owed, or "" for none.
        also: what may stand for it.
        said: the names given, the first one first.
        evidence: of the first.
        loss: of the last epoch, if there was one.
        seconds: of training and looking.
    """

    name: str
    seed: int
    wanted: str
    also: str
    said: tuple[str, ...]
    evidence: str
    loss: float | None
    seconds: float

    @property
    def right(self) -> bool:
        """Whether the first name is the one owed, or nothing was said where nothing is."""
        if not self.wanted:
            return not self.said
        return bool(self.said) and self.said[0] in (self.wanted, self.also)


class Outcome(NamedTuple):
    """One seed of the published settings, or of the default recipe.

    Attributes:
        seed: which one.
        dead: classes whose logit is one and the same number for all training images: found
            by a plain forward pass, without the doctor.
        accuracy: on the training images, at the end.
        said: the names the doctor gave.
        evidence: of the first.
    """

    seed: int
    dead: tuple[int, ...]
    accuracy: float
    said: tuple[str, ...]
    evidence: str

    @property
    def right(self) -> bool:
        """Whether dead classes were named, and a network without any was left in peace."""
        return any(name in SILENT for name in self.said) if self.dead else not self.said


def judged(run: Run, seed: int) -> Row:
    """Train one run and ask the doctor."""
    started = time.perf_counter()
    done = finish(run, seed)
    report = examine(
        done.model,
        done.subset.images,
        done.subset.labels,
        done.losses,
        run.settings.lr,
        done.subset.classes,
        done.validation if done.losses else None,
        done.train_accuracy if done.losses else None,
    )
    loss = done.losses[-1] if done.losses else None
    seconds = time.perf_counter() - started
    return Row(run.name, seed, run.expected, run.also, *_words(report), loss, seconds)


def _words(report: Examination) -> tuple[tuple[str, ...], str]:
    names = tuple(diagnosis.name for diagnosis in report.diagnoses)
    return names, report.diagnoses[0].evidence if names else ""


def asked(
    seed: int,
    options: train.Options,
    build: dict[str, Any],
    count: int = 600,
    name: str = "digits",
) -> Outcome:
    """Train `nin-digits` on a few images by ``options``, and ask the doctor."""
    few = few_of(name, count, seed)
    images, labels = few.train_images, few.train_labels
    model = models.build("nin-digits", rng=seed, **build)
    losses: list[float] = []
    try:
        train.fit(model, few, options, lambda row: losses.append(row.loss), seed=seed)
    except DivergedError:
        losses.append(float("nan"))
    model.eval()
    dead, accuracy = _plainly(model, images, labels)
    report = examine(
        model, images, labels, losses, options.lr, few.classes, train_accuracy=accuracy
    )
    return Outcome(seed, dead, accuracy, *_words(report))


def _plainly(model: nn.Module, images: Images, labels: Labels) -> tuple[tuple[int, ...], float]:
    """Return the classes with one logit for all images, and the accuracy."""
    with no_grad(), np.errstate(all="ignore"):
        z = model(prepared(model, images)).numpy()  # (N, classes)
    dead = np.flatnonzero((z == z[0]).all(axis=0))
    return tuple(int(k) for k in dead), float((z.argmax(axis=1) == labels).mean())


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of a table of runs."""
    yield "| run | seed | last loss | owed | the doctor said | |"
    yield "| --- | ---: | ---: | --- | --- | --- |"
    for row in rows:
        said = "; ".join(row.said) or "healthy"
        verdict = "right" if row.right else "WRONG"
        loss = "" if row.loss is None else f"{row.loss:.3g}"
        owed = row.wanted or "healthy"
        yield f"| {row.name} | {row.seed} | {loss} | {owed} | {said} | {verdict} |"


def seeds_table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield the lines of a table of seeds."""
    yield "| seed | dead classes | accuracy | the doctor said | |"
    yield "| ---: | --- | ---: | --- | --- |"
    for one in outcomes:
        dead = " ".join(str(k) for k in one.dead) or "none"
        said = "; ".join(one.said) or "healthy"
        verdict = "right" if one.right else "WRONG"
        yield f"| {one.seed} | {dead} | {one.accuracy:.2f} | {said} | {verdict} |"


def sick_and_healthy(seeds: Sequence[int]) -> Iterator[str]:
    """Train all runs of all seeds, printing as they end; yield the page's lines."""
    for title, runs in (("Sick on purpose", SICK), ("Healthy", HEALTHY)):
        rows = []
        for run in runs:
            for seed in seeds:
                rows.append(row := judged(run, seed))
                verdict = "right" if row.right else f"WRONG {row.evidence}"
                print(
                    f"{row.name:<32}{seed:>3}{row.seconds:6.1f} s  {row.said} {verdict}", flush=True
                )
        right = sum(row.right for row in rows)
        count, what = (right, "named") if runs is SICK else (len(rows) - right, "accused")
        words = f"**{count} of {len(rows)} {what}**"
        print(words)
        yield from ("", f"## {title}", "", f"{words}, seeds {_list(seeds)}.", "", *table(rows))


def seeds_of(count: int, name: str, images: int) -> Iterator[str]:
    """Train the published settings and the recipe on the same seeds; yield the page's lines."""
    for title, options, build in (
        ("The published settings", PUBLISHED, PUBLISHED_BUILD),
        ("The default recipe", RECIPE, {}),
    ):
        outcomes = []
        for seed in range(count):
            outcomes.append(one := asked(seed, options, build, images, name))
            print(
                f"{title} {seed:>3} {one.dead} {one.accuracy:.2f} {one.said} {one.right}",
                flush=True,
            )
        died = [one for one in outcomes if one.dead]
        named = sum(one.right for one in died)
        accused = sum(bool(one.said) for one in outcomes if not one.dead)
        words = (
            f"**{len(died)} of {count} seeds died, {named} of them were named;"
            f" {accused} of the other {count - len(died)} accused**"
        )
        print(words)
        yield from ("", f"## {title}, {name}", "", f"{words}.", "", *seeds_table(outcomes))


def _list(seeds: Sequence[int]) -> str:
    return " and ".join(str(seed) for seed in seeds)


def main() -> int:
    """Run everything and write the page's tables; exit with 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="*", default=[2, 3], help="of both tables")
    parser.add_argument("--published", type=int, default=20, help="seeds of the published settings")
    parser.add_argument("--data", default="digits", help="images for the published settings")
    parser.add_argument("--count", type=int, default=600, help="how many of them")
    args = parser.parse_args()
    lines = list(sick_and_healthy(args.seeds)) if args.seeds else []
    lines += seeds_of(args.published, args.data, args.count) if args.published else []
    text = "\n".join(lines)
    if args == parser.parse_args([]):
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n\n{END}{after}", encoding="utf-8")
    return 1 if "WRONG" in text else 0


if __name__ == "__main__":
    sys.exit(main())

"""Makes README.md of this folder, and its pictures, from the results alone.

python -m benchmarks.page            # writes the page and draws the pictures
python -m benchmarks.page --check    # writes nothing; tells whether the page is up to date
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.harness.errors import RefusedError
from benchmarks.harness.record import RESULTS, read_all
from benchmarks.report.pictures import draw
from benchmarks.report.sections import SECTIONS, section
from minin.errors import pip_install

PAGE = RESULTS.parent / "README.md"
PICTURES = RESULTS.parent / "pictures"

HEAD = """\
# Benchmarks

Made by `python -m benchmarks.page` from the files in [results](results); nothing here is written
by hand. Times are good for one machine on one day; what lasts are ratios, and they are taken
between programs that ran in the same minutes.

## How it is measured

- Every program runs in a process of its own, which lives through all rounds and sleeps between its
  turns. In a round each takes one turn: A B C, A B C, A B C.
- Before anything is measured, every library has to show that it computes the same network: the
  same number of parameters, the same logits, and in training the same logits after three steps
  without dropout, to 0.001.
- Compilation and the first call are reported apart, and the warm-up rounds do not count. A turn
  starts with one call that does not count either, for the caches.
- A number is given from five rounds or more, never from fewer: the median, quartiles, the least
  and the most. A ratio is taken in every round; its median is given.
- While others use more than 5 % of a core nothing is measured: for a second before the run and
  during every round. A disturbed round is repeated; after five attempts the run is given up, and
  the busiest processes are named. A program that does not sleep while it is another's turn counts
  as a disturbance too.
- Who is not installed is listed, with the reason.
- Nothing here ran on a GPU, since none was at hand; no figure for one is given, and none estimated.
  [Record 0014](../docs/decisions/0014-cuda-kernels-proven-without-a-gpu.md) says what was done
  instead.
- Results record versions, commit, threads, caches and all rounds, and fit
  [a schema](results/schema.json). What was stopped is kept, and is not shown here.

## How to measure

```sh
python -m benchmarks.training_step --python jax=JAXVENV/bin/python
python -m benchmarks.page
```

Each question below is one script, with `--help`. `--python PEER=PATH` names the interpreter of a
program that lives in another environment, `--rounds N` says how many rounds count (9),
`--wait SECONDS` waits for a quiet machine, and `--smoke` only shows that everything runs: it gives
no numbers. Tried with PyTorch 2.13, autograd and MyGrad from the extra `peers`, JAX 0.10 and
tinygrad 0.13 (which needs clang) in environments of their own, and the
[earlier frameworks](old_frameworks.md).
"""


def page(folder: Path = RESULTS) -> str:
    """Write the page.

    Raises:
        RefusedError: if a file among the results is none.
    """
    lines = [HEAD]
    for one in SECTIONS:
        lines += section(one, read_all(one.name, folder))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return text.rstrip("\n") + "\n"


def draw_all(results: Path, pictures: Path) -> list[Path]:
    """Draw every picture of the page."""
    return [
        draw(one.name, record, file, pictures)
        for one in SECTIONS
        if one.picture
        for file, record in read_all(one.name, results).items()
    ]


def main(
    argv: Sequence[str] | None = None,
    results: Path = RESULTS,
    target: Path = PAGE,
    pictures: Path = PICTURES,
) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.page",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if out of date")
    check = parser.parse_args(argv).check
    try:
        text = page(results)
    except RefusedError as error:
        print(f"no page: {error}", file=sys.stderr)
        return 1
    if check:
        fresh = target.exists() and target.read_text(encoding="utf-8") == text
        print(f"{target.name} is {'up to date' if fresh else 'out of date'}")
        return 0 if fresh else 1
    target.write_text(text, encoding="utf-8")
    try:
        drawn = draw_all(results, pictures)
    except ImportError as error:
        print(f"no pictures ({error}): {pip_install('matplotlib')}", file=sys.stderr)
        return 1
    print(f"written: {target.name} and {len(drawn)} pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main())

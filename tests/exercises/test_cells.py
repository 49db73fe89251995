"""An answer that lives in a kernel: its source is found and judged outside, as a file's is."""

from __future__ import annotations

import linecache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from minin import exercises
from minin.errors import DataError
from minin.exercises import find
from minin.exercises.cells import source_of

NUMBER = count()


def run_cells(*cells: str) -> dict[str, Any]:
    """Run cells as a notebook's kernel does: each has a file name of its own, and known lines."""
    namespace: dict[str, Any] = {"__name__": "__main__", "get_ipython": None, "__file__": "x.py"}
    for cell in cells:
        name = f"<cell {next(NUMBER)}>"
        linecache.cache[name] = (len(cell), None, cell.splitlines(keepends=True), name)
        exec(compile(cell, name, "exec"), namespace)
    return namespace


def cells_of(name: str, more: str = "") -> list[str]:
    text = find(name).solution().split('if __name__ == "__main__"')[0]
    return [*text.split("# %%\n"), more]


@pytest.mark.parametrize("name", ["global_avg_pool", "conv_backward"])
def test_an_answer_in_cells_passes(name: str) -> None:
    outcome = exercises.check(name, run_cells(*cells_of(name)))
    assert outcome.ok
    points = outcome.points(3)
    assert (type(points), points) == (float, 3.0)


def test_a_wrong_one_gets_its_share_and_nothing_on_stderr(
    capfd: pytest.CaptureFixture[str],
) -> None:
    change = "def gap_backward(grad_y, cache):\n    return np.zeros(cache)\n"
    outcome = exercises.check("global_avg_pool", run_cells(*cells_of("global_avg_pool", change)))
    assert outcome.points(10) == 5.0
    assert capfd.readouterr() == ("", "")


def test_all_that_a_function_needs_comes_with_it() -> None:
    namespace = run_cells(
        "import numpy as np\nfrom math import prod as product\nSCALE, unused = 2.0, object()",
        "half = 0.5\ndef scaled(y):\n    return y * half * SCALE\n",
        "again = scaled\n",
        "def gap_forward(x, how=again):\n    return how(x.mean(axis=(2, 3))), x.shape\n",
        "share = lambda shape: product(shape[2:])\n",
        "def gap_backward(grad_y, shape):\n"
        "    return np.ones(shape) * grad_y[:, :, None, None] / share(shape)\n",
    )
    assert exercises.check("global_avg_pool", namespace).ok
    assert b"unused" not in source_of(["gap_forward", "gap_backward"], namespace)


def test_functions_of_the_package_are_no_answer() -> None:
    from minin.exercises.tasks import TASKS

    helped = run_cells(
        "from minin import ops\ndef im2col(x, *rest):\n    return ops.im2col(x, *rest).numpy()\n"
    )
    lent = {"im2col": TASKS["im2col"].values}
    for namespace in (helped, lent):
        outcome = exercises.check("im2col", namespace)
        assert (outcome.ok, outcome.points()) == (False, 0.0)


def test_a_kernel_cannot_pass_by_what_it_has_patched() -> None:
    """What it does to NumPy or to the objects stays in it; see the guide for what it can do."""
    namespace = run_cells("import numpy as np\ndef im2col(*_):\n    return np.zeros(1)\n")
    namespace["im2col"].__defaults__ = (1,)
    namespace["im2col"].__doc__ = "PASSED"
    assert not exercises.check("im2col", namespace).ok


def test_a_function_without_source_is_told() -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec("def im2col(*_): pass", namespace)
    with pytest.raises(DataError, match="source of im2col is not known"):
        exercises.check("im2col", namespace)


def test_a_program_is_its_own_source(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(find("global_avg_pool").solution())
    assert exercises.check("global_avg_pool", {"__file__": str(file)}).ok

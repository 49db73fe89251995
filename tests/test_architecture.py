"""The layers of minin hold, and the check that says so finds what it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import INSIDE, ROW_OF, ROWS, imports, package_sources, violations

ROOT = Path(__file__).resolve().parent.parent


def test_minin_keeps_its_layers() -> None:
    sources = package_sources(ROOT)
    assert len(sources) > 10
    assert violations(sources) == []


def test_the_oracles_import_nothing_from_minin() -> None:
    source = (ROOT / "tests" / "oracles.py").read_text("utf-8")
    targets = {found.target for found in imports("tests.oracles", source, {})}
    # Other files of the tests would be a way round.
    assert {target.split(".")[0] for target in targets}.isdisjoint({"minin", "tests"})


def test_no_part_stands_in_two_rows() -> None:
    assert len(ROW_OF) == sum(len(row) for row in ROWS)


# A small tree without a fault: each test below plants one.
SOUND = {
    "minin.__init__": "from minin import ops\nfrom minin.nn import Linear",
    "minin.__main__": "from minin.cli import main",
    "minin.errors": "",
    "minin.shapes": "from minin.errors import ShapeError",
    "minin.backend.__init__": "from minin.backend.arrays import zeros",
    "minin.backend.arrays": "import numpy as np\ndef get():\n    import cupy",
    "minin.autograd.__init__": "from minin.autograd.tensors import Tensor",
    "minin.autograd.tensors": "from minin import backend\nfrom ..errors import GraphError",
    "minin.ops.__init__": "from minin.ops.conv import conv2d",
    "minin.ops.conv": "import math\nimport minin.autograd\nfrom . import window",
    "minin.ops.window": "from minin.shapes import Window",
    "minin.gradcheck.__init__": "import numpy\nfrom minin.autograd import Tensor",
    "minin.algorithms": "from minin.ops import conv2d",
    "minin.nn.__init__": "from minin.nn.linear import Linear",
    "minin.nn.linear": "import numpy\nfrom minin import ops",
    "minin.optim": "from minin.autograd import Tensor",
    "minin.train.__init__": "from minin import optim, nn",
    "minin.cli": "def main():\n    from minin.train import fit",
}


def test_the_sound_tree_is_sound() -> None:
    assert violations(SOUND) == []


@pytest.mark.parametrize(
    ("module", "line", "sentence"),
    [
        ("minin.backend.arrays", "from minin.ops import conv2d", "ops is above backend"),
        ("minin.ops.conv", "import minin.train", "train is above ops"),
        ("minin.ops.conv", "import minin.train as t", "train is above ops"),
        ("minin.ops.conv", "from minin import train", "train is above ops"),
        ("minin.ops.conv", "from .. import train", "train is above ops"),
        ("minin.ops.conv", "from ..train import fit", "train is above ops"),
        ("minin.ops.__init__", "from ..train import fit", "train is above ops"),
        ("minin.errors", "from . import shapes", "shapes is above errors"),
        ("minin.errors", "from .shapes import Window", "shapes is above errors"),
        ("minin.ops.conv", "def f():\n    from minin.nn import Linear", "nn is above ops"),
        ("minin.ops.conv", "import minin", "top of the package is above every row"),
        ("minin.ops.conv", "from minin import Tensor", "top of the package is above"),
        ("minin.nn.linear", "from minin import optim", "optim is beside nn"),
        ("minin.optim", "def f():\n    from minin.nn import Linear", "nn is beside optim"),
        (
            "minin.gradcheck.__init__",
            "from minin import ops",
            "gradcheck must not depend on",
        ),
        (
            "minin.gradcheck.__init__",
            "from minin import algorithms",
            "algorithms is beside gradcheck",
        ),
        ("minin.ops.conv", "import numpy as np", "names none; numpy came"),
        ("minin.ops.window", "from numpy import pad", "names none; numpy came"),
        ("minin.ops.conv", "import numpy.typing as npt", "names none; numpy came"),
        ("minin.ops.conv", "def f():\n    import cupy", "names none; cupy came"),
        ("minin.nn.linear", "def f():\n    import cupy", "inside backend/ only"),
        (
            "minin.nn.linear",
            "def f():\n    from cupy.cuda import Device",
            "inside backend/",
        ),
        ("minin.cli", "import cupyx", "inside backend/ only"),
        ("minin.__init__", "import cupy", "inside backend/ only"),
        (
            "minin.ops.conv",
            "import importlib\nimportlib.import_module('minin.nn')",
            "nn is ab",
        ),
        ("minin.ops.conv", "__import__('minin.nn')", "nn is above ops"),
        ("minin.cli", "from minin.helpers import x", "helpers is in no row"),
        ("minin.helpers", "import math\nimport minin.errors", "helpers is in no row"),
    ],
)
def test_a_planted_import_is_found(module: str, line: str, sentence: str) -> None:
    planted = {**SOUND, module: f"{SOUND.get(module, '')}\n{line}"}
    found = violations(planted)
    assert any(sentence in text and text.startswith(f"{module}:") for text in found), found


@pytest.mark.parametrize(
    "edges",
    [
        # three files of one part, in a circle
        {
            "a": "from minin.ops.b import x",
            "b": "from . import c",
            "c": "import minin.ops.a",
        },
        # the same, one of them inside a function
        {
            "a": "from minin.ops.b import x",
            "b": "from minin.ops.c import y",
            "c": "def f():\n    from minin.ops import a",
        },
        # by way of the package's own front door
        {"a": "from minin.ops import conv2d", "__init__": "from minin.ops.a import x"},
        {"a": "import minin.ops.a"},
    ],
)
def test_a_planted_cycle_is_found(edges: dict[str, str]) -> None:
    planted = {**SOUND, **{f"minin.ops.{name}": source for name, source in edges.items()}}
    found = violations(planted)
    assert len(found) == 1
    assert found[0].startswith("import cycle: ")
    assert all(f"minin.ops.{name}" in found[0] for name in edges)


@pytest.mark.parametrize("test", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_imports_for_types_alone_count_for_floors_and_for_circles(test: str) -> None:
    head = f"import typing\nfrom typing import TYPE_CHECKING\nif {test}:\n    "
    circle = {**SOUND, "minin.ops.window": head + "from minin.ops.conv import conv2d"}
    assert [text.split(":")[0] for text in violations(circle)] == ["import cycle"]
    upward = {**SOUND, "minin.ops.window": head + "from minin.nn import Linear"}
    assert any("nn is above ops" in text for text in violations(upward))


@pytest.mark.parametrize(
    ("module", "line", "sentence"),
    [
        ("minin.gradcheck.measure.kinks", "from minin.gradcheck.report import x", "not below"),
        ("minin.gradcheck.subject.call", "import minin.gradcheck.check", "not below subject"),
        ("minin.autograd.guards", "from minin.autograd.engine import Node", "engine is not below"),
        ("minin.autograd.tape", "from minin.autograd import calling", "calling is not below tape"),
        ("minin.gradcheck.check", "from minin.gradcheck.attic import x", "attic is in no row"),
    ],
)
def test_a_room_imports_only_from_rooms_below(module: str, line: str, sentence: str) -> None:
    sources = {
        f"minin.{part}.{name}": "" for part, rows in INSIDE.items() for row in rows for name in row
    }
    assert violations({**sources, "minin.gradcheck.attic": ""}) == []
    planted = {**sources, "minin.gradcheck.attic": "", module: line}
    if module.startswith("minin.autograd"):
        planted[module] = f"if TYPE_CHECKING:\n    {line}"
    assert [text for text in violations(planted) if sentence in text], violations(planted)


LONGEST = 330  # lines of a file that one can still hold in mind


def too_long(root: Path) -> list[str]:
    """List the Python files of the package, the tools and the benchmarks that are too long."""
    return [
        f"{path.relative_to(root)} has {count} lines; cut it by subject, {LONGEST} at most"
        for folder in ("minin", "tools", "benchmarks")
        for path in sorted((root / folder).rglob("*.py"))
        if (count := len(path.read_text("utf-8").splitlines())) > LONGEST
    ]


def test_no_file_is_too_long_to_read() -> None:
    assert too_long(ROOT) == []


def test_a_long_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "minin").mkdir()
    (tmp_path / "minin" / "fits.py").write_text("x = 1\n" * LONGEST)
    (tmp_path / "minin" / "long.py").write_text("x = 1\n" * (LONGEST + 1))
    assert too_long(tmp_path) == [
        f"minin/long.py has 331 lines; cut it by subject, {LONGEST} at most"
    ]


def test_a_cycle_through_the_top_is_found() -> None:
    planted = {**SOUND, "minin.ops.window": "from minin import __version__"}
    found = violations(planted)
    assert any("import cycle" in text and "minin.__init__" in text for text in found)

"""`minin gradcheck`: the sweep, somebody's own functions, bugs, lists, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minin import models, ops
from minin.autograd import Op, differentiable, tensors
from minin.cli.gradcheck import function, subjects
from minin.cli.gradcheck.bug import natural
from minin.cli.gradcheck.function import read_params
from minin.cli.gradcheck.samples import SAMPLES, samples
from minin.gradcheck.catalogue import BUGS
from minin.gradcheck.recognise.references.table import REFERENCES
from tests.choice import THOROUGH, mostly_thorough
from tests.cli.conftest import assert_error, call

SCALE = """
import numpy as np

def forward(x):
    return 3 * x, None

def backward(grad, cache):
    return (FACTOR * grad,)
"""

COURSE_POOL = """
import numpy as np
print("a file may print")

def windows(x, pool_param):
    h, w, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    for i in range((x.shape[2] - h) // s + 1):
        for j in range((x.shape[3] - w) // s + 1):
            yield i, j, (..., slice(i * s, i * s + h), slice(j * s, j * s + w))

def forward(x, pool_param):
    found = {(i, j): x[at].max(axis=(2, 3)) for i, j, at in windows(x, pool_param)}
    i, j = max(found)
    out = np.zeros((*x.shape[:2], i + 1, j + 1))
    for place, value in found.items():
        out[(..., *place)] = value
    return out, (x, pool_param)

def backward(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, at in windows(x, pool_param):
        won = x[at] == x[at].max(axis=(2, 3), keepdims=True)
        dx[at] SIGN won * dout[..., i, j][..., None, None]
    return dx
"""


def written(text: str, name: str = "mine.py") -> str:
    Path(name).write_text(text, "utf-8")
    return name


def relu_file(factor: str = "1") -> str:
    return written(
        "import numpy as np\n"
        "def forward(x):\n    return np.maximum(x, 0), x\n"
        f"def backward(grad, x):\n    return {factor} * grad * (x > 0)\n"
    )


# ------------------------------------------------------------------------------- the sweep


def test_every_public_op_and_operator_has_samples() -> None:
    public = {name for name, op in vars(ops).items() if isinstance(op, Op)}
    behind = {name for name, op in vars(tensors).items() if isinstance(op, Op)}
    assert set(SAMPLES) == public | behind - {"to_device"}


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_drawn_alike_from_one_seed(name: str) -> None:
    first, second = (samples(name, np.random.default_rng(3)) for _ in range(2))
    assert repr(first) == repr(second)


@pytest.mark.parametrize("library", ["numpy", "strict"])
def test_ops_pass(library: str) -> None:
    names = ["add", "getitem", "relu", "linear", "concatenate", "cross_entropy", "dropout"]
    done = call("gradcheck", *names, "--library", library)
    assert (done.code, done.err) == (0, "")
    rows = done.out.splitlines()
    assert rows[0].split() == ["op", "library", "rules", "entries", "kinks", "worst", "seconds"]
    for name in names:
        assert any(row.split()[:3] == [name, library, "plain"] for row in rows)
    fast = [row.split()[0] for row in rows if row.split()[2:3] == ["fast"]]
    assert fast == (["relu", "dropout"] if library == "numpy" else [])
    assert f"ok        {len(names) + len(fast)} checked" in done.out


def test_lines_fit_a_terminal() -> None:
    done = call("gradcheck", "global_avg_pool2d", "max")
    assert max(map(len, done.out.splitlines())) <= 78


def test_a_terminal_gets_a_bar_that_names_what_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("minin.cli.gradcheck.sweep.checked", pretend)
    monkeypatch.setattr("minin.cli.bars._on_terminal", lambda: True)
    done = call("gradcheck", "relu", "linear", "--library", "numpy")
    assert done.err == ""
    assert "relu             :   0%" in done.out
    assert "| 2/3 [" in done.out  # relu has two rows, plain and fast


def test_a_network_passes() -> None:
    done = call("gradcheck", "nin-digits")
    assert (done.code, done.err) == (0, "")
    assert done.out.count("nin-") == 1


def test_no_networks_and_only_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minin.cli.gradcheck.sweep.checked", pretend)
    monkeypatch.setattr("minin.backend.why_no_cuda", lambda: "no GPU today")
    assert "nin-" not in call("gradcheck", "--no-networks").out
    everything = call("gradcheck").out
    assert all(f"{name} " in everything for name in [*SAMPLES, *models.names()])
    assert "nin-" not in call("gradcheck", "relu").out
    both = call("gradcheck", "relu", "--networks").out
    assert all(name in both for name in models.names())
    assert "sigmoid" not in both


def pretend(subject: subjects.SweepSubject, _: int) -> Any:
    """Return a row without checking."""
    from minin.cli.gradcheck.sweep import SweepRow

    return SweepRow(subject, (), 0.0)


@differentiable
def half_a_relu(x: Any) -> Any:
    def backward(grad_y: Any) -> Any:
        return (0.5 * grad_y * (x > 0),)

    return x * (x > 0), backward


def test_a_wrong_op_is_found_told_and_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops, "relu", half_a_relu)
    done = call("gradcheck", "relu", "abs")
    assert (done.code, done.err) == (1, "")
    assert "WRONG" in done.out
    assert "yours = 0.5 x the right gradient" in done.out
    assert "WRONG     1 of 2: relu" in done.out
    quieter = call("gradcheck", "relu", "--feedback", "verdict")
    assert "yours" not in quieter.out


def test_a_wrong_rule_inside_a_network_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = ops.global_avg_pool2d.rule

    def wrong(x: Any) -> Any:
        y, backward = right(x)
        return y, lambda grad_y: backward(1.01 * grad_y)

    monkeypatch.setattr(ops.global_avg_pool2d, "rule", wrong)
    done = call("gradcheck", "nin-mnist")  # too many numbers to move one by one
    assert (done.code, done.err) == (1, "")
    assert "global_avg_pool2d" in done.out


def test_a_fast_rule_has_a_row_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    @differentiable
    def twin(x: Any) -> Any:
        def backward(grad_y: Any) -> Any:
            return (grad_y * (x > 0),)

        return x * (x > 0), backward

    twin.accelerate("numpy")(half_a_relu.rule)
    monkeypatch.setattr(ops, "relu", twin)
    done = call("gradcheck", "relu")
    rows = [row.split() for row in done.out.splitlines()]
    verdicts = {row[2]: row[5] for row in rows if row[:2] == ["relu", "numpy"]}
    assert (done.code, verdicts["fast"]) == (1, "WRONG")
    assert verdicts["plain"] != "WRONG"


def test_the_sweep_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call("gradcheck", "relu", "--json")
    rows = json.loads(done.out)
    assert (done.code, len(rows)) == (0, 2)  # the plain rule and the fast one
    assert all((row["name"], row["ok"], row["failures"]) == ("relu", True, []) for row in rows)
    monkeypatch.setattr(ops, "relu", half_a_relu)
    done = call("gradcheck", "relu", "--json")
    assert done.code == 1
    assert json.loads(done.out)[0]["failures"][0]["findings"]


def test_a_seed_gives_the_same_rows() -> None:
    first, second = (json.loads(call("gradcheck", "exp", "--seed", "5", "--json").out)[0]
                     for _ in range(2))  # fmt: skip
    assert first["error"] == second["error"]
    other = json.loads(call("gradcheck", "exp", "--seed", "6", "--json").out)[0]
    assert other["error"] != first["error"]


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subjects, "check", stopped)
    done = call("gradcheck", "relu")
    assert (done.code, done.err) == (130, "minin: stopped by Ctrl-C\n")
    monkeypatch.setattr(function, "check_backward", stopped)
    done = call("gradcheck", "--function", relu_file(), "--op", "relu")
    assert (done.code, done.err) == (130, "minin: stopped by Ctrl-C\n")


def test_cupy_that_cannot_be_used_is_no_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minin.backend.devices.why_no_cuda", lambda: "no GPU today")
    assert_error(call("gradcheck", "relu", "--library", "cupy"), "no GPU today")


def test_strict_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "array_api_strict", None)
    assert_error(
        call("gradcheck", "relu", "--library", "strict"), "pip install 'array-api-strict>="
    )


@pytest.mark.slow
def test_every_network_passes() -> None:
    done = call("gradcheck", *models.names(), "--library", "numpy")
    assert (done.code, done.err) == (0, "")
    assert f"{len(models.names())} checked" in done.out


# ----------------------------------------------------------------------- somebody's own code


def test_right_functions_pass() -> None:
    done = call("gradcheck", "--function", f"{relu_file()}:forward,backward", "--op", "relu")
    assert (done.code, done.err) == (0, "")
    assert "PASSED" in done.out


def test_wrong_functions_fail_without_a_word_on_stderr() -> None:
    done = call("gradcheck", "--function", relu_file("-1"), "--op", "relu")
    assert (done.code, done.err) == (1, "")
    assert "[A6]" in done.out
    assert len(done.out.splitlines()) <= 25


@pytest.mark.parametrize(
    ("sign", "code"), [pytest.param("+=", 0, marks=pytest.mark.thorough), ("=", 1)]
)
def test_a_course_function_with_a_dictionary_of_settings(sign: str, code: int) -> None:
    path = written(COURSE_POOL.replace("SIGN", sign))
    done = call("gradcheck", "--function", path, "--op", "max_pool")
    assert (done.code, done.err) == (code, "")
    assert ("[C3]" in done.out) == bool(code)


def test_params_are_read_and_used() -> None:
    path = written(COURSE_POOL.replace("SIGN", "+="))
    settings = '{"pool_height": 3, "pool_width": 2, "stride": 2}'
    done = call("gradcheck", "--function", path, "--op", "max_pool2d", "--params", settings)
    assert done.code == 0
    assert "pool_height 3 pool_width 2" in done.out
    assert "stride 2" in done.out
    assert read_params('{"pad": [[0, 1], [2, 3]]}') == {"pad": ((0, 1), (2, 3))}


@pytest.mark.parametrize(
    ("level", "shown", "hidden"),
    [
        ("verdict", "WRONG", "[A6]"),
        ("where", "WRONG", "[A6]"),
        ("what", "[A6]", "    fix  "),
        ("fix", "    fix  ", "no such words"),
    ],
)
def test_feedback_is_a_dial(level: str, shown: str, hidden: str) -> None:
    words = ("gradcheck", "--function", relu_file("-1"), "--op", "relu", "--feedback", level)
    done = call(*words)
    assert done.code == 1
    assert shown in done.out
    assert hidden not in done.out


def test_ascii_only() -> None:
    path = written(COURSE_POOL.replace("SIGN", "="))
    done = call("gradcheck", "--function", path, "--op", "max_pool2d", "--ascii")
    assert done.code == 1
    assert done.out.isascii()


def test_a_report_as_json() -> None:
    done = call("gradcheck", "--function", relu_file("-1"), "--op", "relu", "--json")
    found = json.loads(done.out)
    assert (done.code, found["ok"], found["findings"][0]["bug"]) == (1, False, "A6")


def test_an_op_takes_its_own_reference() -> None:
    every = ("col2im", "softmax_cross_entropy", "ridge", "linear", "dropout", "take")
    for name in every if THOROUGH else every[:3]:
        path = written(
            "from minin.gradcheck.recognise.references.table import REFERENCES\n"
            f"forward, backward = REFERENCES[{name!r}].programs()\n"
        )
        done = call("gradcheck", "--function", path, "--op", name)
        assert done.code == 0, f"{name}: {done.out}{done.err}"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("import numpy\nx = = 1\n", ("mine.py:2: SyntaxError",)),
        ("def f():\n    1 / 0\n\nf()\n", ("mine.py:2: ZeroDivisionError: division by zero",)),
        ("import nothing_of_this_name\n", ("mine.py:1: ModuleNotFoundError",)),
        ("import sys\n\nsys.exit(0)\n", ("mine.py:3: SystemExit",)),
        ("def forward(x):\n    return x, x\n", ("no function 'backward'", "it has forward")),
        ("backward = 3\ndef forward(x):\n    return x\n", ("no function 'backward'",)),
        (
            "def forward(x):\n    return x.of\ndef backward(g, c):\n    return g\n",
            ("mine.py:2: forward raised AttributeError", "--params"),
        ),
        (
            "def forward(x):\n    raise SystemExit\ndef backward(g, c):\n    return g\n",
            ("mine.py:2: the code asked to exit",),
        ),
        (
            "def forward(x, *, mode):\n    return x\ndef backward(g):\n    return g\n",
            ("forward raised TypeError",),
        ),
    ],
)
def test_a_file_that_is_of_no_use_is_one_line(text: str, parts: tuple[str, ...]) -> None:
    assert_error(call("gradcheck", "--function", written(text), "--op", "relu"), *parts)


def test_a_file_may_import_its_neighbours_and_leaves_nothing_behind() -> None:
    written("def times(x):\n    return x\n", "neighbour_of_mine.py")
    path = written(
        "from neighbour_of_mine import times\n"
        "def forward(x):\n    return times(x), None\n"
        "def backward(grad, cache):\n    return times(grad) * 1\n"
    )
    assert call("gradcheck", "--function", path, "--op", "sigmoid").err == ""
    assert not Path("__pycache__").exists()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--function", "gone.py", "--op", "relu"], ("there is no file 'gone.py'",)),
        (["--function", "mine.py:a,b,c", "--op", "relu"], ("FILE.py:FORWARD,BACKWARD",)),
        (["--function", "mine", "--op", "relu"], ("FILE.py:FORWARD,BACKWARD",)),
        (["--function", "mine.py"], ("--function needs --op",)),
        (["--function", "mine.py", "--op", "rellu"], ("did you mean 'relu'?",)),
        (["--function", "mine.py", "--op", "relu", "--params", "{"], ("--params must be JSON",)),
        (["--function", "mine.py", "--op", "relu", "--params", "3"], ("JSON object",)),
        (
            ["--function", "mine.py", "--op", "conv2d", "--params", '{"strid": 2}'],
            ("unknown setting of conv2d 'strid'; did you mean 'stride'?",),
        ),
        (["--op", "relu"], ("give --function",)),
        (["--params", "{}"], ("give --function",)),
        (["--donate", "out.json"], ("--donate is about your own code; give --function",)),
        (["--function", "mine.py", "--cause", "x"], ("--cause is part of an entry",)),
        (
            ["--function", "mine.py", "--op", "relu", "--donate", "mine.py"],
            ("'mine.py' is there already",),
        ),
        (["relu", "--list"], ("names and --list cannot be used together",)),
        (["--bug", "C1", "--list"], ("--list and --bug cannot be used together",)),
        (["rellu"], ("unknown op or network 'rellu'; did you mean 'relu'?",)),
        (["--bug", "Z9"], ("unknown bug 'Z9'",)),
        (["--seed", "-1"], ("--seed must be 0 or more; got -1",)),
        (["--feedback", "much"], ("--feedback",)),
    ],
)
def test_what_cannot_be_done_is_refused(words: list[str], parts: tuple[str, ...]) -> None:
    relu_file()
    assert_error(call("gradcheck", *words), *parts)


# ------------------------------------------------------------------------------ bugs, lists


@pytest.mark.parametrize(
    "bug", mostly_thorough(["C1", "a1", "C3", "E5", "H9", "B7", "F6"], lambda b: b in ("a1", "F6"))
)
def test_a_bug_is_shown_by_its_own_report(bug: str) -> None:
    done = call("gradcheck", "--bug", bug)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith(f"{bug.upper():<10}{BUGS[bug.upper()].name[:20]}")
    assert f"[{bug.upper()}]" in done.out
    assert len(lines) <= 25
    assert max(map(len, lines)) <= 78


@pytest.mark.thorough
@pytest.mark.parametrize("bug", [bug for bug in BUGS if bug != "H5"])
def test_every_bug_is_named_in_its_own_report(bug: str) -> None:
    """H5 is a right program that careless differences accuse; it passes, so nothing is named."""
    assert f"[{bug}]" in call("gradcheck", "--bug", bug).out


def test_every_bug_has_a_home() -> None:
    assert {natural(bug).bug.id for bug in BUGS} == set(BUGS)
    assert natural("A1").op == "softmax_cross_entropy"


def test_the_list_has_every_name() -> None:
    done = call("gradcheck", "--list")
    assert (done.code, done.err) == (0, "")
    for name in [*SAMPLES, *models.names(), *REFERENCES]:
        assert name in done.out
    for bug in BUGS.values():
        assert f"{bug.id:<4}{bug.name}" in done.out


def test_what_the_functions_print_is_shown_above_the_report() -> None:
    noisy = SCALE.replace("FACTOR", "3").replace(
        "    return (", "    print('\\x1b[2J')\n    return ("
    )
    path = written("print('at the top')\n" + noisy)
    done = call("gradcheck", "--function", path, "--op", "relu", "--feedback", "fix")
    assert done.err == ""
    rows = done.out.splitlines()
    assert rows[:2] == ["printed   by the file itself:", "          | at the top"]
    assert rows[2].startswith("printed   by backward, in the first of ")
    assert rows[3] == r"          | \x1b[2J"
    assert "printed" not in "".join(rows[4:])
    found = json.loads(call("gradcheck", "--function", path, "--op", "relu", "--json").out)
    assert found["printed"].splitlines() == rows[:4]


# --------------------------------------------------------------- an entry for the benchmark


def donated(*words: str) -> tuple[str, dict[str, Any]]:
    done = call("gradcheck", "--donate", "out.json", *words)
    assert done.err == ""
    return done.out, json.loads(Path("out.json").read_text("utf-8"))


def test_an_entry_holds_what_it_says_and_nothing_else() -> None:
    path = written(COURSE_POOL.replace("SIGN", "="), "name_of_a_person.py")
    out, entry = donated("--function", path, "--op", "max_pool2d", "--cause", "= for +=")
    assert list(entry) == ["verdict", "op", "forward", "backward", "inputs", "params", "cause"]
    assert all(name in out for name in entry)
    assert "Nothing was sent" in " ".join(out.split())
    assert (entry["verdict"], entry["op"], entry["cause"]) == ("wrong", "max_pool2d", "= for +=")
    assert "dx[at] = won" in entry["backward"]
    assert entry["forward"].startswith("def forward(x, pool_param):")
    assert "windows" not in entry["forward"].splitlines()[0]
    assert list(entry["inputs"][0]) == ["shape", "dtype"]
    assert entry["inputs"][1]["stride"]
    text = Path("out.json").read_text("utf-8")
    assert "name_of_a_person" not in text
    assert str(Path.cwd()) not in text


def test_an_entry_of_a_right_program_without_a_cause() -> None:
    out, entry = donated("--function", relu_file(), "--op", "relu", "--json")
    assert json.loads(out)["ok"]
    assert entry["verdict"] == "right"
    assert "cause" not in entry


def test_functions_without_a_source_cannot_be_donated() -> None:
    written("import numpy as np\nforward = np.abs\nbackward = np.multiply\n")
    words = ("--function", "mine.py", "--op", "relu", "--donate", "out.json")
    assert_error(call("gradcheck", *words), "the source of absolute cannot be had")
    assert not Path("out.json").exists()

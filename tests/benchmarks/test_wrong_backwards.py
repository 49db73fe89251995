"""The benchmark of wrong backwards: its truth is true, its scorer counts, its peers answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.wrong_backwards import judging, score
from benchmarks.wrong_backwards.__main__ import main
from benchmarks.wrong_backwards.answer import Answer
from benchmarks.wrong_backwards.checkers import CHECKERS, ask, find
from benchmarks.wrong_backwards.peers import as_program
from benchmarks.wrong_backwards.programs import FOLDER, Subject, Truth, load, sets, truths
from tests.choice import mostly_thorough
from tests.documents import broken_links, run_python_blocks
from tests.numeric import dense_gradient

ALL = [(name, truth) for name in sets() for truth in truths(name)]
BY_PATH = {(name, truth.file): truth for name, truth in ALL}
SOME = ("02_dropout_net.py", "01_conv_by_name.py", "47_softmax_onehot_none.py", "35_embedding.py")
FIELDS = ("op", "style")
WRONG_FIELDS = ("kind", "argument", "line", "right_text", "cause", "rel_error")
LABELLED = [t.file for t in truths("a") if t.wrong]


def ids(value: Any) -> str:
    return value.file if isinstance(value, Truth) else str(value)


def truth_of(subject: Subject) -> Truth:
    return BY_PATH[subject.path.parent.name, subject.path.name]


def knows_all(subject: Subject) -> Answer:
    truth = truth_of(subject)
    if not truth.wrong:
        return Answer(True)
    return Answer(False, truth.argument[:1], truth.line[0], truth.cause)


def knows_nothing(_: Subject) -> Answer:
    return Answer(True)


def is_often_mistaken(subject: Subject) -> Answer:
    if truth_of(subject).wrong:
        return Answer(False, ("no such input",), 10_000)
    raise RuntimeError("cannot")


def silent(_: str) -> None:
    pass


def test_every_file_has_its_truth_and_the_other_way_round() -> None:
    for name in sets():
        listed = [truth.file for truth in truths(name)]
        assert sorted(listed) == sorted(path.name for path in (FOLDER / name).glob("*.py"))


@pytest.mark.parametrize("name", sets())
def test_the_truth_says_what_the_page_promises(name: str) -> None:
    for truth in truths(name):
        length = len((FOLDER / name / truth.file).read_text("utf-8").splitlines())
        fields = (*FIELDS, *WRONG_FIELDS) if truth.wrong else (*FIELDS, "note")
        assert [f for f in fields if not truth.entry.get(f)] == [], truth.file
        assert all(1 <= line <= length for line in truth.line), truth.file
    kinds = {truth.entry["kind"] for truth in truths(name) if truth.wrong}
    assert len(kinds) >= 15


@pytest.mark.parametrize(
    ("name", "truth"), mostly_thorough(ALL, lambda row: row[1].file in SOME), ids=ids
)
def test_what_is_said_of_a_gradient_is_true(name: str, truth: Truth) -> None:
    """By central differences of every number, along a drawn upstream gradient."""
    subject = load(name, truth)
    program, names = as_program(subject)
    y, cache = program.forward(*program.inputs)
    grad = np.random.default_rng(5).standard_normal(y.shape)
    wrong = set()
    given = program.backward(grad, cache)
    for place, (label, mine) in enumerate(zip(names, given, strict=True)):
        right = dense_gradient(program.out, program.inputs, place, grad)
        slack = 1e-7 * max(1.0, float(np.max(np.abs(right), initial=0.0)))
        fits = mine is not None and mine.shape == right.shape
        if not (fits and np.allclose(np.asarray(mine), right, rtol=1e-5, atol=slack)):
            wrong.add(label)
    assert wrong == set(truth.argument), truth.cause


def test_who_knows_all_scores_all() -> None:
    rows = list(score.answers(knows_all, "a", silent))
    assert score.count("a", rows) == {
        "wrong": 60, "rejected": 60, "passed": 0, "wrong_stopped": 0,
        "argument_named": 60, "argument_right": 60, "line_named": 60, "line_right": 60,
        "right": 25, "accused": 0, "right_stopped": 0,
    }  # fmt: skip


def test_who_knows_nothing_rejects_nothing() -> None:
    found = score.count("a", list(score.answers(knows_nothing, "a", silent)))
    assert (found["rejected"], found["passed"], found["accused"]) == (0, 60, 0)
    assert (found["argument_named"], found["line_named"]) == (0, 0)


def test_mistakes_and_stops_are_counted_apart() -> None:
    found = score.count("a", list(score.answers(is_often_mistaken, "a", silent)))
    assert (found["rejected"], found["argument_right"], found["line_right"]) == (60, 0, 0)
    assert (found["argument_named"], found["line_named"]) == (60, 60)
    assert (found["accused"], found["right_stopped"]) == (0, 25)


def test_an_argument_too_many_is_not_right() -> None:
    truth = next(t for t in truths("a") if t.wrong)
    row = score.row_of(truth.file, Answer(False, [*truth.argument, "another"]))
    others = [score.row_of(t.file, Answer(True)) for t in truths("a") if t is not truth]
    found = score.count("a", [row, *[r for r in others if r["file"] != truth.file]])
    assert (found["argument_named"], found["argument_right"]) == (1, 0)


# ------------------------------------------------------------------------------ the command


def test_a_checker_of_ones_own_by_module_and_function(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, pairs = tmp_path / "out.json", tmp_path / "pairs.md"
    name = f"{__name__}:knows_all"
    assert main(["--checker", name, "--set", "a", "--json", str(out)]) == 0
    said = capsys.readouterr().out
    assert "wrong programs rejected   60 of 60" in said
    assert "line right                60 of 60 named" in said
    assert json.loads(out.read_text("utf-8"))["checker"] == name
    assert main(["--read", str(out), "--pairs", str(pairs)]) == 0
    text = pairs.read_text("utf-8")
    for truth in truths("a"):
        assert (f"## {truth.file}\n" in text) == truth.wrong
        assert truth.cause in text


@pytest.mark.parametrize("name", ["nobody", "benchmarks.page"])
def test_an_unknown_checker_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--checker", name]) == 2
    assert "MODULE:FUNCTION" in capsys.readouterr().err


def test_labels_are_read_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = tmp_path / "answers.json"
    rows = list(score.answers(knows_all, "a", silent))
    answers.write_text(json.dumps({"checker": "x", "set": "a", "versions": {}, "answers": rows}))
    paths = []
    for number, labels in enumerate((["right"] * 60, ["right"] * 45 + ["half"] * 15)):
        paths.append(tmp_path / f"judge{number}.jsonl")
        lines = [json.dumps({"file": f, "label": k}) for f, k in zip(LABELLED, labels, strict=True)]
        paths[-1].write_text("\n".join(lines))
    assert main(["--read", str(answers), "--labels", *map(str, paths), "--json", str(answers)]) == 0
    said = capsys.readouterr().out
    assert "judge 2   right 45, half 15, none 0" in said
    assert "they agree on 75 %, kappa 0.00" in said  # one who says right always agrees by chance
    assert len(json.loads(answers.read_text("utf-8"))["labels"]) == 2


@pytest.mark.parametrize(
    ("lines", "part"),
    [
        ([{"file": f, "label": "right"} for f in LABELLED[1:]], f"no label for {LABELLED[0]}"),
        ([{"file": f, "label": "good"} for f in LABELLED], "labels must be among right, half"),
    ],
)
def test_labels_of_no_use_are_refused(
    lines: list[dict[str, str]], part: str, tmp_path: Path
) -> None:
    path = tmp_path / "judge.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(ValueError, match=part):
        judging.read_labels(path, "a")


def test_kappa_of_a_known_table() -> None:
    """Two raters, 50 cases: 20 and 15 alike, 5 and 10 not; agreement 0.7, by chance 0.5."""
    pairs = [("right", "right")] * 20 + [("right", "none")] * 5
    pairs += [("none", "right")] * 10 + [("none", "none")] * 15
    first = {str(n): one for n, (one, _) in enumerate(pairs)}
    second = {str(n): two for n, (_, two) in enumerate(pairs)}
    found = judging.judged([first, second])
    assert found["agree"] == pytest.approx(0.7)
    assert found["kappa"] == pytest.approx(0.4)
    assert found["both"]["right"] == 20
    assert found["counts"][1]["right"] == 30


# --------------------------------------------------------------------- minin and the peers


def answer(checker: str, file: str) -> Answer:
    return ask(find(checker), load("a", BY_PATH["a", file]))


def asked(checker: str) -> None:
    wrong = answer(checker, SOME[0])
    assert not wrong.ok
    assert wrong.words
    assert set(wrong.argument) <= set(BY_PATH["a", SOME[0]].argument)
    for file in SOME[1:3]:
        assert answer(checker, file).ok


def test_minin_answers() -> None:
    asked("minin")
    assert answer("minin", SOME[0]).argument == ("x", "W", "b")


@pytest.mark.peers("torch")
def test_pytorch_answers() -> None:
    asked("torch")
    assert answer("torch", SOME[0]).argument == ("x",)


@pytest.mark.peers("jax")
def test_jax_answers() -> None:
    asked("jax")


@pytest.mark.peers("autograd")
def test_hips_answers() -> None:
    asked("autograd")


def test_labels_in_floats_are_no_arguments_of_a_peers_function() -> None:
    subject = load("a", BY_PATH["a", "47_softmax_onehot_none.py"])
    program, names = as_program(subject)
    assert len(names) < sum(isinstance(x, np.ndarray) for x in subject.inputs)
    assert len(program.inputs) == len(names)


def test_the_page_of_the_benchmark_holds() -> None:
    page = FOLDER / "README.md"
    assert run_python_blocks(page.read_text("utf-8"), "README.md") == 1
    assert broken_links(page, FOLDER.parents[1]) == []
    assert all(name in page.read_text("utf-8") for name in CHECKERS)


@pytest.mark.parametrize(
    "checker", [pytest.param(n, marks=pytest.mark.peers(n)) for n in ("torch", "jax", "autograd")]
)
def test_what_is_recorded_of_a_peer_happens_again(checker: str) -> None:
    text = (FOLDER / "results" / f"{checker}-a.json").read_text("utf-8")
    recorded = {row["file"]: row for row in json.loads(text)["answers"]}
    assert sorted(recorded) == sorted(truth.file for truth in truths("a"))
    for file in SOME:
        found = answer(checker, file)
        row = recorded[file]
        assert (found.ok, list(found.argument)) == (row["ok"], row["argument"]), file

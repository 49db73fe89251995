"""The page is what the results say, and every number on it names its file."""

from __future__ import annotations

import json
import re
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from benchmarks import page as page_file
from benchmarks.harness.record import RESULTS, SCHEMA, read_all
from benchmarks.harness.summary import summarise
from benchmarks.page import PAGE, PICTURES, main, page
from benchmarks.report import alone
from benchmarks.report.sections import SECTIONS, picture_name
from tests.benchmarks.fakes import answered, captured
from tests.choice import THOROUGH
from tests.documents import broken_links

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = json.loads(SCHEMA.read_text("utf-8"))["properties"]["question"]["enum"]
# Enough to have ratios on the page, with minin and NumPy alone.
ARGUMENTS = {
    "training_step": ["--peers", "minin", "--rules", "plain"],
    "inference": ["--peers", "minin", "--rules", "plain"],
    "old_frameworks": ["--peers", "minin", "--rules", "plain"],
    "threads": ["--workers", "1", "2"],
    "batches": ["--peers", "minin", "--batches", "2", "16"],
    "engine_overhead": ["--peers", "numpy"],
    "loader_share": [],
}
NEEDS_A_GPU = "gpu_step"
MEASURED = QUESTIONS if THOROUGH else ["training_step", "memory"]
A_RESULT = re.compile(r"\]\(results/((?!schema)[\w-]+\.json)\)")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Measure questions on the smallest network, in a folder of its own."""
    folder = tmp_path_factory.mktemp("results")
    with pytest.MonkeyPatch.context() as patch:
        for name in MEASURED:
            if name == NEEDS_A_GPU:
                continue
            script = import_module(f"benchmarks.{name}")
            argv = ["--smoke", *ARGUMENTS.get(name, ["--peers", "minin"])]
            question, only = captured(script.main, argv, patch)
            assert answered(question, folder, only=only) == 0
    return folder


# ---- the page that is published -------------------------------------------------------


def test_the_page_is_what_the_results_make() -> None:
    assert PAGE.read_text("utf-8") == page(RESULTS), "run python -m benchmarks.page"


def test_links_of_the_page_lead_somewhere() -> None:
    assert broken_links(PAGE, ROOT) == []


def test_there_is_a_picture_for_every_result_that_has_one() -> None:
    wanted = {picture_name(file) for one in SECTIONS if one.picture for file in read_all(one.name)}
    assert {path.name for path in PICTURES.glob("*.svg")} == wanted


def test_there_is_a_section_for_every_question() -> None:
    assert [one.name for one in SECTIONS] == QUESTIONS


# ---- a page of small results ----------------------------------------------------------


def test_without_results_the_page_says_so(tmp_path: Path) -> None:
    text = page(tmp_path)
    for name in QUESTIONS:
        assert f"Not measured yet. `python -m benchmarks.{name}` does." in text
    assert not A_RESULT.search(text)


@pytest.mark.thorough
def test_with_results_it_has_numbers_for_every_question(results: Path) -> None:
    text = page(results)
    assert text.count("Not measured yet") == 1
    assert f"Not measured yet. `python -m benchmarks.{NEEDS_A_GPU}` does." in text
    assert {path.name for path in results.glob("*.json")} == set(A_RESULT.findall(text))


def lines_of_sections(text: str) -> list[str]:
    """Return the lines below the last heading that explains."""
    return text[text.index(f"## {SECTIONS[0].title}") :].splitlines()


@pytest.mark.thorough
def test_every_claim_names_a_result_that_is_there(results: Path) -> None:
    claims = [line for line in lines_of_sections(page(results)) if line.startswith("- ")]
    assert len(claims) >= 6
    for line in claims:
        (file,) = A_RESULT.findall(line)
        assert (results / file).exists()
        assert line.endswith(f"([{file}](results/{file}))")


def test_numbers_stand_in_tables_and_claims_below_a_result(results: Path) -> None:
    named = ""
    for line in lines_of_sections(page(results)):
        if line.startswith("#"):
            named = named if line.startswith("### ") else ""
        named = named or "".join(A_RESULT.findall(line))
        if re.search(r"\d", line) and not line.startswith(("#", "![")) and not named:
            # Only what a section asks for may have numbers without a result.
            assert any(line == one.about for one in SECTIONS), line


def test_the_tables_have_the_numbers_of_the_rounds(results: Path) -> None:
    (record,) = read_all("training_step", results).values()
    (part,) = record["parts"]
    (ratio,) = part["ratios"]
    low, high = ratio["values"]["quartiles"]
    text = page(results)
    assert f"| {ratio['values']['median']:.2f} ({low:.2f} to {high:.2f}) |" in text
    assert "52,394 parameters" in text
    assert f"{record['protocol']['rounds']} rounds after 1 to warm up" in text


def test_the_claim_is_about_the_best_of_the_others(results: Path, tmp_path: Path) -> None:
    text = (results / "training_step-test.json").read_text("utf-8")
    record = json.loads(text)
    (part,) = record["parts"]
    assert "which has the least of the others" not in page(results)  # only its own variant
    for name, factor in (("slow", 3), ("fast", 2)):
        other = json.loads(json.dumps(part["peers"][0])) | {"name": name}
        part["peers"].append(other)
        values = other["measures"]["step"]["values"]
        other["measures"]["step"]["values"] = summarise([factor * x for x in values["rounds"]])
        ratio = {"peer": "minin", "against": name, "measure": "step"}
        part["ratios"].append(ratio | {"values": summarise([1 / factor] * 5)})
    part["skipped"] = [{"name": "jax", "reason": "not here"}]
    (tmp_path / "training_step-test.json").write_text(json.dumps(record), "utf-8")
    made = page(tmp_path)
    claims = [line for line in made.splitlines() if "the least of the others" in line]
    assert claims == [
        "- nin-digits, batch 4, training: the time of minin is 0.50 (0.50 to 0.50) times that of "
        "fast, which has the least of the others. "
        "([training_step-test.json](results/training_step-test.json))"
    ]
    assert made.count("Not measured: jax, not here.") == 1


def test_shares_of_floors_are_taken_round_by_round() -> None:
    def measured(name: str, measures: dict[str, list[float]]) -> Any:
        return {
            "name": name,
            "measures": {
                key: {"values": {"rounds": rounds, "median": 0}} for key, rounds in measures.items()
            },
        }

    part = {
        "facts": {
            "ceilings": {"matrix product": {"flops": 100}, "copy": {"bytes": 10}},
            "layers": [
                {"measure": "0 forward", "layer": "0 conv", "flops": 1000, "bytes": 1},
                {"measure": "1 forward", "layer": "1 pool", "flops": 0, "bytes": 40},
            ],
        },
        "peers": [
            measured("minin", {"0 forward": [20.0, 40.0] * 3, "1 forward": [8.0, 16.0] * 3}),
            measured("ceilings", {"matrix product": [1.0, 2.0] * 3, "copy": [1.0, 2.0] * 3}),
        ],
    }
    # Every second round the whole machine is half as fast: the shares stay.
    assert alone.floors(part)["0 forward"] == [10.0, 20.0] * 3
    assert alone.floors(part)["1 forward"] == [4.0, 8.0] * 3
    assert alone.shares(part) == {"0 forward": 0.5, "1 forward": 0.5}


def test_a_stopped_run_is_not_on_the_page(results: Path, tmp_path: Path) -> None:
    shutil.copy(results / "memory-test.json", tmp_path / "memory-test.incomplete.json")
    assert page(tmp_path) == page(tmp_path / "empty")


def test_a_file_that_is_no_result_makes_no_page(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = json.loads((results / "memory-test.json").read_text("utf-8"))
    record["protocol"]["rounds"] = 1
    (tmp_path / "memory-test.json").write_text(json.dumps(record), "utf-8")
    target = tmp_path / "README.md"
    assert main([], tmp_path, target, tmp_path) == 1
    assert "memory-test.json is not a result" in capsys.readouterr().err
    assert not target.exists()


def test_two_machines_stand_below_each_other(results: Path, tmp_path: Path) -> None:
    record = json.loads((results / "memory-test.json").read_text("utf-8"))
    for name in ("one", "two"):
        record["machine"] |= {"name": name, "processor": f"Processor {name}"}
        (tmp_path / f"memory-{name}.json").write_text(json.dumps(record), "utf-8")
    text = page(tmp_path)
    assert text.index("### Processor one") < text.index("### Processor two")


@pytest.mark.thorough
@pytest.mark.plots
def test_the_command_writes_page_and_pictures(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target, pictures = tmp_path / "README.md", tmp_path / "pictures"
    assert main(["--check"], results, target, pictures) == 1
    assert main([], results, target, pictures) == 0
    assert target.read_text("utf-8") == page(results)
    assert main(["--check"], results, target, pictures) == 0
    drawn = [one.name for one in SECTIONS if one.picture and one.name != NEEDS_A_GPU]
    wanted = {f"{name}-test.svg" for name in drawn}
    first = {path.name: path.read_bytes() for path in pictures.iterdir()}
    assert set(first) == wanted
    assert set(re.findall(r"\(pictures/([\w-]+\.svg)\)", page(results))) == wanted
    assert main([], results, target, pictures) == 0
    assert {path.name: path.read_bytes() for path in pictures.iterdir()} == first
    assert "7 pictures" in capsys.readouterr().out


def test_without_matplotlib_there_is_a_page_and_a_hint(
    results: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def missing(*_: Any) -> Any:
        raise ImportError("No module named 'matplotlib'")

    monkeypatch.setattr(page_file, "draw", missing)
    assert main([], results, tmp_path / "README.md", tmp_path) == 1
    assert "pip install 'matplotlib>=3.8'" in capsys.readouterr().err
    assert (tmp_path / "README.md").exists()

"""Every script runs: a smoke run of each, its help, and as a module."""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.harness.record import RESULTS, SCHEMA
from benchmarks.threads import counts
from tests.architecture import imports, package_sources
from tests.benchmarks.fakes import answered, captured
from tests.choice import mostly_thorough

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = json.loads(SCHEMA.read_text("utf-8"))["properties"]["question"]["enum"]


def script(name: str) -> ModuleType:
    return import_module(f"benchmarks.{name}")


def files() -> list[str]:
    return sorted(path.name for path in RESULTS.iterdir())


@pytest.mark.parametrize("name", mostly_thorough(QUESTIONS, lambda n: n == "engine_overhead"))
def test_a_smoke_run_with_minin_alone(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = files()
    assert script(name).main(["--smoke", "--peers", "minin"]) == 0
    said = capsys.readouterr().out
    assert f"smoke run of {name}" in said
    assert "it has no numbers" in said
    assert "skipped" not in said or name == "gpu_step"
    assert files() == before


@pytest.mark.peers
def test_a_smoke_run_with_pytorch(capsys: pytest.CaptureFixture[str]) -> None:
    assert script("training_step").main(["--smoke", "--peers", "torch"]) == 0
    assert "ran minin, torch-default, torch-channels-last" in capsys.readouterr().out


@pytest.mark.peers("autograd", "mygrad")
def test_a_smoke_run_with_all_engines(capsys: pytest.CaptureFixture[str]) -> None:
    assert script("engine_overhead").main(["--smoke"]) == 0
    assert "ran minin, autograd, mygrad, numpy" in capsys.readouterr().out


def test_who_is_not_installed_is_listed_with_the_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert script("old_frameworks").main(["--smoke", "--peers", "chainer"]) == 0
    said = capsys.readouterr().out
    assert "ran minin, chainer" in said or "skipped chainer: No module named 'chainer'" in said


@pytest.mark.parametrize("name", [*QUESTIONS, "page"])
def test_every_script_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        script(name).main(["--help"])
    assert ended.value.code == 0
    assert f"python -m benchmarks.{name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "argv"),
    [
        ("training_step", ["--networks", "nin-atlantis"]),
        ("training_step", ["--rules", "guess"]),
        ("threads", ["--workers", "0"]),
        ("batches", ["--batches", "none"]),
        ("memory", ["--peers", "jax"]),
        ("page", ["--loud"]),
    ],
)
def test_a_wrong_argument_is_an_error(
    name: str, argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        script(name).main(argv)
    assert ended.value.code == 2
    assert argv[0] in capsys.readouterr().err or argv[1] in capsys.readouterr().err


@pytest.mark.parametrize("name", [*QUESTIONS, "page"])
def test_every_script_is_a_module_that_can_be_run(name: str) -> None:
    text = (ROOT / "benchmarks" / f"{name}.py").read_text("utf-8")
    assert text.endswith('if __name__ == "__main__":\n    sys.exit(main())\n')


def test_a_script_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.engine_overhead", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "usage: python -m benchmarks.engine_overhead" in done.stdout


def test_minin_imports_nothing_from_the_benchmarks() -> None:
    sources = package_sources(ROOT)
    for module, source in sources.items():
        targets = {found.target.split(".")[0] for found in imports(module, source, sources)}
        assert "benchmarks" not in targets, module


def test_peers_are_imported_only_where_they_run() -> None:
    # Every module of the harness and of the networks can be read without any library there.
    code = (
        "import sys, importlib, pathlib\n"
        "for path in pathlib.Path('benchmarks').rglob('*.py'):\n"
        "    name = '.'.join(path.with_suffix('').parts).removesuffix('.__init__')\n"
        "    importlib.import_module(name)\n"
        "named = {'torch', 'jax', 'tinygrad', 'chainer', 'dezero', 'autograd', 'mygrad'}\n"
        "print(sorted(named & set(sys.modules)), 'matplotlib' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] False"


def modules() -> list[str]:
    paths = sorted((ROOT / "benchmarks").rglob("*.py"))
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths)
    return [name.removesuffix(".__init__") for name in names]


@pytest.mark.parametrize("module", modules())
def test_examples_are_true(module: str) -> None:
    assert doctest.testmod(import_module(module)).failed == 0


@pytest.mark.parametrize(
    ("cores", "workers"), [(1, [1]), (2, [1, 2]), (6, [1, 2, 4, 6]), (16, [1, 2, 4, 8, 16])]
)
def test_workers_double_up_to_all_cores(cores: int, workers: list[int]) -> None:
    assert counts(cores) == workers


def test_without_a_gpu_there_is_no_result_for_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    question, only = captured(script("gpu_step").main, ["--smoke", "--peers", "minin"], monkeypatch)
    assert answered(question, tmp_path, only=only) == 1
    assert "too few are there" in capsys.readouterr().err
    assert list(tmp_path.glob("*.json")) == []

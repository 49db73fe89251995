"""What is no ordinary file is refused by every reader and command, and nobody waits for it.

A pipe without a writer keeps a reader for ever, and /dev/zero never ends. The calls run in a
process of their own that an alarm ends, so that a failure is a failure and no standstill.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 10  # for one call, which takes a hundredth of one
# Each line names one place, a/b, where something lies that is no ordinary file.
READERS = """
minin.load(nn.Linear(2, 2), "a/b.safetensors")
weights.open("a/b.safetensors")
read_arrays("a/b.safetensors", "anything")
train.load_run("a/b")
train.read_recipe("a/b.toml")
train.find_recipe("a/b.toml")
bench.read_record("a/b.json")
read_idx("a/b")
read_svhn(Path("a/b.mat"))
read_file(Path("a/b.bin"), 100, "")
read_members(Path("a/b.tar.gz"), {}, "")
digest_of(Path("a/b"))
fetch_file(SOURCES["mnist"].files[0], (), Path("a/train-images-idx3-ubyte.gz").parent)
fetch_file(File("x", 5, ""), ("http://127.0.0.1:9/",), Path("a/x.part").parent)
data.load("mnist", Path("a/train-images-idx3-ubyte.gz").parent)
data.from_folder(Path("a/b.png").parent.parent)
exercise_of("a/1_im2col.py")
solved("a/1_im2col.py")
read_images("a/b.png", SOURCE)
read_images("a/b.npy", SOURCE)
write_atomically("a/b", b"")
read_torch("a/b.pt")
weights.read_foreign("a/b.pkl")
"""
COMMANDS = """
predict a/b --index 0
predict a/b.safetensors --index 0
evaluate a/b
evaluate a/b.safetensors
gradcheck --function a/b.py:forward,backward
learn check a/1_im2col.py
learn check a/1_im2col.py --exercise im2col
learn hint a/1_im2col.py
train --recipe a/b.toml --out new
train --epochs 1 --data mnist --data-root a/b --out new
bench --compare a/b.json a/b.json
data check a/b
convert a/b.pt new.safetensors
convert a/b.safetensors new.onnx
"""
PROGRAM = f"""
import json, os, signal, sys
from pathlib import Path
import minin
from minin import bench, data, models, nn, train, weights
from minin.files import read_arrays, write_atomically
from minin.cli import main
from minin.cli.pictures import read_images
from minin.data.archive import read_members
from minin.data.cifar import read_file
from minin.data.fetch import digest_of, fetch_file
from minin.data.idx import read_idx
from minin.data.sources import SOURCES, File
from minin.data.svhn import read_svhn
from minin.errors import DataError
from minin.files.torch_zip import read_torch
from minin.exercises.runner import check_file, exercise_of

SOURCE = train.Source("digits", (1, 8, 8), tuple("0123456789"), 16, None)

def solved(path):
    outcome, _ = check_file(path, "im2col", seconds=5)
    if "no ordinary file" in outcome.text:
        raise DataError(outcome.text)

for call, folder in json.load(sys.stdin):
    os.chdir(folder)
    signal.alarm({SECONDS})  # nobody handles it: it ends the process
    try:
        answer = eval(call)
    except Exception as error:
        answer = [type(error).__name__, str(error)]
    print(json.dumps([call, answer]), file=sys.__stdout__, flush=True)
"""


def put(kind: str, path: Path) -> None:
    """Put something at a path that is no ordinary file."""
    path.parent.mkdir(parents=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    else:
        home = Path.cwd()
        os.chdir(path.parent)  # a socket's path may have a hundred letters
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
        os.chdir(home)


def place(call: str) -> str:
    """Find the place that a call names."""
    return next(word for word in call.replace('"', " ").replace(":f", " ").split() if "a/" in word)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes among its files")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "socket"])
def test_it_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    calls = READERS.strip().splitlines()
    calls += [f"main({line.split()!r})" for line in COMMANDS.strip().splitlines()]
    job = []
    for number, call in enumerate(calls):
        put(kind, tmp_path / str(number) / place(call))
        job.append([call, str(tmp_path / str(number))])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=SECONDS * len(calls),
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('["')]
    for number, call in enumerate(calls):
        assert number < len(lines), f"{call} hung, or ended the process: {done.stderr[-500:]}"
        assert lines[number][0] == call
        answer = lines[number][1]
        assert answer == 2 if call.startswith("main(") else answer, (call, answer)
        if not call.startswith("main("):
            assert answer[0] in ("DataError", "OSError", "IsADirectoryError"), (call, answer)

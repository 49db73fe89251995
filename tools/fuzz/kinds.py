"""The kinds of files that minin reads: for each a right specimen, a reader, and its own tricks.

A kind more is one entry of `KINDS`.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from unittest import mock

import numpy as np

import minin
from minin import data, models, weights
from minin.train import checkpoint
from minin.train.recipe import read_recipe
from tests.data import writers
from tests.data.idx_writer import write_set
from tests.weights import torch_files
from tools.fuzz import forge, forge_own
from tools.fuzz.mutate import PACKED, PLAIN, Mutation

Files = dict[str, bytes]
Trick = Callable[[np.random.Generator, Path], None]


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    Attributes:
        name: what the report calls it.
        write: writes right files into a folder.
        read: reads them as a user would.
        mutations: ways to damage one of the files.
        tricks: ways to forge files, or to disorder the folder, that know the format.
        most_mib: memory that reading may take beyond what was in use before.
    """

    name: str
    write: Callable[[Path], object]
    read: Callable[[Path], object]
    mutations: tuple[Mutation, ...] = PLAIN
    tricks: tuple[Trick, ...] = field(default=())
    most_mib: int = 128


def specimen(kind: Kind) -> Files:
    """Give the right files of a kind, by their paths."""
    with tempfile.TemporaryDirectory() as folder:
        kind.write(Path(folder))
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        }


def _cifar10(folder: Path) -> None:
    for name, content in writers.cifar_files("cifar10", count=2).items():
        (folder / name).write_bytes(content)


def _archive(folder: Path) -> None:
    name = "cifar-100-binary.tar.gz"
    (folder / name).write_bytes(writers.cifar_archive("cifar100"))


def _svhn(packed: bool) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        writers.write_svhn(folder / "train_32x32.mat", 3, packed=packed)
        writers.write_svhn(folder / "test_32x32.mat", 3, packed=packed)

    return write


def _digits(folder: Path) -> None:
    content = resources.files("minin.data").joinpath("digits.npz").read_bytes()
    (folder / "digits.npz").write_bytes(content)


def _read_digits(folder: Path) -> None:
    with mock.patch.object(resources, "files", return_value=folder):
        data.load("digits")


def _weights(folder: Path) -> None:
    minin.save(models.build("nin-digits", rng=0), folder / "net.safetensors")


@functools.cache
def _network() -> models.Network:
    return models.build("nin-digits", rng=0)


def _read_weights(folder: Path) -> None:
    minin.load(_network(), folder / "net.safetensors")


def _open_weights(folder: Path) -> None:
    weights.open(folder / "net.safetensors")


def _torch(folder: Path) -> None:
    content = torch_files.torch_file(_network().state_dict())
    (folder / "net.pt").write_bytes(content)


def _malicious(rng: np.random.Generator, folder: Path) -> None:
    """Put a file in its place that would run something, or break its reader."""
    content, _ = forge.pick(rng, list(torch_files.MALICIOUS.values()))
    (folder / "net.pt").write_bytes(content)


def _idx(packed: bool) -> Callable[[Path], object]:
    return functools.partial(write_set, packed=packed)


def _read(name: str) -> Callable[[Path], object]:
    return functools.partial(data.load, name)


KINDS: tuple[Kind, ...] = (
    Kind("IDX", _idx(False), _read("mnist"), PLAIN, forge.PLACES),
    Kind("IDX, gzip", _idx(True), _read("fashion-mnist"), PACKED, forge.PLACES),
    Kind("CIFAR, folder", _cifar10, _read("cifar10"), PLAIN, forge.PLACES),
    Kind("CIFAR, tar.gz", _archive, _read("cifar100"), PACKED, (*forge.ARCHIVES, *forge.PLACES)),
    Kind("SVHN, packed", _svhn(True), _read("svhn"), PLAIN, (*forge.MATLAB, *forge.PLACES)),
    Kind("SVHN, plain", _svhn(False), _read("svhn"), PLAIN, (*forge.MATLAB, *forge.PLACES)),
    Kind(
        "folder of pictures",
        writers.write_pictures,
        data.from_folder,
        PLAIN,
        (*forge.PICTURES, *forge.PLACES),
        most_mib=512,  # one picture of 2**26 pixels is allowed
    ),
    Kind("bundled digits", _digits, _read_digits),
    Kind("weights, into a network", _weights, _read_weights, PLAIN, forge_own.WEIGHTS),
    Kind("weights, a network of its own", _weights, _open_weights, PLAIN, forge_own.WEIGHTS),
    Kind(
        "PyTorch's state_dict",
        _torch,
        lambda folder: weights.read_foreign(folder / "net.pt"),
        PLAIN,
        (_malicious, *forge.PLACES),
    ),
    Kind(
        "recipe",
        forge_own.write_recipe,
        lambda folder: read_recipe(folder / "recipe.toml"),
        PLAIN,
        forge_own.RECIPES,
    ),
    Kind(
        "checkpoint",
        forge_own.write_checkpoint,
        lambda folder: checkpoint.read(folder / "checkpoint.safetensors"),
        PLAIN,
        forge_own.CHECKPOINTS,
    ),
)

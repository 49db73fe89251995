"""Files of the other formats for tests, written by their descriptions and not by minin."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDERS = {"cifar10": "cifar-10-batches-bin", "cifar100": "cifar-100-binary"}


def cifar_bytes(labels: npt.NDArray[Any], images: npt.NDArray[Any], coarse: bool) -> bytes:
    """Give the records of labels (N,) and images (N, 3, 32, 32)."""
    parts = []
    for label, image in zip(labels, images, strict=True):
        head = bytes([3, int(label)]) if coarse else bytes([int(label)])
        parts.append(head + image.astype(np.uint8).tobytes())
    return b"".join(parts)


def cifar_files(name: str, count: int = 4, names: bool = True) -> dict[str, bytes]:
    """Give the files of a small set, each of ``count`` records."""
    rng = np.random.default_rng(5)
    coarse = name == "cifar100"
    classes = 100 if coarse else 10

    def batch(first: int) -> bytes:
        labels = (np.arange(count) + first) % classes
        return cifar_bytes(labels, rng.integers(0, 256, (count, 3, 32, 32)), coarse)

    if coarse:
        files = {"train.bin": batch(90), "test.bin": batch(0)}
    else:
        files = {f"data_batch_{n}.bin": batch(n) for n in range(1, 6)}
        files["test_batch.bin"] = batch(0)
    if names:
        words = "".join(f"class {n}\n" for n in range(classes))
        files["fine_label_names.txt" if coarse else "batches.meta.txt"] = words.encode() + b"\n"
    return files


def tar_bytes(members: list[tuple[tarfile.TarInfo | str, bytes]], mode: str = "w:gz") -> bytes:
    """Give an archive of members by name, or by a header of one's own."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for member, content in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            if info.isreg():
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content) if info.isreg() else None)
    return buffer.getvalue()


def cifar_archive(name: str, files: dict[str, bytes] | None = None) -> bytes:
    """Give the archive of a small set, with a folder and a stranger inside."""
    folder = tarfile.TarInfo(FOLDERS[name])
    folder.type = tarfile.DIRTYPE
    files = cifar_files(name) if files is None else files
    members: list[tuple[tarfile.TarInfo | str, bytes]] = [(folder, b"")]
    members += [(f"{FOLDERS[name]}/readme.html", b"<p>")]
    members += [(f"{FOLDERS[name]}/{file}", content) for file, content in files.items()]
    return tar_bytes(members)


def write_svhn(path: Path, count: int = 12, packed: bool = True, **changes: Any) -> None:
    """Write a small half of SVHN; ``changes`` replaces variables, None leaves one out."""
    from scipy.io import savemat

    rng = np.random.default_rng(6)
    variables: dict[str, Any] = {
        "X": rng.integers(0, 256, (32, 32, 3, count), dtype=np.uint8),
        "y": (np.arange(count, dtype=np.uint8) % 10 + 1)[:, None],
    } | changes
    kept = {name: value for name, value in variables.items() if value is not None}
    savemat(path, kept, do_compression=packed)


def write_pictures(
    folder: Path, classes: tuple[str, ...] = ("cat", "dog"), count: int = 5, size: int = 8
) -> list[Path]:
    """Write a folder of small grey pictures, PNG and JPEG by turns."""
    from PIL import Image

    rng = np.random.default_rng(7)
    paths = []
    for name in classes:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            path = folder / name / f"{number}.{('png', 'jpg')[number % 2]}"
            pixels = rng.integers(0, 256, (size, size), dtype=np.uint8)
            Image.fromarray(pixels).save(path)
            paths.append(path)
    return paths

"""PyTorch's files of parameters, as `torch.save` writes them, read without running anything.

Such a file is a zip archive of data.pkl, a pickle, and data/0, data/1 ..., the numbers of each
storage. A pickle is a program, and Python's own reader lets it call whatever it names. Here
`pickletools` only takes the program apart; the instructions that a state_dict needs are done on
plain data, and at any other, or any other name, reading ends.
"""

from __future__ import annotations

import math
import pickletools
import zipfile
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from minin.errors import DataError
from minin.files.arrays import Arrays, PathLike
from minin.files.ordinary import open_file

LONGEST = 1 << 24  # bytes of the pickle; that of a thousand parameters has some 200,000
STORAGES = {"Double": "<f8", "Float": "<f4", "Half": "<f2", "Long": "<i8", "Int": "<i4"}
KINDS = {f"torch {name}Storage": dtype for name, dtype in STORAGES.items()}
DICT, TENSOR = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
VALUES = {"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE"}


class _Name(NamedTuple):
    """What the pickle names; it is never looked up anywhere."""

    name: str


_MARK = _Name("mark")


def read_torch(path: PathLike) -> Arrays:
    """Read the arrays of a state_dict, in its order; nothing in the file is run.

    Args:
        path: a file that ``torch.save(net.state_dict(), path)`` wrote, PyTorch 1.6 or later.

    Raises:
        DataError: if the file is missing, damaged, or holds anything but a state_dict.
    """
    try:
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            return _arrays(_Machine(archive, file.seek(0, 2)).run())
    except (zipfile.BadZipFile, EOFError) as error:
        said = f"it is no whole zip archive ({error}), as PyTorch writes since 1.6"
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error}. Name another file") from error
    except DataError as error:
        said = str(error)
    except (ValueError, TypeError, LookupError, ArithmeticError, RuntimeError) as error:
        said = f"it is damaged ({error!r:.80})"  # whatever readers say of broken bytes
    raise DataError(
        f"{path} is refused: {said}. minin reads a state_dict and runs nothing; in PyTorch, save"
        " one with torch.save(net.state_dict(), path)"
    )


def _arrays(tree: Any) -> Arrays:
    """Take the arrays out of what was read; some programs keep other things beside them."""
    for key in ("state_dict", "model_state_dict"):
        if isinstance(tree, dict) and isinstance(tree.get(key), dict):
            tree = tree[key]
    if not isinstance(tree, dict) or not tree:
        raise DataError("it holds no state_dict")
    for name, value in tree.items():
        if not isinstance(name, str) or not isinstance(value, np.ndarray):
            raise DataError(f"{name!r:.60} is no array but a {type(value).__name__}")
    return tree


class _Machine:
    """The stack on which a pickle works, for a few of its instructions."""

    def __init__(self, archive: zipfile.ZipFile, length: int) -> None:
        self.archive, self.members = archive, _members(archive, length)
        self.room = 4 * length  # bytes; tensors may share numbers, but not make a bomb of them
        self.storages: dict[str, npt.NDArray[Any]] = {}
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        """Follow the pickle to its end, and return what it leaves on the stack."""
        if "byteorder" in self.members and self.read("byteorder") != b"little":
            raise DataError("its numbers are big-endian")
        for code, value, _ in pickletools.genops(self.read("data.pkl", LONGEST)):
            if code.name in VALUES or code.name in CONSTANTS:
                self.stack.append(CONSTANTS.get(code.name, value))
            elif code.name in STEPS:
                STEPS[code.name](self, value)
            else:
                raise DataError(f"its pickle has the instruction {code.name}")
        (tree,) = self.stack
        return tree

    def read(self, name: str, longest: float = math.inf) -> bytes:
        """Read a member of the archive."""
        if name not in self.members or self.members[name].file_size > longest:
            raise DataError(f"it has no {name!r:.60}, or one longer than {longest:,} bytes")
        return self.archive.read(self.members[name])

    def pop(self, count: int) -> list[Any]:
        """Take the uppermost values off the stack."""
        items = self.stack[-count:]
        if len(items) < count or any(item is _MARK for item in items):
            raise DataError("its pickle takes more than is there")
        del self.stack[-count:]
        return items

    def to_mark(self) -> list[Any]:
        """Take all above the last mark off the stack, and the mark."""
        items: list[Any] = []
        while (item := self.stack.pop()) is not _MARK:
            items.append(item)
        return items[::-1]

    def extend(self, items: list[Any]) -> None:
        """Put items into the list or dict that is uppermost now."""
        target = self.stack[-1]
        if type(target) is list:
            target.extend(items)
        elif type(target) is dict and all(type(key) in (str, int) for key in items[::2]):
            target.update(zip(items[::2], items[1::2], strict=True))  # other keys hash for hours
        else:
            raise DataError(f"its pickle fills a {type(target).__name__}, or with other keys")

    def name(self, name: str) -> None:
        """Let a name pass that a state_dict has."""
        if name not in (DICT, TENSOR, *KINDS):
            raise DataError(f"its pickle names {name.replace(' ', '.')!r:.80}")
        self.stack.append(_Name(name))

    def store(self, word: Any, kind: Any, key: Any, _: Any, count: Any) -> None:
        """Read the numbers that a persistent id names."""
        known = word == "storage" and isinstance(kind, _Name) and kind.name in KINDS
        if not known or type(key) is not str:
            raise DataError("its pickle has a persistent id that is no storage")
        dtype = np.dtype(KINDS[kind.name])
        if key not in self.storages:
            self.storages[key] = np.frombuffer(self.read(f"data/{key}"), dtype)
        if self.storages[key].dtype != dtype or self.storages[key].size != count:
            raise DataError(f"storage {key!r:.60} has another size or type than its pickle says")
        self.stack.append(self.storages[key])

    def call(self, function: Any, args: Any) -> None:
        """Make what the two known functions make; no other is there."""
        name = function.name if isinstance(function, _Name) else ""
        if name == DICT and args == ():
            self.stack.append({})
        elif name == TENSOR and type(args) is tuple:
            self.stack.append(self.tensor(*args))
        else:
            raise DataError("its pickle calls what makes no tensor")

    def tensor(self, numbers: Any, offset: int, size: Any, steps: Any, *_: Any) -> Any:
        """Cut a tensor out of its numbers."""
        parts = [offset, *size, *steps]
        if type(numbers) is not np.ndarray or any(type(n) is not int or n < 0 for n in parts):
            raise DataError("its pickle makes a tensor of an impossible shape")
        count = math.prod(size)
        last = offset + sum((n - 1) * step for n, step in zip(size, steps, strict=True))
        self.room -= count * numbers.itemsize
        if self.room < 0 or count > numbers.size or (count and last >= numbers.size):
            raise DataError("its pickle makes a tensor larger than its numbers")
        strides = [step * numbers.itemsize for step in steps]
        rest = numbers[offset:] if count else numbers[:0]
        return np.lib.stride_tricks.as_strided(rest, size, strides).copy()


# The instructions that a state_dict needs, beside VALUES and CONSTANTS.
STEPS: dict[str, Callable[[_Machine, Any], object]] = {
    **dict.fromkeys(["PROTO", "STOP"], lambda _, __: None),
    **dict.fromkeys(["BINPUT", "LONG_BINPUT"], lambda m, i: m.memo.update({i: m.stack[-1]})),
    **dict.fromkeys(["BINGET", "LONG_BINGET"], lambda m, i: m.stack.append(m.memo[i])),
    **dict.fromkeys(["APPENDS", "SETITEMS"], lambda m, _: m.extend(m.to_mark())),
    "APPEND": lambda m, _: m.extend(m.pop(1)),
    "SETITEM": lambda m, _: m.extend(m.pop(2)),
    "BUILD": lambda m, _: m.pop(1),  # the note of versions that hangs on a state_dict
    "MARK": lambda m, _: m.stack.append(_MARK),
    "EMPTY_DICT": lambda m, _: m.stack.append({}),
    "EMPTY_LIST": lambda m, _: m.stack.append([]),
    "TUPLE": lambda m, _: m.stack.append(tuple(m.to_mark())),
    "TUPLE1": lambda m, _: m.stack.append(tuple(m.pop(1))),
    "TUPLE2": lambda m, _: m.stack.append(tuple(m.pop(2))),
    "TUPLE3": lambda m, _: m.stack.append(tuple(m.pop(3))),
    "GLOBAL": _Machine.name,
    "BINPERSID": lambda m, _: m.store(*m.pop(1)[0]),
    "REDUCE": lambda m, _: m.call(*m.pop(2)),
}


def _members(archive: zipfile.ZipFile, length: int) -> dict[str, zipfile.ZipInfo]:
    """Check the archive's list: plain files in one folder, whole, not packed, none twice."""
    found = archive.infolist()
    parts = [info.filename.split("/") for info in found]
    if len({part[0] for part in parts}) != 1 or min(map(len, parts)) < 2:
        raise DataError("its members do not lie in one folder")
    if any({"", ".", ".."} & {*part} or "\\" in "".join(part) for part in parts):
        raise DataError("a member's name leads elsewhere")
    members = {"/".join(part[1:]): info for part, info in zip(parts, found, strict=True)}
    if len(members) < len(found):
        raise DataError("two members have one name")
    if any(info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1 for info in found):
        raise DataError("a member is packed or encrypted, which PyTorch's never are")
    if sum(info.file_size for info in found) > length:
        raise DataError("its members are longer than the file")
    return members

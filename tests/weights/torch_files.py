"""Files in the form of `torch.save`, written without PyTorch, whole or spoilt on purpose."""

from __future__ import annotations

import io
import pickle
import struct
import warnings
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

GLOBAL = b"c%s\n%s\n"
DICT = GLOBAL % (b"collections", b"OrderedDict")
TENSOR = GLOBAL % (b"torch._utils", b"_rebuild_tensor_v2")
KINDS = {"f4": b"FloatStorage", "f8": b"DoubleStorage", "f2": b"HalfStorage", "i8": b"LongStorage"}


def text(word: str) -> bytes:
    return b"X" + struct.pack("<I", len(word.encode())) + word.encode()


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def numbers(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(map(number, values)) + b"t"


def storage(key: str, kind: bytes, count: int) -> bytes:
    """Name a storage by its persistent id."""
    what = text("storage") + GLOBAL % (b"torch", kind) + text(key) + text("cpu") + number(count)
    return b"(" + what + b"tQ"


def tensor(
    stored: bytes, shape: tuple[int, ...], strides: tuple[int, ...], offset: int = 0
) -> bytes:
    empty = DICT + b")R"
    return (
        TENSOR
        + b"("
        + stored
        + number(offset)
        + numbers(shape)
        + numbers(strides)
        + b"\x89"
        + empty
        + b"tR"
    )


def array_of(key: str, array: np.ndarray[Any, Any]) -> bytes:
    """Write a tensor that lies in a storage of its own, row by row."""
    strides = tuple(step // array.itemsize for step in array.strides)
    return tensor(storage(key, KINDS[array.dtype.str[1:]], array.size), array.shape, strides)


def state(items: Mapping[str, bytes]) -> bytes:
    """Write a state_dict, with the note of versions that PyTorch hangs on it."""
    inner = b"".join(text(name) + value for name, value in items.items())
    note = b"}" + text("_metadata") + DICT + b")Rs"
    return b"\x80\x02" + DICT + b")R(" + inner + b"u" + note + b"b."


def archive(
    members: Mapping[str, bytes], folder: str = "net/", packed: int = zipfile.ZIP_STORED
) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packed) as out:
        for name, content in members.items():
            out.writestr(zipfile.ZipInfo(folder + name), content, packed)
    return stream.getvalue()


def members_of(arrays: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, bytes]:
    program = state({name: array_of(str(i), a) for i, (name, a) in enumerate(arrays.items())})
    stored = {f"data/{i}": a.tobytes() for i, a in enumerate(arrays.values())}
    return {"data.pkl": program, "byteorder": b"little", **stored, "version": b"3\n"}


def torch_file(arrays: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    return archive(members_of(arrays))


class Evil:
    """Unpickled by Python's reader, it would make a folder named `executed`."""

    def __reduce__(self) -> tuple[Any, ...]:
        return __import__("os").mkdir, ("executed",)


ONE = np.arange(6, dtype="f4").reshape(2, 3)
GOOD = members_of({"a.weight": ONE})
MKDIR = GLOBAL % (b"os", b"mkdir")
CALL = b"(" + text("executed") + b"tR"


def with_pickle(program: bytes) -> bytes:
    return archive({**GOOD, "data.pkl": program})


def with_value(value: bytes) -> bytes:
    return with_pickle(state({"a.weight": value}))


def twice() -> bytes:
    """Put two members of one name into an archive."""
    stream = io.BytesIO(archive(GOOD))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(stream, "a") as out:
            out.writestr(zipfile.ZipInfo("net/data.pkl"), GOOD["data.pkl"])
    return stream.getvalue()


def encrypted() -> bytes:
    """Set the flag of encryption in the archive's list."""
    content = bytearray(archive(GOOD))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def overlapping() -> bytes:
    """Let a hundred members of the list be one and the same member."""
    content = archive({"data.pkl": GOOD["data.pkl"], "data/0": bytes(4096)})
    start, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    listed = content[start:end]
    first = listed.index(b"PK\x01\x02", 4)
    more = b"".join(listed[first:].replace(b"net/data/0", b"net/%06d" % i) for i in range(100))
    tail = bytearray(content[end:])
    tail[8:12] = struct.pack("<HH", 102, 102)
    tail[12:16] = struct.pack("<I", len(listed) + len(more))
    return content[:end] + more + bytes(tail)


def broken_sum() -> bytes:
    """Change a number of a storage, so that its checksum is another's."""
    content = bytearray(archive(GOOD))
    content[content.index(ONE.tobytes()) + 2] ^= 1
    return bytes(content)


# What each is, its bytes, and a word of the refusal.
MALICIOUS: dict[str, tuple[bytes, str]] = {
    "reduce": (with_value(MKDIR + CALL), "names 'os.mkdir'"),
    "reduce of a builtin": (
        with_value(GLOBAL % (b"builtins", b"eval") + b"(" + text("1") + b"tR"),
        "builtins.eval",
    ),
    "a whole pickled object": (with_pickle(pickle.dumps(Evil(), 2)), "mkdir"),
    "the same in protocol 4": (with_pickle(pickle.dumps(Evil(), 4)), "FRAME"),
    "inst": (with_value(b"(" + text("executed") + b"ios\nmkdir\n"), "INST"),
    "obj": (with_value(b"(" + MKDIR + text("executed") + b"o"), "os.mkdir"),
    "newobj": (with_value(DICT + b")\x81"), "NEWOBJ"),
    "newobj_ex": (with_value(DICT + b")}\x92"), "NEWOBJ_EX"),
    "build of a tuple": (with_value(b")}b"), "no array but a tuple"),
    "build of a name": (with_value(DICT + b"}b"), "no array but a _Name"),
    "ext1": (with_value(b"\x82\x01"), "EXT1"),
    "ext4": (with_value(b"\x84\x01\x00\x00\x00"), "EXT4"),
    "a persistent id of another kind": (
        with_value(b"(" + text("module") + b"))))tQ"),
        "persistent id that is no storage",
    ),
    "a persistent id of text": (with_value(b"Pos.mkdir\n"), "PERSID"),
    "a storage of an unknown type": (
        with_value(tensor(storage("0", b"QInt8Storage", 6), (6,), (1,))),
        "torch.QInt8Storage",
    ),
    "a module of torch": (with_value(GLOBAL % (b"torch", b"load") + CALL), "torch.load"),
    "an attribute in a name": (
        with_value(GLOBAL % (b"collections", b"OrderedDict.__init__")),
        "OrderedDict.__init__",
    ),
    "a name made on the stack": (
        with_value(text("os") + text("mkdir") + b"\x93" + CALL),
        "STACK_GLOBAL",
    ),
    "a name that is no text": (with_value(b"))\x93"), "STACK_GLOBAL"),
    "reduce of a tensor's numbers": (
        with_value(array_of("0", ONE) + b")R"),
        "calls what makes no tensor",
    ),
    "arguments for an OrderedDict": (with_value(DICT + b"(]tR"), "calls what makes no tensor"),
    "a storage that leads elsewhere": (
        with_value(tensor(storage("../../../etc/passwd", b"FloatStorage", 6), (6,), (1,))),
        "has no 'data/../../../etc/passwd'",
    ),
    "a memo that was never written": (with_value(b"j\xff\xff\xff\x7f"), "damaged"),
    "a huge place in the memo": (with_value(b")r\xff\xff\xff\xff"), "no array but a tuple"),
    "a text longer than the file": (with_value(b"\x8d" + b"\xff" * 7 + b"\x7f"), "damaged"),
    "a tensor beyond its numbers": (
        with_value(tensor(storage("0", b"FloatStorage", 6), (2, 3), (3, 1), offset=1)),
        "larger than its numbers",
    ),
    "a tensor before its numbers": (
        with_value(tensor(storage("0", b"FloatStorage", 6), (6,), (1,), offset=-1)),
        "impossible shape",
    ),
    "negative strides": (
        with_value(tensor(storage("0", b"FloatStorage", 6), (2,), (-1,), offset=5)),
        "impossible shape",
    ),
    "a tensor blown up by strides of 0": (
        with_value(tensor(storage("0", b"FloatStorage", 6), (2**30, 2**30), (0, 0))),
        "larger than its numbers",
    ),
    "a storage that claims more numbers": (
        with_value(tensor(storage("0", b"FloatStorage", 2**30), (6,), (1,))),
        "another size",
    ),
    "a dict in itself": (with_value(b"}q\x01" + text("x") + b"h\x01s"), "no array but a dict"),
    "keys that hash for ever": (
        with_value(b"})" + b"".join(b"q\x02h\x02\x86" for _ in range(60)) + b")s"),
        "other keys",
    ),
    "marks without an end": (with_pickle(b"\x80\x02" + b"(" * 200_000 + b"."), "damaged"),
    "an empty pickle": (with_pickle(b""), "damaged"),
    "a pickle without an end": (with_pickle(GOOD["data.pkl"][:-1]), "damaged"),
    "no state_dict": (with_pickle(b"\x80\x02)."), "no state_dict"),
    "a packed member (a bomb)": (
        archive({**GOOD, "data/0": bytes(10**7)}, packed=zipfile.ZIP_DEFLATED),
        "packed",
    ),
    "members that overlap": (overlapping(), "longer than the file"),
    "a member that leads elsewhere": (archive({**GOOD, "../../evil": b""}), "leads elsewhere"),
    "an absolute member": (archive(GOOD, folder="/etc/"), "leads elsewhere"),
    "a member with a backslash": (archive({**GOOD, "data\\..\\x": b""}), "leads elsewhere"),
    "no folder": (archive(GOOD, folder=""), "one folder"),
    "two members of one name": (twice(), "one name"),
    "an encrypted member": (encrypted(), "encrypted"),
    "a wrong checksum": (broken_sum(), "zip archive"),
    "no pickle": (archive({"version": b"3"}), "has no 'data.pkl'"),
    "big-endian numbers": (archive({**GOOD, "byteorder": b"big"}), "big-endian"),
    "an empty archive": (archive({}), "one folder"),
    "an empty file": (b"", "zip archive"),
    "an old file of PyTorch": (pickle.dumps(0x1950A86A20F9469CFC6C, 2), "zip archive"),
    "a bare pickle": (pickle.dumps(Evil(), 2), "zip archive"),
}

"""What runs beside a learner's code: it calls their functions and sends arrays back.

It runs in the child, by its text, behind the fence, with NumPy and nothing of minin; the parent
uses the same `encode` and `decode`. A message is a letter, a length of four bytes, and JSON in
which an array is its type, its shape and its bytes: nothing in it is ever executed.
"""

from __future__ import annotations

import base64
import builtins
import io
import json
import os
import re
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from typing import IO, Any

import numpy as np

MOST = 64 * 2**20  # bytes of one message
NAME = 60  # letters of a name or a kind that came from a learner's code
ANSWER, PRINT, HELLO = b"a", b"p", b"h"
_DTYPE = re.compile(r"[<>|][biufc]\d{1,2}")


class Kept:
    """Stands for a cache, which stays where the learner's forward made it."""

    def __init__(self, number: int) -> None:
        self.number = number


def encode(value: Any, depth: int = 4) -> Any:
    """Write arrays, numbers and what holds them as JSON; of all else, the name of its type."""
    if isinstance(value, np.ndarray) and _DTYPE.fullmatch(value.dtype.str):
        order = "C" if value.flags.c_contiguous else "F"
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"dtype": value.dtype.str, "shape": value.shape, "data": data, "order": order}
    if isinstance(value, np.ndarray):
        return {"array_of": str(value.dtype)[:NAME]}
    if isinstance(value, Kept):
        return {"kept": value.number}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**62):
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, (tuple, list)) and depth and len(value) < 1000:
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [encode(v, depth - 1) for v in value]}
    if isinstance(value, dict) and depth and len(value) < 1000:
        return {"dict": {str(k)[:NAME]: encode(v, depth - 1) for k, v in value.items()}}
    return {"other": type(value).__name__[:NAME]}


def decode(found: Any, kept: Callable[[int], Any] = Kept) -> Any:
    """Read what `encode` wrote; anything else raises a ValueError, a KeyError or a TypeError.

    Args:
        found: values of JSON.
        kept: finds a cache by its number.
    """
    if found is None or isinstance(found, (bool, int, float)):
        return found
    kind = next(iter(found))
    inner = found[kind]
    if kind == "dtype":
        return _array(found)
    if kind in ("tuple", "list"):
        return (tuple if kind == "tuple" else list)(decode(v, kept) for v in inner)
    if kind == "dict":
        return {str(k)[:NAME]: decode(v, kept) for k, v in inner.items()}
    if kind == "kept":
        return kept(int(inner))
    if kind == "array_of":
        return np.empty(0, inner if re.fullmatch(r"<U\d{1,4}", inner) else object)
    return type(ascii(str(inner))[1:-1][:NAME], (), {})()


def _array(found: Mapping[str, Any]) -> Any:
    if not _DTYPE.fullmatch(found["dtype"]) or min(found["shape"], default=0) < 0:
        raise ValueError(str(found["shape"])[:NAME])
    data = np.frombuffer(base64.b64decode(found["data"]), np.dtype(found["dtype"]))
    return np.array(data.reshape(found["shape"]), order="F" if found["order"] == "F" else "C")


def send(stream: IO[bytes], letter: bytes, value: Any) -> None:
    """Write one message."""
    text = json.dumps(value).encode()
    stream.write(letter + struct.pack("<I", len(text)) + text)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[bytes, Any]:
    """Read one message.

    Raises:
        EOFError: if the other end is closed.
        ValueError: if it is too long, or no JSON.
    """
    head = stream.read(5)
    if len(head) < 5:
        raise EOFError
    size = struct.unpack("<I", head[1:])[0]
    if size > MOST:
        raise ValueError(str(size))
    text = stream.read(size)
    if len(text) < size:
        raise EOFError
    return head[:1], json.loads(text)


class _Prints(io.RawIOBase):
    """Stands below stdout: what is printed is sent at once, for the process may end."""

    def __init__(self, tell: Callable[[bytes, Any], None]) -> None:
        self.send = tell

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        text = bytes(data)
        for start in range(0, len(text), 2**20):
            self.send(PRINT, text[start : start + 2**20].decode("utf-8", "backslashreplace"))
        return len(text)


def _opener(note: str) -> Callable[..., Any]:
    """Make an `open` whose files go nowhere where nothing may be written: no answer needs them."""
    real = open

    def opened(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        try:
            return real(file, mode, *rest, **named)
        except PermissionError:
            if not set(mode) & set("wax+"):
                raise
            print(note.format(file=ascii(file)))
            return real(os.devnull, mode.replace("x", "w"), *rest, **named)

    return opened


def main(close_in: Callable[[Mapping[str, Any]], str], job: Mapping[str, Any]) -> None:
    """Say what the fence lacks, read the learner's file, and call what the parent asks for."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # an answer that asks gets no reply
    os.dup2(2, 1)
    os.chdir(job["scratch"])
    sys.argv = [job["path"]]
    lock = threading.Lock()

    def tell(letter: bytes, value: Any) -> None:
        with lock:
            send(replies, letter, value)

    tell(HELLO, close_in(job))
    raw: Any = _Prints(tell)
    sys.stdout = io.TextIOWrapper(raw, "utf-8", "backslashreplace", write_through=True)
    sys.stderr = sys.stdout
    builtins.open = _opener(job["note"])
    namespace: dict[str, Any] = {"__name__": "answer", "__file__": job["path"]}
    kept: list[Any] = []
    try:
        program = compile(base64.b64decode(job["source"]), job["path"], "exec", dont_inherit=True)
        exec(program, namespace)
        tell(ANSWER, {"value": None})
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: nobody else sends one
        tell(ANSWER, _raised(error, job["path"]))
        return
    while True:
        request = receive(requests)[1]
        tell(ANSWER, _answer(request, namespace, kept, job["path"]))


def _answer(
    request: Mapping[str, Any], namespace: Mapping[str, Any], kept: list[Any], path: str
) -> dict[str, Any]:
    """Call a function; send back its result, and the arguments that it has changed."""
    function = namespace.get(request["call"])
    if not callable(function):
        return {"missing": request["call"]}
    if request["look"]:
        return {"value": None}
    given = [decode(a, kept.__getitem__) for a in request["arguments"]]
    before = [a.copy() if isinstance(a, np.ndarray) else None for a in given]
    try:
        value = function(*given)
    except BaseException as error:
        return _raised(error, path)
    if request["keep"] and isinstance(value, tuple) and len(value) == 2:
        kept.append(value[1])
        value = (value[0], Kept(len(kept) - 1))
    changed = {
        str(place): encode(now)
        for place, (old, now) in enumerate(zip(before, given, strict=True))
        if old is not None and not np.array_equal(old, now, equal_nan=old.dtype.kind in "fc")
    }
    return {"value": encode(value), "changed": changed}


def _raised(error: BaseException, path: str) -> dict[str, Any]:
    """Tell an error by its class, its words, and the last line of the learner's file in it."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    at = error.__traceback__
    while at is not None:
        line = at.tb_lineno if at.tb_frame.f_code.co_filename == path else line
        at = at.tb_next
    try:
        text = error.msg if isinstance(error, SyntaxError) and error.msg else str(error)
    except BaseException:
        text = ""
    return {"raised": type(error).__name__[:NAME], "text": text[:300], "line": line}

"""Run CUDA kernels on the processor: g++, sanitizers, and a process that is asked by pipe.

`Program(text)` compiles a `.cu` text as it is (see shim.cpp) and `run` calls one of its kernels
on NumPy arrays. What a sanitizer finds is a `KernelError` with its report. Arguments are checked
as strictly as a GPU does not: their number, the type of each, and what `const` promises.
"""

from __future__ import annotations

import atexit
import functools
import os
import re
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest

Array: TypeAlias = npt.NDArray[Any]

HERE = Path(__file__).parent
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
FLAGS = ("-std=c++17", "-O1", "-g1", "-ffp-contract=off", "-pthread", *SANITIZERS)
KERNEL = re.compile(r'extern\s+"C"\s+__global__\s+void\s+(\w+)\s*\(([^)]*)\)\s*\{', re.DOTALL)
TYPES = {
    "float": np.float32,
    "double": np.float64,
    "int": np.int32,
    "long long": np.int64,
    "unsigned int": np.uint32,
    "unsigned short": np.uint16,
}


class KernelError(Exception):
    """A kernel was called wrongly, or did what it must not: the sanitizer's report."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a kernel, as its text declares it."""

    name: str
    dtype: Any
    is_array: bool
    is_written: bool


def compiler() -> str | None:
    """Find a C++ compiler."""
    return shutil.which(os.environ.get("CXX", "g++"))


def demand_compiler() -> None:
    """Skip the test where there is none; fail it if MININ_REQUIRE_CXX=1."""
    if compiler() is None:
        reason = "no C++ compiler (g++) to run kernels on the processor with"
        if os.environ.get("MININ_REQUIRE_CXX") == "1":
            pytest.fail(f"MININ_REQUIRE_CXX=1, but there is {reason}", pytrace=False)
        pytest.skip(reason)


def signatures(text: str) -> dict[str, list[Parameter]]:
    """Read the kernels' names and parameters from their text."""
    text = re.sub(r"//.*", "", text)
    macros = {
        name: body.replace("\\\n", " ")
        for name, body in re.findall(r"#define (\w+) +((?:.*\\\n)+.*)\n", text)
    }
    types = re.findall(r"typedef ([\w ]+?) (\w+);", text)
    known = TYPES | {alias: TYPES[name] for name, alias in types}
    found = {}
    for name, inside in KERNEL.findall(text):
        for macro, body in macros.items():
            inside = re.sub(rf"\b{macro}\b", body, inside)
        found[name] = [_parameter(part, known) for part in inside.split(",")]
    return found


def _parameter(declared: str, known: dict[str, Any]) -> Parameter:
    words = " ".join(declared.replace("*", " * ").split())
    is_const = words.startswith("const ")
    *kind, name = words.removeprefix("const ").split(" ")
    is_array = kind[-1] == "*"
    kind = [word for word in kind if word != "*"]
    return Parameter(name, np.dtype(known[" ".join(kind)]), is_array, is_array and not is_const)


class Program:
    """A `.cu` text, compiled for the processor, and the process that runs its kernels."""

    def __init__(self, text: str) -> None:
        demand_compiler()
        self.signatures = signatures(text)
        self.names = list(self.signatures)
        self.folder = tempfile.TemporaryDirectory(prefix="minin-kernels-")
        self.report = Path(self.folder.name) / "report"
        self.server: subprocess.Popen[bytes] | None = None
        self._build(text)
        atexit.register(self.end)

    def _build(self, text: str) -> None:
        source, self.binary = (Path(self.folder.name) / name for name in ("all.cpp", "run"))
        calls = "\n".join(self._call(name) for name in self.names)
        meets = _that_meet(text)
        table = ", ".join(f"{{call_{n}, {str(n in meets).lower()}}}" for n in self.names)
        server = (HERE / "server.cpp").read_text("utf-8").replace("{KERNELS}", f"{{{table}}}")
        shim = (HERE / "shim.cpp").read_text("utf-8")
        source.write_text("\n".join([shim, text, calls, server]), "utf-8")
        command = [str(compiler()), *FLAGS, "-o", str(self.binary), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            self.end()
            raise KernelError(f"g++ refuses the text:\n{done.stderr[:4000]}")

    def _call(self, name: str) -> str:
        """Write the function that takes a kernel's arguments out of their slots."""
        taken = []
        for place, p in enumerate(self.signatures[name]):
            kind = next(word for word, dtype in TYPES.items() if np.dtype(dtype) == p.dtype)
            taken.append(f"({kind}*)s[{place}]" if p.is_array else f"*({kind}*)s[{place}]")
        return f"static void call_{name}(void** s) {{ {name}({', '.join(taken)}); }}"

    def run(
        self, name: str, grid: int, block: int, arguments: tuple[Any, ...], backwards: bool = False
    ) -> None:
        """Call a kernel; arrays that it writes are changed in place.

        Args:
            name: of the kernel.
            grid: number of blocks.
            block: threads in each.
            arguments: dense arrays and NumPy's own numbers, of exactly the declared types.
            backwards: whether to walk blocks and threads from the last to the first.
        """
        if name not in self.signatures:
            raise KernelError(f"there is no kernel {name!r}; there are {self.names}")
        parameters = self.signatures[name]
        if len(parameters) != len(arguments):
            wanted = [p.name for p in parameters]
            raise KernelError(f"{name} takes {wanted}, and was given {len(arguments)} arguments")
        _demand_apart(name, parameters, arguments)
        head = struct.pack("5i", self.names.index(name), grid, block, backwards, len(arguments))
        request, written = [head], []
        places: dict[tuple[int, int], int] = {}
        for place, (p, value) in enumerate(zip(parameters, arguments, strict=True)):
            if not p.is_array:
                request.append(_number(name, p, value))
                continue
            _demand_array(name, p, value)
            here = (value.__array_interface__["data"][0], value.nbytes)
            if here in places:
                request.append(struct.pack("2i", 3, places[here]))
                if p.is_written and not parameters[places[here]].is_written:
                    request[places[here] + 1] = _array(value, True)
                    written.append((places[here], value))
                continue
            places[here] = place
            request.append(_array(value, p.is_written))
            if p.is_written:
                written.append((place, value))
        self._ask(name, b"".join(request), [value for _, value in sorted(written, key=_first)])

    def _ask(self, name: str, request: bytes, written: list[Array]) -> None:
        server = self._started()
        stdin, stdout = server.stdin, server.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(request)
            stdin.flush()
            ok = stdout.read(1) == b"k"
        except BrokenPipeError:
            ok = False
        if not ok:
            self.close()
            report = self.report.read_text("utf-8", "replace")[:6000]
            raise KernelError(f"{name}: {report or f'the process ended, code {server.returncode}'}")
        answers = [stdout.read(array.nbytes) for array in written]
        for array, answer in zip(written, answers, strict=True):
            array[...] = np.frombuffer(answer, array.dtype).reshape(array.shape)

    def _started(self) -> subprocess.Popen[bytes]:
        if self.server is None:
            settings = {
                "ASAN_OPTIONS": "detect_leaks=0",
                "UBSAN_OPTIONS": "print_stacktrace=1",
            }
            with self.report.open("wb") as report:
                self.server = subprocess.Popen(
                    [str(self.binary)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=report,
                    env=os.environ | settings,
                )
        return self.server

    def close(self) -> None:
        """End the process; the next call starts another."""
        if self.server is not None:
            self.server.communicate()
            self.server = None

    def end(self) -> None:
        """End the process and remove what was compiled."""
        self.close()
        self.folder.cleanup()
        atexit.unregister(self.end)


def _first(pair: tuple[int, Array]) -> int:
    return pair[0]


def _number(kernel: str, p: Parameter, value: Any) -> bytes:
    if not isinstance(value, np.generic) or value.dtype != p.dtype:
        kind = getattr(value, "dtype", type(value).__name__)
        raise KernelError(f"{kernel}: {p.name} must be a NumPy number of {p.dtype}, got {kind}")
    return struct.pack("i", 0) + value.tobytes().ljust(8, b"\0")


def _demand_array(kernel: str, p: Parameter, value: Any) -> None:
    if not isinstance(value, np.ndarray) or value.dtype != p.dtype:
        kind = getattr(value, "dtype", type(value).__name__)
        raise KernelError(f"{kernel}: {p.name} must be an array of {p.dtype}, got {kind}")
    if not value.flags.c_contiguous:
        raise KernelError(f"{kernel}: {p.name} must lie densely, got strides {value.strides}")


def _demand_apart(kernel: str, parameters: list[Parameter], arguments: tuple[Any, ...]) -> None:
    """Refuse arrays that overlap where one is written, unless they are the same."""
    arrays = [(p, a) for p, a in zip(parameters, arguments, strict=True) if p.is_array]
    for p, a in arrays:
        for q, b in arrays:
            if p.is_written and isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
                same = a.__array_interface__["data"] == b.__array_interface__["data"]
                if np.may_share_memory(a, b) and not (same and a.nbytes == b.nbytes):
                    raise KernelError(f"{kernel}: {p.name} and {q.name} overlap")


def _array(value: Array, is_written: bool) -> bytes:
    return struct.pack("=iq", 2 if is_written else 1, value.nbytes) + value.tobytes()


def _that_meet(text: str) -> set[str]:
    """Name the kernels whose threads wait for each other."""
    starts = [(found.start(), found.group(1)) for found in KERNEL.finditer(text)]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    bodies = zip(starts, ends, strict=True)
    return {name for (start, name), end in bodies if "__syncthreads" in text[start:end]}


@functools.cache
def compiled(text: str) -> Program:
    """Compile a text once a test session."""
    return Program(text)

"""A stand-in for CuPy on the processor: its arrays, its strictness, and its kernels.

`cupy.asarray(x)` makes an array that minin takes for CuPy's: the very code that runs on a GPU runs
on it, kernels included, which `RawModule` compiles by g++ under sanitizers (processor.py). Nothing
of minin is patched: minin asks an array for its library, and this one answers.

It is stricter than CuPy, so that what a GPU would only make slow or wrong is an error here:

- arrays meet no NumPy array, and no NumPy function takes them;
- there are only the names in `NAMES`, which a test compares with the real CuPy's;
- `empty` holds NaN, so that what was never written is seen;
- whatever makes the host wait for a GPU is counted, and so is every launch.
"""

from __future__ import annotations

import ctypes
import operator
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.fast.cuda.processor import Array, Program, compiled

# What is made of NumPy's function of the same name. test_cupy_names.py asks CuPy for each.
_WORDS = """
abs add all any arange argmax asarray ascontiguousarray astype broadcast_to clip concat divide
empty exp expand_dims flip full isdtype isfinite isnan log matmul matrix_transpose max maximum
may_share_memory mean min minimum moveaxis multiply ones pad permute_dims reshape roll sign sqrt
squeeze stack subtract sum swapaxes take take_along_axis tanh tensordot transpose where zeros
bool float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 inf nan pi newaxis
"""
NAMES = frozenset(_WORDS.split())
WITHOUT_WORK = frozenset({"empty", "asarray", "isdtype", "may_share_memory"})  # no launch
WITH_AT = frozenset({"add"})


@dataclass
class Counts:
    """What was asked of the GPU while somebody counted.

    Attributes:
        kernels: launches of our own kernels, by name.
        products: products of matrices by cuBLAS.
        others: launches of CuPy's own kernels, by name.
        waits: what made the host wait, by name.
    """

    kernels: Counter[str] = field(default_factory=Counter)
    products: int = 0
    others: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)

    @property
    def launches(self) -> int:
        return self.kernels.total() + self.products + self.others.total()


class Device:
    id = 0


class FakeArray:
    """An array on the stand-in's device."""

    __array_ufunc__ = None  # NumPy's functions refuse it
    device = Device()

    def __init__(self, numbers: Array) -> None:
        self.numbers = numbers

    def __array_namespace__(self, **_: Any) -> Cupy:
        return cupy

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise TypeError("an implicit conversion to a NumPy array: use .get()")

    # ---- what it is -----------------------------------------------------------------------

    shape = property(lambda self: self.numbers.shape)
    dtype = property(lambda self: self.numbers.dtype)
    ndim = property(lambda self: self.numbers.ndim)
    size = property(lambda self: self.numbers.size)
    nbytes = property(lambda self: self.numbers.nbytes)
    itemsize = property(lambda self: self.numbers.itemsize)
    strides = property(lambda self: self.numbers.strides)
    flags = property(lambda self: self.numbers.flags)
    T = property(lambda self: FakeArray(self.numbers.T))

    def __len__(self) -> int:
        return len(self.numbers)

    def __repr__(self) -> str:
        return f"fake {self.numbers!r}"

    # ---- what makes the host wait ---------------------------------------------------------

    def get(self) -> Array:
        cupy.counts.waits["get"] += 1
        return self.numbers.copy()

    def _read(self, name: str) -> Any:
        cupy.counts.waits[name] += 1
        return getattr(self.numbers, name)()

    def __bool__(self) -> bool:
        return bool(self._read("__bool__"))

    def __float__(self) -> float:
        return float(self._read("__float__"))

    def __int__(self) -> int:
        return int(self._read("__int__"))

    def __index__(self) -> int:
        return int(self._read("__index__"))

    def item(self) -> Any:
        return self._read("item")

    def tolist(self) -> Any:
        return self._read("tolist")

    # ---- what it can do --------------------------------------------------------------------

    def reshape(self, *shape: Any) -> FakeArray:
        return cupy.done("reshape", self.numbers.reshape(*shape), self.numbers)

    def copy(self) -> FakeArray:
        return cupy.done("copy", self.numbers.copy())

    def __getitem__(self, key: Any) -> FakeArray:
        return cupy.done("getitem", np.asarray(self.numbers[bare(key)]), self.numbers)

    def __setitem__(self, key: Any, value: Any) -> None:
        cupy.counts.others["setitem"] += 1
        self.numbers[bare(key)] = bare(value)

    __hash__ = None  # type: ignore[assignment]


def bare(value: Any) -> Any:
    """Take the numbers out, in lists and tuples too; refuse NumPy's arrays."""
    if isinstance(value, FakeArray):
        return value.numbers
    if isinstance(value, (list, tuple)):
        return type(value)(bare(part) for part in value)
    if isinstance(value, np.ndarray):
        raise TypeError("Unsupported type <class 'numpy.ndarray'>: an array of the host came")
    return value


def _binary(name: str, function: Callable[[Any, Any], Any], swapped: bool) -> Any:
    def apply(self: FakeArray, other: Any) -> FakeArray:
        pair = (bare(other), self.numbers) if swapped else (self.numbers, bare(other))
        return cupy.done(name, np.asarray(function(*pair)))

    return apply


def _in_place(name: str, function: Callable[..., Any]) -> Any:
    def apply(self: FakeArray, other: Any) -> FakeArray:
        function(self.numbers, bare(other), out=self.numbers)
        cupy.counts.others[name] += 1
        return self

    return apply


for _name, _ufunc in {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
}.items():
    setattr(FakeArray, f"__i{_name}__", _in_place(_name, _ufunc))
for _name in ("add", "sub", "mul", "truediv", "pow", "xor", "and_", "or_", "rshift", "lshift"):
    _plain = _name.rstrip("_")
    setattr(FakeArray, f"__{_plain}__", _binary(_plain, getattr(operator, _name), False))
    setattr(FakeArray, f"__r{_plain}__", _binary(_plain, getattr(operator, _name), True))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(FakeArray, f"__{_name}__", _binary(_name, getattr(operator, _name), False))
for _name in ("neg", "invert", "abs"):

    def _unary(self: FakeArray, name: str = _name) -> FakeArray:
        return cupy.done(name, np.asarray(getattr(operator, name)(self.numbers)))

    setattr(FakeArray, f"__{_name}__", _unary)


class Function:
    """One function of the namespace: NumPy's, on this library's arrays."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.function = getattr(np, name)
        if name in WITH_AT:
            self.at = self._at

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        keywords = {key: bare(value) for key, value in keywords.items()}
        taken = bare(args)
        result = self.function(*taken, **keywords)
        if not isinstance(result, (np.ndarray, np.generic)):
            return result  # of isdtype and the like
        sources = [x for x in _flat(taken) if isinstance(x, np.ndarray)]
        if "out" in keywords:
            cupy.note(self.name)
            return FakeArray(keywords["out"])
        return cupy.done(self.name, np.asarray(result), *sources)

    def _at(self, target: FakeArray, key: Any, values: Any) -> None:
        cupy.counts.others[f"{self.name}.at"] += 1
        self.function.at(target.numbers, bare(key), bare(values))


def _flat(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _flat(value)
        else:
            yield value


class RawModule:
    """CuPy's, as minin calls it: `RawModule(code=..., options=...)`."""

    def __init__(self, *, code: str, options: tuple[str, ...] = ()) -> None:
        if not isinstance(options, tuple):
            raise TypeError("options must be a tuple")
        self.code = code

    def get_function(self, name: str) -> Callable[..., None]:
        def kernel(grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]) -> None:
            program = compiled(self.code)
            cupy.counts.kernels[name] += 1
            if grid[1:] + block[1:]:
                raise TypeError("the processor runs rows of blocks and threads only")
            taken = tuple(cupy.argument(program, name, place, x) for place, x in enumerate(args))
            program.run(name, grid[0], block[0], taken, cupy.backwards)

        return kernel


class Pool:
    """The memory pool: what is alive."""

    def __init__(self) -> None:
        self.used = self.most = 0

    def watch(self, numbers: Array) -> None:
        self.used += numbers.nbytes
        self.most = max(self.most, self.used)
        weakref.finalize(numbers, self._freed, numbers.nbytes)

    def _freed(self, nbytes: int) -> None:
        self.used -= nbytes

    def used_bytes(self) -> int:
        return self.used

    def total_bytes(self) -> int:
        return self.most

    def get_limit(self) -> int:
        return 0


class Cuda:
    """`cupy.cuda`, of which minin needs memory that the GPU can write to."""

    def __init__(self) -> None:
        self.pinned: dict[int, Any] = {}

    def alloc_pinned_memory(self, size: int) -> Any:
        memory = type("PinnedMemoryPointer", (ctypes.c_char * size,), {})()
        memory.ptr = ctypes.addressof(memory)
        self.pinned[memory.ptr] = memory
        return memory


class Cupy:
    """The namespace."""

    __name__ = "cupy"
    ndarray, RawModule = FakeArray, RawModule

    def __init__(self) -> None:
        self.cuda = Cuda()
        self.counts = Counts()
        self.pool = Pool()
        self.backwards = False

    def get_default_memory_pool(self) -> Pool:
        return self.pool

    def __getattr__(self, name: str) -> Any:
        if name not in NAMES:
            raise AttributeError(f"the stand-in for CuPy has no {name}")
        found = getattr(np, name)
        if callable(found) and not isinstance(found, type):
            found = Function(name)
        setattr(self, name, found)
        return found

    def empty(self, shape: Any, dtype: Any = float) -> FakeArray:
        numbers = np.empty(shape, dtype)
        numbers.fill(np.nan if numbers.dtype.kind == "f" else np.iinfo(numbers.dtype).max)
        self.pool.watch(numbers)
        return FakeArray(numbers)

    def asarray(self, a: Any, dtype: Any = None) -> FakeArray:
        """Bring numbers to the device; an array that is there already stays."""
        if isinstance(a, FakeArray) and dtype in (None, a.dtype):
            return a
        numbers = np.array(bare(a) if isinstance(a, FakeArray) else a, dtype, order="K")
        self.pool.watch(numbers)
        return FakeArray(numbers)

    def note(self, name: str) -> None:
        """Count one launch."""
        if name == "matmul":
            self.counts.products += 1
        elif name not in WITHOUT_WORK:
            self.counts.others[name] += 1

    def done(self, name: str, result: Array, *sources: Array) -> FakeArray:
        """Wrap a result; one that shares memory with what it came from cost nothing."""
        if not any(np.may_share_memory(result, source) for source in sources):
            self.note(name)
            self.pool.watch(result)
        return FakeArray(result)

    def argument(self, program: Program, kernel: str, place: int, value: Any) -> Any:
        """Turn one argument of a launch into what the processor takes."""
        if isinstance(value, FakeArray):
            return value.numbers
        declared = program.signatures.get(kernel, [])
        if place < len(declared) and declared[place].is_array and isinstance(value, np.int64):
            memory = self.cuda.pinned[int(value)]  # a bare address
            return np.frombuffer(memory, declared[place].dtype)
        return value

    @contextmanager
    def counted(self) -> Iterator[Counts]:
        """Count what the block asks of the GPU."""
        before, self.counts = self.counts, Counts()
        try:
            yield self.counts
        finally:
            self.counts = before

    @contextmanager
    def threads_backwards(self) -> Iterator[None]:
        """Run all threads of the block's kernels from the last to the first."""
        self.backwards = True
        try:
            yield
        finally:
            self.backwards = False


cupy = Cupy()

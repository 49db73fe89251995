"""NVIDIA's own compiler takes every kernel, for two generations of GPUs, without a GPU.

CuPy's public compiler asks the device what it is; the functions under it need no device, but are
private to CuPy: an import that fails names them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from minin.fast.cuda.launch import INDICES, OPTIONS, REALS, program
from tests.portability.cupy_names import demand_cupy, skip_or_fail

pytestmark = pytest.mark.cupy
ARCHITECTURES = ("sm_80", "sm_90")


@pytest.fixture(scope="module")
def nvrtc() -> Any:
    """The compiler's functions, if the compiler's library is there."""
    demand_cupy()
    nvrtc = import_module("cupy_backends.cuda.libs.nvrtc")
    try:
        nvrtc.getVersion()
    except (RuntimeError, ImportError, OSError) as error:
        skip_or_fail(f"NVRTC cannot be loaded ({error}): pip install nvidia-cuda-nvrtc")
    return nvrtc


def compiled(nvrtc: Any, text: str, architecture: str) -> bytes:
    """Compile; raise with the compiler's own words."""
    made = nvrtc.createProgram(text, "minin.cu", (), ())
    try:
        nvrtc.compileProgram(made, (f"--gpu-architecture={architecture}", *OPTIONS))
        return bytes(nvrtc.getCUBIN(made))
    except nvrtc.NVRTCError:
        raise SyntaxError(nvrtc.getProgramLog(made)) from None
    finally:
        nvrtc.destroyProgram(made)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("real", REALS.values())
def test_every_kernel_compiles(nvrtc: Any, real: str, index: str, architecture: str) -> None:
    binary = compiled(nvrtc, program(real, index), architecture)
    assert binary[:4] == b"\x7fELF"
    names = [line for line in program(real, index).splitlines() if "__global__" in line]
    assert len(names) >= 15
    for line in names:
        name = line.split("void ")[1].partition("(")[0]
        assert name.encode() in binary, f"{name} is not in the binary"


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        # as it is in a text that g++ takes: NVRTC has no math.h
        ("#define INFINITY __int_as_float(0x7f800000)", "", "INFINITY"),
        ("best = v;", "best = w_;", "w_"),  # a typing error
        ("won = a * kw + b;", "won = a * kw + b", "expected"),
        ("REAL best = (REAL)-INFINITY;", "REAL best = HUGE_VAL;", "HUGE_VAL"),
    ],
)
def test_a_kernel_that_does_not_compile_is_found(nvrtc: Any, old: str, new: str, word: str) -> None:
    text = program("float", "int")
    assert old in text
    with pytest.raises(SyntaxError, match=word):
        compiled(nvrtc, text.replace(old, new), "sm_90")


def test_a_kernel_for_one_type_only_is_found(nvrtc: Any) -> None:
    old, new = "REAL best = ", "const double* wide = x;\n    REAL best = wide != x ? 0 : "
    texts = {real: program(real, "int") for real in REALS.values()}
    assert all(old in text for text in texts.values())
    assert compiled(nvrtc, texts["double"].replace(old, new), "sm_80")
    with pytest.raises(SyntaxError, match="double"):
        compiled(nvrtc, texts["float"].replace(old, new), "sm_80")

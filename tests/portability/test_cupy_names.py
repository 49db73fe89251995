"""Every name of CuPy that minin uses is in the installed CuPy, and takes what it is given."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fast.cuda.fake import NAMES
from tests.portability.cupy_names import demand_cupy, faults, sources, uses


@pytest.fixture(scope="module")
def libraries() -> dict[str, Any]:
    cupy = demand_cupy()
    import cupyx

    return {"cupy": cupy, "cupyx": cupyx}


@pytest.mark.cupy
def test_minin_uses_what_cupy_has(libraries: dict[str, Any]) -> None:
    found = [fault for path, text in sources().items() for fault in faults(path, text, libraries)]
    assert found == []


def test_the_scan_sees_the_source() -> None:
    """It is not empty: the rules' own words are among what it looks at."""
    seen = {".".join(chain) for text in sources().values() for _, chain in uses(text)}
    assert {"cupy.reshape", "cupy.matmul", "cupy.stack", "cupy.isnan", "cupy.RawModule"} <= seen
    assert "cupy.cuda.alloc_pinned_memory" in seen
    assert "cupy.cuda.runtime.getDeviceCount" in seen


@pytest.mark.cupy
def test_the_stand_in_has_no_name_that_cupy_lacks(libraries: dict[str, Any]) -> None:
    assert [name for name in sorted(NAMES) if not hasattr(libraries["cupy"], name)] == []


HEAD = "from minin.backend import namespace\ndef rule(x):\n    xp = namespace(x)\n    return "


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("xp.vecdot(x, x)", "CuPy has no cupy.vecdot"),
        ("xp.linalg.vecdot(x, x)", "CuPy has no cupy.linalg.vecdot"),
        ("xp.einsum_path('ij', x)", "CuPy has no cupy.einsum_path"),
        ("xp.errstate()", "CuPy has no cupy.errstate"),
        ("xp.bfloat16", "CuPy has no cupy.bfloat16"),
        ("namespace(x).unstack(x)", "CuPy has no cupy.unstack"),
        ("self.xp.matvec(x, x)", "CuPy has no cupy.matvec"),
        ("xp.reshape(x, (1,), order='C', casting='no')", "casting"),
        ("xp.sum(x, axis=0, where=x)", "where"),
        ("xp.matmul(x, x, initial=0)", "initial"),
        ("xp.exp(x, where=x)", "cupy.exp takes no where="),
        ("xp.RawModule(code='', names=())", "takes no names="),
        ("xp.zeros((1,), dtype=x.dtype, device='cuda')", "take no device="),
        ("xp.transpose(x, (0, 1), 2)", "too many positional"),
        ("xp.maximum.reduce(x)", "cupy.maximum.reduce raises"),
        ("xp.add.accumulate(x)", "cupy.add.accumulate raises"),
        ("xp.subtract.at(x, 0, 1)", "cupy.subtract.at raises"),
        ("xp.cuda.runtime.deviceCount()", "CuPy has no cupy.cuda.runtime.deviceCount"),
    ],
)
@pytest.mark.cupy
def test_a_planted_name_is_found(line: str, sentence: str, libraries: dict[str, Any]) -> None:
    found = faults("planted.py", HEAD + line, libraries)
    assert len(found) == 1
    assert found[0].startswith("planted.py:4: ")
    assert sentence in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    lib = backend.namespace(x)\n    return lib.vecdot(x, x)",
        "def f(x):\n    lib, real = namespace(x), 1\n    return lib.vecdot(x, x)",
        "class A:\n    def __init__(self, x):\n        self.xp, self.y = namespace(x), 1\n"
        "    def f(self, x):\n        return self.xp.vecdot(x, x)",
        "def f():\n    cupy = _import_cupy()\n    return cupy.vecdot",
        "import cupyx\ncupyx.vecdot",
    ],
)
@pytest.mark.cupy
def test_a_library_is_found_whatever_it_is_called(text: str, libraries: dict[str, Any]) -> None:
    (found,) = faults("planted.py", text, libraries)
    assert "vecdot" in found


@pytest.mark.parametrize(
    "line",
    [
        "xp.add.at(x, 0, 1)",
        "xp.add.reduce(x)",
        "xp.matmul(x, x, out=x)",
        "xp.exp(x, out=x)",
        "xp.asarray(x, copy=True)",
        "xp.reshape(x, (2, -1))",
        "xp.zeros(*x, **x)",
        "xp.RawModule(code='', options=())",
        "np.vecdot(x, x)",
        "x.vecdot",
    ],
)
@pytest.mark.cupy
def test_what_is_sound_is_not_found(line: str, libraries: dict[str, Any]) -> None:
    assert faults("planted.py", HEAD + line, libraries) == []

"""What all fast rules cover alike."""

from __future__ import annotations

import numpy as np
import pytest

from minin.fast.coverage import is_covered


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64", "bool", ">f4", ">f8"])
@pytest.mark.parametrize("shape", [(2, 3), (0, 3), ()])
def test_only_floats_that_are_there_are_covered(dtype: str, shape: tuple[int, ...]) -> None:
    covered = dtype in ("float32", "float64") and 0 not in shape
    assert is_covered(np.zeros(shape, dtype)) == covered

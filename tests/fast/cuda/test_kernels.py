"""Every kernel computes what the book's rule does, from its own text, under sanitizers.

And the proof can fail: a kernel with a planted fault is found, by the right means.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from minin.fast.cuda.launch import INDICES, PARTS, REALS, program
from tests.choice import examples, mostly_thorough
from tests.fast.cuda.checks import CHECKS, Runner
from tests.fast.cuda.processor import KernelError, Program, compiled, demand_compiler, signatures

FEW = settings(max_examples=examples(8))  # each is one call with its threads in both orders


@pytest.fixture(autouse=True)
def _needs_a_compiler() -> None:
    demand_compiler()


def test_every_kernel_has_a_check() -> None:
    assert set(CHECKS) == set(signatures(program("float", "int")))


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("real", REALS)
@pytest.mark.parametrize("name", CHECKS)
@FEW
@given(draw=st.data())
def test_a_kernel_equals_the_book(name: str, real: str, index: str, draw: st.DataObject) -> None:
    CHECKS[name](draw, Runner(compiled(program(REALS[real], index)), real, index))


def with_kernel(name: str) -> str:
    """Take the file that holds a kernel, alone: it compiles in half the time."""
    texts = (program("float", "int", ("common", part)) for part in PARTS[1:])
    return next(text for text in texts if name in signatures(text))


def fault(name: str, text: str) -> BaseException | None:
    """Examine one kernel of a text; return what was found."""
    planted = Program(text)
    runner = Runner(planted, "float32", "int")

    @settings(max_examples=60, phases=[Phase.generate], report_multiple_bugs=False, database=None)
    @given(draw=st.data())
    def examine(draw: st.DataObject) -> None:
        CHECKS[name](draw, runner)

    try:
        examine()
    except (KernelError, AssertionError) as error:
        return error
    finally:
        planted.end()
    return None


DIFFERS = "Arrays are not equal|Not equal to tolerance"
PLANTED = [
    # reads or writes where nothing is
    ("relu", "count) return;\n    REAL v", "count + 1) return;\n    REAL v", "overflow"),
    ("im2col", "y >= 0 && y < h", "y >= 0 && y <= h", "overflow"),
    ("im2col", "z >= 0 && z < w", "z < w", f"{DIFFERS}|overflow"),
    ("col2im", "z / sw >= ow", "z / sw > ow", "overflow"),
    ("max_pool", "column >= w", "column > w", "overflow"),
    ("sum_strips", "s < strips", "s <= strips", "overflow"),
    # a transposed index
    ("im2col", "image[(y * w + z) * c]", "image[(z * h + y) * c]", DIFFERS),
    ("average_slope", "grad[i / c / pixels * c + i % c]", "grad[i % c]", DIFFERS),
    ("col2im", "y / sh * ow + z / sw", "z / sw * oh + y / sh", DIFFERS),
    # the contract of max pooling: ties, NaN, the border
    ("max_pool_slope", "v > best", "v >= best", DIFFERS),
    ("max_pool", "(v != v && best == best)", "false", DIFFERS),
    ("max_pool_slope", "won < 0 || v > best", "v > best", DIFFERS),
    ("max_pool", "REAL best = (REAL)-INFINITY;\n    INDEX won = -1;", "REAL best = 0;\n"
     "    INDEX won = 0;", DIFFERS),
    # an int that overflows
    ("relu", "REAL v = x[i];", "REAL v = x[i] + (REAL)(i * 2000000011) * 0;", "signed integer"),
    # a shift that C++ does not define
    ("dropout", "(v >> 15)", "(v >> 32)", "shift exponent"),
    # threads that write to one place
    ("sum_strips", "total[i] = sum;", "total[i / 2] = sum;", "threads meet"),
    ("average", "y[i] = sum / ", "y[i - i % 2] = sum / ", "threads meet"),
    # rounding that float32 cannot bear
    ("cross_entropy", "truth * (z[j] - top - log_of_sum)", "truth * (z[j] - (top + log_of_sum))",
     DIFFERS),
    ("cross_entropy", "sum += exp(z[j] - top)", "sum += exp(z[j])", DIFFERS),
    # a wait that is missing would need luck to be seen; a sum that stops early is seen
    ("cross_entropy", "half > 0", "half > 1", DIFFERS),
    # one step of an optimiser that forgets its decay, and one that looks ahead twice
    ("sgd", "grad[i] + decay * weight[i] : grad[i];\n    weight[i] -= lr", "grad[i] : grad[i];\n"
     "    weight[i] -= lr", DIFFERS),
    ("sgd_momentum", "nesterov ? g + momentum * v : v", "g + momentum * v", DIFFERS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new", "word"), mostly_thorough(PLANTED, lambda row: row in PLANTED[::5])
)
def test_a_planted_fault_is_found(name: str, old: str, new: str, word: str) -> None:
    text = with_kernel(name)
    assert old in text
    found = fault(name, text.replace(old, new))
    assert found is not None, "nothing was found"
    assert any(part in str(found) for part in word.split("|")), found


def test_without_a_fault_nothing_is_found() -> None:
    assert fault("max_pool_slope", with_kernel("max_pool_slope")) is None


def test_a_class_out_of_range_is_noted_and_reads_nothing() -> None:
    run = Runner(compiled(program("float", "int")), "float32", "int")
    logits, target = np.zeros((4, 3), np.float32), np.array([0, 7, -1, 2])
    losses, largest, log_sum = (run.empty(4) for _ in range(3))
    total, wrong = run.empty(), np.zeros(3, np.int64)
    outputs = (losses, largest, log_sum, total, wrong)
    run("cross_entropy", 1, logits, target, *outputs, 4, 3, 0.0, 1.0, blocks=1)
    assert wrong.tolist() == [1, 7, 3]  # there is one; the first of them; of how many classes
    np.testing.assert_array_equal(np.isnan(losses), [False, True, True, False])
    assert np.isnan(total)
    grad, out = np.ones(1, np.float32), run.empty(4, 3)
    kept = (logits, target, largest, log_sum, grad)
    run("cross_entropy_slope", 12, *kept, out, 12, 3, 0.0, 1.0, False)
    np.testing.assert_array_equal(np.isnan(out).all(axis=1), [False, True, True, False])
    assert np.isfinite(out[[0, 3]]).all()

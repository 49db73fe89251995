"""`check_torch`: PyTorch's functions get the report that pairs of functions get."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minin import gradcheck
from minin.errors import BackendUnavailableError, DtypeError
from tools.printed import printed

PAGE = Path(__file__).resolve().parents[2] / "docs" / "other-peoples-gradients.md"
peers = pytest.mark.peers("torch")


def tensors(*shapes: tuple[int, ...], grad: bool = False) -> list[Any]:
    import torch

    rng = np.random.default_rng(3)
    return [torch.tensor(rng.standard_normal(s), requires_grad=grad) for s in shapes]


def linear(spoil: str = "", context: bool = True) -> Any:
    """A Function x @ w.T + b; `spoil` is an argument whose gradient is halved."""
    import torch

    def backward(ctx: Any, grad: Any) -> Any:
        x, w = ctx.saved_tensors
        found = {"x": grad @ w, "w": grad.T @ x, "b": grad.sum(0)}
        return tuple(g / 2 if name == spoil else g for name, g in found.items())

    if context:

        class Linear(torch.autograd.Function):  # type: ignore[misc]  # torch is Any
            @staticmethod
            def forward(ctx: Any, x: Any, w: Any, b: Any) -> Any:
                ctx.save_for_backward(x, w)
                return x @ w.T + b

        Linear.backward = staticmethod(backward)
        return Linear

    class Separate(torch.autograd.Function):  # type: ignore[misc]  # torch is Any
        @staticmethod
        def forward(x: Any, w: Any, b: Any) -> Any:
            return x @ w.T + b

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:  # noqa: ARG004
            ctx.save_for_backward(*inputs[:2])

    Separate.backward = staticmethod(backward)
    return Separate


SHAPES = ((4, 3), (5, 3), (5,))


def test_without_pytorch_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(BackendUnavailableError, match=r"check_torch needs torch: pip install"):
        gradcheck.check_torch(np.sin, np.ones(3))


@peers
@pytest.mark.parametrize("context", [True, False])
@pytest.mark.parametrize("spoil", ["", "x", "w", "b"])
def test_a_function_is_judged_argument_by_argument(spoil: str, context: bool) -> None:
    fn = linear(spoil, context)
    report = gradcheck.check_torch(fn if context else fn.apply, tensors(*SHAPES))
    assert [f.argument for f in report.findings] == ([spoil] if spoil else [])
    assert [line.argument for line in report.lines] == ["x", "w", "b"]
    if spoil:
        assert report.op == "linear"
        assert "0.5 x the right gradient" in report.findings[0].what
    else:
        assert report.title.startswith(f"{fn.__name__}.backward")


@peers
def test_what_requires_a_gradient_is_judged_alone() -> None:
    x, w = tensors((4, 3), (5, 3))
    (b,) = tensors((5,), grad=True)
    report = gradcheck.check_torch(linear("x"), [x, w, b])
    assert report.ok
    assert [line.argument for line in report.lines] == ["b"]


@peers
def test_a_module_is_judged_with_its_parameters_and_keeps_them() -> None:
    import torch

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 2), torch.nn.BatchNorm2d(3), torch.nn.Tanh())
    model[0].bias.requires_grad_(False)
    before = {name: x.clone() for name, x in model.state_dict().items()}
    report = gradcheck.check_torch(model, tensors((2, 2, 4, 3)))
    assert report.ok, report
    named = [line.argument for line in report.lines]
    assert named == ["input", "0.weight", "1.weight", "1.bias"]
    assert all(x.dtype == torch.float32 for x in model.parameters())
    for name, x in model.state_dict().items():
        assert torch.equal(x, before[name]), name
    assert all(x.grad is None for x in model.parameters())


@peers
def test_labels_lists_and_settings_are_handed_on() -> None:
    import torch

    (logits,) = tensors((4, 5))
    labels = torch.tensor([1, 0, 4, 2])
    loss = torch.nn.functional.cross_entropy
    report = gradcheck.check_torch(loss, [logits, labels], params={"label_smoothing": 0.1})
    assert report.ok, report
    assert [line.argument for line in report.lines] == ["input"]
    report = gradcheck.check_torch(lambda parts, k: torch.cat(parts) ** k, [tensors((2,), (3,)), 3])
    assert report.ok, report
    assert len(report.lines) == 2


@peers
def test_a_cut_graph_is_seen() -> None:
    report = gradcheck.check_torch(lambda x, w: x * w.detach(), tensors((3, 2), (3, 2)))
    assert [(f.argument, f.bug) for f in report.findings] == [("w", "H10")]
    report = gradcheck.check_torch(lambda x: x.detach() * 2, tensors((3, 2)))
    assert [f.argument for f in report.findings] == ["x"]


@peers
def test_one_gradient_for_two_inputs_is_the_engines_own_affair() -> None:
    assert gradcheck.check_torch(lambda x, y: x + y, tensors((3, 2), (3, 2))).ok


@peers
def test_an_upstream_gradient_that_is_written_to_is_seen() -> None:
    import torch

    class Twice(torch.autograd.Function):  # type: ignore[misc]  # torch is Any
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:  # noqa: ARG004
            return 2 * x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:  # noqa: ARG004
            return grad.mul_(2)

    report = gradcheck.check_torch(Twice, tensors((3, 2)))
    assert "H1" in {f.bug for f in report.findings} | {n.bug for n in report.notes}


@peers
def test_what_is_no_tensor_is_refused() -> None:
    with pytest.raises(DtypeError, match=r"must return one tensor, got tuple"):
        gradcheck.check_torch(lambda x: (x, x, x), tensors((3,)))


@peers
@pytest.mark.peers("jax")
def test_the_page_shows_what_its_programs_print() -> None:
    text = PAGE.read_text("utf-8")
    assert text.count("```text") == 3
    assert printed(text, PAGE.name) == text

"""Which rule of a graph is the first wrong one, seen from the loss.

Backward goes from the end to the beginning, so the first wrong rule in that order spoils all
after it. Each rule is checked by itself, with the very upstream gradient that reached it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minin import autograd, backend
from minin.autograd import Step, Tensor
from minin.backend import Array
from minin.gradcheck.measure.steps import STEP, along
from minin.gradcheck.measure.upstream import draw_upstream
from minin.gradcheck.subject.arguments import put_floats, spread
from minin.gradcheck.subject.tensor_function import Graph
from minin.sentences import sentence

LARGE = 20_000  # numbers among the arguments of a step that is examined by itself
TRIES = 2  # random directions for each argument


@dataclass(frozen=True)
class Place:
    """Where on a graph it goes wrong: in words, and the step itself if there is one."""

    text: str
    step: Step | None = None

    def alone(self) -> Graph | None:
        """Return the wrong step as a function of its own, to be examined; None if it is large."""
        step = self.step
        if step is None:
            return None
        arguments = list(step.arguments)
        if sum(x.size for _, x in spread(arguments, list(step.op.arrays))) > LARGE:
            return None

        def again(*arrays: Any) -> Tensor:
            out: Tensor = step.op(*arrays, **step.parameters)
            return out

        graph = Graph(again, arguments)
        graph.arguments = list(step.op.arrays)
        graph.params = dict(step.parameters)
        return graph


def first_wrong(graph: Graph, seed: int = 0) -> Place:
    """Find the first wrong rule of a graph in the order of backward."""
    rng = np.random.default_rng(seed)
    outcome = graph.run(graph.base)
    try:
        graph.run_backward(outcome, draw_upstream(outcome.output.shape, rng))
    except Exception as error:  # a rule raises: the message names it
        return Place(sentence("gradcheck.graph_stops", error=f"{error!s:.120}"))
    steps: Sequence[Step] = outcome.cache[2].steps
    for number in range(len(steps) - 1, -1, -1):
        step = steps[number]
        if step.grad_y is None:
            continue
        wrong = list(_wrong_arguments(step, rng))
        if wrong:
            text = sentence(
                "gradcheck.first_wrong",
                number=number + 1,
                total=len(steps),
                op=step.op.__name__,
                kind=step.kind,
                names=", ".join(wrong),
            )
            return Place(text, step)
    return Place(sentence("gradcheck.all_right"))


def _wrong_arguments(step: Step, rng: np.random.Generator) -> Iterator[str]:
    """Yield the arguments whose gradient one rule gets wrong, for its actual upstream gradient."""
    names = [f"{name}" for name in step.op.arrays]
    found = spread(list(step.arguments), names)
    base = [backend.to_numpy(x).astype(np.float64) for _, x in found]
    grads = _gradients(step, base)
    g = backend.to_numpy(step.grad_y)

    def look(leaves: Sequence[Array]) -> tuple[Array, None]:
        with autograd.no_grad():
            return backend.to_numpy(_call(step, leaves, False)[0].data), None

    for place, (name, _) in enumerate(found):
        grad = grads[place]
        if grad is not None and not _agrees(look, base, place, grad, g, rng):
            yield name


def _agrees(
    look: Any, base: list[Array], place: int, grad: Array, g: Array, rng: np.random.Generator
) -> bool:
    for _ in range(TRIES):
        directions = [np.zeros_like(b) for b in base]
        directions[place] = rng.normal(size=base[place].shape)
        slope = float(np.sum(g * along(look, base, directions, STEP)))
        terms = grad * directions[place]
        scale = float(np.sum(np.abs(terms))) + abs(slope)
        if abs(slope - float(terms.sum())) > 1e-5 * scale + 1e-9:
            return False
    return True


def _call(step: Step, leaves: Sequence[Array], wanted: bool) -> tuple[Any, list[Tensor]]:
    tensors: list[Tensor] = []

    def fresh(new: Array, old: Any) -> Tensor:
        tensors.append(Tensor(backend.asarray(new.copy(), like=old), requires_grad=wanted))
        return tensors[-1]

    arguments = put_floats(list(step.arguments), leaves, fresh)
    return step.op(*arguments, **step.parameters), tensors


def _gradients(step: Step, base: list[Array]) -> list[Any]:
    """Run the step's rule, and its backward with the step's own upstream gradient."""
    out, tensors = _call(step, base, True)
    out.backward(backend.asarray(backend.to_numpy(step.grad_y), like=out.data))
    return [None if t.grad is None else backend.to_numpy(t.grad) for t in tensors]

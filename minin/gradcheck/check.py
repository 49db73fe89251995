"""`check` for functions of tensors, `check_backward` for anybody's pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from minin.autograd import Tensor
from minin.errors import DtypeError, UnknownNameError
from minin.gradcheck.diagnose.first_wrong_step import Place, first_wrong
from minin.gradcheck.examine import examine
from minin.gradcheck.measure.facts import Explanation, Fact
from minin.gradcheck.recognise.layouts import unusual_kernel
from minin.gradcheck.recognise.other_inputs import Sample
from minin.gradcheck.recognise.references.table import REFERENCES
from minin.gradcheck.repair import search
from minin.gradcheck.report.report import LEVELS, Report
from minin.gradcheck.report.result import Result
from minin.gradcheck.report.text import write_report
from minin.gradcheck.subject.arguments import as_list
from minin.gradcheck.subject.functions import Code
from minin.gradcheck.subject.printed import catch_prints
from minin.gradcheck.subject.tensor_function import Graph
from minin.rng import generator
from minin.sentences import sentence, speaking

ALIASES = {
    "conv": "conv2d", "max_pool": "max_pool2d", "avg_pool": "avg_pool2d",
    "mean_pool2d": "avg_pool2d", "gap": "global_avg_pool2d", "global_avg_pool": "global_avg_pool2d",
    "cross_entropy": "softmax_cross_entropy", "softmax_loss": "softmax_cross_entropy",
    "affine": "linear", "dense": "linear", "fully_connected": "linear", "fc": "linear",
    "normalize": "normalise", "conv_1x1": "conv1x1", "mse_loss": "mse",
}  # fmt: skip


def check(
    fn: Callable[..., Tensor],
    inputs: Any,
    params: Any = None,
    seed: int = 0,
    sample: Sample | None = None,
    feedback: str = "fix",
    language: str | None = None,
) -> Report:
    """Check gradients of a function of tensors against measured slopes, and say which bug it is.

    The inputs stay as given; what varies is the upstream gradient. The work is done in
    float64, and parameters get their own numbers and gradients back at the end.

    Args:
        fn: takes tensors, returns one; its result must depend on its inputs alone.
        inputs: an array or tensor, or a list of them; integers and lists are handed on.
        params: what ``fn`` reads besides: tensors by name or in a list, or a module; None for
            ``fn`` itself, if it is a module.
        seed: of the upstream gradients.
        sample: ``sample(rng)`` draws other inputs, if the check may use others.
        feedback: "verdict", "where", "what" or "fix": how much ``str(report)`` gives away.
        language: of the report, one of `minin.sentences.languages`; None for MININ_LANGUAGE,
            or English.

    Raises:
        DtypeError: if there is no float array to differentiate, or ``fn`` returns no tensor.
        UnknownNameError: if ``feedback`` or ``language`` is unknown.

    Example:
        >>> import numpy as np
        >>> from minin import gradcheck
        >>> report = gradcheck.check(lambda x: (x * x).sum(), np.array([1.0, -2.0, 3.0]))
        >>> report.ok
        True
    """
    _demand(feedback, fn=fn, sample=sample or all)
    own = fn if params is None and hasattr(fn, "named_parameters") else params
    subject = Graph(fn, as_list(inputs), own)
    with speaking(language), catch_prints():
        try:
            _demand_one_dtype(subject, own)
            result = examine(subject, generator(seed, "seed"), None, sample)
            broken = result.verdicts or [f for f in result.facts if not (f.note or f.fatal)]
            place = first_wrong(subject) if broken else None
        finally:
            subject.restore()
        report = write_report(result, getattr(fn, "__name__", "fn"), feedback)
        return report if place is None else name_wrong_steps(report, place, seed)


def name_wrong_steps(report: Report, place: Place, seed: int) -> Report:
    """Tell of a graph's wrong gradients what is wrong in the rule that spoilt them."""
    report = replace(report, localised=place.text)
    alone = place.alone()
    if alone is None or place.step is None:
        return report
    inner = write_report(examine(alone, generator(seed)), place.step.op.__name__)
    cause = next((f for f in inner.findings if f.bug), None)
    if cause is None:
        return report
    op, argument = place.step.op.__name__, cause.argument
    findings = tuple(
        f if f.bug and f.certain else replace(
            f, bug=cause.bug, candidates=cause.candidates, fix=cause.fix,
            what=sentence("gradcheck.in_step", op=op, argument=argument, what=cause.what),
            certain=cause.certain,
        )
        for f in report.findings
    )  # fmt: skip
    return replace(report, findings=findings)


def check_backward(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    inputs: Sequence[Any],
    op: str | None = None,
    params: Mapping[str, Any] | None = None,
    names: Sequence[str] | None = None,
    seed: int = 0,
    sample: Sample | None = None,
    feedback: str = "fix",
    language: str | None = None,
    repair: bool = True,
) -> Report:
    """Check anybody's backward, on plain arrays, against slopes measured on their forward.

    Args:
        forward: ``forward(*inputs, **params)`` returns the output or (output, cache).
        backward: ``backward(grad, cache)``, or ``backward(grad)`` where forward returns no
            cache, gives the gradients in the order of the inputs: a tuple, a list, one array,
            or a dictionary by name.
        inputs: float arrays are differentiated; labels, settings and None are handed on.
        op: what it computes, as in "conv2d"; None to find out.
        params: keyword arguments of forward.
        names: of the inputs; None to read them from forward.
        seed: of the upstream gradients.
        sample: ``sample(rng)`` draws other inputs, if the check may use others.
        feedback: "verdict", "where", "what" or "fix": how much ``str(report)`` gives away.
        language: of the report, one of `minin.sentences.languages`; None for MININ_LANGUAGE,
            or English.
        repair: where a gradient is wrong, search a change of the caller's code that makes it
            right; not at feedback "verdict".

    Raises:
        DtypeError: if there is no float array among the inputs.
        UnknownNameError: if ``op``, ``feedback`` or ``language`` is unknown.

    Example:
        >>> import numpy as np
        >>> from minin import gradcheck
        >>> def forward(x):
        ...     return x**2, x
        >>> def backward(grad, x):
        ...     return grad * x
        >>> report = gradcheck.check_backward(forward, backward, [np.arange(1.0, 9.0)])
        >>> report.findings[0].bug, report.findings[0].what
        ('A5', 'yours = 0.5 x the right gradient, in every entry; 0.5 = 1/2')
    """
    _demand(feedback, forward=forward, backward=backward, sample=sample or all)
    op = _op_named(op)
    given = [_array(x) for x in as_list(inputs)]
    with speaking(language), catch_prints():
        subject = Code(forward, backward, given, params, names)
        if names is None and op is not None and subject.arguments[0].startswith("input"):
            known = REFERENCES[op].arguments
            names = [*known, *subject.arguments[len(known) :]][: len(given)]
            subject.arguments = names
            subject = subject.at(subject.inputs)
        result = examine(subject, generator(seed, "seed"), op, sample)
        title = str(getattr(forward, "__name__", "forward"))
        if op is not None and result.slopes and result.binding is None:
            result.facts.insert(0, _does_not_fit(op))
        else:
            title = op or title
            axes = unusual_kernel(result.binding.layouts) if op and result.binding else ""
            result.facts += [_is_that_op_if(op or "", axes)] if axes else []
        report = write_report(result, title, feedback)
        return _repaired(report, result, subject, sample) if repair else report


def _repaired(report: Report, result: Result, subject: Code, sample: Sample | None) -> Report:
    """Search changes of the caller's code that make wrong gradients right."""
    seen = {name: e.comparisons for name, e in result.evidence.items()}
    wrong = {name: seen[name] for name in result.verdicts}
    # What is right at the caller's inputs shows nothing there: it has to stay right.
    here = {n: c for n, c in wrong.items() if c[0].wrong.any() or not c[0].fits}
    wrong = here or wrong
    if not wrong or report.feedback == "verdict":
        return report
    found = search(subject, wrong, {n: c for n, c in seen.items() if n not in wrong}, sample)
    if isinstance(found, str):
        return replace(report, no_repair=found)
    return replace(report, repair=found)


def _does_not_fit(op: str) -> Fact:
    what, fix = sentence("gradcheck.other_op", op=op), sentence("gradcheck.other_op_fix")
    return Fact("forward", Explanation("harness", None, what, fix=fix), note=True)


def _is_that_op_if(op: str, axes: str) -> Fact:
    what = sentence("gradcheck.unusual_kernel", op=op, axes=sentence(axes))
    fix = sentence("gradcheck.unusual_kernel_fix")
    return Fact("forward", Explanation("harness", None, what, fix=fix), note=True)


def _array(x: Any) -> Any:
    return x.data if isinstance(x, Tensor) else x


def _op_named(op: str | None) -> str | None:
    """Read the name of an operation, under any of its usual spellings."""
    if op is None:
        return None
    name = ALIASES.get(op, op)
    if name not in REFERENCES:
        raise UnknownNameError.among("op", op, [*REFERENCES, *ALIASES])
    return name


def _demand_one_dtype(subject: Graph, params: Any) -> None:
    """Run once; say what to do where parameters that are unknown here stay in float32."""
    try:
        subject.run(subject.base)
    except DtypeError as error:
        if params is not None or "float32" not in str(error):
            raise
        raise DtypeError(
            f"{error}; gradcheck works in float64: pass params=model, and it brings the "
            "parameters that fn reads to float64 for the check"
        ) from error


def _demand(feedback: str, **functions: Any) -> None:
    if feedback not in LEVELS:
        raise UnknownNameError.among("feedback", feedback, LEVELS)
    for name, given in functions.items():
        if not callable(given):
            raise DtypeError(f"{name} must be a function, got {type(given).__name__}")

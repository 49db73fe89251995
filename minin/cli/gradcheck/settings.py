"""How somebody's forward is told its settings: one by one, or in a dictionary of any name.

`forward(x, w, b, stride=1)`, `forward(x, w, b, stride, pad)` and
`forward(x, w, b, conv_param)` get the same settings, under whatever usual names they have there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from minin.errors import UnknownNameError
from minin.gradcheck.recognise.match import PARTS, SYNONYMS, keywords_of_run
from minin.gradcheck.recognise.references.record import Reference

Call = tuple[list[Any], dict[str, Any]]  # inputs, keyword arguments


class Settings(dict[str, Any]):
    """A dictionary of settings that answers to their other usual names too.

    What it holds is what a report shows; what is asked for besides (``f`` for ``kernel_size``,
    ``pad_h`` for ``pad``) is found by its meaning.
    """

    def __init__(self, shown: Mapping[str, Any], reference: Reference, params: Mapping[str, Any]):
        super().__init__(shown)
        self.reference, self.params = reference, params

    def __missing__(self, name: str) -> Any:
        if meaning(self.reference, name) is None:
            raise KeyError(name)
        return value(self.reference, self.params, name)


def unfold(
    forward: Callable[..., Any], given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Part what --params says into settings by name, and dictionaries that forward takes whole.

    Raises:
        UnknownNameError: if there is a dictionary for an argument that forward does not have.

    Example:
        >>> unfold(lambda x, conv_param: x, {"conv_param": {"stride": 2}})
        ({}, {'conv_param': {'stride': 2}})
    """
    whole = {name: value for name, value in given.items() if isinstance(value, dict)}
    for name in whole:
        if name not in arguments(forward):
            raise UnknownNameError.among("argument of forward", name, arguments(forward))
    return {name: value for name, value in given.items() if name not in whole}, whole


def canonical(
    reference: Reference,
    forward: Callable[..., Any],
    bare: Mapping[str, Any],
    whole: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Give the settings the reference's own names; those of forward alone are left out.

    Raises:
        UnknownNameError: if neither knows a setting that stands in no dictionary of forward's.
    """
    found: dict[str, Any] = {}
    inside = {name: value for settings in whole.values() for name, value in settings.items()}
    given = inside | dict(bare)
    known = list(keywords_of_run(reference))
    for keyword in known:
        for names in PARTS.get(keyword, ()):
            if all(name in given for name in names):
                found[keyword] = tuple(given[name] for name in names)
    for name, said in given.items():
        means = meaning(reference, name)
        if means is not None and means[1] is None:
            found[means[0]] = said
        elif name not in (*inside, *arguments(forward)) and (means or [""])[0] not in found:
            rest = [*known, *arguments(forward)[len(reference.arguments) :]]
            error = UnknownNameError.among(f"setting of {reference.name}", name, rest or ["none"])
            bag = _bag_of(reference, forward)
            if bag is None:
                raise error
            raise UnknownNameError(
                f"{error}; what forward alone knows goes into its dictionary: "
                f'{{"{bag}": {{"{name}": ...}}}}'
            )
    return found


def _bag_of(reference: Reference, forward: Callable[..., Any]) -> str | None:
    takes = list(inspect.signature(forward).parameters.values())[len(reference.arguments) :]
    return next((p.name for p in takes if _is_bag(reference, p)), None)


def arranged(
    reference: Reference,
    forward: Callable[..., Any],
    inputs: list[Any],
    params: Mapping[str, Any],
    fixed: Mapping[str, Any],
    given: Mapping[str, Any],
) -> Call | None:
    """Lay a drawing out for forward; None where forward cannot be told a setting.

    Args:
        reference: of the operation.
        forward: takes the arrays, then settings.
        inputs: the arrays.
        params: the settings, under the reference's names.
        fixed: those of them that --params says.
        given: --params as it stands, with the dictionaries that forward takes whole.
    """
    found = inspect.signature(forward).parameters.values()
    takes = [p for p in found if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    inputs = inputs[: _count_arrays(reference, takes, given)] if takes else list(inputs)
    keywords: dict[str, Any] = {}
    told: set[str] = set()
    for place, p in enumerate(takes[len(inputs) :]):
        means = meaning(reference, p.name)
        if isinstance(given.get(p.name), dict) or _is_bag(reference, p):
            if p.name in given and not isinstance(given[p.name], dict):
                continue  # a setting of forward's own: handed on as it was given
            bag = _bag(reference, params, given, p)
            told |= set(params)
            if place == 0:
                inputs = [*inputs, bag]
            else:
                keywords[p.name] = bag
        elif means is not None and (_is_open(p) or means[0] in params):
            keywords[p.name] = value(reference, params, p.name)
            told.add(means[0])
    if any(p.kind is p.VAR_KEYWORD for p in found):
        keywords |= {k: v for k, v in params.items() if k not in told}
        told |= set(params)
    usual = keywords_of_run(reference)
    unusual = {k for k, v in params.items() if v != usual[k]}
    return None if unusual - told - set(fixed) else (inputs, keywords)


def _count_arrays(
    reference: Reference, takes: list[inspect.Parameter], given: Mapping[str, Any]
) -> int:
    """Count the arguments of forward that are arrays: a bias may be left out."""
    for place, p in enumerate(takes[: len(reference.arguments)]):
        setting = meaning(reference, p.name) and p.name not in reference.arguments
        if place and (isinstance(given.get(p.name), dict) or setting):
            return place
    return min(len(takes), len(reference.arguments))


def _is_open(parameter: inspect.Parameter) -> bool:
    """Tell whether forward demands an argument."""
    return parameter.default is parameter.empty


def _is_bag(reference: Reference, parameter: inspect.Parameter) -> bool:
    """Tell whether an argument after the arrays is a dictionary of settings, and no setting."""
    known = meaning(reference, parameter.name) is not None
    return isinstance(parameter.default, dict) or (_is_open(parameter) and not known)


def _bag(
    reference: Reference,
    params: Mapping[str, Any],
    given: Mapping[str, Any],
    parameter: inspect.Parameter,
) -> Settings:
    """Make the dictionary for one argument: as it was given, or with everything in it."""
    own = given.get(parameter.name)
    bare = {k: v for k, v in given.items() if not isinstance(v, dict)}
    usual = parameter.default if isinstance(parameter.default, dict) else {}
    read = {name: value(reference, params, name) for name in usual if meaning(reference, name)}
    if own is None:
        own = usual | (read or dict(_in_all_forms(reference, params))) | bare
    return Settings(own, reference, params)


def _in_all_forms(reference: Reference, params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield settings under the reference's names, and heights and widths apart."""
    usual = keywords_of_run(reference)
    read = {k: usual[k] for k in ("stride", "pad") if k in usual} | dict(params)
    if "kernel_size" in read:
        for name in PARTS["kernel_size"][0]:
            yield name, value(reference, params, name)
    yield from ((name, value(reference, params, name)) for name in read)


def meaning(reference: Reference, name: str) -> tuple[str, int | None] | None:
    """Say which setting a name means, and which part of it; None for no setting.

    Example:
        >>> from minin.gradcheck.recognise.references.table import REFERENCES
        >>> [meaning(REFERENCES["max_pool2d"], name) for name in ("f", "pool_width", "mode")]
        [('kernel_size', None), ('kernel_size', 1), None]
    """
    folded = name.lower()
    for keyword in keywords_of_run(reference):
        if folded in (*SYNONYMS.get(keyword, ()), keyword):
            return keyword, None
        for names in PARTS.get(keyword, ()):
            if folded in names:
                return keyword, names.index(folded)
    return None


def value(reference: Reference, params: Mapping[str, Any], name: str) -> Any:
    """Return the value of a setting under any of its names."""
    means = meaning(reference, name)
    assert means is not None  # the caller has looked
    keyword, part = means
    read = keywords_of_run(reference) | dict(params)
    if keyword == "stride" and read["stride"] is None:
        keyword = "kernel_size"
    whole = read[keyword]
    return whole[part] if part is not None and isinstance(whole, tuple) else whole


def arguments(forward: Callable[..., Any]) -> list[str]:
    """Name the arguments of forward."""
    return list(inspect.signature(forward).parameters)

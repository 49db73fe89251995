"""How an op is called: every argument by position or by name, whatever its rule's signature."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from minin.errors import DtypeError


class Called:
    """A rule that is called with its arguments by position or by name.

    Attributes:
        rule: the plain rule: arrays in, (output, backward) out.
        arrays: the names of its array arguments, which are positional in the rule.
        parameters: the names of its other arguments, which are keyword-only in the rule.
        enough: how many arrays alone make a whole call; -1 if a parameter has no default.
    """

    def __init__(self, rule: Callable[..., Any]) -> None:
        functools.update_wrapper(self, rule)  # type: ignore[arg-type]  # the ops are callable
        self.__name__: str = rule.__name__
        self.rule = rule
        code, optional = rule.__code__, rule.__defaults__ or ()
        self.arrays = code.co_varnames[: code.co_argcount]
        self.parameters = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
        self._defaults = dict(zip(reversed(self.arrays), reversed(optional), strict=False))
        self._defaults |= rule.__kwdefaults__ or {}
        complete = self._defaults.keys() >= set(self.parameters)
        self.enough = len(self.arrays) if complete else -1

    @property
    def __signature__(self) -> inspect.Signature:
        """The rule's, but every argument may be given by position or by name."""
        signature = inspect.signature(self.rule)
        either = [p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in signature.parameters.values()]
        return signature.replace(parameters=either, return_annotation="Tensor")

    def __repr__(self) -> str:
        return f"<op {self.__name__}{self.__signature__}>"

    def sort(self, args: Any, given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Sort arguments, by position or by name, into arrays and parameters."""
        names = self.arrays + self.parameters
        values = self._defaults | dict(zip(names, args, strict=False)) | given
        twice = not given.keys().isdisjoint(names[: len(args)])
        if twice or values.keys() != set(names) or len(args) > len(names):
            try:
                self.__signature__.bind(*args, **given)
            except TypeError as error:
                usage = f"{self.__name__}{self.__signature__}"
                raise DtypeError(f"{self.__name__}: {error}; it is called as {usage}") from None
        parameters = {name: values[name] for name in self.parameters}
        return tuple([values[name] for name in self.arrays]), parameters

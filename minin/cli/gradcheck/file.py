"""Functions out of somebody's file, and where in the file something went wrong."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from minin.errors import ArgumentError
from minin.gradcheck.subject.printed import catch_prints

MODULE = "minin_checked_file"
USUAL = "forward,backward"


def load(text: str) -> tuple[str, Callable[..., Any], Callable[..., Any]]:
    """Import the file that ``text`` names, and take forward and backward out of it.

    Args:
        text: FILE.py, FILE.py:FORWARD,BACKWARD, or FILE.py:LOSS of a function that returns the loss
            and its gradients.

    Returns:
        The file's path, forward, backward.

    Raises:
        ArgumentError: if there is no such file or function, or the file cannot be imported.
    """
    path, _, names = (text, "", USUAL) if text.endswith(".py") else text.rpartition(":")
    pair = [name.strip() for name in names.split(",")]
    if len(pair) > 2 or not path.endswith(".py"):
        raise ArgumentError(
            f"--function must be FILE.py:FORWARD,BACKWARD, as in conv.py:{USUAL}; got {text!r}"
        )
    if not Path(path).is_file():
        raise ArgumentError(f"--function: there is no file {path!r} here; check the path")
    module = imported(path)
    forward, *rest = (_function(module, name, path) for name in pair)
    return path, forward, rest[0] if rest else of_loss


def of_loss(grad: Any, gradients: Any) -> Any:
    """Return a loss's own gradients times the upstream gradient.

    Example:
        >>> of_loss(2.0, (3.0, None))
        [6.0, None]
    """
    if isinstance(gradients, Mapping):
        return {name: of_loss(grad, entry) for name, entry in gradients.items()}
    if isinstance(gradients, (tuple, list)):
        return [of_loss(grad, entry) for entry in gradients]
    return None if gradients is None else grad * gradients


def imported(path: str) -> ModuleType:
    """Run a file as a module; what it prints is told apart.

    Raises:
        ArgumentError: if that raises; the message has file, line and what was raised.
    """
    spec = importlib.util.spec_from_file_location(MODULE, path)
    if spec is None or spec.loader is None:
        raise ArgumentError(f"{path!r} cannot be imported; give a file of Python code")
    module = importlib.util.module_from_spec(spec)
    try:
        with catch_prints(), _beside(path, module):
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # whatever a file stops with
        raise ArgumentError(
            f"{failing_line(error, path)}: {type(error).__name__}: {_message(error)}; the file "
            "must be importable, so run it by itself first"
        ) from None
    return module


@contextlib.contextmanager
def _beside(path: str, module: ModuleType) -> Iterator[None]:
    """Let the file import its neighbours, and leave no compiled file behind."""
    before, written = list(sys.path), sys.dont_write_bytecode
    sys.path.insert(0, str(Path(path).resolve().parent))
    sys.dont_write_bytecode = True
    sys.modules[MODULE] = module
    try:
        yield
    finally:
        sys.path[:] = before
        sys.dont_write_bytecode = written


def _function(module: ModuleType, name: str, path: str) -> Callable[..., Any]:
    found = getattr(module, name, None)
    if not callable(found):
        own = [n for n, f in vars(module).items() if callable(f) and _is_own(f)]
        raise ArgumentError(
            f"{path} has no function {name!r}; it has {', '.join(own) or 'none at all'}: give "
            f"two of them as {path}:FORWARD,BACKWARD"
        )
    return found  # type: ignore[no-any-return]  # anything that can be called


def _is_own(function: Any) -> bool:
    return getattr(function, "__module__", None) == MODULE


def failing_line(error: BaseException, path: str) -> str:
    """Return FILE:LINE, the innermost line of the file that an error passed through.

    Example:
        >>> failing_line(SyntaxError("bad", ("a.py", 3, 1, "x")), "a.py")
        'a.py:3'
    """
    if isinstance(error, SyntaxError) and error.lineno:
        return f"{error.filename or path}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f for f in frames if f.filename == path or f.filename == str(Path(path).resolve())]
    return f"{path}:{inside[-1].lineno}" if inside else path


def _message(error: BaseException) -> str:
    return error.msg if isinstance(error, SyntaxError) else str(error)

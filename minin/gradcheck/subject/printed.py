"""What somebody's functions print while they are checked: kept, cut to a page, told afterwards.

A checker calls a function hundreds of times. Of each function only the first call that prints
is kept, and the other calls are counted.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any, BinaryIO, cast

from minin.gradcheck.subject.silence import quiet
from minin.sentences import language, sentence, speaking
from minin.text import LABEL, pad

LINES, COLUMNS = 24, 200  # of one function's output that are shown
KEPT = LINES * COLUMNS  # characters that are kept of it


@contextlib.contextmanager
def catch_prints(tell: Callable[[str], object] | None = None) -> Iterator[None]:
    """Silence a block as `quiet` does, and tell at its end what the functions in it printed.

    Inside another such block it does nothing: then the outer one hears everything.

    Args:
        tell: is called with the text, if there is any; None to print it.

    Example:
        >>> def backward():
        ...     print("shape", (2, 3))
        >>> with catch_prints():
        ...     backward()
        printed   by backward:
                  | shape (2, 3)
    """
    if isinstance(sys.stdout, Printed):
        yield
        return
    tell = show if tell is None else tell
    printed = Printed()
    try:
        with quiet(), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield
    finally:  # what was printed tells most where the block has failed
        printed.calling = None
        if text := printed.text():
            tell(text)


def show(text: str) -> None:
    """Print a text; control characters, and what stdout cannot encode, are written as escapes."""
    if getattr(sys.stdout, "closed", False):
        return  # nobody reads it, and a verdict must not be lost for that
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(visible(text).encode(encoding, "backslashreplace").decode(encoding))


def visible(text: str) -> str:
    r"""Write control characters out: what is printed must not paint over a report.

    Example:
        >>> visible("red \x1b[31m")
        'red \\x1b[31m'
    """
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)


def page(by: str, text: str, more: int = 0, over: bool = True) -> str:
    r"""Write the beginning of what was printed, each line marked as no part of a report.

    Args:
        by: who printed it.
        text: the beginning of it, or all.
        more: how many lines came after ``text``.
        over: whether that is all; if not, the number of lines that are not shown is not told.

    Example:
        >>> print(page("forward:", "PASSED\r\n"))
        printed   by forward:
                  | PASSED\r
    """
    rows = text.removesuffix("\n").split("\n")
    more += len(rows) - len(rows[:LINES])
    shown = [r if len(r) <= COLUMNS else r[:COLUMNS] + " ..." for r in map(visible, rows[:LINES])]
    if more:
        shown.append(_rest(more if over else None))
    head = pad(sentence("labels.printed"), -LABEL) + sentence("printed.by", who=visible(by))
    return "\n".join([head, *(f"{' ' * LABEL}| {row}".rstrip() for row in shown)])


def _rest(more: int | None) -> str:
    """Say how many lines are not shown, None if that is not known yet."""
    if more is None:
        return sentence("printed.more")
    return sentence("printed.one_more" if more == 1 else "printed.more_lines", count=more)


class Said:
    """What one function printed in the first call that did, and how many calls did."""

    def __init__(self, by: str) -> None:
        self.by, self.calls = by, 0
        self.kept, self.lines, self.last = "", 0, "\n"

    def add(self, text: str) -> None:
        """Keep a piece of the first call, up to a page."""
        room = KEPT - len(self.kept)
        if room >= 0:
            self.kept += text[:room] + (" ..." if len(text) > room else "")
        self.lines += text.count("\n")
        self.last = text[-1:] or self.last

    def page(self, over: bool) -> str:
        """Write it down; while the call goes on, `over` is false."""
        who = sentence("printed.function", function=self.by)
        if over and self.calls > 1:
            who = sentence("printed.first_call", function=self.by, calls=self.calls)
        kept = self.kept.removesuffix("\n").count("\n") + 1
        more = self.lines + (self.last != "\n") - kept
        return page(who, self.kept, more, over)


class Printed(io.TextIOBase):
    """Stands in for stdout, and finds out from the stack which function's call is printing."""

    def __init__(self) -> None:
        self.language = language()  # a thread of somebody's code has none of its own
        self.said: dict[CodeType, Said] = {}
        self.calling: FrameType | None = None  # the call that has printed last

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def close(self) -> None:
        """Stay open: somebody's code must not take away what comes after it."""

    encoding = "utf-8"

    @property
    def buffer(self) -> BinaryIO:
        """What takes bytes, as that of Python's own stdout."""
        return cast(BinaryIO, _Bytes(self))

    def reconfigure(self, **_: object) -> None:
        """Stay as it is: how lines are let out does not matter here."""

    def write(self, text: str) -> int:
        """Keep a text if it comes from the first call of its function that prints."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        return self.keep(text, inspect.currentframe())

    def keep(self, text: str, frame: FrameType | None) -> int:
        """Keep a text that is written by the call ``frame``."""
        frame, by = _caller(frame)
        said = self.said.setdefault(frame.f_code, Said(by))
        if frame is not self.calling:
            self.calling = frame
            said.calls += 1
        if said.calls == 1:
            said.add(text)
        return len(text)

    def text(self) -> str:
        """Return a page for each function that has printed; nothing if none has."""
        with speaking(self.language):
            return "\n".join(said.page(over=True) for said in self.said.values() if said.kept)


class _Bytes(io.RawIOBase):
    """Stands in for the buffer of stdout."""

    def __init__(self, printed: Printed) -> None:
        self.printed = printed

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        text = bytes(data).decode("utf-8", "backslashreplace")
        self.printed.keep(text, inspect.currentframe())
        return len(bytes(data))


def _caller(frame: FrameType | None) -> tuple[FrameType, str]:
    """Return the call that minin made of somebody's function, and how it is told of."""
    assert frame is not None
    assert frame.f_back is not None
    found = frame = frame.f_back
    while not _is_in(frame, "minin"):
        if not _is_in(frame, "importlib"):
            found = frame
        if frame.f_back is None:
            return found, sentence("printed.thread")
        frame = frame.f_back
    name = found.f_code.co_name
    return found, sentence("printed.file") if name == "<module>" else name


def _is_in(frame: FrameType, package: str) -> bool:
    return str(frame.f_globals.get("__name__")).split(".")[0] == package

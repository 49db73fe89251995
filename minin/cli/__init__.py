"""The command `minin`: one small file a command, imported only when it is asked for.

What each takes is listed in `commands.toml`.

Exit codes: 0 fine; 1 a check failed; 2 wrong arguments or data, with one line that begins
``minin: error:``, wrapped on a terminal; 130 stopped by Ctrl-C; 141 nobody reads the output.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from minin.cli.arguments import fill, listed
from minin.cli.console import width
from minin.errors import ArgumentError, MininError, UnknownNameError
from minin.text import wrap
from minin.version import __version__

COMMANDS = {
    name: found["line"] for name, found in listed().items() if name != "minin" and " " not in name
}


class Parser(argparse.ArgumentParser):
    """Reports mistakes as minin reports all others: one line, exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage."""
        raise ArgumentError(f"{message}; see `{self.prog} --help`")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        argv: the words after ``minin``; None takes those of the process.

    Example:
        >>> main(["summary", "nin-nothing"])
        2
    """
    words = list(sys.argv[1:] if argv is None else argv)
    _prepare_output()
    try:
        code = _run(words)
        sys.stdout.flush()
    except KeyboardInterrupt as stop:
        print(f"minin: {str(stop) or 'stopped by Ctrl-C'}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _drop_output()
        return 141
    except (MininError, OSError) as error:
        print(_told(error), file=sys.stderr)
        return 2
    return code


def _run(words: list[str]) -> int:
    """Parse the words; the chosen command's file, and no other, is imported for it."""
    parser = Parser(
        prog="minin",
        description="Network in Network, written out from scratch on NumPy arrays.",
    )
    fill(parser, "minin")
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    commands = parser.add_subparsers(dest="command", metavar="command")
    chosen = next((word for word in words if not word.startswith("-")), None)
    if chosen is not None and chosen not in COMMANDS:
        raise UnknownNameError.among("command", chosen, COMMANDS)
    module = None
    for name, line in COMMANDS.items():
        command = commands.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
        if name == chosen:
            module = importlib.import_module(f"minin.cli.{name}")
            getattr(module, "add_arguments", partial(fill, command=name))(command)
    try:
        args, unknown = parser.parse_known_args(words)
        if unknown:
            named = commands.choices.get(chosen or "", parser)
            named.error(f"unrecognized arguments: {' '.join(unknown)}")
    except SystemExit as stop:  # --help has printed
        return int(stop.code or 0)
    if args.version:
        print(f"minin {__version__}")
    elif module is None:
        parser.print_help()
    else:
        return int(module.run(args))
    return 0


def _told(error: Exception) -> str:
    """Write an error in one line, for programs that read it; on a terminal, wrapped."""
    line = f"minin: error: {' '.join(str(error).split()) or type(error).__name__}"
    if not sys.stderr.isatty():
        return line
    return "\n".join(wrap(line, width(), rest=" " * 2, cut=False))


def _prepare_output() -> None:
    """Let every line out at once, and print what cannot be encoded as an escape."""
    if sys.stdout is None:  # the shell has closed it (>&-): nobody reads it
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace", line_buffering=True)


def _drop_output() -> None:
    """Point stdout at nothing, so that Python's last flush does not complain either."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

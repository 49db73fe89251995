"""`minin bench`: times of operations on array libraries, with what is needed to trust them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from minin import bench
from minin.backend import device_report
from minin.bench.listing import listing
from minin.bench.spread import enough
from minin.cli.console import say, width
from minin.errors import ArgumentError
from minin.plots import need_matplotlib
from minin.train.owned import demand_ours, is_picture


def run(args: argparse.Namespace) -> int:
    """Measure, or show what was asked for.

    Returns:
        1 if a result is wrong, else 0.
    """
    if args.devices:
        print(device_report())
        return 0
    if args.list:
        print("\n".join(listing(width())))
        return 0
    if args.compare:
        if args.json or args.plot:
            raise ArgumentError("--compare measures nothing, so leave --json and --plot out")
        one, two = (bench.read_record(path) for path in args.compare)
        print("\n".join(bench.compare(one, two, width())))
        return 0
    return _measure(args)


def _measure(args: argparse.Namespace) -> int:
    if args.json:
        demand_ours(args.json, lambda path: bool(bench.read_record(path)))
    if args.plot:
        demand_ours(args.plot, is_picture)
        need_matplotlib()  # before the work that leads to a picture
    chosen = {name: _names(name, getattr(args, name)) for name in _FILTERS}
    options = bench.Request(quick=args.quick, **chosen)
    progress, clear = _progress()
    measured = bench.Run(bench.make_plan(options), block=bench.Processes(options), say=progress)
    try:
        measured.measure()
    except KeyboardInterrupt:
        clear()
        _show(measured, args)
        kept = f"; what was measured is in {args.json}, marked incomplete" if args.json else ""
        raise KeyboardInterrupt(f"stopped by Ctrl-C{kept}") from None
    clear()
    _show(measured, args)
    rows = measured.rows + measured.ceilings
    return 1 if any(row.status == "wrong" for row in rows) else 0


def _show(measured: bench.Run, args: argparse.Namespace) -> None:
    """Write the files first, for a pipe may break while the table is printed."""
    record = bench.make_record(measured)
    timed = any(enough(row.blocks) for row in measured.rows)
    if args.json:
        bench.write_record(args.json, record)
    if args.plot and timed:
        bench.write_plot(args.plot, record)
    print("\n".join(bench.table(record, width())))
    for path in (args.json, args.plot if timed else None):
        if path:
            say("saved", str(path))


_FILTERS = ("ops", "libraries", "dtypes", "sizes")


def _names(kind: str, text: str | None) -> list[str] | None:
    if text is None:
        return None
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise ArgumentError(f"--{kind} must be names with commas between them; got {text!r}")
    return names


def _progress() -> tuple[Callable[[str], None], Callable[[], None]]:
    """Return what shows where the run is, on a terminal only, and what takes it away."""
    if not sys.stdout.isatty():
        return (lambda _: None), (lambda: None)
    room = width() - 1
    return (
        lambda text: print(f"\r{text[:room]:<{room}}", end="", flush=True),
        lambda: print(f"\r{'':<{room}}\r", end="", flush=True),
    )

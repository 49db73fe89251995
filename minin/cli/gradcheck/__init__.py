"""`minin gradcheck`: are all gradients right, here and now; and whose code is wrong, and why."""

from __future__ import annotations

import argparse

from minin.errors import ArgumentError


def run(args: argparse.Namespace) -> int:
    """Do the one thing that was asked for; each has its own file."""
    _demand_one_task(args)
    if args.seed < 0:
        raise ArgumentError(f"--seed must be 0 or more; got {args.seed}")
    if args.list:
        from minin.cli.gradcheck.bug import show_names

        return show_names()
    if args.bug is not None:
        from minin.cli.gradcheck.bug import show_bug

        return show_bug(args.bug, args.seed, args.ascii)
    if args.function is not None:
        from minin.cli.gradcheck.function import check_function

        return check_function(args)
    from minin.cli.gradcheck.sweep import sweep

    return sweep(args)


def _demand_one_task(args: argparse.Namespace) -> None:
    """Refuse arguments that contradict each other or that nothing would read."""
    tasks = {
        "names": bool(args.names),
        "--list": args.list,
        "--bug": args.bug is not None,
        "--function": args.function is not None,
    }
    chosen = [name for name, there in tasks.items() if there]
    if len(chosen) > 1:
        raise ArgumentError(
            f"{chosen[0]} and {chosen[1]} cannot be used together; give one of them"
        )
    own = ("op", "params", "donate", "cause", "explain")
    alone = [name for name in own if getattr(args, name) not in (None, False)]
    if alone and args.function is None:
        raise ArgumentError(f"--{alone[0]} is about your own code; give --function FILE.py as well")
    if args.cause is not None and args.donate is None:
        raise ArgumentError("--cause is part of an entry; give --donate OUT.json as well")

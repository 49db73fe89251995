"""`minin gradcheck`: are all gradients right, here and now; and whose code is wrong, and why."""

from __future__ import annotations

import argparse

from minin.cli.arguments import add_epilog
from minin.errors import ArgumentError
from minin.gradcheck.report.report import LEVELS

EXAMPLES = """\
examples:
  minin gradcheck                       every op and every network
  minin gradcheck conv2d max_pool2d
  minin gradcheck nin-cifar10 --seed 7
  minin gradcheck --function my_conv.py:forward,backward --op conv2d
  minin gradcheck --function my_conv.py --op conv2d --params '{"stride": 2}'
  minin gradcheck --bug C1              what a bug looks like
  minin gradcheck --list                all names and bugs

exit code 0: all right; 1: a gradient is wrong; 2: nothing could be checked
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_epilog(parser, EXAMPLES)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="ops or networks; default: all of them"
    )
    parser.add_argument(
        "--networks",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="check the networks too; default: unless ops are named",
    )
    parser.add_argument(
        "--library",
        choices=("numpy", "cupy", "strict"),
        help="check on this array library only; default: numpy, and cupy if there is a GPU",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    parser.add_argument(
        "--function",
        metavar="FILE.py:F,B",
        help="check your own forward F and backward B; default names: forward,backward",
    )
    parser.add_argument("--op", metavar="NAME", help="what your function computes: see --list")
    parser.add_argument(
        "--params", metavar="JSON", help="""settings of your forward, as in '{"stride": 2}'"""
    )
    parser.add_argument(
        "--feedback",
        choices=LEVELS,
        default="fix",
        help="how much the report gives away; default: fix, which is all",
    )
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--bug", metavar="ID", help="show what this bug looks like, as in C1")
    parser.add_argument("--list", action="store_true", help="list ops, networks and bugs")


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
        raise ArgumentError(f"{chosen[0]} and {chosen[1]} exclude each other; give one of them")
    alone = [name for name in ("op", "params") if getattr(args, name) is not None]
    if alone and args.function is None:
        raise ArgumentError(f"--{alone[0]} is about your own code; give --function FILE.py as well")

"""Who can take part in a comparison of networks, and what a part of it looks like."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.harness.part import Part
from benchmarks.harness.peers import Entrant
from benchmarks.networks import agree, rows

# What is compared: sizes at which a step takes part of a second on two cores.
BATCHES = {"nin-cifar10": 64, "nin-d2l": 16, "nin-mnist": 128}
SMOKE = {"nin-digits": 4}
RULES = ("plain", "im2col", "fast")


@dataclass(frozen=True)
class Kind:
    """A peer.

    Attributes:
        family: the library, by which --python knows it.
        options: what its job has besides.
        environment: the variables of its process.
    """

    family: str
    options: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def module(self) -> str:
        """The module that its process runs."""
        return f"benchmarks.networks.{self.family}_net"


KINDS = {
    "minin": Kind("minin"),
    **{f"minin-{rules}": Kind("minin", {}, {"MININ_RULES": rules}) for rules in RULES},
    "torch-default": Kind("torch", {"layout": "default"}),
    "torch-channels-last": Kind("torch", {"layout": "channels_last"}),
    "jax-nchw": Kind("jax", {"layout": "NCHW"}),
    "jax-nhwc": Kind("jax", {"layout": "NHWC"}),
    "minin-cuda": Kind("minin", {"device": "cuda"}, {"CUPY_TF32": "0"}),
    "minin-cuda-tf32": Kind("minin", {"device": "cuda"}, {"CUPY_TF32": "1"}),
    **{
        f"torch-cuda-{layout.replace('_', '-')}{'-tf32' if tf32 else ''}": Kind(
            "torch", {"device": "cuda", "layout": layout, "tf32": tf32}
        )
        for layout in ("default", "channels_last")
        for tf32 in (False, True)
    },
    "tinygrad": Kind("tinygrad"),
    "chainer": Kind("chainer"),
    "dezero": Kind("dezero"),
}
TODAY = ("minin", "torch-default", "torch-channels-last", "jax-nchw", "jax-nhwc", "tinygrad")


def add_networks(parser: argparse.ArgumentParser) -> None:
    """Add --networks."""
    parser.add_argument(
        "--networks",
        nargs="+",
        choices=list(BATCHES),
        default=list(BATCHES),
        help="which of them (all)",
    )


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Add --rules."""
    parser.add_argument(
        "--rules",
        nargs="+",
        choices=RULES,
        default=[],
        help="minin once more with these rules, each as a further peer",
    )


def with_rules(names: Sequence[str], rules: Sequence[str]) -> list[str]:
    """Add the variants of minin behind minin."""
    first, *others = names
    return [first, *(f"{first}-{name}" for name in rules), *others]


def entrant(name: str, job: dict[str, Any]) -> Entrant:
    """Enter one peer for a job."""
    kind = KINDS[name]
    return Entrant(name, kind.module, job | kind.options, None, kind.environment, kind.family)


def part(
    folder: Path,
    network: str,
    batch: int,
    mode: str,
    names: Iterable[str],
    tolerance: float = agree.TOLERANCE,
    **options: Any,
) -> Part:
    """Compare peers at one network.

    Args:
        folder: for the weights.
        network: as `minin.models.names` lists it.
        batch: images in a step.
        mode: "train" or "infer".
        names: the peers, minin first.
        tolerance: how far their logits may be apart.
        options: of the part.
    """
    job = rows.job(folder, network, batch, mode)
    return Part(
        name=f"{network}, batch {batch}, {'training' if mode == 'train' else 'inference'}",
        entrants=tuple(entrant(name, job) for name in names),
        facts=rows.facts(network, batch, mode),
        check=partial(
            agree.check,
            parameters=rows.PARAMETERS[network],
            trained=mode == "train",
            tolerance=tolerance,
        ),
        **options,
    )


def sizes(smoke: bool, networks: Sequence[str]) -> dict[str, int]:
    """Return the batch of each network; a smoke run takes the smallest instead."""
    return dict(SMOKE) if smoke else {name: BATCHES[name] for name in networks}

"""How long does a training step take on a GPU, beside PyTorch?

A step of nin-cifar10, batch 128: forward, cross entropy, backward and SGD with momentum, with
dropout, every step ended synchronised. Once with products of whole float32 on both sides, once
with TF32 on both. minin on the CPU takes part too, to say what the GPU brings.

    python -m benchmarks.gpu_step
    python -m benchmarks.gpu_step --smoke    # a moment, to see that it works

Who finds no GPU is skipped, with the reason; without one there is no result.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.harness.part import Part
from benchmarks.harness.question import script
from benchmarks.networks import agree, parts

EXACT = ("minin", "minin-cuda", "torch-cuda-default", "torch-cuda-channels-last")
ROUNDED = ("minin", *(f"{name}-tf32" for name in EXACT[1:]))
ROUNDED_TOLERANCE = 50 * agree.TOLERANCE  # a factor's last bit is 2**-11 of it


def compared(given: Namespace, folder: Path) -> Iterator[Part]:
    network, batch = ("nin-digits", 4) if given.smoke else ("nin-cifar10", 128)
    for names, tolerance in ((EXACT, agree.TOLERANCE), (ROUNDED, ROUNDED_TOLERANCE)):
        made = parts.part(folder, network, batch, "train", names, tolerance, least=2)
        yield made if names is EXACT else replace(made, name=f"{made.name}, TF32")


main = script("gpu_step", __doc__, (*EXACT, *ROUNDED[1:]), compared)

if __name__ == "__main__":
    sys.exit(main())

"""How long does a training step take, beside two earlier frameworks on NumPy?

As training_step, against Chainer 7.8.1 and DeZero 0.0.13. They need an older NumPy, and so an
environment of their own; benchmarks/old_frameworks.md says how to make it.

    P=OLD/bin/python
    python -m benchmarks.old_frameworks --python chainer=$P --python dezero=$P
    python -m benchmarks.old_frameworks --smoke    # a moment, to see that it works
"""

from __future__ import annotations

import sys

from benchmarks.networks.compare import compare

PEERS = ("minin", "chainer", "dezero")


main = compare("old_frameworks", __doc__, "train", PEERS, least=2)

if __name__ == "__main__":
    sys.exit(main())

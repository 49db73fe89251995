"""How long does a training step take, beside other libraries?

Forward, cross entropy, backward and a step of SGD with momentum 0.9 and weight decay 1e-4, in
float32 and with dropout, of three published networks. The libraries get the same weights and the
same images. Before anything is measured, the logits of each are compared with minin's, before and
after three steps.

    python -m benchmarks.training_step --python jax=JAXVENV/bin/python
    python -m benchmarks.training_step --rules im2col plain --peers torch
    python -m benchmarks.training_step --smoke    # a moment, to see that it works
"""

from __future__ import annotations

import sys

from benchmarks.networks.compare import compare
from benchmarks.networks.parts import TODAY

main = compare("training_step", __doc__, "train", TODAY)

if __name__ == "__main__":
    sys.exit(main())

"""How long does a forward pass take, beside other libraries?

The same networks and batches as in training_step, without gradients and without dropout. The
libraries get the same weights and images; their logits are compared before anything is measured.

    python -m benchmarks.inference --python jax=JAXVENV/bin/python
    python -m benchmarks.inference --smoke    # a moment, to see that it works
"""

from __future__ import annotations

import sys

from benchmarks.networks.compare import compare
from benchmarks.networks.parts import TODAY

main = compare("inference", __doc__, "infer", TODAY)

if __name__ == "__main__":
    sys.exit(main())

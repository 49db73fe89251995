"""Where health ends: every number that a diagnosis depends on, and why it is what it is.

They were set on the seeds below 100 of `tools/doctor_table.py` and then left alone; the table
in docs/doctor.md is made with seeds from 100 on.
"""

from __future__ import annotations

from typing import Final

# A loss this near ln K is that of a guess. Healthy runs are below it within an epoch or so.
NEAR_GUESS: Final = 0.02

# Logits that differ so little between images make a softmax that is flat to three digits.
FLAT: Final = 1e-3

# Standardised images have 1; those scaled to 0..1 have less; bytes as they are have 80.
INPUT: Final = 10.0

# He's start keeps activations near 1, and training makes them a few times larger.
HUGE: Final = 1e3

# A first layer whose gradient is so much smaller than the last one's stands still; where
# signals flow both ways the two are within a factor of a hundred.
FADED: Final = 1e-4

# Gradients of a loss near ln K lie between 1e-4 and 1; an update of so much per weight tears.
TORN: Final = 1e3

# A network whose loss is above that of a guess has unlearnt; noise alone does not do that.
WORSE: Final = 1.1

# A loss of so many times a guess's, after a start below it, is a leap out of the valley.
LEAP: Final = 3.0

# Steps or epochs that must have been seen before a course is judged.
COURSE: Final = 3

# Pixels tell something of the class in every set of images; so many standard deviations
# above chance are needed to say so.
CHANCE: Final = 3.0

"""Where the doctor draws the line, each number with its reason.

The numbers were set on seeds 0 and 1 of the runs in `tools.doctor_runs`, and then left alone;
`docs/doctor.md` shows how they do on other seeds. "Seen" is what healthy runs had there.
"""

from __future__ import annotations

from typing import Final

# A row of probabilities in float32 adds up to 1 within a few of its last digits (1e-7 each);
# logits of all rows never do.
ADDS_UP: Final = 1e-4

# ---- classes ---------------------------------------------------------------------------------

# A class is called dead only if this many of its own images are among those looked at: with
# fewer, all of them may be ones that the network gets wrong anyway.
OWN_IMAGES: Final = 5

# In standard deviations of the map. With a ReLU at the end and a rate of 0.005, maps dip to -1.1
# and come back as the layers below move; in the published settings nearly every seed has one
# below -2 after the first epoch, and most of those stay. At rates in between some come back
# from -4: a warning there is early, not wrong.
FAR_BELOW: Final = -1.5

# In the first two epochs maps still come and go, so only those far below count; afterwards a
# dead class is a class that is never predicted, and is named however little it lacks.
EARLY_EPOCHS: Final = 2

# ---- the loss and ln K -----------------------------------------------------------------------

# A loss above this share of ln K has learnt nothing that shows. Label smoothing leaves ln K
# where it is. Healthy runs were above it for up to 4 epochs of 20 steps.
AT_GUESSING: Final = 0.95

# A loss below this share of ln K shows that the network learns; odd sizes do it no harm then.
LEARNS: Final = 0.8

# Standard deviations by which the accuracy on the batch may beat guessing, still "at
# guessing". Chance alone goes beyond in one of 700 looks; healthy runs after 76 steps: 4.
SURPRISE: Final = 3.0

# Epochs at guessing before that is called a slow start; the longest plateau seen: 4.
SLOW_EPOCHS: Final = 5

# A plain step that changes the weights by less than this share of their size moves nothing: a
# thousand of them are a third of a percent. Seen at the loss of guessing: 4e-5 and more.
TINY_STEP: Final = 3e-6

# What a step usually changes; the doctor suggests the rate that would give it.
USUAL_STEP: Final = 1e-3

# Share of ln K by which the loss may rise above its lowest epoch so far. Seen: 0.03.
JUMP: Final = 0.1

# And at least this much, in nats: with two classes ln K is small, and epochs differ a little.
LEAST_JUMP: Final = 0.2

# A jump longer ago than this was survived.
RECENT_EPOCHS: Final = 5

# A loss that stays above ln K by this factor after the first epoch, and goes up and down, is
# worse than saying nothing: steps overshoot even the biases. Healthy runs fell below it within
# three epochs, or were still falling at every epoch.
ABOVE_GUESSING: Final = 1.005
HOVER_EPOCHS: Final = 4

# ---- sizes -----------------------------------------------------------------------------------

# Root mean square of the input. Standardised images have 1, images in 0..1 less, contrast
# normalised and whitened ones a few; bytes in 0..255 have 80 to 150.
LARGE_INPUT: Final = 20.0

# The largest layer against the input; seen: 10, in networks that had converged.
EXPLODED: Final = 100.0

# The smallest layer against the input; seen: 0.14. (Started as published, but not trained,
# nin-mnist has 0.002: a network without one step is not judged by this.)
VANISHED: Final = 1e-3

# Gradient against weight, both rms. Seen: 0.6. At 100 a rate of 0.01 replaces the weight
# by something else at every step.
STEEP: Final = 100.0

# Gradient against weight in the first layer, against the same in the last. Seen: 0.08.
FADED: Final = 1e-3

# ---- labels ----------------------------------------------------------------------------------

# The nearest class mean of raw pixels beats guessing by 12 to 40 standard deviations on digits
# and clothes, and by about 5 on small colour photographs; with labels in another order, by 0.
# It needs this many images to be worth asking.
PIXELS_SURPRISE: Final = 3.0
PIXELS_COUNT: Final = 100

# Accuracy on images held back, as a multiple of guessing, that still counts as guessing.
HELD_BACK: Final = 1.5

# Accuracy on the training images that nobody reaches by guessing: they were learnt by heart.
BY_HEART: Final = 0.5

# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 04 Overlapping pooling, and who gets the gradient
#
# After this notebook you can
#
# - say how many numbers a pooling leaves, rounding down and rounding up;
# - trace a gradient back through max pooling: to whom, how often, and what happens at ties;
# - say how average pooling differs, and write it as a convolution;
# - say what pooling sees that a stride does not.
#
# You need notebook 01. It takes about 35 minutes.
#
# *Installing.* minin is in no package index. In a clone of it: `pip install -e '.[notebooks]'`.
# Elsewhere: put its wheel (the clone makes one by `pip wheel --no-deps -w notebooks .`) beside this
# notebook and `pip install ./minin-*.whl matplotlib`. A package that is merely called minin in an
# index is somebody else's.

# %%
import os

os.environ["MININ_RULES"] = "plain"  # the rules to read: a print in minin/ops/pool.py prints here

import matplotlib.pyplot as plt
import numpy as np

from minin import ops, tensor
from minin.shapes import Window

plt.rcParams["figure.constrained_layout.use"] = True

# %% [markdown]
# ## The largest of nine
#
# *Max pooling* lays a window on each map and keeps the largest number under it. Network in Network
# takes windows of 3x3 that move by **two** pixels: neighbours *overlap* by a row or a column. What
# is learnt from it goes back by the *gradient*: for each number, how much the result would grow if
# that number grew. Only the winner of a window has any influence there, so it alone receives.
#
# Here is a 5x5 map with one peak in the middle.
#
# **Predict**: what are the four numbers of the output? If each of the four sends back a gradient of
# 1, what arrives at the peak? And how many pixels get anything?


# %%
def pooled_and_gradient(x, pool=ops.max_pool2d):
    """Pool 3x3 every 2; send back a 1 from each output.  x (H, W) -> (OH, OW), (H, W)."""
    x = tensor(np.asarray(x, float)[None, None], requires_grad=True)
    y = pool(x, 3, 2)
    y.sum().backward()
    return y.data[0, 0], x.grad[0, 0]


peak = np.arange(25.0).reshape(5, 5) % 7
peak[2, 2] = 9
y, gradient = pooled_and_gradient(peak)
print(peak, "\n\npooled:\n", y, "\n\ngradient:\n", gradient)

# %% [markdown]
# All four windows contain the middle, and all are won by it: four times 9. Its gradient is **4**,
# the sum, and all other pixels get 0. One pixel can win up to four windows of this kind; a backward
# that writes `=` where it should write `+=` would leave a 1.
#
# ## Ties
#
# After a ReLU many numbers are exactly 0, so ties are common. minin lets **the first win, row by
# row**.
#
# **Predict**: the map is 0 everywhere. Where do the four ones go?

# %%
y, gradient = pooled_and_gradient(np.zeros((5, 5)))
print("max pooling:\n", gradient)
print(
    "average pooling:\n",
    np.round(9 * pooled_and_gradient(np.zeros((5, 5)), ops.avg_pool2d)[1]),
    "/ 9",
)

# %% [markdown]
# To the upper left corner of each window: (0, 0), (0, 2), (2, 0) and (2, 2), one each. Average
# pooling knows no winners: each pixel gets a ninth from each window that covers it, so the middle
# gets 4/9, the middles of the edges 2/9, the corners 1/9.
#
# In both the gradients add up to 4, the number of windows: what comes in goes out again, only the
# shares differ.
#
# ## On a map of 28x28
#
# A drawn 4, 28x28 pixels, blurred a little as pens do. With rounding down the window fits 13 times;
# the last column and row are seen by none. With `ceil_mode` one more window overhangs the edge.
#
# **Predict**: how many windows are there with `ceil_mode`? Of the 784 pixels, do more or fewer than
# half win somewhere?


# %%
def strokes(lines, size=28, width=1.3):
    """Draw a digit as lines from point to point, in pixels (row, column)."""
    grid = np.stack(np.mgrid[:size, :size], axis=-1).astype(float)
    drawn = np.zeros((size, size))
    for start, end in lines:
        start, step = np.array(start, float), np.subtract(end, start).astype(float)
        along = np.clip((grid - start) @ step / (step @ step), 0, 1)
        distance = np.linalg.norm(grid - start - along[..., None] * step, axis=-1)
        drawn = np.maximum(drawn, np.clip(1.5 - distance / width, 0, 1))
    return drawn


four = strokes([((5, 11), (17, 7)), ((17, 7), (17, 20)), ((9, 17), (23, 15))])
x = tensor(four[None, None], requires_grad=True)
y = ops.max_pool2d(x, 3, 2, ceil_mode=True)
y.sum().backward()
wins = x.grad[0, 0].astype(int)
print("28 ->", Window.of(3, 2).output_size((28, 28)), "or with ceil_mode", y.shape[2:])
print("windows won: ", {k: int(np.sum(wins == k)) for k in range(5)}, "(windows: pixels)")

# %% figure 04_wins
figure, axes = plt.subplots(1, 3, figsize=(10, 3.3))
axes[0].imshow(four, cmap="gray")
axes[0].set(title="the image", ylabel="row")
axes[1].imshow(y.data[0, 0], cmap="gray")
axes[1].set(title="pooled, 14x14", xticks=(0, 5, 10), yticks=(0, 5, 10))
steps = plt.get_cmap("cividis", 5)
shown = axes[2].imshow(wins, cmap=steps, vmin=-0.5, vmax=4.5)
axes[2].set(title="gradient")
for axis in axes:
    axis.set_xlabel("column")
bar = figure.colorbar(shown, ax=axes[2], ticks=range(5), label="windows won")

# %% [markdown]
# ![A drawn 4, the same pooled, and which pixels get the gradient](figures/04_wins.svg)
#
# `14*14` = 196 windows, and far fewer than half of the pixels win: 599 of 784 win none. On the
# black ground everything ties at 0, and the first pixel of each window wins: the regular grid of
# dots. Along the pen a few bright pixels win two or three windows, and their neighbours none.
# Through max pooling, most pixels receive **no** gradient.

# %% [markdown]
# ## Pooling against a stride
#
# A convolution with stride 2 also halves a map, and is cheaper: it does not look at all. What does
# it lose? We move a vertical line of one pixel's width over a 28x28 image, from column 0 to 27, and
# shrink each image twofold: by taking every second pixel, by max pooling 3x3 every 2, and by max
# pooling 2x2 every 2, which does not overlap.
#
# **Predict**: at how many of the 28 places does each of the three still show the line at full
# strength?

# %%
lines = np.zeros((28, 1, 28, 28))
lines[np.arange(28), 0, :, np.arange(28)] = 1  # image k has its line in column k
ways = {
    "every second pixel": lines[:, :, ::2, ::2],
    "max 2x2 every 2": ops.max_pool2d(lines, 2, 2).data,
    "max 3x3 every 2": ops.max_pool2d(lines, 3, 2, ceil_mode=True).data,
}
for name, small in ways.items():
    shown_at = int(np.sum(small.max(axis=(1, 2, 3)) == 1))
    width = [int(n) for n in np.unique(np.sum(small[:, 0, 5], axis=1))]
    print(f"{name:19} the line shows at {shown_at} of 28 places, {width} pixels wide")

# %% [markdown]
# Every second pixel: **14** of 28; a line in an odd column is gone without a trace. Both poolings
# keep it at all 28. Overlap makes a difference in width: 2x2 shows it one pixel wide always, 3x3
# one or two, for an even column (but the first) lies in two windows.
#
# Now look at one row of each small map while the line moves, and add up by how much it changes at
# each move.
#
# **Predict**: which of the three changes by the same amount at (nearly) every move, *without* ever
# losing the line?

# %% figure 04_shift
figure, axes = plt.subplots(1, 3, figsize=(11, 2.9))
for (name, small), axis in zip(ways.items(), axes, strict=True):
    rows = small[:, 0, 5]  # (28, 14): one row of each of the 28 small images
    moved = np.abs(np.diff(rows, axis=0)).sum(axis=1)
    print(f"{name:19} changes by {moved.astype(int).tolist()}")
    axis.imshow(rows.T, cmap="gray")
    axis.set(title=name, xlabel="column of the line in the image")
label = axes[0].set_ylabel("column in the small map")

# %% [markdown]
# ![Where the line is seen in the small map, as it moves](figures/04_shift.svg)
#
# Every second pixel changes by 1 at each move, since the line blinks on and off. 2x2 changes by 0
# or by 2: nothing while the line stays within a window, then it jumps. The overlapping 3x3 changes
# by 1 at each move but the first, as one of two neighbours comes or goes, and **never loses the
# line**: it neither blinks nor jumps. That is what overlap buys.
#
# ## Exercises
#
# **1.** How many windows fit along an axis, rounding up? A last window may overhang the end, but
# must begin on a pixel. (No padding.)


# %% exercise 1
def windows_rounding_up(size, kernel, stride):
    """Count windows as ceil_mode does: 32 pixels, 3 every 2: 16."""
    return ...


# %% check 1
for size, kernel, stride in np.ndindex(30, 4, 4):
    size, kernel, stride = size + 5, kernel + 1, stride + 1
    want = Window.of(kernel, stride, ceil_mode=True).output_size((size, size))[0]
    got = windows_rounding_up(size, kernel, stride)
    assert got == want, f"size {size}, kernel {kernel}, stride {stride}: {got}, not {want}"
print("right")

# %% [markdown]
# **2.** The way back of max pooling, for one row of numbers: windows of 3, every 2. Each window's
# gradient goes to its winner; the first wins a tie.


# %% exercise 2
def max_pool_backward(x, grad_y):
    """Send gradients to the winners.  x (W,), grad_y (OW,) -> (W,)."""
    grad_x = np.zeros(len(x))
    return grad_x


# %% check 2
rng = np.random.default_rng(0)
for case in range(20):
    row = rng.integers(0, 4, 9).astype(float)  # few values, so that there are ties
    grad_y = rng.normal(size=4)
    x = tensor(row.reshape(1, 1, 1, 9), requires_grad=True)
    ops.max_pool2d(x, (1, 3), 2).backward(grad_y.reshape(1, 1, 1, 4))
    got = max_pool_backward(row, grad_y)
    assert np.allclose(got, x.grad.ravel()), (
        f"x = {row}, grad_y = {grad_y}: {got}, not {x.grad.ravel()}"
    )
print("right")

# %% [markdown]
# **3.** Average pooling *is* a convolution. Return the weights, of shape `(C, C, k, k)`, with which
# `ops.conv2d(x, weights, stride=s)` equals `ops.avg_pool2d(x, k, s)`. Mind that each map is pooled
# by itself.


# %% exercise 3
def average_as_weights(channels, k):
    """Write average pooling as weights of a convolution."""
    return np.zeros((channels, channels, k, k))


# %% check 3
for channels, k, stride in ((1, 2, 2), (3, 3, 2), (4, 2, 1)):
    x = rng.normal(size=(2, channels, 9, 9))
    got = ops.conv2d(x, average_as_weights(channels, k), stride=stride).data
    assert np.allclose(got, ops.avg_pool2d(x, k, stride).data), (
        f"{channels} channels, window {k}: other numbers"
    )
print("right")

# %% [markdown]
# ## Three questions to close
#
# Answer in a sentence or two; then compare with `docs/notebook-answers.md`.
#
# 1. In the notebook's 5x5 map with the peak, what gradient arrives at the middle, and what would
#    arrive with `=` in place of `+=`? And to which four pixels do the ones go if the map is 0
#    everywhere?
# 2. At how many of the 28 places did the line survive with every second pixel and with the two
#    poolings, and how wide was it in each pooling?
# 3. In the last picture, by how much does a row of the output change per move for each of the three
#    ways, and which of the three neither blinks nor jumps, and why?

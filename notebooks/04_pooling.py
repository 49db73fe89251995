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
# - say what pooling sees that every second pixel does not, and what a filter with a stride sees.
#
# You need notebook 01. It takes about 35 minutes.
#
# *Installing.* minin is in no package index. In a clone of it: `pip install -e '.[notebooks]'`.
# Elsewhere: put its wheel (the clone makes one by `pip wheel --no-deps -w notebooks .`) beside this
# notebook and `pip install ./minin-*.whl matplotlib`. A package that is merely called minin in an
# index is somebody else's.

# %%
import os

# A rule says how an op computes its result and its gradient. We take the plain ones, short and made
# to be read, not the fast ones: a print in minin/ops/pool.py prints here.
os.environ["MININ_RULES"] = "plain"

import matplotlib.pyplot as plt
import numpy as np

from minin import ops, tensor
from minin.shapes import Window

plt.rcParams["figure.constrained_layout.use"] = True

# %% [markdown]
# ## The largest of nine
#
# *Max pooling* lays a window on each map and keeps the largest number under it. *Network in
# Network* ([M. Lin, Q. Chen, S. Yan, 2013](https://arxiv.org/abs/1312.4400)) takes windows of 3x3
# that move by **two** pixels: neighbours *overlap* by a row or a column. What is learnt from it
# goes back by the *gradient*: for each number, how much the result would grow if that number grew.
# Only the winner of a window has any influence there, so it alone receives.
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
    y.sum().backward()  # the gradient of a sum is 1 for each number of y
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
# the last column and row are seen by none. With `ceil_mode` one more window overhangs the edge, and
# looks only at what is inside.
#
# **Predict**: how many windows are there with `ceil_mode`? Each sends back a 1: how many of them go
# to black pixels, where nothing was drawn?


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
print("gradient to black pixels:", wins[four == 0].sum(), "of", wins.sum())

# %% figure 04_wins
figure, axes = plt.subplots(1, 3, figsize=(10, 3.3))
axes[0].imshow(four, cmap="gray")
axes[0].set(title="the image", ylabel="row")
axes[1].imshow(y.data[0, 0], cmap="gray")
axes[1].set(title="pooled, 14x14", xticks=(0, 5, 10), yticks=(0, 5, 10))
steps = plt.get_cmap("cividis", 5)
shown = axes[2].imshow(wins, cmap=steps, vmin=-0.5, vmax=4.5)
axes[2].set(title="gradient of the image")
for axis in axes:
    axis.set_xlabel("column")
bar = figure.colorbar(shown, ax=axes[2], ticks=range(5), label="windows won")

# %% [markdown]
# ![A drawn 4, the same pooled, and which pixels get the gradient](figures/04_wins.svg)
#
# `14*14` = 196 windows, so at most 196 of the 784 pixels could win; 599 win none. And **127 of the
# 196** ones go to black pixels: there everything ties at 0, and the first pixel of each window
# wins, the regular grid of dots. (After a ReLU they do no harm: a 0 passes no gradient on.) Along
# the pen a few bright pixels win two or three windows, and most of their neighbours none.

# %% [markdown]
# ## Pooling against a stride
#
# A convolution with stride 2 also halves a map. A 1x1 window then looks at every second pixel only;
# a 3x3 one overlaps as pooling does, sees all, and adds up by its weights. What is lost? We move a
# vertical line of one pixel's width over a 28x28 image, from column 0 to 27, and shrink each image
# twofold: by every second pixel, by max pooling 2x2 every 2 (no overlap) and 3x3 every 2, and by
# two filters 3 pixels wide at stride 2 with a ReLU: a blur, (1, 2, 1), and a finder of lines, (-1,
# 2, -1).
#
# **Predict**: at how many of the 28 places does each of the five still show the line?

# %%
lines = np.zeros((28, 1, 28, 28))
lines[np.arange(28), 0, :, np.arange(28)] = 1  # image k has its line in column k
ways = {
    "every second pixel": lines[:, :, ::2, ::2],
    "max 2x2 every 2": ops.max_pool2d(lines, 2, 2).data,
    "max 3x3 every 2": ops.max_pool2d(lines, 3, 2, ceil_mode=True).data,
}
filters = {}
for name, weights in (("blur", [1.0, 2, 1]), ("line finder", [-1.0, 2, -1])):
    weight = np.reshape(weights, (1, 1, 1, 3))
    filters[name] = ops.relu(ops.conv2d(lines, weight, stride=2, padding=(0, 1))).data
for name, small in (ways | filters).items():
    row = small[:, 0, 5]  # (28, 14): one row of each small image
    print(
        f"{name:19} shows it at {np.sum(row.max(axis=1) > 0)} of 28 places,",
        f"in columns 6, 7, 8 with {[r[r > 0].tolist() for r in row[6:9]]}",
    )

# %% [markdown]
# Every second pixel: **14** of 28; a line in an odd column is gone without a trace. Both poolings
# keep it at all 28, always at full strength: 2x2 one pixel wide, 3x3 one or two, for an even column
# (but the first) lies in two windows. The filters look at every column too, but what they answer
# depends on the place: the blur 2, or 1 and 1; the line finder 2 **or nothing**, for in an odd
# column the line meets only -1, and the ReLU cuts that. So a stride need not lose a line; weights
# may.
#
# Now look at one row of each small map while the line moves, and add up by how much it changes at
# each move; and, for a real drawing, do the same to the whole of the 4.
#
# **Predict**: which of the three changes by the same amount at (nearly) every move, *without* ever
# losing the line?

# %% figure 04_shift
figure, axes = plt.subplots(1, 3, figsize=(11, 2.9))
for (name, small), axis in zip(ways.items(), axes, strict=True):
    rows = small[:, 0, 5]  # (28, 14): one row of each of the 28 small images
    moved = np.abs(np.diff(rows, axis=0)).sum(axis=1)
    print(f"{name:19} changes by {moved.astype(int).tolist()}")
    axis.imshow(rows.T, cmap="gray")  # across: 28 images; down: a row of each
    axis.set(title=name, xlabel="column of the line in the image")
label = axes[0].set_ylabel("column in the small map")

fours = np.stack([np.roll(four, k, axis=1) for k in range(6)])[:, None]  # moved to the right
shrunk = {
    "every second pixel": fours[:, :, ::2, ::2],
    "max 2x2 every 2": ops.max_pool2d(fours, 2, 2).data,
    "max 3x3 every 2": ops.max_pool2d(fours, 3, 2, ceil_mode=True).data,
}
for name, small in shrunk.items():
    shares = np.abs(np.diff(small, axis=0)).sum(axis=(1, 2, 3)) / small[0].sum()
    print(f"the drawn 4, {name:19} changes by", "  ".join(f"{s:.0%}" for s in shares))

# %% [markdown]
# ![Where the line is seen in the small map as it moves: with gaps, in steps of two, overlapping](figures/04_shift.svg)
#
# Every second pixel changes by 1 at each move, since the line blinks on and off. 2x2 changes by 0
# or by 2: nothing while the line stays within a window, then it jumps. The overlapping 3x3 changes
# by 1 at each move but the first (both columns are in the first window alone), as one of two
# neighbours comes or goes, and **never loses the line**: it neither blinks nor jumps. So it is with
# the drawn 4, where the changes of one move add up to about 52 % of the small map with every second
# pixel, to 35 and 42 % in turn with 2x2, and only to **29 %** with 3x3. These are shares of
# the small map, and the overlapping one holds more: what overlap buys is not that less changes, but
# that a move never changes much at one place and nothing at the next.
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
# 1. Of the 196 ones that were sent back to the drawn 4, how many went to black pixels, and why just
#    there? And how many of its 784 pixels got none?
# 2. The notebook gives the line to a blur and to a line finder, both 3 pixels wide at stride 2. At
#    how many of the 28 places does each show it, and what makes the difference? And by what share
#    did the small map of the drawn 4 change at each move with 3x3 pooling, and with 2x2?
# 3. In the last picture, by how much does a row of the output change per move for each of the three
#    ways, and which of the three neither blinks nor jumps, and why?

# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 One convolution, by hand and as one product
#
# After this notebook you can
#
# - compute any number of a convolution by hand, and say how many numbers there are;
# - write an image as columns, so that the whole convolution is *one* matrix product;
# - say which pixel stands in any row and column of that matrix;
# - say what this costs in memory, and why the way back adds up instead of copying.
#
# You need Python and matrix products, nothing else. It takes about 40 minutes. "The paper" is, in
# all ten notebooks, *Network in Network*
# ([M. Lin, Q. Chen, S. Yan, 2013](https://arxiv.org/abs/1312.4400)).
#
# *Installing.* minin is in no package index. In a clone of it: `pip install -e '.[notebooks]'`.
# Elsewhere: put its wheel (the clone makes one by `pip wheel --no-deps -w notebooks .`) beside this
# notebook and `pip install ./minin-*.whl matplotlib`. A package that is merely called minin in an
# index is somebody else's.

# %%
import os

# A rule says how an op computes its result and its gradient. We take the plain ones, short and made
# to be read, not the fast ones: a print in minin/ops/conv.py prints here.
os.environ["MININ_RULES"] = "plain"

import matplotlib.pyplot as plt
import numpy as np

from minin import ops, tensor
from minin.plots import BLUE, ORANGE
from minin.shapes import Window

plt.rcParams["figure.constrained_layout.use"] = True

# %% [markdown]
# ## One number
#
# A convolution has a small table of *weights*, here 2x2, and lays it on the image like a window. It
# multiplies each weight by the pixel under it and adds up the products: that is one number of the
# output. Then it moves on by one pixel.
#
#     image       weights     first number
#     1 2 0 1     1 -1        1*1 + 2*(-1) + 3*2 + 1*0 = 5
#     3 1 1 0     2  0
#     0 2 4 1
#
# **Predict** before you run the next cell: how many rows and columns has the output, and what is
# its last number, at the bottom right?

# %%
image = np.array([[1.0, 2, 0, 1], [3, 1, 1, 0], [0, 2, 4, 1]])
weights = np.array([[1.0, -1], [2, 0]])


def slide(image, weights, stride=1):
    """Lay the weights on the image, everywhere they fit, `stride` pixels apart."""
    kh, kw = weights.shape
    rows = (image.shape[0] - kh) // stride + 1
    columns = (image.shape[1] - kw) // stride + 1
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = image[i * stride : i * stride + kh, j * stride : j * stride + kw]
            y[i, j] = np.sum(window * weights)
    return y


print(slide(image, weights))

# %% [markdown]
# The window fits twice from top to bottom and three times from left to right, so there are 2 x 3
# numbers. The last one is `1*1 + 0*(-1) + 4*2 + 1*0 = 9`.
#
# ## A colour picture: 27x27x3 to 9x9x4
#
# A picture has *channels*: red, green and blue are three tables of the same size. A *filter* has a
# table of weights for each channel, and adds up over all of them: it makes **one** map, whatever
# the number of channels. Four filters make four maps. So `weight` has four axes: filter, channel,
# row, column.
#
# Our picture is 27x27 pixels in 3 channels: a red square in the upper left on black, a white disc
# in the lower right. minin wants images first, then channels, rows, columns: `(N, C, H, W)`. The
# filters are 3x3, and they move **three** pixels at a time (the *stride*). What an op of minin
# returns is a *tensor*: its numbers, a NumPy array, are its `.data`.
#
# **Predict**: what is the shape of the output? How many numbers does one filter have?

# %%
row, column = np.mgrid[:27, :27]
square = (row >= 4) & (row < 13) & (column >= 4) & (column < 13)
disc = (row - 19) ** 2 + (column - 18) ** 2 <= 49
picture = np.zeros((1, 3, 27, 27))
picture[0, 0] = square | disc  # red
picture[0, 1] = picture[0, 2] = disc  # green, blue

names = ["brightness", "red not green", "left edge", "top edge"]
filters = np.zeros((4, 3, 3, 3))
filters[0] = 1
filters[1, 0], filters[1, 1] = 1, -1
filters[2] = np.array([[-1, 0, 1]])  # right column minus left column, in every channel
filters[3] = np.array([[-1], [0], [1]])  # bottom row minus top row

maps = ops.conv2d(picture, filters, stride=3).data
print(picture.shape, "->", maps.shape)

# %% figure 01_four_maps
figure, axes = plt.subplots(1, 5, figsize=(11, 2.5))
axes[0].imshow(picture[0].transpose(1, 2, 0))
axes[0].set(title="the picture", xlabel="column", ylabel="row")
light = axes[1].imshow(maps[0, 0], cmap="gray", vmin=0, vmax=27)
for o in (1, 2, 3):
    signed = axes[o + 1].imshow(maps[0, o], cmap="PuOr_r", vmin=-9, vmax=9)
for name, axis in zip(names, axes[1:], strict=True):
    axis.set(title=name, xlabel="column", xticks=(0, 4, 8), yticks=(0, 4, 8))
figure.colorbar(light, ax=axes[1], shrink=0.7)
bar = figure.colorbar(signed, ax=axes[4], shrink=0.7, label="sum of products")

# %% [markdown]
# ![A red square and a white disc; beside them the four filters' maps of 9x9](figures/01_four_maps.svg)
#
# The window fits 9 times each way, so the output is 9x9, in 4 maps; a filter has `3*3*3` = 27
# numbers. *Brightness* is 27 inside the disc and 9 inside the square, where only red counts. In the
# others orange is positive and purple negative. *Red not green* is 9 in the square and **0 in the
# disc**: there red and green are equal, and its weights for them are +1 and -1. *Left edge* is 3 at
# the left side of the square, -3 at its right side, and -9 at the right of the disc, in all three
# channels. Inside of both the edge filters are 0, for their weights add up to 0 in every channel.

# %% [markdown]
# ## The same as one product
#
# One output number is a sum of 27 products, that is a row times a column of 27 numbers. So write
# the filter's 27 weights as a row, and the 27 numbers under the window as a column:
#
#     weight (4, 27)  @  columns (27, 81)  =  y (4, 81)          81 = 9*9 windows
#
# `ops.im2col` writes the columns ("image to columns"). In column `i*9 + j` are the numbers under
# the window of output `(i, j)`; in row `c*9 + a*3 + b` is always the number under the weight of
# channel `c`, row `a`, column `b`.
#
# **Predict**: which pixel stands in row 14, column 40?

# %%
columns = ops.im2col(picture, 3, stride=3).data[0]
print("columns:", columns.shape)

numbered = (
    np.arange(3 * 27 * 27).reshape(1, 3, 27, 27).astype(float)
)  # every pixel has its own number
found = int(ops.im2col(numbered, 3, stride=3).data[0, 14, 40])
c, rest = divmod(found, 27 * 27)
print("row 14, column 40 is channel", c, "row", rest // 27, "column", rest % 27)

# %% [markdown]
# Row 14 is `1*9 + 1*3 + 2`: channel 1 (green), weight in row 1, column 2. Column 40 is `4*9 + 4`:
# output (4, 4), the middle one, whose window begins at pixel (12, 12). So it is green at row 12 + 1
# = **13**, column 12 + 2 = **14**.
#
# **Predict**: will the product give the very same numbers as the sliding window, or nearly the
# same?

# %%
y = filters.reshape(4, 27) @ columns  # (4, 27) @ (27, 81) -> (4, 81)
by_product = y.reshape(4, 9, 9)
by_sliding = np.stack(
    [sum(slide(picture[0, c], filters[o, c], 3) for c in range(3)) for o in range(4)]
)
print("product == sliding:", np.array_equal(by_product, by_sliding))
print("product == minin:  ", np.array_equal(by_product, maps[0]))

# %% figure 01_one_product
figure, axes = plt.subplots(2, 2, figsize=(9.5, 4), width_ratios=(27, 81), height_ratios=(27, 12))
axes[0, 0].axis("off")
axes[0, 1].imshow(columns, cmap="gray", aspect="auto")
axes[0, 1].set(title="columns (27, 81)", ylabel="number under the weight")
axes[1, 0].imshow(filters.reshape(4, 27), cmap="PuOr_r", vmin=-1.5, vmax=1.5, aspect="auto")
axes[1, 0].set(title="weight (4, 27)", xlabel="weight", ylabel="filter", yticks=range(4))
axes[1, 1].imshow(y, cmap="PuOr_r", vmin=-27, vmax=27, aspect="auto")
axes[1, 1].set(title="y (4, 81)", xlabel="window", ylabel="map", yticks=range(4))
for axis in axes[:, 1]:
    axis.axvspan(39.5, 40.5, facecolor="none", edgecolor=ORANGE, linewidth=2, clip_on=False)
for axis in axes[1]:
    axis.axhspan(-0.5, 0.5, facecolor="none", edgecolor=BLUE, linewidth=2, clip_on=False)

# %% [markdown]
# ![Three tables: weight (4, 27) times columns (27, 81) is y (4, 81)](figures/01_one_product.svg)
#
# Row 0 of the weights (blue) times column 40 (orange) is one number: map 0 at output (4, 4). It is
# **4**, in a window that holds the last corner of the square and the first pixel of the disc: the
# red pixel counts once, the white one three times, once in each channel.
#
# Product and sliding window give the same numbers to the last bit, because all are whole; with
# fractions two programs may add up in another order and differ in the last digits.
#
# This is how minin computes every convolution. It is four lines of `minin/ops/conv.py`; put a
# `print(cols.shape)` there, restart the kernel, and it will print here.

# %% [markdown]
# ## What it costs
#
# Our windows lie side by side, and each pixel is in exactly one of them: the columns have `27*81` =
# 2,187 numbers, as many as the picture.
#
# **Predict**: how many times as many are there if the filters move by one pixel, over a border of
# zeros one pixel wide (*padding*), so that the output is 27x27 again?

# %%
pixels = picture.size
for stride, padding in ((3, 0), (2, 0), (1, 0), (1, 1)):
    size = ops.im2col(picture, 3, stride=stride, padding=padding).data.size
    output = Window.of(3, stride, padding).output_size((27, 27))
    print(
        f"stride {stride}, padding {padding}: output {output},",
        f"{size:6,} numbers, {size / pixels:.2f} times",
    )

# %% [markdown]
# **Exactly** nine times: a window stands at each of the `27*27` pixels and writes 27 numbers.
# (Pixels at the edge stand in fewer than 9 columns; zeros of the border fill the rest.) Memory is
# the price of computing by one product. Along each axis the size of the output is
#
#     (size + padding at both ends - kernel) // stride + 1
#
# With stride 2 the output is 13x13, 2.09 times as many numbers, and not 9/4: 13 windows fit each
# way, where half of 27 would be 13.5.
#
# ## The way back
#
# To learn, a network asks of every pixel: if you were a little larger, by how much would the result
# (in the end one number, from notebook 03 on) grow? That is the pixel's *gradient*. A pixel that
# stands in several columns has an influence through all of them, so what comes back is **added
# up**: `col2im` puts each column's numbers back to where they were read from, with `+=`.
#
# If we send back a 1 from everywhere, every pixel gets the number of windows that see it.
#
# **Predict** for a 9x9 image and a 3x3 window: which pixels are seen by most windows at stride 1, 2
# and 3?

# %% figure 01_seen_by
figure, axes = plt.subplots(1, 3, figsize=(9.5, 3.2))
for stride, axis in zip((1, 2, 3), axes, strict=True):
    ones = np.ones_like(ops.im2col(np.zeros((1, 1, 9, 9)), 3, stride=stride).data)
    seen = ops.col2im(ones, (9, 9), 3, stride=stride).data[0, 0]
    shown = axis.imshow(seen, cmap="cividis", vmin=0, vmax=9)
    for (i, j), count in np.ndenumerate(seen):
        colour = "white" if count < 5 else "black"
        axis.text(j, i, int(count), ha="center", va="center", color=colour, fontsize=8)
    axis.set(title=f"stride {stride}", xlabel="column", ylabel="row")
bar = figure.colorbar(shown, ax=axes, label="windows that see the pixel")

# %% [markdown]
# ![How many windows see each pixel](figures/01_seen_by.svg)
#
# At stride 3 all are seen once: there, and only there, is col2im the inverse of im2col. At stride 2
# the counts are 1, 2 and 4, and 4 belongs to the nine pixels with an even row *and* an even column
# that are not on the edge. At stride 1 the middle is seen by nine windows and a corner by one.
#
# What a factor does to a product is the other factor. So the gradient of a convolution is two more
# products and one col2im: with `y = weight @ columns`,
#
#     gradient of columns = weight^T @ gradient of y      col2im of it: the gradient of the image
#     gradient of weight  = gradient of y @ columns^T
#
# ## Exercises
#
# Fill in the cell, run it, and run the check below it: it says nothing but "right", or what is
# wrong.
#
# **1.** The size of the output along one axis.


# %% exercise 1
def output_size(size, kernel, stride, padding):
    """Say how many windows fit, with `padding` zeros at both ends."""
    return ...


# %% check 1
assert output_size(27, 3, 3, 0) == 9, "27 pixels, a window of 3 every 3: 9 fit"
for size, kernel, stride, padding in np.ndindex(12, 6, 4, 3):
    size, kernel, stride = size + 6, kernel + 1, stride + 1
    want = Window.of(kernel, stride, padding).output_size((size, size))[0]
    got = output_size(size, kernel, stride, padding)
    assert got == want, f"size {size}, kernel {kernel}, stride {stride}, padding {padding}: {got}"
print("right")

# %% [markdown]
# **2.** One column: the numbers under the window of output `(i, j)`, in the order in which im2col
# writes them.


# %% exercise 2
def column_of(x, i, j, kernel, stride):
    """Write the numbers under one window as a column.  x (C, H, W) -> (C*kernel*kernel,)."""
    return ...


# %% check 2
x = np.random.default_rng(0).normal(size=(1, 3, 11, 9))
for kernel, stride in ((1, 1), (2, 1), (3, 2), (3, 3)):
    rows, across = Window.of(kernel, stride).output_size((11, 9))
    wanted = ops.im2col(x, kernel, stride=stride).data[0]
    for i, j in np.ndindex(rows, across):
        got, where = column_of(x[0], i, j, kernel, stride), f"window ({i}, {j}), stride {stride}"
        assert np.shape(got) == (3 * kernel * kernel,), f"{where}: shape {np.shape(got)}"
        assert np.array_equal(got, wanted[:, i * across + j]), f"{where}: other numbers or order"
print("right")

# %% [markdown]
# **3.** The gradient of the image. You are given the gradient of `y` and may use
# `ops.col2im(...).data`, which takes columns `(1, K, P)`, the image's size, the kernel and the
# stride. (The check asks minin: `y.backward(g)` takes `g`, the gradient of `y`, back to every
# tensor that was made with `requires_grad=True`, and leaves it there in `.grad`.)


# %% exercise 3
def gradient_of_image(weight, grad_y, size, stride):
    """Take the gradient back.  weight (O, C, K, K), grad_y (O, OH, OW) -> (C, H, W)."""
    filters = weight.reshape(len(weight), -1)  # (O, C*K*K)
    return ...


# %% check 3
rng = np.random.default_rng(1)
for kernel, stride, size in ((3, 3, (9, 9)), (3, 1, (6, 8)), (2, 1, (5, 5)), (3, 2, (7, 9))):
    weight = rng.normal(size=(4, 2, kernel, kernel))
    x = tensor(rng.normal(size=(1, 2, *size)), requires_grad=True)
    y = ops.conv2d(x, weight, stride=stride)
    grad_y = rng.normal(size=y.shape)
    y.backward(grad_y)
    got, where = (
        gradient_of_image(weight, grad_y[0], size, stride),
        f"kernel {kernel}, stride {stride}",
    )
    assert np.shape(got) == (2, *size), f"{where}: shape {np.shape(got)}, not {(2, *size)}"
    assert np.allclose(got, x.grad[0]), f"{where}: the shape is right, the numbers are not"
print("right")

# %% [markdown]
# ## Three questions to close
#
# Answer in a sentence or two; then compare with `docs/notebook-answers.md`.
#
# 1. In the worked example, what is the number in row 14, column 40 of the columns a copy of: which
#    colour, row and column of the picture? And if only the stride is changed from 3 to 1 and a
#    border of one zero is added, how many times as many numbers do the columns hold, and why exactly?
# 2. Which of the notebook's four filters answers exactly 0 inside the white disc but not inside the
#    red square, what does it answer inside the square, and which of its weights make it so?
# 3. What does the brightness filter answer at the output in the middle, (4, 4), and which pixels of
#    square and disc make up that number? And how many times as many numbers as the picture do the
#    columns of the worked example hold at stride 2?

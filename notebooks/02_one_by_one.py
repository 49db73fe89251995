# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 A 1x1 convolution is a small network at every pixel
#
# After this notebook you can
#
# - compute a 1x1 convolution in four ways, and say which two must agree to the last bit;
# - see at a glance that somebody has reshaped an image wrongly;
# - say what mixing channels can do that treating each by itself cannot, and what one layer of
#   mixing cannot do either;
# - say when a 1x1 convolution to fewer channels loses nothing.
#
# You need notebook 01, or to know that a filter adds up products over all channels. It takes about
# 40 minutes.
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

from minin import models, ops, summary, tensor
from minin.plots import BLUE, ORANGE

plt.rcParams["figure.constrained_layout.use"] = True
rng = np.random.default_rng(0)

# %% [markdown]
# ## Four ways to the same numbers
#
# A filter of 1x1 sees one pixel, and of that pixel all channels. With 3 channels a filter is 3
# weights, and its output is `w0*red + w1*green + w2*blue`. So O filters are a matrix `(O, C)` that
# is multiplied by the vector of channels *at every pixel*.
#
# Images in minin have the axes `(N, C, H, W)`: images, channels, rows, columns. Images that are
# computed together are a *batch*; here are 2 of 28x28 in 8 channels, to 5 maps:
#
# 1. `ops.conv2d` with weights of shape `(5, 8, 1, 1)`;
# 2. a product at each pixel, `weight @ x[n, :, i, j]`, in a loop;
# 3. a product for each image, `weight @ x[n].reshape(8, 28*28)`;
# 4. one product for the batch: bring channels to the front, `(8, 2*28*28)`, and multiply once.
#
# **Predict**: with whole numbers, which of the four are equal to the last bit? And with fractions,
# as a network has them?


# %%
def four_ways(x, weight):
    """Compute a 1x1 convolution.  x (N, C, H, W), weight (O, C) -> four of (N, O, H, W)."""
    n, c, h, w = x.shape
    o = len(weight)
    by_conv = ops.conv2d(x, weight[:, :, None, None]).data

    by_loop = np.zeros((n, o, h, w), x.dtype)
    for k, i, j in np.ndindex(n, h, w):
        by_loop[k, :, i, j] = weight @ x[k, :, i, j]  # (O, C) @ (C,)

    by_image = np.stack([(weight @ image.reshape(c, h * w)).reshape(o, h, w) for image in x])

    channels_first = x.transpose(1, 0, 2, 3).reshape(c, n * h * w)  # (C, N*H*W)
    product = weight @ channels_first  # (O, C) @ (C, N*H*W)
    by_batch = product.reshape(o, n, h, w).transpose(1, 0, 2, 3)
    return by_conv, by_loop, by_image, by_batch


whole = (
    rng.integers(-9, 10, (2, 8, 28, 28)).astype(float),
    rng.integers(-9, 10, (5, 8)).astype(float),
)
fractions = rng.normal(size=(2, 8, 28, 28)), rng.normal(size=(5, 8))
for name, (x, weight) in (("whole numbers", whole), ("fractions", fractions)):
    conv, *others = four_ways(x, weight)
    print(f"{name}, how far from conv2d:")
    for way, other in zip(("pixel by pixel", "image by image", "the batch"), others, strict=True):
        print(f"    {way:14} {np.abs(conv - other).max():.0e}")

# %% [markdown]
# With whole numbers all four are equal: sums of whole numbers are exact, in whatever order. With
# fractions the order matters in the last digits (4e-15 here for the loop). Ways 1 and 3, `conv2d`
# and image by image, **must** be equal to the last bit, for they are the very same product: a
# window of 1x1 is one pixel, so the columns of notebook 01 *are* the image, seen as `(C, H*W)`, and
# nothing is copied. That way 4 agrees too is luck: here a larger product happens to add in the same
# order.
#
# ## The reshape that scrambles
#
# Way 4 needs a `transpose` before its `reshape`. Many programs forget it: `x.reshape(C, N*H*W)` or
# `x.reshape(N*H*W, C)` has the right shape and no error comes. We take a filter that changes
# nothing, the identity matrix.
#
# **Predict**: what does a red square on a white ground look like after `picture.reshape(H*W, 3) @
# identity` is read back as pixels of 3 channels? How many of its pixels still have their colour?

# %% figure 02_scrambled
picture = np.ones((3, 28, 28))
picture[1:, 8:20, 8:20] = 0  # a red square: no green, no blue
identity = np.eye(3)

right = picture.transpose(1, 2, 0).reshape(28 * 28, 3) @ identity  # (H*W, C): a row is a pixel
wrong = picture.reshape(28 * 28, 3) @ identity  # a row is three neighbours of one channel

figure, axes = plt.subplots(1, 2, figsize=(6.5, 3.2))
for axis, pixels, name in zip(
    axes, (right, wrong), ("transpose, reshape", "reshape alone"), strict=True
):
    axis.imshow(pixels.reshape(28, 28, 3))
    axis.set(title=name, xlabel="column", ylabel="row")
    print(f"{name:18} mean {pixels.mean():.3f}, of each channel {pixels.mean(axis=0).round(3)}")
print(f"pixels with the right colour: {np.mean((right == wrong).all(axis=1)):.0%}")

# %% [markdown]
# ![The right reshape keeps the red square, the wrong one shows six small black ones below a white band](figures/02_scrambled.svg)
#
# A row of the wrong matrix holds three *neighbouring pixels of one channel*, read as one pixel's
# red, green and blue. So the picture falls into three bands, one a channel; the top one is red,
# which is 1 everywhere: white. The others show the square three times side by side, for 28 wrong
# pixels are *three* rows of a channel. Most quick checks miss it: the shape is right, the mean of
# all numbers is the same 0.878, for all are still there, and **69 %** of the pixels even have the
# right colour. But the mean of each channel tells: 1, 0.816, 0.816 have become 0.878 thrice, a
# grey.

# %% [markdown]
# ## A small network at every pixel
#
# A *neuron* multiplies its inputs by weights, adds up, adds a number of its own (the *bias*) and
# keeps what is positive, which is called *ReLU*: `max(0, sum)`. A layer of neurons is a matrix, and
# so is a 1x1 convolution. Two of them, with ReLU between, are a network of two layers (a
# *multilayer perceptron*, MLP), **the same one at every pixel**. That is the network in *Network in
# Network* ([M. Lin, Q. Chen, S. Yan, 2013](https://arxiv.org/abs/1312.4400)), "the paper".
#
# **Predict**: an MLP with 8 inputs, 6 hidden neurons and 4 outputs runs over 28x28 pixels. How many
# weights and biases (*parameters*) has it? How many would it have over 56x56 pixels?

# %%
w1, b1 = rng.normal(size=(6, 8)), rng.normal(size=6)
w2, b2 = rng.normal(size=(4, 6)), rng.normal(size=4)


def mlp(vector):
    """Answer one pixel.  vector (8,) -> (4,)."""
    hidden = np.maximum(w1 @ vector + b1, 0)
    return np.maximum(w2 @ hidden + b2, 0)


by_pixel = np.stack([[mlp(x[0, :, i, j]) for j in range(28)] for i in range(28)]).transpose(2, 0, 1)
chain = ops.relu(
    ops.conv2d(ops.relu(ops.conv2d(x, w1[:, :, None, None], b1)), w2[:, :, None, None], b2)
)
one_op = ops.mlpconv(x, [w1[:, :, None, None], w2[:, :, None, None]], [b1, b2])
print("MLP at every pixel - two 1x1:", f"{np.abs(by_pixel - chain.data[0]).max():.0e}")
print("mlpconv == two 1x1, to the last bit:", np.array_equal(one_op.data, chain.data))
print("weights and biases:", sum(a.size for a in (w1, b1, w2, b2)))

# %% [markdown]
# `8*6 + 6 + 6*4 + 4` is **82**, and 82 over 56x56 too: the same MLP goes everywhere. `ops.mlpconv`
# is the two convolutions and their ReLUs in one op, and equal to them to the last bit, because it
# runs the same rules.
#
# ## Across channels, or each by itself
#
# Suppose that a pixel is *yellow* if it has red and green but no blue. All eight mixes of the three
# are in our picture. A filter across channels may weigh them all: `relu(red + green - blue - 1)` is
# 1 for yellow alone. Now the same number of maps, but each map sees only one channel (`groups=3` in
# `conv2d`): it can stretch and shift that channel, no more.
#
# **Predict**: how many of the eight colours can *one* map that sees one channel put on the right
# side of a threshold, at best?

# %%
colours = np.array(list(np.ndindex(2, 2, 2)), float)  # (8, 3): all mixes of red, green and blue
yellow = (colours[:, 0] == 1) & (colours[:, 1] == 1) & (colours[:, 2] == 0)
swatches = colours.T.reshape(1, 3, 1, 8)  # an image of one row and eight columns

across = ops.relu(
    ops.conv2d(swatches, np.array([1.0, 1, -1]).reshape(1, 3, 1, 1), np.array([-1.0]))
)
print("across channels:", across.data.ravel())
for c, name in enumerate(("red", "green", "blue")):
    guesses = [
        (sign * colours[:, c] > threshold)
        for sign in (1, -1)
        for threshold in (-1.5, -0.5, 0.5, 1.5)
    ]
    print(
        f"from {name:5} alone, right at best: {max(int(np.sum(g == yellow)) for g in guesses)} of 8"
    )

# %% [markdown]
# Across channels all eight are right. From one channel it is **7 of 8**, by saying "never yellow"
# to all, and that is worth nothing: from red alone, for example, yellow and white look alike.
#
# Mixing once is not everything either. Call a pixel *striped* if **exactly one** of red and green
# is on. One layer, `f = w0*red + w1*green + b` with a threshold, gets at most 3 of the 4 mixes
# right. If f is positive for (1, 0) and (0, 1) and not for (0, 0), it is positive for (1, 1) too:
#
#     f(1, 1) = f(1, 0) + f(0, 1) - f(0, 0) > 0
#
# Two layers do it: `relu(red - green) + relu(green - red)`. Notebook 03 trains networks on this.

# %%
mixes = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
striped = mixes.sum(axis=1) == 1
grid = np.linspace(-2, 2, 17)
best = max(
    int(np.sum((mixes @ (u, v) + b > 0) == striped)) for u in grid for v in grid for b in grid
)
hidden = np.maximum(mixes @ np.array([[1.0, -1], [-1, 1]]), 0)
print(f"one layer, best of {17**3:,} tried: {best} of 4;  two layers:", hidden.sum(axis=1))

# %% [markdown]
# ## Fewer channels
#
# A 1x1 convolution from 8 channels to 3 is a cheap way to make what comes after it cheaper. What is
# lost? Linear algebra answers: a matrix `(3, 8)` and one back `(8, 3)` can keep everything exactly
# if all vectors of channels lie in a space of 3 dimensions.
#
# We make 8 channels by mixing the 3 colours of a picture at random, and add a little noise. The
# best matrices come from the singular value decomposition.
#
# **Predict**: of the curve of error against the number of channels that are kept (1 to 8), where
# does it bend?

# %% figure 02_fewer
photo = rng.random((3, 28 * 28)) ** 2
photo[0] += np.linspace(0, 1, 28 * 28)
mixed = rng.normal(size=(8, 3)) @ photo  # 8 channels, but only 3 that differ
noisy = mixed + 0.01 * rng.normal(size=mixed.shape)


def error_with(kept, channels):
    """Return the relative error after 8 -> kept -> 8 channels."""
    u, _, _ = np.linalg.svd(channels, full_matrices=False)
    down, up = u[:, :kept].T, u[:, :kept]  # (kept, 8) and (8, kept): two 1x1 convolutions
    back = up @ (down @ channels)
    return np.linalg.norm(back - channels) / np.linalg.norm(channels)


figure, axis = plt.subplots(figsize=(6, 3.4))
kept = np.arange(1, 9)
for channels, name, style, colour in (
    (mixed, "without noise", "-", BLUE),
    (noisy, "with 0.01 of noise", "--", ORANGE),
):
    errors = [max(error_with(k, channels), 1e-16) for k in kept]
    axis.semilogy(kept, errors, style, marker="o", color=colour, label=name)
axis.set(xlabel="channels kept by the first 1x1 convolution", ylabel="relative error after 8 again")
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)
for k in (2, 3):
    print(f"{k} kept: {error_with(k, mixed):.2g}, with noise {error_with(k, noisy):.2g}")

# %% [markdown]
# ![The error falls from above a tenth to nothing at three channels](figures/02_fewer.svg)
#
# At **3**, the number of channels that really differed: with 2 the error is 0.21, with 3 it
# is rounding alone, 6e-16. With noise it stays near the noise, 0.009, until all 8 are kept and
# nothing is removed. So a reduction is free where channels repeat one another. In notebook 09 this
# halves the cost of a layer.
#
# In the paper's network for CIFAR-10 (colour photographs of 32x32 pixels, in 10 classes) each of
# three blocks is a 5x5 or 3x3 convolution and two 1x1 after it. **Predict** which share of the
# products the six 1x1 need.

# %%
found = summary(models.build("nin-cifar10", rng=0))
pointwise = [row for row in found.rows if "1x1" in row.label]
print(
    f"1x1: {sum(r.params for r in pointwise):,} of {found.params:,} parameters, "
    f"{sum(r.macs for r in pointwise):,} of {found.macs:,} products an image "
    f"({sum(r.macs for r in pointwise) / found.macs:.0%})"
)

# %% [markdown]
# Two thirds of the convolutions, and 31 % of the products: a 1x1 filter has one weight for each
# channel, a 5x5 has 25.
#
# ## Exercises
#
# **1.** A 1x1 convolution of a whole batch by **one** product, without a loop.


# %% exercise 1
def conv1x1(x, weight, bias):
    """Mix channels.  x (N, C, H, W), weight (O, C), bias (O,) -> (N, O, H, W)."""
    return ...


# %% check 1
for shape, o in (((2, 3, 4, 5), 4), ((3, 2, 2, 2), 2), ((1, 5, 3, 1), 1)):
    x, weight, bias = rng.normal(size=shape), rng.normal(size=(o, shape[1])), rng.normal(size=o)
    got, want = conv1x1(x, weight, bias), ops.conv2d(x, weight[:, :, None, None], bias).data
    assert np.shape(got) == want.shape, f"shape {np.shape(got)}, not {want.shape}"
    assert np.allclose(got, want), (
        "the shape is right, the numbers are not: what is in a row before the product?"
    )
print("right")

# %% [markdown]
# **2.** One layer across channels: weights `(1, 3)` and a bias so that
# `weight @ (red, green, blue) + bias` is positive for magenta (red and blue, no green) and for no
# other of the eight colours.

# %% exercise 2
magenta_weight = np.array([[0.0, 0.0, 0.0]])
magenta_bias = 0.0

# %% check 2
magenta = (colours[:, 0] == 1) & (colours[:, 1] == 0) & (colours[:, 2] == 1)
answer = (colours @ np.reshape(magenta_weight, 3) + magenta_bias) > 0
wrong = [tuple(c.astype(int).tolist()) for c in colours[answer != magenta]]
assert not wrong, f"not as wanted for (red, green, blue) = {wrong}"
print("right")

# %% [markdown]
# **3.** The gradient of the weights. Every pixel uses the same weights, so their gradient is a sum
# over all pixels of all images; find the product that makes it.


# %% exercise 3
def gradient_of_weight(x, grad_y):
    """Take the gradient to the weights.  x (N, C, H, W), grad_y (N, O, H, W) -> (O, C)."""
    return ...


# %% check 3
for shape, o in (((2, 3, 4, 5), 4), ((3, 2, 2, 2), 2)):
    weight = tensor(rng.normal(size=(o, shape[1], 1, 1)), requires_grad=True)
    x = rng.normal(size=shape)
    y = ops.conv2d(x, weight)
    grad_y = rng.normal(size=y.shape)
    y.backward(grad_y)
    got, want = gradient_of_weight(x, grad_y), weight.grad[:, :, 0, 0]
    assert np.shape(got) == want.shape, f"shape {np.shape(got)}, not {want.shape}"
    assert np.allclose(got, want), "the numbers differ: a sum over images and pixels, no mean?"
print("right")

# %% [markdown]
# ## Three questions to close
#
# Answer in a sentence or two; then compare with `docs/notebook-answers.md`.
#
# 1. After the wrong reshape, which share of the pixels still had the right colour, and what was the
#    mean of each channel before and after? Which quick checks therefore saw nothing?
# 2. Which two of the notebook's four ways must be equal to the last bit also with fractions, and why
#    those? And how many parameters has the notebook's MLP over 28x28 and over 56x56 pixels?
# 3. How large was the error with 2 of the notebook's 8 channels kept, with 3, and with 3 when there
#    was noise? And of how many colours was "never yellow" right, and why is that worth nothing?

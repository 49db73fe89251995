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
# - compute a 1x1 convolution in three ways, and say which of them agree to the last bit;
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

os.environ["MININ_RULES"] = "plain"  # the rules to read: a print in minin/ops/conv.py prints here

import matplotlib.pyplot as plt
import numpy as np

from minin import models, ops, summary, tensor
from minin.plots import BLUE, ORANGE

plt.rcParams["figure.constrained_layout.use"] = True
rng = np.random.default_rng(0)

# %% [markdown]
# ## Three ways to the same numbers
#
# A filter of 1x1 sees one pixel, and of that pixel all channels. With 3 channels a filter is 3
# weights, and its output is `w0*red + w1*green + w2*blue`. So O filters are a matrix `(O, C)` that
# is multiplied by the vector of channels *at every pixel*.
#
# Images in minin have the axes `(N, C, H, W)`: images, channels, rows, columns. Here are 2 images
# of 28x28 in 8 channels, to 5 maps:
#
# 1. `ops.conv2d` with weights of shape `(5, 8, 1, 1)`;
# 2. a loop over all pixels, `weight @ x[n, :, i, j]` at each;
# 3. one product for the whole batch: bring channels to the front, `(8, 2*28*28)`, and multiply
#    once.
#
# **Predict**: with whole numbers, which of the three are equal to the last bit? And with fractions,
# as a network has them?


# %%
def three_ways(x, weight):
    """Compute a 1x1 convolution thrice.  x (N, C, H, W), weight (O, C) -> three of (N, O, H, W)."""
    n, c, h, w = x.shape
    o = len(weight)
    by_conv = ops.conv2d(x, weight[:, :, None, None]).data

    by_loop = np.zeros((n, o, h, w), x.dtype)
    for k, i, j in np.ndindex(n, h, w):
        by_loop[k, :, i, j] = weight @ x[k, :, i, j]  # (O, C) @ (C,)

    channels_first = x.transpose(1, 0, 2, 3).reshape(c, n * h * w)  # (C, N*H*W)
    product = weight @ channels_first  # (O, C) @ (C, N*H*W)
    by_product = product.reshape(o, n, h, w).transpose(1, 0, 2, 3)
    return by_conv, by_loop, by_product


whole = (
    rng.integers(-9, 10, (2, 8, 28, 28)).astype(float),
    rng.integers(-9, 10, (5, 8)).astype(float),
)
fractions = rng.normal(size=(2, 8, 28, 28)), rng.normal(size=(5, 8))
for name, (x, weight) in (("whole numbers", whole), ("fractions", fractions)):
    conv, loop, product = three_ways(x, weight)
    print(
        f"{name:14} conv - loop: {np.abs(conv - loop).max():.0e}, "
        f"conv - product: {np.abs(conv - product).max():.0e}"
    )

x, weight = fractions
of_one_image = weight @ x[0].reshape(8, 28 * 28)  # what minin does: the image is its own columns
print(
    "conv == the product of each image:",
    np.array_equal(ops.conv2d(x, weight[:, :, None, None]).data[0].reshape(5, -1), of_one_image),
)

# %% [markdown]
# With whole numbers all three are equal, difference 0: sums of whole numbers are exact, in whatever
# order. With fractions a loop may add in another order than one large product, and the last digits
# (about 1e-15) may differ. But `conv2d` and the product of one image are equal **to the last bit**,
# because they are the very same product: a window of 1x1 is one pixel, so the columns of notebook
# 01 *are* the image, seen as `(C, H*W)`. Nothing is copied.
#
# ## The reshape that scrambles
#
# Way 3 needs a `transpose` before its `reshape`. Many programs forget it: `x.reshape(C, N*H*W)` or
# `x.reshape(N*H*W, C)` has the right shape and no error comes. We take a filter that changes
# nothing, the identity matrix.
#
# **Predict**: what does a red square on a white ground look like after `x.reshape(H*W, 3) @
# identity` is read back as pixels of 3 channels?

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

# %% [markdown]
# ![The right reshape keeps the red square, the wrong one shows six small black ones below a white band](figures/02_scrambled.svg)
#
# A row of the wrong matrix holds three *neighbouring pixels of one channel*, read as one pixel's
# red, green and blue. So the picture falls into three bands, one a channel. The top third is the
# red channel, which is 1 everywhere, so there is nothing to be seen of the square but white. The
# middle third is green and the lower one blue: each shows the square three times side by side, a
# third as wide and as high, black with coloured edges. A wrong reshape has the right shape: only a
# picture, or a check of numbers, shows it.

# %% [markdown]
# ## A small network at every pixel
#
# A *neuron* multiplies its inputs by weights, adds up, adds a number of its own (the *bias*) and
# keeps what is positive, which is called *ReLU*: `max(0, sum)`. A layer of neurons is a matrix, and
# so is a 1x1 convolution. Two of them, with ReLU between, are a network of two layers (a
# *multilayer perceptron*, MLP), **the same one at every pixel**. That is the network in Network in
# Network.
#
# **Predict**: an MLP with 8 inputs, 6 hidden neurons and 4 outputs runs over 28x28 pixels. How many
# weights and biases has it? How many would it have over 56x56 pixels?

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
# is on. One layer of mixing with a threshold gets at most 3 of the 4 mixes right: a sum of `w0*red +
# w1*green + b` that is positive for (1, 0) and (0, 1) and not for (0, 0) must be positive for (1, 1)
# too, since its value there is the sum of those of (1, 0) and (0, 1), less that of (0, 0). Two
# layers do it: `relu(red - green) + relu(green - red)`.

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
print(f"2 kept: {error_with(2, mixed):.2f}, 3 kept: {error_with(3, mixed):.0e}")

# %% [markdown]
# ![The error falls from above a tenth to nothing at three channels](figures/02_fewer.svg)
#
# At **3**, the number of channels that really differed: from there on the error is rounding alone.
# With noise it stays at the size of the noise until all 8 are kept. So a reduction is free where
# channels repeat one another, and how many singular values are large says how far one may go. In
# notebook 09 this halves the cost of a layer.
#
# In the paper's own network each block is a 5x5 or 3x3 convolution and two 1x1 after it; count what
# share of the work the 1x1 are.

# %%
found = summary(models.build("nin-cifar10", rng=0))
pointwise = [row for row in found.rows if "1x1" in row.label]
print(
    f"1x1: {sum(r.params for r in pointwise):,} of {found.params:,} parameters, "
    f"{sum(r.macs for r in pointwise):,} of {found.macs:,} products an image "
    f"({sum(r.macs for r in pointwise) / found.macs:.0%})"
)

# %% [markdown]
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
# **2.** One layer across channels: weights `(1, 3)` and a bias so that `weight @ (red, green, blue) +
# bias` is positive for magenta (red and blue, no green) and for no other of the eight colours.

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
# 1. In the picture of the wrong reshape, what does the top third show and why is there nothing to
#    be seen of the square?
# 2. Which two of the notebook's ways are equal to the last bit also with fractions, and why those?
#    And how many parameters has the notebook's MLP over 28x28 and over 56x56 pixels?
# 3. To how many channels could the notebook's 8 be reduced without loss, why that number, and what
#    did "never yellow" score from one channel, and why is that worth nothing?

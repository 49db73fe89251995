# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 09 What one small multiplication saves
#
# After this notebook you can
#
# - count the parameters, products and bytes of any layer before it runs;
# - say when a 1x1 convolution in front makes a layer cheaper, and by how much;
# - say where AlexNet's 230 MB are, and why Network in Network needs 29;
# - tell products, parameters and memory apart: three prices that are seldom high at the same place.
#
# You need notebooks 01 and 02. It takes about 30 minutes, and nothing in it is trained.
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

import minin
from minin import explain, models, nn
from minin.explain.compare import ALEXNET
from minin.plots import BLUE, GREY, ORANGE

plt.rcParams["figure.constrained_layout.use"] = True

# %% [markdown]
# ## One multiplication more, half of the work
#
# One output number of a convolution from C channels with windows k x k is a sum of `C*k*k`
# products. There are O maps of H x W such numbers:
#
#     products = O * H * W * C * k * k
#
# (minin and most papers call a product with its addition a *MAC*, multiply-accumulate.) A layer
# takes 192 maps of 32x32 to 256 maps with windows of 3x3. Now we put a 1x1 convolution in front,
# which first brings 192 maps down to 96.
#
# **Predict**: the network now has *one layer more*. Do the products become more or fewer, and by
# how much?

# %%
direct = nn.Conv2d(192, 256, 3, padding=1, rng=0)
through = nn.Sequential(
    nn.Conv2d(192, 96, 1, rng=0), nn.ReLU(), nn.Conv2d(96, 256, 3, padding=1, rng=0)
)
first, _, second = through.layers
image = (192, 32, 32)
products = direct.macs(image), first.macs(image) + second.macs((96, 32, 32))
print(f"directly   {products[0]:>11,}")
print(f"with a 1x1 {products[1]:>11,} = {first.macs(image):,} + {second.macs((96, 32, 32)):,}")
print(f"saved: {1 - products[1] / products[0]:.0%}")

# %% [markdown]
# 452,984,832 products become **245,366,784**: 18,874,368 for the 1x1 and 226,492,416 for the rest,
# 46 % saved. A product of the 1x1 is spent once a pixel, and it halves the channels that each of
# the *nine* cells of the next window has to multiply.
#
# Is it so on the clock too? We measure both in turn, on one core, and take the best of some runs,
# for other programs on the machine can only make it slower.

# %%
from time import perf_counter

from threadpoolctl import threadpool_limits

x = np.random.default_rng(0).normal(size=(1, *image)).astype("float32")
best = {direct: np.inf, through: np.inf}
with minin.no_grad(), threadpool_limits(1):
    for network in [direct, through] * 15:
        start = perf_counter()
        network(x)
        best[network] = min(best[network], perf_counter() - start)
print(f"directly {1000 * best[direct]:.1f} ms, with a 1x1 {1000 * best[through]:.1f} ms")

# %% [markdown]
# The way with fewer products wins; when this was written, by *more* than was counted: 4.6 against
# 14.5 ms. The clock knows more than products. im2col, for one, has only half as many numbers to
# write for the second layer. Notebook 10 is about that.
#
# ## How far down?
#
# The 1x1 may go down to any number of maps, `r`. The whole costs `H*W * (C*r + r*O*k*k)` products.
#
# **Predict**: for which r does it cost as much as the direct way? (C = 192, O = 256, k = 3)

# %% figure 09_how_far
r = np.arange(1, 193)
costs = 32 * 32 * (192 * r + r * 256 * 9)
even = 192 * 256 * 9 / (192 + 256 * 9)
figure, axis = plt.subplots(figsize=(6.5, 3.4))
axis.plot(r, costs / 1e6, color=BLUE, linewidth=2, label="with a 1x1 to r maps")
axis.axhline(products[0] / 1e6, color=ORANGE, linestyle="--", linewidth=2, label="directly")
axis.plot(96, products[1] / 1e6, "o", color=BLUE)
axis.annotate(
    "r = 96: 245", (96, products[1] / 1e6), xytext=(8, -12), textcoords="offset points", fontsize=9
)
axis.axvline(even, color=GREY, linewidth=0.8, linestyle=":")
axis.annotate(
    f"even at r = {even:.0f}",
    (even, 250),
    xytext=(-5, 0),
    textcoords="offset points",
    ha="right",
    fontsize=9,
)
axis.set(xlabel="maps after the 1x1, r", ylabel="products, millions", ylim=(0, 520))
axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, 0.8))
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ![Products against the number of maps after the 1x1](figures/09_how_far.svg)
#
# The cost grows with r as a straight line, and both ways are even at r = 177. Below that the 1x1
# pays: with half of the channels it saves nearly half, with a quarter nearly three quarters. What
# it may cost in *accuracy*, counting cannot say; notebook 02 shows when nothing is lost.
#
# ## GoogLeNet's first inception block
#
# GoogLeNet (Szegedy et al. 2014) took the idea further, and names Network in Network as its source.
# Its block "3a" has four branches side by side on 192 maps of 28x28, and joins their maps:
#
# | branch | | maps |
# |---|---|---|
# | 1 | 1x1 | 64 |
# | 2 | 1x1 to 96, then 3x3 | 128 |
# | 3 | 1x1 to 16, then 5x5 | 32 |
# | 4 | max pooling 3x3 every 1, then 1x1 | 32 |
#
# **Predict**: without the two 1x1 in branches 2 and 3, how many times as many products are there?
# And which branch would be the dearest?

# %%
size = 28


def cost(maps, channels, k):
    """Return the parameters and products of a convolution on 28x28 pixels."""
    layer = nn.Conv2d(channels, maps, k, padding=k // 2, rng=0)
    return sum(p.data.size for p in layer.parameters()), layer.macs((channels, size, size))


with_1x1 = {
    "1x1": [cost(64, 192, 1)],
    "3x3": [cost(96, 192, 1), cost(128, 96, 3)],
    "5x5": [cost(16, 192, 1), cost(32, 16, 5)],
    "pool": [cost(32, 192, 1)],
}
without = {**with_1x1, "3x3": [cost(128, 192, 3)], "5x5": [cost(32, 192, 5)]}
totals = {}
for name, branches in (("with", with_1x1), ("without", without)):
    each = {branch: tuple(map(sum, zip(*parts, strict=True))) for branch, parts in branches.items()}
    totals[name] = each
    params, macs = (sum(both[k] for both in each.values()) for k in (0, 1))
    print(f"{name:8} {macs:,} products, {params:,} parameters; products in millions:")
    print("        ", {branch: round(macs / 1e6, 1) for branch, (_, macs) in each.items()})

# %% figure 09_inception
figure, axis = plt.subplots(figsize=(7, 2.8))
colours = {"1x1": BLUE, "3x3": ORANGE, "5x5": "#7a3e9d", "pool": GREY}
for place, name in enumerate(("with", "without")):
    left = 0.0
    for branch, (_, macs) in totals[name].items():
        axis.barh(
            place,
            macs / 1e6,
            left=left,
            color=colours[branch],
            edgecolor="white",
            label=branch if place == 0 else None,
        )
        left += macs / 1e6
    axis.text(left + 4, place, f"{left:.0f}", va="center")
axis.set(
    yticks=(0, 1),
    yticklabels=("with 1x1", "without"),
    xlabel="products an image, millions",
    xlim=(0, 350),
)
axis.invert_yaxis()
axis.legend(frameon=False, ncols=4, loc="upper right", title="branch")
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ![Products of inception block 3a by branch](figures/09_inception.svg)
#
# 128 million products with the 1x1 and **308 million** without: 2.4 times as many. The 5x5 branch
# gains most: it makes only 32 maps, and grows from 12 to 120 million, nearly tenfold, because each
# of its 25 cells would have to look at 192 channels instead of 16.
#
# ## 230 MB or 29
#
# AlexNet (2012) has five convolutions and three fully connected layers. A trained AlexNet is a file
# of about 230 MB; the Network in Network that its author published for the same task takes 29.
#
# **Predict**: which layers of AlexNet have most parameters? And which have most products?

# %%
found = explain.compare(models.build("nin-imagenet", rng=0))
print(found)
print()
for layer in ALEXNET:
    print(
        f"{layer.name:6} {layer.params:>11,} parameters {layer.params / found.alexnet.params:4.0%}"
        f"  {layer.macs:>12,} products {layer.macs / found.alexnet.macs:4.0%}"
    )

# %% figure 09_alexnet
rows = minin.summary(models.build("nin-imagenet", rng=0)).rows
blocks = {}
for row in rows:
    if row.params:
        block = f"block {1 + [0, 2, 4, 7].index(int(row.name.split('.')[0]))}"
        params, macs = blocks.get(block, (0, 0))
        blocks[block] = params + row.params, macs + row.macs
bars = {
    "AlexNet": {layer.name: (layer.params, layer.macs) for layer in ALEXNET},
    "Network in Network": blocks,
}
figure, axes = plt.subplots(2, 2, figsize=(9.5, 5), sharex="col", height_ratios=(8, 4))
for line, (name, layers) in zip(axes, bars.items(), strict=True):
    for axis, which, scale in zip(line, (0, 1), (4 / 2**20, 1e-6), strict=True):
        values = [scale * layer[which] for layer in layers.values()]
        colour = [ORANGE if label.startswith("fc") else BLUE for label in layers]
        axis.barh(list(layers), values, color=colour)
        axis.invert_yaxis()
        axis.spines[["top", "right"]].set_visible(False)
        axis.set_title(
            f"{name}: {sum(values):,.0f} {('MiB', 'million products')[which]}",
            loc="left",
            fontsize=10,
        )
axes[1, 0].set_xlabel("parameters, MiB in float32")
text = axes[1, 1].set_xlabel("products an image, millions")

# %% [markdown]
# ![Parameters and products by layer: AlexNet above, Network in Network below](figures/09_alexnet.svg)
#
# 232.6 MiB against 28.97, a factor of **8.03**. **96 %** of AlexNet's parameters are in its three
# fully connected layers (orange), fc6 alone has 62 %; and 92 % of its *products* are in the
# convolutions. A convolution uses each parameter at every pixel, a fully connected layer once.
# Network in Network has no fully connected layer: GAP took its place (notebook 05). In products it
# is no cheaper: 1,100 against 724 million. It saved *memory*, and what can be overfitted, not time.
#
# ## Exercises
#
# **1.** Count: products of a convolution on one image, with any stride and padding.


# %% exercise 1
def macs(channels, maps, k, size, stride=1, padding=0):
    """Count products of a convolution.  Images of size x size pixels."""
    return 0


# %% check 1
for channels, maps, k, size, stride, padding in (
    (192, 256, 3, 32, 1, 1),
    (3, 96, 11, 224, 4, 0),
    (1, 8, 5, 28, 2, 2),
    (16, 32, 1, 7, 1, 0),
):
    want = nn.Conv2d(channels, maps, k, stride=stride, padding=padding, rng=0).macs(
        (channels, size, size)
    )
    got = macs(channels, maps, k, size, stride, padding)
    assert got == want, (
        f"{channels} to {maps} maps, {k}x{k} every {stride}, {size} pixels: {got}, not {want:,}"
    )
print("right")

# %% [markdown]
# **2.** The largest number of maps after a 1x1 with which it still costs *less* than the direct way
# (products; the size of the image does not matter).


# %% exercise 2
def most_maps(channels, maps, k):
    """Return the largest r that pays, or 0 if none does."""
    return channels


# %% check 2
for channels, maps, k in ((192, 256, 3), (192, 32, 5), (64, 64, 1), (8, 16, 2), (3, 96, 11)):
    want = max(
        (
            r
            for r in range(1, channels + 1)
            if channels * r + r * maps * k * k < channels * maps * k * k
        ),
        default=0,
    )
    got = most_maps(channels, maps, k)
    assert got == want, f"{channels} to {maps} maps, {k}x{k}: {got}, not {want}"
print("right")

# %% [markdown]
# **3.** Bytes in training: `shapes` lists the output of every layer of a network for one image, as
# `(C, H, W)`. All are kept for backward, in float32, for a batch of `batch` images. How many MiB
# (2**20 bytes) is that?


# %% exercise 3
def training_mib(shapes, batch):
    """Return the memory of all kept outputs, in MiB."""
    return 0.0


# %% check 3
for batch, shapes in (
    (128, [(192, 32, 32), (160, 32, 32), (96, 32, 32)]),
    (1, [(10, 1, 1)]),
    (32, [(4, 5, 6), (7, 3, 3)]),
):
    want = batch * sum(4 * np.prod(shape) for shape in shapes) / 2**20
    got = training_mib(shapes, batch)
    assert abs(got - want) < 1e-6 * want, f"batch {batch}, {shapes}: {got}, not {want:.4f} MiB"
print("right")

# %% [markdown]
# ## Three questions to close
#
# Answer in a sentence or two; then compare with `docs/notebook-answers.md`.
#
# 1. From how many products to how many did the 1x1 bring the notebook's first layer, and up to how
#    many maps does such a 1x1 pay there?
# 2. How many products has GoogLeNet's block 3a with and without its 1x1, and which branch gains
#    most, by what factor, and why?
# 3. Where are AlexNet's parameters and where its products, and what is Network in Network *not*
#    better at?

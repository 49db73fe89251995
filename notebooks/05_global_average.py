# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 05 Global average pooling: a head with nothing to learn
#
# After this notebook you can
#
# - write global average pooling as a fully connected layer, and say what its weights are;
# - count what either head has to learn;
# - show on 28x28 images how each *overfits* (learns its training images by heart, and not what they
#   have in common), and what becomes of each if the digits are moved;
# - read class maps: where in the image a network saw its class.
#
# You need notebooks 01 to 04, or to know convolution, ReLU and cross entropy. It takes about 40
# minutes.
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

from minin import data, explain, models, nn, no_grad, ops, optim
from minin.plots import BLUE, ORANGE

plt.rcParams["figure.constrained_layout.use"] = True

# %% [markdown]
# ## It is a fully connected layer
#
# The last block of a *Network in Network*
# ([M. Lin, Q. Chen, S. Yan, 2013](https://arxiv.org/abs/1312.4400)) makes one map for each class,
# here 10 maps of 7x7. What makes scores of them is called the *head*. Most other networks would
# write all 490 numbers in a row and learn a matrix `(10, 490)`: a *fully connected* layer, each
# class's score a weighted sum of **all** numbers of **all** maps. Network in Network takes the mean
# of each map instead: *global average pooling* (GAP).
#
# A mean is a weighted sum too. So GAP is a fully connected layer with a fixed matrix.
#
# **Predict**: how many of its 4,900 entries are not 0, and what is their value?

# %%
fixed = np.kron(np.eye(10), np.full((1, 49), 1 / 49))  # (10, 490): class c weighs map c, and evenly
some_maps = np.random.default_rng(0).normal(size=(4, 10, 7, 7))
by_mean = ops.global_avg_pool2d(some_maps).data
by_matrix = ops.linear(some_maps.reshape(4, 490), fixed).data
print("largest difference:", f"{np.abs(by_mean - by_matrix).max():.0e}")
print("entries that are not 0:", np.count_nonzero(fixed), "of", fixed.size)

# %% [markdown]
# 490, one for each number of the maps, and each is **1/49**, that is `1/(H*W)`. So a fully
# connected head could become GAP by learning. GAP is told two things beforehand: a class has its
# own map and looks at no other, and all places count alike.
#
# ## What it has to learn
#
# **Predict**: how many numbers does each head have to learn here? And for the network for ImageNet
# (photographs in 1,000 classes), with 1,000 class maps of 6x6?

# %%
print("GAP here:", sum(p.data.size for p in nn.GlobalAvgPool2d().parameters()))
print("fully connected here:", sum(p.data.size for p in nn.Linear(490, 10, rng=0).parameters()))
large = models.build("nin-imagenet", rng=0)
found = explain.compare(large)
print(
    f"nin-imagenet, with GAP {found.network.params:,};",
    f"with a fully connected head {found.connected.params:,}",
)

# %% [markdown]
# None against 4,910 here, 4,900 weights and 10 biases. On ImageNet 7.6 million for the whole
# network against 43.6 million: the head alone would have 36 million.
#
# ## Digits of 28x28 pixels
#
# We train the same network with either head, on few images, so that it can go wrong: 30 *epochs*,
# that is 30 times through all images, 50 at a time (a *batch*). If the variable `MININ_DATA` names
# a folder with MNIST (digits written by hand), its first 300 images are taken; else we draw our
# own: each digit is a path over six corners, a to f, shaken, slanted, and moved by up to two
# pixels. The numbers in the text are those of the drawn ones.

# %%
PATHS = "abdfeca bdf abdcef abdfe,cd acd,bdf bacdfe bacefdc abe abdfecacd dcabdfe".split()
CORNERS = {"a": (6, 9), "b": (6, 19), "c": (14, 9), "d": (14, 19), "e": (22, 9), "f": (22, 19)}


def draw(count, rng):
    """Draw digits, 0 to 9 in turn.  -> images (N, 1, 28, 28), labels (N,)."""
    grid = np.stack(np.mgrid[:28, :28], axis=-1).astype(float)
    images, labels = np.zeros((count, 1, 28, 28), "float32"), np.arange(count) % 10
    for image, digit in zip(images, labels, strict=True):
        places = np.array([*CORNERS.values()]) + rng.normal(0, 1.5, (6, 2)) + rng.uniform(-2, 2, 2)
        places[:, 1] += rng.uniform(-0.25, 0.25) * (14 - places[:, 0])  # slanted
        corners, width = dict(zip(CORNERS, places, strict=True)), rng.uniform(0.9, 1.5)
        for path in PATHS[digit].split(","):
            for one, other in zip(path, path[1:], strict=False):
                start, step = corners[one], corners[other] - corners[one]
                along = np.clip((grid - start) @ step / (step @ step), 0, 1)
                distance = np.linalg.norm(grid - start - along[..., None] * step, axis=-1)
                image[0] = np.maximum(image[0], np.clip(1.5 - distance / width, 0, 1))
    return images, labels


if os.environ.get("MININ_DATA"):
    mnist = data.load("mnist")
    images, labels = mnist.train_images[:300] / np.float32(255), mnist.train_labels[:300]
    new_images, new_labels = mnist.test_images[:1000] / np.float32(255), mnist.test_labels[:1000]
else:
    images, labels = draw(300, np.random.default_rng(0))
    new_images, new_labels = draw(1000, np.random.default_rng(1))
mean, spread = images.mean(), images.std()
images, new_images = (images - mean) / spread, (new_images - mean) / spread


# %% figure 05_digits
figure, axes = plt.subplots(2, 10, figsize=(10, 2.2))
for image, axis in zip(images, axes.flat, strict=False):
    axis.imshow(image[0], cmap="gray")
    axis.set_axis_off()

# %% [markdown]
# ![The digits 0 to 9, drawn twice, in white on black, each 28x28 pixels](figures/05_digits.svg)


# %%
def network(head):
    """Build two small mlpconv blocks, 28x28 -> 14x14 -> 7x7, and a head: "GAP" or "connected"."""
    return nn.Sequential(
        nn.MlpConv(1, (16, 12), 5, stride=2, padding=2, rng=0),  # 12 maps of 14x14
        nn.MaxPool2d(3, 2, ceil_mode=True),  # of 7x7
        nn.MlpConv(12, (32, 10), 3, padding=1, final_relu=False, rng=1),  # 10 maps of 7x7
        *([nn.GlobalAvgPool2d()] if head == "GAP" else [nn.Flatten(), nn.Linear(490, 10, rng=3)]),
    )


def train(model, labels, epochs=30):
    """Train on the 300 images, with these labels."""
    optimiser = optim.Adam(model.parameters(), lr=0.01)  # as in notebook 03
    for epoch in range(epochs):
        for x, t in data.batches(images, labels, 50, rng=epoch):
            loss = ops.cross_entropy(model(x), t)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model


def right(model, images, labels):
    """Return the share of right answers, in per cent."""
    with no_grad():  # nothing goes back from here
        return 100 * float(np.mean(model(images).data.argmax(axis=1) == labels))


trained = {head: train(network(head), labels) for head in ("GAP", "connected")}
for head, model in trained.items():
    print(
        f"{head:10} right: {right(model, images, labels):.0f} % of the 300 it trained on, "
        f"{right(model, new_images, new_labels):.0f} % of 1,000 new ones"
    )

# %% [markdown]
# Both are right on about 90 % of new images, GAP on 89 and the connected head on 91. So far nothing
# speaks for either, but that the connected one is at 100 % on what it has seen.
#
# ## Overfitting, laid bare
#
# Now we give each of the 300 images a label **by lot**. There is nothing to learn; a network that
# is right on them has learnt them by heart.
#
# **Predict**: what share of the 300 does each head get right after the same training?

# %%
by_lot = np.random.default_rng(5).permutation(labels)
for head in ("GAP", "connected"):
    learnt = train(network(head), by_lot)
    print(f"{head:10} {right(learnt, images, by_lot):.0f} % of labels drawn by lot")

# %% [markdown]
# The connected head gets **all** of them: its 4,900 weights can tell every image by where its
# strokes lie. GAP gets about **a third** after the same 30 epochs: it may only count how much of
# something is in an image, wherever it is. A head that can learn nonsense by heart can do so with
# real labels too; that it is right on what it trained on does not say what it has learnt.
#
# ## Moved digits
#
# The digits were drawn up to 2 pixels off the centre. We move the new images further to the right,
# by 0 to 6 pixels; first all 1,000, then only those that have 8 or more columns of ground to their
# right, so that they stay away from the border longer.
#
# **Predict**: which head suffers more, what is left at 6 pixels, and does the ground make a
# difference, and to whom?


# %% figure 05_moved
def moved(images, pixels):
    """Move images to the right; what comes in at the left is ground."""
    result = np.full_like(images, images.min())
    result[..., pixels:] = images[..., : 28 - pixels]
    return result


pen = (new_images > new_images.min() + 1).any(axis=(1, 2))  # (N, 28): columns with something drawn
ground = pen[:, ::-1].argmax(axis=1)  # how many columns are empty, from the right
figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
for axis, chosen in zip(axes, (ground >= 0, ground >= 8), strict=True):
    for (head, model), style, colour in zip(
        trained.items(), ("-", "--"), (BLUE, ORANGE), strict=True
    ):
        shares = [right(model, moved(new_images[chosen], k), new_labels[chosen]) for k in range(7)]
        axis.plot(range(7), shares, style, marker="o", color=colour, label=head)
        print(f"{chosen.sum():5} images, {head:10}", "  ".join(f"{s:.0f}" for s in shares), "%")
    axis.axhline(10, color="black", linewidth=0.8, linestyle=":")
    axis.set(xlabel="moved to the right, pixels", ylim=(0, 100))
    axis.spines[["top", "right"]].set_visible(False)
axes[0].set(title="all 1,000", ylabel="new images right, %")
axes[0].text(0, 12, "guessing", fontsize=9)
axes[0].legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 0.18))
title = axes[1].set_title("8 or more columns of ground at the right")
print("of all, something drawn is cut off:", [f"{np.mean(ground < k):.0%}" for k in range(7)])

# %% [markdown]
# ![Share of right answers by pixels moved: the connected head falls at once, GAP later, and not before 5 pixels where there is ground](figures/05_moved.svg)
#
# At 4 pixels GAP is still right on 71 %, the connected head on 55 %; at 6 it is 60 % against 27 %.
# To a connected head a stroke one map pixel (that is 4 image pixels) further right is another input
# with other weights; to GAP it is the same stroke.
#
# Why then does GAP fall at all, and from 2 pixels on, when one image of a hundred has lost
# anything? It is **the border**: a pixel of the last maps sees 17x17 pixels of the image, so a
# stroke speaks up to 8 pixels around itself, and what would be said beyond the border is not
# counted. The images with ground show it: GAP stays at **93 to 96 %** up to 4 pixels, and falls
# only when fewer than 4 columns of ground are left (what a
# stroke says 8 pixels away seems to count for little); the connected head falls there too, to 73 %.
# (Moves by 1, 2, 3, that are no whole map pixel, do no harm of their own.)
#
# Look at the learnt matrix beside the fixed one; mind the two scales.

# %% figure 05_weights
figure, axes = plt.subplots(2, 1, figsize=(10, 3.4))
learnt = trained["connected"][-1].weight.data
for axis, matrix, name in zip(
    axes, (fixed, learnt), ("GAP: fixed", "connected: learnt"), strict=True
):
    most = np.abs(matrix).max()
    shown = axis.imshow(
        matrix, cmap="PuOr_r", vmin=-most, vmax=most, aspect="auto", interpolation="nearest"
    )
    axis.set(title=name, ylabel="class", yticks=(0, 5, 9), xticks=range(0, 491, 49))
    figure.colorbar(shown, ax=axis, label="weight")
label = axes[1].set_xlabel("place in the row of 490 numbers, 49 of each map")

# %% [markdown]
# ![Two matrices of 10 rows and 490 columns: GAP's has ten short bars in a staircase, the learnt one is full](figures/05_weights.svg)
#
# The fixed matrix is ten blocks: class 3 looks at map 3 alone. In the learnt one every class looks
# at every map, so its maps are no longer "maps of a class".
#
# ## Class maps
#
# With GAP each map has one meaning: its mean is the score of its class. `explain.class_maps`
# returns them. So we can see what spoke for a class and where.
#
# **Predict**: in an image of a drawn 7, which class gets the lowest score, and for which places?
# And what does the network say of an image in which *nothing* is drawn?

# %% figure 05_class_maps
place = int(np.flatnonzero(new_labels == 7)[1])
chosen = new_images[place : place + 1]
maps = explain.class_maps(trained["GAP"], chosen)[0]  # (10, 7, 7)
scores = maps.mean(axis=(1, 2))
most = np.percentile(np.abs(maps), 98)

figure, axes = plt.subplots(2, 6, figsize=(11, 4))
axes[0, 0].imshow(chosen[0, 0], cmap="gray", extent=(0, 28, 28, 0))
axes[0, 0].set_title("the image")
axes[1, 0].axis("off")
middles = np.arange(28) + 0.5
for digit, axis in enumerate(axes[:, 1:].flat):
    shown = axis.imshow(maps[digit], cmap="PuOr_r", vmin=-most, vmax=most, extent=(0, 28, 28, 0))
    axis.contour(
        middles, middles, chosen[0, 0], levels=[chosen.mean() + 1], colors="black", linewidths=0.8
    )
    axis.set_title(
        f"{digit}: mean {scores[digit]:.1f}",
        fontweight="bold" if digit == scores.argmax() else None,
    )
for axis in axes.flat:
    axis.set(xticks=(), yticks=())
bar = figure.colorbar(
    shown, ax=axes, label="for (orange), against (purple)", shrink=0.8, extend="both"
)
print("scores:", np.round(scores, 1), "-> the network says", int(scores.argmax()))
print("map 7:", maps[7].min().round(), "to", maps[7].max().round())
empty = np.full_like(chosen, chosen.min())
print("nothing drawn:", explain.class_maps(trained["GAP"], empty)[0].mean(axis=(1, 2)).round())

# %% [markdown]
# ![A drawn 7 and its ten class maps, orange and purple, each with the outline of the 7](figures/05_class_maps.svg)
#
# Orange speaks for a class, purple against it; the mean of a map is the score. Each map pixel
# speaks of the 17x17 pixels around it, **so the colours do not lie on the strokes**: the 7 has most
# for it (72) on the empty ground *above* its roof, and most against it (-60) at the roof and
# *under* it. Most of that cancels, and 7.1 is left. Map 1 is dark purple about the roof: what has
# one is no 1. And empty ground is not silent. An image in which nothing is drawn is **a 1, with a
# score of 36**, for so many places where no stroke is speak for a 1: that is the orange in map 1 at
# the left and lower right. A connected head has no such picture to offer.
#
# ## Exercises
#
# **1.** Write GAP's matrix for any number of classes and any size of the maps, without a loop or
# with one.


# %% exercise 1
def gap_matrix(classes, height, width):
    """Return the weights of the fully connected layer that is GAP: (classes, classes*H*W)."""
    return np.zeros((classes, classes * height * width))


# %% check 1
rng = np.random.default_rng(4)
for classes, height, width in ((10, 7, 7), (3, 2, 5), (1, 4, 4)):
    maps = rng.normal(size=(6, classes, height, width))
    got = ops.linear(maps.reshape(6, -1), gap_matrix(classes, height, width)).data
    assert np.allclose(got, ops.global_avg_pool2d(maps).data), (
        f"{classes} maps of {height}x{width}: other scores"
    )
print("right")

# %% [markdown]
# **2.** The way back: if the scores have the gradient `grad_y`, what is that of each pixel of the
# maps?


# %% exercise 2
def gap_backward(grad_y, height, width):
    """Share each score's gradient among its pixels.  grad_y (N, C) -> (N, C, H, W)."""
    return np.zeros((*grad_y.shape, height, width))


# %% check 2
for height, width in ((7, 7), (2, 5)):
    grad_y = rng.normal(size=(3, 4))
    _, backward = ops.global_avg_pool2d.rule(rng.normal(size=(3, 4, height, width)))
    got, want = gap_backward(grad_y, height, width), backward(grad_y)[0]
    assert np.shape(got) == want.shape, f"shape {np.shape(got)}, not {want.shape}"
    assert np.allclose(got, want), f"{height}x{width}: the numbers differ"
print("right")

# %% [markdown]
# **3.** A score is a sum over places: each contributes its number of the map, divided by `H*W`. Say
# which quarter of the image (0 upper left, 1 upper right, 2 lower left, 3 lower right) contributed
# most to the score of `digit`. (Here maps have an even number of rows and columns.)


# %% exercise 3
def best_quarter(maps, digit):
    """Say which quarter spoke most for a digit.  maps (10, H, W) -> 0, 1, 2 or 3."""
    return None


# %% check 3
for case in range(40):
    maps = rng.normal(size=(10, 6, 4))
    digit = case % 10
    quarters = [maps[digit, r : r + 3, c : c + 2].mean() for r in (0, 3) for c in (0, 2)]
    got = best_quarter(maps, digit)
    assert got == int(np.argmax(quarters)), (
        f"case {case}: {got}; the quarters' means are {np.round(quarters, 2)}"
    )
print("right")

# %% [markdown]
# ## Three questions to close
#
# Answer in a sentence or two; then compare with `docs/notebook-answers.md`.
#
# 1. How many entries of GAP's 10x490 matrix are not 0 and what is their value, and how many
#    parameters has the ImageNet network with GAP and how many with a fully connected head?
# 2. What does the network with GAP say of an image in which nothing is drawn, and with which score?
#    In the maps of the 7, where does map 7 speak most for it and where most against it, and why do
#    colours not lie on the strokes?
# 3. Among the digits with 8 or more columns of ground, what share was each head right on after a
#    move by 4 pixels? Why does GAP fall on the others before anything drawn is cut off?

# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 03 What a network in the window sees that a filter cannot
#
# After this notebook you can
#
# - name a task that no linear filter can learn, however long it trains, and prove it, and that its
#   loss stays at ln 2;
# - say why two linear layers are no better than one;
# - build the mlpconv layer of the paper that solves the task, and say what it costs;
# - read a loss of ln 2 as "has learnt nothing".
#
# You need notebooks 01 and 02. It takes about 40 minutes.
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

from minin import nn, ops, optim
from minin.plots import BLUE, GREY, ORANGE

plt.rcParams["figure.constrained_layout.use"] = True

# %% [markdown]
# ## The task: is there an edge between these two pixels?
#
# Take two neighbouring pixels, each black (0) or white (1). There is an edge between them if they
# differ: from dark to light or from light to dark. So of the four cases, two are edges:
#
#     (0, 0) no      (0, 1) edge      (1, 0) edge      (1, 1) no
#
# A convolution with ReLU is a *generalised linear model* (GLM), says the paper
# ([M. Lin, Q. Chen, S. Yan, 2013](https://arxiv.org/abs/1312.4400)): a weighted sum of the window,
# and one fixed curve after it. ReLU is one such curve; here it is the one that makes probabilities
# of scores. We let a GLM learn the task, and beside it an mlpconv: a small network in place of the
# sum.
#
# The images are 28x28 pixels, black and white at random. The answer is a map of 28x27 scores for
# each of two classes, "no edge" and "edge".
#
# A score s becomes a probability by *softmax*: e^s, divided by the sum of that over all classes.
# The loss is the *cross entropy*, the mean of -ln(probability of the right class). A network that
# always says "half and half" has a loss of ln 2 = 0.693.
#
# Training is a loop: compute the loss, take its gradient back to all weights (`loss.backward()`),
# and move each weight a little against its gradient. That is what the *optimiser* does; ours,
# *Adam*, chooses the length of each weight's step from the gradients that it has seen.
#
# **Predict**: what loss will the linear filter end at? And in what share of the places is it right?


# %%
def task(images):
    """Say where an edge is.  images (N, 1, 28, 28) -> labels (N*28*27,)."""
    return (images[:, 0, :, 1:] != images[:, 0, :, :-1]).astype(int).reshape(-1)


def scores_of(network, images):
    """Return a row of two scores for each place: (N, 2, 28, 27) -> (N*28*27, 2)."""
    return ops.reshape(ops.transpose(network(images), (0, 2, 3, 1)), (-1, 2))


def train(network, steps=150, lr=0.05):
    """Train on new random images in every step; return the losses."""
    rng, optimiser, losses = np.random.default_rng(0), optim.Adam(network.parameters(), lr=lr), []
    for _ in range(steps):
        images = rng.integers(0, 2, (8, 1, 28, 28)).astype("float32")
        loss = ops.cross_entropy(scores_of(network, images), task(images))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


def accuracy(network):
    """Return the share of right answers on images that it has not seen."""
    images = np.random.default_rng(1).integers(0, 2, (20, 1, 28, 28)).astype("float32")
    return float(np.mean(scores_of(network, images).data.argmax(axis=1) == task(images)))


networks = {
    "linear": nn.Conv2d(1, 2, (1, 2), rng=0),
    "two linear": nn.Sequential(nn.Conv2d(1, 8, (1, 2), rng=0), nn.Conv2d(8, 2, 1, rng=1)),
    "mlpconv": nn.MlpConv(1, (8, 2), (1, 2), final_relu=False, rng=0),  # a score may be negative
}
losses = {name: train(network) for name, network in networks.items()}
for name, network in networks.items():
    print(f"{name:11} loss {losses[name][-1]:.3f}, right {accuracy(network):.0%}")

# %% figure 03_losses
figure, axis = plt.subplots(figsize=(6.5, 3.4))
for (name, values), style, colour in zip(
    losses.items(), ("-", ":", "-"), (ORANGE, GREY, BLUE), strict=True
):
    axis.plot(values, style, color=colour, linewidth=2, label=name)
axis.axhline(np.log(2), color="black", linewidth=0.8, linestyle="--", zorder=0)
axis.text(150, np.log(2) + 0.02, "ln 2: half and half", ha="right", fontsize=9)
axis.set(xlabel="training step", ylabel="loss (cross entropy)", ylim=(0, 1.3))
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ![Both linear networks stop at ln 2; the mlpconv goes to 0](figures/03_losses.svg)
#
# The linear filter ends at **0.693 = ln 2**: it has learnt to say half and half, everywhere. It is
# not the training: nothing better exists. Let `a` be how much more a linear unit says "edge" than
# "no edge": `a = u*(left pixel) + v*(right pixel) + b`. Then, whatever u, v and b are,
#
#     a(0,0) + a(1,1) = a(0,1) + a(1,0)
#
# The two numbers before the equals sign should be negative and the two after it positive, so **not
# all four can be right**. The loss of a case is `L(a) = ln(1 + e^a)` without an edge, and `L(-a)`
# with one. L bends upwards, so the mean of L at two numbers is at least L at their mean. Both pairs
# have the same mean, m, so the loss of all is at least `(L(m) + L(-m)) / 2`, and that is at least
# `L(0) =` **ln 2**, reached where a = 0 in all four cases.
#
# **Two linear layers are one**: `w2 @ (w1 @ window)` is `(w2 @ w1) @ window`. The network "two
# linear" has 8 hidden maps, and 42 numbers to learn, and stops at the same ln 2. That it is right
# in 75 % is no contradiction: a is nearly 0, and its last digits decide, rightly in two or three of
# the four cases. What helps is a bend *between* the layers: the mlpconv is the same network with a
# ReLU after the first, and its loss goes to 0.

# %% [markdown]
# ## What it looks like
#
# Now a picture, which none of them has seen: a ring on 28x28 pixels. We draw how much more each
# network says "edge" than "no edge", and we give the linear filter the weights that people use for
# edges, `right - left`.
#
# **Predict**: which edges of the ring will the linear filter miss? And what share of the places are
# right if one says "no edge" everywhere?

# %% figure 03_ring
row, column = np.mgrid[:28, :28]
distance = np.hypot(row - 13.5, column - 13.5)
ring = ((distance > 6) & (distance < 11)).astype("float32")[None, None]
by_hand = ring[0, 0, :, 1:] - ring[0, 0, :, :-1]
learned = networks["mlpconv"](ring).data[0]

figure, axes = plt.subplots(1, 4, figsize=(11, 2.9))
axes[0].imshow(ring[0, 0], cmap="gray")
axes[1].imshow(task(ring).reshape(28, 27), cmap="gray")
axes[2].imshow(by_hand, cmap="PuOr_r", vmin=-1, vmax=1)
shown = axes[3].imshow(np.tanh(learned[1] - learned[0]), cmap="PuOr_r", vmin=-1, vmax=1)
titles = ("a ring", "its edges", "linear: right - left", "mlpconv, learned")
for axis, name in zip(axes, titles, strict=True):
    axis.set(title=name, xlabel="column")
axes[0].set_ylabel("row")
bar = figure.colorbar(shown, ax=axes, label="says edge (tanh)", shrink=0.9)
edges = task(ring).reshape(28, 27)
for name, says in (
    ("never an edge", np.zeros((28, 27))),
    ("right - left > 0.5", by_hand > 0.5),
    ("mlpconv", learned[1] > learned[0]),
):
    print(
        f"{name:18} right in {np.mean(says == edges):.1%}, finds {np.sum(says * edges):.0f} edges"
    )

# %% [markdown]
# ![A ring, its edges, and what two filters say: the linear one has half of them orange and half purple, the mlpconv all orange](figures/03_ring.svg)
#
# `right - left` finds exactly half, 34 of 68: the steps from dark to light, which are the outer
# edge on the left side of the ring and the inner edge on its right side. Steps from light to dark
# come out *negative* (purple), and a ReLU makes them 0. The mlpconv finds all (there purple is
# "no"; tanh squeezes all scores to between -1 and 1). Two hidden maps can do that: one for each
# direction, and the 1x1 layer says "one or the other". And beware of shares where edges are rare:
# half of them missed is 95.5 % right, and **never an edge is 91.0 %**.

# %% [markdown]
# ## How many hidden maps?
#
# **Predict**: with 1, 2, 4 and 8 hidden maps, and four starts each, how many of the four learn the
# task?

# %% figure 03_hidden
counts = (1, 2, 4, 8)
found = {
    hidden: [
        accuracy(network)
        for seed in range(4)
        for network in [nn.MlpConv(1, (hidden, 2), (1, 2), final_relu=False, rng=seed)]
        if train(network)
    ]
    for hidden in counts
}
figure, axis = plt.subplots(figsize=(5.5, 3.2))
for place, hidden in enumerate(counts):
    spread = place + np.linspace(-0.15, 0.15, 4)
    axis.plot(spread, 100 * np.array(found[hidden]), "o", color=BLUE, markersize=7, alpha=0.8)
axis.set(
    xticks=range(4), xticklabels=counts, xlabel="hidden maps", ylabel="right, %", ylim=(45, 104)
)
axis.axhline(75, color=GREY, linewidth=0.8, linestyle="--", zorder=0)
axis.text(3.3, 76, "3 of the 4 cases", color=GREY, ha="right", fontsize=9)
axis.spines[["top", "right"]].set_visible(False)
for hidden in counts:
    print(f"{hidden} hidden:", "  ".join(f"{share:.0%}" for share in found[hidden]))

# %% [markdown]
# ![Share of right answers with 1, 2, 4 and 8 hidden maps, a point for each of four starts](figures/03_hidden.svg)
#
# One hidden map cannot suffice: then the score only rises or only falls with *one* weighted sum,
# and can be right in three of the four cases, not four. Two are enough *in principle*, but with two
# as with four only one of the four starts (first weights drawn by lot) got there, and the others
# were stuck at 50 or 75 %. With eight, more than are needed, all four did: a reason for wide
# layers.

# %% [markdown]
# ## What that costs
#
# The paper's first layer on CIFAR-10 (photographs of 32x32 pixels) has a 5x5 convolution from 3
# channels to 192 maps. A GLM layer would end here. The mlpconv adds two 1x1 layers, to 160 and 96
# maps, over all of 32x32 pixels.
#
# **Predict**: by what factor do numbers to learn and products grow?

# %%
plain = nn.Conv2d(3, 192, 5, padding=2, rng=0)
block = nn.MlpConv(3, (192, 160, 96), 5, padding=2, rng=0)
for name, layer in (("convolution", plain), ("mlpconv", block)):
    params = sum(p.data.size for p in layer.parameters())
    print(f"{name:11} {params:>7,} parameters {layer.macs((3, 32, 32)):>11,} products an image")
print(
    f"times {block.macs((3, 32, 32)) / plain.macs((3, 32, 32)):.1f}; and the next layer sees "
    f"{block.output_shape((3, 32, 32))[0]} maps instead of 192"
)

# %% [markdown]
# 4.2 times the parameters and 4.2 times the products (60,928 against 14,592; 61.9 against 14.7
# million). But the block ends in 96 maps instead of 192, and the next 5x5 layer, which is far
# dearer, costs half as much: notebook 09 adds it up.
#
# ## Exercises
#
# **1.** By hand: weights for an mlpconv with two hidden maps whose single output is 1 at every edge
# and 0 elsewhere.

# %% exercise 1
edge_w1 = np.zeros((2, 1, 1, 2))  # two hidden maps, one channel, a window of 1x2
edge_b1 = np.zeros(2)
edge_w2 = np.zeros((1, 2, 1, 1))
edge_b2 = np.zeros(1)

# %% check 1
pairs = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]).reshape(4, 1, 1, 2)
got = ops.mlpconv(pairs, [edge_w1, edge_w2], [edge_b1, edge_b2]).data.ravel()
assert np.allclose(got, [0, 1, 1, 0]), f"for (0,0), (0,1), (1,0), (1,1) it answers {got}"
print("right")

# %% [markdown]
# **2.** Two linear layers are one: given a convolution's weights and those of a 1x1 after it,
# return the weights of the *one* convolution that does the same.


# %% exercise 2
def merged(w1, w2):
    """Merge two layers.  w1 (M, C, KH, KW), w2 (O, M, 1, 1) -> (O, C, KH, KW)."""
    return ...


# %% check 2
rng = np.random.default_rng(2)
for m, c, kh, kw, o in ((4, 2, 3, 2, 5), (3, 3, 3, 3, 3)):
    w1, w2, x = (
        rng.normal(size=(m, c, kh, kw)),
        rng.normal(size=(o, m, 1, 1)),
        rng.normal(size=(2, c, 6, 7)),
    )
    one = merged(w1, w2)
    assert np.shape(one) == (o, c, kh, kw), f"shape {np.shape(one)}, not {(o, c, kh, kw)}"
    assert np.allclose(ops.conv2d(x, one).data, ops.conv2d(ops.conv2d(x, w1), w2).data), (
        "other numbers"
    )
print("right")

# %% [markdown]
# **3.** Count the numbers to learn in an mlpconv from `channels` to `maps` (a tuple), with a k x k
# window; do not forget the biases.


# %% exercise 3
def parameters(channels, maps, k):
    """Count weights and biases, as in parameters(3, (192, 160, 96), 5) == 60928."""
    return ...


# %% check 3
for channels, maps, k in (
    (3, (192, 160, 96), 5),
    (1, (8, 2), 3),
    (4, (5,), 2),
    (2, (3, 4, 5, 6), 1),
):
    want = sum(p.data.size for p in nn.MlpConv(channels, maps, k, rng=0).parameters())
    got = parameters(channels, maps, k)
    assert got == want, f"parameters({channels}, {maps}, {k}) is {got}, not {want:,}"
print("right")

# %% [markdown]
# ## Three questions to close
#
# Answer in a sentence or two; then compare with `docs/notebook-answers.md`.
#
# 1. At which loss did the network "two linear" end, with how many numbers to learn, and why did its
#    8 hidden maps not help?
# 2. On the ring, in what share of the places was `right - left` right and in what share "never an
#    edge", how many edges did each find, and which edges of the ring did `right - left` miss?
# 3. How many of four starts learnt it with one, two, four and eight hidden maps, and what do the
#    paper's 1x1 layers cost in the first layer, as a factor?

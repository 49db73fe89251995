# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 08 Training a Network in Network, and why it freezes at ln 10
#
# After this notebook you can
#
# - recognise a network that is dead by its loss, and tell it from one that is only slow;
# - say how a ReLU on the class maps silences classes for ever;
# - choose first weights so that a signal comes through many layers;
# - ask the doctor, and read its evidence.
#
# You need notebook 05, or to know class maps, GAP and cross entropy. It takes about 40 minutes.
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

from minin import data, doctor, explain, nn, ops, optim
from minin.nn.init import gaussian, he_normal
from minin.plots import BLUE, GREY, ORANGE

plt.rcParams["figure.constrained_layout.use"] = True

# %% [markdown]
# ## Digits of 28x28 pixels
#
# If the variable `MININ_DATA` names a folder with MNIST, its first 1,000 images are taken; else we
# draw our own, as in notebook 05. The numbers in the text are those of the drawn ones.

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
    images, labels = mnist.train_images[:1000] / np.float32(255), mnist.train_labels[:1000]
else:
    images, labels = draw(1000, np.random.default_rng(0))
images = (images - images.mean()) / images.std()

# %% [markdown]
# ## Three ways to begin
#
# The network has three mlpconv blocks and GAP. As it was *published*, it begins with weights from a
# normal distribution of one width, 0.05, and ends with a **ReLU on the class maps**. We train it
# three times with gradient steps and momentum:
#
# - *published*: ReLU on the class maps, width 0.05, rate 0.1;
# - *without the last ReLU*, all else alike;
# - *He*: without the last ReLU, the width of each layer chosen from the size of its window (below),
#   rate 0.05.
#
# A network that gives every class the same score has a loss of ln 10 = 2.302585.
#
# **Predict**: which of the three learn?


# %%
def network(final_relu, init):
    """Build three small mlpconv blocks and GAP: 28x28 -> 14x14 -> 7x7."""
    return nn.Sequential(
        nn.MlpConv(1, (16, 12), 5, stride=2, padding=2, rng=0, init=init),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.MlpConv(12, (24, 16), 3, padding=1, rng=1, init=init),
        nn.MlpConv(16, (24, 10), 3, padding=1, final_relu=final_relu, rng=2, init=init),
        nn.GlobalAvgPool2d(),
    )


def train(model, lr, epochs=16, after_step=None):
    """Train; return the mean loss of each epoch."""
    optimiser, losses = optim.SGD(model.parameters(), lr=lr, momentum=0.9), []
    for epoch in range(epochs):
        of_epoch = []
        for x, t in data.batches(images, labels, 50, rng=epoch):
            loss = ops.cross_entropy(model(x), t)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            of_epoch.append(loss.item())
            if after_step:
                after_step(model, loss.item())
        losses.append(float(np.mean(of_epoch)))
    return losses


starts = {
    "published": (network(True, gaussian(0.05)), 0.1),
    "without the last ReLU": (network(False, gaussian(0.05)), 0.1),
    "He": (network(False, he_normal), 0.05),
}
losses = {name: train(model, lr) for name, (model, lr) in starts.items()}
for name, values in losses.items():
    print(f"{name:22} epochs 1, 5, 10, 16:", "  ".join(f"{values[k]:.4f}" for k in (0, 4, 9, 15)))

# %% figure 08_losses
figure, axis = plt.subplots(figsize=(7, 3.6))
for (name, values), style, colour in zip(
    losses.items(), ("s-", "^--", "o-"), (ORANGE, GREY, BLUE), strict=True
):
    axis.plot(range(1, 17), values, style, color=colour, markersize=4, label=name)
axis.axhline(np.log(10), color="black", linewidth=0.8, linestyle=":", zorder=0)
axis.text(16, np.log(10) + 0.04, "ln 10", ha="right", fontsize=9)
axis.set(xlabel="epoch", ylabel="mean training loss", ylim=(0, 2.7), xticks=(1, 5, 10, 15))
axis.legend(frameon=False, loc="lower left")
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ![One freezes at ln 10, one wakes late, one learns from the start](figures/08_losses.svg)
#
# *Published* stays at 2.3026, and stays there for ever. *Without the last ReLU* it looks the same
# for about ten epochs, and then it wakes. *He* learns from the beginning. Two illnesses that look
# alike: one network is **dead**, the other is only **slow**.
#
# ## Dead
#
# Let us look at *published* more closely, step by step: the loss, and the number of class maps that
# are 0 at every pixel of all of 200 images.
#
# **Predict**: how many steps does it take until all ten are dead? And how large is the gradient
# then?

# %% figure 08_dying
history = []


def look(model, loss):
    """Note the loss and the number of classes that no pixel of any image speaks for."""
    if len(history) < 40:
        maps = explain.class_maps(model, images[:200])
        history.append((loss, int(np.sum(maps.max(axis=(0, 2, 3)) <= 0))))


again = network(True, gaussian(0.05))
train(again, 0.1, epochs=2, after_step=look)
figure, (above, below) = plt.subplots(2, 1, figsize=(7, 4.2), sharex=True)
above.plot([loss for loss, _ in history], "o-", color=BLUE, markersize=4)
above.axhline(np.log(10), color="black", linewidth=0.8, linestyle=":", zorder=0)
above.set(ylabel="loss")
below.step(
    range(len(history)), [dead for _, dead in history], where="mid", color=ORANGE, linewidth=2
)
below.set(xlabel="training step", ylabel="dead class maps", ylim=(-0.5, 10.5))
for axis in (above, below):
    axis.spines[["top", "right"]].set_visible(False)

loss = ops.cross_entropy(again(images[:50]), labels[:50])
loss.backward()
print(f"loss {loss.item():.6f}, ln 10 = {np.log(10):.6f}")
print(
    "largest gradient of all weights:", max(float(np.abs(p.grad).max()) for p in again.parameters())
)
print("largest number of all class maps:", float(explain.class_maps(again, images).max()))

# %% [markdown]
# ![The class maps die one after the other, and the loss settles at ln 10](figures/08_dying.svg)
#
# Five are dead after the first step, all ten after 17, within the first epoch; and the gradient is
# **exactly 0**, not merely small. This is how it comes about. Behind a ReLU a class map is never
# negative, so the smallest score is 0. In the first steps the scores are tiny and alike; for each
# image one class should go up and *nine should go down*. Most pushes are downwards. With momentum
# and a large rate they carry a class's map below 0 at every pixel of every image. There its ReLU
# gives 0 and passes **no gradient**: nothing can ever raise it again. When the last class is gone,
# all scores are 0, every class has the probability 1/10, and the loss is ln 10 to all digits.
#
# ## What the doctor says
#
# `doctor.examine` looks at one batch: the outputs of all layers, all gradients, the losses so far.
#
# **Predict**: what will it say about each of the three?

# %%
for name, (model, lr) in starts.items():
    print(f"--- {name}")
    print(doctor.examine(model, images, labels, losses[name], lr), "\n")

# %% [markdown]
# It calls *published* frozen, says by what it knows (all class maps dead, no gradient in the last
# layer), and what helps: not more epochs, but to begin again without the last ReLU.
#
# ## Slow
#
# Why did the second one sleep so long? Its gradients were not 0, but tiny. A layer adds up `C*k*k`
# products of inputs and weights. If weights have the width s, the sum is about `s * sqrt(C*k*k)`
# times as large as the inputs, and a ReLU halves its square. So each layer multiplies the signal by
# `s * sqrt(C*k*k / 2)`. He et al. (2015) choose `s = sqrt(2 / (C*k*k))`, so that the factor is 1.
#
# **Predict**: for s = 0.05, is the factor of our layers larger or smaller than 1? Six of them come
# one after the other.

# %% figure 08_signal
shapes = [(1, 5), (16, 1), (12, 3), (24, 1), (16, 3), (24, 1)]  # C and k of the six layers
slow = network(False, gaussian(0.05))
ops.cross_entropy(slow(images[:50]), labels[:50]).backward()
gradients = [float(np.abs(p.grad).max()) for p in slow.parameters()]
print(f"largest gradients, first layer {gradients[0]:.0e}, last layer {gradients[-2]:.0e}: not 0")
print("factors for 0.05:", [round(float(0.05 * np.sqrt(c * k * k / 2)), 2) for c, k in shapes])

figure, axis = plt.subplots(figsize=(6.5, 3.4))
for name, init, style, colour in (
    ("width 0.05", gaussian(0.05), "^--", GREY),
    ("He", he_normal, "o-", BLUE),
):
    x, sizes = images[:100], [1.0]
    for layer in (
        layer
        for block in network(True, init)
        for layer in (block if isinstance(block, nn.Sequential) else [block])
    ):
        x = layer(x)
        if isinstance(layer, nn.ReLU):
            sizes.append(float(np.sqrt(np.mean(x.data**2))))
    axis.semilogy(range(7), sizes, style, color=colour, label=name)
    print(f"{name}: after six layers {sizes[-1]:.1e}")
axis.set(xlabel="layers passed", ylabel="size of the signal (RMS)")
axis.legend(frameon=False, loc="lower left")
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ![With one width for all the signal fades by a factor in each layer](figures/08_signal.svg)
#
# With 0.05 every layer makes the signal smaller, and after six almost nothing is left of the image:
# every image gets nearly the same scores, and the gradients, which go back through the same layers,
# fade as well. With He's widths the signal keeps its size. That is what `models.build` does unless
# it is told `init="published"`.
#
# ## Exercises
#
# **1.** Which classes are dead? `maps` are class maps after the ReLU, `(N, classes, H, W)`.


# %% exercise 1
def dead_classes(maps):
    """List the classes that no pixel of any image speaks for."""
    return []


# %% check 1
rng = np.random.default_rng(3)
for dead in ([], [4], [0, 9], list(range(10))):
    maps = np.maximum(rng.normal(size=(6, 10, 4, 4)) - 1, 0)
    maps[1:, 3] = 0  # class 3 lives in the first image alone
    maps[0, 3] = 0
    maps[0, 3, 2, 1] = 0.1
    maps[:, dead] = 0
    got = sorted(int(c) for c in dead_classes(maps))
    assert got == dead, f"says {got}, dead are {dead}"
print("right")

# %% [markdown]
# **2.** The price of a dead class. Of `classes` classes (equally frequent) `dead` are dead: their
# score is 0 for every image, and the others' scores are never negative. For a perfect network
# otherwise, what is the *smallest* mean loss? (An image of a dead class is served best if all
# scores are 0; an image of a living class can have a loss of nearly 0.)


# %% exercise 2
def smallest_loss(classes, dead):
    """Return the smallest mean loss."""
    return 0.0


# %% check 2
for classes, dead in ((10, 1), (10, 3), (10, 10), (100, 5), (2, 1)):
    scores = np.zeros((classes, classes))
    living = np.arange(dead, classes)
    scores[living, living] = 200.0
    want = float(ops.cross_entropy(scores, np.arange(classes)).data)
    got = smallest_loss(classes, dead)
    assert abs(got - want) < 1e-6, f"{dead} of {classes} dead: {got}, measured {want:.4f}"
print("right")

# %% [markdown]
# **3.** Choose the width of the first weights of a convolution from `channels` channels with
# windows k x k, followed by a ReLU, so that the signal keeps its size.


# %% exercise 3
def width(channels, k):
    """Return the standard deviation of the first weights."""
    return 0.05


# %% check 3
rng = np.random.default_rng(0)
for channels, k in ((8, 3), (64, 1), (3, 5)):
    x = rng.normal(size=(40, channels, 9, 9))
    weight = rng.normal(size=(200, channels, k, k)) * width(channels, k)
    factor = np.sqrt(np.mean(ops.relu(ops.conv2d(x, weight)).data ** 2) / np.mean(x**2))
    assert 0.8 < factor < 1.25, f"{channels} channels, window {k}: multiplied by {factor:.2f}"
print("right")

# %% [markdown]
# ## Three questions to close
#
# Answer in a sentence or two; then compare with `docs/notebook-answers.md`.
#
# 1. Which of the notebook's three networks stayed at ln 10, which only began there, and by which
#    measured number can the two be told apart?
# 2. Why do the class maps die just in the first steps, and why can none come back?
# 3. By what did six layers of width 0.05 multiply the signal in the notebook, and what did the
#    doctor call the published network, and on what evidence?

# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 07 Checking a gradient, and checks that cannot fail
#
# After this notebook you can
#
# - measure a slope with the right step, and say why smaller is not better;
# - tell a wrong gradient from a kink;
# - recognise four checks that accept wrong gradients, and make them fail;
# - read minin's report: which gradient is wrong, where, and from which bug.
#
# You need notebook 06, or to know what `backward` returns. It takes about 45 minutes.
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

from minin import gradcheck, ops, tensor
from minin.plots import BLUE, GREY, ORANGE

plt.rcParams["figure.constrained_layout.use"] = True

# %% [markdown]
# ## The V
#
# A gradient can be measured: move a number by a small step `h`, look how far the loss moves,
# divide. From one side that is `(f(x + h) - f(x)) / h`; from both sides `(f(x + h) - f(x - h)) /
# (2*h)`, which is called a *central difference*.
#
# We take a small network on a 28x28 image, measure the slopes along twelve weights, and compare
# them with the gradient that backward computes.
#
# **Predict**: how does the error depend on h, from 1 down to 1e-13? Where is it smallest?

# %%
rng = np.random.default_rng(0)
image = rng.normal(size=(1, 1, 28, 28))
w1, w2 = rng.normal(size=(4, 1, 5, 5)) / 5, rng.normal(size=(10, 4, 3, 3)) / 6


def loss(first, dtype=np.float64):
    """Compute the loss of a small network of smooth functions, as a tensor."""
    x, second = image.astype(dtype), w2.astype(dtype)
    maps = ops.tanh(ops.conv2d(x, first, stride=2))
    return ops.cross_entropy(ops.global_avg_pool2d(ops.conv2d(maps, second)), np.array([3]))


def exact():
    """Let backward compute the gradient along all of w1."""
    leaf = tensor(w1, requires_grad=True)
    loss(leaf).backward()
    return leaf.grad


def measured(h, place, both_sides=True, dtype=np.float64):
    """Measure the slope along one weight."""
    step = np.zeros_like(w1)
    step[place] = h
    above, below = (w1 + step).astype(dtype), (w1 - both_sides * step).astype(dtype)
    return float(loss(above, dtype).data - loss(below, dtype).data) / (h * (2 if both_sides else 1))


right = exact()
some = [
    (o, 0, k, k) for o in range(4) for k in (0, 2, 4)
]  # twelve weights; the middle of their errors
steps = 10.0 ** np.arange(0, -13.5, -0.5)


def errors(**how):
    """Return the relative error for each step."""
    each = [[abs(measured(h, place, **how) / right[place] - 1) for place in some] for h in steps]
    return np.median(each, axis=1)


curves = {
    "one side, float64": errors(both_sides=False),
    "both sides, float64": errors(),
    "both sides, float32": errors(dtype=np.float32),
}

# %% figure 07_v
figure, axis = plt.subplots(figsize=(7, 4))
for (name, found), style, colour in zip(
    curves.items(), ("s:", "o-", "^--"), (GREY, BLUE, ORANGE), strict=True
):
    axis.loglog(steps, np.maximum(found, 1e-14), style, color=colour, markersize=4, label=name)
    best = int(np.argmin(found))
    print(f"{name}: best h = {steps[best]:.0e}, relative error {found[best]:.0e}")
axis.set(xlabel="step h", ylabel="relative error of the slope")
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ![Error against step: a V for each](figures/07_v.svg)
#
# Each curve is a **V**. On the right the step is so large that the function bends within it: the
# error falls with h from one side and with `h**2` from both sides (the steeper arm), so central
# differences win. On the left the loss is rounded: of two numbers that are nearly equal only the
# last digits differ, and dividing by a tiny h makes the error large. The best step is where both
# meet: about 3e-5 for central differences in float64, with an error of about 2e-9, and about 1e-2
# in float32, with 5e-4, more than a hundred thousand times as large. That is why minin trains in
# float32 and **checks in float64**.
#
# ## Kinks
#
# A ReLU has a corner at 0: on the left its slope is 0, on the right 1.
#
# **Predict**: what does a central difference with h = 1e-5 measure at x = 0, at 2e-6 and at 1e-3?

# %%
for x in (0.0, 2e-6, 1e-3):
    h = 1e-5
    slope = (max(x + h, 0) - max(x - h, 0)) / (2 * h)
    leaf = tensor(np.array([x]), requires_grad=True)
    ops.relu(leaf).sum().backward()
    print(f"x = {x:g}: measured {slope:.2f}, backward says {leaf.grad[0]:.0f}")

# %% [markdown]
# 0.50, 0.60 and 1.00, where backward says 0, 1 and 1. The first two are no bugs: the step goes
# across the corner, and what comes out is a mix of both slopes. A checker that does not know of
# kinks accuses right code here; one that simply forgives large errors accepts wrong code elsewhere.
# minin's rules declare their *branches* (which side of the corner, which pixel won), so the checker
# knows exactly which steps crossed one, leaves those entries out, and says how many.

# %%
print(gradcheck.check(lambda t: ops.relu(t), np.array([0.0, 2e-6, 1e-3, -1.0, 2.0])))

# %% [markdown]
# ## Four checks that cannot fail
#
# A check is worth what it refuses. Here are four that accept a wrong gradient. In each we put a
# bug, and the check passes.
#
# **Predict** for each, before you run it, why it passes.

# %%
rng = np.random.default_rng(1)
x = rng.normal(size=(4, 5))


def central(f, x, h=1e-5):
    """Measure the gradient of f, entry by entry."""
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = h
        found[place] = (f(x + step) - f(x - step)) / (2 * h)
    return found


# 1. A bug: the sign. The function: log(x + 100000).
slopes = central(lambda t: np.log(t + 100000).sum(), x)
print(
    "1 passes:",
    np.allclose(-1 / (x + 100000), slopes, atol=1e-2),
    "  gradients of about",
    f"{slopes.max():.0e}",
)


# 2. A bug: softmax's backward returns 0. The loss: the sum of the outputs.
def softmax(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


print("2 passes:", np.allclose(np.zeros_like(x), central(lambda t: softmax(t).sum(), x), atol=1e-8))

# 3. A bug: everything. The check: is forward equal to forward?
numeric = np.tanh(x)
print("3 passes:", np.allclose(numeric, np.tanh(x)))

# 4. A bug: every entry gets the mean of all. The function: sum of x @ x.T; the inputs: all alike.
ones = np.ones((4, 4))
symmetric = np.ones((4, 5))  # all entries alike
slopes = central(lambda t: (t @ t.T * ones).sum(), symmetric)
wrong = 2 * (ones @ symmetric).mean() * np.ones_like(symmetric)  # one number for every entry
print("4 passes:", np.allclose(wrong, slopes, atol=1e-6))

# %% [markdown]
# 1. **The tolerance is larger than the gradient**: with gradients of 1e-5 and a tolerance of 1e-2
#    any sign and any size passes. Compare relatively.
# 2. **The loss does not depend on x**: the outputs of a softmax always add up to 1, so the sum of
#    all outputs has the gradient 0, whatever backward should be. Sum with random weights instead: a
#    random *upstream gradient*.
# 3. **Forward against forward**: it happens when the line that compares gradients is deleted or
#    moved. It happened in a well-known small library, and stayed for years.
# 4. **Inputs that are all alike**: a gradient with entries exchanged, or averaged, looks right.
#    Draw inputs at random, and no two axes of equal length.
#
# The remedy for all is one habit: **break the code on purpose and see the check fail.**

# %%
G = rng.normal(size=(4, 5))  # a random upstream gradient
print(
    "1 now:",
    np.allclose(
        -1 / (x + 100000), central(lambda t: np.log(t + 100000).sum(), x), rtol=1e-3, atol=0
    ),
)
print(
    "2 now:",
    np.allclose(
        np.zeros_like(x), central(lambda t: (G * softmax(t)).sum(), x), rtol=1e-6, atol=1e-9
    ),
)

# %% [markdown]
# ## A checker that names the bug
#
# Here is a convolution as courses have it, with loops, and one mistake in its backward: stride 2,
# windows of 3x3, so windows overlap.
#
# **Predict**: which pixels' gradients are wrong?


# %%
def conv_forward(x, w, b, stride, pad):
    """Slide filters over images.  x (N, C, H, W), w (O, C, K, K), b (O,) -> (N, O, OH, OW)."""
    k = w.shape[2]
    oh, ow = ((size + 2 * pad - k) // stride + 1 for size in x.shape[2:])
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    y = np.zeros((len(x), len(w), oh, ow))
    for i, j in np.ndindex(oh, ow):
        window = padded[:, :, i * stride : i * stride + k, j * stride : j * stride + k]
        y[:, :, i, j] = np.tensordot(window, w, axes=((1, 2, 3), (1, 2, 3))) + b
    return y, (x.shape, padded, w, stride, pad)


def conv_backward(grad_y, cache):
    """Take the gradient back to x, w and b."""
    (_, _, h, width), padded, w, stride, pad = cache
    k = w.shape[2]
    grad_padded, grad_w = np.zeros_like(padded), np.zeros_like(w)
    for i, j in np.ndindex(*grad_y.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + k, j * stride : j * stride + k]
        grad = grad_y[:, :, i, j]
        grad_w += np.tensordot(grad, padded[window], axes=(0, 0))
        grad_padded[window] = np.tensordot(grad, w, axes=(1, 0))
    return grad_padded[:, :, pad : pad + h, pad : pad + width], grad_w, grad_y.sum(axis=(0, 2, 3))


x, w, b = rng.normal(size=(2, 3, 6, 6)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4)
report = gradcheck.check_backward(
    conv_forward, conv_backward, (x, w, b), params={"stride": 2, "pad": 1}
)
print(report)

# %% [markdown]
# The report says
#
# - *which*: dx is wrong, 120 of 216 numbers; dw and db are right;
# - *where*: just the pixels that feed two outputs or more;
# - *repair*: **the line**, `grad_padded[window] = ...`, and a change of one place, `=` to `+=`,
#   that was tried out on other inputs too and makes dx right on all of them;
# - *what* and *fix*: each wrong number is only one of several contributions (bug C1), for windows
#   that overlap assign where they should add;
# - *measured*: how far the measurement can be trusted. Halving the step changes the slopes by less
#   than a millionth.
#
# A finding also holds the wrong entries themselves, so they can be drawn beside the number of
# windows that see each pixel.

# %% figure 07_wrong
finding = report.findings[0]
ones = np.ones((1, 9, 9))  # 3x3 cells, 3x3 windows, each sends back a 1
seen = ops.col2im(ones, (6, 6), 3, stride=2, padding=1).data[0, 0]
figure, axes = plt.subplots(1, 2, figsize=(7, 3))
axes[0].imshow(finding.wrong[0, 0], cmap="Oranges", vmin=0, vmax=1.4)
shown = axes[1].imshow(seen, cmap=plt.get_cmap("cividis", 4), vmin=0.5, vmax=4.5)
for axis, name in zip(axes, ("dx is wrong (orange)", "windows that see the pixel"), strict=True):
    axis.set(title=name, xlabel="column", ylabel="row")
bar = figure.colorbar(shown, ax=axes[1], ticks=range(1, 5))

# %% [markdown]
# ![dx is wrong wherever two windows or more see the pixel](figures/07_wrong.svg)
#
# It is the same picture: wrong wherever two or four windows see a pixel, right wherever one does.
# That is what a missing `+=` looks like; notebook 01 has drawn these counts.
#
# In a whole network `gradcheck.check` also says which operation of many is the first wrong one.


# %%
from minin import differentiable


@differentiable
def square(x):
    """Square every number.  Shapes: x (...) -> (...)."""

    def backward(grad_y):
        return (grad_y * x,)  # a bug: the derivative of x*x is 2*x

    return x * x, backward


def network(first, second):
    """Run an image through a network that uses the op."""
    maps = square(ops.conv2d(image[:, :, :9, :9], first))
    return ops.global_avg_pool2d(ops.conv2d(ops.tanh(maps), second))


print(gradcheck.check(network, [w1, w2]))

# %% [markdown]
# The gradient along `first` is wrong, and the report names the step that spoilt it: `square`, not
# the convolution behind it.
#
# ## Exercises
#
# **1.** The best step. Return the `h` of those given with which a central difference of `f` at `x`
# (one number) is nearest to `slope`.


# %% exercise 1
def best_step(f, x, slope, steps):
    """Choose the step with the smallest error."""
    return steps[-1]


# %% check 1
tried = 10.0 ** np.arange(-1.0, -14, -1)
for f, x0, slope in ((np.exp, 1.0, np.exp(1.0)), (np.sin, 0.5, np.cos(0.5)), (np.log, 2.0, 0.5)):
    errors = [abs((f(x0 + h) - f(x0 - h)) / (2 * h) - slope) for h in tried]
    got = best_step(f, x0, slope, tried)
    assert got == tried[int(np.argmin(errors))], (
        f"{f.__name__}: {got:g}, error {errors[list(tried).index(got)]:.0e}"
    )
print("right")

# %% [markdown]
# **2.** A comparison that cannot be fooled by size: true if every entry of `got` differs from
# `want` by at most 1e-5 of the **larger** of the two (an entry where both are 0 is right). Neither
# gradients of 1e-8 nor of 1e8 may slip through.


# %% exercise 2
def agree(got, want):
    """Say whether two gradients agree, entry by entry."""
    return True


# %% check 2
rng = np.random.default_rng(2)
for size in (1e-8, 1.0, 1e8):
    want = size * rng.normal(size=(3, 4))
    want[0, 0] = 0
    assert agree(want, want), f"gradients of {size:g}: refuses what is equal"
    assert agree(want * (1 + 1e-7), want), f"gradients of {size:g}: refuses a difference of 1e-7"
    for slip, wrong in (
        ("sign", -want),
        ("factor 1.001", 1.001 * want),
        ("zero", 0 * want),
        ("one entry", want + size * (np.arange(12).reshape(3, 4) == 5)),
        ("entries exchanged", want[::-1]),
    ):
        assert not agree(wrong, want), f"gradients of {size:g}: accepts a wrong one ({slip})"
assert not agree(np.full(2, 1e-3), np.zeros(2)), "accepts 0.001 where 0 is right"
print("right")

# %% [markdown]
# **3.** Correct `conv_backward`, so that the checker has nothing to say.


# %% exercise 3
def corrected_backward(grad_y, cache):
    """Take the gradient back to x, w and b, rightly."""
    return conv_backward(grad_y, cache)


# %% check 3
for stride, pad, k in ((2, 1, 3), (1, 1, 3), (1, 2, 5)):
    x, w = rng.normal(size=(2, 2, 6, 6)), rng.normal(size=(3, 2, k, k))
    report = gradcheck.check_backward(
        conv_forward, corrected_backward, (x, w, b[:3]), params={"stride": stride, "pad": pad}
    )
    assert report.ok, f"stride {stride}, pad {pad}, window {k}:\n{report}"
print("right")

# %% [markdown]
# ## Three questions to close
#
# Answer in a sentence or two; then compare with `docs/notebook-answers.md`.
#
# 1. Which step was best for central differences in float64 and in float32, what limits the error on
#    either side of it, and what follows for training and checking?
# 2. What did the central difference measure at 0 and at 2e-6 on a ReLU, and what does minin do with
#    such entries?
# 3. Which pixels did the report mark wrong in the convolution, and why just those? And which of the
#    four checks was fooled by the softmax, and by what is it cured?

# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 10 NumPy and CuPy: where the time goes
#
# After this notebook you can
#
# - time an operation so that the number means something;
# - tell the three things that can limit it: the call, the memory, the arithmetic;
# - draw a roofline of your own machine and place a network's operations under it;
# - say from which size on a GPU can win, before you have one.
#
# You need notebooks 01 and 09. It takes about 30 minutes. **Times differ from machine to machine**:
# where the text has a number, it is from two cores that others were using too; yours are in the
# output. Without a GPU the notebook says what would be measured there.
#
# *Installing.* minin is in no package index. In a clone of it: `pip install -e '.[notebooks]'`, and
# for a GPU `.[cuda12]` or `.[cuda13]`. Elsewhere: put its wheel (the clone makes one by `pip wheel
# --no-deps -w notebooks .`) beside this notebook and `pip install ./minin-*.whl matplotlib`. A
# package that is merely called minin in an index is somebody else's.

# %%
import os

os.environ["MININ_RULES"] = "plain"  # the rules to read: a print in minin/ops/conv.py prints here

from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

import minin
from minin import models, ops
from minin.plots import BLUE, GREY, ORANGE

plt.rcParams["figure.constrained_layout.use"] = True
print(minin.device_report())
HAVE_GPU = minin.device_report().why_no_cuda is None
one_core = threadpool_limits(1)  # for matrix products: one core measures more steadily than several

# %% [markdown]
# ## Timing
#
# One run of an operation says little: other programs interrupt it, memory is touched for the first
# time, a processor changes its clock. All of that makes it **slower**, never faster. So we run it
# several times and keep the shortest. A GPU computes while Python goes on; there one must wait
# (*synchronise*) before the clock is read, else one measures how fast Python can ask.


# %%
def wait():
    """Wait until everything that was asked of a GPU is computed."""
    if HAVE_GPU:
        import cupy

        cupy.cuda.get_current_stream().synchronize()


def seconds(call, budget=0.15):
    """Return the shortest time of a call, over as many calls as fit into the budget."""
    call()
    wait()
    best, end = np.inf, perf_counter() + budget
    while perf_counter() < end:
        start = perf_counter()
        call()
        wait()
        best = min(best, perf_counter() - start)
    return best


# %% [markdown]
# ## One number or ten million
#
# `relu` of n numbers reads n and writes n.
#
# **Predict**: how much longer does it take for 1,000 numbers than for one? And for ten million than
# for one million?

# %% figure 10_sizes
sizes = 10 ** np.arange(0, 8)
ways = {
    "NumPy": (np.maximum, "cpu", "o-", BLUE),
    "minin on NumPy": (ops.relu, "cpu", "s--", ORANGE),
}
if HAVE_GPU:
    ways["minin on CuPy"] = (ops.relu, "cuda", "^:", GREY)
times = {}
for name, (call, device, _, _) in ways.items():
    for n in sizes:
        x = np.ones(n, "float32")
        if call is ops.relu:
            x = minin.tensor(x).to(device)
            with minin.no_grad():
                times.setdefault(name, []).append(seconds(lambda x=x: ops.relu(x), 0.1))
        else:
            times.setdefault(name, []).append(seconds(lambda x=x: np.maximum(x, 0), 0.1))

figure, axis = plt.subplots(figsize=(7, 3.8))
for name, (_, _, style, colour) in ways.items():
    axis.loglog(sizes, 1e6 * np.array(times[name]), style, color=colour, markersize=5, label=name)
    print(f"{name:15}", "  ".join(f"{1e6 * t:,.1f}" for t in times[name]), "microseconds")
axis.set(xlabel="numbers", ylabel="time of one relu, microseconds")
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ![Time of relu against the number of numbers](figures/10_sizes.svg)
#
# The curve has **two parts**. On the left it is flat: up to some thousand numbers one pays for the
# *call* (NumPy looks at types and shapes, minin besides checks them and finds the rule), and a
# thousand numbers cost hardly more than one. On the right it is a straight line: one pays for every
# number. The flat part is a few microseconds here. On a GPU it is longer, some ten microseconds for
# every kernel that is started, and the line lies far lower. So a GPU loses on small arrays and wins
# on large ones; where the curves cross is the size from which it can pay.
#
# ## Arithmetic or memory
#
# An operation has to do some number of *operations* (additions and multiplications) and to move
# some number of *bytes* between memory and processor. Both take time, and whichever takes longer
# decides. The machine has a best rate for each. We measure both: a large matrix product, and a
# large copy.
#
# **Predict**: how many operations can your machine do in the time in which it moves one number of 4
# bytes?

# %%
DEVICE = "cuda" if HAVE_GPU else "cpu"


def ceilings(device):
    """Return the best rates of a device: operations and bytes a second."""
    sides = (4096, 8192) if device == "cuda" else (256, 512, 768)
    matrices = [minin.tensor(np.ones((k, k), "float32")).to(device).data for k in sides]
    source = minin.tensor(np.ones(2**24, "float32")).to(device).data
    target = source.copy()

    def copy():
        target[...] = source

    peak, bandwidth = 0.0, 0.0
    for _ in range(5):  # in turn, the best of five: no ceiling from a bad moment
        for matrix in matrices:
            rate = 2 * len(matrix) ** 3 / seconds(lambda m=matrix: m @ m, 0.1)
            peak = max(peak, rate)
        bandwidth = max(bandwidth, 2 * source.nbytes / seconds(copy, 0.2))  # read and written
    return peak, bandwidth


peak, bandwidth = ceilings(DEVICE)
print(f"products: {peak / 1e9:,.0f} GFLOP/s   copies: {bandwidth / 1e9:,.1f} GB/s")
print(f"in the time of one number of 4 bytes: {4 * peak / bandwidth:.0f} operations")

# %% [markdown]
# ## The roofline
#
# The *intensity* of an operation is how many operations it does for each byte it moves. If it is
# low, memory is the limit: it can reach at most `intensity * bandwidth`. If it is high, arithmetic
# is: at most the peak. Drawn on logarithmic axes that is a roof with one slanted and one flat side
# (Williams, Waterman and Patterson 2009). No operation can be above it; if a point is, the ceilings
# were measured in a bad moment, or its numbers stayed in the cache, which is faster than memory.
#
# We place under it operations of Network in Network, of the sizes of its second block on CIFAR-10:
# 96 maps of 16x16, 32 images.
#
# **Predict**: which of these lie on the slanted side: ReLU, max pooling, global average pooling,
# the 1x1 convolution, the 5x5 convolution?

# %% figure 10_roofline
rng = np.random.default_rng(0)


def on_device(*shape):
    """Make a tensor of random numbers on the device that is measured."""
    return minin.tensor(rng.normal(size=shape).astype("float32")).to(DEVICE)


n, c, o, h = 32, 96, 192, 16
x, w5, w1 = on_device(n, c, h, h), on_device(o, c, 5, 5), on_device(o, c, 1, 1)
count, out = n * c * h * h, n * o * h * h
work = {  # name: (call, operations, bytes that have to be moved at least)
    "relu": (lambda: ops.relu(x), count, 4 * 2 * count),
    "max 3x3 every 2": (lambda: ops.max_pool2d(x, 3, 2), count / 4 * 9, 4 * count * 1.25),
    "GAP": (lambda: ops.global_avg_pool2d(x), count, 4 * count),
    "conv 1x1": (lambda: ops.conv2d(x, w1), 2 * out * c, 4 * (count + out + w1.data.size)),
    "conv 5x5": (
        lambda: ops.conv2d(x, w5, padding=2),
        2 * out * c * 25,
        4 * (count + out + w5.data.size),
    ),
}
figure, axis = plt.subplots(figsize=(7.5, 4.4))
intensities = np.logspace(-1.5, 3.9, 100)
axis.loglog(
    intensities, np.minimum(peak, intensities * bandwidth) / 1e9, color="black", linewidth=1.5
)
with minin.no_grad():
    for name, (call, operations, moved) in work.items():
        rate, roof = operations / seconds(call, 0.4), min(peak, operations / moved * bandwidth)
        axis.plot(operations / moved, rate / 1e9, "o", color=BLUE, markersize=8)
        axis.annotate(
            f"{name}, {rate / roof:.1%}",
            (operations / moved, rate / 1e9),
            xytext=(7, -12),
            textcoords="offset points",
            fontsize=9,
        )
        print(f"{name:16} intensity {operations / moved:7.2f},", end=" ")
        print(f"{rate / 1e9:7.1f} GFLOP/s, {rate / roof:4.0%} of the roof")
axis.axvline(peak / bandwidth, color=GREY, linewidth=0.8, linestyle=":")
axis.annotate(
    "memory decides",
    (peak / bandwidth / 1.3, 0.94),
    xycoords=("data", "axes fraction"),
    ha="right",
    color=GREY,
    fontsize=9,
)
axis.annotate(
    "arithmetic decides",
    (peak / bandwidth * 1.3, 0.94),
    xycoords=("data", "axes fraction"),
    color=GREY,
    fontsize=9,
)
axis.set(
    xlabel="intensity, operations for each byte",
    ylabel="rate, GFLOP/s",
    title=f"roofline of this machine's {DEVICE}",
    xlim=(0.03, 8000),
    ylim=(0.03, 6e-9 * peak),
)
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ![The roofline of the machine that drew the picture](figures/10_roofline.svg)
#
# ReLU does one operation for 8 bytes, max pooling and GAP hardly more: they are on the slanted
# side, and the best they can do is to read memory as fast as it can be read. Both convolutions are
# on the flat side: each number is used many times, 192 in the 1x1, 4,800 in the 5x5. That is the
# deeper reason why networks are made of convolutions: they are what processors are good at.
#
# How near the roof the points are says how well the operation is written. The plain rules are
# written to be read: max pooling walks over its nine cells and writes an array for each. im2col of
# a 5x5 window writes the image 25 times; those bytes are not in the count of what *has* to be
# moved, and cost time all the same. The fast rules avoid much of it:

# %%
with minin.no_grad():
    for name in ("max 3x3 every 2", "conv 5x5"):
        call = work[name][0]
        plain = seconds(call, 0.4)
        with minin.rules("fast"):
            fast = seconds(call, 0.4)
        print(f"{name:16} plain {1000 * plain:6.1f} ms, fast {1000 * fast:6.1f} ms")

# %% [markdown]
# ## Where a network's time goes
#
# **Predict**: in nin-cifar10, which layer takes most of a forward pass? Notebook 09 can count; does
# the clock agree?

# %% figure 10_layers
network = models.build("nin-cifar10", rng=0).eval()
images = on_device(8, 3, 32, 32).to("cpu")
names, products, spent = [], [], []
with minin.no_grad():
    x = images
    for layer in network.layers:
        if "Dropout" in type(layer).__name__:
            continue
        shape = x.shape[1:]
        spent.append(seconds(lambda layer=layer, x=x: layer(x), 0.3))
        products.append(layer.macs(shape))
        names.append(
            {"MlpConv": "mlpconv", "MaxPool2d": "max pool", "GlobalAvgPool2d": "GAP"}[
                type(layer).__name__
            ]
        )
        x = layer(x)
figure, axis = plt.subplots(figsize=(7, 3))
places = np.arange(len(names))
axis.barh(
    places - 0.2,
    100 * np.array(products) / sum(products),
    0.4,
    color=GREY,
    label="share of products",
)
axis.barh(places + 0.2, 100 * np.array(spent) / sum(spent), 0.4, color=BLUE, label="share of time")
axis.set(yticks=places, yticklabels=[f"{k + 1} {name}" for k, name in enumerate(names)], xlabel="%")
axis.invert_yaxis()
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)
pooling = sum(spent[1::2]) / sum(spent)
print(f"forward of 8 images: {1000 * sum(spent):.0f} ms, of which pooling {pooling:.0%}")

# %% [markdown]
# ![Shares of products and of time by layer](figures/10_layers.svg)
#
# The second mlpconv has more than half of the products and takes most of the time. Pooling has
# **no** products at all and takes time nevertheless: it moves bytes. So counting products predicts
# the large layers well and the small ones not at all.
#
# ## The GPU
#
# Before a GPU can compute, the data must get there, over a bus of perhaps 25 GB/s, and every
# operation costs a start of some 10 microseconds. A CPU needs what its roofline says. With the GPU
# it is
#
#     bytes / B  +  start  +  operations / Q          B: bus, Q: peak of the GPU
#
# **Predict**: for a product of two n x n matrices, which has `2*n**3` operations and moves `3*n**2`
# numbers, from which n on does the GPU win? And for ReLU, if its numbers come from the CPU and go
# back?

# %%
BUS, START, Q = 25e9, 10e-6, 20e12  # a plausible GPU: yours is in its data sheet


cpu_peak, cpu_bandwidth = ceilings("cpu") if HAVE_GPU else (peak, bandwidth)


def time_on_cpu(operations, moved):
    """The roofline: whichever takes longer."""
    return max(operations / cpu_peak, moved / cpu_bandwidth)


def time_with_gpu(operations, moved):
    """There and back over the bus, one start, and the arithmetic."""
    return moved / BUS + START + operations / Q


for n in (64, 128, 256, 512, 1024, 4096):
    cpu, gpu = time_on_cpu(2 * n**3, 12 * n**2), time_with_gpu(2 * n**3, 12 * n**2)
    print(
        f"product {n:5}: CPU {1e6 * cpu:12,.0f} us, with a GPU {1e6 * gpu:9,.0f} us",
        "  GPU" if gpu < cpu else "",
    )
n = 10**8
cpu, gpu = time_on_cpu(n, 8 * n), time_with_gpu(n, 8 * n)
print(f"relu of 100 million: CPU {1e3 * cpu:.0f} ms, with a GPU {1e3 * gpu:.0f} ms")

# %%
if HAVE_GPU:
    for n in (64, 256, 1024, 4096):
        host = np.ones((n, n), "float32")
        left = minin.tensor(host)

        def there_and_back(left=left):
            """Send a matrix, multiply it by itself, fetch the result."""
            moved = left.to("cuda")
            return ops.matmul(moved, moved).to("cpu")

        cpu, gpu = seconds(lambda h=host: h @ h), seconds(there_and_back)
        print(f"product {n:5}, measured: CPU {1e6 * cpu:,.0f} us, this GPU {1e6 * gpu:,.0f} us")
else:
    print("No GPU here. On one, this cell would measure the products above, sent there and fetched")
    print("back, and the first figure of this notebook would have CuPy's curve too.")

# %% [markdown]
# A product wins from some hundred rows on, for its operations grow faster (`n**3`) than its bytes
# (`n**2`). A ReLU whose data must travel **never** wins: moving it takes longer than the whole work
# on the CPU, however large it is. So a network goes to the GPU as a whole, with its images, and
# stays there: one transfer of the parameters, one of each batch, and all operations in between on
# the device. `minin bench` measures all of this with the care that a published number needs.
#
# ## Exercises
#
# **1.** The intensity of a convolution with stride 1 and an output as large as the image:
# operations (two for each product) over bytes that have to be moved at least (images, weights and
# output, each once, float32, no bias).


# %% exercise 1
def intensity(n, c, o, size, k):
    """Return operations for each byte.  n images, c to o maps of size x size, window k x k."""
    return 0.0


# %% check 1
for n, c, o, size, k in ((32, 96, 192, 16, 5), (32, 96, 192, 16, 1), (1, 3, 8, 5, 3)):
    operations = 2 * n * o * size**2 * c * k**2
    moved = 4 * (n * c * size**2 + n * o * size**2 + o * c * k**2)
    got = intensity(n, c, o, size, k)
    assert abs(got - operations / moved) < 1e-9 * operations, (
        f"{n} images, {c} to {o} maps: {got}, not {operations / moved:.3f}"
    )
print("right")

# %% [markdown]
# **2.** The roof: the highest rate (operations a second) at some intensity, on a machine with a
# peak and a bandwidth.


# %% exercise 2
def roof(intensity, peak, bandwidth):
    """Return the highest rate."""
    return peak


# %% check 2
for value, p, b, want in (
    (0.125, 1e11, 2e10, 2.5e9),
    (10, 1e11, 2e10, 1e11),
    (5, 1e11, 2e10, 1e11),
    (1, 2e13, 1e12, 1e12),
):
    got = roof(value, p, b)
    assert np.isclose(got, want), (
        f"intensity {value}, peak {p:g}, bandwidth {b:g}: {got:g}, not {want:g}"
    )
print("right")

# %% [markdown]
# **3.** From which n on (a power of two, 2 to `2**14`) is a product of two n x n matrices faster
# with a GPU? Sending and fetching `12*n**2` bytes over a bus of `bus` bytes a second, `start`
# seconds, and `2*n**3` operations at `q`; on the CPU `2*n**3` operations at `p`, and nothing else.
# Return None if it never is.


# %% exercise 3
def gpu_wins_from(p, q, bus, start):
    """Return the smallest power of two from which the GPU is faster."""
    return 2


# %% check 3
for p, q, bus, start in (
    (1e11, 2e13, 2.5e10, 1e-5),
    (1e10, 2e13, 2.5e10, 1e-5),
    (1e12, 2e13, 1e10, 1e-3),
    (1e13, 5e12, 1e10, 1e-5),
):
    faster = [
        n
        for n in 2 ** np.arange(1, 15)
        if 12 * n**2 / bus + start + 2.0 * n**3 / q < 2.0 * n**3 / p
    ]
    want = int(faster[0]) if faster else None
    got = gpu_wins_from(p, q, bus, start)
    assert got == want, f"CPU {p:g}, GPU {q:g}, bus {bus:g}, start {start:g}: {got}, not {want}"
print("right")

# %% [markdown]
# ## Three questions to close
#
# Answer in a sentence or two; then compare with `docs/notebook-answers.md`.
#
# 1. Which two parts has the curve of time against size, and what does one pay for in each?
# 2. Which of the notebook's five operations lie on the slanted side of the roofline, and why are
#    both convolutions on the other?
# 3. Why can a ReLU never win on a GPU if its data must travel, and why does a large matrix product?

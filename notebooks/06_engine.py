# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 The engine in 60 lines
#
# After this notebook you can
#
# - write a rule: an operation, and the way back through it;
# - build an engine that takes gradients through any program, in 60 lines;
# - say in which order it must go back, and what goes wrong in any other;
# - read `minin/autograd/engine.py`, and say what it has beyond your 60 lines and why.
#
# You need the chain rule of calculus. Notebook 01 helps. It takes about 45 minutes.
#
# *Installing.* minin is in no package index. In a clone of it: `pip install -e '.[notebooks]'`.
# Elsewhere: put its wheel (the clone makes one by `pip wheel --no-deps -w notebooks .`) beside this
# notebook and `pip install ./minin-*.whl matplotlib`. A package that is merely called minin in an
# index is somebody else's.

# %%
import os

os.environ["MININ_RULES"] = "plain"  # the rules to read: a print in minin/ops/conv.py prints here

from heapq import heappop, heappush

import matplotlib.pyplot as plt
import numpy as np

import minin
from minin import ops
from minin.plots import BLUE, GREY, ORANGE

plt.rcParams["figure.constrained_layout.use"] = True

# %% [markdown]
# ## Step 1: a rule
#
# A program computes a loss from numbers `x`. The *gradient* of the loss along `x` says for each
# number by how much the loss grows, per unit, if the number does.
#
# A *rule* is one operation on plain arrays that also knows the way back. It returns its output and
# a function `backward`: given the gradient along the output, `backward` returns the gradient along
# each input. For `z = x*y` a small step `dx` moves `z` by `y*dx`; so the gradient along `x` is `y`
# times what arrives.


# %% engine 1
def multiply(x, y):
    def backward(grad_z):
        return grad_z * y, grad_z * x

    return x * y, backward


def add(x, y):
    def backward(grad_z):
        return grad_z, grad_z

    return x + y, backward


# %%
z, backward = multiply(np.array([2.0, 3.0]), np.array([10.0, 20.0]))
print("z =", z, " gradients:", backward(np.array([1.0, 1.0])))

# %% [markdown]
# `backward` remembers `x` and `y` by using them: nothing else has to be kept anywhere.
#
# ## Step 2: variables that remember
#
# A *variable* holds an array and, if an operation made it, a *node*: the `backward` of that
# operation and where each argument came from. Nodes are numbered as they are made.


# %% engine 2
class Variable:
    def __init__(self, data, node=None):
        self.data, self.node, self.grad = data, node, None

    def __add__(self, other):
        return differentiable(add)(self, other)

    def __mul__(self, other):
        return differentiable(multiply)(self, other)

    def backward(self):
        walk_back(self, np.ones_like(self.data))


class Node:
    made = 0

    def __init__(self, backward, sources):
        Node.made += 1
        self.time, self.backward, self.sources = Node.made, backward, sources


def differentiable(rule):
    def op(*args, **parameters):
        arrays = [arg.data if isinstance(arg, Variable) else arg for arg in args]
        output, backward = rule(*arrays, **parameters)
        return Variable(output, Node(backward, args))

    return op


# %% [markdown]
# So computing forward leaves a graph behind: every variable knows its node, every node its
# arguments.
#
# ## Step 3: the walk back
#
# From the loss, call `backward` of its node, hand each gradient to the argument it belongs to, and
# go on there. A variable that was used twice gets two gradients, and **they add up**. Now the order
# matters. Take
#
#     a = x * x        node 1
#     b = a + x        node 2
#     c = a * b        node 3
#
# **Predict**: from c we get gradients for `a` and for `b`. If we go on with `a` (node 1) at once,
# what is missing?


# %% engine 3
def walk_back(root, grad):
    gradients, waiting = {root: grad}, []

    def give(variable, gradient):
        gradients[variable] = gradients.get(variable, 0) + gradient

    if root.node:
        heappush(waiting, (-root.node.time, root))
    while waiting:
        variable = heappop(waiting)[1]
        row = variable.node.backward(gradients.pop(variable))
        for source, gradient in zip(variable.node.sources, row, strict=False):
            if isinstance(source, Variable) and gradient is not None:
                if source.node and source not in gradients:
                    heappush(waiting, (-source.node.time, source))
                give(source, gradient() if callable(gradient) else gradient)
    for leaf, gradient in gradients.items():
        leaf.grad = gradient if leaf.grad is None else leaf.grad + gradient


# %% [markdown]
# What is missing is the part of `a`'s gradient that comes by way of `b`. So a node may only be
# visited when all its users have been. The trick: **an operation can only use what is older than
# itself**. If we always take the *youngest* waiting node, its users, which are younger, have had
# their turn. A heap finds the youngest.
#
# By hand: c = x^2 (x^2 + x) = x^4 + x^3, so dc/dx = 4x^3 + 3x^2, which at x = 2 is 44.

# %%
x = Variable(np.array(2.0))
a = x * x
b = a + x
c = a * b
c.backward()
print("dc/dx =", x.grad)

# %% figure 06_order
places = {"x": (0, 0), "a": (1.5, 0.8), "b": (3, 0), "c": (4.5, 0.8)}
words = {
    "x": "x\na leaf",
    "a": "a = x * x\nmade 1st",
    "b": "b = a + x\nmade 2nd",
    "c": "c = a * b\nmade 3rd",
}
edges = {"xa": "twice: x and x", "xb": "", "ab": "", "ac": "", "bc": ""}
figure, axis = plt.subplots(figsize=(8, 2.8))
for (start, end), text in edges.items():
    axis.annotate(
        "",
        places[start],
        places[end],
        arrowprops={"arrowstyle": "->", "color": ORANGE, "lw": 2, "shrinkA": 34, "shrinkB": 34},
    )
    middle = np.add(places[start], places[end]) / 2
    axis.text(middle[0] - 0.1, middle[1] + 0.1, text, color=GREY, ha="right", fontsize=9)
turns = {"c": "visited 1st", "b": "visited 2nd", "a": "visited 3rd"}
for name, (across, up) in places.items():
    axis.text(
        across,
        up,
        words[name],
        ha="center",
        va="center",
        bbox={"boxstyle": "round,pad=0.5", "fc": "white", "ec": BLUE},
    )
    axis.text(across, up + 0.33, turns.get(name, ""), ha="center", color=ORANGE, fontsize=9)
axis.set(xlim=(-0.7, 5.3), ylim=(-0.5, 1.4))
axis.set_axis_off()

# %% [markdown]
# ![The graph of c; gradients flow back, the youngest node first](figures/06_order.svg)
#
# Orange arrows are gradients. `a` is visited last: then both of its gradients, from c and by way of
# b, are there.
#
# ## What the wrong order costs
#
# Some small engines go back by recursion instead: at each variable, pass the gradient on at once,
# as often as one arrives. That gives the right numbers, for gradients add up, but visits a node
# once **for every path** to it. Take a chain of `y = y + y`.
#
# **Predict**: how many visits for 20 links, by recursion and by our walk? How long would 60 links
# take by recursion, at a million visits a second?


# %%
def visits_by_recursion(variable):
    """Count what an engine does that hands on each gradient as it comes."""
    if variable.node is None:
        return 0
    return 1 + sum(visits_by_recursion(source) for source in variable.node.sources)


# %% figure 06_visits
links, recursive, walked, calls = list(range(1, 17)), [], [], []


def counted_add(x, y):
    def backward(grad_z):
        calls.append(1)
        return grad_z, grad_z

    return x + y, backward


for count in links:
    y = Variable(np.array(1.0))
    for _ in range(count):
        y = differentiable(counted_add)(y, y)
    recursive.append(visits_by_recursion(y))
    calls.clear()
    y.backward()
    walked.append(len(calls))
figure, axis = plt.subplots(figsize=(6, 3.3))
axis.semilogy(links, recursive, "o--", color=ORANGE, label="once for every path")
axis.semilogy(links, walked, "o-", color=BLUE, label="once for every node")
axis.set(xlabel="links y = y + y", ylabel="visits")
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)
print(
    "20 links by recursion:",
    f"{2**20 - 1:,}",
    " 60 links:",
    f"{(2**60 - 1) / 1e6 / 3600 / 24 / 365:,.0f} years at a million a second",
)

# %% [markdown]
# ![Visits by paths double with every link](figures/06_visits.svg)
#
# 1,048,575 against 20; and for 60 links 36,559 years against 60 visits. (Recursion also ends at
# Python's limit of about 1,000 calls; a heap has none.)
#
# ## Step 4: it runs minin's rules
#
# A rule is nothing but a function on arrays, so our engine runs minin's own: `conv2d.rule` is the
# plain rule of `minin/ops/conv.py`. (They may return a gradient as a function, to be called only if
# somebody wants it; that is why step 3 says `gradient() if callable(gradient)`; and for a bias that
# was not given the gradient is None.) Here is a small Network in Network on a 28x28 image, by our
# 60 lines and by minin.
#
# **Predict**: how large is the largest difference between the gradients?

# %%
rng = np.random.default_rng(0)
image = rng.normal(size=(2, 1, 28, 28))
weights = [rng.normal(size=s) / 3 for s in ((6, 1, 5, 5), (5, 6, 1, 1), (10, 5, 3, 3))]
target = np.array([3, 7])


def small_nin(conv2d, relu, pool, average, loss, leaves):
    """Compute a loss with whatever ops are given."""
    w1, w2, w3 = leaves
    maps = relu(conv2d(relu(conv2d(image, w1, padding=2)), w2))
    return loss(average(conv2d(pool(maps, kernel_size=3, stride=2), w3)), target)


names = ("conv2d", "relu", "max_pool2d", "global_avg_pool2d", "cross_entropy")
ours = [Variable(w) for w in weights]
small_nin(*(differentiable(getattr(ops, name).rule) for name in names), ours).backward()

theirs = [minin.tensor(w, requires_grad=True) for w in weights]
small_nin(*(getattr(ops, name) for name in names), theirs).backward()
for w, mine, its in zip(weights, ours, theirs, strict=True):
    print(
        w.shape,
        "largest gradient",
        f"{np.abs(its.grad).max():.3f}",
        " equal to the last bit:",
        np.array_equal(mine.grad, its.grad),
    )

# %% [markdown]
# None: the same rules in the same order give the same bits. An engine computes nothing; it only
# knows who comes next.
#
# ## Step 5: held against `minin/autograd/engine.py`
#
# | yours | `engine.py` | what is there besides, and why |
# |---|---|---|
# | `Variable` | `Variable` | `requires_grad`: who wants no gradient costs nothing. `changes`: a number overwritten before backward is an error, not a wrong gradient |
# | `differentiable` | `Op.__call__` | arguments by name, lists of arrays, other libraries than NumPy; a fast rule in place of a plain one |
# | `Node` | `Node` | shape and dtype of the output, so that a gradient that does not fit is refused where it arises |
# | `node.sources` | `Node.sources` | nodes, not variables: what nobody needs any more is freed at once |
# | `walk_back` | `walk_back` | forgets each `backward` as soon as it has run, so memory falls; writes to no leaf before all went well |
#
# One difference can be seen: after `backward`, minin has let go of the graph.
#
# **Predict**: what does a second `backward` do in either engine?

# %%
x = Variable(np.array(2.0))
y = x * x
y.backward()
y.backward()
print("ours, after two:", x.grad)

t = minin.tensor(2.0, requires_grad=True)
y = t * t
y.backward()
try:
    y.backward()
except minin.errors.GraphFreedError as error:
    print("minin:", error)

# %% [markdown]
# Ours adds the same gradient once more, 4 + 4 = 8, in silence. minin refuses, since that is nearly
# always an oversight.
#
# ## Exercises
#
# **1.** A rule for `y = 1 / x`.


# %% exercise 1
def reciprocal(x):
    def backward(grad_y):
        return (...,)

    return 1 / x, backward


# %% check 1
x = np.array([0.5, -2.0, 3.0])
upward = np.array([1.0, 10.0, 100.0])
row = reciprocal(x)[1](upward)
assert isinstance(row, tuple) and len(row) == 1, "backward returns a tuple with one gradient"
slope = (1 / (x + 1e-6) - 1 / (x - 1e-6)) / 2e-6
assert np.shape(row[0]) == (3,) and np.allclose(row[0], upward * slope), (
    f"{row[0]}, measured {upward * slope}"
)
print("right")

# %% [markdown]
# **2.** NumPy stretches an array of shape `(1, 4)` or `(4,)` to `(3, 4)` where it is added to one.
# On the way back the gradient must be *summed* over what was stretched. Bring a gradient back to
# `shape`.


# %% exercise 2
def unstretch(grad, shape):
    """Sum a gradient over the axes along which its array was stretched."""
    return grad


# %% check 2
rng = np.random.default_rng(3)
for shape in ((3, 4), (1, 4), (4,), (3, 1), (1, 1), (), (1,)):
    grad = rng.normal(size=(3, 4))
    x = minin.tensor(np.zeros(shape), requires_grad=True)
    (x + np.zeros((3, 4))).backward(grad)
    got = unstretch(grad, shape)
    assert np.shape(got) == shape, f"to {shape}: shape {np.shape(got)}"
    assert np.allclose(got, x.grad), f"to {shape}: other numbers"
print("right")

# %% [markdown]
# **3.** The order, by hand. `graph` says for each name, in the order in which they were made, from
# which names it was computed. Return the names in the order in which the walk visits them from
# `root`. Leaves, which are not in `graph`, are not visited, nor is anything that no gradient
# reaches.


# %% exercise 3
def order_of_visits(graph, root):
    """Say who is visited when: for {"a": ["x", "x"], "b": ["a", "x"]} from "b": ["b", "a"]."""
    return []


# %% check 3
graph = {
    "a": ["x", "x"],
    "b": ["a", "x"],
    "unused": ["a"],
    "c": ["a", "b"],
    "d": ["y"],
    "e": ["c", "x"],
}
for root, want in (
    ("e", ["e", "c", "b", "a"]),
    ("c", ["c", "b", "a"]),
    ("d", ["d"]),
    ("unused", ["unused", "a"]),
):
    got = list(order_of_visits(graph, root))
    assert got == want, f"from {root}: {got}, not {want}"
print("right")

# %% [markdown]
# ## Three questions to close
#
# Answer in a sentence or two; then compare with `docs/notebook-answers.md`.
#
# 1. In the notebook's example with a, b and c, in which order are the nodes visited, by which
#    property does the engine find that order, and what is dc/dx at 2?
# 2. How many visits did 20 links of `y = y + y` take by recursion and by the walk, and are the
#    gradients of the recursion wrong?
# 3. What did a second `backward` do in the notebook's engine and in minin, and how far apart were
#    the gradients of the small network in the two engines, and why?

# /// exercise
# number = 4
# name = "conv1x1"
# title = "A 1x1 convolution is one matrix product"
# stars = 2
# minutes = 25
# points = 4
# goal = "Write the small network at every pixel, forward and backward, as one product each."
# needs = ["matrix products", "exercise 3"]
# hints = [
#     """Forget the image: N*H*W pixels are N*H*W vectors of C numbers, and each is \
#     multiplied by the same matrix.""",
#     """weight (O, C) @ x.reshape(N, C, H*W) is (N, O, H*W). Backward: weight.T for x; for \
#     the weight a product with the pixels, summed over the images.""",
#     """grad_x = (weight.T @ g).reshape(x.shape); grad_weight = (g @ flat.transpose(0, 2, \
#     1)).sum(axis=0); grad_bias = g.sum(axis=(0, 2))""",
# ]
# [marks]
# values = 1
# grad_x = 0.75
# grad_weight = 0.75
# grad_bias = 0.5
# shapes = 0.5
# unchanged = 0.5
# [[mutants]]
# bug = "C5"
# find = "(g @ flat.transpose(0, 2, 1)).sum(axis=0)"
# put = "(g @ flat.transpose(0, 2, 1))[-1]"
# [[mutants]]
# bug = "B5"
# find = "g = grad_y.reshape(n, o, h * w)"
# put = "g = grad_y.reshape(o, n, h * w).transpose(1, 0, 2)"
# [[mutants]]
# bug = "B1"
# find = "return grad_x, grad_weight, grad_bias"
# put = "return grad_x, grad_weight.T, grad_bias"
# [[mutants]]
# bug = "G5"
# find = "grad_bias = g.sum(axis=(0, 2))"
# put = "grad_bias = g.mean(axis=(0, 2))"
# [[mutants]]
# bug = "A6"
# find = "weight.T @ g"
# put = "-weight.T @ g"
# [[mutants]]
# bug = "forward"
# find = "y = weight @ flat + bias[:, None]"
# put = "y = weight @ flat"
# [[mutants]]
# bug = "forward"
# find = "flat = x.reshape(n, c, h * w)"
# put = "flat = x.reshape(n, h * w, c).transpose(0, 2, 1)"
# ///

# %% [markdown]
# # A 1x1 convolution is one matrix product
#
# Between its convolutions, Network in Network puts a small network at every pixel (Lin, Chen
# and Yan 2013, section 3.1): the C numbers of a pixel are multiplied by a matrix (O, C), the
# same one everywhere. Seen from the image that is a convolution with a 1x1 kernel; seen from
# the pixel it is a fully connected layer. No im2col is needed, for each window is one pixel:
#
#     x (N, C, H, W)  seen as  (N, C, H*W)
#     y = weight @ x + bias                (O, C) @ (N, C, H*W) -> (N, O, H*W)
#
# Beware of `reshape`: it keeps the numbers in their order. (N, C, H, W) may become (N, C, H*W)
# by reshape, for H and W lie side by side. To get (N*H*W, C) the channels must first move, with
# `transpose`.
#
# Compute all pixels of an image at once; a loop over pixels is the same and far slower.

# %%
import numpy as np


# %%
def conv1x1_forward(x, weight, bias):
    """Multiply every pixel by one matrix.

    x (N, C, H, W), weight (O, C), bias (O,) -> (N, O, H, W), cache
    """
    n, c, h, w = x.shape
    o = len(weight)
    # BEGIN SOLUTION
    flat = x.reshape(n, c, h * w)  # (N, C, P)
    y = weight @ flat + bias[:, None]  # (N, O, P)
    y = y.reshape(n, o, h, w)
    # END SOLUTION
    return y, (x, weight)


# %%
def conv1x1_backward(grad_y, cache):
    """Return the gradients of x, weight and bias.

    grad_y (N, O, H, W) -> (N, C, H, W), (O, C), (O,)
    """
    x, weight = cache
    n, o, h, w = grad_y.shape
    # BEGIN SOLUTION
    flat = x.reshape(n, -1, h * w)  # (N, C, P)
    g = grad_y.reshape(n, o, h * w)  # (N, O, P)
    grad_x = (weight.T @ g).reshape(x.shape)
    grad_weight = (g @ flat.transpose(0, 2, 1)).sum(axis=0)
    grad_bias = g.sum(axis=(0, 2))
    return grad_x, grad_weight, grad_bias
    # END SOLUTION


# %% [markdown]
# Run the next cell, or `minin learn check` with the name of this file.

# %%
if __name__ == "__main__":
    from minin import exercises

    print(exercises.check("conv1x1", globals()))

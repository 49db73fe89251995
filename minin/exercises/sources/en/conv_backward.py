# /// exercise
# number = 3
# name = "conv_backward"
# title = "Convolution backward: three gradients, two products, one sum"
# stars = 3
# minutes = 35
# points = 5
# goal = "Write the backward of a convolution: the gradients of image, weights and bias."
# needs = ["exercises 1 and 2"]
# hints = [
#     """Forward is y = W @ columns + bias for each image. Take the derivatives of a matrix \
#     product: one product each for W and for the columns.""",
#     """grad_y becomes (N, O, P). grad_weight: (N, O, P) with (N, K, P), summed over N and \
#     P. The columns' gradient: W transposed, (K, O), with (N, O, P).""",
#     """grad_bias = grad_y.sum(axis=(0, 2, 3)); grad_weight = np.einsum('nop,nkp->ok', g, \
#     cols); grad_x = col2im(flat.T @ g, ...)""",
# ]
# [marks]
# grad_x = 2
# grad_weight = 1.5
# grad_bias = 0.5
# shapes = 0.5
# unchanged = 0.5
# [[mutants]]
# bug = "C5"
# find = "(g @ cols.transpose(0, 2, 1)).sum(axis=0)"
# put = "(g @ cols.transpose(0, 2, 1))[-1]"
# [[mutants]]
# bug = "A2"
# find = "(g @ cols.transpose(0, 2, 1)).sum(axis=0)"
# put = "(g @ cols.transpose(0, 2, 1)).mean(axis=0)"
# [[mutants]]
# bug = "G5"
# find = "grad_y.sum(axis=(0, 2, 3))"
# put = "grad_y.mean(axis=(0, 2, 3))"
# [[mutants]]
# bug = "B5"
# find = "g = grad_y.reshape(n, o, -1)"
# put = "g = grad_y.reshape(o, n, -1).transpose(1, 0, 2)"
# [[mutants]]
# bug = "B3"
# find = "flat.T @ g"
# put = "weight[:, :, ::-1, ::-1].reshape(o, -1).T @ g"
# [[mutants]]
# bug = "A11"
# find = "n, o = grad_y.shape[:2]"
# put = "grad_y = np.ones_like(grad_y); n, o = grad_y.shape[:2]"
# ///

# %% [markdown]
# # Convolution backward: three gradients, two products, one sum
#
# Forward, as exercises 1 and 2 have prepared it, with K = C*KH*KW and P = OH*OW:
#
#     columns = im2col(x)                       (N, K, P)
#     y       = flat @ columns + bias           (O, K) @ (N, K, P) -> (N, O, P)
#
# where `flat` is the weights (O, C, KH, KW) seen as a matrix (O, K). From the gradient of y you
# compute three gradients:
#
# | gradient | shape | where it comes from |
# |---|---|---|
# | grad_x | (N, C, H, W) | every column's gradient, added up by col2im |
# | grad_weight | (O, C, KH, KW) | a weight acts in every image at every place: add up |
# | grad_bias | (O,) | the bias is added in every image at every place: add up |
#
# Two rules are enough. A number that acts in several places gets the **sum** of their
# gradients. And a gradient always has the **shape** of what it is the gradient of.

# %%
import numpy as np


# %%
def im2col(x, kernel, stride, padding):
    """Exercise 1. x (N, C, H, W) -> (N, C*KH*KW, OH*OW)."""
    n, c, h, w = x.shape
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride, padding
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    oh, ow = (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1
    cells = np.zeros((n, c, kh, kw, oh, ow), dtype=x.dtype)
    for i in range(kh):
        for j in range(kw):
            cells[:, :, i, j] = padded[:, :, i : i + sh * oh : sh, j : j + sw * ow : sw]
    return cells.reshape(n, c * kh * kw, oh * ow)


def col2im(cols, image_shape, kernel, stride, padding):
    """Exercise 2. cols (N, C*KH*KW, OH*OW) -> (N, C, H, W)."""
    n, c, h, w = image_shape
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride, padding
    oh, ow = (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1
    cells = cols.reshape(n, c, kh, kw, oh, ow)
    padded = np.zeros((n, c, h + 2 * ph, w + 2 * pw), dtype=cols.dtype)
    for i in range(kh):
        for j in range(kw):
            padded[:, :, i : i + sh * oh : sh, j : j + sw * ow : sw] += cells[:, :, i, j]
    return padded[:, :, ph : ph + h, pw : pw + w]


# %%
def conv_forward(x, weight, bias, stride, padding):
    """Convolve. x (N, C, H, W), weight (O, C, KH, KW), bias (O,) -> (N, O, OH, OW), cache."""
    n, _, h, w = x.shape
    o, _, kh, kw = weight.shape
    cols = im2col(x, (kh, kw), stride, padding)  # (N, K, P)
    y = weight.reshape(o, -1) @ cols + bias[:, None]  # (N, O, P)
    oh = (h + 2 * padding[0] - kh) // stride[0] + 1
    ow = (w + 2 * padding[1] - kw) // stride[1] + 1
    return y.reshape(n, o, oh, ow), (x, weight, cols, stride, padding)


# %%
def conv_backward(grad_y, cache):
    """Return the gradients of x, weight and bias.

    grad_y (N, O, OH, OW) -> (N, C, H, W), (O, C, KH, KW), (O,)
    """
    x, weight, cols, stride, padding = cache
    # BEGIN SOLUTION
    n, o = grad_y.shape[:2]
    g = grad_y.reshape(n, o, -1)  # (N, O, P)
    flat = weight.reshape(o, -1)  # (O, K)
    grad_bias = grad_y.sum(axis=(0, 2, 3))
    grad_weight = (g @ cols.transpose(0, 2, 1)).sum(axis=0).reshape(weight.shape)
    grad_x = col2im(flat.T @ g, x.shape, weight.shape[2:], stride, padding)
    return grad_x, grad_weight, grad_bias
    # END SOLUTION


# %% [markdown]
# Run the next cell, or `minin learn check` with the name of this file.

# %%
if __name__ == "__main__":
    from minin import exercises

    print(exercises.check("conv_backward", globals()))

# /// exercise
# number = 2
# name = "col2im"
# title = "col2im is the adjoint of im2col, not its inverse"
# stars = 2
# minutes = 25
# points = 3
# goal = "Send every number of the columns back to its pixel, and add where several meet."
# needs = ["exercise 1"]
# hints = [
#     """Loop over the kernel's positions as im2col does. Where im2col reads a pixel, col2im \
#     writes to it. Windows share pixels, so it writes to one pixel several times.""",
#     """Make a padded image of zeros, add each cell's (N, C, OH, OW) numbers to its strided \
#     slice, and cut the padding off at the end.""",
#     "padded[:, :, i : i + sh * oh : sh, j : j + sw * ow : sw] += cells[:, :, i, j]",
# ]
# [marks]
# values = 1.5
# coverage = 0.5
# shapes = 0.5
# unchanged = 0.5
# [[mutants]]
# bug = "C1"
# find = "ow : sw] += cells"
# put = "ow : sw] = cells"
# [[mutants]]
# bug = "B4"
# find = "cells = cols.reshape(n, c, kh, kw, oh, ow)"
# put = "cells = cols.reshape(n, kh, kw, c, oh, ow).transpose(0, 3, 1, 2, 4, 5)"
# [[mutants]]
# bug = "D3"
# find = "padded[:, :, ph : ph + h, pw : pw + w]"
# put = "padded[:, :, :h, :w]"
# [[mutants]]
# bug = "B12"
# find = "return padded[:, :,"
# put = "return padded[:, ::-1,"
# [[mutants]]
# bug = "A6"
# find = "] += cells"
# put = "] -= cells"
# ///

# %% [markdown]
# # col2im is the adjoint of im2col, not its inverse
#
# In backward, a gradient arrives for every number of the columns. A pixel that was copied into
# four columns has acted in four places, so its gradient is the **sum** of four numbers. col2im
# brings the numbers home: im2col reads, col2im adds.
#
# It does not undo im2col. Take an image of ones, kernel (2, 2), stride (1, 1):
#
#     image      im2col, then col2im
#     1 1 1      1 2 1
#     1 1 1  ->  2 4 2      the number of windows over each pixel: its coverage
#     1 1 1      1 2 1
#
# What it is instead is the **adjoint**: for every image x and all columns g
#
#     sum of im2col(x) * g   =   sum of x * col2im(g)
#
# which is exactly what backward has to satisfy: both sides say how much a small change x
# moves the loss. A matrix and its transpose do the same; im2col is such a matrix of zeros and
# ones, and col2im is its transpose.

# %%
import numpy as np


# %%
def col2im(cols, image_shape, kernel, stride, padding):
    """Add every number of the columns to the pixel it came from.

    cols (N, C*KH*KW, OH*OW), image_shape (N, C, H, W) -> (N, C, H, W)
    """
    n, c, h, w = image_shape
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride, padding
    oh = (h + 2 * ph - kh) // sh + 1
    ow = (w + 2 * pw - kw) // sw + 1
    padded = np.zeros((n, c, h + 2 * ph, w + 2 * pw), dtype=cols.dtype)
    # BEGIN SOLUTION
    cells = cols.reshape(n, c, kh, kw, oh, ow)
    for i in range(kh):
        for j in range(kw):
            padded[:, :, i : i + sh * oh : sh, j : j + sw * ow : sw] += cells[:, :, i, j]
    return padded[:, :, ph : ph + h, pw : pw + w]
    # END SOLUTION


# %%
def coverage(image_shape, kernel, stride, padding):
    """Count the windows over each pixel, with col2im and nothing else that loops.

    image_shape (N, C, H, W) -> (N, C, H, W)
    """
    # BEGIN SOLUTION
    n, c, h, w = image_shape
    oh = (h + 2 * padding[0] - kernel[0]) // stride[0] + 1
    ow = (w + 2 * padding[1] - kernel[1]) // stride[1] + 1
    ones = np.ones((n, c * kernel[0] * kernel[1], oh * ow))
    return col2im(ones, image_shape, kernel, stride, padding)
    # END SOLUTION


# %% [markdown]
# Run the next cell, or `minin learn check` with the name of this file.

# %%
if __name__ == "__main__":
    from minin import exercises

    print(exercises.check("col2im", globals()))

# /// exercise
# number = 1
# name = "im2col"
# title = "im2col: every window becomes a column"
# stars = 1
# minutes = 20
# points = 2
# goal = "Write the pixels under each window of an image into one column of a matrix."
# needs = ["NumPy indexing and reshape"]
# hints = [
#     """Fill the columns cell by cell: a kernel has KH*KW cells, and each cell of all \
#     windows together is one strided slice of the padded image.""",
#     """Work in an array of shape (N, C, KH, KW, OH, OW) and reshape it at the end: C, KH \
#     and KW come together as rows, OH and OW as columns.""",
#     "cells[:, :, i, j] = padded[:, :, i : i + sh * oh : sh, j : j + sw * ow : sw]",
# ]
# [marks]
# values = 1
# shapes = 0.5
# unchanged = 0.5
# [[mutants]]
# bug = "B4"
# find = "cells.reshape(n, c * kh * kw, oh * ow)"
# put = "cells.transpose(0, 2, 3, 1, 4, 5).reshape(n, c * kh * kw, oh * ow)"
# [[mutants]]
# bug = "B6"
# find = "cells.reshape(n, c * kh * kw, oh * ow)"
# put = """cells.transpose(1, 2, 3, 0, 4, 5).reshape(c, kh, kw, oh, ow, n)\
# .transpose(5, 0, 1, 2, 3, 4).reshape(n, c * kh * kw, oh * ow)"""
# [[mutants]]
# bug = "B8"
# find = "cells.reshape(n, c * kh * kw, oh * ow)"
# put = "cells.swapaxes(2, 3).reshape(n, c * kh * kw, oh * ow)"
# [[mutants]]
# bug = "forward"
# find = "cells.reshape(n, c * kh * kw, oh * ow)"
# put = "cells[:, ::-1].reshape(n, c * kh * kw, oh * ow)"
# [[mutants]]
# bug = "A6"
# find = "= padded[:, :, i : i + sh"
# put = "= -padded[:, :, i : i + sh"
# ///

# %% [markdown]
# # im2col: every window becomes a column
#
# A convolution looks at an image through a small window, KH rows and KW columns, that moves
# SH rows down and SW columns to the right. At each place it multiplies what it sees with the
# weights and adds up. If each window is written as one **column** of a matrix, all places are
# done by one matrix product. That is how Network in Network computes its first layers.
#
# | letter | what it counts |
# |---|---|
# | N, C | images, channels |
# | H, W | rows and columns of the image |
# | KH, KW | rows and columns of the kernel |
# | SH, SW | rows and columns from one window to the next |
# | PH, PW | rows and columns of zeros around the image |
# | OH, OW | windows down and windows across |
#
#     OH = (H + 2*PH - KH) // SH + 1
#     OW = (W + 2*PW - KW) // SW + 1
#
# The matrix of an image has C*KH*KW rows (channel first, then the kernel's rows, then its
# columns) and OH*OW columns (row by row over the image).
#
# One channel, kernel (2, 2), stride (1, 1), no padding:
#
#     0 1 2          window:    0 1   1 2   3 4   4 5        0 1 3 4
#     3 4 5    ->               3 4   4 5   6 7   7 8   ->   1 2 4 5
#     6 7 8                                                  3 4 6 7
#                                                            4 5 7 8
#
# Pixel 4 is under all four windows, so it comes four times. Remember it for exercise 2.

# %%
import numpy as np


# %%
def im2col(x, kernel, stride, padding):
    """Write the pixels under each window into a column.

    x (N, C, H, W), kernel (KH, KW), stride (SH, SW), padding (PH, PW)
    -> (N, C*KH*KW, OH*OW)
    """
    n, c, h, w = x.shape
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride, padding
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))  # (N, C, H+2PH, W+2PW)
    oh = (h + 2 * ph - kh) // sh + 1
    ow = (w + 2 * pw - kw) // sw + 1
    # BEGIN SOLUTION
    cells = np.zeros((n, c, kh, kw, oh, ow), dtype=x.dtype)
    for i in range(kh):
        for j in range(kw):
            cells[:, :, i, j] = padded[:, :, i : i + sh * oh : sh, j : j + sw * ow : sw]
    return cells.reshape(n, c * kh * kw, oh * ow)
    # END SOLUTION


# %% [markdown]
# Run the next cell, or `minin learn check` with the name of this file.

# %%
if __name__ == "__main__":
    from minin import exercises

    print(exercises.check("im2col", globals()))

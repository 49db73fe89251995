# /// exercise
# number = 5
# name = "max_pool"
# title = "Overlapping max pooling: one pixel may win twice"
# stars = 3
# minutes = 30
# points = 4
# goal = "Take the maximum of each window, and send its gradient back to the pixel that won."
# needs = ["exercise 2"]
# hints = [
#     """Forward has to remember who won: of each window, the number of the winning cell, \
#     counted row by row.""",
#     """Stack the windows' cells: (N, C, KH*KW, OH, OW). argmax along axis 2 gives the \
#     winner k; its row in the window is k // KW, its column k % KW.""",
#     """np.add.at(grad_x, (n, c, rows, columns), grad_y), with rows = oh * sh + k // kw and \
#     columns = ow * sw + k % kw; plain += forgets repeated pixels""",
# ]
# [marks]
# values = 1
# grad_x = 1.5
# ties = 0.5
# shapes = 0.5
# unchanged = 0.5
# [[mutants]]
# bug = "C3"
# find = "np.add.at(grad_x, (n, c, rows, columns), grad_y)"
# put = "grad_x[n, c, rows, columns] = grad_y"
# [[mutants]]
# bug = "B12"
# find = "return grad_x"
# put = "return grad_x[:, ::-1]"
# [[mutants]]
# bug = "B10"
# find = "rows, columns = oh * sh + winner // kw, ow * sw + winner % kw"
# put = "rows, columns = oh * sh + winner % kh, ow * sw + winner // kh"
# [[mutants]]
# bug = "A11"
# find = "np.add.at(grad_x, (n, c, rows, columns), grad_y)"
# put = "np.add.at(grad_x, (n, c, rows, columns), 1.0)"
# [[mutants]]
# bug = "A6"
# find = "(n, c, rows, columns), grad_y)"
# put = "(n, c, rows, columns), -grad_y)"
# [[mutants]]
# bug = "D1"
# find = "rows, columns = oh * sh + winner // kw, ow * sw + winner % kw"
# put = "rows, columns = oh + winner // kw, ow + winner % kw"
# [[mutants]]
# bug = "E4"
# find = "np.add.at(grad_x, (n, c, rows, columns), grad_y)"
# put = """for k in range(kh * kw):
#         r, s = oh * sh + k // kw, ow * sw + k % kw
#         won = x[n, c, r, s] == x[n, c, rows, columns]
#         np.add.at(grad_x, (n, c, r, s), won * grad_y)"""
# [[mutants]]
# bug = "forward"
# find = "y = cells.max(axis=2)"
# put = "y = cells.mean(axis=2)"
# [[mutants]]
# bug = "forward"
# find = "winner = cells.argmax(axis=2)"
# put = "winner = kh * kw - 1 - cells[:, :, ::-1].argmax(axis=2)"
# ///

# %% [markdown]
# # Overlapping max pooling: one pixel may win twice
#
# Network in Network pools with windows of 3x3 that move by 2, so neighbours **overlap**: a
# bright pixel can be the maximum of up to four windows. Forward keeps the maximum. Backward
# gives each window's gradient to the pixel that won it, and nothing to the losers:
#
#     one row, windows of 3 that move by 2
#
#     x        1  2  9  4  3          y        9  9
#              |-----|                grad_y   5  7
#                    |-----|          grad_x   0  0 12  0  0
#
# The 9 won both windows, so it receives 5 + 7 = 12. With `=` in the place of `+=` it
# gets 7, and a test with windows side by side cannot show that.
#
# If two pixels of a window tie, the first one wins, row by row. A tie has no gradient, so
# a rule has to decide; with this one no gradient is given twice.
#
# Here no window overhangs the edge: OH = (H - KH) // SH + 1.

# %%
import numpy as np


# %%
def max_pool_forward(x, kernel, stride):
    """Take the maximum of each window.

    x (N, C, H, W), kernel (KH, KW), stride (SH, SW) -> (N, C, OH, OW), cache
    """
    n, c, h, w = x.shape
    (kh, kw), (sh, sw) = kernel, stride
    oh, ow = (h - kh) // sh + 1, (w - kw) // sw + 1
    # Set `y`, the maxima, and `winner`, of each window the number of the cell that won.
    # BEGIN SOLUTION
    cells = np.zeros((n, c, kh * kw, oh, ow), dtype=x.dtype)
    for k in range(kh * kw):
        i, j = k // kw, k % kw
        cells[:, :, k] = x[:, :, i : i + sh * oh : sh, j : j + sw * ow : sw]
    winner = cells.argmax(axis=2)  # (N, C, OH, OW)
    y = cells.max(axis=2)  # (N, C, OH, OW)
    # END SOLUTION
    return y, (x, winner, kernel, stride)


# %%
def max_pool_backward(grad_y, cache):
    """Give each window's gradient to the pixel that won it.

    grad_y (N, C, OH, OW) -> (N, C, H, W)
    """
    x, winner, (kh, kw), (sh, sw) = cache
    grad_x = np.zeros_like(x)
    # BEGIN SOLUTION
    n, c, oh, ow = np.indices(grad_y.shape)
    rows, columns = oh * sh + winner // kw, ow * sw + winner % kw
    np.add.at(grad_x, (n, c, rows, columns), grad_y)
    return grad_x
    # END SOLUTION


# %% [markdown]
# Run the next cell, or `minin learn check` with the name of this file.

# %%
if __name__ == "__main__":
    from minin import exercises

    print(exercises.check("max_pool", globals()))

# /// exercise
# number = 6
# name = "global_avg_pool"
# title = "Global average pooling: one map, one number"
# stars = 1
# minutes = 15
# points = 2
# goal = "Turn each class map into its average, and share the gradient among its pixels."
# needs = ["means and broadcasting"]
# hints = [
#     """Forward is a mean over rows and columns. How much does the mean move if one pixel \
#     moves by 1?""",
#     """Every pixel of a map gets the same gradient: that of its average, divided by H*W. \
#     Broadcasting (N, C, 1, 1) fills the map.""",
#     "grad_x = np.broadcast_to(grad_y[:, :, None, None] / (h * w), shape).copy()",
# ]
# [marks]
# values = 0.5
# grad_x = 1
# shapes = 0.25
# unchanged = 0.25
# [[mutants]]
# bug = "A3"
# find = " / (h * w)"
# put = ""
# [[mutants]]
# bug = "A4"
# find = " / (h * w)"
# put = " / h"
# [[mutants]]
# bug = "B5"
# find = "np.broadcast_to(grad_y[:, :, None, None] / (h * w), (n, c, h, w)).copy()"
# put = "np.broadcast_to(grad_y / (h * w), (h, w, n, c)).reshape(n, c, h, w)"
# [[mutants]]
# bug = "A11"
# find = "np.broadcast_to(grad_y[:, :, None, None] / (h * w), (n, c, h, w)).copy()"
# put = "np.ones((n, c, h, w)) / (h * w)"
# [[mutants]]
# bug = "forward"
# find = "x.mean(axis=(2, 3))"
# put = "x.sum(axis=(2, 3))"
# ///

# %% [markdown]
# # Global average pooling: one map, one number
#
# Network in Network ends without a fully connected layer (Lin, Chen and Yan 2013, section
# 3.2). Its last layer makes one feature map a class, and the average of the map is the class's
# score. It has no weights at all, so there is nothing to overfit; and the map shows where in
# the image the class was seen.
#
#     map of one class     score          gradient of the score     gradient of the map
#     1 2 3                               6                         1 1 1
#     3 2 1        ->      2                               ->       1 1 1
#
# Six pixels share the gradient, so each gets a sixth.

# %%
import numpy as np


# %%
def gap_forward(x):
    """Average each map. x (N, C, H, W) -> (N, C), cache."""
    # BEGIN SOLUTION
    y = x.mean(axis=(2, 3))
    # END SOLUTION
    return y, x.shape


# %%
def gap_backward(grad_y, cache):
    """Share each score's gradient among its map's pixels. grad_y (N, C) -> (N, C, H, W)."""
    n, c, h, w = cache
    # BEGIN SOLUTION
    return np.broadcast_to(grad_y[:, :, None, None] / (h * w), (n, c, h, w)).copy()
    # END SOLUTION


# %% [markdown]
# Run the next cell, or `minin learn check` with the name of this file.

# %%
if __name__ == "__main__":
    from minin import exercises

    print(exercises.check("global_avg_pool", globals()))

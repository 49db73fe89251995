# %% exercise 1
def gap_matrix(classes, height, width):
    """Return the weights of the fully connected layer that is GAP: (classes, classes*H*W)."""
    return np.kron(np.eye(classes), np.full((1, height * width), 1 / (height * width)))


# %% exercise 1, wrong: a sum, no mean
def gap_matrix(classes, height, width):
    """Return the weights."""
    return np.kron(np.eye(classes), np.ones((1, height * width)))


# %% exercise 1, wrong: the numbers of a map not side by side
def gap_matrix(classes, height, width):
    """Return the weights."""
    return np.kron(np.full((1, height * width), 1 / (height * width)), np.eye(classes))


# %% exercise 2
def gap_backward(grad_y, height, width):
    """Share each score's gradient among its pixels.  grad_y (N, C) -> (N, C, H, W)."""
    share = grad_y[:, :, None, None] / (height * width)
    return np.broadcast_to(share, (*grad_y.shape, height, width))


# %% exercise 2, wrong: everybody gets all
def gap_backward(grad_y, height, width):
    """Share each score's gradient among its pixels."""
    return np.broadcast_to(grad_y[:, :, None, None], (*grad_y.shape, height, width))


# %% exercise 3
def best_quarter(maps, digit):
    """Say which quarter spoke most for a digit.  maps (10, H, W) -> 0, 1, 2 or 3."""
    h, w = maps.shape[1:]
    return int(maps[digit].reshape(2, h // 2, 2, w // 2).sum(axis=(1, 3)).argmax())


# %% exercise 3, wrong: rows and columns exchanged
def best_quarter(maps, digit):
    """Say which quarter spoke most for a digit."""
    h, w = maps.shape[1:]
    return int(maps[digit].reshape(2, h // 2, 2, w // 2).sum(axis=(1, 3)).T.argmax())

# %% exercise 1
def conv1x1(x, weight, bias):
    """Mix channels.  x (N, C, H, W), weight (O, C), bias (O,) -> (N, O, H, W)."""
    n, c, h, w = x.shape
    channels_first = x.transpose(1, 0, 2, 3).reshape(c, n * h * w)
    y = weight @ channels_first + bias[:, None]
    return y.reshape(len(weight), n, h, w).transpose(1, 0, 2, 3)


# %% exercise 1, wrong: reshape without transpose
def conv1x1(x, weight, bias):
    """Mix channels."""
    n, c, h, w = x.shape
    y = weight @ x.reshape(c, n * h * w) + bias[:, None]
    return y.reshape(n, len(weight), h, w)


# %% exercise 1, wrong: the bias forgotten
def conv1x1(x, weight, bias):
    """Mix channels."""
    n, c, h, w = x.shape
    y = weight @ x.transpose(1, 0, 2, 3).reshape(c, n * h * w)
    return y.reshape(len(weight), n, h, w).transpose(1, 0, 2, 3)


# %% exercise 2
magenta_weight = np.array([[1.0, -1.0, 1.0]])
magenta_bias = -1.5

# %% exercise 2, wrong: white is magenta too
magenta_weight = np.array([[1.0, 0.0, 1.0]])
magenta_bias = -1.5

# %% exercise 2, wrong: no bias
magenta_weight = np.array([[1.0, -1.0, 1.0]])
magenta_bias = 0.0


# %% exercise 3
def gradient_of_weight(x, grad_y):
    """Take the gradient to the weights.  x (N, C, H, W), grad_y (N, O, H, W) -> (O, C)."""
    c, o = x.shape[1], grad_y.shape[1]
    return grad_y.transpose(1, 0, 2, 3).reshape(o, -1) @ x.transpose(1, 0, 2, 3).reshape(c, -1).T


# %% exercise 3, wrong: the mean over images
def gradient_of_weight(x, grad_y):
    """Take the gradient to the weights."""
    c, o = x.shape[1], grad_y.shape[1]
    total = grad_y.transpose(1, 0, 2, 3).reshape(o, -1) @ x.transpose(1, 0, 2, 3).reshape(c, -1).T
    return total / len(x)

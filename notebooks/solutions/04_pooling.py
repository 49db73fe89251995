# %% exercise 1
def windows_rounding_up(size, kernel, stride):
    """Count windows as ceil_mode does: 32 pixels, 3 every 2: 16."""
    count = -((kernel - size) // stride) + 1
    return count - 1 if (count - 1) * stride >= size else count


# %% exercise 1, wrong: rounds down
def windows_rounding_up(size, kernel, stride):
    """Count windows."""
    return (size - kernel) // stride + 1


# %% exercise 1, wrong: a last window may begin beyond the end
def windows_rounding_up(size, kernel, stride):
    """Count windows."""
    return -((kernel - size) // stride) + 1


# %% exercise 2
def max_pool_backward(x, grad_y):
    """Send gradients to the winners.  x (W,), grad_y (OW,) -> (W,)."""
    grad_x = np.zeros(len(x))
    for j, gradient in enumerate(grad_y):
        grad_x[2 * j + np.argmax(x[2 * j : 2 * j + 3])] += gradient
    return grad_x


# %% exercise 2, wrong: the last window alone
def max_pool_backward(x, grad_y):
    """Send gradients to the winners."""
    grad_x = np.zeros(len(x))
    for j, gradient in enumerate(grad_y):
        grad_x[2 * j + np.argmax(x[2 * j : 2 * j + 3])] = gradient
    return grad_x


# %% exercise 2, wrong: all that tie
def max_pool_backward(x, grad_y):
    """Send gradients to the winners."""
    grad_x = np.zeros(len(x))
    for j, gradient in enumerate(grad_y):
        window = x[2 * j : 2 * j + 3]
        grad_x[2 * j : 2 * j + 3] += gradient * (window == window.max())
    return grad_x


# %% exercise 3
def average_as_weights(channels, k):
    """Write average pooling as weights of a convolution."""
    weights = np.zeros((channels, channels, k, k))
    weights[np.arange(channels), np.arange(channels)] = 1 / k**2
    return weights


# %% exercise 3, wrong: averages over the channels too
def average_as_weights(channels, k):
    """Write average pooling as weights of a convolution."""
    return np.full((channels, channels, k, k), 1 / (channels * k**2))

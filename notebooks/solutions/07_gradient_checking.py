# %% exercise 1
def best_step(f, x, slope, steps):
    """Choose the step with the smallest error."""
    return min(steps, key=lambda h: abs((f(x + h) - f(x - h)) / (2 * h) - slope))


# %% exercise 1, wrong: one side
def best_step(f, x, slope, steps):
    """Choose the step with the smallest error."""
    return min(steps, key=lambda h: abs((f(x + h) - f(x)) / h - slope))


# %% exercise 2
def agree(got, want):
    """Say whether two gradients agree, entry by entry."""
    return bool(np.all(np.abs(got - want) <= 1e-5 * np.maximum(np.abs(got), np.abs(want))))


# %% exercise 2, wrong: an absolute tolerance
def agree(got, want):
    """Say whether two gradients agree, entry by entry."""
    return bool(np.all(np.abs(got - want) <= 1e-5))


# %% exercise 2, wrong: the sign forgotten
def agree(got, want):
    """Say whether two gradients agree, entry by entry."""
    difference = np.abs(np.abs(got) - np.abs(want))
    return bool(np.all(difference <= 1e-5 * np.maximum(np.abs(got), np.abs(want))))


# %% exercise 2, wrong: the mean over all entries
def agree(got, want):
    """Say whether two gradients agree."""
    return bool(np.abs(np.mean(got) - np.mean(want)) <= 1e-5 * np.abs(want).max())


# %% exercise 3
def corrected_backward(grad_y, cache):
    """Take the gradient back to x, w and b, rightly."""
    (_, _, h, width), padded, w, stride, pad = cache
    k = w.shape[2]
    grad_padded, grad_w = np.zeros_like(padded), np.zeros_like(w)
    for i, j in np.ndindex(*grad_y.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + k, j * stride : j * stride + k]
        grad = grad_y[:, :, i, j]
        grad_w += np.tensordot(grad, padded[window], axes=(0, 0))
        grad_padded[window] += np.tensordot(grad, w, axes=(1, 0))
    return grad_padded[:, :, pad : pad + h, pad : pad + width], grad_w, grad_y.sum(axis=(0, 2, 3))


# %% exercise 3, wrong: the border not cut off
def corrected_backward(grad_y, cache):
    """Take the gradient back to x, w and b."""
    (_, _, h, width), padded, w, stride, pad = cache
    k = w.shape[2]
    grad_padded, grad_w = np.zeros_like(padded), np.zeros_like(w)
    for i, j in np.ndindex(*grad_y.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + k, j * stride : j * stride + k]
        grad = grad_y[:, :, i, j]
        grad_w += np.tensordot(grad, padded[window], axes=(0, 0))
        grad_padded[window] += np.tensordot(grad, w, axes=(1, 0))
    return grad_padded[:, :, :h, :width], grad_w, grad_y.sum(axis=(0, 2, 3))

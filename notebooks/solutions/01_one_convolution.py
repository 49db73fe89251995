# %% exercise 1
def output_size(size, kernel, stride, padding):
    """Say how many windows fit, with `padding` zeros at both ends."""
    return (size + 2 * padding - kernel) // stride + 1


# %% exercise 1, wrong: padding counted once
def output_size(size, kernel, stride, padding):
    """Say how many windows fit."""
    return (size + padding - kernel) // stride + 1


# %% exercise 1, wrong: the first window forgotten
def output_size(size, kernel, stride, padding):
    """Say how many windows fit."""
    return (size + 2 * padding - kernel) // stride


# %% exercise 2
def column_of(x, i, j, kernel, stride):
    """Write the numbers under one window as a column.  x (C, H, W) -> (C*kernel*kernel,)."""
    top, left = i * stride, j * stride
    return x[:, top : top + kernel, left : left + kernel].reshape(-1)


# %% exercise 2, wrong: the channels last
def column_of(x, i, j, kernel, stride):
    """Write the numbers under one window as a column."""
    top, left = i * stride, j * stride
    return x[:, top : top + kernel, left : left + kernel].transpose(1, 2, 0).reshape(-1)


# %% exercise 2, wrong: the stride forgotten
def column_of(x, i, j, kernel, stride):
    """Write the numbers under one window as a column."""
    return x[:, i : i + kernel, j : j + kernel].reshape(-1)


# %% exercise 3
def gradient_of_image(weight, grad_y, size, stride):
    """Take the gradient back.  weight (O, C, K, K), grad_y (O, OH, OW) -> (C, H, W)."""
    filters = weight.reshape(len(weight), -1)  # (O, C*K*K)
    grad_columns = filters.T @ grad_y.reshape(len(weight), -1)  # (C*K*K, P)
    return ops.col2im(grad_columns[None], size, weight.shape[2:], stride=stride).data[0]


# %% exercise 3, wrong: divided by how often each pixel is seen
def gradient_of_image(weight, grad_y, size, stride):
    """Take the gradient back."""
    filters = weight.reshape(len(weight), -1)
    grad_columns = (filters.T @ grad_y.reshape(len(weight), -1))[None]
    total = ops.col2im(grad_columns, size, weight.shape[2:], stride=stride).data[0]
    ones = np.ones_like(grad_columns)
    return total / np.maximum(ops.col2im(ones, size, weight.shape[2:], stride=stride).data[0], 1)

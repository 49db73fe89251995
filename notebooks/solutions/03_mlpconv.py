# %% exercise 1
edge_w1 = np.array([[1.0, -1], [-1, 1]]).reshape(2, 1, 1, 2)
edge_b1 = np.zeros(2)
edge_w2 = np.ones((1, 2, 1, 1))
edge_b2 = np.zeros(1)

# %% exercise 1, wrong: one direction only
edge_w1 = np.array([[1.0, -1], [1, -1]]).reshape(2, 1, 1, 2)
edge_b1 = np.zeros(2)
edge_w2 = np.ones((1, 2, 1, 1))
edge_b2 = np.zeros(1)


# %% exercise 2
def merged(w1, w2):
    """Merge two layers.  w1 (M, C, KH, KW), w2 (O, M, 1, 1) -> (O, C, KH, KW)."""
    m, *window = w1.shape
    return (w2.reshape(-1, m) @ w1.reshape(m, -1)).reshape(-1, *window)


# %% exercise 2, wrong: the second matrix transposed
def merged(w1, w2):
    """Merge two layers without a ReLU between."""
    m, *window = w1.shape
    return (w2.reshape(m, -1).T @ w1.reshape(m, -1)).reshape(-1, *window)


# %% exercise 3
def parameters(channels, maps, k):
    """Count weights and biases, as in parameters(3, (192, 160, 96), 5) == 60928."""
    total, kernel = 0, k * k
    for count in maps:
        total += count * channels * kernel + count
        channels, kernel = count, 1
    return total


# %% exercise 3, wrong: no biases
def parameters(channels, maps, k):
    """Count weights."""
    total, kernel = 0, k * k
    for count in maps:
        total += count * channels * kernel
        channels, kernel = count, 1
    return total

# %% exercise 1
def intensity(n, c, o, size, k):
    """Return operations for each byte.  n images, c to o maps of size x size, window k x k."""
    products = n * o * size**2 * c * k**2
    return 2 * products / (4 * (n * c * size**2 + n * o * size**2 + o * c * k**2))


# %% exercise 1, wrong: a product is one operation
def intensity(n, c, o, size, k):
    """Return operations for each byte."""
    products = n * o * size**2 * c * k**2
    return products / (4 * (n * c * size**2 + n * o * size**2 + o * c * k**2))


# %% exercise 2
def roof(intensity, peak, bandwidth):
    """Return the highest rate."""
    return min(peak, intensity * bandwidth)


# %% exercise 2, wrong: the slanted side alone
def roof(intensity, peak, bandwidth):
    """Return the highest rate."""
    return intensity * bandwidth


# %% exercise 3
def gpu_wins_from(p, q, bus, start):
    """Return the smallest power of two from which the GPU is faster."""
    for n in 2 ** np.arange(1, 15):
        if 12 * n**2 / bus + start + 2.0 * n**3 / q < 2.0 * n**3 / p:
            return int(n)
    return None


# %% exercise 3, wrong: the bus forgotten
def gpu_wins_from(p, q, bus, start):
    """Return the smallest power of two from which the GPU is faster."""
    for n in 2 ** np.arange(1, 15):
        if start + 2.0 * n**3 / q < 2.0 * n**3 / p:
            return int(n)
    return None


# %% exercise 3, wrong: always the GPU
def gpu_wins_from(p, q, bus, start):
    """Return the smallest power of two from which the GPU is faster."""
    return 128

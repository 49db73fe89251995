# %% exercise 1
def macs(channels, maps, k, size, stride=1, padding=0):
    """Count products of a convolution.  Images of size x size pixels."""
    out = (size + 2 * padding - k) // stride + 1
    return maps * out * out * channels * k * k


# %% exercise 1, wrong: at every pixel, whatever the stride
def macs(channels, maps, k, size, stride=1, padding=0):
    """Count products of a convolution."""
    return maps * size * size * channels * k * k


# %% exercise 2
def most_maps(channels, maps, k):
    """Return the largest r that pays, or 0 if none does."""
    return min(channels, (channels * maps * k * k - 1) // (channels + maps * k * k))


# %% exercise 2, wrong: half of the channels
def most_maps(channels, maps, k):
    """Return the largest r that pays."""
    return channels // 2


# %% exercise 2, wrong: where both are even counts too
def most_maps(channels, maps, k):
    """Return the largest r that pays."""
    return min(channels, channels * maps * k * k // (channels + maps * k * k))


# %% exercise 3
def training_mib(shapes, batch):
    """Return the memory of all kept outputs, in MiB."""
    return batch * 4 * sum(c * h * w for c, h, w in shapes) / 2**20


# %% exercise 3, wrong: float64
def training_mib(shapes, batch):
    """Return the memory of all kept outputs, in MiB."""
    return batch * 8 * sum(c * h * w for c, h, w in shapes) / 2**20

"""What images and labels tell without a network: is a class's mean near its own images?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from minin.doctor.layers import rms
from minin.doctor.vitals import Pixels


def pixel_vitals(images: npt.NDArray[Any], labels: npt.NDArray[Any]) -> Pixels:
    """Classify each image by the nearest mean of the other images of a class.

    Real photographs and drawings beat guessing by far with so little. If they do not, either
    the labels do not belong to these images, or pixels alone do not tell the classes apart.

    **Shapes:** images (N, C, H, W) as the network sees them, labels (N,).

    Example:
        >>> images = np.array([0.0, 1.0, 9.0, 10.0]).reshape(4, 1, 1, 1)
        >>> pixel_vitals(images, np.array([0, 0, 1, 1])).accuracy
        1.0
        >>> pixel_vitals(images, np.array([0, 1, 0, 1])).accuracy
        0.0
    """
    flat = images.reshape(len(images), -1).astype(np.float64)  # (N, F)
    varies = bool(np.any(flat != flat[:1]))
    accuracy, guessing, count = _nearest_mean(flat, labels)
    return Pixels(rms(flat), varies, accuracy, guessing, count)


def _nearest_mean(
    flat: npt.NDArray[np.float64], labels: npt.NDArray[Any]
) -> tuple[float, float, int]:
    """Return the accuracy, that of guessing, and how many images could be asked."""
    found, counts = np.unique(labels, return_counts=True)
    kept = np.isin(labels, found[counts > 1])  # a class needs another image for its mean
    flat, labels = flat[kept], labels[kept]
    if len(found[counts > 1]) < 2:
        return 0.0, 1.0, 0
    classes, index, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    member = (index[None, :] == np.arange(len(classes))[:, None]).astype(np.float64)  # (K, N)
    means = member @ flat / sizes[:, None]  # (K, F)
    squares = (flat**2).sum(axis=1)[:, None] + (means**2).sum(axis=1)[None]
    distances = squares - 2 * flat @ means.T  # (N, K), squared
    rows = np.arange(len(flat))
    # Without the image itself its class's mean lies n / (n - 1) times as far from it.
    distances[rows, index] *= (sizes / (sizes - 1.0))[index] ** 2
    shares = sizes / len(flat)
    right = float(np.mean(distances.argmin(axis=1) == index))
    return right, float(np.sum(shares**2)), len(flat)

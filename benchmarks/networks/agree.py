"""Do all peers compute the same network? A comparison of different ones would be worthless."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.harness.errors import MismatchError

TOLERANCE = 1e-3
# Below this the logits would agree, or training do nothing, whatever the network.
VISIBLE = 10 * TOLERANCE


def check(
    found: Mapping[str, dict[str, Any]],
    parameters: int,
    trained: bool,
    tolerance: float = TOLERANCE,
) -> dict[str, float]:
    """Hold every peer against the first: size, logits, and logits after some training steps.

    Returns the largest difference of each peer's logits from the first's.

    Args:
        found: what each peer's program said of itself.
        parameters: how many numbers the network learns.
        trained: whether training steps were taken.
        tolerance: how far logits may be apart.

    Raises:
        MismatchError: if one is another network, or the check could not have seen it.
    """
    for name, said in found.items():
        if said["parameters"] != parameters:
            raise MismatchError(
                f"{name} has {said['parameters']:,} parameters, and the network {parameters:,}"
            )
    (first, reference), *others = found.items()
    differences: dict[str, float] = {}
    for key in ("logits", "trained")[: 1 + trained]:
        _demand_visible(first, key, reference)
        for name, said in others:
            apart = _difference(name, first, key, said[key], reference[key], tolerance)
            differences[name] = max(apart, differences.get(name, 0.0))
    return differences


def _difference(name: str, first: str, key: str, ours: Any, theirs: Any, tolerance: float) -> float:
    """Return how far apart two networks' logits are.

    Raises:
        MismatchError: if that is too far.
    """
    mine, yours = np.asarray(ours), np.asarray(theirs)
    if mine.shape != yours.shape:
        raise MismatchError(f"{name} returns logits {mine.shape}, {first} {yours.shape}")
    apart = float(np.max(np.abs(mine - yours)))
    if not apart <= tolerance:  # NaN too
        when = "" if key == "logits" else " after some training steps"
        raise MismatchError(
            f"{name} is not the same network as {first}: its logits{when} differ by {apart:.2g}, "
            f"more than {tolerance:g}"
        )
    return apart


def _demand_visible(first: str, key: str, said: dict[str, Any]) -> None:
    """Make sure that a difference could be seen: images matter, and steps move something."""
    logits = np.asarray(said[key])
    seen = {"differ from image to image": logits - logits.mean(axis=0)}
    if key == "trained":
        seen["move in training"] = logits - np.asarray(said["logits"])
    for what, change in seen.items():
        most = float(np.max(np.abs(change)))
        if not most >= VISIBLE:
            raise MismatchError(
                f"the check would not see another network: the logits of {first} {what} by "
                f"{most:.2g}, and {VISIBLE:g} is wanted"
            )

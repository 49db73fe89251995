"""A new axis at the wrong place spreads numbers along the wrong axis: the place is named."""

from __future__ import annotations

from typing import Any

import numpy as np

from minin import gradcheck


def pool(x: Any) -> Any:
    n, c, h, w = x.shape
    blocks = x.reshape(n, c, h // 2, 2, w // 2, 2)
    return blocks.max(axis=(3, 5)), (blocks, blocks.max(axis=(3, 5)))


def pool_back(grad: Any, cache: Any) -> Any:
    blocks, y = cache
    won = blocks == y[:, :, :, None, :, None]
    spread = won * grad[:, :, None, :, None, :]
    n, c, oh, _, ow, _ = blocks.shape
    return spread.reshape(n, c, 2 * oh, 2 * ow)


def test_new_axes_are_moved() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 4))
    report = gradcheck.check_backward(pool, pool_back, (x,))
    (repair,) = report.repair
    assert repair.new == "spread = won * grad[:, :, :, None, :, None]"
    assert not repair.sizes_only

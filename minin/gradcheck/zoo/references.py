"""All references of the zoo, by name."""

from __future__ import annotations

from minin.gradcheck.zoo import (
    batch,
    broadcast,
    columns,
    conv,
    dense,
    elementwise,
    graph,
    loss,
    pool,
)
from minin.gradcheck.zoo.reference import Reference

_ALL = (
    *(conv.CONV2D, conv.CONV1X1, columns.IM2COL, columns.COL2IM),
    *(pool.MAX_POOL2D, pool.AVG_POOL2D, pool.GLOBAL_AVG_POOL2D),
    *(dense.LINEAR, dense.MATMUL),
    *(elementwise.RELU, elementwise.SIGMOID, elementwise.CLIP, elementwise.DROPOUT),
    *(loss.SOFTMAX, loss.SOFTMAX_CROSS_ENTROPY, loss.MSE, loss.RIDGE, loss.HUBER),
    *(broadcast.BROADCAST_ADD, broadcast.BROADCAST_MULTIPLY),
    *(batch.VARIANCE, batch.NORMALISE),
    *(graph.REUSE, graph.DIAMOND, graph.TWICE, graph.TAKE),
)

REFERENCES: dict[str, Reference] = {reference.name: reference for reference in _ALL}

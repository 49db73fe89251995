"""All references of the zoo, by name."""

from __future__ import annotations

from minin.gradcheck.recognise.references import (
    batch,
    broadcast,
    columns,
    conv,
    dense,
    elementwise,
    loss,
    pool,
    reused_values,
)
from minin.gradcheck.recognise.references.record import Reference

_ALL = (
    *(conv.CONV2D, conv.CONV1X1, columns.IM2COL, columns.COL2IM),
    *(pool.MAX_POOL2D, pool.AVG_POOL2D, pool.GLOBAL_AVG_POOL2D),
    *(dense.LINEAR, dense.MATMUL),
    *(elementwise.RELU, elementwise.SIGMOID, elementwise.CLIP, elementwise.DROPOUT),
    *(loss.SOFTMAX, loss.SOFTMAX_CROSS_ENTROPY, loss.MSE, loss.RIDGE, loss.HUBER),
    *(broadcast.BROADCAST_ADD, broadcast.BROADCAST_MULTIPLY),
    *(batch.VARIANCE, batch.NORMALISE),
    *(reused_values.REUSE, reused_values.DIAMOND, reused_values.TWICE, reused_values.TAKE),
)

REFERENCES: dict[str, Reference] = {reference.name: reference for reference in _ALL}

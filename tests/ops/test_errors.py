"""Every mistake with an op has a clear error: its class, the argument, what came, what was wanted.

One table for each class. A row is a wrong call, and then words that the message must hold in
this order. In the calls f(2, 3) is an array of floats of that shape, i(2, 3) one of integers,
s(2, 3) one on the device of another library.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import pytest

import minin
from minin import ops
from minin.autograd import Op
from minin.errors import (
    ArgumentError,
    DeviceError,
    DtypeError,
    MininError,
    OutOfRangeError,
    ShapeError,
)
from tests.cases import CASES
from tests.libraries import put
from tests.test_rule_laws import op_named

SHAPE = """
conv2d(f(2, 4, 4), W)                          | conv2d: x | 4 axes | (2, 4, 4)
conv2d(X, f(3, 2, 3))                          | conv2d: weight | 4 axes | (3, 2, 3)
conv2d(X, f(3, 4, 3, 3))                       | weight | (O, 2, KH, KW) | (1, 2, 4, 4) | (3, 4,
conv2d(X, f(4, 2, 3, 3), groups=2)             | weight | (O, 1, KH, KW) | groups=2 | (4, 2, 3, 3)
conv2d(X, W, f(2))                             | conv2d: bias | (3,) | (2,)
conv2d(X, W, f(3, 1))                          | conv2d: bias | (3,) | (3, 1)
conv2d(X, f(3, 2, 5, 5))                       | height | 4x4 | (4 + 0 + 0 - 1*(5 - 1) - 1)/1 + 1
conv2d(X, f(3, 2, 3, 5))                       | width | 4x4 | (4 + 0 + 0 - 1*(5 - 1) - 1)/1 + 1
conv2d(X, W, dilation=2)                       | height | (4 + 0 + 0 - 2*(3 - 1) - 1)/1 + 1
conv2d(X, W, None, 1, ((0, 0), (0, 1)), (1, 3))  | width | (4 + 0 + 1 - 3*(3 - 1) - 1)/1 + 1
im2col(f(4, 4), 2)                             | im2col: x | 4 axes | (4, 4)
im2col(X, 9, 3)                                | height | (4 + 0 + 0 - 1*(9 - 1) - 1)/3 + 1
col2im(f(8, 9), (4, 4), 2)                     | col2im: cols | 3 axes | (8, 9)
col2im(f(1, 7, 9), (4, 4), 2)                  | cols | (N, C*2*2, 3*3) | 4x4 | (1, 7, 9)
col2im(f(1, 8, 8), (4, 4), 2)                  | cols | (N, C*2*2, 3*3) | 4x4 | (1, 8, 8)
col2im(f(1, 8, 9), (4, 4), 5)                  | height | 4x4
max_pool2d(f(2, 4, 4), 2)                      | max_pool2d: x | 4 axes | (2, 4, 4)
max_pool2d(X, 5)                               | height | (4 + 0 + 0 - 1*(5 - 1) - 1)/5 + 1
max_pool2d(X, 2, dilation=(1, 4))              | width | (4 + 0 + 0 - 4*(2 - 1) - 1)/2 + 1
avg_pool2d(f(2, 4, 4), 2)                      | avg_pool2d: x | 4 axes | (2, 4, 4)
avg_pool2d(X, 5)                               | height | (4 + 0 + 0 - 1*(5 - 1) - 1)/5 + 1
global_avg_pool2d(f(2, 3))                     | global_avg_pool2d: x | (N, C, H, W) | (2, 3)
global_avg_pool2d(f(2, 3, 0, 4))               | global_avg_pool2d | pixel | (2, 3, 0, 4)
mlpconv(X, W, None)                            | mlpconv: weights and biases must be lists
mlpconv(X, [], [])                             | mlpconv: weights and biases must be lists
mlpconv(X, [W, V], [None])                     | mlpconv: biases | 2 weights | 1
mlpconv(X, [W, f(4, 3, 3, 3)], [None] * 2)     | mlpconv: weights[1] | 1, 1) | (4, 3, 3, 3)
mlpconv(X, [W, f(4, 3)], [None] * 2)           | mlpconv: weights[1] | 4 axes | (4, 3)
mlpconv(X, [f(3, 5, 3, 3)], [None])            | mlpconv: weights[0] | 2 | x | (3, 5, 3, 3)
mlpconv(X, [W, f(4, 5, 1, 1)], [None] * 2)     | mlpconv: weights[1] | 3 | weights[0] | (4, 5, 1, 1)
mlpconv(X, [W], [f(4)])                        | mlpconv: biases[0] | (3,) | (4,)
mlpconv(X, [W, V], [f(3), f(3)])               | mlpconv: biases[1] | (4,) | (3,)
mlpconv(f(2, 4, 4), [W], [None])               | mlpconv: x | 4 axes | (2, 4, 4)
linear(f(), f(5, 4))                           | linear: x | at least 1 axis (..., C) | ()
linear(f(2, 3), f(3))                          | linear: weight | 2 axes (O, C) | (3,)
linear(f(2, 3), f(5, 4))                       | linear: weight | (O, 3) | (2, 3) | (5, 4)
linear(f(2, 3), f(5, 3), f(3))                 | linear: bias | (5,) | (3,)
matmul(f(2, 3), f(2, 3))                       | matmul: | x | y | (2, 3) and (2, 3)
matmul(f(3), f(2))                             | matmul: | x | y | (3,) and (2,)
matmul(f(), f(2))                              | matmul: | () and (2,)
matmul(f(2, 2, 3), f(3, 3, 2))                 | matmul: | do not broadcast
maximum(f(2), f(3))                            | maximum: | (2,) and (3,) | broadcast
add(f(2), f(3))                                | add: | (2,) and (3,) | broadcast
subtract(f(2), f(3))                           | subtract: | (2,) and (3,) | broadcast
multiply(f(2), f(3))                           | multiply: | (2,) and (3,) | broadcast
divide(f(2), f(3))                             | divide: | (2,) and (3,) | broadcast
power(f(2), f(3))                              | power: | (2,) and (3,) | broadcast
cross_entropy(f(3), i(3))                      | cross_entropy: logits | 2 axes (N, K) | (3,)
cross_entropy(f(2, 3), i(2, 3))                | target | 1 axis (N) | (2, 3); drop | target[0]
cross_entropy(f(2, 3), i(3))                   | cross_entropy: target | (2,) | (3,)
cross_entropy(f(2, 0), i(2))                   | cross_entropy: | class | (2, 0)
mse_loss(f(2), f(3))                           | mse_loss: target | (2,) | (3,)
mse_loss(f(2, 1), f(2))                        | mse_loss: target | (2, 1) | (2,)
softmax(f(2, 3), 2)                            | softmax: axis | -2 to 1 | 2
softmax(f(2, 3), None)                         | softmax: axis | None
log_softmax(f(2, 3), -3)                       | log_softmax: axis | -2 to 1 | -3
sum(f(2, 3), 2)                                | sum: axis | -2 to 1 | 2
sum(f(2, 3), (0, -2))                          | sum: axis | (0, -2) | twice
mean(f(2, 3), 1.0)                             | mean: axis | 1.0
mean(f(2, 3), (1, 1))                          | mean: axis | (1, 1) | twice
max(f(2, 3), "x")                              | max: axis | 'x'
max(f(2, 3), True)                             | max: axis | True
reshape(f(2, 3), (4, 2))                       | reshape: shape (4, 2) | 6 numbers | (2, 3)
reshape(f(2, 3), (4, -1))                      | reshape: shape (4, -1) | 6 numbers | (2, 3)
transpose(f(2, 3), (0,))                       | transpose: axes | 2 axes | (0,)
transpose(f(2, 3), (0, 0))                     | transpose: | (0, 0) | twice
transpose(f(2, 3), (0, 2))                     | transpose: | (0, 2)
flatten(f(2, 3), 2)                            | flatten: | -2 to 1 | 2
flatten(f(2))                                  | flatten: | -1 to 0 | 1
concatenate([])                                | concatenate: xs | at least one
concatenate([f(2, 3), f(2, 2)])                | concatenate: | axis 0 | (2, 3), (2, 2)
concatenate([f(2), f(2, 2)])                   | concatenate: | (2,), (2, 2)
concatenate([f(2), f(2)], 1)                   | concatenate: axis | 1
concatenate([f(), f()])                        | concatenate: axis | 0
pad2d(f(2, 2), 1)                              | pad2d: x | 4 axes | (2, 2)
where(f(2) > 0, f(3), f(2))                    | where: | (3,) and (2,) | broadcast
where(f(2) > 0, f(3), 0.0)                     | where: | (2,) and (3,) | broadcast
"""

DTYPE = """
conv2d(i(1, 2, 4, 4), W)                       | conv2d: x | float32 or float64 | int64
conv2d(X, i(3, 2, 3, 3))                       | conv2d: weight | float32 or float64 | int64
conv2d(X, W, i(3))                             | conv2d: bias | float32 or float64 | int64
conv2d(f32(1, 2, 4, 4), W)                     | conv2d: x and weight | float32 and float64
conv2d(X, W, f32(3))                           | conv2d: x and bias | float64 and float32
conv2d(None, W)                                | conv2d: x | array | NoneType
conv2d([1.0], W)                               | conv2d: x | array | list
conv2d(X, 3.0)                                 | conv2d: weight | array | float
conv2d(X, W, 1.0)                              | conv2d: bias | array | float
conv2d(X)                                      | conv2d | weight | conv2d(x
conv2d(X, W, strides=1)                        | conv2d | strides | conv2d(x
im2col(2.0, 2)                                 | im2col: x | array | float
max_pool2d(X)                                  | max_pool2d | 'kernel_size' | max_pool2d(x
max_pool2d(X, kernel=2)                        | max_pool2d | 'kernel_size' | max_pool2d(x
col2im(None, (4, 4), 2)                        | col2im: cols | array | NoneType
max_pool2d(i(1, 2, 4, 4), 2)                   | max_pool2d: x | float32 or float64 | int64
max_pool2d(None, 2)                            | max_pool2d: x | array | NoneType
avg_pool2d(i(1, 2, 4, 4), 2)                   | avg_pool2d: x | float32 or float64 | int64
global_avg_pool2d(i(1, 1, 2, 2))               | global_avg_pool2d: x | int64
mlpconv(X, [W, None], [None] * 2)              | mlpconv: weights[1] | array | NoneType
mlpconv(X, [i(3, 2, 1, 1)], [None])            | mlpconv: weights[0] | float32 or float64 | int64
mlpconv(X, [W], [i(3)])                        | mlpconv: biases[0] | float32 or float64 | int64
mlpconv(X, [f32(3, 2, 1, 1)], [None])          | mlpconv: x and weights[0] | float64 and float32
mlpconv(X, [W], [f32(3)])                      | mlpconv: x and biases[0] | float64 and float32
linear(i(2, 3), f(5, 3))                       | linear: x | float32 or float64 | int64
linear(f32(2, 3), f(5, 3))                     | linear: x and weight | float32 and float64
linear(f(2, 3), f(5, 3), f32(5))               | linear: x and bias | float64 and float32
linear(f(2, 3), [1.0])                         | linear: weight | array | list
matmul(f(2, 2), 2.0)                           | matmul: y | array | float
matmul(None, f(2, 2))                          | matmul: x | array | NoneType
relu("a")                                      | relu: x | array | str | minin.tensor
relu()                                         | relu | x | relu(x
relu(f(2), f(2))                               | relu | relu(x
maximum(i(2), f(2))                            | maximum: x | int64
maximum(f(2), i(2))                            | maximum: y | int64
maximum(f(2), "a")                             | maximum: y | array | str
maximum(f(2), None)                            | maximum: y | array | NoneType
maximum(f(2), [1.0, 2.0])                      | maximum: y | array | list
cross_entropy(i(2, 3), i(2))                   | cross_entropy: logits | int64
cross_entropy(f(2, 3), f(2))                   | cross_entropy: target | integers | float64
cross_entropy(f(2, 3), f(2) > 0)               | cross_entropy: target | integers | bool
cross_entropy(f(2, 3), 1)                      | cross_entropy: target | array | int
mse_loss(i(2), f(2))                           | mse_loss: x | int64
mse_loss(f(2), i(2))                           | mse_loss: target | int64
mse_loss(f(2), 1.0)                            | mse_loss: target | array | float
sum(2.0)                                       | sum: x | array | float
sum([1.0, 2.0])                                | sum: x | array | list
reshape(2.0, 1)                                | reshape: x | array | float
transpose(2.0)                                 | transpose: x | array | float
flatten(None)                                  | flatten: x | array | NoneType
concatenate(f(2, 3))                           | concatenate: xs | list or tuple
concatenate([f(2), None])                      | concatenate: xs[1] | array | NoneType
concatenate([1.0, f(2)])                       | concatenate: xs[0] | array | float
pad2d(1.0, 1)                                  | pad2d: x | array | float
where(f(2), f(2), f(2))                        | where: mask | booleans | float64
where(True, f(2), f(2))                        | where: mask | booleans | bool
where(f(2) > 0, f(2), None)                    | where: y | array | NoneType
where(f(2) > 0, [1.0, 2.0], f(2))              | where: x | array | list
"""

_UNARY = ("relu", "leaky_relu", "sigmoid", "tanh", "exp", "log", "sqrt", "abs", "softmax")
for _name in (*_UNARY, "log_softmax", "dropout", "max", "mean"):
    DTYPE += f"""
{_name}(i(2))         | {_name}: x | float32 or float64 | int64
{_name}(f(2) > 0)     | {_name}: x | float32 or float64 | bool
{_name}(f16(2))       | {_name}: x | float32 or float64 | float16
{_name}([1.0, 2.0])   | {_name}: x | array | list | minin.tensor
{_name}(2.0)          | {_name}: x | array | float
{_name}(None)         | {_name}: x | array | NoneType
"""

ARGUMENT = """
conv2d(X, W, stride=0)                         | stride | at least 1 | 0
conv2d(X, W, stride=-1)                        | stride | at least 1 | -1
conv2d(X, W, stride=1.5)                       | stride | int | 1.5
conv2d(X, W, stride=True)                      | stride | int | True
conv2d(X, W, stride="2")                       | stride | int | '2'
conv2d(X, W, stride=(1, 2, 3))                 | stride | (rows, columns) | (1, 2, 3)
conv2d(X, W, stride=(1, 0))                    | stride[1] | at least 1 | 0
conv2d(X, W, dilation=0)                       | dilation | at least 1 | 0
conv2d(X, W, stride=2**63)                     | stride | at most 2,147,483,647 pixels
conv2d(X, W, padding=10**9)                    | border | 4x4 | 2,000,000,004 x 2,000,000,004
im2col(X, (1, 10**9), padding=((0, 0), (0, 10**9)))  | kernel_size | 1,048,576 cells
conv2d(X, W, padding=(10**8, 1))               | border | 16,777,216 | 200,000,004 x 6
avg_pool2d(X, 4000, padding=2000)              | kernel_size | 1,048,576 cells | (4000, 4000)
conv2d(X, W, padding=f(2))                     | padding | int | array([1., 1.])
conv2d(X, W, groups=2)                         | conv2d: groups | 2 channels | 3 filters | 2
conv2d(X, W, groups=0)                         | groups | at least 1 | 0
conv2d(X, W, groups=1.0)                       | groups | int | 1.0
conv2d(X, W, padding=-1)                       | padding | at least 0 | -1
conv2d(X, W, padding="Same")                   | padding | 'same' or 'valid' | 'Same'
conv2d(X, W, padding="full")                   | padding | 'same' or 'valid' | 'full'
conv2d(X, W, padding=0.5)                      | padding | int | 0.5
conv2d(X, W, padding=None)                     | padding | int | None
conv2d(X, W, padding=(1, 2, 3))                | padding | (1, 2, 3)
conv2d(X, W, padding=((1, 2), 3))              | padding | (top, bottom) | ((1, 2), 3)
conv2d(X, W, padding=((1, 2), (1, 2, 3)))      | padding[1] | (1, 2, 3)
conv2d(X, W, padding=((1, -1), (0, 0)))        | padding[0][1] | at least 0 | -1
im2col(X, 0)                                   | kernel_size | at least 1 | 0
im2col(X, 2.0)                                 | kernel_size | int | 2.0
im2col(X, (1, 2, 3))                           | kernel_size | (rows, columns) | (1, 2, 3)
im2col(X, 2, padding="SAME")                   | padding | 'same' or 'valid' | 'SAME'
im2col(X, 2, stride=0)                         | stride | at least 1 | 0
im2col(X, 2, dilation=0)                       | dilation | at least 1 | 0
col2im(f(1, 8, 9), (4, 4, 4), 2)               | output_size | (rows, columns) | (4, 4, 4)
col2im(f(1, 8, 9), 0, 2)                       | output_size | at least 1 | 0
col2im(f(1, 8, 9), (4, 4), 2, padding="x")     | padding | 'x'
max_pool2d(X, 0)                               | kernel_size | at least 1 | 0
max_pool2d(X, None)                            | kernel_size | int | None
max_pool2d(X, 2, 0)                            | stride | at least 1 | 0
max_pool2d(X, 2, padding=2)                    | max_pool2d: padding | half | 2 rows | (2, 2)
max_pool2d(X, 2, padding=((0, 0), (0, 2)))     | max_pool2d: padding | half | 2 columns | (0, 2)
max_pool2d(X, 2, padding="same")               | padding | 'valid'; got 'same'
max_pool2d(X, 2, padding=-1)                   | padding | at least 0 | -1
max_pool2d(X, 2, dilation=0)                   | dilation | at least 1 | 0
avg_pool2d(X, 0)                               | kernel_size | at least 1 | 0
avg_pool2d(X, 2, 0)                            | stride | at least 1 | 0
avg_pool2d(X, 2, padding=2)                    | avg_pool2d: padding | half | 2 rows | (2, 2)
avg_pool2d(X, 2, padding="same")               | padding | 'valid'; got 'same'
mlpconv(X, [W], [None], stride=0)              | stride | at least 1 | 0
mlpconv(X, [W], [None], padding="x")           | padding | 'same' or 'valid' | 'x'
leaky_relu(f(2), "a")                          | leaky_relu: negative_slope | number | 'a'
leaky_relu(f(2), None)                         | leaky_relu: negative_slope | number | None
cross_entropy(f(2, 3), i(2) + 3)               | target | 0 to 2 | (2, 3) | from 3 to 3
cross_entropy(f(2, 3), i(2) - 1)               | target | 0 to 2 | from -1 to -1 | count classes
cross_entropy(f(2, 3), i(2), "avg")            | cross_entropy: reduction | sum or none | 'avg'
cross_entropy(f(2, 3), i(2), None)             | cross_entropy: reduction | sum or none | None
cross_entropy(f(2, 3), i(2), "sum", 1.5)       | cross_entropy: label_smoothing | 0 to 1 | 1.5
cross_entropy(f(2, 3), i(2), "sum", -0.1)      | cross_entropy: label_smoothing | 0 to 1 | -0.1
cross_entropy(f(2, 3), i(2), "sum", nan)       | cross_entropy: label_smoothing | 0 to 1 | nan
cross_entropy(f(2, 3), i(2), "sum", "a")       | cross_entropy: label_smoothing | 0 to 1 | 'a'
mse_loss(f(2), f(2), "max")                    | mse_loss: reduction | mean, sum or none | 'max'
dropout(f(2), -0.1)                            | dropout: p must | 0 to 1 | -0.1
dropout(f(2), 1.1)                             | dropout: p must | 0 to 1 | 1.1
dropout(f(2), nan)                             | dropout: p must | 0 to 1 | nan
dropout(f(2), "a")                             | dropout: p must | 0 to 1 | 'a'
dropout(f(2), None)                            | dropout: p must | 0 to 1 | None
dropout(f(2), rng=-1)                          | rng | Generator or an int seed | -1
dropout(f(2), rng=1.5)                         | rng | Generator or an int seed | 1.5
dropout(f(2), rng=True)                        | rng | Generator or an int seed | True
dropout(f(2), rng="seed")                      | rng | Generator or an int seed | 'seed'
reshape(f(2, 3), (-1, -1))                     | reshape: shape | (-1, -1)
reshape(f(2, 3), (-2, 3))                      | reshape: shape | (-2, 3)
reshape(f(2, 3), (2.0, 3))                     | reshape: shape | (2.0, 3)
reshape(f(2, 3), None)                         | reshape: shape | None
pad2d(X, -1)                                   | padding | at least 0 | -1
pad2d(X, 10**9)                                | border | 4x4 | 2,000,000,004 x 2,000,000,004
pad2d(X, "same")                               | padding | int | 'same'
pad2d(X, (1, 2, 3, 4))                         | padding | (1, 2, 3, 4)
pad2d(X, 1, "a")                               | pad2d: value | number | 'a'
where(f(2) > 0, 1.0, 2.0)                      | where: x or y | two numbers
"""

DEVICE = """
conv2d(s(1, 2, 4, 4), W)                       | x | strict | device1 | weight | numpy | cpu
conv2d(X, W, s(3))                             | conv2d: x | numpy | bias | array_api_strict | .to(
mlpconv(X, [s(3, 2, 1, 1)], [None])            | mlpconv: x | numpy | weights[0] | strict
mlpconv(X, [W], [s(3)])                        | mlpconv: x | numpy | biases[0] | strict
linear(f(2, 3), s(5, 3))                       | linear: x | numpy | weight | strict
matmul(f(2, 2), s(2, 2))                       | matmul: x | numpy | y | strict
maximum(f(2), s(2))                            | maximum: x | numpy | y | strict
add(f(2), s(2))                                | add: x | numpy | y | strict
subtract(f(2), s(2))                           | subtract: x | numpy | y | strict
multiply(s(2), f(2))                           | multiply: x | strict | y | numpy
divide(f(2), s(2))                             | divide: x | numpy | y | strict
power(f(2), s(2))                              | power: x | numpy | y | strict
cross_entropy(s(2, 3), i(2))                   | cross_entropy: logits | strict | target | numpy
mse_loss(f(2), s(2))                           | mse_loss: x | numpy | target | strict
concatenate([f(2), s(2)])                      | concatenate: xs[0] | numpy | xs[1] | strict
where(f(2) > 0, f(2), s(2))                    | where: mask | numpy | y | strict
"""

OUT_OF_RANGE = """
getitem(f(2), 2)                               | index 2 | (2,)
getitem(f(2), (0, 0))                          | index (0, 0) | (2,)
getitem(f(2), "a")                             | index 'a' | (2,)
"""

TABLES: dict[type[MininError], str] = {
    ShapeError: SHAPE,
    DtypeError: DTYPE,
    ArgumentError: ARGUMENT,
    DeviceError: DEVICE,
    OutOfRangeError: OUT_OF_RANGE,
}


class Row(NamedTuple):
    """One mistake."""

    call: str
    error: type[MininError]
    words: list[str]

    @property
    def op(self) -> str:
        """The op's name."""
        return self.call.partition("(")[0]

    def run(self) -> None:
        """Make the mistake."""
        known: dict[str, Any] = {
            "f": lambda *shape: np.ones(shape),
            "f32": lambda *shape: np.ones(shape, np.float32),
            "f16": lambda *shape: np.ones(shape, np.float16),
            "i": lambda *shape: np.zeros(shape, np.int64),
            "s": lambda *shape: put(np.ones(shape), "strict"),
            "X": np.ones((1, 2, 4, 4)),
            "W": np.ones((3, 2, 3, 3)),
            "V": np.ones((4, 3, 1, 1)),
            "nan": float("nan"),
            self.op: op_named(self.op),
        }
        eval(self.call, known)


ROWS = [
    Row(call.strip(), error, [word.strip() for word in words])
    for error, text in TABLES.items()
    for call, *words in (line.split("|") for line in text.splitlines() if line)
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.call)
def test_a_mistake_has_its_own_clear_error(row: Row) -> None:
    with pytest.raises(MininError) as caught:
        row.run()
    message = str(caught.value)
    assert type(caught.value) is row.error, message
    pattern = ".*".join(re.escape(word) for word in row.words)
    assert re.search(pattern, message), f"{message!r} should say {row.words}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.call)
def test_an_error_is_also_pythons_own_and_shows_no_other(row: Row) -> None:
    """`except ValueError` works, and no NumPy traceback stands above the message."""
    with pytest.raises((ValueError, TypeError, IndexError)) as caught:
        row.run()
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__


def test_every_op_has_a_row() -> None:
    assert set(CASES) - {row.op for row in ROWS} == {"negative"}  # which takes anything


@pytest.mark.parametrize("name", sorted({row.op for row in ROWS} & set(vars(ops))))
def test_the_docstring_names_the_errors(name: str) -> None:
    op: Op[Any] = op_named(name)
    for error in (ShapeError, DtypeError):
        rows = [row for row in ROWS if row.op == name and row.error is error]
        # What every op refuses alike, a call without its arguments or on no array, needs no line.
        own = [row for row in rows if "array" not in row.words and "x" not in row.words[1:]]
        if own:
            assert error.__name__ in str(op.__doc__), f"{name} raises {error.__name__}: {own[0]}"


def test_a_mistake_leaves_the_tensors_as_they_were() -> None:
    x = minin.tensor([1.0, 2.0], requires_grad=True)
    for _ in range(2):
        with pytest.raises(ShapeError):
            (x * 2) + minin.tensor([1.0, 2.0, 3.0])
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]

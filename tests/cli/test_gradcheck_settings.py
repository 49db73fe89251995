"""`minin gradcheck --function` with settings as courses hand them over, bare or in a dictionary."""

from __future__ import annotations

import pytest

from tests.choice import mostly_thorough
from tests.cli.conftest import assert_error, call
from tests.cli.test_gradcheck import written

# A convolution by loops; HEAD is the rest of forward's signature, S and P are what it reads.
CONV = """
import numpy as np

def forward(x, w HEAD):
    s, p = S, P
    kh, kw = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    oh, ow = (xp.shape[2] - kh) // s + 1, (xp.shape[3] - kw) // s + 1
    y = np.zeros((len(x), len(w), oh, ow))
    for i in range(oh):
        for j in range(ow):
            cell = xp[:, :, i * s : i * s + kh, j * s : j * s + kw]
            y[:, :, i, j] = np.tensordot(cell, w, ([1, 2, 3], [1, 2, 3])) + BIAS
    return y, (x, xp, w, s, p)

def backward(dout, cache):
    x, xp, w, s, p = cache
    kh, kw = w.shape[2:]
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            cell = np.s_[:, :, i * s : i * s + kh, j * s : j * s + kw]
            dxp[cell] += np.tensordot(dout[:, :, i, j], w, (1, 0))
            dw += np.tensordot(dout[:, :, i, j], xp[cell], (0, 0))
    dx = dxp[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    return GRADS
"""

# Pooling over images with channels last, `hparameters` and a mode, as one course has it.
POOL_LAST = """
import numpy as np

def forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, h, w, c = A_prev.shape
    out = np.zeros((m, (h - f) // stride + 1, (w - f) // stride + 1, c))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            cell = A_prev[:, i * stride : i * stride + f, j * stride : j * stride + f]
            out[:, i, j] = cell.max(axis=(1, 2)) if mode == "max" else cell.mean(axis=(1, 2))
    return out, (A_prev, hparameters)

def backward(dA, cache):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros_like(A_prev)
    for i in range(dA.shape[1]):
        for j in range(dA.shape[2]):
            cell = np.s_[:, i * stride : i * stride + f, j * stride : j * stride + f]
            won = A_prev[cell] == A_prev[cell].max(axis=(1, 2), keepdims=True)
            dA_prev[cell] += won * dA[:, i : i + 1, j : j + 1]
    return dA_prev
"""

# The same course's convolution: four loops, a bias of four axes.
CONV_LAST = """
import numpy as np

def forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    m, h, w, _ = padded.shape
    Z = np.zeros((m, (h - f) // stride + 1, (w - W.shape[1]) // stride + 1, W.shape[3]))
    for i in range(Z.shape[1]):
        for j in range(Z.shape[2]):
            for c in range(Z.shape[3]):
                cell = padded[:, i * stride : i * stride + f, j * stride : j * stride + W.shape[1]]
                Z[:, i, j, c] = (cell * W[..., c]).sum(axis=(1, 2, 3)) + b[:, :, :, c].item()
    return Z, (A_prev, W, b, hparameters)

def backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpad, dW, db = np.zeros_like(padded), np.zeros_like(W), np.zeros_like(b)
    for i in range(dZ.shape[1]):
        for j in range(dZ.shape[2]):
            cell = np.s_[:, i * stride : i * stride + len(W), j * stride : j * stride + W.shape[1]]
            dpad[cell] += np.einsum("no,hwco->nhwc", dZ[:, i, j], W)
            dW += np.einsum("nhwc,no->hwco", padded[cell], dZ[:, i, j])
    db += dZ.sum(axis=(0, 1, 2))
    return dpad[:, pad : pad + A_prev.shape[1], pad : pad + A_prev.shape[2]], dW, db
"""


def conv(head: str, stride: str, pad: str, bias: bool = True) -> str:
    grads = "dx, dw, dout.sum((0, 2, 3))" if bias else "dx, dw"
    text = CONV.replace("HEAD", head).replace("S, P", f"{stride}, {pad}")
    return written(text.replace("BIAS", "b" if bias else "0").replace("GRADS", grads))


def in_dictionary(name: str) -> str:
    return conv(f", b, {name}", f'{name}["stride"]', f'{name}["pad"]')


@pytest.mark.parametrize(
    "params",
    mostly_thorough(
        [
            '{"stride": 2, "pad": 1}',
            '{"conv_param": {"stride": 2, "pad": 1}}',
            '{"conv_param": {"stride": 2, "pad": 1, "name": "conv1"}}',
            '{"conv_param": {"pad": 1, "stride": 2}}',
        ],
        lambda row: row.startswith('{"conv_param') and "name" in row,
    ),
)
def test_a_dictionary_of_settings_bare_or_by_name(params: str) -> None:
    path = in_dictionary("conv_param")
    done = call("gradcheck", "--function", path, "--op", "conv2d", "--params", params)
    assert (done.code, done.err) == (0, "")
    assert "stride 2 pad 1" in done.out or "pad 1 stride 2" in done.out


@pytest.mark.thorough
def test_a_dictionary_by_name_is_what_forward_gets() -> None:
    head = ", b, conv_param=None"  # with a default it is a dictionary only if --params says so
    path = conv(head, '(conv_param or {"my_s": 1})["my_s"]', '(conv_param or {}).get("pad", 0)')
    params = '{"conv_param": {"my_s": 2, "stride": 2, "pad": 1}}'
    done = call("gradcheck", "--function", path, "--op", "conv2d", "--params", params)
    assert (done.code, done.err) == (0, "")
    assert "my_s 2" in done.out


@pytest.mark.parametrize(
    ("head", "stride", "pad", "params"),
    mostly_thorough(
        [
            (", b, stride, pad", "stride", "pad", '{"stride": 2, "pad": 1}'),
            (", b, stride, pad", "stride", "pad", '{"stride": 2}'),
            (", b, stride, pad", "stride", "pad", "{}"),
            (", b, s, p", "s", "p", '{"s": 2, "p": 1}'),
            (", b, pad, conv_param", 'conv_param["stride"]', "pad", '{"stride": 2, "pad": 1}'),
            (
                ", b, conv_param",
                'conv_param["s"]',
                'conv_param["padding"]',
                '{"stride": 2, "pad": 1}',
            ),
            (", b, conv_param, more", "conv_param['stride']", "more", '{"stride": 2, "more": 0}'),
            (
                ", b, param={'stride': 1, 'pad': 1}",
                'param["stride"]',
                'param["pad"]',
                '{"stride": 2}',
            ),
            (", b, param={'stride': 1, 'pad': 1}", 'param["stride"]', 'param["pad"]', "{}"),
            (", b, **given", 'given.get("stride", 1)', 'given.get("pad", 0)', '{"stride": 2}'),
        ],
        lambda row: row[0] == ", b, stride, pad" and row[3] == "{}",
    ),
)
def test_settings_one_by_one(head: str, stride: str, pad: str, params: str) -> None:
    path = conv(head, stride, pad)
    done = call("gradcheck", "--function", path, "--op", "conv2d", "--params", params)
    assert (done.code, done.err) == (0, "")
    assert ("stride 2" in done.out or "s 2" in done.out) == ("2" in params)


@pytest.mark.parametrize(
    ("head", "stride", "params"),
    mostly_thorough(
        [
            (", stride=1", "stride", '{"stride": 2}'),
            (", conv_param", 'conv_param["stride"]', '{"conv_param": {"stride": 2}}'),
        ],
        lambda row: "conv_param" in row[0],
    ),
)
def test_a_convolution_without_bias(head: str, stride: str, params: str) -> None:
    path = conv(head, stride, "0", bias=False)
    done = call("gradcheck", "--function", path, "--op", "conv2d", "--params", params)
    assert (done.code, done.err) == (0, "")
    assert "stride 2" in done.out


@pytest.mark.parametrize(
    ("text", "op", "params"),
    mostly_thorough(
        [
            (POOL_LAST, "max_pool2d", '{"f": 3, "stride": 2}'),
            (POOL_LAST, "max_pool2d", '{"hparameters": {"f": 3, "stride": 2}}'),
            (POOL_LAST, "max_pool2d", "{}"),
            (CONV_LAST, "conv2d", '{"hparameters": {"pad": 1, "stride": 2}}'),
            (CONV_LAST, "conv2d", '{"pad": 1, "stride": 2}'),
        ],
        lambda row: row[0] is POOL_LAST and "hparam" in row[2],
    ),
)
def test_channels_last_and_hparameters(text: str, op: str, params: str) -> None:
    path = written(text)
    done = call("gradcheck", "--function", path, "--op", op, "--params", params)
    assert (done.code, done.err) == (0, "")
    assert "PASSED" in done.out
    spoiled = written(text.replace("cell] +=", "cell] ="))
    done = call("gradcheck", "--function", spoiled, "--op", op, "--params", params)
    assert (done.code, done.err) == (1, "")
    assert "[C" in done.out  # and it is named, in this layout too


@pytest.mark.parametrize(
    ("params", "parts"),
    [
        ('{"conv_params": {"stride": 2}}', ("unknown argument of forward 'conv_params'",)),
        ('{"conv_params": {"stride": 2}}', ("did you mean 'conv_param'?",)),
        ('{"conv_param": {"pad": 1, "nothing": 2}}', ("'my_s'", '{"conv_param": {"stride": 2}}')),
        ('{"my_s": 2}', ("unknown setting of conv2d 'my_s'", '{"conv_param": {"my_s": ...}}')),
    ],
)
def test_what_forward_does_not_take_is_said(params: str, parts: tuple[str, ...]) -> None:
    path = conv(", b, conv_param", 'conv_param["my_s"]', "0")
    words = ("gradcheck", "--function", path, "--op", "conv2d", "--params", params)
    assert_error(call(*words), *parts)

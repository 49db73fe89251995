"""The line that a repair names in students' programs is the line of their mistake."""
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minin import gradcheck
from tests.choice import mostly_thorough
from tests.gradcheck.student_programs import STUDENT_PROGRAMS

# What the line has in it where the mistake is, read by hand.
LINES = {
    "gate-first-channel-taken": "dgate = dout * x",
    "scale-dx-is-dout-in-place": "dx = dout",
    "affine-weight-gradient-transposed": "dw = dout.T.dot(",
    "bias-class-not-summed-at-all": "return 1.0 * dout, 1.0 * dout",
    "linear-one-liner-bias-mean": "g.mean(axis=0)",
    "conv-naive-loops-assign-the-window": "dx_pad[n, :, hs : hs + HH, ws : ws + WW] = np.sum(",
    "conv-positions-stride-forgotten": "rows, cols = slice(i, i + kh), slice(j, j + kw)",
    "conv-matlab-crop-starts-one-early": "dx = dxp[:, :, (pad - 1) :",
    "conv-nhwc-comes-back-as-ncwh": "return dX.transpose(0, 3, 2, 1)",
    "conv-keras-bias-over-all-but-last": "d_bias = upstream.sum(axis=(0, 1, 2))",
    "conv-im2col-indices-buffered-add": "x_padded[:, k, i, j] += cols_reshaped",
    "conv-caffe-weight-of-the-last-image": "weight_diff = (diff @",
    "conv-take-reshape-of-the-gradient": "dout_mat = dout.reshape(",
    "conv1x1-columns-read-back-by-sample": ".reshape(N, C, H, W)",
    "conv-asv-forgets-plus": "dxp[:, :, y : y + s * oh : s, x : x + s * ow : s] = dcol",
    "conv-blog-full-without-flip": "dx = correlate_valid(",
    "conv-einsum-kernel-letters-swapped": "dw = np.einsum(",
    "conv1x1-einsum-channels-swapped": "dw = np.einsum(",
    "linear-class-same-transpose-both-ways": "return grad @ self.weight.T",
    "maxpool-naive-overlap-assigned": "dx[n, c, i * s + r, j * s + q] = dout",
    "maxpool-class-argmax-unravelled-in-fortran-order": "np.unravel_index(",
    "maxpool-indices-buffered-add": "dx[np.arange(len(dx))[:, None], indices] +=",
    "avgpool-divided-by-the-height": "average = dout[:, :, i, j] / ph",
    "gap-not-divided": "return np.broadcast_to(",
    "relu-class-mask-of-the-gradient": "dx[dout <= 0] = 0",
    "leaky-where-alpha-times-x": "dx = dout * np.where(",
    "dropout-cs231n-not-scaled-back": "dx = dout * mask",
    "xent-keras-mean-forgotten": "return upstream * (p - y_true)",
    "xent-cs231n-whole-columns": "dx[:, y] -= 1",
    "xent-softmax-over-the-batch-in-backward": "prob = e / np.sum(e, axis=0)",
    "xent-octave-label-one-too-low": "indicator[i - 1, y[i - 1] - 1] = 1",
}
QUICK = list(LINES)[:4]
PROGRAMS = {program.name: program for program in STUDENT_PROGRAMS}


@pytest.mark.parametrize("name", mostly_thorough(LINES, QUICK.__contains__))
def test_the_line_is_where_the_mistake_is(name):
    program = PROGRAMS[name]
    inputs, params = program.inputs(np.random.default_rng(5))
    report = gradcheck.check_backward(program.forward, program.backward, inputs, params=params)
    first = report.repair[0]
    line = Path(first.file).read_text("utf-8").split("\n")[first.line - 1]
    assert LINES[name] in line
    assert first.tried < 6_000


def test_the_same_program_gets_the_same_words():
    program = PROGRAMS["gate-first-channel-taken"]
    inputs, params = program.inputs(np.random.default_rng(5))
    one, two = (
        gradcheck.check_backward(program.forward, program.backward, inputs, params=params).repair
        for _ in range(2)
    )
    assert one == two

"""The catalogue: 73 ways to get a gradient wrong, each with a stable id.

The letter groups them: A scale, B order of axes and elements, C accumulation, D geometry of
windows, E kinks and masks, F softmax, G bias and broadcasting, H the harness around the rule.
Reports, hints and lessons refer to the ids, so an id never changes its meaning.

E1, E5, E8 and H5 describe a right backward; their sentences say so.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bug:
    """One entry of the catalogue.

    Args:
        id: a letter and a number that never change.
        name: what happens, in a few words.
        sentence: what is wrong and how to mend it, as a report says it.
    """

    id: str
    name: str
    sentence: str


_CATALOGUE = (
    Bug(
        "A1",
        "mean loss, gradient without 1/N",
        "the loss is a mean over the batch, so its gradient must be divided by the batch size "
        "as well",
    ),
    Bug(
        "A2",
        "1/N applied twice",
        "the gradient is divided by the batch size a second time; the mean in the loss has done "
        "that already, so only add up here",
    ),
    Bug(
        "A3",
        "global average without 1/(H*W)",
        "every pixel contributes 1/(H*W) to the mean, so its gradient must be divided by H*W",
    ),
    Bug(
        "A4",
        "average pool divides by a wrong count",
        "the gradient must be divided by the same count that forward divided by: all KH*KW "
        "cells of the window, or those inside the image",
    ),
    Bug(
        "A5",
        "a factor 2 or 1/2 is off",
        "the derivative of z**2 is 2*z and that of z**2/2 is z; make the factor in backward fit "
        "the loss, penalty included",
    ),
    Bug(
        "A6",
        "wrong sign",
        "the sign is reversed; for a loss take prediction minus target, not target minus "
        "prediction",
    ),
    Bug(
        "A7",
        "keep probability missing in backward",
        "forward divides the kept numbers by the keep probability, so backward must do it "
        "exactly once too",
    ),
    Bug(
        "A8",
        "new dropout mask in backward",
        "backward draws a mask of its own; keep the mask that forward used and multiply by that "
        "one",
    ),
    Bug(
        "A9",
        "gradients not set to zero between calls",
        "each call adds to the gradients of the last one; start every backward from zero",
    ),
    Bug(
        "A10",
        "n confused with n - 1 in a variance",
        "forward divides the squares by n and backward by n - 1, or the reverse; use the same "
        "count in both",
    ),
    Bug(
        "A11",
        "upstream gradient ignored",
        "the incoming gradient is never used, as if it were all ones; multiply by it",
    ),
    Bug(
        "A12",
        "upstream gradient applied twice",
        "the incoming gradient is multiplied in twice; once is the chain rule",
    ),
    Bug(
        "A13",
        "local derivative at the wrong point",
        "the derivative is evaluated at the wrong number, the output where the input belongs or "
        "the reverse",
    ),
    Bug(
        "A14",
        "scale applied once per sample",
        "a scale or penalty stands inside the loop over the batch and hits the buffer once per "
        "sample; move it behind the loop",
    ),
    Bug(
        "B1",
        "gradient of the weights transposed",
        "the gradient of the matrix comes out transposed; it must have the shape and order of "
        "the matrix itself",
    ),
    Bug(
        "B2",
        "W used for its transpose",
        "backward multiplies by W where W.T belongs; the shapes hide it because W is square",
    ),
    Bug(
        "B3",
        "kernel flip wrong",
        "the kernel is flipped once too often or too seldom; grad_x uses it turned by 180 "
        "degrees in a full convolution, grad_w not at all",
    ),
    Bug(
        "B4",
        "im2col rows in another order",
        "the columns are read as (kh, kw, c) although they were written as (c, kh, kw); use one "
        "order in both directions",
    ),
    Bug(
        "B5",
        "reshape where a transpose belongs",
        "reshape only cuts the same run of numbers anew; axes change places by transpose, "
        "before the reshape",
    ),
    Bug(
        "B6",
        "samples and pixels mixed in the columns",
        "the axis of windows is read as (pixel, sample) but was written as (sample, pixel); "
        "samples leak into each other",
    ),
    Bug(
        "B7",
        "H and W swapped",
        "rows and columns of the image are exchanged somewhere in backward; keep the order (H, "
        "W), which a square image cannot show",
    ),
    Bug(
        "B8",
        "KH and KW swapped",
        "rows and columns of the kernel are exchanged in backward; keep the order (KH, KW), "
        "which a square kernel cannot show",
    ),
    Bug(
        "B9",
        "input and output channels swapped",
        "the two channel axes of the weights are exchanged; the gradient is (O, C, KH, KW) like "
        "the weights",
    ),
    Bug(
        "B10",
        "argmax unravelled column by column",
        "the winner's number in the window is split as k % KH, k // KH; row by row it is k // "
        "KW, k % KW",
    ),
    Bug(
        "B11",
        "label shifted",
        "the label of another class or row is used for the -1; subtract it at [n, y[n]] exactly",
    ),
    Bug(
        "B12",
        "channels reversed",
        "the channels come out in reverse order, as in a mix of RGB and BGR",
    ),
    Bug(
        "C1",
        "col2im assigns instead of adding",
        "overlapping windows assign (=) to a shared pixel where they should add (+=)",
    ),
    Bug(
        "C2",
        "buffered fancy-index +=",
        "dx[index] += g keeps only one of several equal indices; use np.add.at or np.bincount",
    ),
    Bug(
        "C3",
        "overlapping max pool assigns",
        "a pixel that wins several windows keeps one gradient only; add (+=) where windows overlap",
    ),
    Bug(
        "C4",
        "one of two uses overwritten",
        "a value that is used twice receives two gradients, and the second overwrites the "
        "first; add them",
    ),
    Bug(
        "C5",
        "only the last sample counts",
        "the gradient is assigned (=) in the loop over the batch, so one sample is left; add (+=)",
    ),
    Bug(
        "C6",
        "wrong topological order",
        "a node passes its gradient on before all of its consumers have contributed; sort the "
        "graph, then walk it backwards",
    ),
    Bug(
        "C7",
        "shared parameter counted once",
        "the parameter is used in two places but only one use reaches its gradient; add the "
        "gradients of both",
    ),
    Bug(
        "D1",
        "stride ignored in backward",
        "backward steps by one where forward stepped by the stride; window i starts at i * stride",
    ),
    Bug(
        "D2",
        "upstream gradient not dilated",
        "for a stride above 1 the incoming gradient needs stride - 1 zeros between its pixels "
        "before the full convolution",
    ),
    Bug(
        "D3",
        "padding cropped at the wrong place",
        "the padded gradient must be cut at [pad : pad + H]; here the cut is shifted or missing",
    ),
    Bug(
        "D4",
        "[p:-p] with p = 0",
        "dx[p:-p] is empty when the padding p is 0; write dx[p : p + H]",
    ),
    Bug(
        "D5",
        "border ring lost",
        "the outermost pad pixels of the image receive no gradient, as if the padding were cut "
        "off twice",
    ),
    Bug(
        "D6",
        "leftover rows wrong",
        "(H + 2*pad - KH) is no multiple of the stride: the last rows lie under no window, so "
        "their gradient is zero and stays in the shape",
    ),
    Bug(
        "D7",
        "max pool padded with 0",
        "padding wins against negative pixels when it is 0; pad with -inf so that it never wins",
    ),
    Bug(
        "D8",
        "output size ignores the padding",
        "backward counts its windows as (H - KH) // stride + 1 without 2*pad, so the last "
        "windows are missing",
    ),
    Bug(
        "D9",
        "same padding on the wrong side",
        "an even kernel needs one pad pixel more on one side, and backward puts it on the other "
        "one than forward",
    ),
    Bug(
        "D10",
        "ceil and floor confused",
        "forward rounds the number of windows up and backward down (or the reverse), so the "
        "last windows do not fit",
    ),
    Bug(
        "E1",
        "slope 1 at x = 0",
        "at exactly 0 any slope from 0 to 1 is a legitimate choice: >= instead of > is a "
        "convention, not a mistake",
    ),
    Bug(
        "E2",
        "mask taken from the gradient",
        "the mask must say where x > 0, not where the incoming gradient is positive",
    ),
    Bug(
        "E3",
        "gradient not masked",
        "the gradient passes where forward cut off; multiply by the mask of forward",
    ),
    Bug(
        "E4",
        "all tied maxima get the full gradient",
        "each of the t equal maxima receives the whole gradient, t times too much in all; give "
        "it to one, or a t-th to each",
    ),
    Bug(
        "E5",
        "tied maxima share the gradient",
        "equal maxima share the gradient: a legitimate subgradient and a convention, not a mistake",
    ),
    Bug(
        "E6",
        "whole window receives the gradient",
        "only the largest pixel of a window moves the maximum; all others have gradient zero",
    ),
    Bug(
        "E7",
        "clipping kills the gradient",
        "the gradient is zero wherever the value is clipped although the output still depends "
        "on it there; clip the gradient instead",
    ),
    Bug(
        "E8",
        "difference step crosses a kink",
        "an input lies nearer to a kink than the step: the numeric slope mixes both sides and "
        "the backward is right",
    ),
    Bug(
        "F1",
        "softmax over the wrong axis",
        "backward sums over another axis than forward; each row of the gradient of the logits "
        "must sum to 0",
    ),
    Bug(
        "F2",
        "only the diagonal of the softmax Jacobian",
        "p*(1 - p) is the diagonal alone; the full product is p * (g - sum(g * p))",
    ),
    Bug(
        "F3",
        "-1 at the label missing",
        "the gradient of the logits is softmax minus one-hot; the 1 at the label is not subtracted",
    ),
    Bug(
        "F4",
        "d[:, y] -= 1",
        "d[:, y] hits whole columns; write d[np.arange(N), y] -= 1, one entry a row",
    ),
    Bug(
        "F5",
        "probabilities changed in place",
        "backward subtracts inside the cached probabilities, so a second call starts from "
        "spoilt ones; copy first",
    ),
    Bug(
        "F6",
        "exp overflows or log of 0",
        "exp of a large logit is inf, and inf / inf is nan; subtract the largest logit of each "
        "row first",
    ),
    Bug(
        "G1",
        "bias summed over the wrong axes",
        "the gradient of the bias is summed over all axes but its own",
    ),
    Bug(
        "G2",
        "broadcast axis not summed",
        "an axis that broadcasting added in front must be summed away in the gradient",
    ),
    Bug(
        "G3",
        "size-1 axis not summed",
        "an axis of length 1 that was stretched must be summed with keepdims=True",
    ),
    Bug(
        "G4",
        "(N,) met (N, 1)",
        "an (N,) array against an (N, 1) array makes an (N, N) table; give both the same shape",
    ),
    Bug(
        "G5",
        "bias gradient averaged",
        "the gradient of the bias is a mean where it must be a sum; any mean belongs to the "
        "loss alone",
    ),
    Bug(
        "H1",
        "input or upstream gradient changed in place",
        "an array that belongs to the caller is overwritten; compute into a copy",
    ),
    Bug(
        "H2",
        "gradients share memory",
        "two returned gradients, or one and an argument, are the same memory, so changing one "
        "changes the other; copy",
    ),
    Bug(
        "H3",
        "contiguous memory assumed",
        "the numbers are read in memory order, which is wrong for transposed and sliced views; "
        "use np.ascontiguousarray",
    ),
    Bug(
        "H4",
        "computed in float32",
        "the work is done in float32 whatever comes in, so small steps drown in rounding; keep "
        "the dtype of the input",
    ),
    Bug(
        "H5",
        "difference step too large",
        "the function bends strongly within one step: the numeric slope is off by h**2 and the "
        "backward is right",
    ),
    Bug(
        "H6",
        "input truncated to integers",
        "the input is cast to integers, so the output does not move for small steps and the "
        "numeric gradient is 0",
    ),
    Bug(
        "H7",
        "mean of the outputs assumed",
        "the outputs are returned one by one but backward divides as if their mean were; use "
        "the incoming gradient alone",
    ),
    Bug(
        "H8",
        "state moves between forward calls",
        "two forward calls with equal inputs differ: running statistics or random masks move "
        "on; freeze them for the check",
    ),
    Bug(
        "H9",
        "stale cache",
        "backward reads what the last forward call stored instead of the cache it is given",
    ),
    Bug(
        "H10",
        "graph cut",
        "no gradient comes through although the output depends on this argument; a detach, a "
        "copy or a missing return cuts it",
    ),
    Bug(
        "H11",
        "race between equal indices",
        "duplicate indices are written in random order, so results change from run to run; add "
        "them up deterministically",
    ),
)

BUGS: dict[str, Bug] = {bug.id: bug for bug in _CATALOGUE}

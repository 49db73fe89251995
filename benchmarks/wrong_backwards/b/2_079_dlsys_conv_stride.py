import numpy as np


def dilate(a, axes, d):
    shape = list(a.shape)
    index = [slice(None)] * a.ndim
    for ax in axes:
        shape[ax] *= d + 1
        index[ax] = slice(0, None, d + 1)
    out = np.zeros(shape)
    out[tuple(index)] = a
    return out


def conv_op(A, B, stride=1, padding=0):
    A = np.pad(A, ((0, 0), (padding,) * 2, (padding,) * 2, (0, 0)))
    A = np.ascontiguousarray(A)
    N, H, W, C = A.shape
    K, _, _, O = B.shape
    Ns, Hs, Ws, Cs = A.strides
    oh, ow = (H - K) // stride + 1, (W - K) // stride + 1
    Z = np.lib.stride_tricks.as_strided(A, (N, oh, ow, K, K, C), (Ns, Hs * stride, Ws * stride, Hs, Ws, Cs))
    return (Z.reshape(-1, K * K * C) @ B.reshape(-1, O)).reshape(N, oh, ow, O)


class ConvOp:
    def __init__(self, stride, padding):
        self.stride, self.padding = stride, padding

    def compute(self, A, B):
        self.inputs = A, B
        return conv_op(A, B, self.stride, self.padding)

    def gradient(self, out_grad):
        X, W = self.inputs
        K = W.shape[0]
        if self.stride > 1:
            out_grad = dilate(out_grad, (1, 2), self.stride - 1)
        # after dilation both spatial sizes equal those of a stride one output
        need = X.shape[1] + 2 * self.padding - K + 1
        out_grad = out_grad[:, :need, :need]
        W_t = np.flip(W, (0, 1)).swapaxes(2, 3)
        dX = conv_op(out_grad, W_t, 1, K - 1 - self.padding)
        X_perm = X.transpose(3, 1, 2, 0)
        g_perm = out_grad.transpose(1, 2, 0, 3)
        dW = conv_op(X_perm, g_perm, 1, self.padding).transpose(1, 2, 0, 3)
        return dX, dW


op = ConvOp(stride=2, padding=1)
rng = np.random.default_rng(107)
SUBJECT = dict(forward=op.compute, backward=op.gradient, inputs=(
    rng.normal(size=(2, 6, 6, 3)), rng.normal(size=(3, 3, 3, 2))))

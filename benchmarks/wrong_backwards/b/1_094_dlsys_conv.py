import numpy as np


class Conv:
    """Z (N, H, W, C_in), weight (K, K, C_in, C_out), as in a needle-style op"""

    def __init__(self, padding=0):
        self.padding = padding

    def compute(self, Z, weight):
        p = self.padding
        Z = np.pad(Z, ((0, 0), (p, p), (p, p), (0, 0)))
        N, H, W, C_in = Z.shape
        K, _, _, C_out = weight.shape
        Ns, Hs, Ws, Cs = Z.strides
        A = np.lib.stride_tricks.as_strided(
            Z, shape=(N, H - K + 1, W - K + 1, K, K, C_in), strides=(Ns, Hs, Ws, Hs, Ws, Cs))
        self.A, self.weight, self.Zshape = A, weight, Z.shape
        inner = K * K * C_in
        return (A.reshape(-1, inner) @ weight.reshape(-1, C_out)).reshape(N, H - K + 1, W - K + 1, C_out)

    def gradient(self, out_grad):
        weight, p = self.weight, self.padding
        K = weight.shape[0]
        N, Ho, Wo, C_out = out_grad.shape
        W_grad = np.einsum('nhwijc,nhwo->jico', self.A, out_grad)
        cols = np.einsum('nhwo,ijco->nhwijc', out_grad, weight)
        Z_grad = np.zeros(self.Zshape)
        for i in range(K):
            for j in range(K):
                Z_grad[:, i:i + Ho, j:j + Wo, :] += cols[:, :, :, i, j, :]
        if p:
            Z_grad = Z_grad[:, p:-p, p:-p, :]
        return Z_grad, W_grad


op = Conv(padding=1)
rng = np.random.default_rng(13)
SUBJECT = dict(forward=op.compute, backward=op.gradient,
               inputs=(rng.normal(size=(2, 5, 5, 3)), rng.normal(size=(3, 3, 3, 4))))

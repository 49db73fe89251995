import numpy as np
from numpy.lib.stride_tricks import as_strided


def windows(Z, k, s):
    N, H, W, C = Z.shape
    Ns, Hs, Ws, Cs = Z.strides
    Ho, Wo = (H - k) // s + 1, (W - k) // s + 1
    return as_strided(Z, shape=(N, Ho, Wo, k, k, C), strides=(Ns, Hs * s, Ws * s, Hs, Ws, Cs))


def conv_forward(Z, weight, stride, padding):
    k, _, cin, cout = weight.shape
    Zp = np.pad(Z, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    A = windows(Zp, k, stride)
    N, Ho, Wo = A.shape[:3]
    out = A.reshape(-1, k * k * cin) @ weight.reshape(-1, cout)
    return out.reshape(N, Ho, Wo, cout), (Zp, weight, stride, padding, Z.shape)


def conv_backward(dout, cache):
    Zp, weight, stride, padding, shape = cache
    k, _, cin, cout = weight.shape
    N, Ho, Wo, _ = dout.shape
    Ns, Hs, Ws, Cs = Zp.strides
    A = as_strided(Zp, (N, Ho, Wo, k, k, cin), (Ns, Ws * stride, Hs * stride, Hs, Ws, Cs))
    g = dout.reshape(-1, cout)
    dweight = (A.reshape(-1, k * k * cin).T @ g).reshape(weight.shape)
    dA = (g @ weight.reshape(-1, cout).T).reshape(N, Ho, Wo, k, k, cin)
    dZp = np.zeros_like(Zp)
    for y in range(Ho):
        for x in range(Wo):
            dZp[:, y * stride:y * stride + k, x * stride:x * stride + k, :] += dA[:, y, x]
    H, W = shape[1:3]
    return dZp[:, padding:padding + H, padding:padding + W, :], dweight


rng = np.random.default_rng(4)
SUBJECT = dict(forward=conv_forward, backward=conv_backward,
               inputs=(rng.standard_normal((2, 6, 6, 3)), rng.standard_normal((3, 3, 3, 4)), 1, 0))

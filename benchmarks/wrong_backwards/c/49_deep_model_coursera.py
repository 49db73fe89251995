import numpy as np


def relu_backward(dA, Z):
    return dA * (Z > 0)


def sigmoid_backward(dA, Z):
    s = 1 / (1 + np.exp(-Z))
    return dA * s * (1 - s)


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    return W.T @ dZ, dZ @ A_prev.T, dZ.sum(axis=1, keepdims=True)


def L_model_forward(X, *parameters):
    caches, A = [], X
    L = len(parameters) // 2
    for l in range(L):
        W, b = parameters[2 * l], parameters[2 * l + 1]
        Z = W @ A + b
        caches.append(((A, W, b), Z))
        A = np.maximum(0, Z) if l < L - 1 else 1 / (1 + np.exp(-Z))
    return A, caches


def L_model_backward(dAL, caches):
    grads = {}
    L = len(caches)
    linear_cache, Z = caches[L - 1]
    grads['dA' + str(L)], grads['dW' + str(L)], grads['db' + str(L)] = linear_backward(sigmoid_backward(dAL, Z), linear_cache)
    for l in reversed(range(L - 1)):
        linear_cache, Z = caches[l]
        dZ = relu_backward(dAL, Z)
        grads['dA' + str(l + 1)], grads['dW' + str(l + 1)], grads['db' + str(l + 1)] = linear_backward(dZ, linear_cache)
    out = [grads['dA1']]
    for l in range(1, L + 1):
        out += [grads['dW' + str(l)], grads['db' + str(l)]]
    return out


rng = np.random.default_rng(47)
params = []
for n_out, n_in in ((5, 4), (3, 5), (1, 3)):
    params += [rng.standard_normal((n_out, n_in)), rng.standard_normal((n_out, 1)) * 0.1]
SUBJECT = dict(forward=L_model_forward, backward=L_model_backward, inputs=(rng.standard_normal((4, 6)), *params))

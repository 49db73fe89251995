import numpy as np


class SoftmaxLayer:
    def softmax(self, x):
        exps = np.exp(x - np.max(x))
        return exps / np.sum(exps)

    def forward(self, inputs):
        self.inputs = inputs
        self.values = np.array([self.softmax(row) for row in inputs])
        return self.values

    def local_gradient(self, s, x):
        n = len(s)
        jac = np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                if i == j:
                    jac[i, j] = s[i] * (1 - x[i])
                else:
                    jac[i, j] = -s[i] * x[j]
        return jac

    def backward(self, grad):
        out = np.empty_like(self.inputs)
        for k in range(len(grad)):
            out[k] = self.local_gradient(self.values[k], self.inputs[k]).T @ grad[k]
        return out


rng = np.random.default_rng(33)
layer = SoftmaxLayer()
SUBJECT = dict(forward=layer.forward, backward=layer.backward, inputs=(rng.standard_normal((3, 5)),))

import numpy as np


class LstmCell:
    def forward(self, x, h_prev, c_prev, Wf, bf, Wi, bi, Wo, bo, Wc, bc):
        sig = lambda v: 1.0 / (1.0 + np.exp(-v))
        self.z = np.concatenate([h_prev, x], axis=1)
        self.W = (Wf, Wi, Wo, Wc)
        self.c_prev, self.nh = c_prev, h_prev.shape[1]
        self.f, self.i, self.o = (sig(self.z @ W + b) for W, b in ((Wf, bf), (Wi, bi), (Wo, bo)))
        self.ct = np.tanh(self.z @ Wc + bc)
        self.c = self.f * c_prev + self.i * self.ct
        return self.o * np.tanh(self.c)

    def backward(self, delta_h):
        tc = np.tanh(self.c)
        delta_o = delta_h * tc * self.o * (1 - self.o)
        delta_c = delta_h * self.o * (1 - tc ** 2)
        delta_f = delta_c * self.c_prev * self.f * (1 - self.f)
        delta_i = delta_c * self.ct * self.i * (1 - self.i)
        delta_ct = delta_c * self.i * (1 - self.ct ** 2)
        deltas = (delta_f, delta_i, delta_o, delta_ct)
        dz = sum(d @ W.T for d, W in zip(deltas, self.W))
        dWf, dWi, dWo, dWc = (self.z.T @ d for d in deltas)
        bf_grad = delta_f.sum(axis=0)
        bi_grad = delta_f.sum(axis=0)
        bo_grad = delta_f.sum(axis=0)
        bc_grad = delta_ct.sum(axis=0)
        return (dz[:, self.nh:], dz[:, :self.nh], delta_c * self.f,
                dWf, bf_grad, dWi, bi_grad, dWo, bo_grad, dWc, bc_grad)


rng = np.random.default_rng(37)
cell = LstmCell()
params = []
for _ in range(4):
    params += [rng.standard_normal((7, 4)) * 0.4, rng.standard_normal(4)]
SUBJECT = dict(forward=cell.forward, backward=cell.backward,
               inputs=(rng.standard_normal((2, 3)), rng.standard_normal((2, 4)), rng.standard_normal((2, 4)), *params),
               names=('x', 'h_prev', 'c_prev', 'Wf', 'bf', 'Wi', 'bi', 'Wo', 'bo', 'Wc', 'bc'))

import numpy as np


def log_softmax(z):
    z = z - z.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def make_distillation(teacher_logits, T):
    logq = log_softmax(teacher_logits / T)
    q = np.exp(logq)
    n = len(teacher_logits)

    def forward(student_logits):
        logp = log_softmax(student_logits / T)
        kl = (q * (logq - logp)).sum() / n
        return T * T * kl, logp

    def backward(grad, logp):
        p = np.exp(logp)
        ds = grad * T * T * (p - q) / n
        return ds

    return forward, backward


rng = np.random.default_rng(22)
forward, backward = make_distillation(rng.normal(size=(3, 5)) * 2, T=3.0)
SUBJECT = dict(forward=forward, backward=backward, inputs=(rng.normal(size=(3, 5)) * 2,))

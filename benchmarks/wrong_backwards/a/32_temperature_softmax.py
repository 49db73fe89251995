import numpy as np


def make_loss(labels):
    rows = np.arange(len(labels))

    def forward(scores, T):
        z = scores / T
        z = z - z.max(axis=1, keepdims=True)
        probs = np.exp(z)
        probs /= probs.sum(axis=1, keepdims=True)
        loss = -np.log(probs[rows, labels]).mean()
        return loss, (probs, scores, T)

    def backward(dloss, cache):
        probs, scores, T = cache
        dz = probs
        dz[rows, labels] -= 1
        dz *= dloss / len(labels)
        expected = np.sum(probs * scores, axis=1)
        dT = dloss * np.mean(scores[rows, labels] - expected) / T ** 2
        return dz / T, np.array(dT).reshape(T.shape)

    return forward, backward


forward, backward = make_loss(np.array([2, 0, 1]))
rng = np.random.default_rng(38)
SUBJECT = dict(forward=forward, backward=backward, inputs=(rng.standard_normal((3, 4)), np.array([1.7])))

import numpy as np


def contrastive(a, b, similar, margin):
    """Siamese loss; similar is 1 for pairs that belong together."""
    diff = a - b
    dist_sq = np.einsum('nd,nd->n', diff, diff)
    push = np.maximum(margin - dist_sq, 0.0)
    loss = np.where(similar == 1, dist_sq, push).sum() / (2.0 * len(a))
    return loss, {'diff': diff, 'similar': similar, 'active': push > 0}


def contrastive_backward(top, saved):
    sign = np.where(saved['similar'] == 1, 1.0, -1.0 * saved['active'])
    grad_a = top / len(sign) * sign[:, None] * saved['diff']
    return grad_a, -grad_a, None


rng = np.random.default_rng(70)
SUBJECT = dict(forward=contrastive, backward=contrastive_backward,
               inputs=(rng.standard_normal((5, 3)), rng.standard_normal((5, 3)), np.array([1, 0, 0, 1, 0])), params=dict(margin=5.0))

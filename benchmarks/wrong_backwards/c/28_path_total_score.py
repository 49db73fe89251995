import numpy as np


class TotalScore:
    """Log of the summed weights of all paths of every lattice: (batch, paths) -> (batch,)"""

    def __init__(self):
        self.saved = None

    def forward(self, arc_scores, lengths):
        B, P = arc_scores.shape
        alive = np.arange(P)[None, :] < lengths[:, None]
        masked = np.where(alive, arc_scores, -np.inf)
        top = masked.max(axis=1, keepdims=True)
        total = np.log(np.exp(masked - top).sum(axis=1)) + top[:, 0]
        self.saved = (masked, total)
        return total

    def backward(self, tot_scores_grad):
        masked, total = self.saved
        posterior = np.exp(masked - total[:, None])
        return posterior, None


rng = np.random.default_rng(30)
op = TotalScore()
SUBJECT = dict(forward=op.forward, backward=op.backward,
               inputs=(rng.standard_normal((3, 6)), np.array([6, 4, 5])))

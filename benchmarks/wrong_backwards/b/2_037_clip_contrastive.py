import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def clip_forward(img, txt, log_scale):
    scale = np.exp(log_scale)
    logits = scale * img @ txt.T
    idx = np.arange(len(img))
    p_i = softmax(logits)
    p_t = softmax(logits.T)
    loss = -0.5 * (np.log(p_i[idx, idx]).mean() + np.log(p_t[idx, idx]).mean())
    return loss, (img, txt, scale, p_i, p_t)


def clip_backward(grad, cache):
    img, txt, scale, p_i, p_t = cache
    B = len(img)
    eye = np.eye(B)
    d_i = (p_i - eye) / B
    d_t = (p_t - eye) / B
    dlogits = 0.5 * grad * (d_i + d_t)
    dimg = scale * dlogits @ txt
    dtxt = scale * dlogits.T @ img
    dlog_scale = np.sum(dlogits * (img @ txt.T)) * scale
    return dimg, dtxt, np.array(dlog_scale)


rng = np.random.default_rng(40)
img = rng.normal(size=(4, 5))
txt = rng.normal(size=(4, 5))
img /= np.linalg.norm(img, axis=1, keepdims=True)
txt /= np.linalg.norm(txt, axis=1, keepdims=True)
SUBJECT = dict(forward=clip_forward, backward=clip_backward, inputs=(img, txt, np.array(0.7)))

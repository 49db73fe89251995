import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm_forward(x, prev_h, prev_c, Wx, Wh, b):
    a = x @ Wx + prev_h @ Wh + b
    ai, af, ao, ag = np.split(a, 4, axis=1)
    i, f, o, g = sigmoid(ai), sigmoid(af), sigmoid(ao), np.tanh(ag)
    next_c = f * prev_c + i * g
    tc = np.tanh(next_c)
    next_h = o * tc
    out = np.stack([next_h, next_c])
    return out, dict(x=x, prev_h=prev_h, prev_c=prev_c, Wx=Wx, Wh=Wh, i=i, f=f, o=o, g=g, tc=tc)


def lstm_backward(dout, s):
    dnext_h, dnext_c = dout
    dc = dnext_c + dnext_h * s['o'] * (1 - s['tc'] ** 2)
    do = dnext_h * s['tc']
    di, dg, df = dc * s['g'], dc * s['i'], dc * s['prev_c']
    dai = di * s['i'] * (1 - s['i'])
    daf = df * s['f'] * (1 - s['f'])
    dao = do * s['o'] * (1 - s['o'])
    dag = dg * (1 - s['g'] ** 2)
    da = np.hstack([dai, dao, daf, dag])
    return (da @ s['Wx'].T, da @ s['Wh'].T, dc * s['f'],
            s['x'].T @ da, s['prev_h'].T @ da, da.sum(axis=0))


rng = np.random.default_rng(26)
N, D, H = 3, 4, 3
SUBJECT = dict(forward=lstm_forward, backward=lstm_backward,
               inputs=(rng.standard_normal((N, D)), rng.standard_normal((N, H)), rng.standard_normal((N, H)),
                       rng.standard_normal((D, 4 * H)), rng.standard_normal((H, 4 * H)), rng.standard_normal(4 * H)))

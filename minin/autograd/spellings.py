"""What users of PyTorch and NumPy reach for on a tensor, and how minin spells it."""

from __future__ import annotations

_SPELLINGS = {
    "view": "t.reshape(shape)",
    "permute": "t.transpose(axes)",
    "T": "t.transpose()",
    "cpu": "t.to('cpu')",
    "cuda": "t.to('cuda')",
    "argmax": "t.data.argmax(axis), an array",
    "clone": "minin.tensor(t.data)",
    "copy": "minin.tensor(t.data)",
    "size": "t.shape",
    "dim": "t.ndim",
    "unsqueeze": "t[:, None]",
    "squeeze": "t.reshape(shape)",
    "grad_fn": "minin.autograd.record()",
    "zero_grad": "t.grad = None, or the optimiser's zero_grad()",
    "requires_grad_": "t.requires_grad = True",
    "zero_": "t.data[...] = 0",
    "add_": "t.data += ...",
    "astype": "minin.tensor(t.data, dtype=dtype)",
    "float": "minin.tensor(t.data, dtype='float32')",
    "double": "minin.tensor(t.data, dtype='float64')",
    "tolist": "t.numpy().tolist()",
    "pow": "t ** exponent",
    "std": "((t - t.mean()) ** 2).mean() ** 0.5",
}
_FUNCTIONS = frozenset(
    {"abs", "concatenate", "conv2d", "dropout", "exp", "flatten", "leaky_relu", "linear", "log"}
    | {"log_softmax", "matmul", "max", "max_pool2d", "maximum", "relu", "sigmoid", "softmax"}
    | {"sqrt", "tanh", "where"}
)


def hint(name: str) -> str:
    """Say how minin spells the attribute ``name`` of a tensor; "" where it is not known.

    Example:
        >>> hint("view")
        '; in minin: t.reshape(shape)'
    """
    if name in _FUNCTIONS:
        return f"; in minin it is a function: minin.ops.{name}(t)"
    return f"; in minin: {_SPELLINGS[name]}" if name in _SPELLINGS else ""

"""Which parameter learns at which rate, as a recipe says it in three numbers.

The authors let biases learn twice as fast as weights, without an L2 penalty, and the layer
that makes the class maps at a tenth of the rate: at the full rate its first steps can push a
class below zero for good.
"""

from __future__ import annotations

from typing import Any

from minin.errors import ArgumentError
from minin.nn import Module
from minin.optim import SGD, Adam, Optimiser
from minin.train.options import Options


def parameter_groups(model: Module, options: Options) -> list[dict[str, Any]]:
    """Sort the parameters into weights and biases, of the last layer and of all others.

    Args:
        model: any network; its last layer is that of its last parameter.
        options: ``lr``, ``bias_lr``, ``last_layer_lr``, ``weight_decay`` and ``bias_decay``.

    Raises:
        ArgumentError: if the model has no parameter.

    Example:
        >>> from minin import models
        >>> net = models.build("nin-digits", rng=0)
        >>> groups = parameter_groups(net, Options(lr=0.1, bias_lr=2.0, last_layer_lr=0.1))
        >>> [(len(g["params"]), round(g["lr"], 4)) for g in groups]
        [(8, 0.1), (8, 0.2), (1, 0.01), (1, 0.02)]
    """
    named = list(model.named_parameters())
    if not named:
        raise ArgumentError(f"model must have parameters; {type(model).__name__} has none")
    last = _layer(named[-1][0])
    groups: dict[tuple[bool, bool], dict[str, Any]] = {}
    for at_the_end in (False, True):
        for bias in (False, True):
            groups[at_the_end, bias] = {
                "params": [],
                "lr": options.lr
                * (options.bias_lr if bias else 1.0)
                * (options.last_layer_lr if at_the_end else 1.0),
                "weight_decay": 0.0 if bias and not options.bias_decay else options.weight_decay,
            }
    for name, parameter in named:
        is_bias = name.rsplit(".", 1)[-1] == "bias"
        groups[_layer(name) == last, is_bias]["params"].append(parameter)
    return [group for group in groups.values() if group["params"]]


def make_optimiser(model: Module, options: Options) -> Optimiser:
    """Make the optimiser that the options name.

    Example:
        >>> from minin import models
        >>> make_optimiser(models.build("nin-digits", rng=0), Options()).groups[0].lr
        0.1
    """
    groups = parameter_groups(model, options)
    if options.optimiser == "adam":
        return Adam(groups, options.lr, weight_decay=options.weight_decay)
    return SGD(
        groups,
        options.lr,
        momentum=options.momentum,
        nesterov=options.nesterov and options.momentum > 0,
        weight_decay=options.weight_decay,
    )


def freeze(model: Module, *layers: str) -> int:
    """Keep the parameters of some layers as they are; return how many tensors that is.

    Args:
        model: the network.
        layers: how the names of their parameters begin, whole parts between the dots: "0" is
            the first block, "0.2" its second layer.

    Raises:
        ArgumentError: if no parameter's name begins so.

    Example:
        >>> from minin import models
        >>> freeze(models.build("nin-digits", rng=0), "0", "3.0")
        8
    """
    named = dict(model.named_parameters())
    frozen = set()
    for layer in layers:
        found = [n for n in named if n == layer or n.startswith(f"{layer}.")]
        if not found:
            raise ArgumentError(
                f"freeze: no parameter begins with {layer!r}; there are {', '.join(named)}"
            )
        frozen.update(found)
    for name in frozen:
        named[name].requires_grad = False
    return len(frozen)


def _layer(name: str) -> str:
    return name.rpartition(".")[0]

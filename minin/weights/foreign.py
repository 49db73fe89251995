"""Weights of other programs: which of our networks they are of, and how they get into it.

PyTorch keeps a convolution's weight as minin does, (O, C, KH, KW). Names differ from text to text,
`0.0.weight` or `features1.0.weight`; so layers are matched by their order and their shapes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from minin.errors import DataError
from minin.files.arrays import Arrays, PathLike
from minin.files.parameters import read
from minin.files.torch_zip import read_torch
from minin.models.builder import Network, build, names, shapes
from minin.text import some

PICKLED = (".pt", ".pth", ".pkl", ".bin")  # endings that torch.save is given


def read_foreign(path: PathLike, **options: Any) -> Network:
    """Build the network whose weights a file of PyTorch's holds; nothing in the file is run.

    NB: weights do not tell what has none. Say so if no ReLU follows the class maps, or the pools
    are padded; a network with an average pool between its blocks is none of minin's.

    Args:
        path: a state_dict, as safetensors or as ``torch.save`` writes it.
        options: as for `models.build`.

    Raises:
        DataError: if the file is damaged or refused, or its shapes are of no such network.
        MininError: as for `models.build`.
    """
    layers = _layers(path)
    given = [array.shape for array in layers]
    ends = given[-1][0], given[0][1]  # classes and channels
    for name in names():
        if shapes(name, *ends) == given:  # what is built is no larger than the file
            network = build(name, *ends, rng=0, **options)
            network.load_state_dict(dict(zip(network.state_dict(), layers, strict=True)))
            return network.eval()
    raise DataError(
        f"{path} holds no network of `minin summary`: the shapes of its layers are"
        f" {some([str(shape) for shape in given])}"
    )


def _layers(path: PathLike) -> list[npt.NDArray[Any]]:
    """List weight and bias of each layer, in turn.

    Raises:
        DataError: if there is something else.
    """
    arrays: Arrays = read_torch(path) if Path(path).suffix in PICKLED else read(path).arrays
    if Path(path).suffix not in PICKLED:  # safetensors keeps no order: "2.weight", "10.weight"
        key = {n: [part.zfill(9) for part in re.split(r"(\d+)", n)] for n in arrays}
        arrays = {name: arrays[name] for name in sorted(arrays, key=key.__getitem__)}
    found = []
    for name in arrays:
        layer, _, kind = name.rpartition(".")
        both = [f"{layer}.weight", f"{layer}.bias"]
        if kind not in ("weight", "bias") or any(each not in arrays for each in both):
            raise DataError(f"{path} holds {name!r:.60}; a layer of ours has a weight and a bias")
        found += [arrays[each] for each in both if kind == "weight"]
    ends = [array.ndim for array in found[:1] + found[-1:]]
    if ends != [4, 1] or any(a.dtype.kind != "f" or not np.isfinite(a).all() for a in found):
        raise DataError(f"{path} holds weights that are no finite numbers of convolutions")
    return found

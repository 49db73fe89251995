"""`minin convert`: a network from PyTorch's files, and to ONNX; PyTorch reads minin's own."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from minin import models, train, weights
from minin.cli.console import say, size
from minin.cli.saved import load_network
from minin.errors import ArgumentError
from minin.files.parameters import read
from minin.weights.foreign import PICKLED, read_foreign
from minin.weights.onnx_file import write_onnx


def run(args: argparse.Namespace) -> int:
    """Read, build, write."""
    source, target = Path(args.source), Path(args.target)
    if target.suffix not in (".safetensors", ".onnx") or os.path.lexists(target):
        raise ArgumentError(
            "the target must be a new file that ends in .safetensors, which PyTorch reads with"
            f" safetensors.torch.load_file, or in .onnx; got {args.target!r}"
        )
    told = {name: getattr(args, name) for name in ("final_relu", "pool_padding")}
    told = {name: value for name, value in told.items() if value is not None}
    ours = source.is_dir() or source.suffix not in (".safetensors", *PICKLED)
    if ours or (source.suffix == ".safetensors" and "name" in read(source).description):
        if told:
            raise ArgumentError(f"{args.source!r} is minin's and says how to build its network")
        network = load_network(args.source)
    else:
        network = read_foreign(source, **told)
    if target.suffix == ".onnx":
        write_onnx(target, network, words_of(network))
    else:
        weights.save(network, target)
    shape = size(network.input_shape)
    say("network", f"{network.name}: {shape} images, {network.num_classes} classes")
    if network.attachments:
        say("note", f"only minin knows what {', '.join(network.attachments)} is for")
    say("saved", str(target))
    return 0


def words_of(network: models.Network) -> dict[str, str]:
    """Say in JSON what the images pass through and what the logits stand for, if it is known."""
    source = train.read_source(network)
    found = {} if source is None else source.to_dict()
    return {key: json.dumps(found[key]) for key in ("classes", "white", "preprocess") if found}

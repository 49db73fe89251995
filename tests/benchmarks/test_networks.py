"""The networks that are compared are the same; and a check that could not tell is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.harness.errors import MismatchError
from benchmarks.networks import agree, floors, parts, rows
from benchmarks.networks.program import CHECKED, batch
from minin import models

LOGITS = np.linspace(0.0, 1.0, 20).reshape(4, 5)


def said(**changes: Any) -> dict[str, Any]:
    good = {"parameters": 7, "logits": LOGITS.tolist(), "trained": (2 * LOGITS + 0.1).tolist()}
    return good | changes


def check(trained: bool = True, **others: Any) -> dict[str, float]:
    return agree.check({"minin": said(), **others}, 7, trained)


def test_equal_networks_agree_to_a_thousandth() -> None:
    found = check(torch=said(logits=(LOGITS + 9e-4).tolist()), jax=said())
    assert found == {"torch": pytest.approx(9e-4), "jax": 0.0}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"parameters": 8}, "torch has 8 parameters, and the network 7"),
        ({"logits": (LOGITS + 2e-3).tolist()}, "its logits differ by 0.002"),
        ({"logits": (LOGITS * np.nan).tolist()}, "differ by nan"),
        ({"logits": LOGITS[:, :4].tolist()}, r"returns logits \(4, 4\), minin \(4, 5\)"),
        ({"trained": LOGITS.tolist()}, "its logits after some training steps differ"),
    ],
)
def test_another_network_is_named(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(MismatchError, match=sentence):
        check(torch=said(**changes))


def test_steps_matter_only_where_steps_are_taken() -> None:
    check(trained=False, torch=said(trained=LOGITS.tolist()))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"logits": np.ones((4, 5)).tolist()}, "differ from image to image by 0,"),
        ({"trained": np.zeros((4, 5)).tolist()}, "differ from image to image by 0,"),
        ({"trained": LOGITS.tolist()}, "move in training by 0,"),
    ],
)
def test_a_check_that_could_not_tell_is_refused(changes: dict[str, Any], sentence: str) -> None:
    alike = said(**changes)
    with pytest.raises(MismatchError, match=sentence):
        agree.check({"minin": alike, "torch": alike}, 7, trained=True)


@pytest.mark.parametrize("name", rows.PARAMETERS)
def test_the_numbers_are_those_of_the_networks(name: str) -> None:
    found = models.summary(models.build(name, rng=0))
    assert found.params == rows.PARAMETERS[name]
    assert rows.facts(name, 4, "train")["macs_an_image"] == found.macs


def test_rows_tell_all_that_a_library_needs(tmp_path: Path) -> None:
    job = rows.job(tmp_path, "nin-cifar10", 64, "train")
    kinds = [row["kind"] for row in job["rows"]]
    assert kinds.count("conv") == 9
    assert kinds.count("relu") == 9
    assert kinds.count("dropout") == 2
    pool = next(row for row in job["rows"] if row["kind"] == "max_pool")
    assert (pool["ceil"], pool["overhang"]) == (True, [1, 1])  # 32 -> 16 by windows of 3
    first = job["rows"][0]
    assert (first["in"], first["out"], first["kernel"]) == (3, 192, [5, 5])
    assert (first["stride"], first["padding"]) == ([1, 1], [2, 2])
    with np.load(job["weights"]) as found:
        assert sum(found[name].size for name in found.files) == 966_986


def test_pooling_that_rounds_down_has_no_overhang(tmp_path: Path) -> None:
    job = rows.job(tmp_path, "nin-d2l", 16, "infer")
    pools = [row for row in job["rows"] if row["kind"] == "max_pool"]
    assert [pool["overhang"] for pool in pools] == [[0, 0]] * 3


def test_everybody_gets_the_same_images(tmp_path: Path) -> None:
    job = rows.job(tmp_path, "nin-digits", 4, "train")
    (images, labels), (again, _) = batch(job, 4), batch(job, 4)
    np.testing.assert_array_equal(images, again)
    assert images.dtype == np.float32
    assert images.shape == (4, 1, 8, 8)
    assert set(labels) <= set(range(10))


def test_floors_count_the_products_of_im2col() -> None:
    for name, images in (("nin-cifar10", 64), ("nin-d2l", 16)):
        macs = rows.facts(name, images, "train")["macs_an_image"]
        layers = floors.work(name, images)
        forward = sum(one["flops"] for one in layers if one["measure"].endswith("forward"))
        backward = sum(one["flops"] for one in layers if one["measure"].endswith("backward"))
        assert forward == 2 * images * macs
        model = models.build(name, rng=0)
        first: Any = model[0]
        own = first.convolutions[0].macs(model.input_shape)
        assert backward == 2 * forward - 2 * images * own
        assert layers[-1] == {
            "measure": "SGD step",
            "layer": "SGD step",
            "output": [],
            "flops": 0,
            "bytes": 20 * rows.PARAMETERS[name],
        }
    # 83.6 and 72 GFLOP a step, as they were counted by hand.
    totals = [
        sum(one["flops"] for one in floors.work(name, images))
        for name, images in (("nin-cifar10", 64), ("nin-d2l", 16))
    ]
    np.testing.assert_allclose(totals, [83.6e9, 72e9], rtol=0.01)


def test_variants_of_minin_stand_behind_it() -> None:
    found = parts.with_rules(("minin", "torch-default"), ["plain", "im2col"])
    assert found == ["minin", "minin-plain", "minin-im2col", "torch-default"]


@pytest.mark.peers
@pytest.mark.parametrize("change", [{"weight_decay": 0.0}, {"momentum": 0.8}, {}])
@pytest.mark.parametrize("layout", ["default", "channels_last"])
def test_the_check_sees_another_optimiser(
    change: dict[str, Any], layout: str, tmp_path: Path
) -> None:
    from benchmarks.networks import minin_net, torch_net
    from benchmarks.networks.program import NetworkProgram

    job = rows.job(tmp_path, "nin-digits", 4, "train") | {"layout": layout}

    def changed(job: dict[str, Any], dropout: bool) -> torch_net.Net:
        return torch_net.Net(job | change, dropout)

    found = {
        "minin": minin_net.start(job).check(),
        "torch": NetworkProgram(job, changed).check(),
    }
    if not change:
        agree.check(found, 52_394, trained=True)
        return
    assert set(change) <= {*CHECKED, "momentum"}
    with pytest.raises(MismatchError, match="after some training steps"):
        agree.check(found, 52_394, trained=True)


@pytest.mark.peers
def test_dropout_is_on_where_it_is_measured(tmp_path: Path) -> None:
    from benchmarks.networks import minin_net, torch_net

    job = rows.job(tmp_path, "nin-digits", 8, "train") | {"layout": "default", "lr": 0.0}
    for module in (minin_net, torch_net):
        for dropout in (True, False):
            net: Any = module.Net(job, dropout)
            data = net.put(*batch(job, 8))
            losses = {float(net.train(data).item()) for _ in range(3)}
            assert (len(losses) > 1) == dropout, module.__name__

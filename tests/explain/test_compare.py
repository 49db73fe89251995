"""The numbers of the paper's argument against fully connected layers."""

from __future__ import annotations

from minin import explain, models, nn
from minin.explain.compare import AFTER_1X1, ALEXNET, DIRECTLY, conv, full, total


def test_alexnet_is_eight_times_as_large() -> None:
    found = explain.compare(models.build("nin-imagenet", rng=0))
    assert found.alexnet.params == 60_965_224
    assert found.network.params == 7_595_176
    assert round(found.alexnet.params * 4 / 2**20, 1) == 232.6
    assert "AlexNet has 8.03 times the parameters of nin-imagenet." in str(found)


def test_alexnet_keeps_its_parameters_in_three_layers() -> None:
    connected = total("head", *ALEXNET[5:])
    assert connected.params == 58_631_144
    assert connected.params / total("all", *ALEXNET).params > 0.96


def test_a_1x1_in_front_saves_nearly_half() -> None:
    assert DIRECTLY.macs == 452_984_832
    assert AFTER_1X1.macs == 245_366_784


def test_the_integers_agree_with_the_layers() -> None:
    layer = nn.Conv2d(6, 8, 3, padding=1, groups=2, rng=0)
    params = sum(p.data.size for p in layer.parameters())
    counted = conv(8, 6, 3, size=7, groups=2)
    assert (counted.params, counted.macs) == (params, layer.macs((6, 7, 7)))
    linear = nn.Linear(5, 3, rng=0)
    assert full(3, 5).params == sum(p.data.size for p in linear.parameters())
    assert full(3, 5).macs == linear.macs((5,))


def test_a_connected_head_is_counted_on_the_class_maps() -> None:
    found = explain.compare(models.build("nin-cifar10", rng=0))
    assert found.connected is not None
    assert found.connected.params - found.network.params == 10 * (10 * 8 * 8) + 10


def test_a_network_without_classes_has_no_such_head() -> None:
    found = explain.compare(nn.Conv2d(1, 2, 3, rng=0), (1, 8, 8))
    assert found.connected is None
    assert "fully connected" not in str(found)


def test_the_table_fits_a_terminal() -> None:
    for name in ("nin-digits", "nin-imagenet"):
        lines = str(explain.compare(models.build(name, rng=0))).splitlines()
        assert max(map(len, lines)) <= 78

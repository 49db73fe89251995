"""The page on Winograd's digits has a row for every layer, and its numbers come from here."""

from __future__ import annotations

from minin.fast.cpu.plan import OUTPUTS
from tools.winograd_error import TARGET, errors, layers


def test_the_page_has_every_layer_within_the_bound() -> None:
    rows = [line for line in TARGET.read_text("utf-8").splitlines() if line.startswith("| nin-")]
    found = [row.split(" | ") for row in rows]
    wanted = [(layer.network, layer.name) for layer in layers()]
    assert [(cells[0].removeprefix("| "), cells[1]) for cells in found] == wanted
    assert all(0 < float(cell.strip(" |")) < 1e-5 for cells in found for cell in cells[4:])


def test_a_layer_loses_some_digits_and_not_many() -> None:
    layer = next(layer for layer in layers() if layer.network == "nin-mnist")
    found = errors(layer, OUTPUTS[layer.window.kernel[0]][0], images=1)
    assert set(found) == {"y", "grad_x", "grad_weight", "grad_bias"}
    assert max(found.values()) < 1e-5
    assert min(found.values()) > 0, "float32 cannot be exact: nothing was computed"

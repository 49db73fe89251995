"""Every recipe trains: a few steps on small files in the format of its data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minin import data, models, train
from tests.choice import mostly_thorough
from tests.data.idx_writer import write_set
from tests.data.writers import cifar_files, write_pictures, write_svhn

FEW, BATCH = 12, 4  # images to learn from, and in a step
NAMES = [name for name, recipe in train.RECIPES.items() if recipe.data != "digits"]


def write_files(folder: Path, name: str) -> None:
    """Write a small data set in the format of the official one."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    if name == "svhn":
        pytest.importorskip("scipy", reason="SciPy is not installed")
        for half in ("train", "test"):
            write_svhn(folder / name / f"{half}_32x32.mat", FEW)
    elif name.startswith("cifar"):
        count = FEW if name == "cifar100" else FEW // 5  # CIFAR-10 has five files to learn from
        for file, content in cifar_files(name, count).items():
            (folder / name / file).write_bytes(content)
    else:
        write_set(folder / name, FEW, FEW, size=28)


def small_set(folder: Path, recipe: train.Recipe) -> data.Dataset:
    """Load the small data set of a recipe; without a name, from a folder of pictures."""
    if recipe.data is None:
        pytest.importorskip("PIL", reason="Pillow is not installed")
        write_pictures(folder, count=FEW // 2, size=224)
        return data.from_folder(folder, size=224, channels=3)
    write_files(folder, recipe.data)
    return data.load(recipe.data, folder)


@pytest.mark.parametrize(
    "name", mostly_thorough(NAMES, lambda name: name in ("mnist-long", "fashion-mnist-long"))
)
def test_a_recipe_trains_on_files_of_its_format(name: str, tmp_path: Path) -> None:
    recipe = train.RECIPES[name]
    small = small_set(tmp_path, recipe)
    model = models.build(
        recipe.model, len(small.classes), small.image_shape[0], rng=0, **recipe.build
    )
    before = {key: value.copy() for key, value in model.state_dict().items()}
    losses: list[float] = []
    options = recipe.changed(epochs=1, batch_size=BATCH, validation=0.0).options
    train.fit(model, small, options, on_step=lambda step: losses.append(step.loss))
    assert len(losses) == -(-len(small.train_labels) // BATCH) >= 2
    assert np.isfinite(losses).all()
    found = train.probabilities(model, small.test_images[:BATCH])
    assert found.shape == (min(BATCH, len(small.test_labels)), len(small.classes))
    assert np.isfinite(found).all()
    if not model.options.final_relu:  # behind a last ReLU classes may die, as some here do
        for key, value in model.state_dict().items():
            assert not np.array_equal(value, before[key]), f"{key} did not move"

"""Recipes: every one is whole, and comes back from TOML as it went."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minin import data, models, train
from minin.errors import ArgumentError, DataError, MininError, UnknownNameError
from minin.train.recipe import LONGEST, Recipe, read_recipe


@pytest.fixture(params=train.RECIPES.values(), ids=list(train.RECIPES))
def recipe(request: pytest.FixtureRequest) -> Recipe:
    found = request.param
    assert isinstance(found, Recipe)
    return found


def test_every_network_has_a_recipe_of_its_own() -> None:
    for name in models.names():
        assert train.RECIPES[name].model == name


def test_a_recipe_says_why_and_whose(recipe: Recipe) -> None:
    assert recipe.reason.endswith(".")
    assert recipe.source
    assert recipe.data is None or recipe.data in data.names()


def test_a_recipe_comes_back_from_toml(recipe: Recipe, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(recipe.to_toml(), encoding="utf-8")
    assert read_recipe(path) == recipe
    assert train.find_recipe(path) == recipe
    assert path.stat().st_size < LONGEST / 10


def test_the_safe_recipes_cannot_lose_a_class_to_the_last_relu() -> None:
    for name in models.names():
        built = models.check_options(name, train.RECIPES[name].build)
        assert not built.final_relu


def test_the_authors_recipes_are_as_released() -> None:
    cifar = train.RECIPES["cifar10-published"]
    options = cifar.options
    assert models.check_options(cifar.model, cifar.build).final_relu
    assert (options.lr, options.momentum, options.nesterov) == (0.1, 0.9, False)
    assert (options.weight_decay, options.bias_decay, options.bias_lr) == (1e-4, False, 2.0)
    assert (options.last_layer_lr, options.batch_size, options.epochs) == (0.1, 128, 260)
    assert (options.milestones, options.factor) == ((200, 230), 0.1)
    hundred = train.RECIPES["cifar100-published"].options
    assert (hundred.lr, hundred.weight_decay, hundred.last_layer_lr) == (0.02, 5e-4, 1.0)


def test_the_texts_recipes_are_as_printed() -> None:
    one, other = (train.RECIPES[f"fashion-224-{name}"].options for name in ("sgd", "adam"))
    assert (one.optimiser, one.lr, one.epochs, one.batch_size) == ("sgd", 0.1, 5, 128)
    assert (one.momentum, one.weight_decay, one.validation) == (0.0, 0.0, 0.0)
    assert train.RECIPES["fashion-224-sgd"].build["init"] == "xavier"
    assert (other.optimiser, other.lr, other.epochs) == ("adam", 2e-3, 3)
    assert round(60_000 * other.validation) == 10_000
    assert one.preprocess[0] == other.preprocess[0] == "resize:224"


@given(
    reason=st.text(max_size=40),
    lr=st.floats(1e-12, 1e6),
    epochs=st.integers(1, 10**9),
    freeze=st.lists(st.text(max_size=5), max_size=3),
    dropout=st.floats(0, 0.99),
)
def test_any_recipe_comes_back_from_toml(
    reason: str, lr: float, epochs: int, freeze: list[str], dropout: float
) -> None:
    options = train.Options(lr=lr, epochs=epochs, freeze=tuple(freeze))
    made = Recipe("x", "nin-digits", None, reason, build={"dropout": dropout}, options=options)
    from minin.files.toml import read_toml

    try:
        text = made.to_toml().encode().decode()
    except UnicodeEncodeError:  # half a character: no file can hold it
        return
    assert Recipe.from_dict(read_toml(text)) == made


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must have the key 'name'"),
        ('name = "a"', "must have the key 'model'"),
        ('name = "a"\nmodel = "nin"', "unknown network 'nin'"),
        ('name = 3\nmodel = "nin-digits"', "name must be a string"),
        ('name = "a"\nmodel = "nin-digits"\ncolour = 1', "unknown key of a recipe 'colour'"),
        ('name = "a"\nmodel = "nin-digits"\ndata = "mnits"', "unknown data set 'mnits'"),
        ('name = "a"\nmodel = "nin-digits"\noptions = 3', "options must be a table"),
        ('name = "a"\nmodel = "nin-digits"\nbuild = 3', "build must be a table"),
        ('name = "a"\nmodel = "nin-digits"\n[options]\nlr = "big"', "lr must be a finite number"),
        ('name = "a"\nmodel = "nin-digits"\n[options]\nlr = nan', "lr must be a finite number"),
        ('name = "a"\nmodel = "nin-digits"\n[options]\nrate = 1', "unknown option 'rate'"),
        ('name = "a"\nmodel = "nin-digits"\n[options]\nschedule = "wave"', "schedule 'wave'"),
        ('name = "a"\nmodel = "nin-digits"\n[options]\nmilestones = [3, 2]', "milestones must"),
        ('name = "a"\nmodel = "nin-digits"\n[options]\npreprocess = ["blur"]', "'blur'"),
        ('name = "a"\nmodel = "nin-digits"\n[build]\ncolour = 1', "option of nin-digits 'colour'"),
        ("name = ", "no TOML"),
        ("a = " + "[" * 5000, "no TOML"),
        ("a = " + "9" * 5000, "no TOML|unknown key"),
        ("#" * (LONGEST + 1), "longer than"),
    ],
)
def test_a_careless_file_is_named_and_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(DataError, match=words) as caught:
        read_recipe(path)
    assert "mine.toml" in str(caught.value)


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "a.toml", tmp_path / "none.toml", tmp_path, "a\0.toml"):
        with pytest.raises(DataError):
            read_recipe(path)


def test_unknown_names_are_told() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'cifar10-published'"):
        train.find_recipe("cifar10-publish")


@pytest.mark.parametrize(
    "changes",
    [{"epochs": 0}, {"optimiser": "rms"}, {"freeze": "0"}, {"nesterov": 1}, {"clip": -1.0}],
)
def test_options_that_make_no_sense_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MininError):
        train.RECIPES["nin-digits"].changed(**changes)


def test_milestones_need_their_schedule() -> None:
    with pytest.raises(ArgumentError, match="milestones must be given with schedule 'steps'"):
        train.Options(schedule="steps")
    with pytest.raises(ArgumentError, match="milestones"):
        train.Options(milestones=(3,))

"""Recipes by name: those in `recipes.toml`, which says what they are, or one's own file."""

from __future__ import annotations

from typing import Final

from minin.errors import UnknownNameError
from minin.files.arrays import PathLike
from minin.files.toml import of_minin
from minin.train.recipe import Recipe, read_recipe


def _all() -> dict[str, Recipe]:
    tables = of_minin("train/recipes.toml")
    for table in tables.values():
        like = tables.get(table.pop("like", None), {})
        table.setdefault("build", like.get("build", {}))
        table["options"] = like.get("options", {}) | table.get("options", {})
    return {name: Recipe.from_dict({"name": name, **table}) for name, table in tables.items()}


RECIPES: Final = _all()


def find_recipe(name_or_file: str | PathLike) -> Recipe:
    """Return a recipe by its name, or read one's own from a TOML file.

    Args:
        name_or_file: one of `RECIPES`, or a path that ends in ``.toml``.

    Raises:
        UnknownNameError: if no recipe has that name.
        DataError: if the file cannot be read or holds no recipe.

    Example:
        >>> find_recipe("cifar10-published").options.epochs
        260
    """
    text = str(name_or_file)
    if text.endswith(".toml"):
        return read_recipe(name_or_file)
    if text not in RECIPES:
        raise UnknownNameError.among("recipe", text, RECIPES)
    return RECIPES[text]

"""Recipes by name: what trains each network, what its authors did, what the texts do.

`minin train --recipe NAME --show` prints one as TOML, to be changed and read again.

A recipe that bears a network's name is the one minin trains that network with. Those ending
in "-published" repeat the authors' releases, the last ReLU included, although it can silence
classes: they are here to be compared with. Two repeat introductory texts.
"""

from __future__ import annotations

from typing import Final

from minin.errors import UnknownNameError
from minin.files.arrays import PathLike
from minin.train.options import Options
from minin.train.recipe import Recipe, read_recipe

_SAFE: Final = {"final_relu": False, "dropout": 0.2}
_NO_DEAD_CLASS: Final = "No ReLU on the class maps: it can silence a class for good."

_AUTHORS: Final = "Lin, Chen and Yan 2013; released cuda-convnet file NIN/{}"
_TEXT: Final = "Zhang, Lipton, Li and Smola, Dive into Deep Learning, Network in Network"

# 200 epochs at the full rate, 30 at a tenth, 30 at a hundredth; biases at twice the rate
# and without penalty; nothing clipped, smoothed or held back.
_PUBLISHED: Final = Options(
    epochs=260,
    batch_size=128,
    lr=0.1,
    schedule="steps",
    warm_up=0.0,
    milestones=(200, 230),
    nesterov=False,
    weight_decay=1e-4,
    bias_lr=2.0,
    bias_decay=False,
    last_layer_lr=0.1,
    clip=0.0,
    label_smoothing=0.0,
    validation=0.0,
    preprocess=("gcn", "zca"),
)
_PUBLISHED_BUILD: Final = {"final_relu": True, "init": "published"}

_SHORT: Final = Options(epochs=1, weight_decay=1e-4, label_smoothing=0.0, validation=0.05)
_CIFAR: Final = Options(
    epochs=50,
    batch_size=128,
    lr=0.05,
    warm_up=0.08,
    last_layer_lr=0.1,
    label_smoothing=0.0,
    augment=("pad-crop:4", "flip"),
)
_CIFAR_REASON: Final = (
    f"{_NO_DEAD_CLASS} Small steps for the last layer, a climb over four epochs, then down in"
    " a line; a crop of the padded image and a flip are worth about two points. Put together"
    " from published runs of 90 to 92 %."
)
_LARGE: Final = Options(
    epochs=5,
    batch_size=128,
    lr=0.05,
    weight_decay=1e-4,
    label_smoothing=0.0,
    preprocess=("resize:224", "standardise"),
)
# Plain SGD at one rate; what the text does not name is off.
_FROM_TEXTS: Final = Options(
    epochs=5,
    batch_size=128,
    lr=0.1,
    schedule="constant",
    warm_up=0.0,
    momentum=0.0,
    nesterov=False,
    weight_decay=0.0,
    clip=0.0,
    label_smoothing=0.0,
    validation=0.0,
    preprocess=("resize:224", "scale"),
)

_ALL: Final = (
    Recipe(
        "nin-digits",
        "nin-digits",
        "digits",
        "Ten seconds on two cores. The rate climbs, for fresh weights have steep slopes, and"
        " then falls to almost nothing, which is worth as much as a longer run.",
        "minin",
    ),
    Recipe(
        "nin-mnist",
        "nin-mnist",
        "mnist",
        f"One epoch for a CPU. {_NO_DEAD_CLASS} Less dropout than published, which pays only"
        " in hundreds of epochs. Fits fashion-mnist too.",
        "minin",
        _SAFE,
        _SHORT,
    ),
    Recipe("nin-cifar10", "nin-cifar10", "cifar10", _CIFAR_REASON, "minin", _SAFE, _CIFAR),
    Recipe("nin-cifar100", "nin-cifar100", "cifar100", _CIFAR_REASON, "minin", _SAFE, _CIFAR),
    Recipe(
        "nin-svhn",
        "nin-svhn",
        "svhn",
        f"{_NO_DEAD_CLASS} As for CIFAR-10, but never flipped: digits have a handedness.",
        "minin",
        _SAFE,
        _CIFAR.changed(epochs=10, augment=("translate:2",)),
    ),
    Recipe(
        "nin-imagenet",
        "nin-imagenet",
        None,
        f"{_NO_DEAD_CLASS} For a set of 224x224 images of one's own, on a GPU.",
        "minin",
        _SAFE,
        _LARGE.changed(epochs=30, lr=0.02, preprocess=("standardise",), augment=("flip",)),
    ),
    Recipe(
        "nin-d2l",
        "nin-d2l",
        "fashion-mnist",
        f"{_NO_DEAD_CLASS} Here it follows three layers of ten maps, and 39 % of 123 public"
        " runs with it end crippled. Half the text's rate, with a climb.",
        "minin",
        _SAFE,
        _LARGE,
    ),
    Recipe(
        "nin-example224",
        "nin-example224",
        "cifar10",
        f"{_NO_DEAD_CLASS} Twelve times the work of nin-imagenet: for a GPU and patience.",
        "minin",
        {"final_relu": False},
        _LARGE,
    ),
    Recipe(
        "cifar10-published",
        "nin-cifar10",
        "cifar10",
        "The authors' run: 10.4 % test error after 260 epochs.",
        _AUTHORS.format("cifar-10_params"),
        _PUBLISHED_BUILD,
        _PUBLISHED,
    ),
    Recipe(
        "cifar100-published",
        "nin-cifar100",
        "cifar100",
        "The authors' run: 35.7 % test error. A smaller rate, a larger penalty, and the last"
        " layer learns like the others.",
        _AUTHORS.format("cifar-100_params"),
        _PUBLISHED_BUILD,
        _PUBLISHED.changed(lr=0.02, weight_decay=5e-4, last_layer_lr=1.0),
    ),
    Recipe(
        "svhn-published",
        "nin-svhn",
        "svhn",
        "The authors' run: 2.35 % test error. The paper normalises contrast in each"
        " neighbourhood; here it is that of the whole image.",
        _AUTHORS.format("svhn_params"),
        _PUBLISHED_BUILD,
        _PUBLISHED.changed(preprocess=("gcn",)),
    ),
    Recipe(
        "mnist-published",
        "nin-mnist",
        "mnist",
        "The authors' run: 0.47 % test error, without any preprocessing but a scale.",
        _AUTHORS.format("mnist_params"),
        _PUBLISHED_BUILD,
        _PUBLISHED.changed(preprocess=("scale",)),
    ),
    Recipe(
        "imagenet-published",
        "nin-imagenet",
        None,
        "The author's run: 59.4 % top-1 with 29 MB of weights. 450,000 steps of 64 images are"
        " 22 and a half epochs of ImageNet; the rate falls after 200,000 and 400,000, here after 10"
        " and 20 epochs.",
        "Lin, Caffe model zoo, NIN-Imagenet (2014), solver.prototxt",
        _PUBLISHED_BUILD,
        _PUBLISHED.changed(
            epochs=22,
            batch_size=64,
            lr=0.01,
            milestones=(10, 20),
            weight_decay=5e-4,
            last_layer_lr=1.0,
            preprocess=("standardise",),
            augment=("flip",),
        ),
    ),
    Recipe(
        "fashion-224-sgd",
        "nin-d2l",
        "fashion-mnist",
        "The text's run: SGD at 0.1 on images blown up to 224x224, Xavier's start, five epochs"
        " of 128 images a step.",
        _TEXT,
        {"final_relu": True, "init": "xavier"},
        _FROM_TEXTS,
    ),
    Recipe(
        "fashion-224-adam",
        "nin-d2l",
        "fashion-mnist",
        "The other text's run: Adam at 0.002, three epochs, 10,000 of the 60,000 training"
        " images held back to validate on.",
        _TEXT,
        {"final_relu": True, "init": "xavier"},
        _FROM_TEXTS.changed(epochs=3, optimiser="adam", lr=2e-3, validation=1 / 6),
    ),
)

RECIPES: Final[dict[str, Recipe]] = {recipe.name: recipe for recipe in _ALL}


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

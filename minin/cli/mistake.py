"""The surest mistake: what the network got wrong with the least doubt, and what it saw."""

from __future__ import annotations

import numpy as np

from minin import train
from minin.cli.art import explain
from minin.cli.console import indent, percent, say, show, width
from minin.data import Dataset
from minin.nn import Module


def show_mistake(model: Module, dataset: Dataset) -> int:
    """Print the test image that was misjudged most surely, and the class maps to blame.

    If all are right, the one that was judged with the most doubt is shown instead.

    Returns:
        Which test image it is.
    """
    sure = train.probabilities(model, dataset.test_images)  # (M, classes)
    labels = dataset.test_labels
    said = sure.argmax(axis=1)  # (M,)
    wrong = said != labels
    highest = sure.max(axis=1)  # (M,)
    ranked = np.where(wrong, highest, -1) if wrong.any() else -highest  # (M,)
    index = int(ranked.argmax())
    answer, truth = int(said[index]), int(labels[index])
    if wrong[index]:
        text = (
            f"test image {index} is {dataset.classes[truth]!r}, taken for"
            f" {dataset.classes[answer]!r} with {percent(float(highest[index]))}; the maps"
            " show where each class was seen"
        )
        classes = [answer, truth]
    else:
        text = f"none; the least sure: test image {index}, {percent(float(highest[index]))}"
        runner_up = int(np.argsort(sure[index])[-2]) if sure.shape[1] > 1 else answer
        classes = [answer, runner_up]
    say("mistake", text)
    show_maps(model, dataset, index, classes)
    return index


def show_maps(model: Module, dataset: Dataset, index: int, classes: list[int]) -> None:
    """Draw a test image and, beside it, its class maps for some of the classes."""
    image = dataset.test_images[index]
    maps = train.class_maps(model, image[None])
    planes = [] if maps is None else [(f"{dataset.classes[c]} seen", maps[0, c]) for c in classes]
    show(explain(image, float(dataset.test_images.max()), planes, width() - indent()))

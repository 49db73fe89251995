"""The surest mistakes: what the network got wrong with the least doubt, and what it saw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minin import train
from minin.cli.art import beside, draw, explain, grey, shrink
from minin.cli.console import indent, say, show, width
from minin.data import Dataset
from minin.doctor.inputs import Images
from minin.explain import Mistake, class_maps
from minin.explain.mistakes import caption, pick_surest
from minin.nn import Module
from minin.text import percent

TALLEST = 14  # lines of a picture


def show_mistake(model: Module, dataset: Dataset) -> int:
    """Print the test image that was misjudged most surely, and the class maps to blame.

    If all are right, the one that was judged with the most doubt is shown instead.

    Returns:
        Which test image it is.
    """
    sure = train.probabilities(model, dataset.test_images)  # (M, classes)
    found = pick_surest(sure, dataset.test_labels, 1)
    if found:
        index, truth, answer, share = found[0]
        text = (
            f"test image {index} is {dataset.classes[truth]!r}, taken for"
            f" {dataset.classes[answer]!r} with {percent(share)}; the maps"
            " show where each class was seen"
        )
        classes = [answer, truth]
    else:
        highest = sure.max(axis=1)  # (M,)
        index = int(highest.argmin())
        answer = int(sure[index].argmax())
        text = f"none; the least sure: test image {index}, {percent(float(highest[index]))}"
        runner_up = int(np.argsort(sure[index])[-2]) if sure.shape[1] > 1 else answer
        classes = [answer, runner_up]
    say("mistake", text)
    show_maps(model, dataset, index, classes)
    return index


def show_maps(model: Module, dataset: Dataset, index: int, classes: list[int]) -> None:
    """Draw a test image and, beside it, its class maps for some of the classes."""
    image = dataset.test_images[index]
    maps = class_maps(model, image[None])
    planes = [] if maps is None else [(f"{dataset.classes[c]} seen", maps[0, c]) for c in classes]
    show(explain(image, float(dataset.test_images.max()), planes, width() - indent()))


def show_mistakes(mistakes: Sequence[Mistake], images: Images, classes: Sequence[str]) -> None:
    """Draw mistakes side by side, each below what it is and what was said.

    **Shapes:** images (M, C, H, W).
    """
    if not mistakes:
        say("mistakes", "none")
        return
    say("mistakes", f"the {len(mistakes)} it was surest of, the surest first")
    room = width() - indent()
    captions = [caption(mistake, classes) for mistake in mistakes]
    white, pictures = float(images.max()), []
    for mistake, (truth, said) in zip(mistakes, captions, strict=True):
        plane = shrink(grey(images[mistake.image]), min(TALLEST, room // 2))
        pictures.append((truth, [said[:room], *draw(plane, 0, white, 2), ""]))
    widest = max(len(line[:room]) for title, lines in pictures for line in [title, *lines])
    padded = [(title, [f"{line:<{widest}}" for line in lines]) for title, lines in pictures]
    show(beside(padded, room))

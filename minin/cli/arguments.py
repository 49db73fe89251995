"""The arguments that several commands share, and how their text becomes values."""

from __future__ import annotations

import argparse
import re

from minin.errors import ArgumentError


def add_epilog(parser: argparse.ArgumentParser, text: str) -> None:
    """Show examples below the arguments, line by line as they are."""
    parser.epilog = text
    parser.formatter_class = argparse.RawDescriptionHelpFormatter


def add_data(parser: argparse.ArgumentParser, default: str) -> None:
    """Take the name of a data set and the folder where its files are."""
    parser.add_argument(
        "--data", metavar="NAME", help=f"a name of `minin data list`; default: {default}"
    )
    parser.add_argument(
        "--data-root",
        metavar="DIR",
        help="folder with the files of the data sets; default: the variable MININ_DATA",
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """Take the device to compute on."""
    parser.add_argument(
        "--device",
        default="auto",
        metavar="NAME",
        help="auto, cpu or cuda; auto takes a GPU if one can be used",
    )


def image_shape(text: str) -> tuple[int, int, int]:
    """Read "3x32x32" as (C, H, W).

    Raises:
        ArgumentError: if the text is no three sizes.

    Example:
        >>> image_shape("3x32x32")
        (3, 32, 32)
    """
    if not re.fullmatch(r"[1-9]\d{0,4}(x[1-9]\d{0,4}){2}", text):
        raise ArgumentError(
            f"an image's size must be CHANNELSxROWSxCOLUMNS, such as 3x32x32; got {text!r}"
        )
    c, h, w = (int(part) for part in text.split("x"))
    return c, h, w

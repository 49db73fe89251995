"""The trained networks that minin brings along: a file of parameters each, and a card beside it."""

from __future__ import annotations

from pathlib import Path

from minin.errors import UnknownNameError
from minin.files.parameters import SavedState, read

FOLDER = Path(__file__).with_name("trained")


def trained() -> list[str]:
    """List the trained networks that come with minin, as NETWORK:DATA.

    Example:
        >>> "nin-digits:digits" in trained()
        True
    """
    return sorted(path.stem.replace(".", ":") for path in FOLDER.glob("*.safetensors"))


def read_trained(name: str, data: str) -> SavedState:
    """Read the parameters of network ``name``, trained on ``data``.

    Raises:
        UnknownNameError: if there are none; it names those that are there.
        BackendUnavailableError: if safetensors is not installed.
    """
    if f"{name}:{data}" not in trained():
        raise UnknownNameError.among("trained network", f"{name}:{data}", trained())
    return read(FOLDER / f"{name}.{data}.safetensors")

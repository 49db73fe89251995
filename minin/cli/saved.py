"""Opening a saved network together with what it was trained on."""

from __future__ import annotations

from minin import train
from minin.errors import DataError
from minin.nn import Module


def open_saved(path: str) -> tuple[Module, train.Source]:
    """Read a network and its note about the data.

    Raises:
        DataError: if there is no network, or it carries no note.
    """
    model = train.load_run(path)
    source = train.read_source(model)
    if source is None:
        raise DataError(
            f"{path!r} does not say how its images are prepared: it was not trained by"
            " `minin train` or minin.train.fit"
        )
    return model, source

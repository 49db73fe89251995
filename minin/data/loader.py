"""Batches that are ready when the training step asks for them.

While the network learns from one batch, a second thread prepares the next ones. NumPy lets
other threads run during its larger operations, so that most of the work is free where there
is a second core. Which images come when, and what happens to each, does not depend on it.
"""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from minin.data.batches import cut
from minin.data.transforms import Augment
from minin.errors import ArgumentError, DtypeError, ShapeError
from minin.shapes import integer

Floats: TypeAlias = npt.NDArray[np.floating[Any]]
Labels: TypeAlias = npt.NDArray[np.int64]
Batch: TypeAlias = tuple[Floats, Labels]

_CACHE_BYTES = 2**30


class Loader:
    """Walks over images and labels, in an order and with changes that the seed decides.

    The same seed, epoch and image give the same floats, whatever the batch size and however
    much is prepared ahead.

    If all prepared images fit into 1 GiB they are prepared once, here: a third of the memory
    that training takes, and whitening costs more than many a training step. Larger sets are
    prepared batch by batch.

    **Shapes:** images (N, C, H, W), labels (N,) -> batches (B, C', H', W'), (B,) with
    B <= batch_size; the last batch may be short.

    Args:
        images: bytes, if there is a ``preprocess``, or floats that need none.
        labels: int64, one an image.
        batch_size: images in a batch.
        seed: decides the order of each epoch and every random change.
        preprocess: makes floats of bytes, image by image, such as `Preprocess`.
        augment: changes floats at random, or None.
        ahead: how many batches a thread may prepare before they are asked for; 0 has no
            thread, and every batch is prepared when it is asked for.

    Raises:
        DtypeError: if images are neither bytes with nor floats without a preprocess, or
            labels are no int64.
        ShapeError: if the shapes are not as said above, or there are no images.
        ArgumentError: if batch_size, seed or ahead is out of range.

    Example:
        >>> pixels = np.zeros((5, 1, 2, 2), dtype=np.float32)
        >>> loader = Loader(pixels, np.arange(5), batch_size=2, seed=0)
        >>> len(loader)
        3
        >>> [labels.tolist() for _, labels in loader.epoch(1)]
        [[1, 4], [3, 0], [2]]
    """

    def __init__(
        self,
        images: npt.NDArray[Any],
        labels: Labels,
        batch_size: int,
        seed: int,
        preprocess: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]] | None = None,
        augment: Augment | None = None,
        ahead: int = 2,
    ) -> None:
        _check_images(images, preprocess)
        _check_labels(labels, len(images))
        self.batch_size = integer("batch_size", batch_size)
        self.seed = integer("seed", seed, least=0)
        self.ahead = integer("ahead", ahead, least=0)
        if augment is not None and not isinstance(augment, Augment):
            raise DtypeError(
                f"augment must be an Augment or None; got {type(augment).__name__}."
                " Use Augment.read([...])"
            )
        self._images, self._labels = images, labels
        self._preprocess, self._augment = preprocess, augment
        if preprocess is not None and _bytes_of_all(images, preprocess) <= _CACHE_BYTES:
            self._images, self._preprocess = preprocess(images), None

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return math.ceil(len(self._labels) / self.batch_size)

    def epoch(self, number: int, skip: int = 0) -> Iterator[Batch]:
        """Walk once over all images.

        A thread, if there is one, starts at the first batch. It ends with the walk: at its
        last batch, at a ``break``, an exception or Ctrl-C. What goes wrong in it is raised
        here, at the batch that it concerns.

        **Shapes:** -> images (B, C', H', W'), labels (B,).

        Args:
            number: which epoch, at least 0; each has an order of its own.
            skip: how many batches to leave out at the start, to go on where a run broke off.

        Raises:
            ArgumentError: if number or skip is out of range.
        """
        number, skip = integer("number", number, least=0), integer("skip", skip, least=0)
        if skip > len(self):
            raise ArgumentError(f"skip must be at most {len(self)}, an epoch; got {skip}")
        source = np.random.default_rng(np.random.SeedSequence((self.seed, number)))
        order = source.permutation(len(self._labels))[skip * self.batch_size :]  # (M,)
        walk = self._walk(number, order)
        return prepared_ahead(walk, self.ahead) if self.ahead else walk

    def _walk(self, number: int, order: npt.NDArray[np.int64]) -> Iterator[Batch]:
        for index in cut(order, self.batch_size):
            images = self._images[index]  # a copy
            if self._preprocess is not None:
                images = self._preprocess(images)
            if self._augment is not None:
                images = self._augment(images, seed=self.seed, epoch=number, indices=index)
            yield images, self._labels[index]


def prepared_ahead(walk: Iterator[Batch], ahead: int) -> Generator[Batch, None, None]:
    """Run ``walk`` in a thread that is at most ``ahead`` batches in front of its reader."""
    ready: queue.Queue[Batch | _End] = queue.Queue(ahead)
    stopped = threading.Event()
    thread = threading.Thread(
        target=_fill, args=(walk, ready, stopped), name="minin-loader", daemon=True
    )
    try:
        thread.start()
    except RuntimeError:  # a browser has no threads; the batches are the same
        yield from walk
        return
    try:
        while not isinstance(batch := ready.get(), _End):
            yield batch
        if batch.error is not None:
            raise batch.error
    finally:
        stopped.set()
        # The thread may wait for room. It looks at `stopped` before each batch that it puts,
        # so once there is room it puts one at most.
        while not ready.empty():
            ready.get_nowait()
        thread.join()


class _End:
    """The last thing that comes out of the thread: why it ended."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def _fill(
    walk: Iterator[Batch], ready: queue.Queue[Batch | _End], stopped: threading.Event
) -> None:
    """Put batches into the queue until there are no more, or nobody wants them."""
    end = _End()
    try:
        for batch in walk:
            if stopped.is_set():
                return
            ready.put(batch)
    except BaseException as error:
        end = _End(error)
    if not stopped.is_set():
        ready.put(end)


def _bytes_of_all(images: npt.NDArray[Any], preprocess: Callable[..., Any]) -> int:
    """Say how large all prepared images would be, from one of them."""
    return len(images) * int(preprocess(images[:1]).nbytes)


def _check_images(images: Any, preprocess: Any) -> None:
    wanted = "floats" if preprocess is None else "uint8"
    dtype = images.dtype if isinstance(images, np.ndarray) else None
    if dtype is None or (dtype.kind != "f" if preprocess is None else dtype != np.uint8):
        came = type(images).__name__ if dtype is None else dtype
        raise DtypeError(
            f"images must be a NumPy array of {wanted}; got {came}. Bytes need a preprocess,"
            " such as Preprocess.fit(['standardise'], images), and floats need none"
        )
    if preprocess is not None and not callable(preprocess):
        raise DtypeError(
            f"preprocess must be a Preprocess or None; got {type(preprocess).__name__}"
        )
    if images.ndim != 4 or images.size == 0:
        raise ShapeError(
            f"images must have shape (N, C, H, W) and hold a pixel; got shape {images.shape}"
        )


def _check_labels(labels: Any, count: int) -> None:
    if not isinstance(labels, np.ndarray) or labels.dtype != np.int64:
        came = getattr(labels, "dtype", type(labels).__name__)
        raise DtypeError(f"labels must be a NumPy array of int64; got {came}")
    if labels.shape != (count,):
        raise ShapeError(
            f"labels must have shape ({count},), one an image; got shape {labels.shape}"
        )

"""Bytes become floats as in training, wherever the network goes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import minin
from minin import data, models, nn, train
from minin.doctor.inputs import Source, prepared, read_source, write_source
from minin.errors import ArgumentError, DataError, DtypeError


def source(dataset: data.Dataset) -> Source:
    return Source.of(dataset, data.Preprocess.fit(["standardise"], dataset.train_images))


def test_the_note_survives_writing_and_reading(dataset: data.Dataset) -> None:
    model = models.build("nin-digits", rng=0)
    assert read_source(model) is None
    write_source(model, source(dataset))
    found = read_source(model)
    assert found is not None
    assert found.to_dict() == source(dataset).to_dict()
    assert source(dataset).white == 16


def test_the_note_travels_in_the_file(dataset: data.Dataset, tmp_path: Path) -> None:
    model = models.build("nin-digits", rng=0)
    write_source(model, source(dataset))
    minin.save(model, tmp_path / "a.safetensors")
    found = read_source(train.load_run(tmp_path / "a.safetensors"))
    assert found is not None
    assert found.to_dict() == source(dataset).to_dict()


def test_whitening_travels_in_the_file_too(dataset: data.Dataset, tmp_path: Path) -> None:
    """Its matrix is too large for words, so it goes along as an array."""
    model = models.build("nin-digits", rng=0)
    preprocess = data.Preprocess.fit(["gcn", "zca"], dataset.train_images)
    write_source(model, Source.of(dataset, preprocess))
    minin.save(model, tmp_path / "a.safetensors")
    again = train.load_run(tmp_path / "a.safetensors")
    wanted = preprocess(dataset.test_images)
    np.testing.assert_array_equal(prepared(again, dataset.test_images).numpy(), wanted)
    minin.save(again, tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    other = models.build("nin-digits", rng=1)
    minin.load(other, tmp_path / "a.safetensors")
    np.testing.assert_array_equal(prepared(other, dataset.test_images).numpy(), wanted)


def test_bytes_are_prepared_as_noted(dataset: data.Dataset) -> None:
    model = models.build("nin-digits", rng=0)
    write_source(model, source(dataset))
    got = prepared(model, dataset.test_images).numpy()
    np.testing.assert_array_equal(got, source(dataset).preprocess(dataset.test_images))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_network_decides_the_dtype(dataset: data.Dataset, dtype: str) -> None:
    model = models.build("nin-digits", rng=0, dtype=dtype)
    write_source(model, source(dataset))
    assert prepared(model, dataset.test_images).dtype == dtype
    assert prepared(model, np.zeros((1, 1, 8, 8), np.float32)).dtype == dtype


def test_floats_are_taken_as_they_are() -> None:
    model = models.build("nin-digits", rng=0)
    images = np.random.default_rng(0).standard_normal((2, 1, 8, 8)).astype(np.float32)
    np.testing.assert_array_equal(prepared(model, images).numpy(), images)


def test_bytes_without_a_note_are_refused(dataset: data.Dataset) -> None:
    with pytest.raises(DtypeError, match="bytes must be prepared"):
        prepared(models.build("nin-digits", rng=0), dataset.test_images)


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        "{}",
        '{"data": "x", "classes": [], "shape": [1, 8], "white": 1, "preprocess": {}}',
    ],
)
def test_a_damaged_note_is_an_error(text: str) -> None:
    model = models.build("nin-digits", rng=0)
    model.description = {"trained_on": text}
    with pytest.raises(DataError, match="description"):
        read_source(model)


def test_a_network_without_parameters_is_refused() -> None:
    with pytest.raises(ArgumentError, match="must have parameters; ReLU has none"):
        prepared(nn.ReLU(), np.zeros((1, 1, 8, 8), np.float32))

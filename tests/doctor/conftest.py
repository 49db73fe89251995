"""The few digits and the short run of the training loop's tests."""

from tests.train.conftest import dataset as dataset
from tests.train.conftest import trained as trained

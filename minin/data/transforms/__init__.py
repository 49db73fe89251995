"""From bytes to floats for every use, and random changes for training alone."""

from minin.data.transforms.augment import Augment as Augment
from minin.data.transforms.preprocess import Preprocess as Preprocess

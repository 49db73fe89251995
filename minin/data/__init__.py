"""Data sets, batches and the way from bytes to floats."""

from minin.data.arrays import from_arrays as from_arrays
from minin.data.batches import batches as batches
from minin.data.batches import split as split
from minin.data.dataset import Dataset as Dataset
from minin.data.dataset import fingerprint as fingerprint
from minin.data.folder import from_folder as from_folder
from minin.data.idx import read_idx as read_idx
from minin.data.load import load as load
from minin.data.load import locate as locate
from minin.data.load import names as names
from minin.data.loader import Loader as Loader
from minin.data.transforms import Augment as Augment
from minin.data.transforms import Preprocess as Preprocess
from minin.data.transforms.standardise import Standardise as Standardise

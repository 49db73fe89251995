"""Networks on disk: their parameters in a file, and a network from its file alone."""

from minin.weights.files import load as load
from minin.weights.files import save as save
from minin.weights.foreign import read_foreign as read_foreign
from minin.weights.network import open as open

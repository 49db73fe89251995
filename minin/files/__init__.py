"""What minin writes to disk and reads from it: whole files, arrays, TOML."""

from minin.files.arrays import PathLike as PathLike
from minin.files.arrays import read_arrays as read_arrays
from minin.files.arrays import write_arrays as write_arrays
from minin.files.atomic import write_atomically as write_atomically
from minin.files.ordinary import open_file as open_file
from minin.files.toml import read_toml as read_toml

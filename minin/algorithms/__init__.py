"""One convolution, six ways: the same numbers at very different prices.

Read them in this order. Each file has the idea, the formula, and what it costs:

1. `loops`: the definition.
2. `im2col`: all windows as columns, one matrix product.
3. `tiled`: the same with the columns of a tile at a time.
4. `shifts`: one small product for each kernel cell, added up.
5. `pointwise`: the 1x1 convolution, where the image is its own columns.
6. `cook_toom` and `winograd`: fewer multiplications than the definition has.

`compare` runs them all on one layer; `predict` says what they take before they run. They are
for lessons and comparisons, and have no backward: `ops.conv2d` is the operation.
"""

from minin.algorithms.algorithm import Algorithm as Algorithm
from minin.algorithms.budget import available_bytes as available_bytes
from minin.algorithms.compare import AlgorithmComparison as AlgorithmComparison
from minin.algorithms.compare import compare as compare
from minin.algorithms.cook_toom import CookToom as CookToom
from minin.algorithms.cook_toom import cook_toom as cook_toom
from minin.algorithms.costs import predict as predict
from minin.algorithms.costs import predict_bytes as predict_bytes
from minin.algorithms.im2col import conv2d_im2col as conv2d_im2col
from minin.algorithms.layer import Cost as Cost
from minin.algorithms.layer import Layer as Layer
from minin.algorithms.loops import conv2d_loops as conv2d_loops
from minin.algorithms.pointwise import conv2d_pointwise as conv2d_pointwise
from minin.algorithms.shifts import conv2d_shifts as conv2d_shifts
from minin.algorithms.table import ALGORITHMS as ALGORITHMS
from minin.algorithms.table import names as names
from minin.algorithms.tiled import conv2d_tiled as conv2d_tiled
from minin.algorithms.winograd import conv2d_winograd as conv2d_winograd

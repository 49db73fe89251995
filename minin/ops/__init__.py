"""The plain rules: every operation of Network in Network, forward and backward side by side.

Read `conv` and `pool` first. Each rule works on plain arrays of any library that keeps to the
array-API standard; ``op.rule`` is the rule itself.
"""

from minin.ops.conv import col2im as col2im
from minin.ops.conv import conv2d as conv2d
from minin.ops.conv import im2col as im2col
from minin.ops.dropout import dropout as dropout
from minin.ops.elementwise import abs as abs
from minin.ops.elementwise import exp as exp
from minin.ops.elementwise import leaky_relu as leaky_relu
from minin.ops.elementwise import log as log
from minin.ops.elementwise import maximum as maximum
from minin.ops.elementwise import relu as relu
from minin.ops.elementwise import sigmoid as sigmoid
from minin.ops.elementwise import sqrt as sqrt
from minin.ops.elementwise import tanh as tanh
from minin.ops.linear import linear as linear
from minin.ops.linear import matmul as matmul
from minin.ops.loss import cross_entropy as cross_entropy
from minin.ops.loss import log_softmax as log_softmax
from minin.ops.loss import mse_loss as mse_loss
from minin.ops.loss import softmax as softmax
from minin.ops.mlpconv import mlpconv as mlpconv
from minin.ops.pool import avg_pool2d as avg_pool2d
from minin.ops.pool import global_avg_pool2d as global_avg_pool2d
from minin.ops.pool import max_pool2d as max_pool2d
from minin.ops.reduce import max as max
from minin.ops.reduce import mean as mean
from minin.ops.reduce import sum as sum
from minin.ops.reshape import concatenate as concatenate
from minin.ops.reshape import flatten as flatten
from minin.ops.reshape import pad2d as pad2d
from minin.ops.reshape import reshape as reshape
from minin.ops.reshape import transpose as transpose
from minin.ops.reshape import where as where

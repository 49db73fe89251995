"""Layers with parameters, and how these start."""

from minin.nn import init as init
from minin.nn.conv import Conv2d as Conv2d
from minin.nn.mlpconv import MlpConv as MlpConv
from minin.nn.module import Module as Module
from minin.nn.pool import AvgPool2d as AvgPool2d
from minin.nn.pool import GlobalAvgPool2d as GlobalAvgPool2d
from minin.nn.pool import MaxPool2d as MaxPool2d
from minin.nn.sequential import Sequential as Sequential
from minin.nn.simple import Dropout as Dropout
from minin.nn.simple import Flatten as Flatten
from minin.nn.simple import Linear as Linear
from minin.nn.simple import ReLU as ReLU

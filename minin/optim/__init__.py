"""Optimisers: how a step follows from a gradient."""

from minin.optim.adam import Adam as Adam
from minin.optim.clip import clip_gradients as clip_gradients
from minin.optim.groups import Group as Group
from minin.optim.groups import Optimiser as Optimiser
from minin.optim.schedules import SCHEDULES as SCHEDULES
from minin.optim.schedules import make_schedule as make_schedule
from minin.optim.sgd import SGD as SGD

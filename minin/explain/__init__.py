"""What a network is and costs beside others, and what a trained one does, made visible."""

from minin.explain.activations import activations as activations
from minin.explain.blocks import blocks as blocks
from minin.explain.blocks import layers_of as layers_of
from minin.explain.compare import NetworkComparison as NetworkComparison
from minin.explain.compare import compare as compare
from minin.explain.confusion import Confusion as Confusion
from minin.explain.confusion import confusion_matrix as confusion_matrix
from minin.explain.fields import fields_picture as fields_picture
from minin.explain.filters import filters_picture as filters_picture
from minin.explain.graph import DrawnGraph as DrawnGraph
from minin.explain.graph import graph as graph
from minin.explain.im2col import im2col_picture as im2col_picture
from minin.explain.maps import class_maps as class_maps
from minin.explain.maps import maps_picture as maps_picture
from minin.explain.mistakes import Mistake as Mistake
from minin.explain.mistakes import contact_sheet as contact_sheet
from minin.explain.mistakes import surest_mistakes as surest_mistakes

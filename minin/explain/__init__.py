"""What a network costs beside others, and what a trained one does, made visible."""

from minin.explain.activations import activations as activations
from minin.explain.compare import NetworkComparison as NetworkComparison
from minin.explain.compare import compare as compare
from minin.explain.confusion import Confusion as Confusion
from minin.explain.confusion import confusion_matrix as confusion_matrix
from minin.explain.maps import class_maps as class_maps
from minin.explain.mistakes import Mistake as Mistake
from minin.explain.mistakes import contact_sheet as contact_sheet
from minin.explain.mistakes import surest_mistakes as surest_mistakes

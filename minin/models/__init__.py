"""The networks of the paper and its descendants, as tables; and what they cost."""

from minin.models.builder import INITIALISERS as INITIALISERS
from minin.models.builder import Network as Network
from minin.models.builder import build as build
from minin.models.builder import check_options as check_options
from minin.models.builder import names as names
from minin.models.costs import Summary as Summary
from minin.models.costs import summary as summary
from minin.models.trained import trained as trained

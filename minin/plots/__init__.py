"""Pictures: diagrams drawn here as SVG or PNG, and figures of matplotlib where it is there."""

from minin.plots.drawing import Drawing as Drawing
from minin.plots.figure import BLUE as BLUE
from minin.plots.figure import DPI as DPI
from minin.plots.figure import GREY as GREY
from minin.plots.figure import ORANGE as ORANGE
from minin.plots.figure import SVG_MARK as SVG_MARK
from minin.plots.figure import as_png as as_png
from minin.plots.figure import need_matplotlib as need_matplotlib
from minin.plots.figure import new_figure as new_figure

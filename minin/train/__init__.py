"""The training loop, and what surrounds it: recipes, judgement, proof, the run on disk.

Read in this order: `loop`, `recipes`, `checkpoint`, `judge`, `proof`.
"""

from minin.doctor.inputs import Source as Source
from minin.doctor.inputs import read_source as read_source
from minin.doctor.judge import Evaluation as Evaluation
from minin.doctor.judge import evaluate as evaluate
from minin.doctor.judge import probabilities as probabilities
from minin.errors import DivergedError as DivergedError
from minin.errors import StoppedError as StoppedError
from minin.train.curves import curves_picture as curves_picture
from minin.train.curves import curves_text as curves_text
from minin.train.curves import write_curves as write_curves
from minin.train.folder import LAST as LAST
from minin.train.folder import check_folder as check_folder
from minin.train.folder import is_unfinished as is_unfinished
from minin.train.groups import freeze as freeze
from minin.train.history import Epoch as Epoch
from minin.train.history import History as History
from minin.train.history import StepRecord as StepRecord
from minin.train.interrupt import ctrl_c as ctrl_c
from minin.train.loop import fit as fit
from minin.train.options import Options as Options
from minin.train.proof import Proof as Proof
from minin.train.proof import prove as prove
from minin.train.recipe import Recipe as Recipe
from minin.train.recipe import read_recipe as read_recipe
from minin.train.recipes import RECIPES as RECIPES
from minin.train.recipes import find_recipe as find_recipe
from minin.train.run import load_run as load_run
from minin.train.run import read_rows as read_rows
from minin.train.run import read_summary as read_summary
from minin.train.run import save_run as save_run

"""The training loop, and what surrounds it: options, judgement, proof, the run on disk.

Read in this order: `loop`, `rate` (the learning rate over time), `judge`, `proof`.
"""

from minin.errors import DivergedError as DivergedError
from minin.train.history import Epoch as Epoch
from minin.train.history import History as History
from minin.train.history import Step as Step
from minin.train.inputs import Source as Source
from minin.train.inputs import read_source as read_source
from minin.train.judge import Evaluation as Evaluation
from minin.train.judge import evaluate as evaluate
from minin.train.judge import probabilities as probabilities
from minin.train.loop import fit as fit
from minin.train.maps import class_maps as class_maps
from minin.train.options import Options as Options
from minin.train.options import build_options_for as build_options_for
from minin.train.options import options_for as options_for
from minin.train.proof import Proof as Proof
from minin.train.proof import prove as prove
from minin.train.run import check_folder as check_folder
from minin.train.run import load_run as load_run
from minin.train.run import read_summary as read_summary
from minin.train.run import save_run as save_run

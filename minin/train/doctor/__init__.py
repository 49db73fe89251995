"""The doctor: why a network does not learn, from one batch and the losses so far.

Read in this order: `vitals` (what is measured), `look`, `thresholds`, `diagnose`, then the
causes (`dead`, `sizes`, `progress`) and `report`.
"""

from minin.train.doctor.case import Diagnosis as Diagnosis
from minin.train.doctor.classes import dead_classes as dead_classes
from minin.train.doctor.diagnose import NAMES as NAMES
from minin.train.doctor.diagnose import diagnose as diagnose
from minin.train.doctor.look import look as look
from minin.train.doctor.report import Report as Report
from minin.train.doctor.report import examine as examine
from minin.train.doctor.vitals import ClassVitals as ClassVitals
from minin.train.doctor.vitals import LayerVitals as LayerVitals
from minin.train.doctor.vitals import ParameterVitals as ParameterVitals
from minin.train.doctor.vitals import Pixels as Pixels
from minin.train.doctor.vitals import Vitals as Vitals

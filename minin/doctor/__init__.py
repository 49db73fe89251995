"""The doctor: why a network does not learn, from one batch and the losses so far.

Read in this order: `vitals` (what is measured), `look`, `thresholds`, `diagnose`, then the
causes (`dead`, `sizes`, `progress`) and `report`.
"""

from minin.doctor.case import Diagnosis as Diagnosis
from minin.doctor.classes import dead_classes as dead_classes
from minin.doctor.diagnose import NAMES as NAMES
from minin.doctor.diagnose import diagnose as diagnose
from minin.doctor.look import look as look
from minin.doctor.report import Examination as Examination
from minin.doctor.report import examine as examine
from minin.doctor.vitals import ClassVitals as ClassVitals
from minin.doctor.vitals import LayerVitals as LayerVitals
from minin.doctor.vitals import ParameterVitals as ParameterVitals
from minin.doctor.vitals import Pixels as Pixels
from minin.doctor.vitals import Vitals as Vitals

"""What is checked: functions on plain arrays or on tensors, and their arguments.

Read in this order: `arguments`, `outcome`, `functions`, `tensor_function`; the others stand alone.
"""

from minin.gradcheck.subject.functions import Code as Code
from minin.gradcheck.subject.tensor_function import Graph as Graph

Subject = Code | Graph

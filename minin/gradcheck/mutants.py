"""The zoo of wrong backwards, under one name; see `minin.gradcheck.zoo`."""

from minin.gradcheck.zoo import BUGS as BUGS
from minin.gradcheck.zoo import MUTANTS as MUTANTS
from minin.gradcheck.zoo import REFERENCES as REFERENCES
from minin.gradcheck.zoo import Bug as Bug
from minin.gradcheck.zoo import Mutant as Mutant
from minin.gradcheck.zoo import Reference as Reference
from minin.gradcheck.zoo import equivalent as equivalent

"""`python -m minin`: the same as the command `minin`."""

import sys

from minin.cli import main

if __name__ == "__main__":
    sys.exit(main())

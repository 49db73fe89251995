"""The version of minin that runs; setup.cfg has the same."""

__version__ = "0.1.0"

"""Tests, laid out as minin/ is."""

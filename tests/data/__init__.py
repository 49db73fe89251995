"""Tests of minin/data/."""

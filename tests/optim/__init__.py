"""Tests of minin.optim."""

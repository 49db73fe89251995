"""Tests of minin.explain."""

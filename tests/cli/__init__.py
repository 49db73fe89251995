"""Tests of minin.cli."""

"""Tests of minin.train."""

"""Tests of minin.files."""

"""Tests of minin.doctor."""

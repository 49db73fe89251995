"""Slopes by differences, and how far they can be trusted."""

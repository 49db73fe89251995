"""Slopes by differences, and how far they can be trusted.

Read in this order: `slopes`, `steps`, `differences`, `kinks`; `purity`, `upstream`; `comparison`,
`comparisons`, which set what came beside it; `directions` where there are too many numbers.
"""

"""Which operation a forward computes, and what its backward should give.

Read in this order: `references.record` and one family, `layouts`, `match`, `other_inputs`.
"""

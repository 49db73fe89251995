"""Which operation a forward computes, and what its backward should give."""

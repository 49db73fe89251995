"""The ops at their edges, and the errors that they raise."""

"""Which wrong backwards does which gradient check catch? Measures it, and writes the page.

    python -m tools.who_catches_what            measure what can be measured here, write the page
    python -m tools.who_catches_what --page     only write the page from what is recorded
    python -m tools.who_catches_what jax        measure one check, keep what is recorded of others

Real checkers that are not installed keep the results that are recorded. JAX may live in an
environment of its own: run the third form there.
"""

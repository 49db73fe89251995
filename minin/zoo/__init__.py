"""The zoo: every bug of the catalogue as a whole wrong program, on plain NumPy arrays.

The checker is judged by it and never reads it. It serves `minin gradcheck --bug`, tools and tests.
"""

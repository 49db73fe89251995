"""Operations on plain NumPy arrays, right or with one known bug in backward."""

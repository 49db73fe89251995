"""What was found, in words.

Read in this order: `result`, `finding`, `report`, `text`; `wrong_map`, `smallest_case`, `html`.
"""

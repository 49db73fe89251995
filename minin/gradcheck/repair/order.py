"""In which order edits are tried: the likeliest kinds first, the most numerous last."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from minin.gradcheck.repair import assignments, axes, values, windows
from minin.gradcheck.repair.edit import Edit
from minin.gradcheck.repair.operators import Operator, Rewriting
from minin.gradcheck.repair.record import Program

ANY = ("array", "number", "int", "bool", "str", "other", "sizes")
ORDER: tuple[Operator | Rewriting, ...] = (
    Rewriting("accumulate", assignments.added_up),
    Rewriting("accumulate", assignments.added_at),
    Operator("accumulate", values.from_zeros, whole=True),
    Operator("reduce", values.other_reduction, ("array", "number")),
    Operator("reduce", values.one_more_reduction, whole=True),
    Operator("call", values.other_call, ANY),
    Operator("call", values.other_option, ("str",)),
    Operator("call", values.other_comparison, ("array", "bool")),
    Rewriting("scalar", assignments.other_sign),
    Operator("scalar", values.without_factor, ("array", "number", "int")),
    Operator("scalar", values.negated, ("array", "number"), whole=True),
    Operator("number", values.other_constant, ("int", "number"), alike=True),
    Operator("name", values.derived_number, ("int", "number")),
    Operator("array", values.other_array, alike=True),
    Operator("axes", axes.other_product),
    Operator("axes", axes.other_letters, ("str",)),
    Operator("axes", axes.other_order),
    Operator("axes", axes.new_axes),
    Operator("axes", axes.transposed),
    Rewriting("index", axes.exchanged_indices),
    Rewriting("index", axes.counted),
    Operator("index", axes.other_index, ("int",)),
    Rewriting("index", assignments.exchanged),
    Rewriting("window", windows.stepped),
    Operator("window", windows.cropped, whole=True),
    Rewriting("window", windows.further),
    Operator("window", windows.rounded_up, ("int",)),
    Rewriting("window", windows.moved),
    Operator("reverse", axes.turned),
    Operator("term", values.one_more_term, whole=True),
    Operator("factor", values.one_more_factor, ("array", "number"), whole=True),
    Operator("factor", values.one_more_factor, ("int",), whole=True),
    Operator("term", values.one_more_term, whole=False),
    Operator("name", values.other_number, ("int", "number"), alike=True),
    Operator("factor", values.one_more_factor, ("array", "number"), whole=False),
    Operator("reduce", values.one_more_reduction, whole=False),
    Operator("axes", axes.any_order, whole=True),
    Operator("axes", axes.sorted_back),
    Operator("term", values.one_more_product, whole=True),
)


def edits(program: Program) -> Iterator[Edit]:
    """Yield edits: those of backward, then those of what forward runs too, then of forward."""
    groups = [
        [f for f in program.functions if f.backward and not f.forward],
        [f for f in program.functions if f.backward and f.forward],
        [f for f in program.functions if not f.backward],
    ]
    for group in groups:
        statements = [s for s in program.statements if s.function in group]
        sites = [s for s in program.sites if s.statement.function in group]
        for operator in ORDER if statements else ():
            with contextlib.suppress(Exception):  # code as nobody thought of: the next kind
                yield from operator.edits(program, sites, statements)

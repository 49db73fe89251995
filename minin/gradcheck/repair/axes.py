"""Edits of axes and indices: their order, their number, which of them, and in which direction."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations

from minin.gradcheck.repair.edit import Edit, expr
from minin.gradcheck.repair.operators import Expressions, called, numpy_in, operand, site_of
from minin.gradcheck.repair.record import Program, Site, Statement

PRODUCTS = (
    "A_ @ B_", "B_ @ A_", "A_.T @ B_", "A_ @ B_.T", "B_.T @ A_", "B_ @ A_.T", "A_.T @ B_.T",
    "B_.T @ A_.T",
)  # fmt: skip


def transposed(_: Program, site: Site) -> Expressions:
    """Transpose, or exchange two axes; or do not."""
    if isinstance(site.node, ast.Attribute) and site.node.attr == "T":
        yield site.node.value
    parent = site.parent
    if isinstance(parent, ast.Subscript) and site.field == "value":
        return  # indices are exchanged in place
    if isinstance(parent, ast.Attribute) and parent.attr in ("T", "shape"):
        return
    if len(site.shape) == 2:
        yield expr("A_.T", A_=site.node)
    elif 2 < len(site.shape) < 7:
        for a, b in combinations(range(len(site.shape)), 2):
            yield expr(f"A_.swapaxes({a}, {b})", A_=site.node)


def any_order(_: Program, site: Site) -> Expressions:
    """Any order of three or four axes."""
    for order in (
        list(permutations(range(len(site.shape))))[1:] if 3 <= len(site.shape) <= 4 else ()
    ):
        yield expr(f"A_.transpose{order}", A_=site.node)


def sorted_back(_: Program, site: Site) -> Expressions:
    """The inverse of an order: its own argsort."""
    if site.value.dtype.kind in "iu":
        for axis in range(len(site.shape)):
            yield expr(f"A_.argsort(axis={axis})", A_=site.node)


def other_product(program: Program, site: Site) -> Expressions:
    """Another order of two factors of a matrix product, either of them transposed."""
    node, inner = site.node, operand(program, site.node)
    sides: list[ast.expr] = []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        sides = [node.left, node.right]
    elif isinstance(node, ast.Call) and called(node) in ("dot", "matmul") and inner and node.args:
        sides = [inner.node, node.args[-1]]
    bare = [n.value if isinstance(n, ast.Attribute) and n.attr == "T" else n for n in sides]
    for text in PRODUCTS if bare else ():
        yield expr(text, A_=bare[0], B_=bare[1])


def other_order(program: Program, site: Site) -> Expressions:
    """Another order of axes where there is one; another order before or after a reshape."""
    inner, name, node = operand(program, site.node), called(site.node), site.node
    if inner is None or not isinstance(node, ast.Call):
        return
    ndim = len(inner.shape)
    if name in ("transpose", "permute", "swapaxes", "moveaxis", "rollaxis") and ndim <= 6:
        yield inner.node
        for order in _orders(node, ndim):
            yield expr(f"A_.transpose{order}", A_=inner.node)
    if name in ("reshape", "ravel", "flatten") and 2 <= ndim <= 4:
        for order in list(permutations(range(ndim)))[1:]:
            yield _on(node, inner.node, expr(f"A_.transpose{order}", A_=inner.node))
    if name == "reshape" and 2 <= len(site.shape) <= 4:
        yield from _reshaped(site, node, inner)


def _on(node: ast.Call, old: ast.expr, new: ast.expr) -> ast.Call:
    """Call the same function of another array."""
    if isinstance(node.func, ast.Attribute) and node.func.value is old:
        return ast.Call(ast.Attribute(new, node.func.attr, ast.Load()), node.args, node.keywords)
    return ast.Call(node.func, [new, *node.args[1:]], node.keywords)


def _orders(node: ast.Call, ndim: int) -> list[tuple[int, ...]]:
    """List orders of axes: all of four, else those near to the one there and to its inverse."""
    if ndim <= 4:
        return list(permutations(range(ndim)))
    found = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
    start = found if sorted(map(str, found)) == [str(i) for i in range(ndim)] else list(range(ndim))
    orders = [tuple(start.index(i) for i in range(ndim))]
    for a, b in combinations(range(ndim), 2):
        moved = [start[{a: b, b: a}.get(i, i)] for i in range(ndim)]
        orders += [tuple(moved), tuple(moved.index(i) for i in range(ndim))]  # type: ignore[arg-type]
    return orders


def _reshaped(site: Site, node: ast.Call, inner: Site) -> Expressions:
    """Reshape to the sizes in another order, and transpose back."""
    parts = list(node.args if getattr(node.func, "value", None) is inner.node else node.args[1:])
    if len(parts) == 1 and isinstance(parts[0], (ast.Tuple, ast.List)):
        parts = parts[0].elts
    ndim = len(site.shape)
    if len(parts) == 1:
        parts = [expr(f"S_[{i}]", S_=parts[0]) for i in range(ndim)]
    for order in list(permutations(range(ndim)))[1:] if len(parts) == ndim else ():
        flat = ast.Call(
            ast.Attribute(inner.node, "reshape", ast.Load()), [parts[i] for i in order], []
        )
        yield expr(f"A_.transpose{tuple(order.index(i) for i in range(ndim))}", A_=flat)


def other_letters(_: Program, site: Site) -> Expressions:
    """Exchange two letters of an einsum, replace one, or add one to the result."""
    text = site.node.value if isinstance(site.node, ast.Constant) else ""
    if not isinstance(text, str) or "->" not in text:
        return
    letters = sorted({c for c in text if c.isalpha()})
    terms = text.replace("->", ",").split(",")
    for number, term in enumerate(terms):
        made = [
            term.replace(a, "\0").replace(b, a).replace("\0", b)
            for a, b in combinations(letters, 2)
        ]
        made += [
            term[:i] + c + term[i + 1 :] for i, o in enumerate(term) if o.isalpha() for c in letters
        ]
        if number == len(terms) - 1:
            made += [term + c for c in letters if c not in term]
        for new in dict.fromkeys(made):
            parts = [*terms[:number], new, *terms[number + 1 :]]
            yield ast.Constant(",".join(parts[:-1]) + "->" + parts[-1])


def turned(program: Program, site: Site) -> Expressions:
    """Turn an array round along one axis or the last two, before and after a call; or do not."""
    if isinstance(site.parent, ast.Attribute):
        return
    ndim = len(site.shape)
    if isinstance(site.node, ast.Subscript) and "::-1" in ast.unparse(site.node.slice):
        yield site.node.value
    for form in [":, " * a + "::-1" for a in range(ndim)] + ["..., ::-1, ::-1"] * (ndim > 1):
        yield expr(f"A_[{form}]", A_=site.node)
        inner = operand(program, site.node)
        if called(site.node) in ("cumsum", "cumprod") and inner and isinstance(site.node, ast.Call):
            on = _on(site.node, inner.node, expr(f"A_[{form}]", A_=inner.node))
            yield expr(f"A_[{form}]", A_=on)


def other_index(_: Program, site: Site) -> Expressions:
    """Another loop's counter; the entry before or after."""
    if is_index(site):
        for name in site.statement.counters:
            if getattr(site.node, "id", "") != name:
                yield expr(name)
        for text in ("A_ + 1", "A_ - 1"):
            yield expr(text, A_=site.node)


def new_axes(_: Program, site: Site) -> Expressions:
    """New axes at other places: which axis is repeated when numbers are stretched."""
    node = site.node
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Tuple):
        return
    parts = node.slice.elts
    new = [p for p in parts if isinstance(p, (ast.Constant, ast.Attribute)) and "None" in _text(p)]
    if not 0 < len(new) < len(parts) < 8 or not all(p in new or _is_all(p) for p in parts):
        return
    for places in combinations(range(len(parts)), len(new)):
        moved: list[ast.expr] = [new[0] if k in places else ast.Slice() for k in range(len(parts))]
        yield ast.Subscript(node.value, ast.Tuple(moved, ast.Load()), ast.Load())


def _text(node: ast.expr) -> str:
    """Return the text of a part; np.newaxis is None."""
    return ast.unparse(node).replace("np.newaxis", "None").replace("numpy.newaxis", "None")


def _is_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Slice) and not (node.lower or node.upper or node.step)


def is_index(site: Site) -> bool:
    """Tell whether an expression is an index, or one of several."""
    whole = [n for n in ast.walk(site.statement.node) if isinstance(n, ast.Subscript)]
    parents = [p for n in whole for p in (n, n.slice)]
    return site.parent in parents and site.field in ("slice", "elts")


def exchanged_indices(
    _: Program, sites: Sequence[Site], statements: Sequence[Statement]
) -> Iterator[Edit]:
    """Exchange two index names in one subscript, or wherever a statement has them."""
    for statement in statements:
        found = [s for s in sites if s.statement is statement and s.kind == "int"]
        for a, b in combinations([s for s in found if is_index(s)], 2):
            if a.parent is b.parent and ast.dump(a.node) != ast.dump(b.node):
                yield Edit("", 1, [(a, b.node), (b, a.node)])
        names = [s for s in found if isinstance(s.node, ast.Name)]
        for one, two in combinations(dict.fromkeys(ast.unparse(s.node) for s in names), 2):
            other = {one: two, two: one}
            both = [(s, expr(other[t])) for s in names if (t := ast.unparse(s.node)) in other]
            yield Edit("", 1, both)


def counted(program: Program, sites: Sequence[Site], _: Sequence[Statement]) -> Iterator[Edit]:
    """Take one entry of each row: x[:, y] to x[np.arange(len(y)), y]."""
    for site in sites:
        node = site.node
        if not isinstance(node, ast.Tuple) or not isinstance(site.parent, ast.Subscript):
            continue
        arrays = [e for e in node.elts if (s := site_of(program, e)) and s.kind == "array"]
        for place, part in enumerate(node.elts if arrays else ()):
            if isinstance(part, ast.Slice):
                one = expr("N_.arange(len(A_))", N_=numpy_in(site), A_=arrays[0])
                elts = [one if i == place else e for i, e in enumerate(node.elts)]
                yield Edit("", 1, [(site, ast.Tuple(elts, ast.Load()))])

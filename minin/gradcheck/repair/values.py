"""Edits of what is computed: summed over what, by which function, with which array and factor."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from minin.gradcheck.repair.edit import expr
from minin.gradcheck.repair.operators import (
    Expressions,
    called,
    inside,
    is_whole,
    numpy_in,
    operand,
    site_of,
)
from minin.gradcheck.repair.record import Program, Site, Statement, kind

ZEROED = ("empty", "empty_like", "ones", "ones_like")
REDUCERS = ("sum", "mean", "max", "min", "prod", "var", "std")
PAIRS = (
    "convolve/correlate", "max/min", "argmax/argmin", "maximum/minimum", "sin/cos", "exp/log",
    "floor/ceil", "tanh/cosh", "sum/mean", "add/subtract",
    "repeat/tile", "full/valid", "full/same", "std/var", "any/all", "inner/outer",
    "empty/zeros", "stack/concatenate", "empty_like/zeros_like", "vstack/hstack",
    "edge/constant", "C/F",
)  # fmt: skip
OTHER = [(a, b) for pair in PAIRS for a, b in (pair.split("/"), pair.split("/")[::-1])]
SWAP: dict[type[ast.AST], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.Gt: "< >= <=", ast.Lt: "> <= >=",
    ast.GtE: "< > <=", ast.LtE: "> < >=", ast.Eq: "!=", ast.NotEq: "==", ast.BitAnd: "|",
    ast.BitOr: "&", ast.FloorDiv: "%", ast.Mod: "//", ast.And: "or", ast.Or: "and",
}  # fmt: skip
TERMS = (
    "A_ * (B_ > 0)", "A_ * B_", "A_ + B_", "A_ - B_", "A_ / B_", "A_ * (1 - B_)",
    "A_ * B_ * (1 - B_)", "A_ * (1 - B_ ** 2)",
)  # fmt: skip
DERIVED = ("1 - A_", "A_ * (1 - A_)", "A_ ** 2", "1 - A_ ** 2", "1 / A_")


def from_zeros(_: Program, site: Site) -> Expressions:
    """Begin at zeros; work on a copy."""
    name = called(site.node)
    if name not in ZEROED and (not isinstance(site.node, ast.Call) or name == "copy"):
        yield expr("N_.zeros_like(A_)", N_=numpy_in(site), A_=site.node)
    if isinstance(site.node, (ast.Name, ast.Subscript, ast.Attribute)):
        yield expr("A_.copy()", A_=site.node)
    if name in ZEROED and isinstance(site.node, ast.Call):
        made = "zeros_like" if name.endswith("like") else "zeros"
        call = expr(f"N_.{made}(A_)", N_=numpy_in(site), A_=site.node.args[0])
        yield call, float(name.startswith("ones"))  # may only switch off what comes after


def other_reduction(program: Program, site: Site) -> Expressions:
    """Sum or mean, over which axes, kept or not, or neither."""
    inner, name = operand(program, site.node), called(site.node)
    if inner is None or name not in REDUCERS:
        return
    for how in dict.fromkeys([name, *(("sum", "mean") if name in ("sum", "mean") else ())]):
        for text in _reductions(how, len(inner.shape)):
            yield expr(text, A_=inner.node)
    yield inner.node


def one_more_reduction(_: Program, site: Site) -> Expressions:
    """Sum what is not summed yet; take its mean off."""
    for text in _reductions("sum", len(site.shape)) if inside(site) and len(site.shape) < 5 else ():
        if is_whole(site) or "keepdims" in text:
            yield expr(text, A_=site.node)
            if "keepdims" in text:
                yield expr(text.replace("A_.sum", "A_ - A_.mean"), A_=site.node)


def _reductions(how: str, ndim: int) -> Iterator[str]:
    for count in range(1, ndim + 1):
        for axes in combinations(range(ndim), count):
            written = str(axes[0]) if count == 1 else str(axes)
            yield f"A_.{how}(axis={written})"
            yield f"A_.{how}(axis={written}, keepdims=True)"
    yield f"A_.{how}()"


def other_call(program: Program, site: Site) -> Expressions:
    """The other function of a pair; without an option, or without the call."""
    node, name = site.node, called(site.node)
    if not isinstance(node, ast.Call):
        return
    base = node.func.value if isinstance(node.func, ast.Attribute) else node
    for other in [b for a, b in OTHER if a == name and base is not node]:
        yield ast.Call(ast.Attribute(base, other, ast.Load()), node.args, node.keywords)
    for place in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, [k for i, k in enumerate(node.keywords) if i != place])
    if name == "where" and len(node.args) == 3:
        yield ast.Call(node.func, [node.args[0], node.args[2], node.args[1]], [])
    for part in (*node.args, *([base] if base is not node else [])):
        inner = site_of(program, part)
        if inner is not None and inner.kind == site.kind and inner.shape == site.shape:
            yield inner.node


def other_option(_: Program, site: Site) -> Expressions:
    """The other word of a pair."""
    if isinstance(site.node, ast.Constant):
        yield from (ast.Constant(other) for one, other in OTHER if site.node.value == one)


def other_comparison(_: Program, site: Site) -> Expressions:
    """Another comparison, or its opposite."""
    node = site.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for sign in SWAP.get(type(node.ops[0]), "").split():
            yield expr(f"A_ {sign} B_", A_=node.left, B_=node.comparators[0])
    elif site.kind == "array" and site.value.dtype == bool:
        yield expr("~A_", A_=node)
        if isinstance(node, ast.BinOp):
            yield from (node.left, node.right)
            yield expr(f"A_ {SWAP[type(node.op)]} B_", A_=node.left, B_=node.right)


def without_factor(program: Program, site: Site) -> Expressions:
    """Without a factor, a divisor, or a sign; another operation."""
    node = site.node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Invert, ast.Not)):
        yield node.operand
    if not isinstance(node, ast.BinOp):
        return
    inner = node.left.left if isinstance(node.left, ast.BinOp) else node.left  # two at once
    for side in dict.fromkeys((node.left, node.right, inner)):
        part = site_of(program, side)
        adds = isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow))
        if part is not None and part.shape == site.shape and adds:
            yield side
    for sign in SWAP.get(type(node.op), "").split():
        yield expr(f"A_ {sign} B_", A_=node.left, B_=node.right)
    if isinstance(node.op, ast.Sub):
        yield expr("B_ - A_", A_=node.left, B_=node.right)


def negated(_: Program, site: Site) -> Expressions:
    """The other sign."""
    yield expr("-A_", A_=site.node)


def other_constant(_: Program, site: Site) -> Expressions:
    """Another number near the one that is written there."""
    v = site.node.value if isinstance(site.node, ast.Constant) else None
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        near = [-v, v + 1, v - 1, 2 * v, v / 2, 1 - v, 0, 1, 2]
        near = [int(n) for n in near if n == int(n)] if isinstance(v, int) else [*near, 0.5]
        yield from (expr(repr(n)) for n in dict.fromkeys(near) if n != v)


def derived_number(_: Program, site: Site) -> Expressions:
    """A number's complement, its root or square, where it scales something."""
    if isinstance(site.parent, ast.BinOp) and not isinstance(site.node, ast.Constant):
        for text in ("1 - A_", "A_ ** 0.5", "A_ ** 2"):
            yield expr(text, A_=site.node)


def other_array(program: Program, site: Site) -> Expressions:
    """Another array of the same shape."""
    for text, value, more in program.atoms(site.statement):
        if kind(value) == "array" and value.shape == site.shape:
            new = expr(text)
            if ast.unparse(new) != ast.unparse(site.node):
                yield new, more


def other_number(program: Program, site: Site) -> Expressions:
    """Another number that has a name."""
    scales = isinstance(site.parent, ast.BinOp) and isinstance(site.parent.op, (ast.Mult, ast.Div))
    if scales or isinstance(site.node, (ast.Name, ast.Attribute, ast.Subscript, ast.Constant)):
        for text, value, more in numbers_at(program, site.statement):
            if scales or site.kind == "number" or kind(value) == site.kind:
                yield expr(text), more


def numbers_at(program: Program, s: Statement) -> list[tuple[str, float, int]]:
    """List the numbers that have names at a statement, and the lengths of arrays there."""
    if s.numbers is None:
        atoms = list(program.atoms(s))
        found = [(t, v, c) for t, v, c in atoms if kind(v) in ("int", "number")]
        known = {int(v) for _, v, _ in found if kind(v) == "int"}
        for text, value, cost in atoms:
            if kind(value) != "array":
                continue
            for axis, length in enumerate(value.shape):
                if length not in known and not cost:
                    known.add(length)
                    found.append((f"{text}.shape[{axis}]", length, cost))
            if value.ndim == 1 and not cost and value.dtype.kind == "f":
                found.append((f"{text}.sum()", float(value.sum()), 0))
            at = s.counters[-value.ndim :]
            if len(at) == value.ndim and value.dtype.kind == "f":  # count[i, j]
                found.append((f"{text}[{', '.join(at)}]", float(value.flat[0]), cost + 1))
        s.numbers = found
    return s.numbers


def one_more_term(program: Program, site: Site) -> Expressions:
    """One more mask, factor or term; the derivative of what is there."""
    if not inside(site):
        return
    yield from (expr(text, A_=site.node) for text in DERIVED)
    written = ast.unparse(site.statement.node)
    for text, value, cost in program.atoms(site.statement):
        more = cost + 0.25 * (text not in written)  # a slip rather leaves something half out
        if kind(value) == "array" and _stretches(value.shape, site.shape):
            for form in TERMS[1:2] if value.dtype == bool else TERMS:
                yield expr(form, A_=site.node, B_=expr(text)), more


def _stretches(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, to) == to
    except ValueError:
        return False


def one_more_factor(program: Program, site: Site) -> Expressions:
    """One more factor that is a number, or a product of two."""
    if not inside(site):
        return
    found = [*numbers_at(program, site.statement)]
    for text, value, more in found:
        forms = ["A_ / B_", "A_ * B_"]
        if kind(value) == "number":
            forms += ["A_ / (1 - B_)", "A_ * (1 - B_)", "A_ / B_ ** 0.5", "A_ * B_ ** 0.5"]
        for form in forms:
            yield expr(form, A_=site.node, B_=expr(text)), more
    yield from (expr(form, A_=site.node) for form in ("A_ * 2", "A_ / 2"))
    sizes = [t for t, v, _ in found if kind(v) == "int" and v > 1][:8]
    for a, b in combinations(sizes, 2) if is_whole(site) else ():
        yield expr("A_ / (B_ * C_)", A_=site.node, B_=expr(a), C_=expr(b))


def one_more_product(program: Program, site: Site) -> Expressions:
    """One more term that is a product of two arrays, or like a term that is there."""
    atoms = [(t, v, c) for t, v, c in program.atoms(site.statement) if kind(v) == "array"]
    node = site.node
    terms = [
        n
        for n in ast.walk(node)
        if isinstance(n, ast.BinOp) and isinstance(n.op, (ast.Mult, ast.MatMult))
    ]
    for term in terms[:3] if isinstance(node, ast.BinOp) else ():
        yield from (expr("A_ + B_", A_=node, B_=new) for new in _like(program, term, atoms))
    same = [t for t, v, c in atoms if v.shape == site.shape and v.dtype.kind == "f" and not c]
    for a, b in combinations(same[:14], 2):
        yield expr("A_ + B_ * C_", A_=node, B_=expr(a), C_=expr(b))


def _like(
    program: Program, term: ast.BinOp, atoms: Sequence[tuple[str, np.ndarray, int]]
) -> Iterator[ast.expr]:
    """Yield a term with its two arrays replaced by two others of their shapes."""
    names = [n for n in ast.walk(term) if isinstance(n, (ast.Name, ast.Attribute))]
    known = [(n, s) for n in names if (s := site_of(program, n)) is not None and s.kind == "array"]
    simple = list({ast.unparse(n): s for n, s in known if getattr(n, "attr", "") != "T"}.items())
    if len(simple) != 2:
        return
    (a, one), (b, two) = simple
    for x, u, more in atoms:
        for y, v, again in atoms:
            dims = (u.ndim, v.ndim) == (one.value.ndim, two.value.ndim)
            if dims and x != a and y != b and not more + again:
                yield _renamed(ast.unparse(term), {a: x, b: y})


def _renamed(text: str, names: dict[str, str]) -> ast.expr:
    class Renamed(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            written = ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
            return expr(names[written]) if written in names else self.generic_visit(node)

    return Renamed().visit(expr(text))  # type: ignore[return-value]

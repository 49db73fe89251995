"""What may import what, as functions from source text to sentences about violations.

`violations` takes {module name: source}; the `__init__.py` of a package goes by the name
`minin.ops.__init__`. Nothing is imported, so a faulty tree can be judged as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

# From top to bottom. A file imports only from rows below its own.
ROWS: tuple[tuple[str, ...], ...] = (
    ("cli",),
    ("exercises", "explain", "bench", "zoo"),
    ("train",),
    ("doctor",),
    ("weights",),
    ("models",),
    ("nn", "optim", "data"),
    ("fast",),
    ("gradcheck", "algorithms"),
    ("ops",),
    ("autograd",),
    ("backend",),
    ("sentences",),
    ("files", "text", "plots", "shapes", "rng"),
    ("errors", "machine", "version"),
)
ROW_OF = {part: number for number, row in enumerate(ROWS) for part in row}

# The same inside folders whose files stand on floors of their own.
INSIDE: dict[str, tuple[tuple[str, ...], ...]] = {
    "autograd": (
        ("__init__",),
        ("making",),
        ("tensors",),
        ("engine", "methods"),
        ("dispatch", "operators"),
        ("guards", "state"),
        ("calling", "changes", "nesting", "shapes_line", "tape"),
    ),
    "gradcheck": (
        ("__init__",),
        ("torch_functions",),
        ("check",),
        ("examine",),
        ("report",),
        ("repair",),
        ("diagnose",),
        ("recognise",),
        ("measure",),
        ("subject", "catalogue"),
    ),
}

# The two files at the top see everything; nobody below may import them.
TOP = ("__init__", "__main__")

# Below in the table, and out of bounds all the same: who checks must not share the bugs.
FORBIDDEN_PAIRS = {("gradcheck", "ops"), ("gradcheck", "algorithms")}

ARRAY_LIBRARIES = {"numpy", "cupy", "cupyx"}
CUPY = {"cupy", "cupyx"}

Sources = Mapping[str, str]


class Import(NamedTuple):
    """One imported module, in full, and the line that imports it."""

    target: str
    line: int


def package_sources(root: Path) -> dict[str, str]:
    """Read every module of the package that lies in ``root``."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts): path.read_text("utf-8")
        for path in sorted((root / "minin").rglob("*.py"))
    }


def violations(sources: Sources) -> list[str]:
    """List every sentence about an import that should not be."""
    found = []
    for module, source in sources.items():
        for imported in imports(module, source, sources):
            where = f"{module}:{imported.line} imports {imported.target}"
            found += [f"{where}: {why}" for why in _faults(module, imported.target)]
    return found + cycles(sources)


def imports(module: str, source: str, sources: Sources) -> Iterator[Import]:
    """Yield every import of one module, wherever in the file it stands.

    Those under `if TYPE_CHECKING:` are imports like others: who reads the file must know the
    other one too.
    """
    for node in ast.walk(ast.parse(source)):
        for target in _targets(module, node, sources):
            yield Import(target, getattr(node, "lineno", 0))


def _targets(module: str, node: ast.AST, sources: Sources) -> Iterator[str]:
    """Yield the modules that one statement or call imports."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield _as_module(alias.name, sources)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(module, node)
        for alias in node.names:
            # `from a import b` takes the module a.b if there is one, else a's own b.
            inner = _as_module(f"{base}.{alias.name}", sources)
            yield inner if inner in sources else _as_module(base, sources)
    elif isinstance(node, ast.Call) and (name := _imported_by_call(node)):
        yield _as_module(name, sources)


def cycles(sources: Sources) -> list[str]:
    """Describe one chain of imports that comes back to its start, if there is any.

    Imports inside functions and those for types alone count too: they hide a cycle and do not
    remove it. Python's own running of a package's `__init__` before its modules does not.
    """
    graph = {
        module: {
            found.target for found in imports(module, source, sources) if found.target in sources
        }
        for module, source in sources.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        chain: list[str] = error.args[1]
        return [f"import cycle: {' <- '.join(chain)}"]
    return []


def _faults(module: str, target: str) -> Iterator[str]:
    """Yield what is wrong with ``module`` importing ``target``."""
    part, other = part_of(module), part_of(target)
    library = target.split(".")[0]
    if part == "ops" and library in ARRAY_LIBRARIES:
        yield f"ops/ is written for every array library and names none; {library} came"
    if part != "backend" and library in CUPY:
        yield "CuPy is imported inside backend/ only"
    if part in TOP:
        return
    if part not in ROW_OF:
        yield f"{part} is in no row of the layer table"
    elif other in TOP:
        yield "the top of the package is above every row"
    elif other is not None and other != part:
        yield from _between(part, other)
    elif part in INSIDE and other == part:
        yield from _inside(part, module.split(".")[2], target.split(".")[2])


def _between(part: str, other: str) -> Iterator[str]:
    """Yield what is wrong with one part importing another."""
    if other not in ROW_OF:
        yield f"{other} is in no row of the layer table"
    elif ROW_OF[other] < ROW_OF[part]:
        yield f"{other} is above {part}"
    elif ROW_OF[other] == ROW_OF[part]:
        yield f"{other} is beside {part}, in the same row"
    elif (part, other) in FORBIDDEN_PAIRS:
        yield f"{part} must not depend on {other}"


def _inside(part: str, room: str, other: str) -> Iterator[str]:
    """Yield what is wrong with one room of a folder importing another."""
    row_of = {name: number for number, row in enumerate(INSIDE[part]) for name in row}
    if room not in row_of or other not in row_of:
        yield f"{room if room not in row_of else other} is in no row of {part}"
    elif room != other and row_of[other] <= row_of[room]:
        yield f"{other} is not below {room} in {part}"


def part_of(module: str) -> str | None:
    """Name the part of minin that a module belongs to; None if it is not minin's.

    Example:
        >>> part_of("minin.ops.conv"), part_of("minin"), part_of("numpy.typing")
        ('ops', '__init__', None)
    """
    first, *rest = module.split(".")
    if first != "minin":
        return None
    return rest[0] if rest else "__init__"


def _as_module(name: str, sources: Sources) -> str:
    """Spell a package as its `__init__`, where there is one."""
    return f"{name}.__init__" if f"{name}.__init__" in sources else name


def _absolute(module: str, node: ast.ImportFrom) -> str:
    """Resolve the dots of a relative import.

    One dot is the package that holds the module; in an `__init__`, spelt out as it is here,
    that is the package itself, so both are counted alike.
    """
    if not node.level:
        return node.module or ""
    package = module.split(".")[: -node.level]
    return ".".join([*package, node.module] if node.module else package)


def _imported_by_call(node: ast.Call) -> str | None:
    """Return X of `import_module("X")` and `__import__("X")`."""
    name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
    if name not in {"import_module", "__import__"} or not node.args:
        return None
    first = node.args[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return None

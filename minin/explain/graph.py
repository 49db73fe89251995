"""The graph that forward leaves and backward walks: ops, leaves, and the shapes between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from minin.autograd import Tensor
from minin.autograd.engine import Node
from minin.backend import Shape
from minin.errors import GraphError
from minin.plots import Drawing

WIDE, HIGH, GAP, DOWN = 264, 38, 36, 66  # pixels of a box, between boxes, and from row to row


@dataclass(frozen=True)
class DrawnNode:
    """An op that ran, with the shape it gave, or a leaf.

    Attributes:
        name: of the op, or of the leaf.
        shapes: the output of an op; of the leaves that stand in one box, each.
        sources: the numbers of what it was computed from.
        leaf: whether nothing computed it.
    """

    name: str
    shapes: tuple[Shape, ...]
    sources: tuple[int, ...] = ()
    leaf: bool = False

    @property
    def size(self) -> str:
        """Its shape in words."""
        told = ["x".join(map(str, shape)) or "one number" for shape in self.shapes]
        many = [words for words in told if "x" in words]  # beside a weight, a bias is no news
        return ", ".join(many if len(told) > 1 and many else told)


@dataclass(frozen=True)
class DrawnGraph:
    """What backward would walk, the oldest first; ``dot`` and ``picture`` show it."""

    nodes: tuple[DrawnNode, ...]

    def dot(self) -> str:
        """Write it in the language of Graphviz."""
        lines = ["digraph minin {", '  node [shape=box, fontname="sans-serif"];']
        for number, node in enumerate(self.nodes):
            style = ", style=rounded" if node.leaf else ""
            told = f"{node.name}\n{node.size}".replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'  n{number} [label="{told}"{style}];'.replace("\n", "\\n"))
            lines += [f"  n{source} -> n{number};" for source in node.sources]
        return "\n".join([*lines, "}\n"])

    def picture(self) -> Drawing:
        """Draw it from the top to the bottom: ops in rows, each as high as it can be."""
        places = self._places()
        rows = max(row for row, _ in places) + 1
        columns = max(column for _, column in places) + 1
        size = columns * (WIDE + GAP) + GAP, rows * DOWN + 78
        ops = [node.name for node in self.nodes if not node.leaf]
        told = "An arrow leads from what an op uses to its output; backward walks against them."
        drawing = Drawing(*size, f"autograd graph of {len(ops)} ops", f"{', '.join(ops)}. {told}")
        drawing.words(GAP, 28, drawing.title, 14, bold=True)
        drawing.words(GAP, size[1] - 12, "backward walks against the arrows", 11, "soft")
        spots = [(GAP + x * (WIDE + GAP), 46 + y * DOWN) for y, x in places]
        for node, (x, y) in zip(self.nodes, spots, strict=True):
            for place, source in enumerate(node.sources, 1):
                a, b = spots[source]
                into = x + WIDE * place / (len(node.sources) + 1)
                bend: tuple[float, float] = (a + WIDE / 2, b + HIGH)
                if y - b > DOWN:  # past the rows between, beside their boxes
                    side = a + WIDE + GAP / 2
                    drawing.line(bend, (side, b + DOWN), (side, y - DOWN / 2), colour="soft")
                    bend = (side, y - DOWN / 2)
                drawing.arrow(bend, (into, y - 1))
        for node, (x, y) in zip(self.nodes, spots, strict=True):
            drawing.box(x, y, WIDE, HIGH, "room" if node.leaf else "pale", "edge")
            middle = x + WIDE / 2
            drawing.words(middle, y + 16, node.name, 12, at="middle", bold=not node.leaf)
            drawing.words(middle, y + 31, node.size, 11, "soft", "middle")
        return drawing

    def _places(self) -> list[tuple[int, int]]:
        """Find (row, column) of each node: ops below what they use, leaves right above an op."""
        depth: list[int] = []
        for node in self.nodes:
            depth.append(1 + max((depth[source] for source in node.sources), default=-1))
        for number in reversed(range(len(depth))):
            users = [u for u, node in enumerate(self.nodes) if number in node.sources]
            if users and self.nodes[number].leaf:
                depth[number] = min(depth[user] for user in users) - 1
        taken: dict[int, int] = {}
        places: list[tuple[int, int]] = [(0, 0)] * len(depth)
        order = sorted(range(len(depth)), key=lambda n: (self.nodes[n].leaf, n))
        for number in order:
            column = taken.get(depth[number], 0)
            taken[depth[number]] = column + 1
            places[number] = depth[number], column
        return places


def graph(output: Tensor, names: Iterable[tuple[str, Tensor]] = ()) -> DrawnGraph:
    r"""Read the graph behind a tensor.

    The leaves of one op whose names begin alike, as 0.0.weight and 0.2.bias, share a box.

    Args:
        output: what was computed.
        names: of leaves, as ``model.named_parameters()`` has them.

    Raises:
        GraphError: if nothing in it requires a gradient.

    Example:
        >>> x = minin.tensor([1.0, 2.0], requires_grad=True)
        >>> print(graph((x * x).sum(), [("x", x)]).dot())
        digraph minin {
          node [shape=box, fontname="sans-serif"];
          n0 [label="x\n2", style=rounded];
          n1 [label="multiply\n2"];
          n0 -> n1;
          n0 -> n1;
          n2 [label="sum\none number"];
          n1 -> n2;
        }
        <BLANKLINE>
    """
    if output._node is None:
        raise GraphError(
            "output must be computed from a tensor that requires a gradient; nothing here does."
            " Call the network outside of no_grad"
        )
    found: list[DrawnNode] = []
    numbers: dict[Any, int] = {}
    named = {id(leaf): name for name, leaf in names}
    for node in _ops_of(output._node):
        leaves: dict[str, dict[Any, None]] = {}
        for source in node.sources:
            if source is not None and not isinstance(source, Node) and source not in numbers:
                name = named.get(id(source), "input")
                leaves.setdefault(name.partition(".")[0], {})[source] = None
        for name, group in leaves.items():
            numbers.update((leaf, len(found)) for leaf in group)
            whole = named.get(id(next(iter(group))), name)
            whole = whole if len(group) == 1 else f"parameters {name}.*"
            found.append(DrawnNode(whole, tuple(leaf.shape for leaf in group), leaf=True))
        sources = [numbers[source] for source in node.sources if source is not None]
        if node.lengths:  # a list of leaves is one arrow
            sources = list(dict.fromkeys(sources))
        numbers[node] = len(found)
        found.append(DrawnNode(node.op.__name__, (tuple(node.shape),), tuple(sources)))
    return DrawnGraph(tuple(found))


def _ops_of(root: Node) -> list[Node]:
    """List the ops behind one, the oldest first."""
    seen, waiting = {root}, [root]
    while waiting:
        for source in waiting.pop().sources:
            if isinstance(source, Node) and source not in seen:
                seen.add(source)
                waiting.append(source)
    return sorted(seen, key=lambda node: node.time)

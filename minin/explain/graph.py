"""The graph that forward leaves and backward walks: ops, leaves, and the shapes between them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from minin.autograd import Tensor
from minin.autograd.engine import Node
from minin.errors import GraphError
from minin.plots import Drawing

WIDE, HIGH, GAP, DOWN = 264, 38, 36, 66  # pixels of a box, between boxes, and from row to row


class DrawnNode(NamedTuple):
    """An op that ran, or leaves: a name, shapes in words, and the numbers of its sources."""

    name: str
    size: str
    sources: tuple[int, ...] = ()
    leaf: bool = False


class DrawnGraph(tuple[DrawnNode, ...]):
    """What backward would walk, the oldest first; ``dot`` and ``picture`` show it."""

    def dot(self) -> str:
        """Write it in the language of Graphviz."""
        lines = ["digraph minin {", '  node [shape=box, fontname="sans-serif"];']
        for number, node in enumerate(self):
            told = f"{node.name}\\n{node.size}".replace('"', '\\"')
            lines.append(f'  n{number} [label="{told}"{", style=rounded" * node.leaf}];')
            lines += [f"  n{source} -> n{number};" for source in node.sources]
        return "\n".join([*lines, "}\n"])

    def picture(self) -> Drawing:
        """Draw the ops below each other as they ran, each with its leaves on the right."""
        ops = [number for number, node in enumerate(self) if not node.leaf]
        spots: dict[int, tuple[float, float]] = {}  # the left upper corner of each box
        y = 46.0
        for number in ops:
            spots[number] = 2 * GAP, y
            new = [s for s in dict.fromkeys(self[number].sources) if s not in spots]
            spots |= {leaf: (3 * GAP + WIDE, y + k * DOWN) for k, leaf in enumerate(new)}
            y += DOWN * max(len(new), 1)
        names = ", ".join(self[number].name for number in ops)
        title = f"autograd graph of {len(ops)} ops"
        drawing = Drawing(4 * GAP + 2 * WIDE, y + 34, title, names)
        drawing.frame("an arrow leads from what an op uses to the op; backward walks against them")
        lane = 0
        for before, number in zip([-1, *ops], ops, strict=False):
            x, y = spots[number]
            for source in dict.fromkeys(self[number].sources):
                a, b = spots[source]
                if self[source].leaf:
                    drawing.arrow((a, b + HIGH / 2), (x + WIDE + 1, y + HIGH / 2))
                elif source == before:
                    drawing.arrow((a + WIDE / 2, b + HIGH), (x + WIDE / 2, y - 1))
                else:  # past the ops between, each such arrow in a lane of its own
                    lane = lane % 7 + 1
                    side = x - 8 * lane
                    ends = (a, b + HIGH / 2 + lane), (x - 1, y + HIGH / 2 - lane)
                    drawing.arrow(ends[0], (side, ends[0][1]), (side, ends[1][1]), ends[1])
        for number, (x, y) in spots.items():
            leaf = self[number].leaf
            drawing.box(x, y, WIDE, HIGH, "room" if leaf else "pale", "edge")
            drawing.words(x + WIDE / 2, y + 16, self[number].name, at="middle", bold=not leaf)
            drawing.words(x + WIDE / 2, y + 31, self[number].size, 11, "soft", "middle")
        return drawing


def graph(output: Tensor, names: Iterable[tuple[str, Tensor]] = ()) -> DrawnGraph:
    r"""Read the graph behind a tensor; leaves of one op named alike, as 0.0.weight, share a box.

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
        groups: dict[str, dict[Any, None]] = {}
        for source in node.sources:
            if source is not None and source not in numbers:
                name = named.get(id(source), "input")
                groups.setdefault(name.partition(".")[0], {})[source] = None
        for name, leaves in groups.items():
            numbers.update((leaf, len(found)) for leaf in leaves)
            told = named.get(id(next(iter(leaves))), name)
            told = told if len(leaves) == 1 else f"parameters {name}.*"
            found.append(DrawnNode(told, _size([leaf.shape for leaf in leaves]), leaf=True))
        sources = [numbers[source] for source in node.sources if source is not None]
        numbers[node] = len(found)
        sources = list(dict.fromkeys(sources)) if node.lengths else sources  # a list is one arrow
        found.append(DrawnNode(node.op.__name__, _size([node.shape]), tuple(sources)))
    return DrawnGraph(found)


def _size(shapes: list[Any]) -> str:
    """Write shapes; where there are weights, biases are no news."""
    told = ["x".join(map(str, shape)) or "one number" for shape in shapes]
    many = [words for words in told if "x" in words]
    return ", ".join(many if len(told) > 1 and many else told)


def _ops_of(root: Node) -> list[Node]:
    """List the ops behind one, the oldest first."""
    seen, waiting = {root}, [root]
    while waiting:
        new = {n for n in waiting.pop().sources if isinstance(n, Node)} - seen
        seen |= new
        waiting += new
    return sorted(seen, key=lambda node: node.time)

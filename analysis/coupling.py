"""How systems hang together: the order of a dependency structure matrix, loops, and who depends on whom."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import networkx as nx

NUMBER = re.compile("[0-9]+")
DIGITS = 20


def name_key(name: str) -> tuple[str, str]:
    """Return the key that sorts names as people count (2 before 10), in any case, and the same way every time."""
    return NUMBER.sub(lambda number: number[0].zfill(DIGITS), name.casefold()), name


@dataclass(frozen=True)
class Propagation:
    """How far a change reaches: `filled` of `cells` (from, to) pairs, each system with itself among them.

    `at_least` is true while the dependencies of a system may be missing, which can only lower the figure;
    `undeclared` names such systems.
    """

    filled: int
    cells: int
    largest_loop: tuple[str, ...]
    undeclared: tuple[str, ...]

    @property
    def cost(self) -> float | None:
        """The percentage of systems that a change reaches on average, itself included; None without systems."""
        return 100 * self.filled / self.cells if self.cells else None

    @property
    def at_least(self) -> bool:
        return bool(self.undeclared)


class Coupling:
    """The coupling of `systems` (names) through `pairs` of (from, to), where `from` depends on `to`.

    The same pair twice counts once. Raises ValueError for a name in `pairs` that isn't one of `systems`, and
    for a system that depends on itself. Every answer is the same for any order of the input.
    """

    def __init__(self, systems: Iterable[str], pairs: Iterable[tuple[str, str]]):
        self.graph = nx.DiGraph()
        self.graph.add_nodes_from(sorted(set(systems), key=name_key))
        for dependent, provider in sorted(set(pairs)):
            self._check(dependent)
            self._check(provider)
            if dependent == provider:
                raise ValueError(f"{dependent!r} can't depend on itself.")
            self.graph.add_edge(dependent, provider)

    def loops(self) -> list[list[str]]:
        """Systems that depend on each other in a circle: strongly connected components of two or more.

        Smallest loop first, then by name; the names within a loop are sorted.
        """
        circles = [
            sorted(c, key=name_key) for c in nx.strongly_connected_components(self.graph) if len(c) > 1
        ]
        return sorted(circles, key=lambda loop: (len(loop), [name_key(name) for name in loop]))

    def loop_of(self) -> dict[str, int]:
        """For each system in a loop, the position of its loop in `loops()`."""
        return {name: position for position, loop in enumerate(self.loops()) for name in loop}

    def order(self) -> list[str]:
        """Return all systems, each after what it depends on, so that a matrix of them is lower triangular.

        Rows depend on columns; only dependencies within a loop may lie above the diagonal, and a loop's
        systems stand together. What needs nothing comes first, then by the longest chain of needs, then by
        name; systems without any dependency come last. This is the partitioning of Steward (1981), "The
        design structure system", IEEE Transactions on Engineering Management 28(3), by the graph's
        condensation.
        """
        blocks = nx.condensation(self.graph)
        members = blocks.nodes(data="members")
        depth: dict[int, int] = {}
        for block in reversed(list(nx.topological_sort(blocks))):
            depth[block] = 1 + max((depth[needed] for needed in blocks.successors(block)), default=0)

        def place(block: int) -> tuple[bool, int, tuple[str, str]]:
            alone = blocks.degree(block) == 0 and len(members[block]) == 1
            return alone, depth[block], min(name_key(name) for name in members[block])

        return [name for block in sorted(blocks, key=place) for name in self._within_loop(members[block])]

    def most_depended_on(self) -> list[tuple[str, int]]:
        """(system, number of systems that directly depend on it), most first; none with 0."""
        counts = [(name, count) for name, count in self.graph.in_degree() if count]
        return sorted(counts, key=lambda item: (-item[1], name_key(item[0])))

    def all_dependents(self, system: str) -> list[str]:
        """Return the systems that a change of `system` can reach, directly or through others, by name; never itself.

        Raises ValueError for an unknown name.
        """
        self._check(system)
        return sorted(nx.ancestors(self.graph, system), key=name_key)

    def needs(self, system: str) -> list[str]:
        """Return the systems that `system` depends on directly, by name. Raises ValueError for an unknown name."""
        self._check(system)
        return sorted(self.graph.successors(system), key=name_key)

    def all_needs(self, system: str) -> list[str]:
        """Return the systems whose change can reach `system`, directly or through others, by name; never itself.

        Raises ValueError for an unknown name.
        """
        self._check(system)
        return sorted(nx.descendants(self.graph, system), key=name_key)

    def cuts(self) -> list[tuple[str, str]]:
        """Return the (from, to) that lie above the diagonal of `order()`: without them no loop is left.

        Few, by the greedy order within a loop, though not always the fewest: that problem is NP-hard.
        """
        position = {name: index for index, name in enumerate(self.order())}
        above = [(a, b) for a, b in self.graph.edges if position[a] < position[b]]
        return sorted(above, key=lambda pair: (name_key(pair[0]), name_key(pair[1])))

    def propagation(self, standalone: Iterable[str] = ()) -> Propagation:
        """Return the propagation cost of MacCormack, Rusnak and Baldwin (2006), and the largest loop.

        It counts the filled cells of the transitive closure of the dependencies, the diagonal included
        ("Exploring the structure of complex software designs", Management Science 52(7)). `standalone` names the
        systems that are declared to have no dependencies; any other without one counts as not declared yet.
        """
        blocks = nx.condensation(self.graph)
        members = blocks.nodes(data="members")
        reach: dict[int, set[str]] = {}
        for block in reversed(list(nx.topological_sort(blocks))):
            reach[block] = set(members[block]).union(*(reach[needed] for needed in blocks.successors(block)))
        loops = self.loops()
        bare = set(nx.isolates(self.graph)) - set(standalone)
        return Propagation(
            filled=sum(len(members[block]) * len(reach[block]) for block in blocks),
            cells=len(self.graph) ** 2,
            largest_loop=tuple(loops[-1]) if loops else (),
            undeclared=tuple(sorted(bare, key=name_key)),
        )

    def _check(self, name: str) -> None:
        if name not in self.graph:
            raise ValueError(f"{name!r} isn't one of the systems.")

    def _within_loop(self, members: set[str]) -> list[str]:
        """Return a loop's systems with few dependencies above the diagonal, greedily as Eades, Lin and Smyth (1993).

        Again and again take what depends on nothing that is left; where a circle remains, take the system
        that most of the rest depends on.
        """
        rest = self.graph.subgraph(members).copy()
        ordered = []
        while rest:

            def place(name: str) -> tuple[int, int, tuple[str, str]]:
                needs, needed = rest.out_degree(name), rest.in_degree(name)
                return needs > 0, needs - needed, name_key(name)

            chosen = min(rest, key=place)
            ordered.append(chosen)
            rest.remove_node(chosen)
        return ordered

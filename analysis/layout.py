"""Where to draw the systems and dependencies of a graph: in layers, each system above what it depends on.

The steps are those of Sugiyama, Tagawa and Toda (1981), "Methods for visual understanding of hierarchical
system structures", IEEE Transactions on Systems, Man and Cybernetics 11(2): layers, few crossings, then
coordinates. All lines to one system that pass the same layer share one waypoint there: they join to a trunk,
so that a system on which everything depends doesn't fill the picture with parallel lines.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.coupling import Coupling, name_key

MAX_IN_LAYER = 7
"""Systems side by side; a fuller layer is continued in the next one up."""
SWEEPS = 12
GAP, WAYPOINT = 22.0, 18.0
"""Room between two neighbours, and room of a line that passes between systems, in pixels."""
LAYER = 84.0
"""From one layer to the next, in pixels."""

Item = str | tuple[str, str, int]
Chains = dict[tuple[str, str], list[Item]]
Neighbours = dict[Item, list[Item]]
"""A system, or a waypoint: what the line runs to, whence ("" for all), and its layer."""


@dataclass(frozen=True)
class Route:
    """A dependency's way: its (x, y) points from the dependent to what it depends on."""

    dependent: str
    provider: str
    points: list[tuple[float, float]]
    upward: bool
    """Against the layers, which happens only within a loop."""


@dataclass(frozen=True)
class Layout:
    """Positions in pixels, y downward; `places` are the systems' centres."""

    places: dict[str, tuple[float, float]]
    routes: list[Route]
    width: float
    height: float


def layered(systems: Iterable[str], pairs: Iterable[tuple[str, str]], widths: Mapping[str, float]) -> Layout:
    """Lay out `systems` and (from, to) `pairs`; `widths` are the systems' boxes in pixels.

    The same for any order of the input. Systems without any dependency stand in rows below the others.
    Raises ValueError for unknown names and self-dependencies, as Coupling does.
    """
    coupling = Coupling(systems, pairs)
    alone = sorted((name for name, degree in coupling.graph.degree() if not degree), key=name_key)
    order = [name for name in coupling.order() if name not in set(alone)]
    layer_of = _layers(order, coupling)
    chains = _chains(coupling, layer_of)
    layers = _uncrossed(_filled(order, layer_of, chains), chains)
    room = {item: widths[item] + GAP if isinstance(item, str) else WAYPOINT for row in layers for item in row}
    x_of = _coordinates(layers, chains, room)
    y_of = {item: (len(layers) - 1 - number) * LAYER for number, row in enumerate(layers) for item in row}
    places = {name: (x_of[name], y_of[name]) for name in order}
    places |= _rows_below(alone, widths, len(layers) * LAYER)
    return _framed(places, _routes(coupling, chains, layer_of, x_of, y_of), widths)


def _layers(order: list[str], coupling: Coupling) -> dict[str, int]:
    """Return the layer of each system, 0 at the bottom: above all that precedes it in `order` and that it needs."""
    layer_of: dict[str, int] = {}
    filled: dict[int, int] = {}
    for name in order:
        needed = [layer_of[other] for other in coupling.graph.successors(name) if other in layer_of]
        # Within a loop, what is needed may come later; then what needs it, and stands already, pushes it up.
        needed += [layer_of[other] for other in coupling.graph.predecessors(name) if other in layer_of]
        layer = 1 + max(needed, default=-1)
        while filled.get(layer, 0) >= MAX_IN_LAYER:
            layer += 1
        layer_of[name] = layer
        filled[layer] = filled.get(layer, 0) + 1
    return layer_of


def _chains(coupling: Coupling, layer_of: dict[str, int]) -> Chains:
    """For each pair the items that its line visits, from the upper system down to the lower one."""
    chains = {}
    for dependent, provider in coupling.graph.edges:
        upward = layer_of[dependent] < layer_of[provider]
        upper, lower = (provider, dependent) if upward else (dependent, provider)
        passed = range(layer_of[upper] - 1, layer_of[lower], -1)
        origin = dependent if upward else ""
        chains[dependent, provider] = [upper, *((provider, origin, layer) for layer in passed), lower]
    return chains


def _filled(order: list[str], layer_of: dict[str, int], chains: Chains) -> list[list[Item]]:
    """Return the layers from the bottom up with all their items, in a first order."""
    layers: list[list[Item]] = [[] for _ in range(1 + max(layer_of.values(), default=-1))]
    for name in order:
        layers[layer_of[name]].append(name)
    waypoints = dict.fromkeys(item for chain in chains.values() for item in chain[1:-1])
    for item in waypoints:
        if isinstance(item, tuple):  # a system's own name stands only at the ends of a chain
            layers[item[2]].append(item)
    return layers


def _neighbours(chains: Chains) -> tuple[Neighbours, Neighbours]:
    """Return what lies next above and next below each item along the lines, each neighbour once."""
    above: dict[Item, dict[Item, None]] = {}
    below: dict[Item, dict[Item, None]] = {}
    for chain in chains.values():
        for upper, lower in pairwise(chain):
            above.setdefault(lower, {})[upper] = None
            below.setdefault(upper, {})[lower] = None
    return {k: list(v) for k, v in above.items()}, {k: list(v) for k, v in below.items()}


def _uncrossed(layers: list[list[Item]], chains: Chains) -> list[list[Item]]:
    """Return the order with the fewest crossings met while sorting each layer by where its neighbours stand."""
    above, below = _neighbours(chains)
    best, fewest = layers, _crossings(layers, below)
    current = [list(row) for row in layers]
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        numbers = range(len(current) - 2, -1, -1) if downward else range(1, len(current))
        for number in numbers:
            fixed = current[number + 1] if downward else current[number - 1]
            current[number] = _by_neighbours(current[number], fixed, above if downward else below)
        crossings = _crossings(current, below)
        if crossings < fewest:
            best, fewest = [list(row) for row in current], crossings
    return best


def _by_neighbours(row: list[Item], fixed: list[Item], neighbours: Neighbours) -> list[Item]:
    position = {item: (index + 0.5) / len(fixed) for index, item in enumerate(fixed)}
    wanted = {}
    for index, item in enumerate(row):
        near = [position[other] for other in neighbours.get(item, ()) if other in position]
        wanted[item] = float(np.mean(near)) if near else (index + 0.5) / len(row)
    return sorted(row, key=wanted.__getitem__)


def _crossings(layers: list[list[Item]], below: Neighbours) -> int:
    total = 0
    for lower, upper in pairwise(layers):
        position = {item: index for index, item in enumerate(lower)}
        ends = [sorted(position[other] for other in below.get(item, ())) for item in upper]
        flat = np.array([end for some in ends for end in some])
        total += sum(int((flat[index + 1 :] < end).sum()) for index, end in enumerate(flat))
    return total


def _coordinates(layers: list[list[Item]], chains: Chains, room: dict[Item, float]) -> dict[Item, float]:
    """Return an x for each item, near its neighbours and never closer to the next in its layer than they need."""
    above, below = _neighbours(chains)
    x_of: dict[Item, float] = {}
    for row in layers:
        edges = np.cumsum([0.0, *(room[item] for item in row)])
        middle = edges[-1] / 2
        x_of |= {item: float(edge + room[item] / 2 - middle) for item, edge in zip(row, edges, strict=False)}
    for sweep in range(SWEEPS):
        for row in layers if sweep % 2 else reversed(layers):
            wanted = []
            for item in row:
                near = [*above.get(item, ()), *below.get(item, ())]
                wanted.append(float(np.mean([x_of[other] for other in near])) if near else x_of[item])
            x_of |= zip(row, _kept_apart(wanted, [room[item] for item in row]), strict=True)
    return x_of


def _kept_apart(wanted: list[float], room: list[float]) -> list[float]:
    """Return the positions closest to `wanted` (least squares) whose items, in this order, don't overlap.

    With the needed distances taken off, this is an isotonic regression: pool adjacent violators.
    """
    centres = np.cumsum(room) - np.array(room) / 2
    pools: list[tuple[float, int]] = []
    for value in np.array(wanted) - centres:
        mean, size = float(value), 1
        while pools and pools[-1][0] > mean:
            other, count = pools.pop()
            mean, size = (mean * size + other * count) / (size + count), size + count
        pools.append((mean, size))
    levels = [mean for mean, size in pools for _ in range(size)]
    return [float(level + centre) for level, centre in zip(levels, centres, strict=True)]


def _rows_below(names: list[str], widths: Mapping[str, float], top: float) -> dict[str, tuple[float, float]]:
    places: dict[str, tuple[float, float]] = {}
    for start in range(0, len(names), MAX_IN_LAYER):
        row = names[start : start + MAX_IN_LAYER]
        apart = _kept_apart([0.0] * len(row), [widths[name] + GAP for name in row])
        places |= {
            name: (x, top + start // MAX_IN_LAYER * LAYER / 2) for name, x in zip(row, apart, strict=True)
        }
    return places


def _routes(
    coupling: Coupling,
    chains: Chains,
    layer_of: Mapping[str, int],
    x_of: Mapping[Item, float],
    y_of: Mapping[Item, float],
) -> list[Route]:
    routes = []
    for (dependent, provider), chain in chains.items():
        upward = layer_of[dependent] < layer_of[provider]
        points = [(x_of[item], y_of[item]) for item in (reversed(chain) if upward else chain)]
        routes.append(Route(dependent, provider, points, upward))
    return routes


def _framed(
    places: Mapping[str, tuple[float, float]], routes: list[Route], widths: Mapping[str, float]
) -> Layout:
    """Moved so that the picture starts at 0, 0, and half a layer of room at the top and bottom."""
    if not places:
        return Layout({}, [], 0.0, 0.0)
    passed = [x for route in routes for x, _ in route.points]
    left = min([*(x - widths[name] / 2 for name, (x, _) in places.items()), *passed]) - GAP / 2
    right = max([*(x + widths[name] / 2 for name, (x, _) in places.items()), *passed]) + GAP / 2
    down = LAYER / 3 - min(y for _, y in places.values())
    height = max(y for _, y in places.values()) + down + LAYER / 3
    moved = [
        Route(r.dependent, r.provider, [(x - left, y + down) for x, y in r.points], r.upward) for r in routes
    ]
    return Layout(
        {name: (x - left, y + down) for name, (x, y) in places.items()}, moved, right - left, height
    )

"""The dependency graph: each system above what it depends on."""

from typing import Any

import altair as alt
import pandas as pd

from analysis.coupling import Coupling
from analysis.layout import Layout, Route, layered
from reports.charts import theme, vega
from reports.charts.theme import Mark

SYSTEM_COLUMNS = ["name", "criticality"]
DEPENDENCY_COLUMNS = ["from", "to", "kind"]

# White text on each has a contrast of 4.5:1.
CRITICALITIES = {"low": "#66707E", "medium": "#2A6DB8", "high": "#8458CC", "critical": "#B0306A"}
DASHES = {
    "call": [1, 0],
    "event": [7, 4],
    "shared data": [2, 3],
    "file": [9, 3, 2, 3],
    "manual": [1, 5],
    "several": [1, 0],
}
LEGEND = [
    Mark("──", "call"),
    Mark("╌╌", "event"),
    Mark("┈┈", "shared data"),
    Mark("─·─", "file"),
    Mark("· ·", "manual"),
    Mark("──", "In a loop", theme.AMBER),
    *(Mark("■", word.capitalize(), colour) for word, colour in CRITICALITIES.items()),
]
"""Legend entries for lines and boxes."""
BOX, LETTER, PORT = 28, 6.6, 14
"""Pixels: the height of a system's box, a letter within it, and how far beside it a loop's way back runs."""
FAINT = 0.15
LINE_COLUMNS = ["line", "kind", "sentence", "looped", "strength", "arrow", "step", "x", "y"]


def graph(
    systems: pd.DataFrame, dependencies: pd.DataFrame, focus: str | None = None
) -> alt.LayerChart | alt.Chart:
    """Return the graph of `systems` (columns `name`, `criticality`) and `dependencies` (columns `from`, `to`,
    `kind`).

    A pair with several kinds is one line. With a `focus`, only that system and what a change of it can reach
    stay strong. The chart's `width` is the number of pixels below which it should scroll. Raises ValueError
    for unknown names and self-dependencies.
    """
    theme.check(systems, SYSTEM_COLUMNS)
    theme.check(dependencies, DEPENDENCY_COLUMNS)
    pairs = list(zip(dependencies["from"], dependencies["to"], strict=True))
    coupling = Coupling(systems["name"], pairs)
    if systems.empty:
        return vega.nothing_yet("No systems yet.")
    widths = {name: max(len(name), 4) * LETTER + 16 for name in systems["name"]}
    layout = layered(systems["name"], pairs, widths)
    strong = set(systems["name"]) if focus is None else {focus, *coupling.all_dependents(focus)}
    lines = _lines(layout, dependencies, coupling, strong)
    boxes = _boxes(layout, systems, widths, strong)
    layers = [*_drawn_lines(lines, layout), *_drawn_boxes(boxes, layout)]
    chart = alt.LayerChart(layer=layers).properties(width=round(layout.width), height=round(layout.height))
    loops = theme.counted(len(coupling.loops()), "loop")
    counts = f"{theme.counted(len(systems), 'system')}, {len(layout.routes)} coupled pairs and {loops}"
    return vega.finish(chart, f"Dependency graph of {counts}; each system stands above what it depends on.")


def _lines(layout: Layout, dependencies: pd.DataFrame, coupling: Coupling, strong: set[str]) -> pd.DataFrame:
    """Return one row a point of a line, in order; the last of each line carries its arrow."""
    kinds_of = dependencies.groupby(["from", "to"])["kind"].unique()
    loop_of = coupling.loop_of()
    rows = []
    for number, route in enumerate(layout.routes):
        a, b = route.dependent, route.provider
        kinds = sorted(kinds_of[a, b])
        shared = {
            "line": number,
            "kind": kinds[0] if len(kinds) == 1 else "several",
            "sentence": f"{a} depends on {b}: {', '.join(kinds)}",
            "looped": a in loop_of and loop_of[a] == loop_of.get(b),
            "strength": 1.0 if {a, b} <= strong else FAINT,
            "arrow": "triangle-up" if route.upward else "triangle-down",
        }
        rows += [shared | {"step": step, "x": x, "y": y} for step, (x, y) in enumerate(_curve(route))]
    return pd.DataFrame(rows, columns=LINE_COLUMNS)


def _curve(route: Route) -> list[tuple[float, float]]:
    """Control points of a spline that leaves and enters boxes and passes waypoints straight up or down."""
    way = -1 if route.upward else 1
    points = [(x + PORT * route.upward, y) for x, y in route.points]
    (first_x, first_y), (last_x, last_y) = points[0], points[-1]
    points[0] = first_x, first_y + way * BOX / 2
    points[-1] = last_x, last_y - way * (BOX / 2 + 4)
    curve = [points[0]]
    for (x, y), (next_x, next_y) in zip(points, points[1:], strict=False):
        bend = (next_y - y) * 0.42
        curve += [(x, y + bend), (next_x, next_y - bend), (next_x, next_y)]
    return curve


def _boxes(layout: Layout, systems: pd.DataFrame, widths: dict[str, float], strong: set[str]) -> pd.DataFrame:
    boxes = systems[SYSTEM_COLUMNS].reset_index(drop=True)
    boxes["x"] = [layout.places[name][0] for name in boxes["name"]]
    boxes["y"] = [layout.places[name][1] for name in boxes["name"]]
    half = [widths[name] / 2 for name in boxes["name"]]
    boxes["left"], boxes["right"] = boxes["x"] - half, boxes["x"] + half
    boxes["top"], boxes["bottom"] = boxes["y"] - BOX / 2, boxes["y"] + BOX / 2
    boxes["strength"] = [1.0 if name in strong else FAINT for name in boxes["name"]]
    return boxes


def _x(field: str, width: float) -> alt.X:
    """Return a position across, in the layout's pixels."""
    return alt.X(f"{field}:Q", scale=_pixels(width), axis=None)


def _y(field: str, height: float) -> alt.Y:
    """Return a position downward, in the layout's pixels."""
    return alt.Y(f"{field}:Q", scale=_pixels(height, reverse=True), axis=None)


def _pixels(end: float, *, reverse: bool = False) -> alt.Scale:
    return alt.Scale(domain=[0, round(end)], nice=False, zero=False, reverse=reverse)


def _drawn_lines(lines: pd.DataFrame, layout: Layout) -> list[alt.Chart]:
    """Loops are drawn over the others, which may share a stretch of the way with them."""
    looped = lines["looped"].astype(bool)
    groups = [(lines[~looped], theme.GREY, 1.5), (lines[looped], theme.AMBER, 2.5)]
    # A layer without marks would be an image without words to a screen reader.
    return [
        layer
        for some, colour, width in groups
        if len(some)
        for layer in _in_one_colour(some, colour, width, layout)
    ]


def _in_one_colour(lines: pd.DataFrame, colour: str, width: float, layout: Layout) -> list[alt.Chart]:
    dashes = alt.Scale(domain=list(DASHES), range=list(DASHES.values()))
    look: dict[str, Any] = {
        "x": _x("x", layout.width),
        "y": _y("y", layout.height),
        "opacity": alt.Opacity("strength:Q", scale=None, legend=None),
        "tooltip": alt.Tooltip("sentence:N", title="Dependency"),
    }
    line = alt.Chart(lines).mark_line(interpolate="basis", color=colour, strokeWidth=width)
    ends = alt.Chart(lines.drop_duplicates("line", keep="last"))
    arrow = ends.mark_point(filled=True, size=55, color=colour)
    return [
        line.encode(
            **look,
            detail="line:N",
            order="step:Q",
            strokeDash=alt.StrokeDash("kind:N", scale=dashes, legend=None),
        ),
        arrow.encode(**look, shape=alt.Shape("arrow:N", scale=None, legend=None)),
    ]


def _drawn_boxes(boxes: pd.DataFrame, layout: Layout) -> list[alt.Chart]:
    colour = alt.Color(
        "criticality:N",
        scale=alt.Scale(domain=list(CRITICALITIES), range=list(CRITICALITIES.values())),
        legend=None,
    )
    base = alt.Chart(boxes).encode(
        y=_y("top", layout.height),
        tooltip=[alt.Tooltip("name:N", title="System"), alt.Tooltip("criticality:N", title="Criticality")],
    )
    box = base.mark_rect(cornerRadius=6).encode(
        x=_x("left", layout.width),
        x2="right:Q",
        y2="bottom:Q",
        color=colour,
        opacity=alt.Opacity("strength:Q", scale=None, legend=None),
    )
    strong = boxes["strength"] == 1
    return [box, _names(boxes[strong], "#FFFFFF", layout), _names(boxes[~strong], vega.TEXT, layout)]


def _names(boxes: pd.DataFrame, colour: str, layout: Layout) -> alt.Chart:
    text = alt.Chart(boxes).mark_text(color=colour, fontSize=12, fontWeight=600)
    names: alt.Chart = text.encode(x=_x("x", layout.width), y=_y("y", layout.height), text="name:N")
    return names

"""The dependency structure matrix: who depends on whom, in an order that shows the loops."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from analysis.coupling import Coupling
from reports.charts import theme, vega

COLUMNS = ["from", "to", "kinds", "weight"]
CELL_WIDTH, CELL_HEIGHT = 26, 28
FAINT_GRID = {"grid": True, "bandPosition": 1, "gridOpacity": 0.14}
WEAKEST, STRONGEST = 0.15, 0.7
"""Opacities of a cell's fill: so weak that its number stays readable on it in light and dark."""


def matrix(dependencies: pd.DataFrame, systems: Sequence[str]) -> alt.LayerChart | alt.Chart:
    """Return the matrix of all `systems`, whose rows depend on its columns, in the order of analysis.coupling.

    Columns, one row a pair: `from`, `to` (names among `systems`), `kinds` (in words: "call, event") and
    `weight` (how many dependencies the pair has; colours the cell). Cells within a loop are outlined in
    amber. The chart's `width` is the number of pixels below which it should scroll.
    Raises ValueError for an unknown name, or a system that depends on itself.
    """
    theme.check(dependencies, COLUMNS)
    coupling = Coupling(systems, zip(dependencies["from"], dependencies["to"], strict=True))
    names = coupling.order()
    if not names:
        return vega.nothing_yet("No systems yet.")
    cells = _cells(dependencies, coupling)
    x, y = vega.columns_of("to", names, **FAINT_GRID), vega.rows_of("from", names, **FAINT_GRID)
    itself = alt.Chart(pd.DataFrame({"from": names, "to": names})).mark_rect(
        color=theme.GREY, opacity=0.35, cornerRadius=3
    )
    tooltip = alt.Tooltip("sentence:N", title="Dependency")
    number = alt.Chart(cells).mark_text(fontWeight="bold", fontSize=11, color=vega.TEXT)
    groups = [(cells[~cells["looped"]], theme.BLUE, 1), (cells[cells["looped"]], theme.AMBER, 3)]
    # A layer without marks would be an image without words to a screen reader.
    boxes = [_boxes(some, outline, stroke, cells) for some, outline, stroke in groups if len(some)]
    layers = [
        itself.encode(x, y),
        *(box.encode(x, y, tooltip=tooltip) for box in boxes),
        *([number.encode(x, y, text="weight:Q", tooltip=tooltip)] if len(cells) else []),
    ]
    labels = vega.label_width(names)
    width = len(names) * CELL_WIDTH + round(labels * 1.7) + 20
    chart = alt.LayerChart(layer=layers).properties(width=width, height=len(names) * CELL_HEIGHT)
    return vega.finish(chart, _description(names, cells, coupling))


def _cells(dependencies: pd.DataFrame, coupling: Coupling) -> pd.DataFrame:
    loop_of = coupling.loop_of()
    cells = dependencies[COLUMNS].reset_index(drop=True)
    pairs = list(zip(cells["from"], cells["to"], strict=True))
    cells["looped"] = pd.Series([a in loop_of and loop_of[a] == loop_of.get(b) for a, b in pairs], dtype=bool)
    kinds = zip(pairs, cells["kinds"], strict=True)
    cells["sentence"] = pd.Series([f"{a} depends on {b}: {kind}" for (a, b), kind in kinds], dtype=object)
    return cells


def _boxes(cells: pd.DataFrame, outline: str, stroke: int, all_cells: pd.DataFrame) -> alt.Chart:
    most = max([2, *all_cells["weight"]])
    scale = alt.Scale(domain=[1, most], range=[WEAKEST, STRONGEST], clamp=True)
    boxes: alt.Chart = (
        alt.Chart(cells)
        .mark_rect(fill=theme.BLUE, cornerRadius=3, stroke=outline, strokeWidth=stroke)
        .encode(fillOpacity=alt.FillOpacity("weight:Q", scale=scale, legend=None))
    )
    return boxes


def _description(names: Sequence[str], cells: pd.DataFrame, coupling: Coupling) -> str:
    loops = len(coupling.loops())
    pairs, circles = theme.counted(len(cells), "coupled pair"), theme.counted(loops, "loop")
    systems = theme.counted(len(names), "system")
    return f"Dependency matrix of {systems} with {pairs} and {circles}; rows depend on columns."

"""Where friction gathers: themes of interviews against systems."""

import altair as alt
import pandas as pd

from reports.charts import theme, vega
from reports.charts.matrix import CELL_HEIGHT, FAINT_GRID, STRONGEST, WEAKEST

COLUMNS = ["theme", "system", "count", "severity"]
CELL_WIDTH = 44


def heat_map(frictions: pd.DataFrame) -> alt.LayerChart | alt.Chart:
    """Frictions by theme (rows) and system (columns), those with most frictions first.

    Columns, one row a pair: `theme`, `system`, `count` (frictions, at least 1) and `severity` (their mean,
    1-5). The chart's `width` is the number of pixels below which it should scroll.
    """
    theme.check(frictions, COLUMNS)
    if frictions.empty:
        return vega.nothing_yet("No frictions yet.")
    themes, systems = _most_first(frictions, "theme"), _most_first(frictions, "system")
    cells = frictions[COLUMNS].reset_index(drop=True)
    cells["sentence"] = [
        f"{theme.counted(int(count), 'friction')}, mean severity {severity:.1f} of 5"
        for count, severity in zip(cells["count"], cells["severity"], strict=True)
    ]
    base = alt.Chart(cells).encode(
        x=vega.columns_of("system", systems, **FAINT_GRID),
        y=vega.rows_of("theme", themes, **FAINT_GRID),
        tooltip=[
            alt.Tooltip("theme:N", title="Theme"),
            alt.Tooltip("system:N", title="System"),
            alt.Tooltip("sentence:N", title="Frictions"),
        ],
    )
    most = max(2, int(cells["count"].max()))
    scale = alt.Scale(domain=[1, most], range=[WEAKEST, STRONGEST], clamp=True)
    box = base.mark_rect(fill=theme.BLUE, stroke=theme.BLUE, strokeWidth=1, cornerRadius=3)
    number = base.mark_text(fontWeight="bold", fontSize=12, color=vega.TEXT).encode(text="count:Q")
    layers = [box.encode(fillOpacity=alt.FillOpacity("count:Q", scale=scale, legend=None)), number]
    width = len(systems) * CELL_WIDTH + vega.label_width(themes) + round(vega.label_width(systems) * 0.7) + 20
    chart = alt.LayerChart(layer=layers).properties(width=width, height=len(themes) * CELL_HEIGHT)
    counts = f"{theme.counted(int(cells['count'].sum()), 'friction')} by theme and system"
    return vega.finish(chart, f"Heat map of {counts}; most in {themes[0]} and in {systems[0]}.")


def _most_first(frictions: pd.DataFrame, column: str) -> list[str]:
    totals = frictions.groupby(column)["count"].sum()
    return sorted(totals.index, key=lambda name: (-totals[name], name.casefold(), name))

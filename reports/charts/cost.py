"""The cost of change: how often each system changes, and how many others each of its changes touches."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt
import pandas as pd

from reports.charts import theme, vega
from reports.charts.label_places import Box, Point, place_labels
from reports.charts.theme import Mark
from reports.charts.ticks import round_ticks

COLUMNS = ["name", "a_month", "others", "system_changes", "costliest", "tooltip", "href"]
LEGEND = [Mark("●", "The fewest systems that carry half of it", theme.AMBER), Mark("●", "Others", theme.BLUE),
          Mark("╌╌", "The same cost, in system changes a month", theme.GREY)]  # fmt: skip
WIDTH, HEIGHT = 760, 420
"""Pixels of the plot: fixed, so that labels can be placed; it scrolls on a phone."""
LETTER, LINE = 7.4, 15
"""Pixels of a bold letter of 13 pixels, on average, and of a line of it."""
SMALLEST, LARGEST = 60.0, 420.0
"""Areas of the points, in square pixels."""
LEVELS = [0.5, 1, 2, 5, 10, 15, 20, 30, 50, 100, 200, 500, 1000]
MAX_LEVELS, STEPS = 4, 40


def cost_of_change(points: pd.DataFrame) -> alt.LayerChart | alt.Chart:
    """Systems as points: `a_month` (changes) across, `others` (other systems touched by each) up.

    Columns: `name`, `a_month`, `others`, `system_changes` (a month), `costliest` (these are amber and named first),
    `tooltip` (lines of text) and `href` (the page of its evidence, "" for none). Dashed lines join places of equal cost,
    a month x (1 + others). A label that would lie on another one is left out; its values are in the tooltip, which
    `ui/assets/chart_links.js` shows on hover, focus and tap: it makes a link of each point.
    """
    theme.check(points, COLUMNS)
    if points.empty:
        return vega.nothing_yet("No system changed often enough to be drawn.")
    right = _end_of_axis(points["a_month"].max() * 1.08)
    top = _end_of_axis(max(points["others"].max() * 1.12, 0.5))
    drawn = points.sort_values(["costliest", "system_changes"], ascending=False, ignore_index=True)
    drawn["area"] = SMALLEST + (LARGEST - SMALLEST) * drawn["system_changes"] / drawn["system_changes"].max()
    lines, ends = _lines(right, top, drawn["system_changes"].max())
    labels = _labels(drawn, right, top, ends)
    x = alt.X("a_month:Q", scale=alt.Scale(domain=[0, right], nice=False), axis=_axis("Changes a month"))
    y = alt.Y(
        "others:Q",
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=_axis("Other systems that each change touches"),
    )
    layers = [
        alt.Chart(lines).mark_line(color=theme.GREY, strokeDash=[5, 4], strokeWidth=1.2, clip=True, aria=False)
        .encode(x, y, detail="level:N", order="a_month:Q"),
        alt.Chart(ends).mark_text(align="right", baseline="middle", fontSize=11, color=theme.GREY, aria=False)
        .encode(x, y, text="text:N"),
        _circles(drawn, x, y),
        alt.Chart(labels).mark_text(
            align="left", baseline="middle", fontSize=13, fontWeight="bold", color=vega.TEXT, aria=False
        ).encode(x, y, text="name:N"),
    ]  # fmt: skip
    chart = alt.LayerChart(layer=layers).properties(width=WIDTH, height=HEIGHT)
    costliest = ", ".join(drawn.loc[drawn["costliest"], "name"])
    return vega.finish(
        chart,
        f"Cost of change of {theme.counted(len(drawn), 'system')}; the costliest: {costliest}.",
        fit=False,
    )


def _end_of_axis(most: float) -> float:
    """Return the tick at or above `most`."""
    return max(*round_ticks(0.0, most), most)


def _axis(title: str) -> alt.Axis:
    return alt.Axis(
        title=title, titleFontWeight="bold", tickCount=8, labelPadding=6, titlePadding=10, domain=False
    )


def _circles(drawn: pd.DataFrame, x: alt.X, y: alt.Y) -> alt.Chart:
    colour = alt.Color(
        "costliest:N", scale=alt.Scale(domain=[True, False], range=[theme.AMBER, theme.BLUE]), legend=None
    )
    circles: alt.Chart = (
        alt.Chart(drawn)
        # Streamlit would have Vega show the fields of a point beside our tooltip.
        .mark_circle(opacity=0.92, clip=False, tooltip=None)
        .encode(
            x,
            y,
            color=colour,
            size=alt.Size("area:Q", scale=None, legend=None),
            description=alt.Description("tooltip:N"),
        )  # fmt: skip
    )
    return circles


def _lines(right: float, top: float, most: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the points of the lines of equal cost, and where the text at the end of each goes."""
    levels = [level for level in LEVELS if 0.1 * most <= level < right * (1 + top)][-MAX_LEVELS:]
    rows, ends = [], []
    for level in levels:
        start, end = level / (1 + top), min(level, right)
        for step in range(STEPS + 1):
            at = start + (end - start) * step / STEPS
            rows.append((level, at, max(level / at - 1, 0.0)))
        ends.append(_end_of_line(level, right, top))
    return (
        pd.DataFrame(rows, columns=["level", "a_month", "others"]),
        pd.DataFrame(_apart(ends, right, top), columns=["a_month", "others", "text"]),
    )


def _end_of_line(level: float, right: float, top: float) -> tuple[float, float, str]:
    """Return the right end and the middle of a line's text, and the text: where the line itself never is.

    A line falls to the right. Where it ends on the axis, the text stands to the right of that; where it leaves the
    plot, below.
    """
    text = f"{level:g} a month"
    wide = (len(text) * theme.LETTER + 6) / WIDTH * right
    if level < right:
        return level + wide, LINE / HEIGHT * top, text
    return right - 4 / WIDTH * right, level / right - 1 - LINE / HEIGHT * top, text


def _apart(
    ends: Sequence[tuple[float, float, str]], right: float, top: float
) -> list[tuple[float, float, str]]:
    """Leave out a line's text where it would lie on another line's."""
    placed: list[tuple[float, float, str]] = []
    boxes: list[Box] = []
    for end in reversed(ends):
        box = _end_box(*end, right, top)
        is_inside = box.left >= 0 and box.right <= WIDTH and box.bottom <= HEIGHT
        if is_inside and not any(box.meets(other) for other in boxes):
            placed.append(end)
            boxes.append(box)
    return placed


def _end_box(at: float, others: float, text: str, right: float, top: float) -> Box:
    x, y = at / right * WIDTH, HEIGHT * (1 - others / top)
    return Box(x - len(text) * theme.LETTER, y - LINE / 2, x, y + LINE / 2)


def _labels(drawn: pd.DataFrame, right: float, top: float, ends: pd.DataFrame) -> pd.DataFrame:
    """Return the labels that have room, with the place of each one's left end and middle, in the axes' units."""
    points = [
        Point(
            row.a_month / right * WIDTH,
            HEIGHT * (1 - row.others / top),
            (row.area / math.pi) ** 0.5,
            len(row.name) * LETTER,
        )
        for row in drawn.itertuples()
    ]
    taken = [_end_box(row.a_month, row.others, row.text, right, top) for row in ends.itertuples()]
    boxes = place_labels(points, Box(0, 0, WIDTH, HEIGHT), LINE, taken)
    rows = [
        (name, box.left / WIDTH * right, top * (1 - (box.top + box.bottom) / 2 / HEIGHT))
        for name, box in zip(drawn["name"], boxes, strict=True)
        if box is not None
    ]
    return pd.DataFrame(rows, columns=["name", "a_month", "others"])

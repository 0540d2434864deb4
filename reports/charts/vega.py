"""What the charts that Altair draws share: rows and columns by their names, and how a chart ends.

Names that people typed are data in fixed fields (or literals of a scale's domain), never part of a Vega expression.
Text is `currentColor`: it follows the theme without a rerun.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt
import pandas as pd

from reports.charts import theme

TEXT = "currentColor"
LABEL_LIMIT = 230
"""Pixels after which a label ends in an ellipsis."""


def rows_of(field: str, names: Sequence[str], **axis: Any) -> alt.Y:
    """The rows of a chart, one a name, in the order given; names are data, so any character may occur."""
    look = {"title": None, "labelOverlap": False, "labelFlush": False, "labelLimit": LABEL_LIMIT}
    bare = {"ticks": False, "domain": False, "grid": False}
    scale = alt.Scale(domain=list(names))
    return alt.Y(f"{field}:N", scale=scale, sort=None, axis=alt.Axis(**(look | bare | axis)))


def columns_of(field: str, names: Sequence[str], **axis: Any) -> alt.X:
    """The columns of a matrix, one a name, in the order given, with slanted labels above them."""
    look = {"title": None, "labelOverlap": False, "labelFlush": False, "labelLimit": LABEL_LIMIT}
    slanted = {"orient": "top", "labelAngle": -45, "labelAlign": "left", "labelBaseline": "middle"}
    bare = {"ticks": False, "domain": False, "labelPadding": 6}
    scale = alt.Scale(domain=list(names))
    return alt.X(f"{field}:N", scale=scale, sort=None, axis=alt.Axis(**(look | slanted | bare | axis)))


def label_width(names: Iterable[str]) -> int:
    """Pixels of the longest label, about."""
    return round(min(max((len(name) for name in names), default=0) * theme.LETTER, LABEL_LIMIT))


def nothing_yet(sentence: str) -> alt.Chart:
    """What such a chart draws for an empty frame: the sentence, as text."""
    text = alt.Chart(pd.DataFrame({"sentence": [sentence]})).mark_text(fontSize=14).encode(text="sentence:N")
    return finish(text.properties(height=theme.ROW * 2), sentence)


def finish(chart: alt.TopLevelMixin, description: str) -> alt.TopLevelMixin:
    """The end of every such chart: it follows the page's theme and width, and has words for who can't see it."""
    chart.description = description
    # The width follows the page; the height given is that of the rows alone.
    chart.autosize = alt.AutoSizeParams(type="fit-x", contains="padding")
    look = {
        "labelColor": TEXT, "titleColor": TEXT, "labelFontSize": 12, "titleFontSize": 12, "domainColor": theme.GREY,
        "titleFontWeight": "normal", "gridColor": theme.GREY, "gridOpacity": 0.28, "tickColor": theme.GREY,
    }  # fmt: skip
    return (
        chart.configure_text(color=TEXT)
        .configure_axis(**look)
        .configure_header(labelColor=TEXT, titleColor=TEXT)
        .configure_title(color=TEXT)
        .configure_view(stroke=None)
    )

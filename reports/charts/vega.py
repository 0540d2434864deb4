"""What the charts that Altair draws share: rows and columns by their names, and how a chart ends.

Names that people typed are data in fixed fields (or literals of a scale's domain), never part of a Vega expression.
Text is `currentColor`: it follows the theme without a rerun.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import altair as alt
import pandas as pd

from reports.charts import theme

C = TypeVar("C", alt.Chart, alt.LayerChart, alt.VConcatChart)
TEXT = "currentColor"
LABEL_LIMIT = 230
"""Pixels after which a label ends in an ellipsis."""


def rows_of(field: str, names: Sequence[str], **axis: Any) -> alt.Y:
    """Return the rows of a chart, one a name, in the order given; names are data, so any character may occur."""
    look: dict[str, Any] = {
        "title": None,
        "labelOverlap": False,
        "labelFlush": False,
        "labelLimit": LABEL_LIMIT,
    }
    bare = {"ticks": False, "domain": False, "grid": False}
    scale = alt.Scale(domain=list(names))
    return alt.Y(f"{field}:N", scale=scale, sort=None, axis=alt.Axis(**(look | bare | axis)))


def columns_of(field: str, names: Sequence[str], **axis: Any) -> alt.X:
    """Return the columns of a matrix, one a name, in the order given, with slanted labels above them."""
    look: dict[str, Any] = {
        "title": None,
        "labelOverlap": False,
        "labelFlush": False,
        "labelLimit": LABEL_LIMIT,
    }
    slanted = {"orient": "top", "labelAngle": -45, "labelAlign": "left", "labelBaseline": "middle"}
    bare = {"ticks": False, "domain": False, "labelPadding": 6}
    scale = alt.Scale(domain=list(names))
    return alt.X(f"{field}:N", scale=scale, sort=None, axis=alt.Axis(**(look | slanted | bare | axis)))


def label_width(names: Iterable[str]) -> int:
    """Return the pixels of the longest label, about."""
    return round(min(max((len(name) for name in names), default=0) * theme.LETTER, LABEL_LIMIT))


def nothing_yet(sentence: str) -> alt.Chart:
    """Return what such a chart draws for an empty frame: the sentence, as text."""
    frame = pd.DataFrame({"sentence": [sentence]})
    text: alt.Chart = alt.Chart(frame, height=theme.ROW * 2).mark_text(fontSize=14).encode(text="sentence:N")
    return finish(text, sentence)


def finish(chart: C, description: str, *, fit: bool = True) -> C:
    """Return the chart as the page draws it: it follows the theme, and `description` is read to those who can't see it.

    `fit`: its width follows the page. Vega fits single views only.
    """
    chart.description = description
    if fit:
        # The height given is that of the rows alone.
        chart.autosize = alt.AutoSizeParams(type="fit-x", contains="padding")
    # One assignment: each of Altair's `configure_...` copies the whole chart.
    chart.config = alt.Config(
        text=alt.MarkConfig(color=TEXT),
        axis=alt.AxisConfig(
            labelColor=TEXT, titleColor=TEXT, labelFontSize=12, titleFontSize=12, titleFontWeight="normal",
            domainColor=theme.GREY, gridColor=theme.GREY, gridOpacity=0.28, tickColor=theme.GREY,
        ),
        header=alt.HeaderConfig(labelColor=TEXT, titleColor=TEXT),
        title=alt.TitleConfig(color=TEXT),
        view=alt.ViewConfig(stroke=None),
    )  # fmt: skip
    return chart

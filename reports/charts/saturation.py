"""The saturation curve: what each further interview still teaches."""

from typing import Literal

import altair as alt
import pandas as pd

from reports.charts import theme, vega

COLUMNS = ["interview", "new", "cumulative"]
HEIGHT = 240
LEGEND = [theme.Mark("●", "Themes known", theme.BLUE), theme.Mark("■", "New themes", theme.GREY)]


def saturation(interviews: pd.DataFrame, stopped_after: int | None = None) -> alt.LayerChart | alt.Chart:
    """Themes known after each interview as a line, new themes as bars, in the order of the rows.

    Columns, one row an interview: `interview` (who and when, in words, for the tooltip), `new` and
    `cumulative` (numbers of themes, from analysis.saturation). `stopped_after` (1 = the first interview) is
    where interviews stopped teaching; it gets a dashed rule with words.
    """
    theme.check(interviews, COLUMNS)
    if interviews.empty:
        return vega.nothing_yet("No interviews yet.")
    frame = interviews[COLUMNS].assign(number=range(1, len(interviews) + 1))
    count, known = len(frame), int(frame["cumulative"].max())
    y = alt.Scale(domain=[0, known + 1], nice=False)
    steps = alt.Axis(title="Themes", tickMinStep=1, tickCount=5, domain=False, ticks=False, labelPadding=6)
    base = alt.Chart(frame).encode(
        x=_interviews(count, "number"),
        tooltip=[
            alt.Tooltip("interview:N", title="Interview"),
            alt.Tooltip("new:Q", title="New themes"),
            alt.Tooltip("cumulative:Q", title="Themes known"),
        ],
    )
    bars = base.mark_bar(color=theme.GREY, width=6 if count > 24 else 22, cornerRadiusEnd=2)
    line = base.mark_line(color=theme.BLUE, strokeWidth=2.5, interpolate="linear")
    dots = base.mark_point(color=theme.BLUE, filled=True, size=60, opacity=1)
    known_at = alt.Y("cumulative:Q", scale=y, axis=steps)
    layers = [
        bars.encode(y=alt.Y("new:Q", scale=y, axis=steps)),
        line.encode(y=known_at),
        dots.encode(y=known_at),
    ]
    if stopped_after is not None:
        layers += _stop(stopped_after, count)
    chart = alt.LayerChart(layer=layers).properties(height=HEIGHT)
    counts = f"{theme.counted(known, 'theme')} known after {theme.counted(count, 'interview')}"
    ending = "." if stopped_after is None else f"; nothing new after interview {stopped_after}."
    return vega.finish(chart, f"Saturation curve: {counts}{ending}")


def _interviews(count: int, field: str) -> alt.X:
    step = 1 if count <= 24 else 5 if count <= 100 else 20
    numbers = [n for n in range(1, count + 1) if n == 1 or n % step == 0]
    axis = alt.Axis(
        title="Interviews, in order of date", values=numbers,
        format="d", grid=False, ticks=False, labelPadding=6, titlePadding=10, labelFlush=False,
    )  # fmt: skip
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0.4, count + 0.6], nice=False, zero=False), axis=axis)


def _stop(stopped_after: int, count: int) -> list[alt.Chart]:
    words = f"Nothing new after interview {stopped_after}"
    frame = pd.DataFrame({"after": [stopped_after + 0.5], "words": [words]})
    base = alt.Chart(frame).encode(x=_interviews(count, "after"))
    align: Literal["left", "right"] = "left" if stopped_after < count * 0.6 else "right"
    label = base.mark_text(
        align=align, y=0, dy=-6, baseline="bottom", fontWeight="bold", fontSize=12, color=vega.TEXT
    )
    return [
        base.mark_rule(strokeDash=[4, 3], strokeWidth=2, color=theme.AMBER),
        label.encode(text="words:N"),
    ]

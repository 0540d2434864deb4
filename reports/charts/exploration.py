"""A metric's process behaviour to explore, drawn by Altair: zoom in time, a crosshair, a linear or a log scale.

What it shows, its segments and its value axis are those of `process_behaviour`. Making and checking a specification of
this size takes Altair longer than a page has; so it is made once for each form of the chart, and a metric's own levels,
zoom and data are put into it. What people typed (causes, notes) is data, never part of the specification.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import altair as alt
import pandas as pd

from models.units import Unit
from reports.charts import theme, time_axis, vega
from reports.charts.process_behaviour import (
    HEIGHT,
    MAX_DOTS,
    MAX_POINTS,
    PHASE_COLUMNS,
    POINT_COLUMNS,
    STRIP_HEIGHT,
    description,
    drawn_values,
    own_bands,
    segments_of,
    shape,
    x_scale,
)
from reports.charts.scales import Scale
from reports.charts.segments import Segment, causes
from reports.charts.value_axis import ValueAxis, log_value_axis, value_axis

TOP, AXIS_WIDTH, RIGHT = 24, 64, 12
"""Pixels above the plot, for causes, left of it, for the levels, and right of it. The page leaves the latter two free
beside the chart (`hw-explored` in `ui/assets/components.css`), since Vega fits no chart of two parts to a width."""
CAUSE_WIDTH = 640
"""Pixels of a plot in which causes have to fit beside each other to be written; the others are in tooltips."""
MAX_EXPLORED = 1_000
"""Points that the browser is given: of more, those that give the line its shape, and every signal."""
BAND, HELD = 0.26, 0.13
"""Opacity of the limits, and of those that points are only held against."""
NONE = "–"
"""What a tooltip tells of a point that has no such thing."""
MOMENTS: dict[str, Any] = {
    "year": "%Y", "quarter": "%b %Y", "month": "%b %Y", "week": "%-d %b", "date": "%-d %b",
    "hours": "%H:%M", "minutes": "%H:%M", "seconds": "%H:%M:%S", "milliseconds": "%H:%M:%S",
}  # fmt: skip
"""How a moment is written on the time axis, by the step from one to the next."""
TOOLTIP = {
    "moment": "Date",
    "reading": "Value",
    "n": "n",
    "note": "Note",
    "signal": "Signal",
    "phase": "Phase",
}


@dataclass(frozen=True)
class Exploration:
    """A Vega-Lite specification, and the rows of its named data."""

    specification: dict[str, Any]
    data: dict[str, pd.DataFrame]


def exploration(
    points: pd.DataFrame,
    phases: pd.DataFrame,
    measure: Unit,
    *,
    target: float | None = None,
    target_label: str = "Target",
    log: bool = False,
    weeks: int | None = None,
    sentence: str = "",
) -> Exploration:
    """Return the chart of one point or more, with a strip below it: dragging across the strip zooms in time.

    `points` and `phases` as in `process_behaviour`; optional columns of `points`: `n` (observations) and `note`, for the
    tooltip. `log` takes a log scale, for values that are all above 0 (`may_be_log`). `weeks` begins zoomed to the newest
    weeks. Raises ValueError if a column is missing.
    """
    theme.check(points, POINT_COLUMNS)
    theme.check(phases, PHASE_COLUMNS)
    drawn = time_axis.with_times(shape(points.tail(MAX_POINTS), MAX_EXPLORED))
    parts = segments_of(phases, drawn)
    drawn = _with_texts(drawn, parts, measure)
    values = drawn_values(drawn, parts, target)
    axis = log_value_axis(values, measure) if log else value_axis(values, measure)
    span = x_scale(drawn["time"])
    specification = _filled(log, axis, drawn, weeks, span)
    specification["description"] = description(points, drawn, sentence)
    targets = [] if target is None else [{"target": target, "label": target_label}]
    data = {"points": drawn.replace({"": NONE}), "target": pd.DataFrame(targets, columns=["target", "label"])}
    data["ends"] = pd.DataFrame({"time": [span.low, span.high]})
    return Exploration(specification, data | _segment_rows(drawn, parts, axis) | _cause_rows(parts, drawn))


def may_be_log(points: pd.DataFrame, target: float | None) -> bool:
    """Return whether the points can be drawn on a log scale: every value, and the target, is above 0."""
    return bool((points["value"] > 0).all()) and (target is None or target > 0)


def prepare() -> None:
    """Make what the first such chart would wait for."""
    _template(log=False)


def _filled(
    log: bool, axis: ValueAxis, drawn: pd.DataFrame, weeks: int | None, span: Scale
) -> dict[str, Any]:
    """The specification with a metric's own levels and zoom, and without what its tooltip has nothing to tell of."""
    specification: dict[str, Any] = json.loads(_template(log))
    own = {"levels": list(axis.levels), "texts": [axis.text(level) for level in axis.levels]}
    own |= {"low": axis.levels[0], "high": axis.levels[-1], "first": span.low, "last": span.high}
    for parameter in specification["params"]:
        if parameter["name"] in own:
            parameter["value"] = own[parameter["name"]]
        elif parameter["name"] == "zoom" and weeks is not None:
            parameter |= _newest(drawn, weeks)
    known = [field for field in TOOLTIP if field in drawn and (drawn[field] != "").any()]
    for layer in specification["vconcat"][0]["layer"]:
        lines = layer["encoding"].get("tooltip", [])
        lines[:] = [line for line in lines if line["field"] in known]
    return specification


def _newest(drawn: pd.DataFrame, weeks: int) -> dict[str, Any]:
    """Return the zoom to the newest weeks; none where there are no more."""
    first, last = float(drawn["time"].min()), float(drawn["time"].max())
    begin, room = last - weeks * 7 * time_axis.DAY_MS, weeks * 7 * time_axis.DAY_MS * time_axis.MARGIN
    return {"value": {"x": [begin - room, last + room]}} if first < begin else {}


def _with_texts(drawn: pd.DataFrame, parts: Sequence[Segment], measure: Unit) -> pd.DataFrame:
    """Return each point with what its tooltip tells, as text."""
    begun = [part for part in parts if part.begins]
    texts = {
        "reading": [measure.format(value) for value in drawn["value"]],
        "phase": [next((p.cause for p in reversed(begun) if p.start <= at), "") for at in drawn["time"]],
    }
    for column in ("n", "note"):
        if column in drawn:
            texts[column] = ["" if pd.isna(cell) else str(cell) for cell in drawn[column]]
    return drawn.assign(**texts)


def _segment_rows(drawn: pd.DataFrame, parts: Sequence[Segment], axis: ValueAxis) -> dict[str, pd.DataFrame]:
    """Return the bands, means and beginnings of phases. On a log scale a limit may lie below the axis."""
    low = axis.levels[0]
    bands = [
        (start, end, max(part.lower or 0.0, low), max(part.upper or 0.0, low), HELD if held else BAND)
        for part in parts
        for start, end, held in part.bands()
    ]
    bands += [
        (own.start, own.end, max(own.lower, low), max(own.upper, low), HELD if own.held else BAND)
        for own in own_bands(drawn, parts)
    ]
    means = [(part.start, part.end, max(part.mean, low)) for part in parts if part.mean is not None]
    begun = [part.start for part in parts if part.begins]
    return {
        "bands": pd.DataFrame(bands, columns=["from", "to", "lower", "upper", "strength"], dtype=float),
        "means": pd.DataFrame(means, columns=["from", "to", "mean"], dtype=float),
        "begun": pd.DataFrame({"from": begun}, dtype=float),
    }


def _cause_rows(parts: Sequence[Segment], drawn: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the causes above the beginnings of phases, where the one before leaves room, early and late ones."""
    x = x_scale(drawn["time"])
    begun = {x.place(part.start): part for part in parts if part.begins}
    written = causes([(place, part.cause) for place, part in begun.items()], theme.LETTER / CAUSE_WIDTH * 100)
    rows = [(begun[cause.place].start, cause.text, cause.late) for cause in written]
    frame = pd.DataFrame(rows, columns=["from", "cause", "late"])
    late = frame.pop("late").astype(bool)
    return {"early": frame[~late], "late": frame[late]}


@cache
def _template(log: bool) -> str:
    """Return the specification of every such chart, as JSON; its parameters and data are a metric's own."""
    zoom = alt.selection_interval(
        name="zoom",
        encodings=["x"],
        zoom=False,
        mark=alt.BrushConfig(fill=theme.BLUE, fillOpacity=0.16, stroke=theme.BLUE, strokeOpacity=0.7),
    )
    # Where nothing is brushed, the time axis reaches as far as that of the picture.
    ends = _rows("ends").mark_point(size=0, opacity=0, aria=False).encode(_x("time", zoom))
    layers = [ends, *_segments(log, zoom), *_causes(zoom), *_target(log), *_points(log, zoom)]
    main = alt.LayerChart(layer=layers, height=HEIGHT, name="plot")
    chart = alt.VConcatChart(vconcat=[main, _strip(log, zoom)], spacing=10)
    chart.padding = {"left": 0, "top": TOP, "right": RIGHT, "bottom": 4}
    specification = vega.finish(chart, ".", fit=False).to_dict()
    own = [{"name": name, "value": 0} for name in ("low", "high", "first", "last", "levels", "texts")]
    return json.dumps(specification | {"params": [*own, *specification["params"]]})


def _rows(name: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name=name))


def _scale(log: bool) -> alt.Scale:
    ends = [alt.ExprRef(expr="low"), alt.ExprRef(expr="high")]
    return alt.Scale(type="log" if log else "linear", domain=ends, nice=False, zero=False)


def _y(field: str, log: bool) -> alt.Y:
    axis = alt.Axis(
        title=None, values=alt.ExprRef(expr="levels"), labelExpr="texts[indexof(levels, datum.value)]",
        labelOverlap=False, labelFlush=False, labelLimit=AXIS_WIDTH - 6, ticks=False, domain=False,
        minExtent=AXIS_WIDTH, maxExtent=AXIS_WIDTH,
    )  # fmt: skip
    return alt.Y(f"{field}:Q", scale=_scale(log), axis=axis)


def _x(field: str, zoom: alt.Parameter) -> alt.X:
    axis = alt.Axis(
        title=None, format=MOMENTS, grid=False, tickCount=8, labelPadding=6,
        labelOverlap=True, labelFlush=True,
    )  # fmt: skip
    return alt.X(f"{field}:T", scale=alt.Scale(type="utc", domain=zoom, nice=False), axis=axis)


def _segments(log: bool, zoom: alt.Parameter) -> list[alt.Chart]:
    """Return the limits of each phase, faint where they are only held against, its mean, and a rule where it began."""
    band = _rows("bands").mark_rect(color=theme.GREY, clip=True, aria=False)
    mean = _rows("means").mark_rule(color=theme.GREY, strokeWidth=2, clip=True, aria=False)
    begun = _rows("begun").mark_rule(
        color=theme.GREY, strokeDash=[2, 3], strokeWidth=2, clip=True, aria=False
    )
    strength = alt.Opacity("strength:Q", scale=None, legend=None)
    return [
        band.encode(_x("from", zoom), _y("lower", log), x2="to:T", y2="upper:Q", opacity=strength),
        mean.encode(_x("from", zoom), _y("mean", log), x2="to:T"),
        begun.encode(_x("from", zoom)),
    ]


def _causes(zoom: alt.Parameter) -> list[alt.Chart]:
    look: dict[str, Any] = {
        "baseline": "bottom", "fontSize": 12, "fontWeight": 600, "color": vega.TEXT, "limit": CAUSE_WIDTH // 2,
        "aria": False,
    }  # fmt: skip
    early = _rows("early").transform_filter(_within("from")).mark_text(align="left", **look)
    late = _rows("late").transform_filter(_within("from")).mark_text(align="right", **look)
    return [text.encode(_x("from", zoom), y=alt.value(-6), text="cause:N") for text in (early, late)]


def _target(log: bool) -> list[alt.Chart]:
    base = _rows("target").encode(_y("target", log))
    label = base.mark_text(
        align="left", baseline="bottom", dy=-4, fontSize=12, fontWeight=600, color=vega.TEXT, aria=False
    )
    return [
        base.mark_rule(color=theme.GREEN, strokeDash=[6, 4], strokeWidth=2, aria=False),
        label.encode(x=alt.value(4), text="label:N"),
    ]


def _points(log: bool, zoom: alt.Parameter) -> list[alt.Chart]:
    """Return the line through all points; dots while there is room for them; signals as diamonds; and the crosshair."""
    nearest = alt.selection_point(
        name="nearest", nearest=True, on="pointerover", clear="pointerout", encodings=["x"], empty=False
    )
    points, thinned = _rows("points").transform_filter(_within("time")), _thinned()
    at = thinned.transform_filter(nearest)
    x, y = _x("time", zoom), _y("value", log)
    line = _rows("points").mark_line(color=theme.BLUE, strokeWidth=1.5, opacity=0.65, clip=True, aria=False)
    dots = thinned.transform_filter(f"datum.shown <= {MAX_DOTS} && datum.signal == '{NONE}'").mark_circle(
        size=56, opacity=1, aria=False
    )
    few_observations = alt.when("datum.small === true").then(alt.value(theme.GREY))
    dot_colour = few_observations.otherwise(alt.value(theme.BLUE))
    signals = points.transform_filter(f"datum.signal != '{NONE}'").mark_point(
        shape="diamond", filled=True, color=theme.AMBER, size=225, opacity=1, aria=False
    )
    rule: dict[str, Any] = {"color": vega.TEXT, "opacity": 0.45, "strokeWidth": 1, "aria": False}
    ring = at.mark_point(size=130, strokeWidth=2, color=vega.TEXT, filled=False, opacity=1, aria=False)
    # Nearest to the pointer is one of these, none of which is seen.
    targets = (
        thinned.mark_point(size=1, opacity=0, aria=False)
        .encode(tooltip=[alt.Tooltip(f"{field}:N", title=title) for field, title in TOOLTIP.items()])
        .properties(name="nearest_points")
    )
    return [
        line.encode(x, y), dots.encode(x, y, color=dot_colour), signals.encode(x, y), at.mark_rule(**rule).encode(x),
        at.mark_rule(**rule).encode(y), ring.encode(x, y), targets.encode(x, y).add_params(nearest),
    ]  # fmt: skip


def _within(field: str) -> str:
    """Return an expression: whether a row lies within the zoom, or nothing is brushed."""
    return f"!isArray(zoom.time) || inrange(datum['{field}'], zoom.time)"


def _thinned() -> alt.Chart:
    """At most about `MAX_DOTS` of the points within the zoom, every signal among them; `shown` is how many lie there."""
    return (
        _rows("points")
        .transform_filter(_within("time"))
        .transform_joinaggregate(shown="count()")
        .transform_window(nth="row_number()")
        .transform_filter(f"datum.signal != '{NONE}' || datum.nth % ceil(datum.shown / {MAX_DOTS}) == 0")
    )


def _strip(log: bool, zoom: alt.Parameter) -> alt.Chart:
    """Return all points as a small line; what is brushed here is shown above."""
    bare: dict[str, Any] = {"title": None, "labels": False, "ticks": False, "grid": False}
    ends = [alt.ExprRef(expr="first"), alt.ExprRef(expr="last")]
    x = alt.X("time:T", scale=alt.Scale(type="utc", domain=ends, nice=False), axis=alt.Axis(**bare))
    levels = alt.Axis(**bare, domain=False, minExtent=AXIS_WIDTH, maxExtent=AXIS_WIDTH)
    line = _rows("points").mark_line(color=theme.GREY, strokeWidth=1.5, opacity=0.8, aria=False)
    shown = line.encode(x, alt.Y("value:Q", scale=_scale(log), axis=levels))
    strip: alt.Chart = shown.properties(height=STRIP_HEIGHT, name="strip").add_params(zoom)
    return strip

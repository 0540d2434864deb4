"""The chart of one metric, to explore: zoom, crosshair, linear or log, and a picture to take away.

With the page's words comes a picture of it, as HTML marks. Vega draws the one to explore in the picture's place once a
pointer is on it (`ui/assets/exploring.js`), or at once where the address asks for a scale or a stretch of time: drawing
it takes the browser as long as a whole page does.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from analysis import sentence
from analysis.series_analysis import SeriesAnalysis
from models.engagement import Engagement
from models.metrics import Metric
from models.units import unit
from models.wording import day_month
from reports.charts.exploration import Exploration, exploration, may_be_log
from reports.charts.process_behaviour import (
    BAND_MARK,
    MEAN_MARK,
    SIGNAL_MARK,
    TARGET_MARK,
    frames_of,
    process_behaviour,
)
from reports.charts.theme import legend
from reports.charts.value_axis import unit_above
from ui import frame, html, navigation
from ui.charts import draw
from ui.memoize import memoize
from ui.metrics.metric_content import measured

LINEAR, LOG = "Linear", "Log"
SCALES = [LINEAR, LOG]
CHOICES = Markup('<div class="hw hw-aside">{}</div>')
PICTURE = Markup('<div class="hw-to-explore">{}</div>')
SPANS = {"All": None, "13 weeks": 13, "4 weeks": 4}
HINT = "Drag across the strip below the chart to zoom in time; double-click it to show everything."


def place() -> DeltaGenerator:
    """Return the place of the chart to explore, as high as it will be: what stands below it stays where it is."""
    return st.container(key="hw-explored")


def picture(engagement: Engagement, metric: Metric, judgement: SeriesAnalysis) -> Markup:
    """Return the picture that stands for the chart until it is explored; nothing where the address asks for that."""
    if any(label.lower() in st.query_params for label in ("Time", "Scale")):
        return Markup()

    def make() -> Markup:
        points, phases = _frames(engagement, metric, judgement)
        return process_behaviour(
            points, phases, unit(metric.unit), log=_is_log(metric, judgement), to_explore=True,
            target=metric.target, target_label=_target_label(metric), sentence=sentence.describe(judgement),
        )  # fmt: skip

    drawn = memoize("picture of a metric", engagement, make, metric.id, frame.revision())
    buttons = html.picture_buttons(metric.name, _note(engagement, metric, judgement))
    return PICTURE.format(html.framed(drawn, buttons))


def legend_and_choices(metric: Metric, judgement: SeriesAnalysis) -> Markup:
    """Return the chart's title and legend, and links that choose its scale and its stretch of time."""
    marks = [SIGNAL_MARK, MEAN_MARK, BAND_MARK, *([TARGET_MARK] if metric.target is not None else [])]
    measure = unit_above(unit(metric.unit))
    choices = [_links("Time", list(SPANS), _chosen("Time", list(SPANS), "All"))]
    if may_be_log(_points(judgement), metric.target):
        choices.append(_links("Scale", SCALES, LOG if _is_log(metric, judgement) else LINEAR))
    return html.section(
        "Did it change?",
        legend(marks),
        html.caption(f"In {measure}") if measure else Markup(),
        CHOICES.format(html.join([*choices, html.caption(HINT)])),
    )


def show(engagement: Engagement, metric: Metric, judgement: SeriesAnalysis) -> None:
    """Draw the chart, with the buttons that take its picture."""
    log, weeks = _is_log(metric, judgement), SPANS[_chosen("Time", list(SPANS), "All")]
    draw(
        "explored",
        engagement,
        lambda: _chart(engagement, metric, judgement, log, weeks),
        metric.id,
        log,
        weeks,
        frame.revision(),
        title=metric.name,
        note=_note(engagement, metric, judgement),
    )


def _is_log(metric: Metric, judgement: SeriesAnalysis) -> bool:
    """Whether the chart has a log scale: as the address asks, else as the metric is judged."""
    judged_by = LOG if judgement.scale == "log" else LINEAR
    return may_be_log(_points(judgement), metric.target) and _chosen("Scale", SCALES, judged_by) == LOG


def _points(judgement: SeriesAnalysis) -> pd.DataFrame:
    return pd.DataFrame({"value": judgement.values})


def _chosen(label: str, options: list[str], default: str) -> str:
    """Return the option that the address asks for, so that a link shows the same chart."""
    asked = st.query_params.get(label.lower(), default)
    return asked if asked in options else default


def _links(label: str, options: list[str], chosen: str) -> Markup:
    addresses = {option: navigation.here("metrics", **{label.lower(): option}) for option in options}
    return html.link_group(label, addresses, chosen)


def _chart(
    engagement: Engagement, metric: Metric, judgement: SeriesAnalysis, log: bool, weeks: int | None
) -> Exploration:
    points, phases = _frames(engagement, metric, judgement)
    return exploration(
        points,
        phases,
        unit(metric.unit),
        target=metric.target,
        target_label=_target_label(metric),
        log=log,
        weeks=weeks,
        sentence=sentence.describe(judgement),
    )


def _target_label(metric: Metric) -> str:
    return "" if metric.target is None else f"Target {unit(metric.unit).format(metric.target)}"


def _frames(
    engagement: Engagement, metric: Metric, judgement: SeriesAnalysis
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the points of a judgement, with their `n` and `note`, and its phases."""
    points, phases = frames_of(judgement)
    return _with_notes(points, measured(engagement, metric)[0], engagement.zone), phases


def _with_notes(points: pd.DataFrame, values: pd.DataFrame, zone: str) -> pd.DataFrame:
    """The points of a judgement with `n` and `note` of their measurements (`at` in UTC), as their zone writes moments."""
    written = values.assign(at=values["at"].dt.tz_convert(zone).dt.tz_localize(None))
    known = written.drop_duplicates("at", keep="last").set_index("at")[["n", "note"]]
    details = known.reindex(points["at"].dt.tz_localize(None))
    return points.assign(n=details["n"].to_numpy(), note=details["note"].to_numpy())


def _note(engagement: Engagement, metric: Metric, judgement: SeriesAnalysis) -> str:
    """What the picture has to say beside the chart, wherever it is pasted."""
    on = frame.today(engagement)
    measure = unit_above(unit(metric.unit))
    unit_text = f" In {measure}." if measure else ""
    return f"{sentence.describe(judgement)}{unit_text} {engagement.name}, as of {day_month(on)} {on.year}."

"""Metrics: baseline, current and target of each, what they rest on; and one metric at a time (`&metric=SLUG`)."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st
from markupsafe import Markup

from analysis.series_analysis import SeriesAnalysis
from models.metrics import Metric
from models.permissions import Action
from models.status import Status
from models.wording import count, day_month, lower_first, upper_first
from reports.charts.outcomes import bullets, outcomes
from reports.charts.theme import RING, TICK, legend
from reports.metrics.outcomes import SHARE, TIMES, WAY, outcome_rows
from reports.metrics.verdicts import caveat, metric_verdicts, size_text
from ui import frame, html, navigation
from ui.current_user import reader
from ui.memoize import memoize
from ui.metrics import metric_view
from ui.metrics import verdict as verdict_view
from ui.metrics.definition_dialog import define_metric
from ui.sign_off import sign_off_view

# Pixels: on a narrower page, the table scrolls within its card.
MIN_TABLE_WIDTH = 900
IN_LEGEND = [Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.NOT_KNOWN]

CHARTS = {
    TIMES: (
        "Times better than baseline",
        "The latest value against the baseline: further right is better, even when a lower value is the goal. Log "
        "scale: 10x is as far from 1x as 100x is from 10x.",
        outcomes,
    ),
    SHARE: (
        "Percentages",
        "Shown as they are, from 0 to 100 %.",
        bullets,
    ),
    WAY: (
        "Progress to target",
        "A baseline of zero or less has no multiple, so progress to target is shown.",
        bullets,
    ),
}
ALL_VALUES = "Every metric: baseline, current, target, freshness, signature"
OUT_OF_DATE = html.coloured("orange", "out of date")
WHY = Markup('<p class="hw-line">{badge} {metric} {reason}.{verdict}</p>')

engagement = frame.engagement()
slug = engagement.slug
active = [metric for metric in engagement.metrics if metric.active]
may_define = frame.may(engagement, Action.DEFINE_METRICS)

if "metric" in st.query_params:
    metric_view.show(engagement, st.query_params["metric"])
    st.stop()

summary, on = frame.head("Metrics", engagement, "Baseline, current and target of every agreed measure.")


def _card(rows: pd.DataFrame, drawn: str) -> Markup:
    """Return the chart of the metrics that are drawn this way, with its legend; empty if there are none."""
    some = rows[rows["drawn"] == drawn]
    if some.empty:
        return Markup()
    title, caption, draw = CHARTS[drawn]
    some = some.assign(href=[navigation.address("metrics", slug, metric=metric) for metric in some["slug"]])
    statuses = [status for status in IN_LEGEND if status.value in set(some["status"])]
    note = f"{engagement.client}, as of {day_month(on)} {on.year}. {caption}"
    buttons = html.picture_buttons(f"{engagement.name}: {lower_first(title)}", note)
    return html.card(title, html.caption(caption), legend([*statuses, RING, TICK]), draw(some), buttons)


def _values(rows: pd.DataFrame, analyses: dict[int, SeriesAnalysis]) -> dict[str, Iterable[object]]:
    """Return the columns of all values."""
    last = [
        html.join(
            [f"{last}, {cadence}"] if fresh or last == "never" else [f"{last}, {cadence}: ", OUT_OF_DATE]
        )
        for last, cadence, fresh in zip(rows["last_text"], rows["cadence_text"], rows["fresh"], strict=True)
    ]
    seals = {"signed": html.icon("verified") + " ", "broken": html.icon("lock_open") + " "}
    signed = [
        html.coloured("orange" if seal == "broken" else "", seals.get(seal, ""), text)
        for seal, text in zip(rows["seal"], rows["seal_text"], strict=True)
    ]
    changes = [size_text(analyses.get(metric.id), metric, on) for metric in map(_metric, rows["metric_id"])]
    values: dict[str, Iterable[object]] = {
        "Metric": [
            html.title_link("metrics", slug, name, metric=its_slug)
            for name, its_slug in zip(rows["metric"], rows["slug"], strict=True)
        ],
        "Status": [html.badge(Status(word)) for word in rows["status"]],
        "Baseline": rows["baseline_text"],
        "Current": rows["current_text"],
        "Target": rows["target_text"],
        "Change": changes,
        "Last measured": last,
        "Signed": signed,
    }
    empty = {name for name in ("Baseline", "Current", "Target", "Change") if set(values[name]) == {"–"}}
    return {name: column for name, column in values.items() if name not in empty}


def _metric(metric_id: int) -> Metric:
    return next(metric for metric in active if metric.id == metric_id)


def _why(row: Any, analysis: SeriesAnalysis | None) -> Markup:
    """Return why a metric has its status, with its verdict; its name leads to it."""
    verdict = ""
    if analysis is not None:
        line = verdict_view.verdict_line(_metric(row.metric_id), analysis, on)
        verdict = html.join([Markup("<br>"), line])
    return WHY.format(
        badge=html.badge(Status(row.status)),
        metric=html.title_link("metrics", slug, row.metric, metric=row.slug),
        reason=upper_first(row.reason),
        verdict=verdict,
    )


def _reasons(rows: pd.DataFrame, analyses: dict[int, SeriesAnalysis]) -> Markup:
    """Return why each metric has its status, and once how often "confirmed" is wrong."""
    reasons = html.join(_why(row, analyses.get(row.metric_id)) for row in rows.itertuples())
    caveat_sentence = next(filter(None, map(caveat, analyses.values())), None)
    caveat_text = html.caption(f"Confirmed: {lower_first(caveat_sentence)}") if caveat_sentence else Markup()
    return html.section("Why each metric has this status", reasons, caveat_text)


def _content() -> Markup:
    """Return all that isn't interactive: the charts, all values, the reasons, and the retired metrics."""
    rows = outcome_rows(engagement, summary, on)
    parts = [_card(rows, drawn) for drawn in CHARTS]
    if active:
        analyses = metric_verdicts(reader(), engagement, at_revision=frame.revision())
        table = html.table(_values(rows, analyses), ALL_VALUES, MIN_TABLE_WIDTH)
        parts += [html.card("All values", table), _reasons(rows, analyses)]
    retired = [metric for metric in engagement.metrics if not metric.active]
    if retired:
        links = [html.link("metrics", slug, metric.name, metric=metric.slug) for metric in retired]
        parts.append(html.collapsible(count(len(retired), "retired metric"), html.plain_list(links)))
    return html.stack(parts)


ACTS = {"Ask for sign-off": "ask", "Define a metric": "define"}
acts = {label: navigation.address("metrics", slug, do=act) for label, act in ACTS.items()}
if not frame.may(engagement, Action.ASK_FOR_SIGN_OFF):
    del acts["Ask for sign-off"]

if not active:
    frame.empty(
        "No metric is defined yet",
        "Without a metric nobody can say what this work changes. Begin with the one that the sponsor asks for: where it "
        "stands today, and where it should be on day 90. For example: loan decision time, from 4 h to 90 s.",
        "Define a metric" if may_define else "",
        lambda: define_metric(engagement),
    )
    if may_define:
        html.show(html.link("imports", slug, "Import metrics from a file"), width="content")

match navigation.take_act().get("do"):
    case "ask" if frame.may(engagement, Action.ASK_FOR_SIGN_OFF):
        sign_off_view.ask_for_sign_off(engagement)
    case "define" if may_define:
        define_metric(engagement)

# What somebody just asked for comes first, with the link that is shown once.
just_asked = st.session_state.pop(sign_off_view.JUST_ASKED, False)
if just_asked:
    sign_off_view.requests_section(engagement)
waiting = sign_off_view.waiting_section(engagement)
content = memoize("metrics", engagement, _content, on, str(navigation.as_of()))
offered = (
    html.link_group("What may be done about the metrics", acts, "") if may_define and active else Markup()
)
shown = [part for part in (offered, waiting, content) if part]
if just_asked:
    html.show(html.stack(shown))
else:
    sign_off_view.requests_section(engagement, shown)

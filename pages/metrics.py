"""Metrics: baseline, current and target of each, what they rest on; and one metric at a time (`&metric=SLUG`)."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st
from markupsafe import Markup

from analysis.series_analysis import SeriesAnalysis
from models.permissions import Action
from models.status import Status
from models.wording import count, lower_first
from reports.charts.outcomes import bullets, outcomes
from reports.charts.theme import RING, TICK, legend
from reports.metrics.outcomes import SHARE, TIMES, WAY, outcome_rows
from reports.metrics.verdicts import caveat, metric_verdicts, verdict_text
from ui import frame, html, navigation
from ui.current_user import actor
from ui.memoize import memoize
from ui.metrics import metric_view
from ui.metrics import verdict as metric_judgement
from ui.metrics.definition_dialog import define_metric
from ui.sign_off import sign_off_view

# Pixels: on a narrower page, the table scrolls within its card.
NARROWEST_TABLE = 900
IN_LEGEND = [Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.NOT_KNOWN]

CHARTS = {
    TIMES: (
        "Times better than baseline",
        "Right is always better, also where lower is. Log scale: 10x is as far from 1x as 100x is from 10x.",
        outcomes,
    ),
    SHARE: (
        "Parts of a whole",
        "Percentages have an end, so they are shown as they are, from 0 to 100 %.",
        bullets,
    ),
    WAY: (
        "How much of the way is done",
        "Measures that begin at zero or below are no number of times better: the part of their way to the target "
        "is shown.",
        bullets,
    ),
}
ALL_VALUES = "Every metric: baseline, current, target, freshness, signature"
OUT_OF_DATE = html.coloured("orange", "out of date")
WHY = Markup('<div class="hw-row"><p>{badge} <strong>{metric}</strong>: {reason}.{verdict}</p>{link}</div>')

engagement = frame.engagement()
slug = engagement.slug
active = [metric for metric in engagement.metrics if metric.active]
may_define = frame.may(engagement, Action.DEFINE_METRICS)

if "metric" in st.query_params:
    metric_view.show(engagement, st.query_params["metric"])
    st.stop()

summary, on = frame.head("Metrics", engagement, "Baseline, current and target of every agreed measure.")


def _card(rows: pd.DataFrame, drawn: str) -> Markup:
    """The chart of the metrics that are drawn one way, with its legend; nothing where there are none."""
    some = rows[rows["drawn"] == drawn]
    if some.empty:
        return Markup()
    title, caption, draw = CHARTS[drawn]
    some = some.assign(href=[navigation.address("metrics", slug, metric=metric) for metric in some["slug"]])
    statuses = [status for status in IN_LEGEND if status.value in set(some["status"])]
    return html.card(title, html.faint(caption), legend([*statuses, RING, TICK]), draw(some))


def _values(rows: pd.DataFrame) -> dict[str, Iterable[object]]:
    """The columns of all values."""
    last = [
        html.joined(
            [f"{last}, {cadence}"] if fresh or last == "never" else [f"{last}, {cadence}: ", OUT_OF_DATE]
        )
        for last, cadence, fresh in zip(rows["last_text"], rows["cadence_text"], rows["fresh"], strict=True)
    ]
    seals = {"signed": html.icon("verified") + " ", "broken": html.icon("lock_open") + " "}
    signed = [
        html.coloured("orange" if seal == "broken" else "", seals.get(seal, ""), text)
        for seal, text in zip(rows["seal"], rows["seal_text"], strict=True)
    ]
    return {
        "Metric": map(html.bold, rows["metric"]),
        "Status": [html.badge(Status(word)) for word in rows["status"]],
        "Baseline": rows["baseline_text"],
        "Current": rows["current_text"],
        "Target": rows["target_text"],
        "Times better": rows["times_text"],
        "Last measured": last,
        "Signed": signed,
    }


def _why(row, judgement: SeriesAnalysis | None) -> Markup:
    """Why a metric has its status, and what its data says, with the way to it."""
    metric = next(metric for metric in active if metric.id == row.metric_id)
    verdict = ""
    if judgement is not None:
        badge = metric_judgement.verdict_component(judgement, metric, on)
        verdict = html.joined([Markup("<br>"), badge, " ", verdict_text(judgement, metric, on)])
    return WHY.format(
        badge=html.badge(Status(row.status)),
        metric=row.metric,
        reason=row.reason,
        verdict=verdict,
        link=html.link("metrics", slug, "See its values", metric=row.slug),
    )


def _whys(rows: pd.DataFrame) -> Markup:
    """Why each metric stands so, and once what "confirmed" is worth."""
    judged = metric_verdicts(actor(), engagement, at_revision=frame.revision())
    whys = html.joined(_why(row, judged.get(row.metric_id)) for row in rows.itertuples())
    beside = next(filter(None, map(caveat, judged.values())), None)
    said = html.faint(f"Confirmed: {lower_first(beside)}") if beside else Markup()
    return html.part("Why each stands so", whys, said)


def _read() -> Markup:
    """All that is read and not pressed: the charts, all values, the reasons, and what was retired."""
    rows = outcome_rows(engagement, summary, on)
    parts = [_card(rows, drawn) for drawn in CHARTS]
    if active:
        parts.append(html.card("All values", html.table(_values(rows), ALL_VALUES, NARROWEST_TABLE)))
        parts.append(_whys(rows))
    retired = [metric for metric in engagement.metrics if not metric.active]
    if retired:
        leads = [html.link("metrics", slug, metric.name, metric=metric.slug) for metric in retired]
        parts.append(html.folded(count(len(retired), "retired metric"), html.lines(leads)))
    return html.stack(parts)


if may_define and active:
    with st.container(horizontal=True, horizontal_alignment="right"):
        if frame.may(engagement, Action.ASK_FOR_SIGN_OFF):
            st.button(
                "Ask for sign-off", icon=":material/draw:", on_click=sign_off_view.ask, args=(engagement,)
            )
        st.button("Define a metric", icon=":material/add:", on_click=define_metric, args=(engagement,))

if not active:
    frame.empty(
        "No metric is defined yet",
        "Without a metric nobody can say what this work changes. Begin with the one that the sponsor asks for: where it "
        "stands today, and where it should be on day 90.",
        "Define a metric" if may_define else "",
        lambda: define_metric(engagement),
    )
    if may_define:
        navigation.link("imports", slug, label="Import metrics from a file")

sign_off_view.waiting(engagement)

html.show(memoize("metrics", engagement, _read, on, str(navigation.as_of())))

sign_off_view.asked(engagement)

"""What the page of one metric shows besides its chart and its buttons, made once for a state and a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
from markupsafe import Markup

from analysis.series_analysis import SeriesAnalysis
from models.engagement import Engagement
from models.metrics import Metric
from models.number_digits import shortest_decimal
from models.outcomes import outcome
from models.status import Status
from models.summary import Summary
from models.units import unit
from models.wording import count, day_month
from reports.charts.process_behaviour import signals_of
from reports.metrics.forecasts import past_forecasts
from reports.metrics.outcomes import (
    cadence_text,
    confirmable_text,
    definition_rows,
    last_text,
    seal_text,
    target_text,
)
from reports.metrics.verdicts import metric_verdicts
from store.measurements import batches, corrections, measurements
from ui import frame, html, navigation
from ui.current_user import reader
from ui.memoize import memoize
from ui.metrics import verdict, versions
from ui.sign_off import sign_off_view

FEW_ROWS, MAX_ROWS = 8, 500
"""Measurements in the table of the page, and in the one that is opened."""


@dataclass(frozen=True)
class MetricContent:
    """What a page of a metric shows. `judgement` is None where nothing was measured; `forecasts` and `corrections` are
    empty in the past: they weren't known then."""

    status: Markup
    definition: Markup
    newest: Markup
    measured: int
    judgement: SeriesAnalysis | None
    forecasts: pd.DataFrame
    corrections: pd.DataFrame
    batches: pd.DataFrame


def content(engagement: Engagement, metric: Metric, summary: Summary, on: date) -> MetricContent:
    """Return what the page of `metric` shows on a day, as of the moment in the address."""
    return memoize(
        "metric",
        engagement,
        lambda: _content(engagement, metric, summary, on),
        metric.id,
        on,
        str(navigation.as_of()),
    )


def _content(engagement: Engagement, metric: Metric, summary: Summary, on: date) -> MetricContent:
    values, judgement = measured(engagement, metric)
    past = frame.revision() is not None
    who, nothing = reader(), pd.DataFrame()
    return MetricContent(
        status=_status(engagement, metric, summary, on, judgement),
        definition=_definition(engagement, metric, summary, on),
        newest=_newest(engagement, metric, values, judgement),
        measured=len(values),
        judgement=judgement,
        forecasts=nothing if past or values.empty else past_forecasts(who, engagement, metric, values),
        corrections=nothing if past or values.empty else corrections(who, engagement.slug, metric.id),
        batches=batches(who, engagement.slug, metric.id),
    )


def measured(engagement: Engagement, metric: Metric) -> tuple[pd.DataFrame, SeriesAnalysis | None]:
    """Return the measurements of the metric, and what they say; None where there are none."""
    who, revision = reader(), frame.revision()
    values = measurements(who, engagement.slug, [metric.id], revision)
    if values.empty:
        return values, None
    return values, metric_verdicts(who, engagement, [metric.id], revision)[metric.id]


def measurement_table(
    engagement: Engagement,
    metric: Metric,
    values: pd.DataFrame,
    max_rows: int,
    judgement: SeriesAnalysis | None,
) -> pd.DataFrame:
    """Return the newest measurements as text, newest first; `values` has `at`, `value`, `n` and `note`."""
    newest = values.iloc[::-1].head(max_rows)
    at = newest["at"].dt.tz_convert(engagement.zone)
    days_alone = (at.dt.normalize() == at).all()
    table = pd.DataFrame(
        {
            "When": at.dt.strftime("%Y-%m-%d" if days_alone else "%Y-%m-%d %H:%M"),
            "Value": [unit(metric.unit).format(value) for value in newest["value"]],
            f"In {metric.unit}": [shortest_decimal(value) for value in newest["value"]],
        }
    )
    signals = _signals(judgement)
    rules = [signals.get(moment, "") for moment in at.dt.tz_localize(None)]
    if any(rules):
        table["Signal"] = rules
    for column, title in (("n", "n"), ("note", "Note")):
        if newest[column].notna().any():
            table[title] = ["" if pd.isna(cell) else str(cell) for cell in newest[column]]
    return table


def _signals(judgement: SeriesAnalysis | None) -> dict[pd.Timestamp, str]:
    """Return the rules that point at a moment. A judgement's moments are as the engagement's zone writes them."""
    if judgement is None:
        return {}
    written = judgement.at.tz_localize(None)
    return {written[position]: rules for position, rules in signals_of(judgement).items()}


def _newest(
    engagement: Engagement, metric: Metric, values: pd.DataFrame, judgement: SeriesAnalysis | None
) -> Markup:
    if values.empty:
        return Markup()
    rows = measurement_table(engagement, metric, values, FEW_ROWS, judgement).to_dict("list")
    table = html.table(rows, f"Measurements of {metric.name}, newest first.")
    amount = f"{count(len(values), 'measurement')}, newest first."
    return html.section("Measurements", table, html.caption(amount) if len(values) <= FEW_ROWS else Markup())


def _status(
    engagement: Engagement, metric: Metric, summary: Summary, on: date, judgement: SeriesAnalysis | None
) -> Markup:
    """Return where it is: its status, the proof in a sentence, then baseline, current and target."""
    facts = next((facts for facts in summary.metrics if facts.id == metric.id), None)
    if facts is None:
        retired = html.coloured_badge("gray", "inventory_2", "Retired")
        reason = "Its values stay readable; no rule asks for it."
        return html.render(
            "metric_status.html", badge=retired, reason=reason, proof="", unsigned="", facts={}
        )
    status, measure = outcome(summary, facts, on), unit(metric.unit)
    unsigned: Markup | str = ""
    if facts.seal != "signed":
        why = html.coloured(
            "orange", html.icon("lock_open"), "These values are under a definition that isn't signed:"
        )
        unsigned = html.join([why, f" {seal_text(metric, engagement)}."])
    current = "Current, out of date" if facts.is_stale(on) else "Current"
    return html.render(
        "metric_status.html",
        badge=html.badge(Status(status.status)),
        reason=f"{status.reason}.",
        proof=Markup() if judgement is None else verdict.sentence_card(metric, judgement, on),
        unsigned=unsigned,
        facts={
            "Baseline": None if metric.baseline is None else measure.format(metric.baseline),
            current: None if facts.current is None else measure.format(facts.current),
            "Target": None if metric.target is None else target_text(metric, engagement),
            "Last measured": f"{last_text(facts.last_on, on)}, {cadence_text(facts.cadence_days)}",
        },
    )


def _definition(engagement: Engagement, metric: Metric, summary: Summary, on: date) -> Markup:
    """Return the definition beside who signed it and what moves it, and its versions below."""
    rows = [html.join([f"{name}: ", html.bold(text)]) for name, text in definition_rows(metric, engagement)]
    facts = next((facts for facts in summary.metrics if facts.id == metric.id), None)
    if facts is not None:
        text = confirmable_text(summary, facts, on)
        rows.append(html.join(["A change can be confirmed: ", html.bold(text)]))
    signed = [*sign_off_view.signatures(engagement, metric), _movers(engagement, metric)]
    cards = html.columns(html.card("Definition", html.plain_list(rows)), html.card("Sign-off", *signed))
    return html.stack(filter(None, [cards, versions.versions_of(engagement, metric)]))


def _movers(engagement: Engagement, metric: Metric) -> Markup:
    moves = []
    for flow in metric.workflows:
        state = f"live since {day_month(flow.live_on)}" if flow.is_live and flow.live_on else flow.state
        moves.append(html.record_link("workflow", engagement.slug, flow, f"{flow.name} ({state})"))
    for decision in metric.decisions:
        state = f"decided {day_month(decision.decided_on)}" if decision.decided_on else "open"
        moves.append(html.record_link("decision", engagement.slug, decision, f"{decision.title} ({state})"))
    nothing = html.paragraph("No workflow moves it and no decision names it yet.")
    return html.section("What moves it", html.plain_list(moves) or nothing)

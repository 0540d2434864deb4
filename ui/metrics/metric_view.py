"""One metric: its values over time, what it means, who signed it, what moves it, and where its values come from."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st
from markupsafe import Markup

from analysis.series_analysis import SeriesAnalysis
from models.engagement import Engagement
from models.metrics import RULES_VERSION, Metric
from models.number_digits import shortest_decimal
from models.outcomes import outcome
from models.people import Actor
from models.permissions import Action
from models.status import Status
from models.summary import Summary
from models.units import unit
from models.wording import count, day_month
from reports.charts.process_behaviour import signals_of
from reports.metrics.outcomes import (
    cadence_text,
    confirmable_text,
    definition_rows,
    last_text,
    seal_text,
    target_text,
)
from reports.metrics.verdicts import metric_verdicts
from services.measurements import batches as recording
from services.measurements import grid_entry
from services.metrics import definitions
from store.measurements import batches, measurements
from ui import feedback, frame, grids, html
from ui.current_user import actor
from ui.markdown import escaped
from ui.metrics import corrections, forecasts, verdict, versions
from ui.metrics.baseline_dialog import take_from_measurements
from ui.metrics.definition_dialog import change_metric
from ui.sign_off import sign_off_view

STANDING = Markup('<section class="hw hw-card"><p>{badge} {said}</p>{more}</section>')
FACT = Markup('<div><p class="hw-faint">{}</p><strong>{}</strong></div>')
BATCH, WITHDRAWN = Markup('<p class="hw">{}</p>'), Markup('<p class="hw"><s>{}</s> withdrawn</p>')
# Pixels: below this, a fact stands under the one before it.
LEAST_FACT = 150
FEW_ROWS, MOST_ROWS, BLANK_ROWS = 12, 500, 4
FEW_BATCHES, MOST_BATCHES = 3, 50
MOST_PX = 360


def show(engagement: Engagement, slug: str) -> None:
    """Draw the page of the metric `slug`, or say that there is none."""
    metric = next((metric for metric in engagement.metrics if metric.slug == slug), None)
    if metric is None:
        st.title("Not found, or not shared with you")
        st.write("There is no such metric in this engagement.")
        html.show(html.link("metrics", engagement.slug, "Open the metrics"), width="content")
        return
    summary, on = frame.head(
        metric.name, engagement, f"A metric of {engagement.name} for {engagement.client}."
    )
    _actions(engagement, metric)
    values = measurements(actor(), engagement.slug, [metric.id], frame.revision())
    judgement = None
    if not values.empty:
        judgement = metric_verdicts(actor(), engagement, [metric.id], frame.revision())[metric.id]
    html.show(_standing(engagement, metric, summary, on, judgement))
    with st.container(border=True):
        signals: dict[pd.Timestamp, str] = {}
        if judgement is None:
            nothing = "Nothing was measured yet. Enter the first values below, or import them from a file."
            html.show(html.section("Did it change?", html.paragraph(nothing)))
        else:
            verdict.show(engagement, metric, judgement)
            # A judgement's moments are those of the engagement's zone, as they are written there.
            written = judgement.at.tz_localize(None)
            signals = {written[index]: rules for index, rules in signals_of(judgement).items()}
    definition = [
        html.join([f"{word}: ", html.bold(told)]) for word, told in definition_rows(metric, engagement)
    ]
    facts = next((facts for facts in summary.metrics if facts.id == metric.id), None)
    if facts is not None:
        text = confirmable_text(summary, facts, on)
        definition.append(html.join(["A change can be confirmed: ", html.bold(text)]))
    signed = [*sign_off_view.signatures(engagement, metric), _movers(engagement, metric)]
    html.show(
        html.columns(html.card("Definition", html.plain_list(definition)), html.card("Sign-off", *signed))
    )
    # What became of forecasts, and what was corrected, isn't part of what was known earlier.
    if not values.empty and frame.revision() is None:
        forecasts.show(engagement, metric, values)
    html.show(versions.versions_of(engagement, metric))
    _measurements(engagement, metric, values, signals)
    if frame.revision() is None:
        corrections.show(engagement, metric, values)
    if metric.active and frame.may(engagement, Action.RECORD_MEASUREMENTS):
        _entry(engagement, metric)
    _batches(engagement, metric)


def _actions(engagement: Engagement, metric: Metric) -> None:
    def retire_or_not() -> None:
        use_case, said = (
            (definitions.retire, "Retired") if metric.active else (definitions.reactivate, "Reactivated")
        )
        who = actor(once=feedback.submission("retire"))
        if feedback.attempt(lambda: use_case(who, engagement.slug, metric.id), f"{said} {metric.name}"):
            feedback.renew("retire")

    with st.container(horizontal=True, vertical_alignment="center"):
        html.show(html.back_link("metrics", engagement.slug, "All metrics"), width="content")
        if frame.may(engagement, Action.DEFINE_METRICS):
            st.button(
                "Change the definition",
                icon=":material/edit:",
                on_click=change_metric,
                args=(engagement, metric),
            )
            if metric.active and metric.rules_version != RULES_VERSION:
                _newest_rules_button(engagement, metric)
            if metric.active and metric.aggregate is not None:
                st.button(
                    "Take the baseline from measurements",
                    on_click=take_from_measurements,
                    args=(engagement, metric),
                )
            st.button("Retire the metric" if metric.active else "Reactivate", on_click=retire_or_not)


def _newest_rules_button(engagement: Engagement, metric: Metric) -> None:
    """Draw the button that judges a metric by odds which is still judged by version 1 of the rules."""

    def judge_by_odds() -> None:
        who = actor(once=feedback.submission("rules"))
        if feedback.attempt(
            lambda: definitions.judge_by_newest_rules(who, engagement.slug, metric.id, seen=metric.version),
            f"{metric.name} is judged by odds",
        ):
            feedback.renew("rules")

    breaks = " The sponsor has to sign it again." if metric.seal == "signed" else ""
    st.button(
        "Judge by odds",
        on_click=judge_by_odds,
        help=f"This definition is still judged by version {metric.rules_version or 1} of the rules.{breaks}",
    )


def _standing(
    engagement: Engagement, metric: Metric, summary: Summary, on: date, judgement: SeriesAnalysis | None
) -> Markup:
    """Return the card that says where it stands: the proof in a sentence, then baseline, current and target."""
    facts = next((facts for facts in summary.metrics if facts.id == metric.id), None)
    if facts is None:
        retired = html.coloured_badge("gray", "inventory_2", "Retired")
        return STANDING.format(badge=retired, said="Its values stay readable; no rule asks for it.", more="")
    stands, measure = outcome(summary, facts, on), unit(metric.unit)
    proof = Markup() if judgement is None else verdict.sentence_card(metric, judgement, on)
    unsigned = ""
    if facts.seal != "signed":
        why = html.coloured(
            "orange", html.icon("lock_open"), "These values are under a definition that isn't signed:"
        )
        unsigned = Markup("<p>{} {}.</p>").format(why, seal_text(metric, engagement))
    told = [
        ("Baseline", None if metric.baseline is None else measure.format(metric.baseline)),
        (
            "Current, out of date" if facts.is_stale(on) else "Current",
            None if facts.current is None else measure.format(facts.current),
        ),
        ("Target", None if metric.target is None else target_text(metric, engagement)),
        ("Last measured", f"{last_text(facts.last_on, on)}, {cadence_text(facts.cadence_days)}"),
    ]
    grid = html.grid((FACT.format(word, said or "–") for word, said in told), LEAST_FACT)
    return STANDING.format(
        badge=html.badge(Status(stands.status)),
        said=f"{stands.reason}.",
        more=html.join([proof, unsigned, grid]),
    )


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


def _measurements(
    engagement: Engagement, metric: Metric, values: pd.DataFrame, signals: dict[pd.Timestamp, str]
) -> None:
    if values.empty:
        return
    said = count(len(values), "measurement")
    alt = f"Measurements of {metric.name}, newest first."
    newest = html.table(_rows(engagement, metric, values, FEW_ROWS, signals).to_dict("list"), alt)
    few = len(values) <= FEW_ROWS
    html.show(
        html.section("Measurements", newest, html.caption(f"{said}, newest first.") if few else Markup())
    )
    if few:
        return
    label = f"The newest {MOST_ROWS:,} of {said}" if len(values) > MOST_ROWS else f"All of {said}"
    with st.expander(label, key="all measurements", on_change="rerun") as opened:
        if opened.open:
            table = _rows(engagement, metric, values, MOST_ROWS, signals)
            st.dataframe(table, hide_index=True, height=MOST_PX, alt=alt)


def _rows(
    engagement: Engagement,
    metric: Metric,
    values: pd.DataFrame,
    most: int,
    signals: dict[pd.Timestamp, str],
) -> pd.DataFrame:
    newest = values.iloc[::-1].head(most)
    at = newest["at"].dt.tz_convert(engagement.zone)
    days_alone = (at.dt.normalize() == at).all()
    table = pd.DataFrame(
        {
            "When": at.dt.strftime("%Y-%m-%d" if days_alone else "%Y-%m-%d %H:%M"),
            "Value": [unit(metric.unit).format(value) for value in newest["value"]],
            f"In {metric.unit}": [shortest_decimal(value) for value in newest["value"]],
        }
    )
    found = [signals.get(moment, "") for moment in at.dt.tz_localize(None)]
    if any(found):
        table["Signal"] = found
    for column, word in (("n", "n"), ("note", "Note")):
        if newest[column].notna().any():
            table[word] = ["" if pd.isna(cell) else str(cell) for cell in newest[column]]
    return table


def _entry(engagement: Engagement, metric: Metric) -> None:
    def save(who: Actor, edits: grids.Edits) -> str:
        rows = [row.fields for row in sorted(edits.changed, key=lambda row: row.id)] + edits.added
        rows = [row for row in rows if any(cell is not None for cell in row.values())]
        saved = grid_entry.save_rows(who, engagement.slug, metric.id, rows)
        return f"Recorded {count(saved, 'measurement')} of {metric.name}"

    # The grid is the heaviest thing on the page: it is drawn for who wants it.
    with st.expander("Enter measurements", key="enter", on_change="rerun") as opened:
        if not opened.open:
            return
        st.caption(
            "A day such as 2026-11-20 or a time such as 2026-11-20 14:30; a value such as "
            f"{escaped(unit(metric.unit).format(metric.baseline or 4))}. A second value of the same moment takes "
            "the place of the first, and its note says why."
        )
        columns = {
            "at": st.column_config.TextColumn("When", width="medium"),
            "value": st.column_config.TextColumn(f"Value ({metric.unit})", width="medium"),
            "n": st.column_config.TextColumn(
                "n", width="small", help="How many observations the value sums up."
            ),
            "note": st.column_config.TextColumn("Note", width="large"),
        }
        grids.grid(
            f"measurements {metric.slug}",
            # A paste needs a cell to begin in; the row below the last one would open an editor first.
            pd.DataFrame({**dict.fromkeys(columns), "version": 0}, index=range(BLANK_ROWS)).astype(
                dict.fromkeys(columns, "str")
            ),
            columns,
            save=save,
            button="Record measurements",
            alt=f"New measurements of {metric.name}: when, value, n and note.",
        )
        html.show(html.link("imports", engagement.slug, "Import measurements from a file"), width="content")


def _batches(engagement: Engagement, metric: Metric) -> None:
    found = batches(actor(), engagement.slug, metric.id)
    if found.empty:
        return
    html.show(html.section("Where they came from"))
    for batch in found.head(FEW_BATCHES).itertuples():
        _batch(engagement, batch)
    if len(found) <= FEW_BATCHES:
        return
    earlier = count(len(found) - FEW_BATCHES, "earlier batch", "earlier batches")
    with st.expander(earlier, key="earlier batches", on_change="rerun") as opened:
        if opened.open:
            for batch in found[FEW_BATCHES:MOST_BATCHES].itertuples():
                _batch(engagement, batch)
            html.show(html.more(len(found) - MOST_BATCHES))


def _batch(engagement: Engagement, batch: Any) -> None:
    """Where a batch came from, with the button that takes it back."""
    rows = count(batch.rows, "measurement")
    first, last = (engagement.date_of(moment) for moment in (batch.first_at, batch.last_at))
    span = day_month(first) if first == last else f"{day_month(first)} to {day_month(last)}"
    recorded = day_month(engagement.date_of(batch.created_at))
    words = f"{rows}, {span}: {batch.source}, by {batch.by} on {recorded}"
    # Withdrawing takes back the whole batch.
    if others := batch.in_all - batch.rows:
        also = f"{count(others, 'measurement')} of other metrics"
        words, rows = f"{words}. The batch also holds {also}", f"{rows} and {also}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        html.show((WITHDRAWN if batch.withdrawn else BATCH).format(words))
        if frame.may(engagement, Action.RECORD_MEASUREMENTS):
            _undo_button(engagement, batch.batch_id, batch.withdrawn, rows)


def _undo_button(engagement: Engagement, batch_id: int, withdrawn: bool, rows: str) -> None:
    use_case, verb, done = (
        (recording.reinstate, "Bring back", "Brought back")
        if withdrawn
        else (recording.withdraw, "Withdraw", "Withdrew")
    )

    def undo() -> None:
        who = actor(once=feedback.submission(f"batch {batch_id}"))
        if feedback.attempt(lambda: use_case(who, engagement.slug, batch_id), f"{done} {rows}"):
            feedback.renew(f"batch {batch_id}")

    st.button(verb, key=f"undo {batch_id}", on_click=undo, help=f"{verb} {rows}")

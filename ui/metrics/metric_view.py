"""One metric: its values over time, what they mean, who signed it, what moves it, and where its values come from."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from models.units import unit
from models.wording import count, day_month
from services.measurements import batches as recording
from services.measurements import grid_entry
from ui import feedback, frame, grids, html
from ui.current_user import actor
from ui.markdown import escaped
from ui.metrics import corrections, forecasts, metric_acts, metric_chart, phases_view
from ui.metrics.metric_content import FEW_ROWS, MAX_ROWS, MetricContent, content, measured, measurement_table
from ui.notes import show_notes

BATCH, WITHDRAWN = Markup('<p class="hw">{}</p>'), Markup('<p class="hw"><s>{}</s> withdrawn</p>')
BLANK_ROWS = 4
"""Of the grid in which measurements are entered."""
FEW_BATCHES, MAX_BATCHES = 1, 50
MAX_PX = 360
ENTERING = "metric that is entered"
NOTHING = "Nothing was measured yet. Enter the first values, or import them from a file."


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
    # Once: an address that somebody copies opens the page, and no link of the page asks for it again.
    asked = st.query_params.pop("do", "")
    _entry_button(engagement, metric)
    if _may_measure(engagement, metric) and _enters(metric):
        _entry(engagement, metric)
    page = content(engagement, metric, summary, on)
    chart, acts = None, _acts(engagement, metric)
    if page.judgement is None:
        nothing = html.card("Did it change?", html.paragraph(NOTHING))
        html.show(html.stack([acts, page.status, nothing, page.definition]))
    else:
        # Neighbours are one component: each of them takes the browser as long as all that is in it.
        html.show(html.stack([acts, page.status, metric_chart.legend_and_choices(metric, page.judgement)]))
        chart = metric_chart.place()
        phases_view.show(engagement, metric, page.judgement)
        html.show(page.definition)
    forecasts.show(engagement, metric, page.forecasts)
    _measurements(engagement, metric, page)
    show_notes(engagement, "metric", metric.id, folded=True)
    if chart is not None and page.judgement is not None:
        # Last, so that nobody waits for it who came for the words.
        with chart:
            metric_chart.show(engagement, metric, page.judgement)
    metric_acts.open_act(asked, engagement, metric)


def _may_measure(engagement: Engagement, metric: Metric) -> bool:
    return metric.active and frame.may(engagement, Action.RECORD_MEASUREMENTS)


def _enters(metric: Metric) -> bool:
    """Return whether somebody asked for the grid: the heaviest thing on the page, drawn for who wants it."""
    return st.session_state.get(ENTERING) == metric.slug


def _toggle_entry(metric: Metric) -> None:
    st.session_state[ENTERING] = None if _enters(metric) else metric.slug


def _entry_button(engagement: Engagement, metric: Metric) -> None:
    """Draw the button that opens and closes the grid, for who may measure."""
    if _may_measure(engagement, metric):
        st.button(
            "Close the grid" if _enters(metric) else "Enter measurements",
            icon=":material/add:",
            type="primary",
            on_click=_toggle_entry,
            args=(metric,),
        )


def _acts(engagement: Engagement, metric: Metric) -> Markup:
    """Return the way back to the list, and what may be done about the metric."""
    links = metric_acts.act_links(
        "What may be done about the metric", metric_acts.metric_acts(engagement, metric)
    )
    back = html.back_link("metrics", engagement.slug, "All metrics")
    return html.foot(back, links)


def _measurements(engagement: Engagement, metric: Metric, page: MetricContent) -> None:
    """Draw the newest measurements and where they came from, and what may be done about them."""
    newest = list(page.batches.head(FEW_BATCHES).itertuples())
    texts = [_batch_text(engagement, batch) for batch in newest]
    source = html.section("Where they came from", *texts) if texts else Markup()
    may_correct = metric_acts.correcting(engagement, metric) if page.measured else {}
    links = metric_acts.act_links("What may be done about the measurements", may_correct)
    html.show(html.stack(filter(None, [page.newest, source, links])))
    if frame.may(engagement, Action.RECORD_MEASUREMENTS):
        for batch in newest:
            _undo_button(engagement, batch)
    _all_measurements(engagement, metric, page)
    if page.measured and frame.revision() is None:
        corrections.show(engagement, metric, page.corrections)
    _earlier_batches(engagement, page.batches)


def _all_measurements(engagement: Engagement, metric: Metric, page: MetricContent) -> None:
    if page.measured <= FEW_ROWS:
        return
    amount = count(page.measured, "measurement")
    label = f"The newest {MAX_ROWS:,} of {amount}" if page.measured > MAX_ROWS else f"All of {amount}"
    with st.expander(label, key="all measurements", on_change="rerun") as opened:
        if opened.open:
            values, judgement = measured(engagement, metric)
            table = measurement_table(engagement, metric, values, MAX_ROWS, judgement)
            alt = f"Measurements of {metric.name}, newest first."
            st.dataframe(table, hide_index=True, height=MAX_PX, alt=alt)


def _entry(engagement: Engagement, metric: Metric) -> None:
    def save(who: Actor, edits: grids.Edits) -> str:
        saved = grid_entry.save_rows(who, engagement.slug, metric.id, edits.added)
        feedback.warn(doubt.full_sentence("row") for doubt in saved.doubts)
        return f"Recorded {count(saved.count, 'measurement')} of {metric.name}"

    with st.container(border=True):
        st.header("New measurements")
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
            pd.DataFrame({name: pd.Series(dtype="str") for name in [*columns, "version"]}),
            columns,
            save=save,
            button="Record measurements",
            alt=f"New measurements of {metric.name}: when, value, n and note.",
        )
        html.show(html.link("imports", engagement.slug, "Import measurements from a file"), width="content")


def _earlier_batches(engagement: Engagement, batches: pd.DataFrame) -> None:
    if len(batches) <= FEW_BATCHES:
        return
    earlier = count(len(batches) - FEW_BATCHES, "earlier batch", "earlier batches")
    with st.expander(earlier, key="earlier batches", on_change="rerun") as opened:
        if not opened.open:
            return
        for batch in batches[FEW_BATCHES:MAX_BATCHES].itertuples():
            with st.container(
                horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
            ):
                html.show(_batch_text(engagement, batch))
                if frame.may(engagement, Action.RECORD_MEASUREMENTS):
                    _undo_button(engagement, batch)
        html.show(html.more(len(batches) - MAX_BATCHES))


def _batch_text(engagement: Engagement, batch: Any) -> Markup:
    """Where a batch came from."""
    first, last = (engagement.date_of(moment) for moment in (batch.first_at, batch.last_at))
    span = day_month(first) if first == last else f"{day_month(first)} to {day_month(last)}"
    recorded = day_month(engagement.date_of(batch.created_at))
    rows = count(batch.rows, "measurement")
    text = f"{rows}, {span}: {batch.source}, by {batch.by} on {recorded}"
    if others := batch.in_all - batch.rows:
        text = f"{text}. The batch also holds {count(others, 'measurement')} of other metrics"
    return (WITHDRAWN if batch.withdrawn else BATCH).format(text)


def _undo_button(engagement: Engagement, batch: Any) -> None:
    """Draw the button that takes a whole batch back, or brings it back."""
    rows, batch_id, withdrawn = count(batch.rows, "measurement"), batch.batch_id, batch.withdrawn
    if others := batch.in_all - batch.rows:
        rows = f"{rows} and {count(others, 'measurement')} of other metrics"
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

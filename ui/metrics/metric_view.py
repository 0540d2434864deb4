"""One metric: its values over time, what they mean, who signed it, what moves it, and where its values come from."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from models.units import unit
from models.wording import count
from services.measurements import grid_entry
from ui import feedback, frame, grids, html, navigation
from ui.markdown import escaped
from ui.metrics import act_links, batches_view, corrections, forecasts, metric_acts, metric_chart, phases_view
from ui.metrics.act_links import Act
from ui.metrics.metric_content import FEW_ROWS, MAX_ROWS, MetricContent, content, measured, measurement_table
from ui.notes import open_removal, show_notes

MAX_PX = 360
OPEN = "open"
"""What the address asks of the grid (`enter=open`): Back closes it."""
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
    asked = navigation.take_act("on", "phase", "batch", "note")
    acts = _acts(engagement, metric)
    if _may_measure(engagement, metric) and _enters():
        html.show(acts)
        _entry(engagement, metric)
        acts = html.NONE
    page = content(engagement, metric, summary, on)
    chart = None
    if page.judgement is None:
        nothing = html.card("Did it change?", html.paragraph(NOTHING))
        html.show(html.stack([acts, page.status, nothing, page.definition]))
    else:
        # Neighbours are one component: each of them takes the browser as long as all that is in it.
        title = metric_chart.legend_and_choices(metric, page.judgement)
        picture = metric_chart.picture(engagement, metric, page.judgement)
        html.show(html.stack(filter(None, [acts, page.status, title, picture])))
        chart = metric_chart.place()
        html.show(html.stack([phases_view.section(engagement, metric, page.judgement), page.definition]))
    forecasts.show(engagement, metric, page.forecasts)
    _measurements(engagement, metric, page)
    show_notes(engagement, "metric", metric.id, removal=_note_removal)
    if chart is not None and page.judgement is not None:
        # Last, so that nobody waits for it who came for the words.
        with chart:
            metric_chart.show(engagement, metric, page.judgement)
    _open_act(asked, engagement, metric, page)


def _note_removal(note_id: int) -> str:
    """Return the address that asks to remove a note."""
    return act_links.address({"do": "remove-note", "note": str(note_id)})


def _open_act(asked: Act, engagement: Engagement, metric: Metric, page: MetricContent) -> None:
    """Open the dialog of what a link of the page asks for; nothing if it isn't offered (any more)."""
    match asked.get("do"):
        case None:
            return
        case phases_view.BEGIN | phases_view.TAKE_BACK:
            if page.judgement is not None:
                phases_view.open_act(asked, engagement, metric, page.judgement)
        case batches_view.WITHDRAW | batches_view.BRING_BACK:
            batches_view.open_act(asked, engagement, page.batches)
        case "remove-note":
            open_removal(engagement, "metric", metric.id, asked.get("note", ""))
        case act:
            metric_acts.open_act(act, engagement, metric)


def _may_measure(engagement: Engagement, metric: Metric) -> bool:
    return metric.active and frame.may(engagement, Action.RECORD_MEASUREMENTS)


def _enters() -> bool:
    """Return whether the address asks for the grid: the heaviest thing on the page, drawn for who wants it."""
    return st.query_params.get("enter") == OPEN


def _entry_link(engagement: Engagement, metric: Metric) -> Markup:
    """Return the link that opens the grid, or closes it, for who may measure."""
    if not _may_measure(engagement, metric):
        return Markup()
    if _enters():
        return html.OTHER.format(href=navigation.here("metrics", enter=None), label="Close the grid")
    return html.main_act("Enter measurements", navigation.here("metrics", enter=OPEN), ":material/add:")


def _acts(engagement: Engagement, metric: Metric) -> Markup:
    """Return the way back to the list, and what may be done about the metric."""
    acts = metric_acts.links(metric_acts.metric_acts(engagement, metric))
    links = act_links.act_links("What may be done about the metric", acts, _entry_link(engagement, metric))
    return html.foot(html.back_link("metrics", engagement.slug, "All metrics"), links)


def _measurements(engagement: Engagement, metric: Metric, page: MetricContent) -> None:
    """Draw the newest measurements and where they came from, and what may be done about them."""
    may_correct = metric_acts.correcting(engagement, metric) if page.measured else {}
    links = act_links.act_links("What may be done about the measurements", metric_acts.links(may_correct))
    source = batches_view.newest(engagement, page.batches)
    html.show(html.stack(filter(None, [page.newest, links, source])))
    _all_measurements(engagement, metric, page)
    if page.measured and frame.revision() is None:
        corrections.show(engagement, metric, page.corrections)
    batches_view.show_earlier(engagement, page.batches)


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

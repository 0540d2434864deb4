"""Where a metric's measurements came from, batch by batch, and the dialogs that withdraw one or bring it back."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from markupsafe import Markup

from models.engagement import Engagement
from models.permissions import Action
from models.wording import count, day_month
from services.measurements import batches as recording
from ui import frame, html
from ui.drawer import attempting, drawer
from ui.metrics.act_links import Act, address

FEW_BATCHES, MAX_BATCHES = 1, 50
"""Batches that the page shows, and shows once somebody opens the earlier ones."""
WITHDRAW, BRING_BACK = "withdraw", "bring-back"
LABELS = {WITHDRAW: "Withdraw", BRING_BACK: "Bring back"}
BATCH, WITHDRAWN = Markup('<p class="hw">{}</p>'), Markup('<p class="hw"><s>{}</s> withdrawn</p>')


def newest(engagement: Engagement, batches: pd.DataFrame) -> Markup:
    """Return the newest of a metric's `batches` (store/measurements.py); empty if there are none."""
    rows = [_row(engagement, batch) for batch in batches.head(FEW_BATCHES).itertuples()]
    return html.section("Where they came from", *rows) if rows else Markup()


def show_earlier(engagement: Engagement, batches: pd.DataFrame) -> None:
    """Draw the batches before the newest, for who opens them."""
    if len(batches) <= FEW_BATCHES:
        return
    earlier = count(len(batches) - FEW_BATCHES, "earlier batch", "earlier batches")
    with st.expander(earlier, key="earlier batches", on_change="rerun") as opened:
        if opened.open:
            rows = [_row(engagement, batch) for batch in batches[FEW_BATCHES:MAX_BATCHES].itertuples()]
            html.show(html.stack([*rows, html.more(len(batches) - MAX_BATCHES)]))


def _row(engagement: Engagement, batch: Any) -> Markup:
    """Return where a batch came from, and the link that withdraws it or brings it back, for who may."""
    text = (WITHDRAWN if batch.withdrawn else BATCH).format(_text(engagement, batch))
    if not frame.may(engagement, Action.RECORD_MEASUREMENTS):
        return text
    act = _act(batch)
    return html.with_act(text, LABELS[act["do"]], address(act))


def _text(engagement: Engagement, batch: Any) -> str:
    first, last = (engagement.date_of(moment) for moment in (batch.first_at, batch.last_at))
    span = day_month(first) if first == last else f"{day_month(first)} to {day_month(last)}"
    recorded = day_month(engagement.date_of(batch.created_at))
    rows = count(batch.rows, "measurement")
    text = f"{rows}, {span}: {batch.source}, by {batch.by} on {recorded}"
    if others := batch.in_all - batch.rows:
        text = f"{text}. The batch also holds {count(others, 'measurement')} of other metrics"
    return text


def _act(batch: Any) -> Act:
    """Return what the address of a batch's one act asks for."""
    return {"do": BRING_BACK if batch.withdrawn else WITHDRAW, "batch": str(batch.batch_id)}


def open_act(asked: Act, engagement: Engagement, batches: pd.DataFrame) -> None:
    """Open the dialog that a batch's link asks for; nothing if no batch offers it (any more)."""
    if not frame.may(engagement, Action.RECORD_MEASUREMENTS):
        return
    for batch in batches.head(MAX_BATCHES).itertuples():
        if asked == _act(batch):
            _confirm(engagement, batch)


def _confirm(engagement: Engagement, batch: Any) -> None:
    """Open the dialog that says what a batch holds, with the button that withdraws it or brings it back."""
    rows, slug, batch_id = count(batch.rows, "measurement"), engagement.slug, batch.batch_id
    if others := batch.in_all - batch.rows:
        rows = f"{rows} and {count(others, 'measurement')} of other metrics"
    label = LABELS[_act(batch)["do"]]
    use_case, done, then = (
        (recording.reinstate, "Brought back", "All of it counts again")
        if batch.withdrawn
        else (
            recording.withdraw,
            "Withdrew",
            "None of it counts any more. It stays readable, and can be brought back",
        )
    )
    about = html.stack([html.paragraph(f"{_text(engagement, batch)}."), html.paragraph(f"{then}.")])

    def body() -> None:
        html.show(about)
        withdraw = attempting(
            f"batch {batch_id}", lambda who: use_case(who, slug, batch_id), f"{done} {rows}"
        )
        st.button(f"{label} {rows}", type="primary", key=f"batch {batch_id} for good", on_click=withdraw)

    drawer(f"{label} a batch", body)

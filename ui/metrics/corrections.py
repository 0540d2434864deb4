"""Correcting a measurement, and every value that a correction took the place of."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from models.engagement import Engagement
from models.metrics import Metric
from models.units import unit
from models.wording import count, day_month
from services.measurements.corrections import correct
from services.parsing.typed_numbers import doubts_of_typed
from store.measurements import measurements
from ui import feedback, html
from ui.current_user import actor

MAX_OFFERED = 200
"""Moments, the newest ones, among which one can be chosen to be corrected."""


def show(engagement: Engagement, metric: Metric, corrected: pd.DataFrame) -> None:
    """Draw what was corrected so far (`measurements.corrections`): both values, with the reason."""
    if corrected.empty:
        return
    html.show(html.section("Corrections"))
    # A grid is the heaviest thing on the page: it is drawn for who wants it.
    with st.expander(
        f"{count(len(corrected), 'value')} that were given for corrected moments",
        key="corrections",
        on_change="rerun",
    ) as opened:
        if opened.open:
            _table(engagement, metric, corrected)


def _table(engagement: Engagement, metric: Metric, corrected: pd.DataFrame) -> None:
    measure = unit(metric.unit)
    table = pd.DataFrame(
        {
            "When": [_when(engagement, at) for at in corrected["at"]],
            "Value": [measure.format(value) for value in corrected["value"]],
            "n": ["" if pd.isna(n) else str(n) for n in corrected["n"]],
            "As given": corrected["given"].fillna(""),
            "Status": corrected["status"],
            "Reason": corrected["reason"].fillna(""),
            "Source": corrected["source"],
            "By": [
                f"{by}, {day_month(engagement.date_of(at))}"
                for by, at in zip(corrected["by"], corrected["created_at"], strict=True)
            ],
        }
    )
    if corrected["n"].isna().all():
        table = table.drop(columns="n")
    st.dataframe(
        table, hide_index=True, alt=f"Corrected measurements of {metric.name}, each value that was given."
    )


def _when(engagement: Engagement, at: pd.Timestamp) -> str:
    local = at.tz_convert(engagement.zone)
    return f"{local:%Y-%m-%d}" if local == local.normalize() else f"{local:%Y-%m-%d %H:%M}"


@st.dialog("Correct a measurement", position="right")
def correct_one(engagement: Engagement, metric: Metric) -> None:
    """Ask which one, what it should be, and why."""
    feedback.show_in_dialog()
    measure = unit(metric.unit)
    values = measurements(actor(), engagement.slug, [metric.id])
    labels = {
        row.at: f"{_when(engagement, row.at)}: {measure.format(row.value)}"
        for row in values.iloc[::-1].head(MAX_OFFERED).itertuples(index=False)
    }
    with st.form("correction", border=False):
        at = st.selectbox("Which one", list(labels), format_func=labels.__getitem__)
        value = st.text_input(f"Value ({metric.unit})", placeholder=measure.format(metric.baseline or 4))
        reason = st.text_input("Why", placeholder="The export counted test orders")
        pressed = st.form_submit_button("Correct the measurement", type="primary")
    if pressed and at is not None:
        who = actor(once=feedback.submission("correction"))

        def save() -> None:
            correct(who, engagement.slug, metric.id, at.to_pydatetime(), value, reason)
            feedback.warn(doubts_of_typed({"Value": value}, metric.unit))

        if feedback.attempt(
            save,
            f"Corrected {labels[at]}; both values stay readable",
        ):
            feedback.renew("correction")
        st.rerun(scope="fragment")

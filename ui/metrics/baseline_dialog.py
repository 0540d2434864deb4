"""Taking a metric's baseline from what was measured, in a dialog on the right."""

from __future__ import annotations

import streamlit as st

from models.engagement import Engagement
from models.metrics import BASELINE_POINTS, Metric
from models.units import unit
from services.metrics.baselines import Baseline, take_baseline
from ui import feedback, markdown
from ui.current_user import actor


@st.dialog("Take the baseline from measurements", position="right")
def take_from_measurements(engagement: Engagement, metric: Metric) -> None:
    """Ask for the days whose measurements are the baseline."""
    feedback.show_in_dialog()
    signed = metric.valid_sign_off
    if signed is not None:
        st.warning(
            f"{markdown.escaped(signed.signed_by)} signed the baseline as it is. A new one breaks the seal until it is "
            "signed again.",
            icon=":material/lock_open:",
        )
    st.write(
        f"The baseline becomes the {'median' if metric.statistic == 'median' else 'mean'} of at least "
        f"{BASELINE_POINTS} measurements, and says which points it rests on."
    )
    aggregate = metric.aggregate
    first, last = (aggregate.first_on, aggregate.last_on) if aggregate else (None, None)
    with st.form("baseline", border=False):
        since = st.date_input("First day", metric.baseline_since or first, format="YYYY-MM-DD")
        until = st.date_input("Last day", metric.baseline_end or last, format="YYYY-MM-DD")
        pressed = st.form_submit_button("Take the baseline", type="primary")
    if not pressed:
        return
    taken: list[Baseline] = []
    who = actor(once=feedback.submission("baseline"))

    def confirmation() -> str:
        return f"The baseline is {unit(metric.unit).format(taken[0].value)}, from {taken[0].n} measurements"

    if feedback.attempt(
        lambda: taken.append(
            take_baseline(who, engagement.slug, metric.id, since, until, seen=metric.version)
        ),
        confirmation,
    ):
        feedback.renew("baseline")
    st.rerun(scope="fragment")

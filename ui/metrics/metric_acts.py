"""What may be done about a metric: the labels of its links (`act_links`), and the dialogs that they open."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from models.engagement import Engagement
from models.metrics import RULES_VERSION, Metric
from models.permissions import Action
from services.metrics import definitions
from ui import frame
from ui.drawer import attempting, drawer
from ui.markdown import escaped
from ui.metrics.act_links import Act
from ui.metrics.baseline_dialog import take_from_measurements
from ui.metrics.corrections import correct_one
from ui.metrics.definition_dialog import change_metric

DIALOGS: dict[str, Callable[[Engagement, Metric], None]] = {
    "change": change_metric,
    "baseline": take_from_measurements,
    "correct": correct_one,
}


def links(labels: dict[str, str]) -> dict[str, Act]:
    """Return acts by their labels, given the labels by what an address asks for."""
    return {label: {"do": act} for act, label in labels.items()}


def metric_acts(engagement: Engagement, metric: Metric) -> dict[str, str]:
    """Return the labels of what may be done about the definition, by what an address asks for (`do=change`)."""
    if not frame.may(engagement, Action.DEFINE_METRICS):
        return {}
    acts = {"change": "Change the definition"}
    if metric.active and metric.rules_version != RULES_VERSION:
        acts["odds"] = "Judge by odds"
    if metric.active and metric.aggregate is not None:
        acts["baseline"] = "Take the baseline from measurements"
    return acts | (
        {"retire": "Retire the metric"} if metric.active else {"reactivate": "Reactivate the metric"}
    )


def correcting(engagement: Engagement, metric: Metric) -> dict[str, str]:
    """Return the label of correcting a measurement, by what an address asks for, for who may."""
    may = metric.active and frame.may(engagement, Action.RECORD_MEASUREMENTS) and frame.revision() is None
    return {"correct": "Correct a measurement"} if may and metric.aggregate is not None else {}


def open_act(act: str, engagement: Engagement, metric: Metric) -> None:
    """Open what a link of the page asks for; nothing if it isn't offered (any more)."""
    if act not in metric_acts(engagement, metric) | correcting(engagement, metric):
        return
    if act in DIALOGS:
        DIALOGS[act](engagement, metric)
    else:
        _confirm(act, engagement, metric)


def _confirm(act: str, engagement: Engagement, metric: Metric) -> None:
    """Open the dialog that says what the act changes, with the button that does it."""
    name, slug = metric.name, engagement.slug
    breaks = " The sponsor has to sign it again." if metric.seal == "signed" else ""
    retired = (
        f"{escaped(name)} leaves health, review and forecasts; what was measured stays, and it can come back."
    )
    about, use_case, done = {
        "retire": (retired, definitions.retire, f"Retired {name}"),
        "reactivate": (
            f"{escaped(name)} counts again, with all that was measured.",
            definitions.reactivate,
            f"Reactivated {name}",
        ),
        "odds": (
            f"This definition is still judged by version {metric.rules_version or 1} of the rules.{breaks}",
            lambda who, slug, row_id: definitions.judge_by_newest_rules(
                who, slug, row_id, seen=metric.version
            ),
            f"{name} is judged by odds",
        ),
    }[act]
    title = metric_acts(engagement, metric)[act]

    def body() -> None:
        st.write(about)
        callback = attempting(act, lambda who: use_case(who, slug, metric.id), done)
        st.button(title, type="primary", key=f"{act} for good", on_click=callback)

    drawer(title, body)

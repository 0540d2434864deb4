"""Defining a metric and changing its definition, in a dialog on the right."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from analysis.rule_sets import RULE_SETS
from models.engagement import Engagement
from models.metrics import DEFAULT_RULES, DIRECTIONS, KINDS, OUTCOME, SCALES, STATISTICS, Metric
from models.plan import CYCLE_DAYS
from models.units import unit
from models.wording import upper_first
from reports.metrics.outcomes import cadence_caption
from services.metrics import definitions
from services.metrics.definitions import DEFAULT_CADENCE, MAX_CADENCE
from services.parsing.typed_numbers import doubts_of_typed
from services.parsing.typed_texts import placeholders_of_typed
from ui import feedback, frame, markdown
from ui.current_user import actor
from ui.drawer import FIELD_WIDTH

NUMBERS = {
    "baseline": "Baseline",
    "target": "Target",
    "step_30": "Step at day 30",
    "step_60": "Step at day 60",
}
CHOICES = {"log": "Log (durations and rates)", "logit": "Logit (percentages near 0 or 100%)"}


@st.dialog("Define a metric", position="right")
def define_metric(engagement: Engagement) -> None:
    """Ask for a new metric's definition, and define it."""
    feedback.show_in_dialog()
    entered = _form(engagement, None)
    if entered is not None:

        def define(who: Any) -> None:
            definitions.define(who, engagement.slug, entered)
            _warn_of_doubts(entered, entered["unit"])

        _attempt(define, f"Defined {entered['name']}")


@st.dialog("Change the definition", position="right")
def change_metric(engagement: Engagement, metric: Metric) -> None:
    """Ask for what is different now, and change only that."""
    feedback.show_in_dialog()
    signed = metric.valid_sign_off
    if signed is not None:
        st.warning(
            f"{markdown.escaped(signed.signed_by)} signed this definition. Any change breaks the seal until it is "
            "signed again.",
            icon=":material/lock_open:",
        )
    entered = _form(engagement, metric)
    if entered is None:
        return
    shown = _shown(metric)
    changed = {name: value for name, value in entered.items() if value != shown.get(name)}
    broke: list[bool] = []

    def confirmation() -> str:
        return f"Changed {entered['name']}" + (": it has to be signed again" if broke[0] else "")

    def change(who: Any) -> None:
        broke.append(definitions.change(who, engagement.slug, metric.id, changed, seen=metric.version))
        _warn_of_doubts(changed, entered["unit"])

    _attempt(change, confirmation)


def _warn_of_doubts(saved: dict[str, Any], unit_name: str) -> None:
    """Say on the page that comes next which saved numbers can be read in two ways, and which texts stand for nothing."""
    typed = {label: saved.get(field) for field, label in NUMBERS.items()}
    named = {"Owner": saved.get("owner"), "Source": saved.get("source")}
    feedback.warn([*doubts_of_typed(typed, unit_name), *placeholders_of_typed(named)])


def _attempt(use_case: Any, confirmation: Any) -> None:
    who = actor(once=feedback.submission("metric"))
    if feedback.attempt(lambda: use_case(who), confirmation):
        feedback.renew("metric")
    st.rerun(scope="fragment")


def _shown(metric: Metric | None) -> dict[str, Any]:
    """Return what the form begins with, as its fields give it back while nobody touches them."""
    if metric is None:
        return {
            "cadence_days": DEFAULT_CADENCE,
            "target_day": CYCLE_DAYS,
            "kind": OUTCOME,
            "rules": DEFAULT_RULES,
        }
    measure = unit(metric.unit)
    return {
        "name": metric.name,
        "unit": metric.unit,
        "direction": metric.direction,
        "baseline": "" if metric.baseline is None else measure.format(metric.baseline),
        "baseline_until": metric.baseline_until,
        "target": "" if metric.target is None else measure.format(metric.target),
        "target_day": metric.target_day,
        "cadence_days": metric.cadence_days,
        "source": metric.source or "",
        "owner": metric.owner or "",
        "counted": metric.counted or "",
        "left_out": metric.left_out or "",
        "statistic": metric.statistic,
        "scale": metric.scale,
        "step_30": "" if metric.step_30 is None else measure.format(metric.step_30),
        "step_60": "" if metric.step_60 is None else measure.format(metric.step_60),
        "calendar": metric.calendar or "",
        "query": metric.query or "",
        "kind": metric.kind or OUTCOME,
        "rules": metric.rules or DEFAULT_RULES,
    }


def _form(engagement: Engagement, metric: Metric | None) -> dict[str, Any] | None:
    """Return the definition that was entered when its button was pressed, by column; None before."""
    now = _shown(metric)
    text = now.get
    with st.form("metric", border=False):
        entered: dict[str, Any] = {
            "name": st.text_input("Name", text("name", ""), placeholder="Loan decision time")
        }
        entered["unit"] = st.text_input("Unit", text("unit", ""), placeholder="h, %, USD, applications / min")
        entered["direction"] = st.radio(
            "Which way is better?",
            DIRECTIONS,
            DIRECTIONS.index(now["direction"]) if "direction" in now else None,
            format_func=upper_first,
            horizontal=True,
        )
        fields = st.grid(2, min_column_width=FIELD_WIDTH)
        entered["baseline"] = fields.text_input("Baseline", text("baseline", ""), placeholder="4 h")
        entered["target"] = fields.text_input("Target", text("target", ""), placeholder="90 s")
        entered["target_day"] = fields.number_input("Target by day", 1, CYCLE_DAYS, now["target_day"])
        entered["cadence_days"] = fields.number_input(
            "Measured every ... days", 1, MAX_CADENCE, now["cadence_days"]
        )
        st.caption(cadence_caption(engagement, frame.today(engagement)))
        entered["baseline_until"] = st.date_input(
            "Last day of the baseline",
            text("baseline_until"),
            format="YYYY-MM-DD",
            help="Without one, the baseline ends the day before the first workflow that moves the metric goes live.",
        )
        entered["source"] = st.text_input("Source", text("source", ""), placeholder="Decision log")
        entered["owner"] = st.text_input("Owner", text("owner", ""))
        with st.expander("What exactly is counted, and how it is judged"):
            entered |= _details(now)
        verb = "Define the metric" if metric is None else "Change the definition"
        pressed = st.form_submit_button(verb, type="primary")
    return entered if pressed else None


def _label(choice: str | None, without: str) -> str:
    return CHOICES.get(choice, upper_first(choice)) if choice else without


def _details(now: dict[str, Any]) -> dict[str, Any]:
    """Return what makes a definition exact. Nothing of it is needed to begin."""
    text = now.get
    entered: dict[str, Any] = {
        "counted": st.text_input(
            "What is counted", text("counted", ""), placeholder="Applications decided in the week"
        ),
        "left_out": st.text_input(
            "What is left out", text("left_out", ""), placeholder="Withdrawn applications, tests"
        ),
    }
    fields = st.grid(2, min_column_width=FIELD_WIDTH)
    for field, choices, without in (
        ("statistic", STATISTICS, "Not said"),
        ("scale", SCALES, "By the unit"),
    ):
        options: list[str | None] = [None, *choices]
        entered[field] = fields.selectbox(
            upper_first(field),
            options,
            options.index(text(field)),
            format_func=partial(_label, without=without),
        )
    entered["step_30"] = fields.text_input("Step at day 30", text("step_30", ""))
    entered["step_60"] = fields.text_input("Step at day 60", text("step_60", ""))
    entered["kind"] = fields.selectbox("Kind", KINDS, KINDS.index(now["kind"]), format_func=upper_first)
    rules = list(RULE_SETS)
    entered["rules"] = fields.selectbox("Rules", rules, rules.index(now["rules"]), format_func=str.capitalize)
    entered["calendar"] = st.text_input(
        "Calendar", text("calendar", ""), placeholder="Weeks from Monday, local time; holidays count"
    )
    entered["query"] = st.text_area(
        "Query", text("query", ""), help="The text with which the source is asked."
    )
    return entered

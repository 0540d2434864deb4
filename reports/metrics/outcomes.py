"""Metrics as rows: where each came from, where it is and where it should get to, in the words of its unit."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd

from analysis.confirmable import first_confirmable_day
from analysis.progress import Direction
from models.confirmability import confirmable_from, go_live_day
from models.engagement import Engagement
from models.metrics import OUTCOME, Metric, SignOff
from models.outcomes import Outcome, outcomes
from models.summarise import summarise
from models.summary import MetricFacts, Summary
from models.units import Unit, format_factor, unit
from models.wording import day_month, days, upper_first
from reports.metrics.definitions import LABELS, baseline_text, field_text, judged_by_text

TIMES, SHARE, WAY = "times", "share", "way"
"""How a row is drawn: by its factor, as a part of a whole, or by how much of its way it has come."""
MAX_FACTOR = 10_000.0
"""A factor beyond this, or its inverse, is drawn at the end of its scale."""
_NONE = "–"
_CADENCES = {1: "daily", 7: "weekly", 14: "every 2 weeks", 30: "monthly", 31: "monthly", 91: "quarterly"}

COLUMNS = [
    "metric_id", "slug", "metric", "status", "reason", "drawn", "factor", "target_factor", "label",
    "baseline", "current", "target", "baseline_text", "current_text", "target_text",
    "last_text", "cadence_text", "fresh", "seal_text", "seal",
]  # fmt: skip


def outcome_rows(engagement: Engagement, summary: Summary, on: date) -> pd.DataFrame:
    """Return one row an active metric, the furthest improved first; what isn't known comes last.

    `drawn` says which chart the row is for: "times" (reports/charts/outcomes.outcomes takes `factor`, `target_factor`
    and `label`), "share" (bullets takes `baseline`, `current` and `target` in percent) or "way", for a measure that
    has no factor: there `baseline`, `current` and `target` are percent of the way to its target. The columns named
    ..._text are in words: quantities with their units, "4 days ago", "weekly", "signed by Dana Ruiz, 3 Oct".
    """
    metrics = {metric.id: metric for metric in engagement.metrics}
    rows = [_row(outcome, metrics[outcome.metric.id], engagement, on) for outcome in outcomes(summary, on)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    numbers = ["factor", "target_factor", "baseline", "current", "target"]
    frame[numbers] = frame[numbers].astype(float)
    return frame.sort_values("factor", ascending=False, na_position="last", kind="stable", ignore_index=True)


def _row(outcome: Outcome, metric: Metric, engagement: Engagement, on: date) -> dict[str, object]:
    facts, measure = outcome.metric, unit(outcome.metric.unit)
    drawn = _drawn(measure, facts.baseline, facts.target)
    factor = _factor(measure, facts.baseline, facts.current, facts.direction)
    goal = measure.times_better(facts.baseline, facts.target, facts.direction)
    current_text = value_or_none_text(measure, facts.current)
    row = {
        "metric_id": facts.id,
        "slug": facts.slug,
        "metric": facts.name,
        "status": outcome.status.value,
        "reason": outcome.reason,
        "drawn": drawn,
        "factor": factor if drawn == TIMES else None,
        "target_factor": goal if drawn == TIMES else None,
        "label": current_text if drawn != TIMES else _NONE if factor is None else _times(factor),
        "baseline_text": value_or_none_text(measure, facts.baseline),
        "current_text": current_text,
        "target_text": value_or_none_text(measure, facts.target),
        "last_text": last_text(facts.last_on, on),
        "cadence_text": cadence_text(facts.cadence_days),
        "fresh": facts.last_on is not None and not facts.is_stale(on),
        "seal_text": seal_text(metric, engagement),
        "seal": facts.seal,
    }
    if drawn == WAY:
        come = None if outcome.progress is None else outcome.progress * 100
        return row | {"baseline": 0.0, "current": come, "target": 100.0}
    return row | {"baseline": facts.baseline, "current": facts.current, "target": facts.target}


def drawing(outcome: Outcome) -> dict[str, object]:
    """Return how a metric is drawn from baseline to target: `kind`, and `start`, `now` and `goal` on its scale.

    The scale of "times" is times better than the baseline (log), of "share" percent, and of "way" percent of the way to
    the target (both linear). None where there is no number; a factor ends at `MAX_FACTOR` and its inverse.
    """
    facts, measure = outcome.metric, unit(outcome.metric.unit)
    kind = _drawn(measure, facts.baseline, facts.target)
    if kind == TIMES:
        now = _factor(measure, facts.baseline, facts.current, facts.direction)
        goal = measure.times_better(facts.baseline, facts.target, facts.direction)
        return {"kind": kind, "start": 1.0, "now": _within(now), "goal": _within(goal)}
    if kind == SHARE:
        return {"kind": kind, "start": facts.baseline, "now": facts.current, "goal": facts.target}
    come = None if outcome.progress is None else outcome.progress * 100
    return {"kind": kind, "start": 0.0, "now": come, "goal": 100.0}


def _within(factor: float | None) -> float | None:
    return None if factor is None else min(max(factor, 1 / MAX_FACTOR), MAX_FACTOR)


def _drawn(measure: Unit, baseline: float | None, target: float | None) -> str:
    if measure.bounded:
        return SHARE
    without_factor = any(number is not None and number <= 0 for number in (baseline, target))
    return WAY if without_factor else TIMES


def _factor(
    measure: Unit, baseline: float | None, current: float | None, direction: Direction
) -> float | None:
    """Return the factor; a current value of nothing at all is infinitely better or worse."""
    if not measure.bounded and current == 0 and baseline is not None and baseline > 0:
        return math.inf if direction == "lower" else 0.0
    return measure.times_better(baseline, current, direction)


def _times(factor: float) -> str:
    if math.isinf(factor):
        return "none left"
    return "nothing" if factor == 0 else format_factor(factor)


def value_or_none_text(measure: Unit, number: float | None) -> str:
    """Return a number with its unit; a dash if there is none."""
    return _NONE if number is None else measure.format(number)


def target_text(metric: Metric, engagement: Engagement) -> str:
    """Return the target, not a digit of it rounded away, with its date and year: "90 s by 2 Jan 2027"."""
    if metric.target is None:
        return _NONE
    text = unit(metric.unit).format_exactly(metric.target)
    due_on = metric.due_on(engagement.cycle())
    return text if due_on is None else f"{text} by {day_month(due_on)} {due_on.year}"


def last_text(last_on: date | None, on: date) -> str:
    """Return when it was last measured: "today", "4 days ago", "never"."""
    if last_on is None:
        return "never"
    ago = (on - last_on).days
    return "today" if ago == 0 else "yesterday" if ago == 1 else f"{days(ago)} ago"


def cadence_text(cadence_days: int) -> str:
    """Return how often it should be measured: "weekly", "every 10 days"."""
    return _CADENCES.get(cadence_days, f"every {days(cadence_days)}")


def seal_text(metric: Metric, engagement: Engagement) -> str:
    """What signatures are worth today: "v2 signed by Dana Ruiz, 3 Oct", "v2 signed by ...; v3 unsigned", "unsigned"."""
    if metric.valid_sign_off is not None:
        return _signed(metric.valid_sign_off, engagement)
    wish = metric.requested_change
    if wish is not None:
        asked_on = day_month(engagement.date_of(wish.signed_at))
        now = f"changes requested by {wish.signed_by}, {asked_on}"
    else:
        now = "unsigned"
    if metric.seal == "unsigned":
        return now
    newest = next(
        sign
        for sign in reversed(metric.sign_offs)
        if sign.approves and (metric.baseline_data_differ or sign.digest != metric.digest())
    )
    if newest.digest == metric.digest():
        return f"{_signed(newest, engagement)}; its baseline's data changed since"
    return f"{_signed(newest, engagement)}; v{metric.number} {now}"


def _signed(sign: SignOff, engagement: Engagement) -> str:
    version = "" if sign.number is None else f"v{sign.number} "
    return f"{version}signed by {sign.signed_by}, {day_month(engagement.date_of(sign.signed_at))}"


def confirmable_text(summary: Summary, facts: MetricFacts, on: date) -> str:
    """Return from which day a change can be confirmed: "from day 64 on, if a workflow goes live on day 50"."""
    if facts.moved_on is None:
        when = f"if a workflow goes live on day {go_live_day(summary, on)}"
    else:
        when = f"as a workflow went live on day {summary.day(facts.moved_on)}"
    day = confirmable_from(summary, facts, on)
    if day is None:
        return f"on no day yet, {when}: fewer than 4 measurements come before. Measure more often or from earlier on"
    late = "" if day <= summary.days else "; that is after the plan's last day: measure more often"
    return f"from day {day} on, {when}{late}"


def cadence_caption(engagement: Engagement, on: date) -> str:
    """Return what a cadence decides, for who defines a metric: from which day a weekly and a daily one are confirmed."""
    live = go_live_day(summarise(engagement), on)
    weekly, daily = (first_confirmable_day(live, cadence) for cadence in (7, 1))
    if weekly is None or daily is None:
        return f"A change at go-live on day {live} needs at least 4 measurements before it."
    change = f"a change at go-live on day {live} can be confirmed from day {weekly} on"
    return f"Measured weekly, {change}; daily, from day {daily} on."


def definition_rows(metric: Metric, engagement: Engagement) -> list[tuple[str, str]]:
    """Return a metric's definition as what and how, in the words of a person: what a sponsor signs."""
    measure = unit(metric.unit)
    until = metric.baseline_end
    return [
        *_filled_fields(metric, "counted", "left_out"),
        ("Unit", metric.unit),
        ("Better is", metric.direction),
        *_filled_fields(metric, "statistic", "scale"),
        ("Baseline", _baseline(metric, measure)),
        ("Baseline until", "open, until a workflow that moves it goes live" if until is None else
         f"{day_month(until)} {until.year}"),
        ("Target", target_text(metric, engagement)),
        *_filled_fields(metric, "step_30", "step_60"),
        ("Measured", cadence_text(metric.cadence_days)),
        ("Source", metric.source or _NONE),
        *_filled_fields(metric, "query", "calendar"),
        ("Owner", metric.owner or _NONE),
        ("Kind", metric.kind or OUTCOME),
        ("Judged by", upper_first(judged_by_text(metric))),
        ("Version", str(metric.number)),
    ]  # fmt: skip


def _filled_fields(metric: Metric, *fields: str) -> list[tuple[str, str]]:
    """Return the fields that say something."""
    return [(LABELS[name], field_text(metric, name)) for name in fields if getattr(metric, name) is not None]


def _baseline(metric: Metric, measure: Unit) -> str:
    value = _NONE if metric.baseline is None else baseline_text(metric)
    if metric.baseline_n is None:
        return value
    spread = (
        ""
        if metric.baseline_spread is None
        else f", one standard deviation {measure.format(metric.baseline_spread)}"
    )
    return f"{value}, {metric.baseline_method}: {metric.baseline_n} points{spread}"


def promise(metric: Metric, engagement: Engagement) -> str:
    """The definition in one sentence, to be signed: "From 4 h to 90 s by 2 Jan; lower is better; measured weekly ..."."""
    start = (
        "no baseline" if metric.baseline is None else value_or_none_text(unit(metric.unit), metric.baseline)
    )
    until = metric.baseline_until
    parts = [
        f"from {start} to {target_text(metric, engagement)}",
        f"{metric.direction} is better",
        *([f"the baseline ends {day_month(until)} {until.year}"] if until else []),
        f"measured {cadence_text(metric.cadence_days)}" + (f" from {metric.source}" if metric.source else ""),
        f"owned by {metric.owner}" if metric.owner else "without an owner",
    ]
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}"

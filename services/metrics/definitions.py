"""Definitions of success metrics: adding one, changing it, and retiring a metric that nobody needs any more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.rule_sets import RULE_SETS
from models.engagement import Engagement
from models.errors import Invalid
from models.measurements import Measurement
from models.metrics import (
    DEFAULT_RULES,
    DIRECTIONS,
    KINDS,
    OUTCOME,
    RULES_VERSION,
    SCALES,
    STATISTICS,
    Metric,
)
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from models.plan import CYCLE_DAYS, Cycle
from models.slugs import free_slug, is_slug
from models.units import Unit, unit
from services.core.transaction import expect_version, get_part, open_engagement, transaction
from services.core.validation import (
    EARLIEST,
    LATEST,
    MAX_NAME,
    MAX_TEXT,
    blame_field,
    clean,
    date_between,
    one_of,
    optional_text,
    required_text,
    verbatim_text,
    whole_number,
)
from services.parsing.displayed_number import read_numbers
from services.parsing.number_result import Number, Refusal
from services.sign_off.events import revoke_asking_for
from services.sign_off.versions import (
    current_definition,
    is_signed,
    record_version,
    set_newest_rules,
    was_ever_signed,
)

MAX_CADENCE = 366
"""Days: a metric that is measured less than once a year shows nothing in 90 days."""
DEFAULT_CADENCE = 7
"""Days: the weekly review is when metrics are read."""
STEPS = ("step_30", "step_60")
BASELINE_ORIGIN = ("baseline_since", "baseline_n", "baseline_spread", "baseline_digest", "baseline_method")
"""The columns of a baseline that was taken from measurements; empty for a stated one."""
_LABELS = {
    "counted": "description of what is counted",
    "left_out": "description of what is left out",
    "calendar": "calendar convention",
    "step_30": "step at day 30",
    "step_60": "step at day 60",
}


def define(actor: Actor, slug: str, definition: Mapping[str, Any]) -> int:
    """Define a metric and return its id. `definition` has columns of `Metric`; name, unit and direction are required.

    `baseline` and `target` are numbers in the unit, or texts as people write them: "4 h", "90 s", "8,500 / min".
    Raises Invalid with a sentence.
    """
    with transaction(actor, "define a metric") as session:
        engagement = open_engagement(session, slug, Action.DEFINE_METRICS)
        return put_metric(session, engagement, definition, None, actor.today(engagement.zone)).id


def change(
    actor: Actor, slug: str, metric_id: int, definition: Mapping[str, Any], *, seen: int | None
) -> bool:
    """Change the given columns of a metric's definition. Returns whether that broke a sponsor's signature.

    Raises Invalid, and Conflict if somebody else changed the metric since the version `seen`.
    """
    with transaction(actor, "change a metric") as session:
        engagement = open_engagement(session, slug, Action.DEFINE_METRICS)
        metric = get_part(session, engagement, Metric, metric_id)
        expect_version(session, metric, seen)
        was_signed = is_signed(session, metric)
        put_metric(session, engagement, definition, metric, actor.today(engagement.zone))
        return was_signed and not is_signed(session, metric)


def judge_by_newest_rules(actor: Actor, slug: str, metric_id: int, *, seen: int | None) -> bool:
    """Judge a metric by the newest version of the rules. Returns whether that broke a sponsor's signature.

    Raises Invalid if it is judged by them already, and Conflict as `change` does.
    """
    with transaction(actor, "judge a metric by the newest rules") as session:
        engagement = open_engagement(session, slug, Action.DEFINE_METRICS)
        metric = get_part(session, engagement, Metric, metric_id)
        expect_version(session, metric, seen)
        if metric.rules_version == RULES_VERSION:
            raise Invalid(f"“{metric.name}” is judged by the newest rules already. Nothing was saved.")
        was_signed = is_signed(session, metric)
        set_newest_rules(session, metric)
        return was_signed


def retire(actor: Actor, slug: str, metric_id: int) -> None:
    """Retire a metric: no rule asks for it any more. Its measurements and signatures stay readable.

    Raises Invalid if it is retired already.
    """
    _set_active(actor, slug, metric_id, "retire a metric", active=False)


def reactivate(actor: Actor, slug: str, metric_id: int) -> None:
    """Take a retired metric into use again. Raises Invalid if it is in use already."""
    _set_active(actor, slug, metric_id, "take up a metric again", active=True)


def _set_active(actor: Actor, slug: str, metric_id: int, use_case: str, *, active: bool) -> None:
    with transaction(actor, use_case) as session:
        engagement = open_engagement(session, slug, Action.DEFINE_METRICS)
        metric = get_part(session, engagement, Metric, metric_id)
        if metric.active is active:
            status = "is in use" if active else "was retired"
            raise Invalid(f"“{metric.name}” {status} already. Nothing was changed.")
        metric.active = active
        if not active:
            revoke_asking_for(session, metric, f"“{metric.name}” was retired")


def put_metric(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Metric | None, today: date
) -> Metric:
    """Set the `given` columns of a metric, or of a new one where `row` is None.

    The slug is made of the name unless it is given, and never changes. Baseline and target are converted to a new unit.
    Raises Invalid if that isn't possible, if there are measurements in the old unit, or if the target isn't better than
    the baseline.
    """
    before = None if row is None else current_definition(row)
    # A query halfway would flush half a change as one of its own.
    with session.no_autoflush:
        metric = _with_columns(session, engagement, given, row)
        if before is None or (current_definition(metric) != before and not was_ever_signed(session, metric)):
            metric.rules_version = RULES_VERSION
    session.add(metric)
    session.flush()
    record_version(session, metric, before)
    return metric


def _with_columns(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Metric | None
) -> Metric:
    new = row is None
    metric = row or Metric(engagement_id=engagement.id, cadence_days=DEFAULT_CADENCE)
    if new or "name" in given:
        with blame_field("name"):
            name = _as_signed(metric.name, required_text("name", given.get("name")), MAX_NAME)
            metric.name = _free_name(session, engagement, name, metric.id)
    if new:
        with blame_field("slug"):
            metric.slug = _free_slug(session, engagement, given.get("slug"), metric.name)
    elif given.get("slug", metric.slug) != metric.slug:
        raise Invalid(f"The short name “{metric.slug}” never changes. Nothing was saved.")
    if new or "unit" in given:
        with blame_field("unit"):
            measure = _as_signed(metric.unit, required_text("unit", given.get("unit")), MAX_NAME)
            _set_unit(session, metric, measure, given)
    if new or "direction" in given:
        metric.direction = one_of("direction", given.get("direction"), DIRECTIONS)
    if given.get("cadence_days") is not None:
        metric.cadence_days = whole_number("cadence in days", given["cadence_days"], 1, MAX_CADENCE)
    for field in ("owner", "source", "counted", "left_out", "calendar"):
        if field in given:
            text = optional_text(_LABELS.get(field, field), given[field])
            setattr(metric, field, text and _as_signed(getattr(metric, field), text, MAX_TEXT))
    if "query" in given:
        metric.query = verbatim_text("query", given["query"])
    _set_judgement_rules(metric, given, new=new)
    _set_goal(session, engagement, metric, given)
    return metric


def _as_signed(stored: str | None, text: str, max_length: int) -> str:
    """Return the stored text where `text` is what it would be stored as today.

    A definition from before texts were normalised keeps its bytes, which a signature may cover, until somebody means
    something else.
    """
    return stored if stored is not None and clean(stored, max_length) == text else text


def _set_judgement_rules(metric: Metric, given: Mapping[str, Any], *, new: bool) -> None:
    """Set how its values are aggregated and judged."""
    for field, choices in (("scale", SCALES), ("statistic", STATISTICS)):
        if field in given:
            setattr(metric, field, one_of(field, given[field], choices) if given[field] else None)
    if metric.scale == "logit" and not unit(metric.unit).bounded:
        raise Invalid(
            "The logit scale is for percentages of a whole. Choose log or linear, or a unit such as %."
        )
    if new or "kind" in given:
        metric.kind = one_of("kind", given.get("kind") or OUTCOME, KINDS)
    if new or "rules" in given:
        metric.rules = one_of("rule set", given.get("rules") or DEFAULT_RULES, list(RULE_SETS))


def _set_goal(session: Session, engagement: Engagement, metric: Metric, given: Mapping[str, Any]) -> None:
    """Set baseline, steps and target, and the day by which it is due."""
    measure = unit(metric.unit)
    baseline = (metric.baseline, metric.baseline_until)
    typed = {field: given[field] for field in ("baseline", "target", *STEPS) if field in given}
    numbers = read_numbers(typed, measure.name)
    for field in typed:
        with blame_field(field):
            setattr(metric, field, _value(_LABELS.get(field, field), numbers.get(field)))
    if "baseline_until" in given:
        until = given["baseline_until"]
        metric.baseline_until = until and date_between("the baseline's end", until, EARLIEST, LATEST)
    if "baseline_digest" in given or (metric.baseline, metric.baseline_until) != baseline:
        # A stated baseline doesn't rest on the points of an earlier one.
        for field in BASELINE_ORIGIN:
            setattr(metric, field, given.get(field))
    if "target_day" in given:
        day = given["target_day"]
        with blame_field("target_day"):
            day = None if day is None else whole_number("target's day", day, 1, CYCLE_DAYS)
        metric.target_day = day
        # The sponsor signs a date: moving the plan must not move it unseen.
        metric.target_on = None if day is None else _current_cycle(session, engagement).date_of(day)
    with blame_field("target"):
        _refuse_worse_target(metric, measure)
    for field in STEPS:
        with blame_field(field):
            _refuse_step_outside(metric, field, measure)


def _current_cycle(session: Session, engagement: Engagement) -> Cycle:
    """Return the open cycle, or the last one."""
    cycles = session.scalars(
        select(Cycle).where(Cycle.engagement_id == engagement.id).order_by(Cycle.number)
    ).all()
    return next((cycle for cycle in cycles if cycle.closed_on is None), cycles[-1])


def _refuse_step_outside(metric: Metric, field: str, measure: Unit) -> None:
    """Raise Invalid if a step isn't between the one before it (or the baseline) and the target."""
    step = getattr(metric, field)
    if step is None:
        return
    if metric.baseline is None or metric.target is None:
        raise Invalid(f"The {_LABELS[field]} needs a baseline and a target. Nothing was saved.")
    start = metric.step_30 if field == "step_60" and metric.step_30 is not None else metric.baseline
    if not min(start, metric.target) <= step <= max(start, metric.target):
        raise Invalid(
            f"The {_LABELS[field]} of {measure.format(step)} isn't between {measure.format(start)} and the target of "
            f"{measure.format(metric.target)}. Nothing was saved."
        )


def _value(what: str, number: Number | Refusal | None) -> float | None:
    if isinstance(number, Refusal):
        raise Invalid(f"The {what} can't be read: {number.sentence}. Nothing was saved.")
    return None if number is None else number.value


def _refuse_worse_target(metric: Metric, measure: Unit) -> None:
    if metric.baseline is None or metric.target is None:
        return
    gain = metric.target - metric.baseline
    if gain == 0 or (gain > 0) is not (metric.direction == "higher"):
        better = f"{metric.direction} is better" if gain else "it is the same"
        raise Invalid(
            f"A target of {measure.format(metric.target)} is no better than the baseline of "
            f"{measure.format(metric.baseline)}: {better}. Nothing was saved."
        )


def _set_unit(session: Session, metric: Metric, text: str, given: Mapping[str, Any]) -> None:
    try:
        new = unit(text)
    except Invalid as wrong:
        raise Invalid(f"{wrong} Nothing was saved.") from wrong
    old = unit(metric.unit) if metric.unit else None
    metric.unit = text
    if old is None or (new.is_compatible_with(old) and old.factor(new) == 1):
        return
    if _is_measured(session, metric):
        raise Invalid(
            f"“{metric.name}” has measurements in {old.name}, which would be read as {new.name}. "
            "Define another metric for the new unit. Nothing was saved."
        )
    for field in ("baseline", "target", *STEPS):
        value = getattr(metric, field)
        if value is not None and field not in given:
            if not new.is_compatible_with(old):
                raise Invalid(
                    f"The {_LABELS.get(field, field)} is {old.format(value)}, which can't be told in {new.name}: give it "
                    "anew. Nothing was saved."
                )
            setattr(metric, field, old.convert(value, new))


def _is_measured(session: Session, metric: Metric) -> bool:
    query = select(Measurement.metric_id).where(Measurement.metric_id == metric.id).limit(1)
    return session.scalar(query) is not None


def _free_name(session: Session, engagement: Engagement, name: str, own_id: int | None) -> str:
    """Return `name`. Raises Invalid where another metric has it, however it is spelled."""
    rows = session.execute(select(Metric.id, Metric.name).where(Metric.engagement_id == engagement.id))
    if any(row.id != own_id and normalize_name(row.name) == normalize_name(name) for row in rows):
        raise Invalid(
            f"There is a metric “{name}” already: change that one, or choose another name. Nothing was saved."
        )
    return name


def _free_slug(session: Session, engagement: Engagement, slug: str | None, name: str) -> str:
    taken = set(session.scalars(select(Metric.slug).where(Metric.engagement_id == engagement.id)))
    if slug is not None and slug.strip():
        slug = slug.strip().lower()
        if not is_slug(slug):
            raise Invalid(
                f"“{slug}” can't be a short name: use small letters, digits and dashes, 60 at most. Nothing was saved."
            )
        if slug in taken:
            raise Invalid(f"The short name “{slug}” is taken. Choose another one. Nothing was saved.")
        return slug
    return free_slug(name, taken, otherwise="metric")

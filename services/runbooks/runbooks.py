"""Writing a runbook: the plan of a replacement's switch, as a list of steps that is saved as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.people import Actor
from models.permissions import Action
from models.plan_problems import plan_problem
from models.replacements import Replacement
from models.runbooks import OWNER_KINDS, Runbook, RunbookStep, split_keys
from services.core import validation
from services.core.transaction import expect_version, get_part, open_engagement, transaction
from services.inventory.lists import ChangedRow, Fields, ListOf, RowVersion, save_list, store

MAX_KEY, MAX_MINUTES, MAX_STEPS = 20, 7 * 24 * 60, 200


def write_runbook(actor: Actor, slug: str, given: Mapping[str, Any]) -> int:
    """Begin the runbook of a replacement (`replacement_id`, `name`, `in_charge`). Returns its id. Raises Invalid."""
    with transaction(actor, "write a runbook") as session:
        engagement = open_engagement(session, slug, Action.EDIT_RUNBOOKS)
        replacement = get_part(session, engagement, Replacement, given.get("replacement_id") or 0)
        if session.scalar(select(Runbook.id).where(Runbook.replacement_id == replacement.id)) is not None:
            raise Invalid(f"“{replacement.name}” has a runbook already. Nothing was saved.")
        runbook = Runbook(
            engagement_id=engagement.id,
            replacement_id=replacement.id,
            name=validation.required_text("runbook's name", given.get("name")),
            in_charge=validation.required_text("person in charge", given.get("in_charge")),
        )
        store(session, runbook)
        return runbook.id


def change_runbook(
    actor: Actor, slug: str, runbook_id: int, given: Mapping[str, Any], seen: int | None = None
) -> None:
    """Change a runbook's `name` or `in_charge`. `seen` is the version that was on screen. Raises Invalid, Conflict."""
    with transaction(actor, "change a runbook") as session:
        engagement = open_engagement(session, slug, Action.EDIT_RUNBOOKS)
        runbook = get_part(session, engagement, Runbook, runbook_id)
        expect_version(session, runbook, seen)
        if "name" in given:
            runbook.name = validation.required_text("runbook's name", given["name"])
        if "in_charge" in given:
            runbook.in_charge = validation.required_text("person in charge", given["in_charge"])


def save_steps(
    actor: Actor,
    slug: str,
    runbook_id: int,
    *,
    changed: Iterable[ChangedRow] = (),
    added: Iterable[Fields] = (),
    removed: Iterable[RowVersion] = (),
) -> None:
    """Save the edits of a runbook's steps, all or nothing. Any edit makes it a plan that was not rehearsed.

    Raises Invalid where the plan couldn't be run, such as a circle of steps, and Conflict if somebody else edited a row.
    """
    with transaction(actor, "edit a runbook") as session:
        engagement = open_engagement(session, slug, Action.EDIT_RUNBOOKS)
        runbook = get_part(session, engagement, Runbook, runbook_id)
        today = actor.today(engagement.zone)
        save_list(session, engagement, _steps_of(runbook), today, changed, added, removed)
        session.flush()
        steps = steps_in(session, runbook)
        if len(steps) > MAX_STEPS:
            raise Invalid(f"A runbook has {MAX_STEPS} steps at most, not {len(steps)}. Nothing was saved.")
        problem = plan_problem(tuple(step.as_step() for step in steps))
        if problem:
            raise Invalid(f"{problem} Nothing was saved.")


def steps_in(session: Session, runbook: Runbook) -> list[RunbookStep]:
    """Return the steps of a runbook, in the order of their numbers."""
    steps = session.scalars(select(RunbookStep).where(RunbookStep.runbook_id == runbook.id))
    return sorted(steps, key=lambda step: step.place)


def _steps_of(runbook: Runbook) -> ListOf[RunbookStep]:
    def put(
        session: Session, engagement: Engagement, given: Fields, row: RunbookStep | None, _: date
    ) -> RunbookStep:
        return _put_step(session, engagement, runbook, given, row)

    def label(_: Session, row: RunbookStep) -> str:
        return f"Step {row.key}"

    return ListOf(RunbookStep, put, lambda session, row: session.delete(row), label)


def _put_step(
    session: Session, engagement: Engagement, runbook: Runbook, given: Fields, row: RunbookStep | None
) -> RunbookStep:
    """Set the given fields of a step, or of a new one where `row` is None. Raises Invalid."""
    if row is None:
        given = _DEFAULTS | {"key": _next_key(session, runbook)} | {
            name: value for name, value in given.items() if value is not None
        }  # fmt: skip
        given.setdefault("timeout", 2 * given["minutes"] if isinstance(given["minutes"], int) else None)
    elif row.runbook_id != runbook.id:
        raise Invalid("This step is of another runbook. Nothing was saved.")
    fields = {name: check(given[name]) for name, check in _FIELDS.items() if name in given}
    _refuse_number_taken(session, runbook, fields.get("key"), row)
    step = row or RunbookStep(engagement_id=engagement.id, runbook_id=runbook.id)
    for name, value in fields.items():
        setattr(step, name, value)
    if step.timeout < step.minutes:
        raise Invalid(
            f"It would time out after {step.timeout} min, before its planned {step.minutes} min are over. "
            "Nothing was saved."
        )
    store(session, step)
    return step


def _refuse_number_taken(
    session: Session, runbook: Runbook, key: str | None, row: RunbookStep | None
) -> None:
    with session.no_autoflush:
        taken = session.scalar(
            select(RunbookStep.id).where(RunbookStep.runbook_id == runbook.id, RunbookStep.key == key)
        )
    if key is not None and taken is not None and (row is None or taken != row.id):
        raise Invalid(
            f"There is a step {key} already. Give each step a number of its own. Nothing was saved."
        )


def _next_key(session: Session, runbook: Runbook) -> str:
    """Return the number after the highest one."""
    keys = session.scalars(select(RunbookStep.key).where(RunbookStep.runbook_id == runbook.id))
    return str(max((int(key) for key in keys if key.isascii() and key.isdigit()), default=0) + 1)


def _key(value: Any) -> str:
    text = validation.required_text("step's number", None if value is None else str(value), MAX_KEY)
    if "," in text or ";" in text:
        raise Invalid("A step's number can't hold a comma or a semicolon. Nothing was saved.")
    return text


def _after(value: Any) -> str | None:
    text = validation.optional_text(
        "steps before", None if value is None else str(value), validation.MAX_NAME
    )
    return ", ".join(split_keys(text)) or None


def _minutes(what: str) -> Callable[[Any], int]:
    return lambda value: validation.whole_number(what, value, 1, MAX_MINUTES)


_DEFAULTS: dict[str, Any] = {
    "title": None, "owner": None, "owner_kind": "person", "action": None, "check": None, "minutes": None,
    "no_return": False,
}  # fmt: skip
_FIELDS: dict[str, Callable[[Any], Any]] = {
    "key": _key,
    "title": lambda value: validation.required_text("step's title", value),
    "after": _after,
    "owner": lambda value: validation.required_text("step's owner", value),
    "owner_kind": lambda value: validation.one_of("kind of owner", value, OWNER_KINDS),
    "action": lambda value: validation.required_text("what is done", value, validation.MAX_TEXT),
    "check": lambda value: validation.required_text("check", value, validation.MAX_TEXT),
    "undo": lambda value: validation.optional_text("undo", value),
    "no_undo": lambda value: validation.optional_text("reason why there is no undo", value),
    "minutes": _minutes("planned minutes"),
    "timeout": _minutes("time-out in minutes"),
    "no_return": lambda value: bool(value),
}

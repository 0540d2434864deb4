"""Replacements and their shares: adding and changing them, and recording how much the new part answers.

A share is a fact: whatever the gate says, it is recorded. Going back asks nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Part
from models.contracts import Contract
from models.engagement import Engagement
from models.errors import Invalid
from models.gate import missing_text
from models.inventory import System
from models.people import Actor
from models.permissions import Action
from models.replacement_states import missing_for_switch_off
from models.replacements import Cutover, GateAddress, GateWaiver, Proof, Replacement, Share
from models.runbooks import Runbook
from models.summarise import summarise
from models.workflows import Workflow
from services.core import validation
from services.core.preconditions import day_1_of, evidence_date, refuse_duplicate
from services.core.transaction import expect_version, get_part, open_engagement, transaction
from services.core.validation import LATEST, date_between
from services.replacements.gating import gate_at, replacement_by_id
from store import states


def add_replacement(actor: Actor, slug: str, given: Mapping[str, Any]) -> int:
    """Add a replacement with these fields (see `put_replacement`). Returns its id. Raises Invalid."""
    with transaction(actor, "add a replacement") as session:
        engagement = open_engagement(session, slug, Action.EDIT_REPLACEMENTS)
        return put_replacement(session, engagement, given, None, actor.today(engagement.zone)).id


def change_replacement(
    actor: Actor, slug: str, replacement_id: int, given: Mapping[str, Any], seen: int | None = None
) -> None:
    """Change the given fields of a replacement. `seen` is the version that was on screen.

    Raises Invalid, and Conflict if somebody else changed it since.
    """
    with transaction(actor, "change a replacement") as session:
        engagement = open_engagement(session, slug, Action.EDIT_REPLACEMENTS)
        replacement = get_part(session, engagement, Replacement, replacement_id)
        expect_version(session, replacement, seen)
        put_replacement(session, engagement, given, replacement, actor.today(engagement.zone))


def remove_replacement(actor: Actor, slug: str, replacement_id: int, seen: int | None = None) -> None:
    """Remove a replacement of which no work was moved. Its proofs and waivers go, too.

    Raises Invalid for one that has a share or an approval; Conflict as `change_replacement`.
    """
    with transaction(actor, "remove a replacement") as session:
        engagement = open_engagement(session, slug, Action.EDIT_REPLACEMENTS)
        replacement = get_part(session, engagement, Replacement, replacement_id)
        expect_version(session, replacement, seen)
        if _parts(session, Share, replacement) or _parts(session, Cutover, replacement):
            raise Invalid(
                f"Work was moved by “{replacement.name}”, or its cutover was approved, so it stays on record. "
                "Nothing was removed."
            )
        if _parts(session, Runbook, replacement):
            raise Invalid(f"“{replacement.name}” has a runbook, so it stays on record. Nothing was removed.")
        for kind in (Proof, GateWaiver):
            for row in _parts(session, kind, replacement):
                session.delete(row)
        for address in session.scalars(select(GateAddress).filter_by(replacement_id=replacement.id)):
            session.delete(address)
        session.flush()
        session.delete(replacement)


def _parts(session: Session, kind: type[Part], replacement: Replacement) -> list[Part]:
    return list(session.scalars(select(kind).filter_by(replacement_id=replacement.id)))


def record_share(
    actor: Actor, slug: str, replacement_id: int, *, on: date | None, percent: float, why: str | None = None
) -> None:
    """Record that the new part answers `percent` of the work since a date. A second share of one day replaces the first.

    Raises Invalid for a percentage or a date that can't be; the gate is never asked.
    """
    with transaction(actor, "record a share") as session:
        engagement = open_engagement(session, slug, Action.EDIT_REPLACEMENTS)
        replacement = get_part(session, engagement, Replacement, replacement_id)
        put_share(session, engagement, replacement, on, percent, why, actor.today(engagement.zone))


def put_share(
    session: Session,
    engagement: Engagement,
    replacement: Replacement,
    on: date | None,
    percent: float,
    why: str | None,
    today: date,
) -> Share:
    """Add the share of a day, or change it. Raises Invalid."""
    on = evidence_date(session, engagement, "the share", on, today)
    share = session.scalar(select(Share).filter_by(replacement_id=replacement.id, on=on))
    if share is None:
        share = Share(engagement_id=engagement.id, replacement_id=replacement.id, on=on)
        session.add(share)
    share.percent = _percent(percent)
    share.why = validation.optional_text("reason", why)
    session.flush()
    return share


def _percent(value: float) -> float:
    number = validation.finite_number("share", value)
    if not 0 <= number <= 100:
        raise Invalid(f"A share of {number:g}% can't be: it has to be from 0 to 100. Nothing was saved.")
    return number


def put_replacement(
    session: Session, engagement: Engagement, given: Mapping[str, Any], row: Replacement | None, today: date
) -> Replacement:
    """Set the given fields (columns) of a replacement, or of a new one where `row` is None. Raises Invalid.

    A new one needs `name`, `workflow_id`, `old_id`, `new_id` and `retire_by`.
    """
    if row is None:
        needed = {"name": None, "workflow_id": None, "old_id": None, "new_id": None, "retire_by": None}
        given = needed | {"needs_breaker": True} | dict(given)
    fields = {name: check(given[name]) for name, check in _FIELDS.items() if name in given}
    if "name" in fields:
        refuse_duplicate(session, engagement, Replacement, row, name=fields["name"])
    fields |= _parts_given(session, engagement, given)
    fields |= _dates_given(session, engagement, given, today)
    _refuse_contradiction(row, fields)
    # One that was stored before the rule can still be edited, with the date that it has.
    was_off = None if row is None else row.retired_on
    if row is None:
        row = Replacement(engagement_id=engagement.id)
        session.add(row)
    for name, value in fields.items():
        setattr(row, name, value)
    session.flush()
    if row.retired_on is not None and row.retired_on != was_off:
        _refuse_early_switch_off(session, row, row.retired_on, today)
    return row


def _refuse_early_switch_off(session: Session, row: Replacement, retired_on: date, today: date) -> None:
    """Raise Invalid with what is missing if the old part was never cut over, by what is on record."""
    state = states.load(session.connection(), row.engagement_id)
    facts = next(each for each in summarise(state).replacements if each.id == row.id)
    missing = missing_for_switch_off(facts, retired_on, today)
    if not missing:
        return
    gate = gate_at(session.connection(), state, replacement_by_id(state, row.id), today)
    closed = "" if gate.open else f" Its gate is closed: {missing_text(gate)}."
    raise Invalid(
        f"“{facts.old}” can't be recorded as switched off: {missing}.{closed} Nothing was saved. If it is off all the "
        "same, record the share of 100% with its reason; a lead waives what was never tried, with a reason, and may "
        "approve it afterwards."
    )


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "name": lambda value: validation.required_text("replacement's name", value),
    "how_back": lambda value: validation.optional_text("way back", value),
    "needs_breaker": bool,
    "no_breaker_reason": lambda value: validation.optional_text("reason why no breaker is needed", value),
}
_POINTERS: dict[str, tuple[type[Part], str]] = {
    "workflow_id": (Workflow, "workflow whose work moves"),
    "old_id": (System, "old system"),
    "new_id": (System, "new system"),
}


def _parts_given(session: Session, engagement: Engagement, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ids of what it points to, each of this engagement. Raises Invalid or NotFound."""
    ids: dict[str, int | None] = {}
    for name, (kind, what) in _POINTERS.items():
        if name in given:
            if given[name] is None:
                raise Invalid(f"Choose the {what}. Nothing was saved.")
            ids[name] = get_part(session, engagement, kind, given[name]).id
    if "contract_id" in given:
        ids["contract_id"] = _contract_id(session, engagement, given["contract_id"])
    return ids


def _contract_id(session: Session, engagement: Engagement, contract_id: int | None) -> int | None:
    return None if contract_id is None else get_part(session, engagement, Contract, contract_id).id


def _dates_given(
    session: Session, engagement: Engagement, given: Mapping[str, Any], today: date
) -> dict[str, date | None]:
    dates: dict[str, date | None] = {}
    first = day_1_of(session, engagement)
    if "retire_by" in given:
        dates["retire_by"] = date_between("switching the old part off", given["retire_by"], first, LATEST)
    if "no_return_on" in given:
        when = given["no_return_on"]
        dates["no_return_on"] = when and date_between("the point of no return", when, first, LATEST)
    if "retired_on" in given:
        when = given["retired_on"]
        what = "switching the old part off"
        dates["retired_on"] = when and evidence_date(session, engagement, what, when, today)
    return dates


def _refuse_contradiction(row: Replacement | None, fields: Mapping[str, Any]) -> None:
    """Raise Invalid if old and new are one system, or if no breaker is needed without a reason."""

    def value(name: str) -> Any:
        return fields[name] if name in fields else getattr(row, name, None)

    if value("old_id") == value("new_id"):
        raise Invalid("A system can't replace itself: choose another old or new one. Nothing was saved.")
    if value("needs_breaker") is False and not value("no_breaker_reason"):
        raise Invalid("Give the reason why no circuit breaker is needed. Nothing was saved.")

"""The gate inside a transaction: waiving a check, and approving a full cutover.

The gate is computed from what the database holds under the lock of the engagement's row, so that nobody's change of a
fact can slip in between the check and the approval.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.engagement import Engagement
from models.errors import Conflict, Invalid, NotFound
from models.gate import CHECKS, LABELS, MAX_WAIVER_DAYS, Check, CheckOutcome, Gate, keys_of
from models.journal import canonical
from models.names import normalize_name
from models.people import Actor
from models.permissions import Action
from models.replacements import Cutover, GateWaiver, Replacement
from models.wording import quoted_list
from reports.metrics.verdicts import metric_verdict
from reports.replacements.gates import gate_of
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import MAX_TEXT, date_between, one_of, required_text
from store import states
from store.access import access
from store.measurements import counting_measurements


def gate_in(session: Session, engagement: Engagement, replacement_id: int, on: date) -> Gate:
    """Return the gate of a replacement as the database holds it in this transaction. Raises NotFound."""
    session.flush()
    state = states.load(session.connection(), engagement.id)
    return gate_at(session.connection(), state, replacement_by_id(state, replacement_id), on)


def gate_at(connection: Connection, state: Engagement, replacement: Replacement, on: date) -> Gate:
    """Return the gate of a replacement of a live state, with the measurements that the connection reads."""
    metric = replacement.workflow.metric
    which = states.measurement_filter(connection, state.id)
    values = counting_measurements(connection, which, [] if metric is None else [metric.id])
    verdict = metric_verdict(metric, state, values) if metric is not None and len(values) else None
    return gate_of(state, replacement, on, values, verdict)


def replacement_in(state: Engagement, which: str) -> Replacement:
    """Return the replacement of that name, in whatever spelling, or of that number. Raises NotFound."""
    wanted = normalize_name(which)
    named = [row for row in state.replacements if normalize_name(row.name) == wanted]
    named += [row for row in state.replacements if str(row.id) == which.strip()]
    if not named:
        others = quoted_list([row.name for row in state.replacements])
        there = f"there is {others}" if others else "none is named yet"
        raise NotFound(f"There is no replacement “{which}” in this engagement: {there}. Nothing was saved.")
    return named[0]


def replacement_by_id(state: Engagement, replacement_id: int) -> Replacement:
    """Return the replacement of that number, whatever others are called. Raises NotFound."""
    for row in state.replacements:
        if row.id == replacement_id:
            return row
    raise NotFound("There is no such replacement in this engagement. Nothing was saved.")


def find_replacement_id(actor: Actor, slug: str, which: str) -> int:
    """Return the id of a replacement by its name or number. Raises NotFound."""
    return replacement_in(states.state(actor, slug), which).id


def ask_gate(actor: Actor, slug: str, which: str, on: date | None = None) -> Gate:
    """Return the gate of a replacement, by its name or number, today or on a date. Raises NotFound."""
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.ASK_GATE)
        state = states.load(connection, granted.engagement_id)
        return gate_at(connection, state, replacement_in(state, which), on or actor.today(granted.zone))


def approve_cutover(actor: Actor, slug: str, replacement_id: int, shown: str) -> int:
    """Approve a full cutover, if the gate is open and what it says is what was `shown` (`Gate.digest`).

    Returns the approval's id. Raises Invalid with what is missing, and Conflict if anything changed since it was shown.
    """
    with transaction(actor, "approve a cutover") as session:
        engagement = open_engagement(session, slug, Action.CUT_OVER)
        replacement = get_part(session, engagement, Replacement, replacement_id)
        today = actor.today(engagement.zone)
        gate = gate_in(session, engagement, replacement_id, today)
        if not gate.open:
            raise Invalid(f"{gate.sentence} Nothing was saved.")
        if gate.digest != shown:
            raise Conflict(
                f"What the gate of “{replacement.name}” says has changed since it was shown. Nothing was saved: "
                "look at it again, and approve that."
            )
        cutover = Cutover(
            engagement_id=engagement.id,
            replacement_id=replacement.id,
            approved_by=actor.name,
            approved_on=today,
            gate=canonical(gate.as_json()),
            digest=gate.digest,
            revision=engagement.revision,
        )
        session.add(cutover)
        session.flush()
        return cutover.id


def waive_check(
    actor: Actor,
    slug: str,
    replacement_id: int,
    *,
    check: str,
    reason: str,
    approver: str,
    expires_on: date | None,
    covers: Collection[str] | None = None,
) -> None:
    """Waive a check of a replacement's gate until a date, 30 days from today at most.

    `covers` names the changes of a contract that it is granted for; by default it covers all that is wrong now, and
    nothing that comes later. Raises Invalid.
    """
    with transaction(actor, "waive a check") as session:
        engagement = open_engagement(session, slug, Action.WAIVE)
        replacement = get_part(session, engagement, Replacement, replacement_id)
        today = actor.today(engagement.zone)
        name = one_of("check", check, list(CHECKS))
        until = date_between("the waiver's end", expires_on, today, today + timedelta(days=MAX_WAIVER_DAYS))
        for waiver in _replaced(session, engagement, replacement, name, today):
            waiver.revoked_on = today
        session.add(
            GateWaiver(
                engagement_id=engagement.id,
                replacement_id=replacement.id,
                check=name,
                covers=canonical(_coverable(session, engagement, replacement, name, covers, today)),
                reason=required_text("reason", reason, MAX_TEXT),
                approver=required_text("approver", approver),
                granted_on=today,
                expires_on=until,
            )
        )


def revoke_gate_waiver(actor: Actor, slug: str, waiver_id: int) -> None:
    """Revoke a waiver of a check. Raises NotFound if it is gone."""
    with transaction(actor, "revoke the waiver of a check") as session:
        engagement = open_engagement(session, slug, Action.WAIVE)
        waiver = get_part(session, engagement, GateWaiver, waiver_id)
        waiver.revoked_on = waiver.revoked_on or actor.today(engagement.zone)


def _coverable(
    session: Session,
    engagement: Engagement,
    replacement: Replacement,
    name: str,
    covers: Collection[str] | None,
    today: date,
) -> list[str]:
    """Return the keys that a waiver of a check covers. Raises Invalid if it passed, or for a key that isn't there."""
    check = _check(session, engagement, replacement, name, today)
    if check.outcome is CheckOutcome.PASSED:
        raise Invalid(
            f"The check “{LABELS[name]}” passed ({check.why}), so there is nothing to waive. Nothing was saved."
        )
    keys = keys_of(check)
    if covers is None:
        return sorted(keys)
    unknown = sorted(set(covers) - keys)
    if unknown or not covers:
        what = f"there is no “{unknown[0]}”" if unknown else "nothing is named"
        raise Invalid(
            f"A waiver covers what is wrong now, and {what} of the check “{LABELS[name]}”: it can cover "
            f"{', '.join(sorted(keys))}. Nothing was saved."
        )
    return sorted(set(covers))


def _check(
    session: Session, engagement: Engagement, replacement: Replacement, name: str, today: date
) -> Check:
    return next(row for row in gate_in(session, engagement, replacement.id, today).checks if row.name == name)


def _replaced(
    session: Session, engagement: Engagement, replacement: Replacement, name: str, today: date
) -> list[GateWaiver]:
    """Return the waivers that a new one takes the place of: all, but for those of other changes to a contract."""
    check = _check(session, engagement, replacement, name, today)
    in_force = _in_force(session, replacement, name, today)
    if check.outcome is CheckOutcome.INCONCLUSIVE and check.keys:
        return [row for row in in_force if row.covered & check.keys]
    return in_force


def _in_force(session: Session, replacement: Replacement, check: str, today: date) -> list[GateWaiver]:
    rows = session.scalars(select(GateWaiver).filter_by(replacement_id=replacement.id, check=check))
    return [row for row in rows if row.is_in_force(today)]

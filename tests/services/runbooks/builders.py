"""A replacement with its runbook, and people who carry it out, minute by minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from models.inventory import System
from models.people import Actor, Role
from models.permissions import Action
from models.replacements import Cutover, Replacement
from models.runbooks import Runbook
from models.workflows import Workflow
from services.core.transaction import open_engagement, transaction
from services.runbooks import reporting, runbooks, runs
from tests.builders import an_actor, an_engagement, noon, on_day, the_operator, the_state

DAY = 47
EVENING = noon(DAY)
# Number, title, steps before, minutes, how it is undone (empty: nothing to undo).
STEPS = [
    ("1", "Freeze intake", "", 6, "Open intake"),
    ("2", "Drain the queue", "1", 10, "Fill it again"),
    ("3", "Check the balance", "1", 5, ""),
    ("4", "Share to 100%", "2, 3", 2, "Share to 0%"),
]


def a_step(key: str, title: str, after: str, minutes: int, undo: str, **more: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "key": key,
        "title": title,
        "after": after,
        "minutes": minutes,
        "timeout": 30,
    }
    fields |= {"owner": "Mei Tan", "owner_kind": "person", "action": "Do it", "check": "It shows 0"}
    return fields | ({"undo": undo} if undo else {"no_undo": "It only reads"}) | more


def a_replacement(slug: str = "acme") -> int:
    """The id of a replacement in a new engagement."""
    an_engagement(slug)
    with transaction(the_operator(DAY), "add a replacement") as session:
        engagement = open_engagement(session, slug, Action.CHANGE_ENGAGEMENT)
        old, new = (
            System(engagement_id=engagement.id, name=name, standalone=False) for name in ("Batch", "Service")
        )
        flow = Workflow(
            engagement_id=engagement.id, name="Loan decision", state="building", fallback="By hand"
        )
        session.add_all([old, new, flow])
        session.flush()
        row = Replacement(
            engagement_id=engagement.id, name="Loan decision", workflow_id=flow.id, old_id=old.id, new_id=new.id,
            needs_breaker=True, retire_by=on_day(90),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def a_runbook(slug: str = "acme", steps: list[tuple] = STEPS, **more: object) -> int:
    """The id of the runbook of a replacement in a new engagement."""
    given = {
        "replacement_id": a_replacement(slug),
        "name": "Switch the nightly batch off",
        "in_charge": "Mei Tan",
    }
    runbook_id = runbooks.write_runbook(lead(slug), slug, given)
    runbooks.save_steps(lead(slug), slug, runbook_id, added=[a_step(*step, **more) for step in steps])
    return runbook_id


def an_approval(slug: str = "acme", day: int = DAY) -> None:
    """The gate's approval of the replacement's cutover, on that day."""
    with transaction(the_operator(day), "approve a cutover") as session:
        engagement = open_engagement(session, slug, Action.CUT_OVER)
        replacement = the_state(slug).replacements[0]
        session.add(
            Cutover(
                engagement_id=engagement.id, replacement_id=replacement.id, approved_by="Mei Tan",
                approved_on=on_day(day), gate='{"checks": []}', digest="d", revision=1,
            )
        )  # fmt: skip


def lead(slug: str = "acme", minute: float = 0) -> Actor:
    return at(an_actor("Mei Tan", slug, day=DAY), minute)


def sponsor(minute: float = 0, slug: str = "acme") -> Actor:
    return at(an_actor("Dana Ruiz", slug, role=Role.SPONSOR, day=DAY), minute)


def at(actor: Actor, minute: float) -> Actor:
    return replace(actor, at=moment(minute))


def moment(minute: float) -> datetime:
    return EVENING + timedelta(minutes=minute)


def the_runbook(slug: str = "acme") -> Runbook:
    return the_state(slug).runbooks[0]


class Evening:
    """A run in which people report one after the other."""

    def __init__(self, runbook_id: int, number: int, minute: float = 0) -> None:
        self.runbook_id, self.number, self.minute = runbook_id, number, minute

    def report(
        self,
        step: str,
        outcome: str,
        direction: str = "do",
        reason: str = "",
        minutes: float = 1,
        name: str = "",
    ) -> reporting.Reported:
        """Report a step `minutes` after the report before."""
        self.minute += minutes
        given = {"step": step, "outcome": outcome, "direction": direction, "reason": reason}
        name = name or f"{step} {direction} {outcome} {self.minute}"
        return reporting.report(
            lead(minute=self.minute), "acme", self.runbook_id, self.number, given, name=name
        )

    def does(self, *steps: str, direction: str = "do", minutes: float = 5) -> None:
        for step in steps:
            self.report(step, "started", direction)
            self.report(step, "done", direction, minutes=minutes)


def a_rehearsal(runbook_id: int, minute: float = 0, *, undo: bool = True) -> Evening:
    """The whole plan rehearsed to its end, and back again."""
    evening = Evening(runbook_id, runs.rehearse(lead(minute=minute), "acme", runbook_id), minute)
    evening.does("1", "2", "3", "4")
    if undo:
        evening.report("", "roll back")
        evening.does("4", "2", "1", direction="undo", minutes=20)
    return evening


def a_real_run(runbook_id: int, minute: float = 600) -> Evening:
    """A real run in a window of five hours, with the sponsor's go."""
    number = runs.prepare_run(
        lead(minute=minute), "acme", runbook_id, window_from=moment(minute), window_until=moment(minute + 300)
    )
    runs.say_go(sponsor(minute), "acme", runbook_id, number, shown=the_runbook().run(number).digest)
    return Evening(runbook_id, number, minute)

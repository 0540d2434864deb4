"""Random histories over every journalled table: rows are added, changed and removed as the dice fall.

A table that has no entry in `ROWS` fails `tests/store/test_histories.py`: say there what a row of it looks like.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Text, select
from sqlalchemy.orm import Session

from models.base import Part
from models.engagement import Engagement
from models.errors import Conflict
from models.people import User
from models.permissions import Action
from models.sign_off import SignOffRecord
from services.core.transaction import open_engagement, transaction
from store.states import KINDS
from tests.builders import noon, on_day, the_operator

TEXTS = ["Payments", "Núcleo 漢字", "=cmd()", "مرحبا", "🚀 | `x`", "N" * 300]
HOURS = {"unit": "h", "direction": "lower", "cadence_days": 7}
# What a row of each table holds, by a number that no other row has. What points to another row is filled in.
ROWS: dict[str, Callable[[int], dict[str, Any]]] = {
    "claim": lambda n: {"says": "done", "reason": "Seen", "by": "Mei", "stated_on": on_day(5), "expires_on": on_day(9)},
    "contract": lambda n: {"name": f"Contract {n}", "kind": "openapi"},
    "contract_version": lambda n: {
        "label": f"v{n}", "digest": f"{n}", "received_on": on_day(5), "seen_on": on_day(5), "rules": 1, "breaks": 0,
        "may_break": 0, "harmless": 0, "findings": "[]",
    },
    "cycle": lambda n: {"number": 100 + n, "day_1": on_day(1) - timedelta(days=100), "closed_on": on_day(1)},
    "decision": lambda n: {"title": f"Decide {n}", "owner": "Dana", "needed_by": on_day(n % 60 + 1)},
    "definition": lambda n: HOURS | {
        "number": 100 + n, "digest": f"digest {n}", "defined_by": "Mei", "defined_at": noon(n % 60 + 1),
        "name": f"Definition {n}", "kind": "outcome", "rules": "wheeler", "rules_version": 1,
    },
    "dependency": lambda n: {"kind": ["call", "event", "shared data", "file", "manual"][n % 5]},
    "document": lambda n: {"title": f"Document {n}", "link": "https://x.example", "published_on": on_day(5)},
    "erasure": lambda n: {"pseudonym": f"Person {n}", "reason": "Asked", "digests": "[]"},
    "evidence": lambda n: {"title": f"Evidence {n}", "link": "https://x.example", "dated": on_day(5)},
    "friction": lambda n: {"theme": "Waiting", "observed": f"Waits {n}", "severity": n % 5 + 1, "frequency": "daily"},
    "handover": lambda n: {"interviews": n},
    "import_run": lambda n: {
        "kind": "systems", "file_name": "x.csv", "digest": f"{n}", "added": n, "changed": 0, "unchanged": 0,
    },
    "import_mapping": lambda n: {"kind": "systems", "column": "", "given": f"header {n}", "meaning": "name"},
    "interview": lambda n: {"planned_on": on_day(5), "held_on": on_day(5), "interviewee": f"P {n}", "end_user": True},
    "invitation": lambda n: {"email": f"p{n}@x.example", "role": "viewer", "invited_by": "Mei"},
    "measurement_batch": lambda n: {"source": "CSV", "count": 0, "digest": f"{n}", "withdrawn": False},
    "member": lambda n: {"role": "viewer"},
    "metric": lambda n: HOURS | {"slug": f"metric-{n}", "active": True, "name": f"Metric {n}", "kind": "outcome",
                                 "rules": "wheeler", "rules_version": 1, "baseline": 4.0, "target": 1.0},
    "metric_phase": lambda n: {"began_on": on_day(1) + timedelta(days=n), "cause": "Live", "named_by": "Mei"},
    "metric_pull": lambda n: {"kind": "json", "address": "https://x.example", "step_seconds": 60},
    "milestone": lambda n: {"key": f"own {n}", "name": f"Milestone {n}", "criterion": "evidence", "needed": 1,
                            "start_day": 1, "due_day": 30, "since_day": 1, "every_cycle": False},
    "note": lambda n: {"kind": "metric", "row_id": n, "text": f"Note {n}", "by": "Mei"},
    "note_mention": lambda n: {},
    "notice": lambda n: {"key": f"notice {n}", "kind": "late milestone", "text": f"Late {n}"},
    "pain_point": lambda n: {"title": f"Pain {n}", "severity": 3, "frequency": "daily"},
    "phase": lambda n: {"number": 100 + n, "name": f"Phase {n}", "from_day": 1, "to_day": 30},
    "pipeline": lambda n: {"name": f"Pipeline {n}", "kind": ["build", "test", "deploy"][n % 3]},
    "pipeline_run": lambda n: {"ran_on": on_day(1) + timedelta(days=n), "green": n % 2 == 0},
    "pitfall_check": lambda n: {
        "pitfall": "user_research", "answered_on": on_day(5), "happening": False, "evidence": f"Seen {n}", "by": "Mei",
    },
    "rehearsal": lambda n: {"rehearsed_on": on_day(1) + timedelta(days=n)},
    "replacement": lambda n: {"name": f"Replacement {n}", "needs_breaker": True, "retire_by": on_day(90)},
    "share": lambda n: {"on": on_day(1) + timedelta(days=n), "percent": float(n % 101)},
    "proof": lambda n: {"kind": "comparison", "on": on_day(n % 60 + 1), "outcome": "passed", "n": 1000, "bad": n % 3},
    "gate_waiver": lambda n: {"check": "rollback", "covers": '["not known"]', "reason": "Later", "approver": "Dana",
                              "granted_on": on_day(5), "expires_on": on_day(30)},
    "cutover": lambda n: {"approved_by": "Mei", "approved_on": on_day(n % 60 + 1), "gate": '{"checks": []}',
                          "digest": f"{n}", "revision": 1},
    "review": lambda n: {"cycle": 1, "week": n % 13 + 1, "day": 7, "reviewed_on": on_day(7), "revision": 1, "head": "h",
                         "digest": f"{n}", "health": "on track", "verdict": "V", "frozen_by": "Mei"},
    "review_download": lambda n: {"format": "pdf", "by": "Mei", "sha256": f"{n:064x}"},
    "review_passage": lambda n: {"cycle": 1, "week": 1, "key": f"key {n}", "draft": "D", "text": "T"},
    "review_reading": lambda n: {"read_at": noon(9)},
    "run": lambda n: {"number": n + 1, "kind": "rehearsal", "plan": '{"in_charge": "Mei", "steps": []}', "digest": f"{n}",
                      "prepared_by": "Mei"},
    "run_report": lambda n: {"name": f"report {n}", "step": "", "direction": "do", "outcome": "go", "by": "Mei"},
    "runbook": lambda n: {"name": f"Switch {n}", "in_charge": "Mei"},
    "runbook_step": lambda n: {"key": f"{n}", "title": f"Step {n}", "owner": "Ops", "owner_kind": "system",
                               "action": "Do", "check": "Look", "undo": "Undo", "minutes": 5, "timeout": 9,
                               "no_return": False},
    "sign_off": lambda n: {"digest": f"{n}", "signed_by": "Dana", "signed_at": noon(9)},
    "sign_off_event": lambda n: {"kind": "asked", "by": "Mei"},
    "sign_off_item": lambda n: {"digest": f"{n}", "number": 1},
    "sign_off_link": lambda n: {"content": "{}", "token_digest": f"token {n}", "made_by": "Mei", "expires_at": noon(9)},
    "sign_off_receipt": lambda n: {"sha256": f"{n}", "by": "Mei"},
    "sign_off_request": lambda n: {"asked_by": "Mei", "content": "{}"},
    "system": lambda n: {"name": f"System {n}", "standalone": False, "reviewed_on": on_day(n % 60 + 1)},
    "survey": lambda n: {
        "repository": f"repository {n}", "head": f"{n:040x}", "since": "2026-01-01T00:00:00Z",
        "until": "2026-10-01T00:00:00Z", "taken_on": on_day(5), "read": 1, "counted": 1, "rules": 1,
        "left_out": "{}", "content": '{"head_on":"2026-10-01","months":{},"pairs":[],"systems":[]}',
    },
    "training": lambda n: {"title": f"Training {n}", "held_on": on_day(5), "invited": 9, "attended": 7},
    "trial": lambda n: {"tool": f"Tool {n}", "task": "Find it", "kind": "debug", "person": "Mei", "on": on_day(5),
                        "minutes": 30.0 + n, "finished": True},
    "waiver": lambda n: {"reason": "Later", "approver": "Dana", "granted_on": on_day(5), "expires_on": on_day(50)},
    "workflow": lambda n: {"name": f"Workflow {n}", "state": "live", "live_on": on_day(n % 60 + 1)},
    "workflow_system": lambda n: {},
}  # fmt: skip
# Words that the rules know, and numbers that name a row: no other text may stand in their place.
KNOWN_WORDS = {
    "key", "kind", "state", "direction", "unit", "criterion", "role", "frequency", "says", "pitfall", "rules", "slug",
    "health", "digest", "digests", "scale", "statistic", "calendar", "baseline_method", "pseudonym",
    "findings", "content", "left_out",
    "covers", "gate", "edges", "after", "owner_kind", "outcome", "plan",
}  # fmt: skip


def act(slug: str, change: str, kind: str, number: int) -> None:
    """One act of a history, `number` telling its rows from others and choosing among those there are.

    What the database refuses (a row that others point to, a second one of the same) is no part of the history.
    """
    with suppress(Conflict), transaction(the_operator(number % 60 + 1), f"{change} a {kind}") as session:
        engagement = open_engagement(session, slug, Action.CHANGE_ENGAGEMENT)
        if change == "add":
            added(session, engagement, kind, number)
            return
        row = _one_of(session, engagement, kind, number)
        if row is None:
            return
        if change == "remove":
            session.delete(row)
        else:
            _changed(row, number)


def added(session: Session, engagement: Engagement, kind: str, number: int) -> Part:
    """A new row, and whatever it has to point to."""
    cls = KINDS[kind]
    fields = {"engagement_id": engagement.id} | ROWS[kind](number)
    for column in cls.__table__.columns:
        if _target(column) == "user" and not column.nullable:
            fields[column.name] = _somebody(session, number)
        elif _target(column) == "sign_off_record" and not column.nullable:
            fields[column.name] = _a_record(session, engagement, number)
        elif column.name not in fields and (target := _target(column)) in KINDS:
            taken = set(fields.values()) if kind in ("dependency", "replacement") else set()
            target_row = _one_of(session, engagement, target, number, taken)
            if target_row is None and not column.nullable:
                target_row = added(session, engagement, target, number + 1000)
            fields[column.name] = target_row and target_row.id
    row = cls(**fields)
    session.add(row)
    session.flush()
    return row


def _somebody(session: Session, number: int) -> int:
    """A user's id; the same number is the same user."""
    email = f"user.{number}@example.org"
    user = session.scalar(select(User).where(User.email == email))
    if user is None:
        user = User(email=email, name=f"User {number}", administrator=False, created_at=noon(1))
        session.add(user)
        session.flush()
    return user.id


def _a_record(session: Session, engagement: Engagement, number: int) -> int:
    """The id of what somebody signed; the same number is the same record."""
    digest = f"{engagement.id} {number}"
    row = session.scalar(select(SignOffRecord).where(SignOffRecord.digest == digest))
    if row is None:
        row = SignOffRecord(engagement_id=engagement.id, digest=digest, content="{}")
        session.add(row)
        session.flush()
    return row.id


def _target(column: Column[Any]) -> str:
    """The table that a column points to; "" where it points nowhere."""
    return next((key.column.table.name for key in column.foreign_keys), "")


def _one_of(
    session: Session, engagement: Engagement, kind: str, number: int, but: set[Any] = frozenset()
) -> Part | None:
    cls = KINDS[kind]
    rows = session.scalars(select(cls).where(cls.engagement_id == engagement.id).order_by(cls.id)).all()
    rows = [row for row in rows if row.id not in but]
    return rows[number % len(rows)] if rows else None


def _changed(row: Part, number: int) -> None:
    """Another value in one of its fields, of those that any value may stand in."""
    free = [
        column for column in type(row).__table__.columns
        if column.name not in KNOWN_WORDS and not column.primary_key and not column.foreign_keys
        and (isinstance(column.type, Text) or (column.nullable and column.type.python_type in (date, datetime)))
    ]  # fmt: skip
    if not free:
        return
    column = free[number % len(free)]
    values = {date: on_day(number % 60 + 1), datetime: noon(number % 60 + 1)}
    setattr(row, column.name, values.get(column.type.python_type, f"{TEXTS[number % len(TEXTS)]} {number}"))

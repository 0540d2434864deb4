"""Intake: measurements that a program sends, each request processed exactly once (services/core/idempotency.py)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.api_tokens import ApiToken, Scope
from models.engagement import Engagement
from models.errors import Invalid
from models.metrics import Metric
from models.people import Actor
from models.permissions import Action
from services.core.idempotency import CREATED, UNCHANGED, StoredAnswer, UseCase, carry_out_once
from services.core.transaction import open_to_append
from services.measurements.batches import put_columns
from services.measurements.intake_body import BadRow, parse_request
from services.measurements.intake_rows import check_rows
from store.states import parts_of


class BadRows(Invalid):
    """Rows that can't be accepted; nothing of the request was stored."""

    def __init__(self, rows: list[BadRow]) -> None:
        super().__init__(
            f"{len({bad.row for bad in rows}):,} of the rows can't be accepted. Nothing was saved."
        )
        self.rows = rows


def accept(actor: Actor, slug: str, key: str, body: bytes) -> StoredAnswer:
    """Store the measurements in `body`, once for each `key` of the engagement, and return the answer.

    Raises Unreadable if the body isn't JSON, BadRows if rows can't be accepted, KeyReused or StillRunning, and NotFound
    or Forbidden if the actor may not record measurements.
    """
    use_case = UseCase("record measurements", Action.RECORD_MEASUREMENTS, open_to_append)
    return carry_out_once(
        actor,
        slug,
        key,
        body,
        use_case,
        lambda session, engagement: _process(session, engagement, body, actor),
    )


def _process(session: Session, engagement: Engagement, body: bytes, actor: Actor) -> StoredAnswer:
    """Store the rows that are new or correct a value, as one batch."""
    request = parse_request(body)
    metrics = parts_of(session.connection(), Metric, engagement.id)
    checked = check_rows(session, engagement, metrics, request, actor.today(engagement.zone))
    if checked.bad:
        raise BadRows(checked.bad)
    if checked.doubts and _is_strict(session, actor):
        raise BadRows(
            [BadRow(row, "value", doubt.sentence) for doubt in checked.doubts for row in doubt.rows]
        )
    counts: dict[str, Any] = {"corrected": checked.corrected, "unchanged": checked.unchanged}
    if checked.doubts:
        counts["doubts"] = [doubt.as_json() for doubt in checked.doubts]
    if checked.columns is None:
        return StoredAnswer(UNCHANGED, {"batch": None, "added": 0, **counts})
    new = not checked.corrected
    batch = put_columns(session, engagement, metrics, checked.columns, request.source, new)
    return StoredAnswer(CREATED, {"batch": batch.id, "added": batch.count - checked.corrected, **counts})


def _is_strict(session: Session, actor: Actor) -> bool:
    """Return whether the actor is a program that may only record what can be read in one way."""
    scope = session.scalar(select(ApiToken.scope).where(ApiToken.id == actor.token_id))
    return scope == Scope.CLEAR_MEASUREMENTS


def as_errors(bad: list[BadRow]) -> list[dict[str, Any]]:
    """Return bad rows as an answer lists them."""
    return [asdict(row) for row in bad]

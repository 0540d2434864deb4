"""Traces: who called whom while the work was moved, read from what a tracing tool exports.

No such file holds the time that it is of, so that is asked for: an old file must not look fresh.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.service_graph import Edge, edges_of
from models.engagement import Engagement
from models.errors import Invalid
from models.gate import MIN_CALLS
from models.inventory import Dependency, System
from models.journal import canonical
from models.names import clean_name, normalize_name
from models.people import Actor
from models.permissions import Action
from models.replacements import FAILED, INCONCLUSIVE, PASSED, TRACES, Proof, Replacement
from models.wording import count, quoted_list
from services.core.preconditions import evidence_date
from services.core.transaction import get_part, open_engagement, transaction
from services.core.validation import MAX_NAME, optional_text, whole_number
from services.inventory.dependencies import put_dependency

MAX_FILE = 5_000_000
MAX_DAYS = 366


@dataclass(frozen=True)
class TracesResult:
    """What was read: the proof's id and outcome, how many calls, and what the inventory doesn't have."""

    proof_id: int
    outcome: str
    calls: int
    undeclared: list[tuple[str, str]]
    unknown: list[str]

    @property
    def text(self) -> str:
        """What was read, in one sentence or more."""
        text = f"Read {count(self.calls, 'call')}: {self.outcome}."
        if self.undeclared:
            pairs = [f"{caller} to {called}" for caller, called in self.undeclared]
            text += f" Seen but not declared: {quoted_list(pairs)}."
        if self.unknown:
            text += f" Not in the inventory: {', '.join(self.unknown)}."
        return text


def parse(data: bytes) -> Any:
    """Return the content of a file: a JSON document, or the text of Prometheus' metrics. Raises Invalid."""
    if len(data) > MAX_FILE:
        raise Invalid(f"A file of traces has at most {MAX_FILE:,} bytes. Nothing was saved.")
    try:
        text = data.decode()
    except UnicodeDecodeError as broken:
        raise Invalid("The file of traces isn't text in UTF-8. Nothing was saved.") from broken
    try:
        return json.loads(text) if text.lstrip()[:1] in ("{", "[") else text
    except (ValueError, RecursionError) as broken:
        raise Invalid("The file of traces isn't valid JSON. Nothing was saved.") from broken


def record_traces(
    actor: Actor,
    slug: str,
    replacement_id: int,
    content: Any,
    *,
    until: date | None,
    days: int,
    note: str | None = None,
) -> TracesResult:
    """Record the calls in `content` (see `edges_of`), of the `days` up to `until`, as a proof. Raises Invalid."""
    with transaction(actor, "record traces") as session:
        engagement = open_engagement(session, slug, Action.EDIT_REPLACEMENTS)
        replacement = get_part(session, engagement, Replacement, replacement_id)
        today = actor.today(engagement.zone)
        return put_traces(session, engagement, replacement, content, until, days, note, today)


def put_traces(
    session: Session,
    engagement: Engagement,
    replacement: Replacement,
    content: Any,
    until: date | None,
    days: int,
    note: str | None,
    today: date,
) -> TracesResult:
    """Add the calls as a proof. Raises Invalid."""
    edges = _edges(content)
    on = evidence_date(session, engagement, "the traces' end", until, today)
    days = whole_number("number of days that the traces are of", days, 1, MAX_DAYS)
    calls = sum(edge.calls for edge in edges)
    new = session.get_one(System, replacement.new_id)
    proof = Proof(
        engagement_id=engagement.id,
        replacement_id=replacement.id,
        kind=TRACES,
        on=on,
        outcome=_outcome(edges, calls, new),
        n=min(calls, 2_000_000_000),
        seconds=days * 86_400,
        note=optional_text("note", note),
        edges=canonical([list(edge) for edge in edges]),
    )
    session.add(proof)
    session.flush()
    undeclared, unknown = _beside_inventory(session, engagement, edges)
    return TracesResult(proof.id, proof.outcome, calls, undeclared, unknown)


def _edges(content: Any) -> list[Edge]:
    try:
        edges = edges_of(content)
    except ValueError as wrong:
        raise Invalid(f"{wrong}. Nothing was saved.") from wrong
    cleaned = [Edge(clean_name(edge.caller), clean_name(edge.called), edge.calls) for edge in edges]
    names = [name for edge in cleaned for name in edge[:2]]
    if any(not name or len(name) > MAX_NAME or not name.isprintable() for name in names):
        raise Invalid("A service in the traces has no name that can be read. Nothing was saved.")
    return cleaned


def _outcome(edges: list[Edge], calls: int, new: System) -> str:
    """Return what the traces show: with too few calls nothing, else whether the new part was seen."""
    if calls < MIN_CALLS:
        return INCONCLUSIVE
    seen = {normalize_name(name) for edge in edges for name in (edge.caller, edge.called)}
    return PASSED if normalize_name(new.name) in seen else FAILED


def _beside_inventory(
    session: Session, engagement: Engagement, edges: list[Edge]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the calls between known systems that no dependency declares, and the names that are no system."""
    systems = session.scalars(select(System).where(System.engagement_id == engagement.id))
    by_name = {normalize_name(system.name): system.id for system in systems}
    rows = session.scalars(select(Dependency).where(Dependency.engagement_id == engagement.id))
    declared = {(row.from_id, row.to_id) for row in rows}
    undeclared, unknown = [], set()
    for caller, called, _ in edges:
        ids = by_name.get(normalize_name(caller)), by_name.get(normalize_name(called))
        unknown |= {name for name, its_id in zip((caller, called), ids, strict=True) if its_id is None}
        if None not in ids and ids[0] != ids[1] and ids not in declared:
            undeclared.append((caller, called))
    return undeclared, sorted(unknown)


def declare_seen_call(actor: Actor, slug: str, caller_id: int, called_id: int) -> None:
    """Add the dependency that traces saw to the inventory, as a call. Raises Invalid if it is there."""
    with transaction(actor, "declare a dependency seen in traces") as session:
        engagement = open_engagement(session, slug, Action.EDIT_INVENTORY)
        fields = {"from_id": caller_id, "to_id": called_id, "kind": "call", "note": "Seen in traces"}
        put_dependency(session, engagement, fields, None, actor.today(engagement.zone))

"""Proofs: dated tries of what the gate asks for. A person, a program or the command line reports them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models.engagement import Engagement
from models.errors import Invalid
from models.people import Actor
from models.permissions import Action
from models.replacements import COMPARISON, PROOF_KINDS, PROOF_OUTCOMES, TRACES, Proof, Replacement
from services.core import validation
from services.core.preconditions import evidence_date
from services.core.transaction import get_part, open_engagement, transaction

MAX_NUMBER = 2_000_000_000


def record_proof(actor: Actor, slug: str, replacement_id: int, given: Mapping[str, Any]) -> int:
    """Record a proof with `kind`, `on`, `outcome`, and what is known of `n`, `bad`, `seconds`, `link` and `note`.

    Returns its id. Raises Invalid.
    """
    with transaction(actor, "record a proof") as session:
        engagement = open_engagement(session, slug, Action.EDIT_REPLACEMENTS)
        replacement = get_part(session, engagement, Replacement, replacement_id)
        return put_proof(session, engagement, replacement, given, actor.today(engagement.zone)).id


def withdraw_proof(actor: Actor, slug: str, proof_id: int) -> None:
    """Withdraw a proof: it counts no longer and stays readable. Raises NotFound if it is gone."""
    with transaction(actor, "withdraw a proof") as session:
        engagement = open_engagement(session, slug, Action.EDIT_REPLACEMENTS)
        proof = get_part(session, engagement, Proof, proof_id)
        proof.withdrawn_on = proof.withdrawn_on or actor.today(engagement.zone)


def put_proof(
    session: Session, engagement: Engagement, replacement: Replacement, given: Mapping[str, Any], today: date
) -> Proof:
    """Add a proof. Raises Invalid."""
    kind = validation.one_of("kind of proof", given.get("kind"), PROOF_KINDS)
    if kind == TRACES:
        raise Invalid("Traces are read from a file of calls, so that the calls count. Nothing was saved.")
    proof = Proof(
        engagement_id=engagement.id,
        replacement_id=replacement.id,
        kind=kind,
        on=evidence_date(session, engagement, "the proof", given.get("on"), today),
        outcome=validation.one_of("outcome of the proof", given.get("outcome"), PROOF_OUTCOMES),
        n=_number("number of answers compared", given.get("n")),
        bad=_number("number of answers that differ", given.get("bad")),
        seconds=_number("number of seconds", given.get("seconds")),
        link=validation.web_address("link", given["link"]) if given.get("link") else None,
        note=validation.optional_text("note", given.get("note")),
    )
    _refuse_impossible_counts(proof)
    session.add(proof)
    session.flush()
    return proof


def _number(what: str, value: float | None) -> int | None:
    return None if value is None else validation.whole_number(what, value, 0, MAX_NUMBER)


def _refuse_impossible_counts(proof: Proof) -> None:
    if proof.kind != COMPARISON and (proof.n is not None or proof.bad is not None):
        raise Invalid(f"Only a comparison counts answers; a {proof.kind} doesn't. Nothing was saved.")
    if proof.bad is not None and (proof.n is None or proof.bad > proof.n):
        raise Invalid("More answers can't differ than were compared. Nothing was saved.")

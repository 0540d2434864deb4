"""Secret addresses of gates, for pipelines that can't send a token. A lead makes one, and can revoke it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.engagement import Engagement
from models.errors import NotFound
from models.gate import Gate
from models.people import Actor
from models.permissions import Action
from models.replacements import GateAddress, Replacement
from models.security_log import Kind
from models.sessions import hash_token, new_token
from services.core.transaction import get_part, open_engagement, transaction
from services.people.security_log import log_event
from services.replacements.gating import gate_at, replacement_by_id
from store import states
from store.access import access


@dataclass(frozen=True)
class OpenAddress:
    """An address that still answers: who made it, and when."""

    made_by: str
    created_at: datetime


def open_address(actor: Actor, slug: str, replacement_id: int) -> str:
    """Return the secret of a new address of a gate; the earlier one is revoked. Only its hash is stored."""
    secret = new_token()
    with transaction(actor, "make a gate's address") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_TOKENS)
        replacement = get_part(session, engagement, Replacement, replacement_id)
        _revoke(session, replacement, actor)
        session.add(
            GateAddress(
                engagement_id=engagement.id,
                replacement_id=replacement.id,
                secret_hash=hash_token(secret),
                made_by=actor.name,
                created_at=actor.at,
            )
        )
        _log(session, Kind.TOKEN_MADE, actor)
    return secret


def revoke_address(actor: Actor, slug: str, replacement_id: int) -> None:
    """Revoke the address of a replacement's gate: it stops answering."""
    with transaction(actor, "revoke a gate's address") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_TOKENS)
        _revoke(session, get_part(session, engagement, Replacement, replacement_id), actor)
        _log(session, Kind.TOKEN_REVOKED, actor)


def _revoke(session: Session, replacement: Replacement, actor: Actor) -> None:
    query = select(GateAddress).where(
        GateAddress.replacement_id == replacement.id, GateAddress.revoked_at.is_(None)
    )
    for address in session.scalars(query):
        address.revoked_at = actor.at


def _log(session: Session, kind: Kind, actor: Actor) -> None:
    # Administrators read this, who may not know the engagement.
    detail = "secret address of a gate"
    log_event(session, kind, actor.at, user_id=actor.user_id, by=actor.name, detail=detail)


def open_addresses(actor: Actor, slug: str) -> dict[int, OpenAddress]:
    """Return the addresses that answer, by the replacement's id."""
    with read_connection() as connection:
        granted = access(connection, actor, slug, Action.MANAGE_TOKENS)
        query = select(GateAddress.replacement_id, GateAddress.made_by, GateAddress.created_at).where(
            GateAddress.engagement_id == granted.engagement_id, GateAddress.revoked_at.is_(None)
        )
        rows = connection.execute(query).all()
    return {row.replacement_id: OpenAddress(row.made_by, row.created_at) for row in rows}


def gate_of_address(secret: str, at: datetime) -> Gate:
    """Return the gate at a secret address at that moment. Raises NotFound if it is wrong or revoked."""
    query = (
        select(GateAddress.engagement_id, GateAddress.replacement_id, Engagement.zone)
        .join(Engagement, Engagement.id == GateAddress.engagement_id)
        .where(GateAddress.secret_hash == hash_token(secret), GateAddress.revoked_at.is_(None))
    )
    with read_connection() as connection:
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("There is no gate at this address. It may have been revoked.")
        state = states.load(connection, row.engagement_id)
        replacement = replacement_by_id(state, row.replacement_id)
        return gate_at(connection, state, replacement, state.date_of(at))

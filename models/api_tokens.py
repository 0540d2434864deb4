"""API tokens: what a program may do in one engagement, until a date."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.permissions import Action

# A token says what it is, to people and to programs that look for leaked secrets.
PREFIX = "headway_"
SHOWN_CHARACTERS = len(PREFIX) + 6
MAX_DAYS = 366


class Scope(StrEnum):
    """What a token is for."""

    READ = "read"
    MEASUREMENTS = "record measurements"


# A token isn't a member: it does what is named here, and no role of its maker rubs off on it.
SCOPES: dict[Scope, frozenset[Action]] = {
    Scope.READ: frozenset({Action.READ}),
    Scope.MEASUREMENTS: frozenset({Action.RECORD_MEASUREMENTS}),
}


def allows(scope: str, action: Action) -> bool:
    """Whether a token of that scope may do `action`."""
    return action in SCOPES[Scope(scope)]


class ApiToken(Base):
    """A token of one engagement. `shown` is its beginning, by which people tell it from others."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    name: Mapped[str]
    scope: Mapped[str]
    shown: Mapped[str]
    token_digest: Mapped[str] = mapped_column(unique=True)
    made_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

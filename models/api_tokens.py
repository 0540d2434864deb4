"""API tokens: they let a program do one thing in one engagement, until they expire."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.permissions import Action

# People and secret scanners recognise a token by its prefix.
TOKEN_PREFIX = "headway_"
SHOWN_CHARACTERS = len(TOKEN_PREFIX) + 6
MAX_DAYS = 366


class Scope(StrEnum):
    """What a token allows."""

    READ = "read"
    MEASUREMENTS = "record measurements"
    CLEAR_MEASUREMENTS = "record measurements that can be read one way only"
    REPORT = "report"
    EVIDENCE = "report evidence"


# A token isn't a member: it may do these actions and doesn't inherit the role of the person who created it.
SCOPES: dict[Scope, frozenset[Action]] = {
    Scope.READ: frozenset({Action.READ, Action.FOLLOW_RUNS}),
    Scope.MEASUREMENTS: frozenset({Action.RECORD_MEASUREMENTS}),
    Scope.CLEAR_MEASUREMENTS: frozenset({Action.RECORD_MEASUREMENTS}),
    Scope.REPORT: frozenset({Action.FOLLOW_RUNS, Action.REPORT_STEPS}),
    Scope.EVIDENCE: frozenset({Action.REPORT_EVIDENCE, Action.ASK_GATE}),
}


def scope_allows(scope: str, action: Action) -> bool:
    """Return whether a token of this scope may do `action`."""
    return action in SCOPES[Scope(scope)]


class ApiToken(Base):
    """A token of one engagement. `shown` holds its first characters, so that people recognise it."""

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

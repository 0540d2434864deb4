"""Facts about an engagement as a whole that no rule asks about: it is of the sample, it is archived, it was deleted."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Mark(StrEnum):
    """What an engagement is marked as."""

    SAMPLE = "sample"
    ARCHIVED = "archived"


class EngagementMark(Base):
    """An engagement is of the sample, or archived, since `at`."""

    __tablename__ = "engagement_mark"
    __table_args__ = (UniqueConstraint("engagement_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    kind: Mapped[str]
    at: Mapped[datetime]


class DeletedEngagement(Base):
    """The id of an engagement that was deleted, which no other one may have: states are cached by it."""

    __tablename__ = "deleted_engagement"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]

"""What every table shares: names of constraints, UTC timestamps, and what makes a row a part of an engagement."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKey, MetaData, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, relationship

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, stored as UTC and read as UTC; SQLite would forget the zone. A naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} says no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime, str: Text}


class Part(Base):
    """A row that belongs to one engagement and is journalled with it.

    `version` counts the changes of the row: the second of two concurrent edits is refused.
    """

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    version: Mapped[int]

    @declared_attr
    def engagement_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("engagement.id"), index=True)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


def one(target: str, key: str) -> Any:
    """The row that column `key` points to. Only a state has it: within a transaction, ask the session."""
    return relationship(target, foreign_keys=key, viewonly=True, lazy="raise", uselist=False)


def many(target: str, key: str, order: str = "") -> Any:
    """The rows whose column `key` points here, in a state, in order of id."""
    return relationship(
        target, foreign_keys=key, viewonly=True, lazy="raise", uselist=True, order_by=order or None
    )

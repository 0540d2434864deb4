"""What every table shares: names of constraints, UTC timestamps, and what makes a row a part of an engagement."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, ForeignKey, MetaData, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, Relationship, declared_attr, mapped_column, relationship

CONSTRAINT_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, stored and returned in UTC, also by SQLite, which stores no time zone.

    Raises ValueError for a value without a time zone.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC, for SQLite without its time zone. Raises ValueError if it has none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)
    type_annotation_map = {datetime: UtcDateTime, str: Text}


class Part(Base):
    """A row that belongs to one engagement and whose changes are written to its journal.

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


def to_one(foreign_key: str) -> Relationship[Any]:
    """Declare the row that the column `foreign_key` ("Training.workflow_id") of this table points to.

    Like `to_many`, it is filled in a state only. Within a transaction it raises: query the session there.
    """
    return relationship(foreign_keys=foreign_key, viewonly=True, lazy="raise", uselist=False)


def to_many(foreign_key: str) -> Relationship[Any]:
    """Declare the rows of another table whose column `foreign_key` points to this row, in order of id."""
    return relationship(foreign_keys=foreign_key, viewonly=True, lazy="raise", uselist=True)

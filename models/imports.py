"""Imports of files, recorded so that they can be listed and undone."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from models.base import Part


class ImportRun(Part):
    """An imported file: the kind of its records, and how many rows it added and changed.

    Its journal entry shares its `act` with all rows that the import changed, so that it can be undone as a whole.
    """

    __tablename__ = "import_run"

    kind: Mapped[str]
    file_name: Mapped[str]
    digest: Mapped[str]
    added: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    batch_id: Mapped[int | None]
    undone_at: Mapped[datetime | None]


class ImportMapping(Part):
    """One header, or one value of a column, of files of `kind`, and what it means in this engagement.

    Of a header, `column` is "" and `meaning` a column of ours, a metric's short name, or "" for one that is left out. Of
    a value, `column` is the column of ours that it is in, and `meaning` the word of ours. `given` is a loose spelling.
    """

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("engagement_id", "kind", "column", "given"),)

    kind: Mapped[str]
    column: Mapped[str]
    given: Mapped[str]
    meaning: Mapped[str]

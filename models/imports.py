"""Imports of files, recorded so that they can be listed and undone."""

from datetime import datetime

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

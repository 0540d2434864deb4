"""What was brought in by file, so that it can be told and taken back."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from models.base import Part


class ImportRun(Part):
    """A file that was imported as a whole: what kind it held, and what it changed.

    Its own journal entry shares its `act` with all that it changed: by that it can be undone as a whole.
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

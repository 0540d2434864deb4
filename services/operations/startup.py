"""What has to hold before the program serves anyone: the database is there, and at the newest migration."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from models.database import database_url
from services.operations.backups import back_up
from services.operations.schema import expect_newest, newest_revision, schema_revision, upgrade


def prepare_database() -> None:
    """Bring an embedded database to the newest migration, after a backup; refuse to serve on an old Postgres schema."""
    url = database_url()
    has, newest = schema_revision(url), newest_revision()
    if has == newest:
        return
    if make_url(url).get_backend_name() != "sqlite":
        expect_newest(url)
    if has is not None:
        file = Path(make_url(url).database or "")
        back_up(file.with_name(f"{file.stem}-before-{newest}-{datetime.now(UTC):%Y%m%dT%H%M%S}.db"))
    upgrade(url)

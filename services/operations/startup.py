"""Preparing the database before the program serves: it exists, and is at the newest migration."""

from __future__ import annotations

from datetime import UTC, datetime

from models.database import database_url, embedded_file
from services.operations import presence
from services.operations.backups import back_up
from services.operations.schema import expect_newest, newest_revision, refuse_newer, schema_revision, upgrade


def prepare_database(*, new: bool = False) -> None:
    """Bring an embedded database to the newest migration, after a backup. It is created on the first run or if `new`.

    Raises HeadwayError if one that was there is gone, a newer version of the program made it, a backup is being
    restored, or the schema of a Postgres database is old.
    """
    url = database_url()
    file = embedded_file(url)
    if file is None:
        expect_newest(url)
        return
    if presence.prepare_file(url, new=new):
        print(f"This is the first run: the database {file} is created.", flush=True)
    has, newest = schema_revision(url), newest_revision()
    if has == newest:
        return
    refuse_newer(has)
    if has is not None:
        back_up(file.with_name(f"{file.stem}-before-{newest}-{datetime.now(UTC):%Y%m%dT%H%M%S}.db"))
    upgrade(url)

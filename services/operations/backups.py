"""Backups of the embedded database: complete, checked copies, made while the program runs."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from models.database import database_url, engine
from models.errors import Invalid


def back_up(file: Path) -> None:
    """Copy the embedded database to `file`, including its write-ahead log.

    Raises Invalid if the database isn't SQLite, or `file` exists.
    """
    if file.exists():
        raise Invalid(f"{file} exists already. Nothing was written: choose another name.")
    source = _database()
    unfinished = file.with_name(file.name + ".part")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(unfinished)) as copy:
        live.backup(copy)
        _check(copy, unfinished)
    os.replace(unfinished, file)


def restore(file: Path) -> None:
    """Replace the embedded database by the backup `file`. The program must not be running.

    Raises Invalid if `file` isn't a complete backup; the database stays as it was then.
    """
    if not file.is_file():
        raise Invalid(f"There is no file {file}. Nothing was restored.")
    target = _database()
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as backup:
        _check(backup, file)
        engine().dispose()
        target.parent.mkdir(parents=True, exist_ok=True)
        # Through SQLite's own backup, so that a write-ahead log left beside the old file can't be mixed into it.
        with closing(sqlite3.connect(target)) as live:
            backup.backup(live)


def _database() -> Path:
    url = make_url(database_url())
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Invalid(
            "Only the embedded database is backed up here. For Postgres use pg_dump and pg_restore."
        )
    return Path(url.database)


def _check(connection: sqlite3.Connection, file: Path) -> None:
    try:
        (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
        known = connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
        ).fetchone()[0]
    except sqlite3.DatabaseError as broken:
        raise Invalid(f"{file} is not a database of Headway. Nothing was restored.") from broken
    if answer != "ok" or not known:
        raise Invalid(f"{file} is not a whole database of Headway. Nothing was restored.")

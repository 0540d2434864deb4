"""Backups: complete, checked copies of the database, made while the program runs, on a schedule with rotation."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from models.database import database_url, embedded_file
from models.errors import Invalid
from services.operations import dumps
from services.operations.schema import refuse_newer

STAMP = "%Y%m%dT%H%M%SZ"
"""Of a backup's name, in UTC: names sort by age."""


_DIGIT = "[0-9]"


def back_up(file: Path) -> None:
    """Copy the database to `file`: an embedded one with its write-ahead log, a Postgres with pg_dump.

    Raises Invalid if `file` exists, or the database isn't whole.
    """
    if file.exists():
        raise Invalid(f"{file} exists already. Nothing was written: choose another name.")
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(file.name + ".part")
    unfinished.unlink(missing_ok=True)
    try:
        source = embedded_file(database_url())
        if source is None:
            dumps.dump(database_url(), unfinished)
        else:
            copy_database(source, unfinished)
        os.replace(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)


def back_up_in_turn(folder: Path, at: datetime) -> Path:
    """Write a backup named for its time into `folder`, and return it."""
    ending = ".dump" if embedded_file(database_url()) is None else ".db"
    file = folder / f"headway-{at:{STAMP}}{ending}"
    back_up(file)
    return file


def remove_old(folder: Path, keep: int, ending: str) -> list[Path]:
    """Remove the oldest backups in `folder` beyond the newest `keep`, and return them.

    Files of other names are left alone.
    """
    files = sorted(folder.glob(f"headway-{_DIGIT * 8}T{_DIGIT * 6}Z{ending}"))
    old = files[: max(0, len(files) - keep)]
    for file in old:
        file.unlink()
    return old


def default_folder() -> Path:
    """Return where backups on a schedule go: `backups` beside the embedded database, or in `data` for Postgres."""
    file = embedded_file(database_url())
    return (file.parent if file else Path("data")) / "backups"


def copy_database(source: Path, target: Path) -> None:
    """Copy an embedded database into one self-contained file, checked and written to the disk.

    Raises Invalid if the source isn't a whole database of Headway; there is no target then.
    """
    try:
        with closing(open_to_read(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
            # Or its header would say that a write-ahead log belongs to it, and reading it would make one.
            copy.execute("PRAGMA journal_mode=DELETE")
            check_whole(copy, source)
    except (sqlite3.Error, Invalid) as broken:
        target.unlink(missing_ok=True)
        raise Invalid(f"{source} can't be copied: {str(broken).rstrip('.')}.") from broken
    with target.open("rb") as written:
        os.fsync(written.fileno())


def open_to_read(file: Path) -> sqlite3.Connection:
    """Return a connection that only reads the embedded database. Raises Invalid if there is no such file."""
    if not file.is_file():
        raise Invalid(f"There is no file {file}.")
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)


def check_whole(connection: sqlite3.Connection, file: Path) -> str:
    """Return the migration of a database of Headway. Raises Invalid if it is something else, or isn't whole."""
    try:
        (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        if answer == "ok" and {"alembic_version", "engagement", "journal"} <= tables:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if row is not None:
                return str(row[0])
    except sqlite3.DatabaseError as broken:
        raise Invalid(f"{file} is not a database of Headway, or is damaged ({broken}).") from broken
    if answer != "ok":
        raise Invalid(f"{file} is damaged, not a whole database ({answer.splitlines()[-1]}).")
    raise Invalid(f"{file} is not a database of Headway.")


def check_backup(file: Path) -> str:
    """Return the migration of a backup of an embedded database.

    Raises Invalid if it isn't Headway's, isn't whole, or a newer version of the program made it.
    """
    with closing(open_to_read(file)) as connection:
        revision = check_whole(connection, file)
    refuse_newer(revision)
    return revision

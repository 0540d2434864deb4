"""Restoring a backup of the embedded database, in a way that can't lose what is there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from itertools import count as count_up
from pathlib import Path

from models.database import database_url, embedded_file, engine_of
from models.errors import HeadwayError, Invalid
from models.wording import count
from services.core.file_lock import hold_alone
from services.operations.backups import STAMP, check_backup, check_whole, copy_database, open_to_read

COMPANIONS = ("-wal", "-shm")
"""What SQLite keeps beside a database's file."""


@dataclass(frozen=True)
class Loss:
    """What the database has and the backup lacks.

    `revisions` has, for each engagement that went on since, its slug, its revision and that of the backup (0: the
    engagement isn't in the backup). `rows` counts the rows of each table. `unknown` says why they couldn't be compared.
    """

    revisions: list[tuple[str, int, int]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    unknown: str = ""

    def __bool__(self) -> bool:
        return bool(self.revisions or self.rows or self.unknown)

    def sentences(self) -> list[str]:
        """Return what would be lost, a line for each engagement and one for the rows."""
        lines = [
            f"{slug}: {count(now - then, 'revision')}, from {then + 1} to {now}"
            + ("" if then else " (the backup has no such engagement)")
            for slug, now, then in self.revisions
        ]
        if self.rows:
            tables = ", ".join(f"{rows:,} in {table}" for table, rows in sorted(self.rows.items()))
            lines.append(f"{count(sum(self.rows.values()), 'row')} that the backup lacks: {tables}")
        return [*lines, self.unknown] if self.unknown else lines


def restore(file: Path, at: datetime, agree: Callable[[Loss], bool] = lambda loss: True) -> Path | None:
    """Replace the embedded database by the backup `file`, and return where the earlier one was kept.

    `agree` is asked if something would be lost. Raises HeadwayError, and leaves everything as it is, if it doesn't
    agree, the program or a command uses the database, or the backup isn't a whole one that this version knows.
    """
    target = _embedded()
    check_backup(file)
    if target.exists() and target.samefile(file):
        raise Invalid(f"{file} is the database itself. Nothing was restored.")
    target.parent.mkdir(parents=True, exist_ok=True)
    engine_of(database_url()).dispose()
    with hold_alone(str(target)) as is_free:
        if not is_free or _is_open_elsewhere(target):
            raise Invalid(
                "Headway is running, or a command of it is: what is saved meanwhile would be lost. Nothing was "
                "restored: stop it first."
            )
        if target.exists() and (loss := compare(target, file)) and not agree(loss):
            raise Invalid("Nothing was restored.")
        return _replace(target, file, at)


def _embedded() -> Path:
    file = embedded_file(database_url())
    if file is None:
        raise Invalid(
            "Only the embedded database is restored here. For Postgres: stop the program, then run pg_restore --clean "
            "--if-exists --single-transaction -d DATABASE FILE."
        )
    return file


def _is_open_elsewhere(target: Path) -> bool:
    """Return whether another process has the file open, also one that doesn't know of our locks.

    If none has, what is in the write-ahead log goes to the file itself.
    """
    if not target.exists():
        return False
    try:
        with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE").execute("ROLLBACK")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as failed:
        return failed.sqlite_errorcode == sqlite3.SQLITE_BUSY
    except sqlite3.DatabaseError:
        return False  # damaged: nobody works with it
    return False


def _replace(target: Path, file: Path, at: datetime) -> Path | None:
    """Put the backup in the database's place, in a way that leaves a whole database there at each moment."""
    unfinished = target.with_name(target.name + ".restoring")
    unfinished.unlink(missing_ok=True)
    copy_database(file, unfinished)
    copy = _keep(target, at) if target.exists() else None
    for companion in COMPANIONS:
        Path(f"{target}{companion}").unlink(missing_ok=True)
    os.replace(unfinished, target)
    _sync_folder(target.parent)
    return copy


def _keep(target: Path, at: datetime) -> Path:
    """Keep what is there beside it: as a copy, or where it is too damaged for that, with what SQLite had beside it."""
    name = f"{target.stem}-before-restore-{at:{STAMP}}"
    names = (
        target.with_name(f"{name}{number}{target.suffix}")
        for number in chain([""], map("-{}".format, count_up(2)))
    )
    copy = next(file for file in names if not file.exists())
    try:
        copy_database(target, copy)
    except Invalid:
        os.link(target, copy)
        for companion in COMPANIONS:
            if Path(f"{target}{companion}").exists():
                os.replace(f"{target}{companion}", f"{copy}{companion}")
    return copy


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def compare(current: Path, backup: Path) -> Loss:
    """Return what `current` has and `backup` lacks."""
    try:
        with closing(open_to_read(current)) as connection:
            check_whole(connection, current)
            connection.execute("ATTACH DATABASE ? AS backup", [f"{backup.resolve().as_uri()}?mode=ro"])
            return Loss(_later_revisions(connection), _rows_not_in_backup(connection))
    except (sqlite3.Error, HeadwayError) as broken:
        return Loss(
            unknown=f"What is newer than the backup isn't known, as the database can't be read: {broken}"
        )


def _later_revisions(connection: sqlite3.Connection) -> list[tuple[str, int, int]]:
    query = """
        SELECT now.slug, now.revision, coalesce(was.revision, 0)
        FROM main.engagement AS now LEFT JOIN backup.engagement AS was ON was.id = now.id
        WHERE now.revision > coalesce(was.revision, 0) ORDER BY now.slug
    """
    return connection.execute(query).fetchall()


def _rows_not_in_backup(connection: sqlite3.Connection) -> dict[str, int]:
    """Count the rows of each table whose primary key isn't in the backup."""
    counts = {}
    in_backup = set(_tables(connection, "backup"))
    for table in _tables(connection, "main"):
        columns = connection.execute("SELECT name FROM pragma_table_info(?) WHERE pk > 0", [table]).fetchall()
        keys = ", ".join(f'"{name}"' for (name,) in columns) or "rowid"
        newer = f'SELECT {keys} FROM main."{table}"'
        if table in in_backup:
            newer += f' EXCEPT SELECT {keys} FROM backup."{table}"'
        counts[table] = connection.execute(f"SELECT count(*) FROM ({newer})").fetchone()[0]
    return {table: rows for table, rows in counts.items() if rows}


def _tables(connection: sqlite3.Connection, schema: str) -> list[str]:
    query = (
        f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
        "AND name != 'alembic_version' ORDER BY name"
    )
    return [name for (name,) in connection.execute(query)]

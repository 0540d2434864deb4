"""The test restore of a backup: it is restored beside the database, upgraded, and its journals are verified."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, select

from models.database import database_url, embedded_file, engine_of
from models.engagement import Engagement
from models.errors import Invalid
from models.journal_chain import first_break
from services.operations import dumps
from services.operations.backups import check_backup, copy_database
from services.operations.journal_check import journal_rows
from services.operations.schema import upgrade
from store.journal_comparison import first_difference


@dataclass(frozen=True)
class TrialRestore:
    """What a test restore found: the number of engagements and journal entries, all of which verify.

    `only_read`: the dump was read to its end, but the account may create no database to restore it into.
    """

    engagements: int = 0
    entries: int = 0
    only_read: bool = False


def try_restore(file: Path) -> TrialRestore:
    """Restore the backup `file` beside the database, and verify it. Raises Invalid if anything of it is wrong."""
    with _restored(file) as url:
        if url is None:
            dumps.check_readable(file)
            return TrialRestore(only_read=True)
        try:
            upgrade(url)
            with engine_of(url).connect() as connection:
                return _verify(connection, file)
        finally:
            engine_of(url).dispose()


@contextmanager
def _restored(file: Path) -> Iterator[str | None]:
    """Yield the URL of a database made from the backup; None if there can't be one."""
    if embedded_file(database_url()) is None:
        with dumps.restored_copy(database_url(), file) as url:
            yield url
        return
    check_backup(file)
    with TemporaryDirectory(prefix=".headway-verify-", dir=file.parent) as folder:
        copy_database(file, Path(folder) / "headway.db")
        yield f"sqlite:///{Path(folder).resolve()}/headway.db"


def _verify(connection: Connection, file: Path) -> TrialRestore:
    columns = (Engagement.id, Engagement.slug, Engagement.revision, Engagement.head)
    engagements = connection.execute(select(*columns).order_by(Engagement.slug)).all()
    for engagement_id, slug, revision, head in engagements:
        broken = first_break(journal_rows(connection, engagement_id), head, revision, [])
        problem = broken.what if broken else first_difference(connection, engagement_id, revision)
        if problem:
            raise Invalid(
                f"{file} was restored to try it, and the journal of {slug} doesn't verify: {problem}"
            )
    return TrialRestore(len(engagements), sum(row.revision for row in engagements))

"""What a story leaves in a database, told through the services once a run and copied for every other test of it."""

import functools
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Select, exists, make_url, or_, select

from models.base import Base
from models.database import database_url, engine, read_connection
from tests import databases


def once_a_run(story: str, tell: Callable[[], object]) -> None:
    """Leave in the program's own database what `tell` leaves there, which `story` names with all that it depends on.

    It has to tell the same each time. Where the database holds anything already, it is told to that, as ever.
    """
    if not _is_empty():
        tell()
        return
    url = make_url(database_url())
    name = f"kept_{sha256(story.encode()).hexdigest()[:16]}"
    with databases.one_worker_at_a_time(f"{name}-{url.get_backend_name()}"):
        if url.get_backend_name() == "sqlite":
            _once_in_a_file(Path(str(url.database)), databases.run_folder() / f"{name}.db", tell)
        else:
            _once_in_postgres(str(url.database), name, tell)


def _once_in_a_file(own: Path, kept: Path, tell: Callable[[], object]) -> None:
    if kept.exists():
        databases.copy_sqlite(kept, own)
    else:
        tell()
        databases.copy_sqlite(own, kept)


def _once_in_postgres(own: str, kept: str, tell: Callable[[], object]) -> None:
    if databases.is_in_postgres(kept):
        engine().dispose()
        databases.copy_in_postgres(kept, own)
    else:
        tell()
        engine().dispose()  # a database can't be copied while a pooled connection is open to it
        databases.copy_in_postgres(own, kept)


def _is_empty() -> bool:
    with read_connection() as connection:
        return not connection.scalar(_anything())


@functools.cache
def _anything() -> Select[tuple[bool]]:
    return select(or_(*(exists(select(table)) for table in Base.metadata.sorted_tables)))

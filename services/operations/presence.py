"""The right embedded database or none: one that was there is never silently replaced by an empty one."""

from __future__ import annotations

from pathlib import Path

from models.database import embedded_file
from models.errors import HeadwayError
from services.core.file_lock import join, lock_file


def prepare_file(url: str, *, new: bool = False) -> bool:
    """Return whether a new, empty database has to be created at `url`; whatever is there is in use from now on.

    Raises HeadwayError if a database was there before, unless `new`; if it is there and `new` is wanted; or if a backup
    is being restored.
    """
    file = embedded_file(url)
    if file is None:
        return False
    if new and file.exists():
        raise HeadwayError(
            f"There is a database at {file}. Nothing was changed: move it away first, or leave out --new."
        )
    if not new:
        refuse_missing(url)
    is_first_run = not file.exists()
    if is_first_run:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    use(url)
    return is_first_run


def refuse_missing(url: str) -> None:
    """Raise HeadwayError if an embedded database was there before and isn't any more."""
    file = embedded_file(url)
    traces = [] if file is None or file.exists() else _traces(file)
    if traces:
        raise HeadwayError(
            f"There is no database at {file}, but there was one: {traces[0]} is still there. Nothing was created. "
            "Put the database back or restore a backup; for a new, empty one run: python manage.py upgrade --new"
        )


def use(url: str) -> None:
    """Hold the lock that tells a restore that the database is in use, until this process ends.

    Raises HeadwayError while a backup is being restored.
    """
    file = embedded_file(url)
    if file is not None and file.exists() and not join(str(file)):
        raise HeadwayError("A backup is being restored at this moment. Try again when that has ended.")


def _traces(file: Path) -> list[Path]:
    """Return what a database that was in this file has left beside it."""
    beside = [
        lock_file(file),
        Path(f"{file}-wal"),
        *sorted(file.parent.glob(f"{file.stem}-before-*{file.suffix}")),
    ]
    return [trace for trace in beside if trace.exists()]

"""Locks among processes that share an embedded database. Others see them at once; they end with their process.

SQLite lets one writer in at a time and has the others wait, which can't be told from being slow. So this is a lock on
one byte of a file beside the database, far beyond its end; the operating system releases it when a process dies.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # not a POSIX system: there the others wait
    fcntl = None

MAX_OFFSET = 2**62
IN_USE = MAX_OFFSET
"""The offset of the lock that each process shares while it works with the database."""
_joined: set[str] = set()


def lock_file(database: str | Path) -> Path:
    """Return the file that holds the locks of the database in this file. It stays: it tells that there was a database."""
    return Path(f"{database}-claims")


def hold_lock(database: str, name: int) -> AbstractContextManager[bool]:
    """Hold the lock `name` of the database in this file; yields False if another process holds it.

    It doesn't separate threads of one process.
    """
    return _hold(database, name % MAX_OFFSET)


def hold_alone(database: str) -> AbstractContextManager[bool]:
    """Keep other processes from using the database; yields False if one uses it already."""
    return _hold(database, IN_USE)


@contextmanager
def _hold(database: str, offset: int) -> Iterator[bool]:
    if fcntl is None:
        yield True
        return
    file = _file(str(lock_file(database)))
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, offset)
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, offset)


def join(database: str) -> bool:
    """Share the lock that tells that the database is in use, until `leave_all` or the end of this process.

    Returns False if a process holds it for itself alone.
    """
    if fcntl is not None and database not in _joined:
        try:
            fcntl.lockf(_file(str(lock_file(database))), fcntl.LOCK_SH | fcntl.LOCK_NB, 1, IN_USE)
        except OSError:
            return False
        _joined.add(database)
    return True


def leave_all() -> None:
    """Let go of what `join` shares."""
    while _joined and fcntl is not None:
        fcntl.lockf(_file(str(lock_file(_joined.pop()))), fcntl.LOCK_UN, 1, IN_USE)


@cache
def _file(path: str) -> int:
    # It stays open: closing any handle of a file releases all locks that the process has on it.
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

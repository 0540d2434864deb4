"""Locks among processes that share an embedded database. Others see them at once; they end with their process.

SQLite lets one writer in at a time and has the others wait, which can't be told from being slow. So this is a lock on
one byte of a file beside the database, far beyond its end; the operating system releases it when a process dies.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # not a POSIX system: there the others wait
    fcntl = None

MAX_OFFSET = 2**62


@contextmanager
def hold_lock(database: str, name: int) -> Iterator[bool]:
    """Hold the lock `name` of the database in this file; yields False if another process holds it.

    It doesn't separate threads of one process.
    """
    if fcntl is None:
        yield True
        return
    file, offset = _file(f"{database}-claims"), name % MAX_OFFSET
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, offset)
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, offset)


@cache
def _file(path: str) -> int:
    # It stays open: closing any handle of a file releases all locks that the process has on it.
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

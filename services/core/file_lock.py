"""Claims among processes that share an embedded database: seen by the others at once, and gone with who made them.

SQLite lets one writer in at a time and has the others wait, which can't be told from being slow. So a claim is a lock on
one byte of a file beside the database, far beyond its end; the operating system takes it back from a process that dies.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

try:
    import fcntl
except ImportError:  # not a POSIX system: there the others wait
    fcntl = None

FARTHEST = 2**62


@contextmanager
def hold_lock(database: str, name: int) -> Iterator[bool]:
    """Whether nobody else holds `name` of the database in this file; it is held within.

    Among threads of one process it says nothing: those have to be kept apart otherwise.
    """
    if fcntl is None:
        yield True
        return
    file, place = _file(f"{database}-claims"), name % FARTHEST
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, place)


@cache
def _file(path: str) -> int:
    # Kept open: closing any handle of a file takes back all locks that the process has on it.
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

"""The file of an embedded database: it is the one that was opened first, or nothing is written.

SQLite creates a file that isn't there, and goes on writing into one that was deleted or moved away. So the file's
identity is compared before each connection, each writing transaction and each commit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from models.errors import Unavailable

Identity = tuple[int, int]


class EmbeddedFile:
    """The file at `path`, with the identity (device and inode) that it had when it was opened first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.opened: Identity | None = None

    def guard(self, engine: Engine) -> None:
        """Refuse new connections, writes and commits of `engine` once this file isn't there any more."""

        @event.listens_for(engine, "do_connect")
        def connect(*_: Any) -> None:
            self.opened = self.opened or self._identity()
            self.check()

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            if connection.get_execution_options().get("writes", False):
                self.check()

        @event.listens_for(engine, "commit")
        def commit(_: Connection) -> None:
            self.check()

        @event.listens_for(engine, "engine_disposed")
        def forget(_: Engine) -> None:
            self.opened = None

    def check(self) -> None:
        """Raise Unavailable if the file was moved, deleted or replaced since it was opened, or never was there."""
        identity = self._identity()
        if identity is None and self.opened is None:
            raise Unavailable(f"There is no database {self.path}. Nothing was created.", "missing")
        if identity != self.opened:
            raise Unavailable(
                f"The database file {self.path} was {'moved or deleted' if identity is None else 'replaced'} while "
                "Headway was running. Nothing was saved. Put it back, or stop Headway and start it with the right one.",
                "moved",
                retry_after=30,
            )

    def _identity(self) -> Identity | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

"""Errors of the databases' drivers that mean that the database can't be used now, as `Unavailable`.

Each is translated where SQLAlchemy raises it, so that every use case, page, route and command sees the same error. The
log gets one line a minute for each kind.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from typing import Any

import psycopg
from sqlalchemy import Engine, QueuePool, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models.errors import Unavailable

log = logging.getLogger("headway.database")

LOG_SECONDS = 60
SENTENCES = {
    "away": "The database can't be reached at the moment.",
    "locked": "The database is busy with something else at the moment.",
    "full": "The disk of the database is full.",
    "disk": "The disk of the database fails.",
    "readonly": "The database takes no changes at the moment: it may only be read.",
    "damaged": "The database file is damaged, or isn't one of Headway. Restore a backup.",
    "schema": "The database has no schema of Headway, or an old one.",
    "busy": "Too many people use Headway at this moment.",
}
RETRY_SECONDS = {"locked": 2, "busy": 2, "away": 5}
LONG_RETRY_SECONDS = 30
# The primary result codes of SQLite.
_SQLITE = {
    5: "locked",
    6: "locked",
    8: "readonly",
    10: "disk",
    11: "damaged",
    13: "full",
    14: "away",
    26: "damaged",
}
# By the beginning of the SQLSTATE, the longest first.
_POSTGRES = {
    "25006": "readonly",
    "40001": "locked",
    "40P01": "locked",
    "42P01": "schema",
    "53100": "full",
    "53300": "busy",
    "55P03": "locked",
    "57014": "locked",
    "57P": "away",
    "58": "disk",
    "08": "away",
    "XX001": "damaged",
}


def kind_of(error: BaseException) -> str | None:
    """Return the kind of a driver's error; None for one that is no matter of availability."""
    if isinstance(error, sqlite3.Error):
        kind = _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        return "schema" if kind is None and str(error).startswith("no such table") else kind
    if isinstance(error, psycopg.Error):
        state = error.sqlstate
        if state is None:
            return "away" if isinstance(error, psycopg.OperationalError) else None
        return next((kind for start, kind in _POSTGRES.items() if state.startswith(start)), None)
    return None


def translate(error: BaseException) -> Unavailable | None:
    """Return what a driver's error means to people, and log it; None if the database can be used."""
    kind = kind_of(error)
    return None if kind is None else unavailable(kind, error)


def unavailable(kind: str, error: BaseException) -> Unavailable:
    """Return the refusal of a kind, and log it at most once a minute."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    limited_log.warning(kind, lines[0])
    retry = RETRY_SECONDS.get(kind, LONG_RETRY_SECONDS)
    text = f"{SENTENCES[kind]} Nothing was saved."
    refused = Unavailable(text, kind, retry)
    refused.add_note(lines[0])
    return refused


class LimitedLog:
    """A log with one line a minute for each kind, which counts those that were left out."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._last: dict[str, float] = {}
        self._left_out: dict[str, int] = {}
        self._lock = threading.Lock()

    def warning(self, kind: str, text: str) -> None:
        """Log `text`, unless there was a line of its kind within the minute before."""
        now = time.monotonic()
        with self._lock:
            if now - self._last.get(kind, -LOG_SECONDS) < LOG_SECONDS:
                self._left_out[kind] = self._left_out.get(kind, 0) + 1
                return
            self._last[kind] = now
            left_out = self._left_out.pop(kind, 0)
        more = f" ({left_out} more of this kind since the last line)" if left_out else ""
        self._log.warning("%s: %s%s", kind, text, more, extra={"kind": kind, "left_out": left_out})

    def forget(self) -> None:
        """Let the next line of each kind be logged."""
        with self._lock:
            self._last.clear()
            self._left_out.clear()


limited_log = LimitedLog(log)


class Pool(QueuePool):
    """A pool whose time-out says that too many people want a connection."""

    def _do_get(self) -> Any:
        try:
            return super()._do_get()
        except PoolTimeout as full:
            raise unavailable("busy", full) from full


def translate_errors(engine: Engine) -> None:
    """Raise Unavailable instead of the errors of `engine` that mean that the database can't be used."""

    @event.listens_for(engine, "handle_error")
    def handle(context: ExceptionContext) -> None:
        refused = translate(context.original_exception)
        if refused is not None:
            raise refused from context.original_exception

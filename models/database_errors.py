"""Errors of the databases' drivers that mean that the database can't be used now, as `Unavailable`.

Each is translated where SQLAlchemy raises it, so that every use case, page, route and command sees the same error. The
log gets one line a minute for each kind.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg
from sqlalchemy import Engine, QueuePool, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from models.errors import Unavailable
from models.limited_log import LimitedLog

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
LASTING = ("full", "disk", "readonly", "damaged")
"""Kinds after which the program isn't ready until a write succeeds."""
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
    refused.add_note(f"({lines[0]})")
    if kind in LASTING:
        _write_failure[:] = [text]
    return refused


limited_log = LimitedLog("headway.database")
_write_failure: list[str] = []


def last_write_failure() -> str | None:
    """Return what the last commit or write failed with; None since one succeeded."""
    return _write_failure[0] if _write_failure else None


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


@event.listens_for(Session, "after_commit")
def _note_success(_: Session) -> None:
    _write_failure.clear()

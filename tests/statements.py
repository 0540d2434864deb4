"""What the program asks the database, counted: two ways of asking that have to look alike do the same work."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from models.database import engine


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Afterwards, the list holds each statement that was executed inside, with its parameters."""
    done: list[tuple[str, Any]] = []

    def note(connection, cursor, statement, parameters, context, executemany) -> None:
        done.append((statement, parameters))

    event.listen(engine(), "before_cursor_execute", note)
    try:
        yield done
    finally:
        event.remove(engine(), "before_cursor_execute", note)

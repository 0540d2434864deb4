"""What the program asks the database, counted: two ways of asking that have to look alike do the same work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from models.database import engine
from models.prepared import CompiledStatement
from store import table_rows


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Afterwards, the list holds each statement that was executed inside, with its parameters."""
    done: list[tuple[str, Any]] = []

    def note(connection, cursor, statement, parameters, context, executemany) -> None:
        done.append((statement, parameters))

    event.listen(engine(), "before_cursor_execute", note)
    try:
        with _before_prepared(lambda form, given: done.append((form.sql, given))):
            yield done
    finally:
        event.remove(engine(), "before_cursor_execute", note)


@contextmanager
def before_each_statement(hook: Callable[[], None]) -> Iterator[None]:
    """Inside, `hook` is called before each statement, whoever executes it, and before each commit."""
    query_of = table_rows.query_of

    def hooked_query_of(*given) -> table_rows.Query:
        hook()
        return query_of(*given)

    for each in ("before_cursor_execute", "commit"):
        event.listen(engine(), each, lambda *_: hook())
    # What the driver's own cursor does, no event tells of.
    with patch.object(table_rows, "query_of", hooked_query_of), _before_prepared(lambda *_: hook()):
        yield


@contextmanager
def _before_prepared(hook: Callable[[CompiledStatement, Any], None]) -> Iterator[None]:
    parameters = CompiledStatement.parameters

    def hooked_parameters(form: CompiledStatement, given: Any) -> Any:
        made = parameters(form, given)
        hook(form, made)
        return made

    with patch.object(CompiledStatement, "parameters", hooked_parameters):
        yield

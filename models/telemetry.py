"""Traces by OpenTelemetry, where an endpoint is set: requests, pages and queries, and how long each took.

A span names no person, no client and no value: the area of a path and not the path, the kind of a query and its table and
not its text, the type of an error and not its message. Libraries that trace by themselves record all of these, so the
spans are made here. Without an endpoint nothing is made and nothing is sent.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from typing import Any

from opentelemetry import propagate
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from models.limited_log import LimitedLog
from models.version import VERSION

LAST_SECONDS = 2.0
"""How long the end of the program waits for the last spans to be sent."""
NOT_INSTALLED = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set, but what sends traces isn't installed, so none are sent. Install it with: "
    "pip install -r requirements-traces.txt"
)
MAX_SUMMARIES = 1_000
_OFF: AbstractContextManager[None] = nullcontext()
_FIRST_WORD = re.compile(r"\s*(\w+)")
_TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+"?(\w+)"?', re.IGNORECASE)
limited_log = LimitedLog("headway.traces")
# The tracer and its provider, once there is an endpoint.
_running: list[tuple[Tracer, Any]] = []


def start(endpoint: str) -> str | None:
    """Begin to send spans to `endpoint`; OTEL_ variables say the rest. Return a sentence if that can't be."""
    if not endpoint or _running:
        return None
    try:
        from models.telemetry_export import provider_of
    except ImportError:
        return NOT_INSTALLED
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    provider = provider_of(endpoint, limited_log)
    _running.append((provider.get_tracer("headway", VERSION), provider))
    for name, listener in _LISTENERS.items():
        event.listen(Engine, name, listener)
    return None


def stop() -> None:
    """Send what is left, for two seconds at most: the program ends in time, whoever receives traces."""
    while _running:
        _, provider = _running.pop()
        for name, listener in _LISTENERS.items():
            event.remove(Engine, name, listener)
        ending = threading.Thread(target=provider.shutdown, name="last traces", daemon=True)
        ending.start()
        ending.join(LAST_SECONDS)


def span(name: str, **attributes: str | int) -> AbstractContextManager[Span | None]:
    """Return a context whose time is a span; within it, other spans are parts of it. It does nothing without traces."""
    return _spanned(name, SpanKind.INTERNAL, attributes, None) if _running else _OFF


def request_span(
    name: str, headers: Mapping[str, str], **attributes: str | int
) -> AbstractContextManager[Span | None]:
    """Like `span`, for a request, which goes on with the trace that its headers name."""
    return _spanned(name, SpanKind.SERVER, attributes, headers) if _running else _OFF


def query_span(sql: str) -> AbstractContextManager[Span | None]:
    """Like `span`, for a query that the driver itself runs. Of its text only the first word and the table are told.

    A query that is part of nothing, such as the relay's each second, is no span.
    """
    if not _running or not get_current_span().is_recording():
        return _OFF
    return _spanned(summary_of(sql), SpanKind.CLIENT, {"db.query.summary": summary_of(sql)}, None)


@contextmanager
def _spanned(
    name: str, kind: SpanKind, attributes: Mapping[str, str | int], headers: Mapping[str, str] | None
) -> Iterator[Span]:
    tracer, _ = _running[0]
    parent = None if headers is None else propagate.extract(headers)
    with tracer.start_as_current_span(
        name,
        context=parent,
        kind=kind,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield made
        except Exception as failed:
            _mark_failed(made, failed)
            raise


def note_status(span: Span | None, status: int) -> None:
    """Note the status that a request was answered with."""
    if span is not None:
        span.set_attribute("http.response.status_code", status)
        if status >= 500:
            span.set_status(StatusCode.ERROR)


def _mark_failed(failed: Span, error: BaseException) -> None:
    """Note an error by its type: its message may hold what somebody typed."""
    failed.set_attribute("error.type", type(error).__name__)
    failed.set_status(StatusCode.ERROR)


@lru_cache(MAX_SUMMARIES)
def summary_of(sql: str) -> str:
    """Return the first word of a statement and the first table in it, such as "SELECT journal"."""
    word, table = _FIRST_WORD.match(sql), _TABLE.search(sql)
    return " ".join(match[1] for match in (word, table) if match) or "query"


def _begin_query(
    _connection: Any, _cursor: Any, sql: str, _parameters: Any, context: Any, _many: bool
) -> None:
    if _running and get_current_span().is_recording():
        name = summary_of(sql)
        attributes = {"db.query.summary": name}
        context.headway_span = _running[0][0].start_span(name, kind=SpanKind.CLIENT, attributes=attributes)


def _end_query(
    _connection: Any, _cursor: Any, _sql: str, _parameters: Any, context: Any, _many: bool
) -> None:
    if (made := context.__dict__.pop("headway_span", None)) is not None:
        made.end()


def _fail_query(error: ExceptionContext) -> None:
    made = vars(error.execution_context).pop("headway_span", None) if error.execution_context else None
    if made is not None:
        _mark_failed(made, error.original_exception)
        made.end()


_LISTENERS: dict[str, Callable[..., Any]] = {
    "before_cursor_execute": _begin_query,
    "after_cursor_execute": _end_query,
    "handle_error": _fail_query,
}

"""The log of requests, and the id that each has: in the log, on the error page, and in the answer's X-Request-Id."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime
from secrets import token_hex

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import metrics
from models import telemetry

REQUEST_ID = "headway.request_id"
_TRACE_HEADERS = ("traceparent", "tracestate")
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
log = logging.getLogger("headway.requests")


class RequestLog:
    """Gives each request its id, counts it, and logs it at level info: never its query, and no names in its path."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope[REQUEST_ID] = _request_id(scope)
        started, status = time.perf_counter(), 499  # as nginx has it: the client went away before an answer

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        area, headers = area_of(scope["path"]), Headers(scope=scope)
        parent = {name: headers[name] for name in _TRACE_HEADERS if name in headers}
        try:
            with telemetry.request_span(
                f"{scope['method']} {area}", parent, **{"headway.request_id": request_id}
            ) as span:
                try:
                    await self.app(scope, receive, send_with_id)
                finally:
                    telemetry.note_status(span, status)
        finally:
            seconds = time.perf_counter() - started
            metrics.count_request(scope["method"], area, status, seconds)
            log.info(
                "%s %s %d", scope["method"], area, status,
                extra={"request_id": request_id, "status": status, "milliseconds": round(seconds * 1000, 1)},
            )  # fmt: skip


def area_of(path: str) -> str:
    """Return the beginning of a path that names no client, metric, person or token."""
    parts = path.split("/")
    depth = 3 if path.startswith("/api/v1/") else 1
    area = "/".join(parts[: depth + 1])
    return area if depth == 3 or parts[1] in AREAS else "/page"


AREAS = frozenset(
    {"session", "sign", "api", "static", "assets", "_stcore", "media", "component", "metrics", "week"}
)


def _request_id(scope: Scope) -> str:
    """Return the id that a proxy gave the request, or a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _GIVEN.fullmatch(given) else token_hex(8)


class JsonFormatter(logging.Formatter):
    """A line of JSON for each record: time, level, logger, message, whatever was given as extra, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """A line of text for each record, with the request's id if it has one."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        request_id = getattr(record, "request_id", "")
        return super().formatMessage(record) + (f" [{request_id}]" if request_id else "")


def _is_not_logged_by_us(record: logging.LogRecord) -> bool:
    """Whether the dashboard logs something else than a page's error, which ui/unexpected_error.py logs with its id."""
    return record.getMessage() != "Uncaught app execution"


def set_up_logging(kind: str, level: str) -> None:
    """Write the log to stderr, as text or a JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if kind == "json" else TextFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # The dashboard and the server give theirs handlers of their own, which would write them in another form.
    for name in [
        name for name in logging.root.manager.loggerDict if name.startswith(("uvicorn", "streamlit"))
    ]:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).setLevel(logging.WARNING)
        logging.getLogger(name).propagate = True
    logging.getLogger("streamlit.error_util").addFilter(_is_not_logged_by_us)
    logging.getLogger("headway").setLevel(level.upper())

"""/metrics for Prometheus, behind the token of HEADWAY_METRICS_TOKEN. It names no client and no person."""

from __future__ import annotations

from collections.abc import Callable
from hmac import compare_digest

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from models.database import pool_in_use
from models.settings import settings
from services.operations.readiness import OK, readiness
from services.operations.usage import journal_entries, open_sessions

_REQUESTS = Counter(
    "headway_requests_total", "HTTP requests by method, area and status.", ["method", "area", "status"]
)
_SECONDS = Histogram("headway_request_seconds", "How long requests took.", ["area"])
_RERUNS = Counter(
    "headway_reruns_total", "Messages of browsers to the dashboard, each of which reruns a page."
)
_PAGES = Gauge("headway_open_pages", "Pages that are open in browsers at this moment.")
_CONNECTIONS = Gauge("headway_connections", "Open connections at this moment.")
_REFUSED = Counter(
    "headway_connections_refused_total", "Connections that were refused or closed.", ["reason"]
)
_READY = Gauge("headway_ready", "1 for each check of readiness that is ok.", ["check"])
_POOL = Gauge("headway_database_connections_in_use", "Connections to the database that are in use.")
_SESSIONS = Gauge("headway_sessions", "Sessions that people are signed in with.")
_JOURNAL = Gauge("headway_journal_entries", "Entries of all journals.")


def count_request(method: str, area: str, status: int, seconds: float) -> None:
    """Count a request."""
    _REQUESTS.labels(method if method.isalpha() and len(method) < 8 else "other", area, str(status)).inc()
    _SECONDS.labels(area).observe(seconds)


def count_rerun() -> None:
    """Count a message of a browser that reruns a page."""
    _RERUNS.inc()


def count_page(change: int) -> None:
    """Count a page that was opened (1) or closed (-1)."""
    _PAGES.inc(change)


def count_refused(reason: str) -> None:
    """Count a connection that was refused, or closed for its deadline."""
    _REFUSED.labels(reason).inc()


def watch_connections(number: Callable[[], float]) -> None:
    """Take the number of open connections from `number`."""
    _CONNECTIONS.set_function(number)


def metrics(request: Request) -> Response:
    """Return all metrics to whoever has the token; 404 without one, as for any address that isn't there."""
    token = settings().HEADWAY_METRICS_TOKEN
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token is None:
        return PlainTextResponse("There is nothing at this address.", 404)
    if not compare_digest(given.encode(), token.get_secret_value().encode()):
        return PlainTextResponse("This needs the token.", 401, {"www-authenticate": "Bearer"})
    for check, result in readiness().checks.items():
        _READY.labels(check).set(result == OK)
    if readiness().checks["writing"] == OK:
        _SESSIONS.set(open_sessions())
        _JOURNAL.set(journal_entries())
    _POOL.set(pool_in_use())
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

"""Answers to requests that the program can't carry out at this moment: a problem for programs, a page for people."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from api.html_pages import fragment, full_page
from api.problems import UNEXPECTED, problem, refusal
from models.errors import Unavailable

GOING_DOWN = Unavailable("Headway is being restarted. Nothing was saved.", "restart", retry_after=5)


def unavailable(scope: Scope, refused: Unavailable) -> Response:
    """Return status 503, with when to come back. A person's page tries again by itself."""
    if not _wants_page(scope):
        return refusal(refused)
    answer = full_page("Not available", fragment("unavailable", sentence=str(refused)), status=503)
    answer.headers["retry-after"] = str(refused.retry_after)
    if scope["method"] == "GET":
        answer.headers["refresh"] = str(max(5, refused.retry_after))
    return answer


def going_down(scope: Scope) -> Response:
    """Return status 503 to a request that the end of the program interrupts."""
    return unavailable(scope, GOING_DOWN)


def failed(scope: Scope, request_id: str) -> Response:
    """Return status 500, with the id under which the log has the details."""
    if not _wants_page(scope):
        return problem(500, UNEXPECTED, request_id=request_id)
    return full_page("An error", fragment("failed", sentence=UNEXPECTED, request_id=request_id), status=500)


def _wants_page(scope: Scope) -> bool:
    return not scope["path"].startswith("/api/") and "text/html" in Headers(scope=scope).get("accept", "")

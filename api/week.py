"""A frozen week as a light page for its readers: `/week/SLUG/N`, plain HTML that needs no script.

N is the number of the week, or its date. Only members see it; anybody else gets the answer of a page that isn't there.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from api import html_pages, week_page
from api.current_user import person
from api.html_routes import html_routes
from api.threads import in_thread
from models.errors import NotFound, RuleBroken
from models.people import Actor
from services.people import security_log
from services.review import reviews
from store import reviews as stored_reviews


async def show_week(request: Request) -> Response:
    return await in_thread(partial(_show_week, request))


def _show_week(request: Request) -> Response:
    who = person(request, "week page")
    if who is None:
        return _to_sign_in(request)
    slug = request.path_params["slug"]
    try:
        row = _row(who, request)
        document = stored_reviews.document(who, slug, row.digest)
        readers = stored_reviews.readers(who, slug, row.id)
    except RuleBroken as refused:
        return _refuse(who, refused)
    return week_page.page(
        slug, row, document, readers, is_read=who.user_id in {each["user_id"] for each in readers}
    )


async def mark_read(request: Request) -> Response:
    return await in_thread(partial(_mark_read, request))


def _mark_read(request: Request) -> Response:
    who = person(request, "week page")
    if who is None:
        return _to_sign_in(request)
    slug = request.path_params["slug"]
    try:
        reviews.mark_read(who, slug, _row(who, request).id)
    except RuleBroken as refused:
        return _refuse(who, refused)
    return RedirectResponse(_own_address(request), 303)


def _row(who: Actor, request: Request) -> stored_reviews.Week:
    """Return the week that the address names. Raises NotFound if it isn't frozen, or not for this person."""
    cycle, version = (_number(request.query_params.get(name)) for name in ("cycle", "version"))
    return stored_reviews.week(
        who, request.path_params["slug"], _asked(request.path_params["week"]), cycle, version
    )


def _asked(text: str) -> int | date:
    number = _number(text)
    if number is not None:
        return number
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound("There is no such week here.") from None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _own_address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _to_sign_in(request: Request) -> Response:
    return RedirectResponse(f"/session/sign-in?next={quote(_own_address(request), safe='/')}", 303)


def _refuse(who: Actor, refused: RuleBroken) -> Response:
    security_log.log_refusal(who, refused)
    status = 404 if isinstance(refused, NotFound) else 403
    return html_pages.full_page(
        "No week here", html_pages.refusal(str(refused)), status=status, style=week_page.STYLE
    )


async def _not_found(request: Request, error: Exception) -> Response:
    return PlainTextResponse("There is nothing at this address.", getattr(error, "status_code", 404))


routes = html_routes(
    [
        Route("/{slug}/{week}", show_week, methods=["GET"]),
        Route("/{slug}/{week}", mark_read, methods=["POST"]),
    ],
    _not_found,
)

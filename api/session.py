"""Signing in and out: the routes under /session. The gate has seen to it that only our own pages post to them."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from api import cookies, html_pages
from api.cookies import BROWSER_COOKIE, BROWSER_COOKIE_SECONDS, SESSION_COOKIE, now
from api.current_user import HASHES, MAX_WAITING, person
from api.forms import client_info, in_thread
from api.forms import read_form as form_of
from models.errors import HeadwayError, Refused
from services.people import accounts, sessions
from services.people.sessions import Begun

HOME = "/"
TO_SIGN = "/sign/"
WHY_TO_SIGN = (
    "Sign in to read and sign what you were asked for. A link to sign asks for no password only in a browser in which "
    "you signed in before, so that nobody else who held it can sign in your name."
)
BUSY = "Too many people are signing in at this moment. Nothing happened. Try again in a minute."


def safe_next(wanted: str | None) -> str:
    """Where to go next: a page of ours, or the first one where `wanted` is anything else."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/session/")):
        return HOME
    if any(ord(character) < 33 or character == "\\" for character in wanted):
        return HOME
    parts = urlsplit(wanted)
    # A browser takes those out, and what is left may begin with two slashes, or lead where `wanted` doesn't seem to.
    dots = {".", ".."} & {unquote(part) for part in parts.path.split("/")}
    return HOME if parts.scheme or parts.netloc or dots else wanted


def _came_from(request: Request) -> str:
    """The page of ours that sent the browser here, where none is named: it was open when its session ended."""
    address = cookies.address_of(request.scope)
    referrer = urlsplit(request.headers.get("referer", ""))
    if address is None or f"{referrer.scheme}://{referrer.netloc}" != address.origin:
        return HOME
    return safe_next(referrer.path + (f"?{referrer.query}" if referrer.query else ""))


async def _hashing(what: partial[Any]) -> Any:
    """Run what hashes a password, in its turn. Raises Refused where too many wait already."""
    if HASHES.statistics().tasks_waiting >= MAX_WAITING:
        raise Refused(BUSY)
    return await to_thread.run_sync(what, limiter=HASHES)


async def _begun(request: Request, begun: Begun, wanted: str) -> Response:
    """Go on as the person who has just signed in. Whoever was signed in here before isn't any more."""
    address = cookies.address_of(request.scope)
    before = cookies.cookie(request.scope, SESSION_COOKIE, address)
    if before is not None:
        await in_thread(partial(sessions.sign_out, before, now(), client_info(request)))
    response = RedirectResponse(wanted, 303)
    protected = {"httponly": True, "samesite": "lax", "secure": address.secure, "path": "/"}
    response.set_cookie(
        cookies.cookie_name(SESSION_COOKIE, address),
        begun.token,
        max_age=int(sessions.absolute().total_seconds()),
        **protected,
    )
    response.set_cookie(
        cookies.cookie_name(BROWSER_COOKIE, address),
        begun.browser_token,
        max_age=BROWSER_COOKIE_SECONDS,
        **protected,
    )
    return response


async def sign_in_page(request: Request) -> Response:
    wanted = request.query_params.get("next")
    wanted = safe_next(wanted) if wanted else _came_from(request)
    if await in_thread(partial(person, request, "session")) is not None:
        return RedirectResponse(wanted, 303)
    return _sign_in_form(wanted)


def _sign_in_form(wanted: str, email: str = "", refused: str = "", status: int = 200) -> Response:
    why = WHY_TO_SIGN if wanted.startswith(TO_SIGN) else ""
    return html_pages.page(
        "sign-in", "Sign in", refused=refused, status=status, next=wanted, email=email, why=why
    )


async def sign_in(request: Request) -> Response:
    form = await form_of(request)
    email, wanted = form.get("email", ""), safe_next(form.get("next"))
    attempt = partial(sessions.sign_in, email, form.get("password", ""), now(), client_info(request))
    try:
        return await _begun(request, await _hashing(attempt), wanted)
    except Refused as refused:
        status = 503 if str(refused) == BUSY else 401
        return _sign_in_form(wanted, email, str(refused), status)


async def enter_page(request: Request) -> Response:
    return html_pages.page("enter", "One-time link", script="enter.js")


async def enter(request: Request) -> Response:
    form = await form_of(request)
    use = partial(sessions.enter, form.get("token", ""), now(), client_info(request))
    try:
        begun = await in_thread(use)
    except Refused as refused:
        return html_pages.page("enter", "One-time link", refused=str(refused), status=401)
    wanted = safe_next(form.get("next"))
    return await _begun(request, begun, "/session/password" if begun.needs_password else wanted)


async def password_page(request: Request) -> Response:
    actor = await in_thread(partial(person, request, "session"))
    if actor is None:
        return RedirectResponse("/session/sign-in", 303)
    return await in_thread(partial(_password_form, actor, safe_next(request.query_params.get("next"))))


def _password_form(actor, wanted: str, refused: str = "") -> Response:
    """Shown again, with a sentence, where a password was refused."""
    asks = "yes" if accounts.needs_current_password(actor) else ""
    return html_pages.page(
        "password", "Choose a password", refused=refused, status=422 if refused else 200, next=wanted,
        email=accounts.me(actor).email, current=asks,
    )  # fmt: skip


async def choose_password(request: Request) -> Response:
    form = await form_of(request)
    wanted = safe_next(form.get("next"))
    actor = await in_thread(partial(person, request, "session"))
    if actor is None:
        return RedirectResponse("/session/sign-in", 303)
    choose = partial(accounts.choose_password, actor, form.get("password", ""), form.get("current", ""))
    try:
        await _hashing(choose)
    except HeadwayError as refused:
        return await in_thread(partial(_password_form, actor, wanted, str(refused)))
    return RedirectResponse(wanted, 303)


async def sign_out_page(request: Request) -> Response:
    actor = await in_thread(partial(person, request, "session"))
    if actor is None:
        return RedirectResponse("/session/sign-in", 303)
    return html_pages.page("sign-out", "Sign out", name=actor.name)


async def sign_out(request: Request) -> Response:
    form = await form_of(request)
    address = cookies.address_of(request.scope)
    actor = await in_thread(partial(person, request, "session"))
    if actor is not None and form.get("everywhere"):
        await in_thread(partial(sessions.end_all_sessions, actor))
    token = cookies.cookie(request.scope, SESSION_COOKIE, address)
    if token is not None:
        await in_thread(partial(sessions.sign_out, token, now(), client_info(request)))
    response = RedirectResponse("/session/sign-in?next=/", 303)
    response.delete_cookie(
        cookies.cookie_name(SESSION_COOKIE, address), secure=address.secure, httponly=True, samesite="lax"
    )
    return response


async def _file(request: Request) -> Response:
    return html_pages.file(request.url.path.rpartition("/")[2])


async def _nothing(request: Request, error: Exception) -> Response:
    return PlainTextResponse("There is nothing at this address.", getattr(error, "status_code", 404))


routes = Starlette(
    routes=[
        Route("/sign-in", sign_in_page, methods=["GET"]),
        Route("/sign-in", sign_in, methods=["POST"]),
        Route("/enter", enter_page, methods=["GET"]),
        Route("/enter", enter, methods=["POST"]),
        Route("/password", password_page, methods=["GET"]),
        Route("/password", choose_password, methods=["POST"]),
        Route("/sign-out", sign_out_page, methods=["GET"]),
        Route("/sign-out", sign_out, methods=["POST"]),
        *(Route(f"/{name}", _file, methods=["GET"]) for name in html_pages.FILES),
    ],
    exception_handlers={404: _nothing, 405: _nothing},
)

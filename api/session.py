"""Signing in and out: the routes under /session. `AuthMiddleware` lets only our own pages post to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from api import html_pages
from api import provider as provider_routes
from api.client_info import client_info
from api.cookies import (
    BROWSER_COOKIE,
    BROWSER_COOKIE_SECONDS,
    SESSION_COOKIE,
    delete_cookie,
    read_cookie,
    set_cookie,
)
from api.current_user import now, person
from api.forms import read_form
from api.html_routes import html_routes
from api.identity import IDENTITY_HEADER
from api.origins import own_origin
from api.threads import in_thread
from models.errors import HeadwayError, Refused
from models.people import Actor
from services.people import accounts, authentication, provider, sessions
from services.people.authentication import NewSession

T = TypeVar("T")
# One hash at a time leaves the other cores to everybody who is signed in; the rest wait here, not in threads.
HASHING = CapacityLimiter(1)
MAX_WAITING = 100
HOME = "/"
SIGN_OFF_PATH = "/sign/"
WHY_SIGN_IN = (
    "Sign in to read and sign what you were asked for. A link to sign asks for no password only in a browser in which "
    "you signed in before, so that nobody else who held it can sign in your name."
)
WHY_SIGNED_OUT = (
    "You were signed out, because your session had ended. "
    "What you had typed and not saved by then was not saved."
)
BUSY = "Too many people are signing in at this moment. Nothing happened. Try again in a minute."


def safe_next(wanted: str | None) -> str:
    """Return where to go next: the path `wanted` if it is a page of ours, and else the first page."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/session/")):
        return HOME
    if any(ord(character) < 33 or character == "\\" for character in wanted):
        return HOME
    parts = urlsplit(wanted)
    # A browser resolves "." and "..": what is left may begin with two slashes, or lead where `wanted` doesn't seem to.
    dots = {".", ".."} & {unquote(part) for part in parts.path.split("/")}
    return HOME if parts.scheme or parts.netloc or dots else wanted


def _came_from(request: Request) -> str:
    """Return the page of ours that sent the browser here, where none is named: it was open when its session ended."""
    referrer = urlsplit(request.headers.get("referer", ""))
    if f"{referrer.scheme}://{referrer.netloc}" != str(own_origin(request.scope)):
        return HOME
    return safe_next(referrer.path + (f"?{referrer.query}" if referrer.query else ""))


async def hash_in_turn(function: Callable[[], T]) -> T:
    """Return what a function that hashes a password returns, run in its turn. Raises Refused if too many wait."""
    if HASHING.statistics().tasks_waiting >= MAX_WAITING:
        raise Refused(BUSY)
    return await in_thread(function, HASHING)


async def begin_session(request: Request, session: NewSession, wanted: str) -> Response:
    """Redirect to `wanted` as the person who has just signed in; end the session that the browser had before."""
    origin = own_origin(request.scope)
    previous = read_cookie(request.scope, SESSION_COOKIE, origin)
    if previous is not None:
        await in_thread(partial(sessions.sign_out, previous, now(), client_info(request)))
    response = RedirectResponse(wanted, 303)
    seconds = int(sessions.absolute_timeout().total_seconds())
    set_cookie(response, SESSION_COOKIE, session.token, origin, seconds)
    set_cookie(response, BROWSER_COOKIE, session.browser_token, origin, BROWSER_COOKIE_SECONDS)
    return response


async def sign_in_page(request: Request) -> Response:
    wanted = request.query_params.get("next")
    wanted = safe_next(wanted) if wanted else _came_from(request)
    if await in_thread(partial(person, request, "session")) is not None:
        return RedirectResponse(wanted, 303)
    return _sign_in_form(wanted, ended="ended" in request.query_params)


def _sign_in_form(
    wanted: str, email: str = "", refused: str = "", status: int = 200, *, ended: bool = False
) -> Response:
    why = WHY_SIGN_IN if wanted.startswith(SIGN_OFF_PATH) else ""
    by_provider = "yes" if provider.is_configured() else ""
    return html_pages.page(
        "sign-in",
        "Sign in",
        refused=refused,
        status=status,
        next=wanted,
        email=email,
        why=why,
        ended=WHY_SIGNED_OUT if ended else "",
        provider=by_provider,
    )


async def reopen(request: Request) -> Response:
    """Lead back to the page that sent the browser here: the dashboard has forgotten it, and draws it anew."""
    return RedirectResponse(_came_from(request), 303)


async def count_use(request: Request) -> Response:
    """Answer a page on which somebody types or points: `AuthMiddleware` has counted this as use, if the session lasts."""
    return Response(status_code=204 if IDENTITY_HEADER in request.headers else 401)


async def go_to_provider(request: Request) -> Response:
    return await provider_routes.go_to_provider(request, safe_next(request.query_params.get("next")))


async def come_back(request: Request) -> Response:
    return await provider_routes.come_back(request, begin_session, safe_next)


async def sign_in(request: Request) -> Response:
    form = await read_form(request)
    email, wanted = form.get("email", ""), safe_next(form.get("next"))
    attempt = partial(authentication.sign_in, email, form.get("password", ""), now(), client_info(request))
    try:
        return await begin_session(request, await hash_in_turn(attempt), wanted)
    except Refused as refused:
        status = 503 if str(refused) == BUSY else 401
        return _sign_in_form(wanted, email, str(refused), status)


async def enter_page(request: Request) -> Response:
    return html_pages.page("enter", "One-time link", script="enter.js")


async def enter(request: Request) -> Response:
    form = await read_form(request)
    use = partial(authentication.sign_in_by_link, form.get("token", ""), now(), client_info(request))
    try:
        session = await in_thread(use)
    except Refused as refused:
        return html_pages.page("enter", "One-time link", refused=str(refused), status=401)
    wanted = safe_next(form.get("next"))
    return await begin_session(request, session, "/session/password" if session.needs_password else wanted)


async def password_page(request: Request) -> Response:
    actor = await in_thread(partial(person, request, "session"))
    if actor is None:
        return RedirectResponse("/session/sign-in", 303)
    return await in_thread(partial(_password_form, actor, safe_next(request.query_params.get("next"))))


def _password_form(actor: Actor, wanted: str, refused: str = "") -> Response:
    """Return the form, with the sentence that refused a password if one was."""
    asks_current = "yes" if accounts.needs_current_password(actor) else ""
    return html_pages.page(
        "password", "Choose a password", refused=refused, status=422 if refused else 200, next=wanted,
        email=accounts.own_account(actor).email, current=asks_current,
    )  # fmt: skip


async def choose_password(request: Request) -> Response:
    form = await read_form(request)
    wanted = safe_next(form.get("next"))
    actor = await in_thread(partial(person, request, "session"))
    if actor is None:
        return RedirectResponse("/session/sign-in", 303)
    choose = partial(accounts.choose_password, actor, form.get("password", ""), form.get("current", ""))
    try:
        await hash_in_turn(choose)
    except HeadwayError as refused:
        return await in_thread(partial(_password_form, actor, wanted, str(refused)))
    return RedirectResponse(wanted, 303)


async def sign_out_page(request: Request) -> Response:
    actor = await in_thread(partial(person, request, "session"))
    if actor is None:
        return RedirectResponse("/session/sign-in", 303)
    return html_pages.page("sign-out", "Sign out", name=actor.name)


async def sign_out(request: Request) -> Response:
    form = await read_form(request)
    origin = own_origin(request.scope)
    actor = await in_thread(partial(person, request, "session"))
    if actor is not None and form.get("everywhere"):
        await in_thread(partial(sessions.end_all_sessions, actor))
    token = read_cookie(request.scope, SESSION_COOKIE, origin)
    if token is not None:
        await in_thread(partial(sessions.sign_out, token, now(), client_info(request)))
    response = await _after_sign_out(actor)
    delete_cookie(response, SESSION_COOKIE, origin)
    return response


async def _after_sign_out(actor: Actor | None) -> Response:
    """Return where to go: who came from the identity provider signs out there as well."""
    if actor is not None and await in_thread(partial(sessions.began_by_provider, actor.session_id)):
        there = await in_thread(provider.sign_out_address)
        if there:
            # Browsers let no form be redirected to another origin (`form-action`): this page goes there by itself.
            page = html_pages.page("signed-out", "Signed out", address=there)
            page.headers["refresh"] = f"0; url={there}"
            return page
    return RedirectResponse("/session/sign-in?next=/", 303)


async def _file(request: Request) -> Response:
    return html_pages.file(request.url.path.rpartition("/")[2])


async def _not_found(request: Request, error: Exception) -> Response:
    return PlainTextResponse("There is nothing at this address.", getattr(error, "status_code", 404))


routes = html_routes(
    [
        Route("/sign-in", sign_in_page, methods=["GET"]),
        Route("/sign-in", sign_in, methods=["POST"]),
        Route("/reopen", reopen, methods=["GET"]),
        Route("/use", count_use, methods=["POST"]),
        Route("/provider", go_to_provider, methods=["GET"]),
        Route("/provider/callback", come_back, methods=["GET"]),
        Route("/enter", enter_page, methods=["GET"]),
        Route("/enter", enter, methods=["POST"]),
        Route("/password", password_page, methods=["GET"]),
        Route("/password", choose_password, methods=["POST"]),
        Route("/sign-out", sign_out_page, methods=["GET"]),
        Route("/sign-out", sign_out, methods=["POST"]),
        *(Route(f"/{name}", _file, methods=["GET"]) for name in html_pages.FILES),
    ],
    _not_found,
)

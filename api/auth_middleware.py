"""The middleware in front of the dashboard and the API: it authenticates every request and every websocket message.

It answers only under our own host names, takes the identity from the session store alone, lets only pages of our own
origin change something or open the websocket, and looks the session up again for each message of a websocket: once a
session has ended, not one more callback or timed fragment runs.
"""

from __future__ import annotations

import logging
from asyncio import CancelledError
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import request_response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import metrics, trouble
from api.cookies import SESSION_COOKIE, read_cookie
from api.current_user import now
from api.health import PATHS as ANY_HOST_PATHS
from api.identity import with_identity, without_identity
from api.origins import Origin, find_origin, is_same_origin
from api.page_owners import FileOwners, PageConnection, PageOwners
from api.request_log import REQUEST_ID, area_of
from api.response_headers import ResponseSender, response_headers
from models.errors import Unavailable
from services.people import sessions
from services.people.sessions import SignedIn

log = logging.getLogger("headway.auth")

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# Not served at all: Streamlit's own sign-in, its counters, and driving a page without a browser.
BLOCKED_PATHS = (
    "/auth/",
    "/oauth2callback",
    "/_stcore/metrics",
    "/_stcore/agent/",
    "/_stcore/script-health-check",
)
# The scripts and icons of pages: the same for everybody.
STATIC_PATHS = ("/static/", "/assets/")
# Served to everybody: what a browser needs in order to sign in again, and what authenticates its requests itself.
PUBLIC_PATHS = (
    *STATIC_PATHS,
    "/session/",
    "/sign/",
    "/api/",
    "/_stcore/health",
    "/_stcore/host-config",
)
# What a page loads, as opposed to pages.
RESOURCE_PATHS = ("/_stcore/", "/media/", "/component/")
POLICY_VIOLATION, TRY_AGAIN_LATER = 1008, 1013
"""Codes with which a websocket is closed (RFC 6455 and its registry)."""
LOOKUP_THREADS = 8
"""Sessions are looked up in threads of their own: neither hashing nor sending files can use those up."""
SESSION_ENDED = "/session/sign-in?ended=yes"
"""The sign-in page, saying that the session of an open page has ended."""
REOPEN = "/session/reopen"
"""Leads back to the page that the browser was on."""


_PROMETHEUS = request_response(metrics.metrics)


@dataclass(frozen=True)
class DashboardProtocol:
    """What the middleware has to understand of the dashboard's messages.

    `page_id` returns the page's id from a message to the browser. `is_timed` tells a timed message of the browser from
    a person's. `redirect` makes a message that sends the browser to an address. `file_paths` returns the paths of the
    files that a message tells the browser to load. `remembers_for` is how many seconds the dashboard keeps a page whose
    connection is lost.
    """

    page_id: Callable[[bytes], str | None]
    is_timed: Callable[[bytes], bool]
    redirect: Callable[[str], bytes]
    file_paths: Callable[[bytes], Iterable[str]]
    remembers_for: float = 120


class AuthMiddleware:
    """The ASGI middleware. `protocol` reads and writes the messages of the dashboard behind it."""

    def __init__(self, app: ASGIApp, protocol: DashboardProtocol) -> None:
        self.app = app
        self.protocol = protocol
        self.pages = PageOwners()
        self.files = FileOwners()
        self.limiter = CapacityLimiter(LOOKUP_THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = find_origin(scope) if scope["type"] in ("http", "websocket") else None
        if scope["type"] == "websocket":
            await self._websocket(without_identity(scope), receive, send, origin)
        elif scope["type"] == "http":
            sender = ResponseSender(send, response_headers(scope["path"], origin))
            await self._respond(without_identity(scope), receive, sender, origin)
        else:
            await self.app(scope, receive, send)

    async def _respond(
        self, scope: Scope, receive: Receive, send: ResponseSender, origin: Origin | None
    ) -> None:
        """Answer a request. An error that nobody caught is logged; its text, which may hold paths and values, isn't
        sent."""
        try:
            await self._http(scope, receive, send, origin)
        except ClientDisconnect:
            log.debug("%s: the browser went away while it sent", scope["method"])
        except Unavailable as refused:
            if send.started:
                raise
            await trouble.unavailable(scope, refused)(scope, receive, send)
        except CancelledError:
            # The program ends, and waits no longer for this request.
            if not send.started:
                await trouble.going_down(scope)(scope, receive, send)
            elif not send.complete:
                raise
        except Exception:
            request_id = scope.get(REQUEST_ID, "")
            log.exception(
                "%s %s failed", scope["method"], area_of(scope["path"]), extra={"request_id": request_id}
            )
            if not send.started:
                await trouble.failed(scope, request_id)(scope, receive, send)
            elif not send.complete:
                # It is too late for a status: the server cuts the response off.
                raise

    async def _http(self, scope: Scope, receive: Receive, send: Send, origin: Origin | None) -> None:
        if scope["path"] in ANY_HOST_PATHS and scope["method"] in SAFE_METHODS:
            answer: ASGIApp = self.app
        elif scope["path"] == "/metrics" and _has_token(scope):
            # Prometheus asks where the page "Metrics" is: a browser sends no token.
            answer = _PROMETHEUS
        elif origin is None:
            answer = PlainTextResponse("Headway has no pages at this address.", 400)
        elif scope["path"].startswith(BLOCKED_PATHS):
            answer = PlainTextResponse("There is nothing at this address.", 404)
        elif _is_foreign_change(scope, origin):
            answer = PlainTextResponse("This came from another site. Nothing was done.", 403)
        else:
            user = await self._user_of(scope, origin) if _takes_session(scope, origin) else None
            scope = scope if user is None else with_identity(scope, user.session_id)
            answer = self._refusal(scope, user) or self.app
        await answer(scope, receive, send)

    def _refusal(self, scope: Scope, user: SignedIn | None) -> Response | None:
        """Return the response to a request that isn't passed on, for `user` or for nobody; None for any other."""
        path = scope["path"]
        if user is None and not f"{path}/".startswith(PUBLIC_PATHS):
            return _ask_to_sign_in(scope)
        if path.startswith("/_stcore/upload_file/") and not self._is_own_page(path.split("/")[3], user):
            return PlainTextResponse("There is no such page of yours.", 404)
        if path.startswith("/media/") and not self._is_own_file(path, user):
            return PlainTextResponse("There is no such file of yours.", 404)
        return None

    async def _websocket(self, scope: Scope, receive: Receive, send: Send, origin: Origin | None) -> None:
        if origin is None or not is_same_origin(scope, origin):
            await _reject(receive, send)
            return
        try:
            user = await self._user_of(scope, origin)
        except Unavailable:
            # The browser's page tries again by itself.
            await _reject(receive, send, TRY_AGAIN_LATER)
            return
        if user is None:
            await self._accept_and_redirect(scope, receive, send, SESSION_ENDED)
            return
        page_id = _reconnected_page(scope)
        if page_id is not None and self.pages.get(page_id) not in (None, user.session_id):
            # The page was opened in another session: what the browser still shows of it isn't this person's.
            await self._accept_and_redirect(scope, receive, send, f"{SESSION_ENDED}&next=/")
            return
        # A moment less: the dashboard has begun to count before.
        if page_id is not None and not self.pages.is_remembered(page_id, self.protocol.remembers_for - 1):
            # The dashboard would take the page's messages and do nothing: its form or dialog isn't known any more.
            await self._accept_and_redirect(scope, receive, send, REOPEN)
            return
        scope = with_identity(scope, user.session_id)
        metrics.count_page(1)
        connection = PageConnection(self.pages, user.session_id)
        if page_id is not None:
            connection.open(page_id)
        try:
            await self.app(scope, self._checked(receive, send, user), self._recorded(send, user, connection))
        finally:
            connection.close()
            metrics.count_page(-1)

    def _checked(self, receive: Receive, send: Send, user: SignedIn) -> Receive:
        """Return a `receive` that passes on the browser's messages while the session lasts, and disconnects then."""

        async def receive_checked() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            metrics.count_rerun()
            by_person = not self.protocol.is_timed(message.get("bytes") or b"")
            look_up = partial(sessions.by_id, user.session_id, now(), counts_as_use=by_person)
            try:
                if await self._in_thread(look_up) is not None:
                    return message
            except Unavailable:
                # The page's script asks again before it does anything, and waits until there is an answer.
                return message
            await self._redirect(send, SESSION_ENDED)
            return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}

        return receive_checked

    def _recorded(self, send: Send, user: SignedIn, connection: PageConnection) -> Send:
        """Return a `send` that records the page's id from the dashboard's first message, and the files it names."""

        async def send_recorded(message: Message) -> None:
            data = message.get("bytes") or b""
            page_id = self.protocol.page_id(data) if data and connection.page_id is None else None
            if page_id is not None:
                connection.open(page_id)
            for path in self.protocol.file_paths(data):
                self.files.add(path, user.session_id)
            await send(message)

        return send_recorded

    async def _accept_and_redirect(self, scope: Scope, receive: Receive, send: Send, address: str) -> None:
        """Accept a websocket only to make the browser's page open another address."""
        await receive()
        subprotocol = next(iter(scope.get("subprotocols") or ()), None)
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        await self._redirect(send, address)

    async def _redirect(self, send: Send, address: str) -> None:
        await _send_if_open(send, {"type": "websocket.send", "bytes": self.protocol.redirect(address)})
        await _send_if_open(send, {"type": "websocket.close", "code": POLICY_VIOLATION})

    def _is_own_page(self, page_id: str, user: SignedIn | None) -> bool:
        return user is not None and self.pages.get(page_id) == user.session_id

    def _is_own_file(self, path: str, user: SignedIn | None) -> bool:
        return user is not None and self.files.owns(user.session_id, path)

    async def _user_of(self, scope: Scope, origin: Origin) -> SignedIn | None:
        token = read_cookie(scope, SESSION_COOKIE, origin)
        if token is None:
            return None
        look_up = partial(sessions.by_token, token, now(), counts_as_use=_is_by_person(scope))
        return await self._in_thread(look_up)

    async def _in_thread(self, look_up: Callable[[], SignedIn | None]) -> SignedIn | None:
        return await to_thread.run_sync(look_up, limiter=self.limiter)


def _is_of_api(scope: Scope) -> bool:
    return f"{scope['path']}/".startswith("/api/")


# A mail program posts here from no page (RFC 8058). The token in the link is all that counts; no session does.
ONE_CLICK_PATH = "/sign/unsubscribe"


def _has_token(scope: Scope) -> bool:
    return Headers(scope=scope).get("authorization", "").startswith("Bearer ")


def _is_foreign(scope: Scope, origin: Origin) -> bool:
    """Whether the request would change something and doesn't come from a page of ours."""
    return scope["method"] not in SAFE_METHODS and not is_same_origin(scope, origin)


def _is_foreign_change(scope: Scope, origin: Origin) -> bool:
    """Whether the request is refused for its origin. Programs may call the API from anywhere, without a cookie."""
    return _is_foreign(scope, origin) and not _is_of_api(scope) and scope["path"] != ONE_CLICK_PATH


def _takes_session(scope: Scope, origin: Origin) -> bool:
    """Whether the session cookie counts. It doesn't for files that are the same for everybody, and for calls of the
    API with a token or from another site: a cookie that came along must not lend a program somebody's rights."""
    if _is_of_api(scope):
        return "authorization" not in Headers(scope=scope) and not _is_foreign(scope, origin)
    return scope["path"] != ONE_CLICK_PATH and not scope["path"].startswith(STATIC_PATHS)


def _is_by_person(scope: Scope) -> bool:
    """Whether the request is a person's act. What an open page loads, and its connecting again, goes on by itself."""
    if scope["type"] == "websocket":
        return False
    return scope["method"] not in SAFE_METHODS or not scope["path"].startswith(RESOURCE_PATHS)


def _ask_to_sign_in(scope: Scope) -> Response:
    """Return a redirect to the sign-in and back for a page, and status 401 for anything else."""
    accepts = Headers(scope=scope).get("accept", "*/*")
    is_page = ("text/html" in accepts or accepts == "*/*") and not scope["path"].startswith(RESOURCE_PATHS)
    if scope["method"] != "GET" or not is_page:
        return JSONResponse({"detail": "Sign in first."}, 401)
    query = scope["query_string"].decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    return RedirectResponse(f"/session/sign-in?next={quote(wanted, safe='/')}", 303)


def _reconnected_page(scope: Scope) -> str | None:
    """Return the id of the page whose connection was lost: the third of the dashboard's "subprotocols"."""
    given = Headers(scope=scope).get("sec-websocket-protocol", "").split(",")
    return given[2].strip() or None if len(given) > 2 else None


async def _reject(receive: Receive, send: Send, code: int = POLICY_VIOLATION) -> None:
    await receive()
    await send({"type": "websocket.close", "code": code})


async def _send_if_open(send: Send, message: Message) -> None:
    """Send to a browser that may have disconnected already."""
    try:
        await send(message)
    except (OSError, RuntimeError) as closed:
        log.debug("the browser had disconnected: %s", closed)

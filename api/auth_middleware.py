"""The gate: one layer before the dashboard and the API, through which everything passes.

It answers only under our own names, takes identity from nobody but the session store, lets in over the websocket and
to anything that changes something only pages of our own origin, and looks again at each message of a websocket:
once a session has ended, not one more callback or timed fragment runs.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import cookies
from api.cookies import IDENTITY, IDENTITY_NAMES, IDENTITY_PREFIXES, SESSION_COOKIE, Address
from services.people import sessions
from services.people.sessions import SignedIn

log = logging.getLogger("headway.gate")

# The one line of script in Streamlit's own page, `window.prerenderReady = false`.
STREAMLITS_LINE = "'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='"
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        f"script-src 'self' 'wasm-unsafe-eval' {STREAMLITS_LINE}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Under "no-referrer" browsers would send the origin of a form as "null".
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
UNCHANGING = ("GET", "HEAD", "OPTIONS")
# Not served at all: Streamlit's own sign-in, its counters, and driving a page without a browser.
CLOSED = ("/auth/", "/oauth2callback", "/_stcore/metrics", "/_stcore/agent/", "/_stcore/script-health-check")
# The scripts and marks of pages: the same for everybody.
STATIC = ("/static/", "/assets/")
# Served to everybody: what a browser needs to find out that it has to sign in again, and what asks by itself who it is.
OPEN = (*STATIC, "/session/", "/sign/", "/api/", "/_stcore/health", "/_stcore/host-config")
# What pages are made of, as opposed to pages.
PARTS = ("/_stcore/", "/media/", "/component/")
POLICY_VIOLATION = 1008
# Sessions are looked up in threads of their own: neither hashes nor files that are sent can use those up.
LOOK_UPS = 8
REMEMBERED_PAGES = 10_000
REMEMBERED_FILES = 100_000


@dataclass(frozen=True)
class DashboardProtocol:
    """What the gate has to understand of the dashboard's messages.

    `page_id` finds the id of a page in a message to the browser, `asks_by_itself` tells a timed message of the browser
    from a person's, `leave` makes a message that sends the browser to an address, and `files` finds the paths of the
    files that a message to the browser tells of.
    """

    page_id: Callable[[bytes], str | None]
    asks_by_itself: Callable[[bytes], bool]
    leave: Callable[[str], bytes]
    files: Callable[[bytes], Iterable[str]]


@dataclass
class Pages:
    """Whose a page is: the session that it was opened in, by the page's id."""

    owners: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def remember(self, page_id: str, session_id: int) -> None:
        self.owners[page_id] = session_id
        while len(self.owners) > REMEMBERED_PAGES:
            self.owners.popitem(last=False)


@dataclass
class Files:
    """Whose the files of pages are: each session's those that it was told of, by their paths.

    The dashboard names a file by its content, and would hand it to whoever knows the name.
    """

    told: OrderedDict[tuple[int, str], None] = field(default_factory=OrderedDict)

    def remember(self, path: str, session_id: int) -> None:
        self.told[session_id, path] = None
        self.told.move_to_end((session_id, path))
        while len(self.told) > REMEMBERED_FILES:
            self.told.popitem(last=False)

    def are_of(self, path: str, session_id: int) -> bool:
        return (session_id, path) in self.told


class AuthMiddleware:
    """The ASGI layer. `wire` is how the dashboard behind it speaks."""

    def __init__(self, app: ASGIApp, wire: DashboardProtocol) -> None:
        self.app = app
        self.wire = wire
        self.pages = Pages()
        self.files = Files()
        self.limiter = CapacityLimiter(LOOK_UPS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        is_websocket = scope["type"] == "websocket"
        address = cookies.address_of(scope)
        respond = send if is_websocket else _with_headers(send, scope["path"], address)
        if address is None:
            if is_websocket:
                await _turn_away(receive, send)
            else:
                await PlainTextResponse("This isn't the address of anything here.", 400)(
                    scope, receive, respond
                )
            return
        scope = {**scope, "headers": _without_identity(scope["headers"])}
        if is_websocket:
            await self._websocket(scope, receive, send, address)
        else:
            try:
                await self._http(scope, receive, respond, address)
            except Exception:
                # What went wrong is for the log; its words may hold paths and values.
                log.exception("%s %s failed", scope["method"], scope["path"])
                if respond.began:
                    # Nothing can be said any more; what isn't whole yet is cut off.
                    if not respond.ended:
                        raise
                    return
                await PlainTextResponse("Something went wrong here. Nothing was changed.", 500)(
                    scope, receive, respond
                )

    async def _http(self, scope: Scope, receive: Receive, send: _Sender, address: Address) -> None:
        path = scope["path"]
        if path.startswith(CLOSED):
            await PlainTextResponse("There is nothing at this address.", 404)(scope, receive, send)
            return
        of_api = f"{path}/".startswith("/api/")
        # A program says who it is itself: a cookie that came along must not lend it somebody's rights.
        nobody = of_api and "authorization" in Headers(scope=scope)
        if scope["method"] not in UNCHANGING and not cookies.same_origin(scope, address):
            if not of_api:
                refusal = PlainTextResponse("This came from another site. Nothing was done.", 403)
                await refusal(scope, receive, send)
                return
            nobody = True
        who = None if nobody or path.startswith(STATIC) else await self._whose(scope, address)
        if who is not None:
            scope = _as(scope, who)
        elif not f"{path}/".startswith(OPEN):
            await _sign_in_first(scope)(scope, receive, send)
            return
        if path.startswith("/_stcore/upload_file/") and not self._is_own_page(path.split("/")[3], who):
            await PlainTextResponse("There is no such page of yours.", 404)(scope, receive, send)
            return
        if path.startswith("/media/") and not self._is_own_file(path, who):
            await PlainTextResponse("There is no such file of yours.", 404)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send, address: Address) -> None:
        if not cookies.same_origin(scope, address):
            await _turn_away(receive, send)
            return
        who = await self._whose(scope, address)
        if who is None:
            await self._send_away(scope, receive, send, "/session/sign-in")
            return
        page_id = _page_asked_for(scope)
        if page_id is not None and self.pages.owners.get(page_id, who.session_id) != who.session_id:
            # Another session left it open: what the browser still holds of it isn't this person's.
            await self._send_away(scope, receive, send, "/")
            return
        await self.app(_as(scope, who), self._checked(receive, send, who), self._noting(send, who))

    def _checked(self, receive: Receive, send: Send, who: SignedIn) -> Receive:
        """Pass on the browser's messages for as long as the session lasts; then say goodbye instead."""

        async def pass_on() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            data = message.get("bytes") or b""
            by_person = not self.wire.asks_by_itself(data)
            look = partial(sessions.still, who.session_id, cookies.now(), by_person=by_person)
            if await self._in_thread(look) is not None:
                return message
            await self._leave(send, "/session/sign-in")
            return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}

        return pass_on

    def _noting(self, send: Send, who: SignedIn) -> Send:
        """Note which page this is, from what the dashboard sends first; and which files it tells the page of."""
        known = False

        async def note(message: Message) -> None:
            nonlocal known
            data = message.get("bytes") or b""
            if not known and data:
                page_id = self.wire.page_id(data)
                if page_id is not None:
                    self.pages.remember(page_id, who.session_id)
                    known = True
            for path in self.wire.files(data):
                self.files.remember(path, who.session_id)
            await send(message)

        return note

    async def _send_away(self, scope: Scope, receive: Receive, send: Send, where: str) -> None:
        """Let the browser's page open another address instead of what it asked for."""
        await receive()
        protocol = next(iter(scope.get("subprotocols") or ()), None)
        await send({"type": "websocket.accept", "subprotocol": protocol})
        await self._leave(send, where)

    async def _leave(self, send: Send, where: str) -> None:
        await _quietly(send, {"type": "websocket.send", "bytes": self.wire.leave(where)})
        await _quietly(send, {"type": "websocket.close", "code": POLICY_VIOLATION})

    def _is_own_page(self, page_id: str, who: SignedIn | None) -> bool:
        return who is not None and self.pages.owners.get(page_id) == who.session_id

    def _is_own_file(self, path: str, who: SignedIn | None) -> bool:
        return who is not None and self.files.are_of(path, who.session_id)

    async def _whose(self, scope: Scope, address: Address) -> SignedIn | None:
        token = cookies.cookie(scope, SESSION_COOKIE, address)
        if token is None:
            return None
        return await self._in_thread(partial(sessions.whose, token, cookies.now()))

    async def _in_thread(self, look: Callable[[], SignedIn | None]) -> SignedIn | None:
        return await to_thread.run_sync(look, limiter=self.limiter)


class _Sender:
    """Sends a response with our headers on it, and knows how far it came."""

    def __init__(self, send: Send, headers: dict[str, str]) -> None:
        self.send, self.headers = send, headers
        self.began = self.ended = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.began = True
            headers = MutableHeaders(scope=message)
            for name, value in self.headers.items():
                headers[name] = value
            if "cache-control" not in headers:
                headers["cache-control"] = "no-store"
        await self.send(message)
        self.ended = message["type"] == "http.response.body" and not message.get("more_body", False)


def _with_headers(send: Send, path: str, address: Address | None) -> _Sender:
    headers = dict(HEADERS)
    if address is not None and address.secure:
        headers["strict-transport-security"] = "max-age=31536000"
    if path.startswith("/session/"):
        headers["cache-control"] = "no-store"
    return _Sender(send, headers)


def _without_identity(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers but those that say who somebody is. Some servers take a dash and an underscore for the same."""
    kept = []
    for name, value in headers:
        plain = name.decode("latin-1").lower().replace("_", "-")
        if not plain.startswith(IDENTITY_PREFIXES) and plain not in IDENTITY_NAMES:
            kept.append((name, value))
    return kept


def _as(scope: Scope, who: SignedIn) -> Scope:
    identity = (IDENTITY.encode(), str(who.session_id).encode())
    return {**scope, "headers": [*scope["headers"], identity]}


def _sign_in_first(scope: Scope):
    """To a page: the way to the sign-in, and back. To anything else: no."""
    accepts = Headers(scope=scope).get("accept", "*/*")
    wants_page = ("text/html" in accepts or accepts == "*/*") and not scope["path"].startswith(PARTS)
    if scope["method"] != "GET" or not wants_page:
        return JSONResponse({"detail": "Sign in first."}, 401)
    query = scope["query_string"].decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    return RedirectResponse(f"/session/sign-in?next={quote(wanted, safe='/')}", 303)


def _page_asked_for(scope: Scope) -> str | None:
    """The id of the page that a browser was cut off from: the third of the dashboard's "subprotocols"."""
    given = Headers(scope=scope).get("sec-websocket-protocol", "").split(",")
    return given[2].strip() or None if len(given) > 2 else None


async def _turn_away(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": POLICY_VIOLATION})


async def _quietly(send: Send, message: Message) -> None:
    """Send to a browser that may be gone already."""
    try:
        await send(message)
    except (OSError, RuntimeError) as gone:
        log.debug("the browser was gone: %s", gone)

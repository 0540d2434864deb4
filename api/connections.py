"""Bounds on every connection, in front of everything else: how many there are, and how long each may do nothing.

A connection that has no complete request is *waiting*. Where there are too many, the one that has been silent for the
longest makes room: a visitor, whose request comes at once, always gets in. Websockets and requests that are carried out
are never closed for others.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from types import FrameType
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api import metrics
from models.limited_log import LimitedLog
from models.settings import settings

try:
    import resource
except ImportError:  # not a POSIX system: there is no such limit there
    resource = None  # type: ignore[assignment]

HEADER_SECONDS = 10.0
"""From the first byte of a request, or from connecting, to the end of its headers."""
BODY_IDLE_SECONDS = 20.0
"""Without a byte of a body that was announced."""
BODY_SECONDS = 600.0
READER_SECONDS = 60.0
"""In which a client takes none of what it is sent."""
CHECK_SECONDS = 2.0
MAX_WAITING_PER_ADDRESS = 64
BACKLOG = 64
"""Connections that the system holds until they are accepted. All of them are accepted before the first is looked at."""
# A connection that is closed for being one too many is gone three rounds of the event loop after it was accepted.
KEPT_FILES = 200 + 3 * BACKLOG
"""Open files that connections leave for those in hand, the database, uploads and exports."""
SHUTDOWN_SECONDS, LAST_SECONDS = 5, 9
"""After SIGTERM: until requests are interrupted, and until the process ends whatever is left."""
KEEP_ALIVE_SECONDS, PROXY_KEEP_ALIVE_SECONDS = 5, 75
"""Longer than a proxy keeps its connections, or it would send a request into one that is being closed."""
_TEXT = b"Too many connections. Try again in 5 seconds.\n"
REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(_TEXT)
) + _TEXT


class Connections:
    """The open connections of this process, by address."""

    def __init__(self, most: int, most_of_address: int, proxies: Iterable[str] = ()) -> None:
        self.most, self.most_of_address = most, most_of_address
        self._any_is_proxy = "*" in proxies
        self._proxies = [ip_network(name, strict=False) for name in proxies if name != "*"]
        self._open: dict[str, set[BoundedProtocol]] = {}
        self.log = LimitedLog("headway.connections")

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    def admit(self, protocol: BoundedProtocol) -> bool:
        """Add a connection, closing a waiting one where there are too many. Returns False if there is no room."""
        own = self._open.get(protocol.address, set())
        is_proxy = self._is_proxy(protocol.address)
        waiting = [other for other in own if other.is_waiting()]
        if not is_proxy and len(waiting) >= MAX_WAITING_PER_ADDRESS:
            self._close_one(waiting, "too many unfinished requests of one address")
        elif not is_proxy and len(own) >= self.most_of_address:
            if not self._close_one(waiting, "too many connections of one address"):
                return False
        elif len(self) >= self.most:
            everywhere = [other for others in self._open.values() for other in others if other.is_waiting()]
            if not self._close_one(everywhere, "too many connections"):
                return False
        self._open.setdefault(protocol.address, set()).add(protocol)
        return True

    def remove(self, protocol: BoundedProtocol) -> None:
        """Forget a connection that has ended."""
        own = self._open.get(protocol.address, set())
        own.discard(protocol)
        if not own:
            self._open.pop(protocol.address, None)

    def report(self, reason: str, address: str) -> None:
        """Count a connection that was closed or refused, and log it once a minute and reason."""
        metrics.count_refused(reason)
        self.log.warning(reason, f"closed a connection of {address}")

    def _close_one(self, waiting: list[BoundedProtocol], reason: str) -> bool:
        if not waiting:
            return False
        min(waiting, key=lambda other: other.heard_at).abort(reason)
        return True

    def _is_proxy(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return True  # a socket of this machine
        return (
            self._any_is_proxy
            or parsed.is_loopback
            and not self._proxies
            or any(parsed in network for network in self._proxies if network.version == parsed.version)
        )


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """A websocket that is counted until it ends."""

    http: BoundedProtocol | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.http is not None:
            self.http.forget()


class BoundedProtocol(H11Protocol):
    """An HTTP connection with its deadlines. `all` are the connections that it belongs to."""

    all: Connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else "a local socket"
        self.heard_at = self.loop.time()
        self.request_since: float | None = self.heard_at
        self.unread_since: float | None = None
        self._check: asyncio.TimerHandle | None = None
        if not self.all.admit(self):
            self.all.report("refused, as there are too many connections", self.address)
            transport.write(REFUSAL)
            transport.close()
            return
        self._check = self.loop.call_later(CHECK_SECONDS, self._look)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.loop.time()
        if self.request_since is None:
            self.request_since = self.heard_at
        super().data_received(data)

    def on_response_complete(self) -> None:
        self.request_since = None
        super().on_response_complete()

    def pause_writing(self) -> None:
        self.unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self.unread_since = None
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.forget()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        if self._check is not None:
            self._check.cancel()
        self.request_since = None
        super().handle_websocket_upgrade(event)
        websocket = self.transport.get_protocol()
        if isinstance(websocket, BoundedWebSocket):
            self.is_websocket = True
            websocket.http = self

    is_websocket = False

    def is_waiting(self) -> bool:
        """Return whether it has no complete request, so that nothing is lost if it is closed."""
        return not self.is_websocket and self.conn.their_state in (h11.IDLE, h11.SEND_BODY, h11.MUST_CLOSE)

    def abort(self, reason: str) -> None:
        """Close it at once."""
        self.all.report(reason, self.address)
        self.forget()
        self.transport.abort()

    def forget(self) -> None:
        """Stop counting and watching it."""
        if self._check is not None:
            self._check.cancel()
        self.all.remove(self)

    def _look(self) -> None:
        reason = self._overdue(self.loop.time())
        if reason is not None and not self.transport.is_closing():
            self.abort(reason)
        else:
            self._check = self.loop.call_later(CHECK_SECONDS, self._look)

    def _overdue(self, now: float) -> str | None:
        """Return which deadline has passed; None for none."""
        if self.unread_since is not None and now - self.unread_since > READER_SECONDS:
            return "a client that reads nothing"
        if self.request_since is None:
            return None
        if self.conn.their_state is h11.IDLE and now - self.request_since > HEADER_SECONDS:
            return "headers that never ended"
        is_overdue = now - self.heard_at > BODY_IDLE_SECONDS or now - self.request_since > BODY_SECONDS
        if self.conn.their_state is h11.SEND_BODY and not self.flow.read_paused and is_overdue:
            return "a body that never ended"
        return None


class BoundedServer(uvicorn.Server):
    """A server that ends in time after SIGTERM, whatever is open."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            last = threading.Timer(LAST_SECONDS, os._exit, [128 + sig if sig != signal.SIGTERM else 0])
            last.daemon = True
            last.start()
        super().handle_exit(sig, frame)


def most_connections() -> int:
    """Return how many connections may be open: the setting, or fewer where the system allows fewer open files."""
    wanted = settings().HEADWAY_MAX_CONNECTIONS
    if resource is None:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + KEPT_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(hard, needed)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(16, min(wanted, soft - KEPT_FILES))


def serve(app: Any, host: str, port: int) -> None:
    """Serve `app` until SIGTERM or SIGINT, within the bounds of the settings."""
    proxies = settings().proxies()
    connections = Connections(most_connections(), settings().HEADWAY_MAX_CONNECTIONS_PER_ADDRESS, proxies)
    metrics.watch_connections(connections.__len__)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        # One class for each server: uvicorn makes the protocols itself.
        http=type("Protocol", (BoundedProtocol,), {"all": connections}),
        ws=BoundedWebSocket,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        backlog=BACKLOG,
        timeout_keep_alive=PROXY_KEEP_ALIVE_SECONDS if proxies else KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    BoundedServer(config).run()

"""Webhooks: signed after Standard Webhooks (https://www.standardwebhooks.com), sent within 15 seconds or given up.

A receiver may be slow, hang, drip, lie about the length of its answer or answer without end: nothing of it is trusted.
The status line decides; of the body only a little is read, and only to use the connection again.
"""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from time import monotonic
from typing import Any

from standardwebhooks.webhooks import Webhook

from services.events.delivery_result import DeliveryResult
from services.events.destination import Destination, parse, resolve

SECONDS = 15.0
"""Within which everything has to be done, from connecting to the answer's headers."""
BODY_SECONDS = 2.0
MAX_BODY = 16_384
GONE = 410


@dataclass
class _Deadline:
    """The moment (of the monotonic clock) by which everything has to be done."""

    at: float

    def left(self) -> float:
        """Return the seconds left. Raises TimeoutError if there are none."""
        seconds = self.at - monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds


class _Reader(io.RawIOBase):
    """Reads from a socket until the deadline. A socket's own time-out starts anew with each byte."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self._socket, self._deadline = sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(self._deadline.left())
        return self._socket.recv_into(buffer)


class _Socket:
    """What `http.client` needs of a socket, with a deadline for all of it together."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self.socket, self.deadline = sock, deadline

    def sendall(self, data: Any) -> None:
        self.socket.settimeout(self.deadline.left())
        self.socket.sendall(data)

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self.socket, self.deadline))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.close()


class WebhookChannel:
    """One endpoint's connection, for several events one after the other. Its name is resolved once."""

    def __init__(self, url: str, secrets: Sequence[str], seconds: float = SECONDS) -> None:
        self.destination, self._seconds = parse(url), seconds
        self._webhooks = [Webhook(secret) for secret in secrets]
        self._connection: HTTPConnection | None = None
        self._socket: _Socket | None = None
        self._numeric: str | None = None

    def send(self, event_id: str, body: bytes, at: datetime) -> DeliveryResult:
        """Send an event, and return what came of it. Raises nothing for whatever the receiver does."""
        deadline = _Deadline(monotonic() + self._seconds)
        headers = self._headers(event_id, body, at)
        reused = self._connection is not None
        try:
            try:
                return self._exchange(headers, body, deadline, at)
            except (ConnectionError, HTTPException):
                # A kept connection may have been closed meanwhile: then nothing was read of the request.
                if not reused:
                    raise
                self.close()
                return self._exchange(headers, body, deadline, at)
        except TimeoutError:
            self.close()
            return DeliveryResult(False, f"No answer within {self._seconds:g} s")
        except (OSError, HTTPException, ValueError) as failed:
            self.close()
            return DeliveryResult(False, _reason(failed, self.destination))

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._socket is not None:
            self._socket.close()
        self._connection = self._socket = None

    def _headers(self, event_id: str, body: bytes, at: datetime) -> dict[str, str]:
        text = body.decode()
        moment = at.astimezone(UTC)
        return {
            "Host": self.destination.authority,
            "Content-Type": "application/cloudevents+json",
            "User-Agent": "Headway",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": " ".join(
                webhook.sign(event_id, moment.replace(microsecond=0), text) for webhook in self._webhooks
            ),
        }

    def _exchange(
        self, headers: Mapping[str, str], body: bytes, deadline: _Deadline, at: datetime
    ) -> DeliveryResult:
        connection = self._connect(deadline)
        connection.request("POST", self.destination.path, body, dict(headers))
        response = connection.getresponse()
        result = _result_of(response, at)
        if not _finish(response, deadline):
            self.close()
        return result

    def _connect(self, deadline: _Deadline) -> HTTPConnection:
        if self._connection is not None and self._socket is not None:
            self._socket.deadline = deadline
            return self._connection
        there = self.destination
        self._numeric = self._numeric or resolve(there)
        sock = socket.create_connection((self._numeric, there.port), deadline.left())
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if there.secure:
            sock.settimeout(deadline.left())
            sock = _tls().wrap_socket(sock, server_hostname=there.host)
        self._socket = _Socket(sock, deadline)
        self._connection = HTTPConnection(there.host, there.port)
        # `http.client` connects by itself only where it has no socket.
        self._connection.sock = self._socket
        self._connection.auto_open = 0
        return self._connection


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _finish(response: HTTPResponse, deadline: _Deadline) -> bool:
    """Read the rest of a small answer. Returns whether the connection can be used again."""
    deadline.at = min(deadline.at, monotonic() + BODY_SECONDS)
    if response.length is None or response.length > MAX_BODY or response.will_close:
        return False
    try:
        response.read(MAX_BODY + 1)
    except (OSError, HTTPException):
        return False
    return response.isclosed()


def _result_of(response: HTTPResponse, at: datetime) -> DeliveryResult:
    status = response.status
    # The reason is the receiver's own text: it isn't shown.
    if 200 <= status < 300:
        return DeliveryResult(True, f"HTTP {status}")
    if 300 <= status < 400:
        return DeliveryResult(False, f"HTTP {status}: redirects aren't followed")
    if status == GONE:
        return DeliveryResult(False, "HTTP 410: it wants no events any more", gone=True)
    return DeliveryResult(
        False, f"HTTP {status}", retry_after=_retry_after(response.getheader("Retry-After"), at)
    )


def _retry_after(header: str | None, at: datetime) -> timedelta | None:
    """Return how long to wait by the header, which holds seconds or a date; None if it says nothing sensible."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**7))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment - at, timedelta())


def _reason(failed: Exception, destination: Destination) -> str:
    if isinstance(failed, socket.gaierror):
        return f"{destination.host} isn't known"
    if isinstance(failed, ssl.SSLCertVerificationError):
        return f"Its certificate isn't valid: {failed.verify_message}"
    if isinstance(failed, ConnectionRefusedError):
        return "Nothing listens there"
    if isinstance(failed, HTTPException):
        return "Its answer isn't HTTP"
    return f"Not reached: {failed}"[:300]

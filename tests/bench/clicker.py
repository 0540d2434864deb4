"""An open page that is only clicked: as light as a client can be, so that it takes little of the machine it measures on.

Where clients, program and database share two cores, what a client takes the program can't have. This one reads of the
dashboard's messages nothing but which of them is the last of a run; tests/page_client.py is for who wants to read them.
"""

from __future__ import annotations

import socket
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg

SECONDS = 60
HANDSHAKE = (
    "GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: {home}\r\nCookie: {cookies}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: streamlit\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
)
HEAD_ENDS = b"\r\n\r\n"
# RFC 6455: the parts of a frame's first two bytes, and its kinds.
FIN, COMPRESSED, OPCODE, MASKED, LENGTH = 0x80, 0x40, 0x0F, 0x80, 0x7F
BINARY, CLOSE, PING, PONG = 0x2, 0x8, 0x9, 0xA
NO_MASK = b"\0\0\0\0"  # a mask changes nothing then, and a frame may have any
# RFC 7692: what a sender takes off the end of each message.
DEFLATE_ENDS = b"\0\0\xff\xff"
# The field of Streamlit's ForwardMsg that says "script finished", and protobuf's kinds of fields.
SCRIPT_FINISHED, NUMBER, BYTES = 6, 0, 2


class Clicker:
    """A page over its websocket, opened and run again."""

    def __init__(self, server_url: str, cookies: str, home: str) -> None:
        at = urlsplit(server_url)
        self._stream = socket.create_connection((at.hostname, at.port), SECONDS)
        self._unread = b""
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        host = home.partition("//")[2]
        self._stream.sendall(HANDSHAKE.format(host=host, home=home, cookies=cookies).encode())
        while HEAD_ENDS not in self._unread:
            self._unread += self._stream.recv(65_536)
        head, _, self._unread = self._unread.partition(HEAD_ENDS)
        assert head.startswith(b"HTTP/1.1 101"), head

    def run(self, query: str = "", page: str = "") -> float:
        """Run the page's script to its end, and return the milliseconds that it took."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        started = time.perf_counter()
        self._send(BINARY, message.SerializeToString())
        while not is_last(self._receive()):
            pass
        return (time.perf_counter() - started) * 1000

    def close(self) -> None:
        """End the connection; the server keeps nothing of the page."""
        self._stream.close()

    def _send(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        length = bytes([MASKED | size]) if size < 126 else bytes([MASKED | 126]) + size.to_bytes(2, "big")
        self._stream.sendall(bytes([FIN | opcode]) + length + NO_MASK + payload)

    def _receive(self) -> bytes:
        """Return the next message; pings are answered."""
        while True:
            first, second = self._take(2)
            size = second & LENGTH
            if size >= 126:
                size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
            payload, opcode = self._take(size), first & OPCODE
            if opcode == PING:
                self._send(PONG, payload)
                continue
            assert opcode != CLOSE, payload
            assert first & FIN, "the server sends each message as one frame"
            return self._inflate.decompress(payload + DEFLATE_ENDS) if first & COMPRESSED else payload

    def _take(self, size: int) -> bytes:
        while len(self._unread) < size:
            received = self._stream.recv(262_144)
            assert received, "the server ended the connection"
            self._unread += received
        taken, self._unread = self._unread[:size], self._unread[size:]
        return taken


def is_last(message: bytes) -> bool:
    """Return whether a message of the dashboard says that the script's run is over."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = number()
        if tag >> 3 == SCRIPT_FINISHED:
            return True
        if tag & 7 == NUMBER:
            number()
        elif tag & 7 == BYTES:
            size = number()
            at += size
        else:
            return False
    return False


@contextmanager
def open_clicker(server_url: str, cookies: str, home: str) -> Iterator[Clicker]:
    """Open a page's websocket as the browser does; `home` is the address that people open."""
    clicker = Clicker(server_url, cookies, home)
    try:
        yield clicker
    finally:
        clicker.close()

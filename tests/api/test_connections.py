"""Bounds on connections: what a stranger may hold open, and how the program ends."""

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The bounds alone, without the dashboard: it starts at once.
PROGRAM = """
import asyncio, sys
from api import connections
from api.request_log import set_up_logging
set_up_logging("text", "warning")
connections.HEADER_SECONDS = connections.BODY_IDLE_SECONDS = float(sys.argv[2])
connections.CHECK_SECONDS = 0.1
connections.SHUTDOWN_SECONDS, connections.LAST_SECONDS = 2, 4
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(1)
    if scope["path"] == "/for-ever":
        while True:
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                pass
    if scope["method"] == "POST":
        while (await receive()).get("more_body"):
            pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
connections.serve(app, "127.0.0.1", int(sys.argv[1]))
"""


class Bounded:
    def __init__(self, folder: Path, seconds: float) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"log {self.port}"
        self.seen = 0
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(self.port), str(seconds)],
                cwd=ROOT,
                stderr=log,
                stdout=log,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024)),
            )
        for _ in range(600):
            try:
                self.get()
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.1)

    def logged(self) -> str:
        """What it logged since this test began."""
        return self.log.read_text()[self.seen :]

    def get(self, path: str = "/") -> str:
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return answer.read().decode()

    def open(self, sent: bytes = b"GET / HTTP/1.1\r\nHost: x") -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        opened.sendall(sent)
        return opened


@pytest.fixture(scope="module")
def started(tmp_path_factory) -> Iterator[dict[float, Bounded]]:
    """The servers that run, by their deadlines: starting one costs more than all else here."""
    servers: dict[float, Bounded] = {}
    yield servers
    for server in servers.values():
        server.process.kill()
        server.process.wait()


@pytest.fixture
def start(started, tmp_path_factory):
    def run(seconds: float = 60.0) -> Bounded:
        if seconds not in started or started[seconds].process.poll() is not None:
            started[seconds] = Bounded(tmp_path_factory.mktemp("bounded"), seconds)
        started[seconds].seen = len(started[seconds].log.read_text())
        return started[seconds]

    return run


def is_closed(opened: socket.socket) -> bool:
    try:
        return opened.recv(1000) == b""
    except ConnectionError:
        return True


@pytest.mark.fault
@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHost: x", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab"],
)
def test_a_thousand_half_open_sockets_stop_nobody(sent, start):
    server = start()
    # Our own side needs them too.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    with ExitStack() as all_of_them:
        for _ in range(1100):
            all_of_them.enter_context(closing(server.open(sent)))
        assert [server.get() for _ in range(20)] == ["ok"] * 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    log = server.logged()
    assert len(log) < 100_000
    assert "Traceback" not in log
    assert len(log.splitlines()) <= 5


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHost: x", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab"],
)
def test_headers_and_bodies_have_a_deadline(sent, start):
    server = start(0.5)
    with closing(server.open(sent)) as opened:
        assert is_closed(opened)
    assert server.get() == "ok"


def test_a_slow_request_and_an_idle_websocket_have_none(start):
    server = start(0.5)
    upgrade = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    with closing(server.open(upgrade + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")) as websocket:
        assert websocket.recv(12) == b"HTTP/1.1 101"
        assert server.get("/slow") == "ok"
        websocket.settimeout(1)
        while True:
            try:
                assert websocket.recv(1000) != b"", "it was closed"
            except TimeoutError:
                break


@pytest.mark.fault
def test_aborted_uploads_leave_no_trace(start):
    server = start()
    for _ in range(200):
        server.open(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc").close()
    assert server.get() == "ok"
    assert server.logged() == ""


@pytest.mark.fault
@pytest.mark.parametrize("path", ["/slow", "/for-ever"])
def test_sigterm_ends_it_in_time_and_finishes_what_it_can(path, start):
    server = start()
    held = [server.open() for _ in range(20)]
    running = server.open(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    time.sleep(0.5)
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)  # its bound is 4 s here; a busy machine has its own
    answer = running.recv(1000) if path == "/slow" else b""
    for opened in (*held, running):
        opened.close()
    if path == "/slow":
        assert answer.startswith(b"HTTP/1.1 200")
    assert not re.search("Traceback", server.logged()) or path == "/for-ever"

"""A Postgres that is a network away: how often its answers were waited for, and how long each took to come."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import make_url


@dataclass
class Distance:
    """The way to a database: its `url`, the seconds that an answer is `delayed`, and the `round_trips` so far."""

    url: str = ""
    delayed: float = 0.0
    round_trips: int = 0


@contextmanager
def far_away(url: str, delayed: float = 0.0) -> Iterator[Distance]:
    """Yield the way to the Postgres at `url` through a port of this machine that counts."""
    near = make_url(url)
    distance = Distance(delayed=delayed)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        distance.url = near.update_query_dict({"host": "127.0.0.1", "port": str(port)}).render_as_string(
            hide_password=False
        )
        folder = str(near.query["host"])
        threading.Thread(
            target=_serve, args=(listener, f"{folder}/.s.PGSQL.5432", distance), daemon=True
        ).start()
        yield distance


def _serve(listener: socket.socket, path: str, distance: Distance) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # it was closed: nobody connects any more
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as Postgres does
        server = socket.socket(socket.AF_UNIX)
        server.connect(path)
        asks = threading.Event()
        threading.Thread(target=_ask, args=(client, server, asks), daemon=True).start()
        threading.Thread(target=_answer, args=(server, client, asks, distance), daemon=True).start()


def _ask(client: socket.socket, server: socket.socket, asks: threading.Event) -> None:
    while data := client.recv(65536):
        asks.set()
        server.sendall(data)
    server.close()


def _answer(server: socket.socket, client: socket.socket, asks: threading.Event, distance: Distance) -> None:
    """Pass on what the server says. What it says first after it was asked has come a whole way."""
    while data := server.recv(65536):
        if asks.is_set():
            asks.clear()
            distance.round_trips += 1
            time.sleep(distance.delayed)
        client.sendall(data)
    client.close()

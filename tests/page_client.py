"""A page over its websocket, without a browser: opened, run again, clicked, and read."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from google.protobuf.json_format import MessageToDict
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

from tests.browser.server import Server

SECONDS = 60


class PageClient:
    """An open page: `texts` is what its last run drew, `widgets` the ids of what can be clicked, by label."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._script_hash = ""
        self.texts: list[str] = []
        self.messages: list[ForwardMsg] = []

    def run(self, query: str = "", page: str = "", widget: WidgetState | None = None) -> float:
        """Run the page's script to its end, and return the milliseconds that it took."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        if not page and self._script_hash:
            message.rerun_script.page_script_hash = self._script_hash
        if widget is not None:
            message.rerun_script.widget_states.widgets.append(widget)
        started = time.perf_counter()
        self._socket.send(message.SerializeToString())
        self._read_to_the_end()
        return (time.perf_counter() - started) * 1000

    def _read_to_the_end(self) -> None:
        self.messages = []
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(self._socket.recv(timeout=SECONDS))
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                self._script_hash = answer.new_session.page_script_hash
            self.messages.append(answer)
            if kind == "script_finished":
                return

    @property
    def text(self) -> str:
        """All that the last run sent, as JSON-like text."""
        return "\n".join(str(MessageToDict(message)) for message in self.messages)

    def find(self, pattern: str) -> str | None:
        """Return the first group of the first match of a regular expression in `text`; None without a match."""
        found = re.search(pattern, self.text)
        return found and found[1]


def sign_in(server: Server) -> str:
    """Return the cookies of the first administrator."""
    token = server.printed(r"/session/enter#(\S+)")
    answer = httpx.post(
        f"{server.url}/session/enter", data={"token": token}, headers={"origin": server.url}, timeout=SECONDS
    )
    assert answer.status_code == 303, answer.text
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


@contextmanager
def open_page(server_url: str, cookies: str, home: str | None = None) -> Iterator[PageClient]:
    """Open a page's websocket as the browser does; `home` is the address that people open, if that is another."""
    with connect(
        server_url.replace("http", "ws", 1) + "/_stcore/stream",
        origin=home or server_url,
        subprotocols=["streamlit"],
        additional_headers={"cookie": cookies} | ({"host": home.split("//")[1]} if home else {}),
        max_size=None,
    ) as socket:
        yield PageClient(socket)

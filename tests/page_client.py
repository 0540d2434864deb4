"""A page over its websocket, without a browser: opened, run again, clicked, and read."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
from google.protobuf.json_format import MessageToDict
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

from tests.browser.server import Server

SECONDS = 60


class PageClient:
    """An open page. `messages` are those of its last run, `page_id` is the dashboard's own name for it."""

    def __init__(self, stream: ClientConnection) -> None:
        self._stream = stream
        self._script_hash = ""
        self.page_id = ""
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
        self._stream.send(message.SerializeToString())
        self._read_to_the_end()
        return (time.perf_counter() - started) * 1000

    def drawn(self) -> list[str]:
        """Return what the last run drew that is read: HTML and texts, without what is named for the one page."""
        elements = [message.delta.new_element for message in self.messages if message.HasField("delta")]
        return [element.html.body or element.markdown.body for element in elements
                if element.WhichOneof("type") in ("html", "markdown")]  # fmt: skip

    def files(self) -> list[str]:
        """Return the addresses of the files that the last run stored for this page: pictures and downloads."""
        return re.findall(r"'(/media/[^']+)'", self.text)

    def upload_address(self, name: str) -> str:
        """Return the address at which the page takes a file of that name."""
        message = BackMsg()
        message.file_urls_request.request_id = "one"
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self.page_id
        self._stream.send(message.SerializeToString())
        while True:
            answer = self._read()
            if answer.WhichOneof("type") == "file_urls_response":
                return str(answer.file_urls_response.file_urls[0].upload_url)

    def _read(self) -> ForwardMsg:
        answer = ForwardMsg()
        answer.ParseFromString(self._stream.recv(timeout=SECONDS))
        return answer

    def _read_to_the_end(self) -> None:
        self.messages = []
        while True:
            answer = self._read()
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                self._script_hash = answer.new_session.page_script_hash
                self.page_id = answer.new_session.initialize.session_id
            self.messages.append(answer)
            if kind == "script_finished":
                return

    @property
    def text(self) -> str:
        """All that the last run sent, as JSON-like text."""
        return "\n".join(str(MessageToDict(message)) for message in self.messages)

    def find(self, pattern: str) -> str | None:
        """Return the first group of the first match of a regular expression in `text`; None without a match."""
        match = re.search(pattern, self.text)
        return match and match[1]


def sign_in(server: Server, home: str | None = None) -> str:
    """Return the cookies of the first administrator; `home` is the address that people open, if that is another."""
    token = server.printed(r"/session/enter#(\S+)")
    home = home or server.url
    answer = httpx.post(
        f"{server.url}/session/enter",
        data={"token": token},
        headers={"origin": home, "host": home.partition("//")[2]},
        timeout=SECONDS,
    )
    assert answer.status_code == 303, answer.text
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


@contextmanager
def open_page(server_url: str, cookies: str, home: str | None = None) -> Iterator[PageClient]:
    """Open a page's websocket as the browser does; `home` is the address that people open, if that is another."""
    at = urlsplit(server_url)
    with connect(
        (home or server_url).replace("http", "ws", 1) + "/_stcore/stream",
        # Connected already, so that the address may be that which people open.
        sock=socket.create_connection((at.hostname, at.port)),
        origin=home or server_url,
        subprotocols=["streamlit"],
        additional_headers={"cookie": cookies},
        max_size=None,
    ) as stream:
        yield PageClient(stream)

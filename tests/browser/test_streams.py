"""Who may talk to the dashboard, and for how long: other sites in a real browser, and the websocket itself."""

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from services.people import sessions
from tests.browser.chromium import visitor
from tests.browser.harness import settled
from tests.browser.server import Server
from tests.browser.signing_in import MEI, SAM, cookies, database_of, end_sessions_of, give, sign_in

SERVE_TIMED = (sys.executable, str(Path(__file__).parent / "fixtures" / "serve_timed.py"))
TICKS = 4
PATIENCE_SECONDS = 60


def rerun(*, timed: bool = False) -> bytes:
    message = BackMsg()
    message.rerun_script.query_string = "engagement=acme"
    message.rerun_script.is_auto_rerun = timed
    return message.SerializeToString()


def open_stream(
    live_server: Server, kept: dict[str, str], origin: str | None, **headers: str
) -> ClientConnection:
    cookie = "; ".join(f"{name}={value}" for name, value in kept.items())
    return connect(
        live_server.url.replace("http", "ws") + "/_stcore/stream",
        origin=origin,
        additional_headers={"cookie": cookie, **headers},
        subprotocols=["streamlit"],
        max_size=None,
    )


def answers(stream: ClientConnection) -> Iterator[tuple[str, bytes]]:
    """What the dashboard says until its script has run: the kind of each message, and the message."""
    kind = ""
    while kind != "script_finished":
        data = stream.recv()
        kind = kind_of(data)
        yield kind, data


def kind_of(data: bytes) -> str:
    return ForwardMsg.FromString(data).WhichOneof("type")


OTHERS = ["http://127.0.0.1:3000", "http://localhost:8501", "http://evil.example", "null", None]


@pytest.mark.parametrize("origin", OTHERS)
def test_the_stream_of_another_origin_is_refused(live_server, origin):
    with (
        pytest.raises(InvalidStatus, match="403"),
        open_stream(live_server, cookies(live_server, MEI), origin),
    ):
        pass


def test_a_forged_host_and_an_identity_of_ones_own_making_are_nobody(live_server):
    mine, hers = cookies(live_server, SAM), cookies(live_server, MEI)
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.nip.io"):
        assert httpx.get(f"{live_server.url}/", headers={"host": host}, cookies=mine).status_code == 400
    spoofed = dict.fromkeys(
        ("X-Headway-Session", "X_Headway_Session", "Remote-User", "X-Forwarded-User"), "1"
    )
    assert httpx.get(f"{live_server.url}/", headers=spoofed).status_code == 303
    assert httpx.get(f"{live_server.url}/api/v1/engagement/acme", headers=spoofed).status_code == 401
    with open_stream(live_server, hers, live_server.url) as stream:
        stream.send(rerun())
        assert any(b"Mei" in data for _, data in answers(stream))
    with open_stream(live_server, mine, live_server.url, **spoofed) as stream:
        stream.send(rerun())
        received = b"".join(data for _, data in answers(stream))
    assert b"Sam" in received
    assert b"Mei" not in received
    assert b"Acme" not in received


@pytest.mark.parametrize("timed", [False, True])
def test_the_stream_of_a_revoked_session_runs_no_script_and_no_fragment(live_server, timed):
    kinds = []
    with open_stream(live_server, cookies(live_server, MEI), live_server.url) as stream:
        stream.send(rerun())
        assert "new_session" in [kind for kind, _ in answers(stream)]
        end_sessions_of(live_server, MEI)
        stream.send(rerun(timed=timed))
        with suppress(ConnectionClosed):
            while True:
                kinds.append(kind_of(stream.recv()))
    # The first run may still be telling that it is over; no other began.
    assert set(kinds) <= {"session_status_changed", "auth_redirect"}
    assert kinds[-1] == "auth_redirect"


class Elsewhere(BaseHTTPRequestHandler):
    """Another site: an empty page at every address."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Elsewhere</title><body>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def port_elsewhere() -> Iterator[int]:
    """The port of another site on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = Thread(target=partial(server.serve_forever, poll_interval=0.05))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


TRY_A_STREAM = """address => new Promise(done => {
  const socket = new WebSocket(address, ["streamlit"]);
  socket.onopen = () => done("open"); socket.onclose = () => done("closed");
})"""
TRY_TO_READ = (
    """address => fetch(address, {credentials: "include"}).then(a => a.text()).catch(() => "unread")"""
)
TRY_TO_POST = """address => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: address});
  document.body.append(form); form.submit();
}"""
TRY_A_FRAME = """address => new Promise(done => {
  const frame = Object.assign(document.createElement("iframe"), {src: address});
  frame.onload = () => { try { done(frame.contentDocument ? "blank" : "refused"); } catch { done("refused"); } };
  document.body.append(frame);
})"""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_page_of_another_port_or_host_signs_nobody_out_and_reads_and_runs_nothing(
    chromium: Browser, live_server: Server, port_elsewhere: int, host: str
):
    context = chromium.new_context()
    try:
        kept = cookies(live_server, MEI)
        give(context, live_server, kept)
        page = context.new_page()
        page.goto(f"http://{host}:{port_elsewhere}/")
        assert (
            page.evaluate(TRY_A_STREAM, live_server.url.replace("http", "ws") + "/_stcore/stream") == "closed"
        )
        assert page.evaluate(TRY_TO_READ, f"{live_server.url}/api/v1/engagement/acme") == "unread"
        assert page.evaluate(TRY_A_FRAME, f"{live_server.url}/portfolio") == "refused"
        framed = [frame for frame in page.frames if frame != page.main_frame]
        assert not [frame for frame in framed if frame.get_by_text("Portfolio").count()]
        for path in ("/session/sign-out", "/session/password", "/api/v1/engagements/acme/personal-data"):
            page.goto(f"http://{host}:{port_elsewhere}/")
            with page.expect_navigation(url=f"{live_server.url}{path}") as refused:
                page.evaluate(TRY_TO_POST, f"{live_server.url}{path}")
            assert refused.value.status in (401, 403)
        assert httpx.get(f"{live_server.url}/", cookies=kept).status_code == 200
    finally:
        context.close()


@pytest.fixture(scope="module")
def timed(a_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A page with a timed fragment behind the program's own gate; `runs` are what it noted."""
    folder = tmp_path_factory.mktemp("timed")
    environment = {"DATABASE_URL": a_database, "HEADWAY_TEST_RUNS": str(folder / "runs")}
    with Server(folder / "log", environment, SERVE_TIMED) as server:
        yield server


def session_of(server: Server, kept: dict[str, str]) -> int:
    """The number of the session that those cookies are of."""
    (token,) = [value for name, value in kept.items() if "session" in name]
    with database_of(server):
        return sessions.by_token(token, datetime.now(UTC)).session_id


def runs(server: Server, what: str) -> int:
    """How often that was noted, such as "did timed of Mei"."""
    noted = Path(server.environment["HEADWAY_TEST_RUNS"])
    return noted.read_text().splitlines().count(what) if noted.exists() else 0


def wait_for_more(server: Server, what: str, page: Page) -> None:
    """Wait until that was noted a few times more: a clock that stands still where the program does."""
    enough, since = runs(server, what) + TICKS, time.monotonic()
    while runs(server, what) < enough:
        assert time.monotonic() - since < PATIENCE_SECONDS, f"no more of: {what}"
        page.wait_for_timeout(50)


def test_once_revoked_not_one_more_timed_fragment_runs_while_others_tick_on(live_server, timed, chromium):
    kept = cookies(timed, MEI)
    asked = f"asked timed of {session_of(timed, kept)}"
    with visitor(chromium, timed.url) as mine, visitor(chromium, timed.url) as others:
        give(mine.context, timed, kept)
        sign_in(others.context, timed, SAM)
        for page in (mine, others):
            page.goto("/")
            settled(page)
        wait_for_more(timed, "did timed of Mei", mine)
        mine.get_by_role("button", name="Press").click()
        expect(mine.get_by_role("button", name="Press")).to_be_enabled()
        while not runs(timed, "did callback of Mei"):
            mine.wait_for_timeout(50)
        end_sessions_of(timed, MEI)
        done = runs(timed, "did timed of Mei")
        # Nobody presses anything: the fragment's own next message is answered with the way out.
        mine.wait_for_url("**/session/sign-in**")
        last = runs(timed, asked)
        wait_for_more(timed, "did timed of Sam", others)
        assert runs(timed, asked) == last
        # One may have begun while the session was being ended.
        assert runs(timed, "did timed of Mei") <= done + 1

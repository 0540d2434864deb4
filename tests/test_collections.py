"""A running program seldom makes full collections: they hold the interpreter's lock, and every click waits."""

import sys

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.browser.server import Server

RERUNS, MOST = 50, 5
COUNT = """
import gc, runpy, sys
counted = open(sys.argv[1], "a", buffering=1)
def note(phase, info):
    if phase == "start" and info["generation"] == 2:
        counted.write("x")
        counted.flush()
gc.callbacks.append(note)
sys.argv = ["app.py"]
runpy.run_path("app.py", run_name="__main__")
"""


def rerun(page: ClientConnection) -> None:
    """Run the page's script once more, to its end."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    page.send(message.SerializeToString())
    while True:
        answer = ForwardMsg()
        answer.ParseFromString(page.recv(timeout=60))
        if answer.WhichOneof("type") == "script_finished":
            return


def sign_in(server: Server) -> str:
    """Return the cookies of the first administrator."""
    token = server.printed(r"/session/enter#(\S+)")
    answer = httpx.post(
        f"{server.url}/session/enter", data={"token": token}, headers={"origin": server.url}, timeout=60
    )
    assert answer.status_code == 303, answer.text
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


@pytest.mark.fault
def test_a_running_server_seldom_makes_full_collections(tmp_path):
    counted = tmp_path / "collections"
    command = (sys.executable, "-c", COUNT, str(counted))
    with Server(tmp_path / "log", {"DATABASE_URL": f"sqlite:///{tmp_path}/headway.db"}, command) as server:
        cookies = sign_in(server)
        address = server.url.replace("http", "ws") + "/_stcore/stream"
        with connect(
            address,
            origin=server.url,
            subprotocols=["streamlit"],
            additional_headers={"cookie": cookies},
            max_size=None,
        ) as page:
            for _ in range(5):
                rerun(page)
            before = counted.stat().st_size
            for _ in range(RERUNS):
                rerun(page)
    assert counted.stat().st_size - before <= MOST

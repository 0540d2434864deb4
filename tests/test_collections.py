"""A running program seldom makes full collections: they hold the interpreter's lock, and every click waits."""

import sys

import pytest

from tests.browser.server import Server
from tests.page_client import open_page, sign_in

RERUNS, MAX_GROWTH = 50, 5
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


@pytest.mark.fault
def test_a_running_server_seldom_makes_full_collections(tmp_path):
    counted = tmp_path / "collections"
    command = (sys.executable, "-c", COUNT, str(counted))
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/headway.db"}
    with (
        Server(tmp_path / "log", settings, command) as server,
        open_page(server.url, sign_in(server)) as page,
    ):
        for _ in range(5):
            page.run()
        before = counted.stat().st_size
        for _ in range(RERUNS):
            page.run()
    assert counted.stat().st_size - before <= MAX_GROWTH

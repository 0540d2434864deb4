"""Chat channels get four messages and no more; a message stream recognises what it has."""

import asyncio
import shutil
import socket
import subprocess
import sysconfig
import time
from datetime import timedelta
from pathlib import Path

import nats
import pytest
import requests

from models.errors import Invalid
from services.events import endpoints
from services.events.noticing import notice
from services.events.relay import Relay
from services.plan import decisions
from services.review import reviews
from store.endpoints import endpoints as statuses
from tests.builders import an_engagement, noon, on_day, the_operator

SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
TEAMS = (
    "https://prod-01.westeurope.logic.azure.com:443/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/"
    "invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abcdefghijklmnopqrstuvwxyz01234567890"
)


@pytest.fixture
def posted(monkeypatch) -> list[tuple[str, str]]:
    """What apprise posts, as address and body; nothing leaves this machine."""
    events: list[tuple[str, str]] = []

    def post(url, data=None, **_):
        events.append((url, data if isinstance(data, str) else (data or b"").decode()))
        answer = requests.Response()
        answer.status_code, answer._content = 200, b"ok"
        return answer

    monkeypatch.setattr(requests, "post", post)
    monkeypatch.setattr(requests, "request", lambda method, url, **given: post(url, **given))
    return events


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("address", [SLACK, TEAMS])
def test_a_channel_reads_four_things_in_one_line_each(posted, address):
    an_engagement()
    endpoints.add_endpoint(the_operator(), "acme", address, kind="chat")
    decisions.request_decision(the_operator(2), "acme", title="Fund it", owner="Dana", needed_by=on_day(10))
    reviews.freeze(the_operator(5), "acme")
    noticed = notice(the_operator(31))
    assert {"late milestone", "overdue decision", "change of health"} <= {row.kind for row in noticed}
    Relay(clock=lambda: noon(31)).run(once=True)
    (row,) = statuses(the_operator(), "acme")
    assert (row.state, row.waiting) == ("up to date", 0)
    assert address.rpartition("/")[2] not in row.shown_address
    expected = 1 + sum(row.kind in ("late milestone", "change of health") for row in noticed)
    assert len(posted) == expected
    assert "week 1 is frozen" in posted[0][1]
    assert all("Fund it" not in body for _, body in posted)
    assert all("?engagement=acme" in body for _, body in posted)
    assert all("github" not in body for _, body in posted), "no picture from elsewhere"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "address", ["https://x.example/hook", "json://127.0.0.1", "mailto://u:p@x.example", "nonsense"]
)
def test_no_other_address_is_a_channel(address):
    an_engagement()
    with pytest.raises(Invalid, match="incoming webhook of Slack"):
        endpoints.add_endpoint(the_operator(), "acme", address, kind="chat")


@pytest.fixture
def broker(tmp_path):
    """A real NATS server with JetStream on loopback. Returns its address."""
    program = shutil.which("nats-server") or str(Path(sysconfig.get_path("scripts")) / "nats-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(tmp_path / "js")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    address = f"nats://127.0.0.1:{port}"
    try:
        asyncio.run(_add_stream(address))
        yield address
    finally:
        process.kill()
        process.wait()


async def _add_stream(address: str) -> None:
    for _ in range(100):
        try:
            connection = await nats.connect(address, allow_reconnect=False)
            break
        except OSError:
            time.sleep(0.1)
    await connection.jetstream().add_stream(name="HEADWAY", subjects=["headway.>"])
    await connection.close()


async def _stored(address: str) -> int:
    connection = await nats.connect(address)
    info = await connection.jetstream().stream_info("HEADWAY")
    await connection.close()
    return info.state.messages


@pytest.mark.usefixtures("database")
def test_a_stream_has_each_event_once_however_often_it_is_replayed(broker, monkeypatch):
    an_engagement()
    with pytest.raises(Invalid, match="private address"):
        endpoints.add_endpoint(the_operator(), "acme", f"{broker}/headway/acme", kind="stream")
    monkeypatch.setenv("HEADWAY_ALLOW_PRIVATE_ENDPOINTS", "1")
    new = endpoints.add_endpoint(the_operator(), "acme", f"{broker}/headway/acme", kind="stream", since=0)
    for number in range(4):
        decisions.request_decision(
            the_operator(2), "acme", title=f"D {number}", owner="Dana", needed_by=on_day(10)
        )
    assert Relay().run(once=True) == 5
    endpoints.replay(the_operator(), "acme", new.id, 0)
    assert Relay(clock=lambda: noon(3) + timedelta(days=900)).run(once=True) == 5
    assert asyncio.run(_stored(broker)) == 5
    assert statuses(the_operator(), "acme")[0].last_answer == "known already"

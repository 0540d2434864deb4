"""`kill -9` of relays at any moment: nothing is lost, the order holds, and a kill repeats one delivery at most.

The numbers fit a test run. HEADWAY_FULL=1 is the full check: 100 kills within 10,000 deliveries.
"""

import os
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

import pytest

from models.database import engine
from services.events import endpoints
from store.endpoints import endpoints as statuses
from store.events import events
from tests.builders import an_engagement, the_operator
from tests.databases import copy_in_postgres, copy_sqlite
from tests.forked_python import ForkedPython
from tests.services.events.acts import journal_acts
from tests.services.events.receiver import Receiver, receiver

pytestmark = [pytest.mark.fault, pytest.mark.usefixtures("database")]

DELIVERIES, KILLS = (10_000, 100) if os.environ.get("HEADWAY_FULL") else (300, 3)
SLUGS = ("acme", "rival")
ENDPOINTS = 3
"""Of each engagement."""
RELAYS = 3
LEASE = 10.0
"""Seconds. A relay that a busy machine holds up for longer repeats a delivery without having been killed."""
SECONDS_TO_START, SECONDS_BETWEEN = 0.5, 0.6


@pytest.fixture(autouse=True)
def _on_loopback(monkeypatch):
    monkeypatch.setenv("HEADWAY_ALLOW_PRIVATE_ENDPOINTS", "1")


class Relays:
    """Relays in processes of their own, which are killed and replaced."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "relays.log"
        self.running = [self._start() for _ in range(RELAYS)]

    def _start(self) -> ForkedPython:
        with self.log.open("ab") as log:
            return ForkedPython("-m", "tests.services.relay_process", LEASE, stdout=log, stderr=log)

    def kill_one(self, number: int) -> None:
        self.running[number].kill()
        self.running[number].wait()
        self.running[number] = self._start()

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()


def write_acts(each: int) -> None:
    """Acts of both engagements, some of which are rolled back."""
    chance = Random(15)
    left = dict.fromkeys(SLUGS, each)
    while any(left.values()):
        slug = chance.choice([slug for slug, number in left.items() if number])
        count = min(chance.randint(1, 4), left[slug])
        if chance.random() < 0.1:
            journal_acts(slug, count, rolled_back=True)
        else:
            journal_acts(slug, count)
            left[slug] -= count


def arrived_by_path(there: Receiver) -> dict[str, list[tuple[int, str, bytes]]]:
    """What arrived at each path, in order: revision, id and body."""
    arrived: dict[str, list[tuple[int, str, bytes]]] = defaultdict(list)
    for (path, headers, body), event in zip(there.requests, there.events, strict=True):
        arrived[path].append((event["data"]["revision"], headers["webhook-id"], body))
    return arrived


def test_killed_at_any_moment_relays_lose_nothing_and_keep_the_order(tmp_path):
    with receiver() as there:
        for slug in SLUGS:
            an_engagement(slug)
            for number in range(ENDPOINTS):
                endpoints.add_endpoint(the_operator(), slug, f"{there.url}/{slug}/{number}", since=0)
        each = DELIVERIES // (len(SLUGS) * ENDPOINTS)
        writing = threading.Thread(target=write_acts, args=(each,))
        relays, chance = Relays(tmp_path), Random(9)
        try:
            writing.start()
            time.sleep(SECONDS_TO_START)
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.1, SECONDS_BETWEEN))
                relays.kill_one(chance.randrange(RELAYS))
            writing.join()
            ends = time.monotonic() + 120 + KILLS * LEASE
            while time.monotonic() < ends and any(
                row.waiting for slug in SLUGS for row in statuses(the_operator(), slug)
            ):
                time.sleep(0.2)
        finally:
            relays.end()
    duplicates = 0
    arrived = arrived_by_path(there)
    for slug in SLUGS:
        expected = [(event["data"]["revision"], event["id"]) for event in events(the_operator(), slug, "")]
        assert len(expected) > each
        for number in range(ENDPOINTS):
            received = arrived[f"/{slug}/{number}"]
            first_times = list(dict.fromkeys((revision, event_id) for revision, event_id, _ in received))
            assert first_times == expected, "lost, or out of order"
            duplicates += len(received) - len(expected)
    contents = {(event_id, body) for rows in arrived.values() for _, event_id, body in rows}
    assert len(contents) == len({event_id for event_id, _ in contents}), "two contents under one id"
    assert duplicates <= KILLS


def test_a_restored_backup_never_sends_two_contents_under_one_id(database, tmp_path):
    with receiver() as there:
        an_engagement()
        endpoints.add_endpoint(the_operator(), "acme", there.url)
        journal_acts("acme", 3)
        _back_up(database, tmp_path)
        journal_acts("acme", 4)
        _send()
        first = Counter(there.revisions())
        _restore(database, tmp_path)
        journal_acts("acme", 4)
        _send()
    again = there.revisions()[sum(first.values()) :]
    assert len(set(first) & set(again)) == 7, "the same numbers came again"
    contents = {(headers["webhook-id"], body) for _, headers, body in there.requests}
    assert len(contents) == len({event_id for event_id, _ in contents}) == 3 + 4 + 4


def _send() -> None:
    from services.events.relay import Relay

    Relay().run(once=True)


def _back_up(url: str, folder: Path) -> None:
    if url.startswith("sqlite"):
        copy_sqlite(Path(url.removeprefix("sqlite:///")), folder / "backup.db")
    else:
        engine().dispose()
        copy_in_postgres(_name(url), f"{_name(url)}_backup")


def _restore(url: str, folder: Path) -> None:
    engine().dispose()
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        copy_sqlite(folder / "backup.db", path)
    else:
        copy_in_postgres(f"{_name(url)}_backup", _name(url))


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]

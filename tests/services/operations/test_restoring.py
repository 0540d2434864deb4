"""Restoring: refused where it could hurt, and what is there is kept."""

import io
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from models.database import engine
from models.errors import HeadwayError, Invalid
from services.operations import backups
from services.operations.restoring import compare, restore
from tests import forked_python
from tests.browser.server import Server
from tests.builders import a_metric, an_engagement, noon, the_state

ROOT = Path(__file__).parents[3]
# Of restoring against the running program. The full check: HEADWAY_FULL=1.
ROUNDS = 40 if os.environ.get("HEADWAY_FULL") else 1


@pytest.fixture
def backup(sqlite_database, tmp_path) -> Path:
    """A backup with one engagement, acme."""
    an_engagement()
    backups.back_up(tmp_path / "backup.db")
    return tmp_path / "backup.db"


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[5000:9000] = os.urandom(4000)
    file.write_bytes(content)


def test_a_backup_holds_what_was_just_written_and_can_be_restored(backup):
    an_engagement("second")
    restore(backup, noon(2))
    assert the_state().name == "Lending platform"
    with pytest.raises(HeadwayError):
        the_state("second")


def test_what_was_there_is_kept_beside_it_each_time(backup, tmp_path):
    an_engagement("second")
    first, second = restore(backup, noon(2)), restore(backup, noon(2))
    assert first != second
    restore(first, noon(3))
    assert the_state("second").name == "Lending platform"


def test_it_says_what_would_be_lost_before_it_asks(backup, manage, monkeypatch):
    before = the_state().revision
    a_metric()
    an_engagement("second")
    now, other = the_state().revision, the_state("second").revision
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    ran = manage("restore", backup)
    assert ran.returncode == 1
    assert ran.stderr == "Nothing was restored.\n"
    assert f"acme: {now - before} revision" in ran.stdout
    assert f"second: {other} revisions, from 1 to {other} (the backup has no such engagement)" in ran.stdout
    assert "1 in metric" in ran.stdout
    assert ran.stdout.rstrip().endswith("[y/N]")
    assert the_state("second").revision == other


@pytest.mark.parametrize(("answer", "options"), [("y\n", ()), ("", ("--yes",))])
def test_it_restores_where_somebody_agrees(answer, options, backup, manage, monkeypatch):
    an_engagement("second")
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    ran = manage("restore", backup, *options)
    assert ran.returncode == 0
    assert "What was there is now" in ran.stdout
    with pytest.raises(HeadwayError):
        the_state("second")


def test_it_does_not_ask_where_nothing_would_be_lost(backup, manage):
    ran = manage("restore", backup)
    assert ran.returncode == 0
    assert "lose" not in ran.stdout


def test_a_count_of_rows_is_of_those_that_the_backup_lacks(backup, sqlite_database):
    metric = a_metric()
    loss = compare(Path(sqlite_database.removeprefix("sqlite:///")), backup)
    assert loss.rows["metric"] == 1
    assert metric
    assert "engagement" not in loss.rows


@pytest.mark.parametrize(
    "kind", ["random", "empty", "another program's", "damaged", "newer", "missing", "folder"]
)
def test_what_is_no_whole_backup_is_refused_in_a_sentence(kind, backup, manage, tmp_path):
    file = tmp_path / "other.db"
    if kind == "random":
        file.write_bytes(os.urandom(5000))
    elif kind == "empty":
        file.touch()
    elif kind == "folder":
        file.mkdir()
    elif kind == "another program's":
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE alembic_version (version_num)")
    elif kind in ("damaged", "newer"):
        file.write_bytes(backup.read_bytes())
        if kind == "damaged":
            damage(file)
        else:
            with closing(sqlite3.connect(file)) as newer, newer:
                newer.execute("UPDATE alembic_version SET version_num = '9999'")
    an_engagement("second")
    ran = manage("restore", file, "--yes")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert len(ran.stderr.splitlines()) == 1
    assert the_state("second").name == "Lending platform"
    assert not list(tmp_path.glob("*before-restore*"))


def test_a_damaged_database_is_kept_as_it_is(backup, sqlite_database, manage, tmp_path):
    file = Path(sqlite_database.removeprefix("sqlite:///"))
    engine().dispose()
    damage(file)
    damaged = file.read_bytes()
    ran = manage("restore", backup, "--yes")
    assert ran.returncode == 0, ran.stderr
    assert "isn't known, as the database can't be read" in ran.stdout
    (kept,) = tmp_path.glob("*before-restore*.db")
    assert kept.read_bytes() == damaged
    assert the_state().name == "Lending platform"


def restore_in_a_process(backup: Path) -> subprocess.CompletedProcess:
    return forked_python.run("manage.py", "restore", backup, "--yes")


@pytest.mark.fault
def test_it_is_refused_while_the_program_runs_and_nothing_is_lost(backup, tmp_path, sqlite_database):
    """Some rounds against the running program, while another process writes through the same file."""
    engine().dispose()
    with Server(tmp_path / "log", {"DATABASE_URL": sqlite_database}) as server:
        acknowledged: list[str] = []
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                slug = f"written-{len(acknowledged)}"
                an_engagement(slug)
                acknowledged.append(slug)
                stop.wait(0.05)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(ROUNDS):
                ran = restore_in_a_process(backup)
                assert ran.returncode == 1
                assert ran.stderr.startswith("Headway is running")
        finally:
            stop.set()
            writer.join()
        assert server.process is not None
    assert acknowledged
    with engine().connect() as connection:
        slugs = set(connection.execute(text("SELECT slug FROM engagement")).scalars())
    assert slugs == {"acme", *acknowledged}
    engine().dispose()
    assert restore_in_a_process(backup).returncode == 0


def test_it_is_refused_while_something_without_our_lock_has_the_file_open(backup, sqlite_database):
    engine().dispose()
    with closing(sqlite3.connect(sqlite_database.removeprefix("sqlite:///"))) as other:
        other.execute("SELECT count(*) FROM engagement").fetchone()
        command = "import sys; from services.operations.restoring import restore; from pathlib import Path; "
        command += "from datetime import datetime; restore(Path(sys.argv[1]), datetime.now())"
        ran = subprocess.run(
            [sys.executable, "-c", command, backup], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert "Headway is running, or a command of it is" in ran.stderr


def test_postgres_gets_the_command_that_does_it(postgres_url, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    with pytest.raises(Invalid, match="pg_restore"):
        restore(tmp_path / "x.dump", noon(1))

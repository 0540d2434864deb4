"""The right embedded database, or none."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from models.database import engine_of
from models.errors import HeadwayError, Unavailable
from services.core.transaction import unjournalled_transaction
from services.operations import presence, startup
from services.operations.schema import newest_revision, schema_revision
from tests.builders import an_engagement, the_state


@pytest.fixture
def file(sqlite_database) -> Path:
    return Path(sqlite_database.removeprefix("sqlite:///"))


def take_away(file: Path) -> None:
    engine_of(f"sqlite:///{file}").dispose()
    for left in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        left.unlink(missing_ok=True)


def test_the_first_run_creates_the_database_and_says_so(tmp_path, monkeypatch, capsys):
    url = f"sqlite:///{tmp_path}/data/headway.db"
    monkeypatch.setenv("DATABASE_URL", url)
    startup.prepare_database()
    assert "This is the first run" in capsys.readouterr().out
    assert schema_revision(url) == newest_revision()


def test_a_database_that_is_gone_is_never_replaced_by_an_empty_one(file, manage):
    an_engagement()
    presence.use(f"sqlite:///{file}")
    take_away(file)
    with pytest.raises(HeadwayError, match="There is no database at .* but there was one"):
        startup.prepare_database()
    for command in (("upgrade",), ("status", "acme"), ("sample",), ("user", "list")):
        ran = manage(*command)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert "upgrade --new" in ran.stderr
    assert not file.exists()
    assert manage("upgrade", "--new").returncode == 0
    assert schema_revision(f"sqlite:///{file}") == newest_revision()


def test_new_never_touches_a_database_that_is_there(file, manage):
    an_engagement()
    assert manage("upgrade", "--new").returncode == 1
    assert the_state().name == "Lending platform"


def test_reading_a_database_that_is_not_there_creates_none(tmp_path):
    with pytest.raises(Unavailable, match="There is no database"):
        engine_of(f"sqlite:///{tmp_path}/none.db").connect()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
def test_writes_stop_once_the_file_is_another_one_and_go_on_once_it_is_back(how, file, tmp_path):
    an_engagement()
    aside = tmp_path / "aside.db"
    os.link(file, aside)
    if how == "replaced":
        (tmp_path / "new.db").write_bytes(file.read_bytes())
        os.replace(tmp_path / "new.db", file)
    else:
        file.unlink()
    with pytest.raises(Unavailable, match="Nothing was saved"):
        an_engagement("second")
    os.replace(aside, file)
    an_engagement("third")
    with closing(sqlite3.connect(file)) as read:
        assert {slug for (slug,) in read.execute("SELECT slug FROM engagement")} == {"acme", "third"}


def test_a_file_that_vanishes_within_a_transaction_is_noticed_before_the_commit(file):
    an_engagement()

    def write() -> None:
        with unjournalled_transaction() as session:
            session.execute(text("UPDATE engagement SET name = 'Another'"))
            file.unlink()

    with pytest.raises(Unavailable):
        write()


COMMANDS = [("status", "acme"), ("upgrade",), ("sample",), ("user", "list"), ("pull",), ("journal", "verify")]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_of_a_newer_version_is_named_by_every_command(words, file, manage):
    with closing(sqlite3.connect(file)) as written, written:
        written.execute("UPDATE alembic_version SET version_num = '9999'")
    ran = manage(*words)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("A newer version of Headway made this database: its schema is at 9999")


@pytest.mark.parametrize("words", [*COMMANDS, ("backup", "x.db")], ids=" ".join)
@pytest.mark.parametrize("content", ["random", "damaged"])
def test_a_damaged_database_is_named_by_every_command(words, content, file, manage, tmp_path, monkeypatch):
    an_engagement()
    engine_of(f"sqlite:///{file}").dispose()
    damaged = bytearray(file.read_bytes())
    damaged[100 if content == "damaged" else 0 : 60_000] = os.urandom(
        59_900 if content == "damaged" else 60_000
    )
    file.write_bytes(damaged)
    if words[0] == "backup":
        words = ("backup", tmp_path / "x.db")
    ran = manage(*words)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1

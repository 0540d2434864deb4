"""The program starts in each way that people start it, and answers."""

import sys
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from models.database import engine_of
from models.errors import HeadwayError
from models.version import VERSION
from services.operations import startup
from services.operations.schema import newest_revision, schema_revision
from tests.browser.server import Server

ROOT = Path(__file__).resolve().parents[1]


def ways(port: int) -> dict[str, tuple[str, ...]]:
    module = [sys.executable, "-m"]
    return {
        "python app.py": (sys.executable, "app.py"),
        "uvicorn app:app": (*module, "uvicorn", "app:app", "--port", str(port)),
        "streamlit run app.py": (*module, "streamlit", "run", "app.py", "--server.port", str(port)),
    }


@pytest.mark.parametrize("way", ["python app.py", "uvicorn app:app", "streamlit run app.py"])
def test_it_starts_and_brings_an_empty_database_up_to_date(way, tmp_path):
    url = f"sqlite:///{tmp_path}/headway.db"
    server = Server(tmp_path / "log", {"DATABASE_URL": url})
    server.command = ways(server.port)[way]
    with server:
        answer = httpx.get(f"{server.url}/api/v1/health").json()
        page = httpx.get(server.url, follow_redirects=True)
        sign = httpx.get(f"{server.url}/sign")
    assert answer == {"status": "ok", "version": VERSION, "schema": newest_revision()}
    assert page.status_code == 200
    assert "open the link in the mail" in sign.text
    assert "text/html" in page.headers["content-type"]
    # Addresses name clients, or are a secret themselves: no way of starting logs them.
    assert "/api/v1/health" not in server.printed_so_far()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nothing"),
        ("GET", "/api"),
        ("GET", "/api/"),
        ("POST", "/api/v1/health"),
        ("DELETE", "/api/v1/x/y"),
    ],
)
def test_an_unknown_api_address_is_a_problem_and_never_html(method, path, api_server):
    answer = httpx.request(method, f"{api_server}{path}", follow_redirects=True)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code in (404, 405)
    assert answer.json()["status"] == answer.status_code


@pytest.fixture(scope="module")
def api_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    with Server(folder / "log", {"DATABASE_URL": f"sqlite:///{folder}/headway.db"}) as server:
        yield server.url


def test_an_old_embedded_database_is_backed_up_before_it_is_brought_up_to_date(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path}/headway.db"
    monkeypatch.setenv("DATABASE_URL", url)
    startup.prepare_database()
    with engine_of(url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    monkeypatch.setattr(startup, "upgrade", lambda _: None)
    startup.prepare_database()
    assert len(list(tmp_path.glob("headway-before-*.db"))) == 1


def test_an_old_postgres_schema_is_refused_and_the_command_named(postgres_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    with engine_of(postgres_url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(HeadwayError, match=r"python manage\.py upgrade"):
        startup.prepare_database()
    assert schema_revision(postgres_url) == "0000"

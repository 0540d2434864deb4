"""What every test may ask for."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from hypothesis import HealthCheck, settings

from tests import both_databases, databases
from tests.first_imports import import_in_turn

# No test of ours fails for being slow. A fixture that a property test shares between its examples is a choice here.
settings.register_profile(
    "headway", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("headway")


def pytest_configure(config: pytest.Config) -> None:
    if databases.RUN_FOLDER not in os.environ:
        databases.open_run()
        config.add_cleanup(databases.close_run)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ and session.config.args == session.config.getini("testpaths"):
        import_in_turn(Path(__file__).parent)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:], left_out = both_databases.in_turn(items)
    config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish() -> None:
    # Thousands of tests and what they import stay until the end: collections would go through them again and again.
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(autouse=True, scope="session")
def the_programs_hash() -> Iterator[object]:
    """How the program hashes passwords. Tests do it with the least that argon2 takes: a real one costs more than they."""
    from services.people import passwords

    with pytest.MonkeyPatch.context() as patch:
        own, least = passwords._HASH, passwords.Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_HASH", passwords.PasswordHash([least]))
        yield own


@pytest.fixture(autouse=True, scope="session")
def the_programs_settings() -> Iterator[None]:
    """The program's settings, read once for all tests that differ in their database alone."""
    from models import settings as program

    place = list(program.Settings.model_fields).index("DATABASE_URL")
    own, alike = program._read, {}

    @lru_cache(maxsize=8)
    def read(values: tuple[str | None, ...]) -> program.Settings:
        url = values[place] or ""
        if not url.startswith(databases.URLS):
            return own(values)
        others = (*values[:place], *values[place + 1 :])
        if others not in alike:
            alike[others] = own(values)
        return alike[others].model_copy(update={"DATABASE_URL": url})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "_read", read)
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    from tests.worker_groups import Together

    return Together(config, log)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database of the newest schema, once on SQLite and once on Postgres."""
    with databases.fresh_database(request.param, tmp_path, migrated=True) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database without a single table, once on SQLite and once on Postgres."""
    with databases.fresh_database(request.param, tmp_path, migrated=False) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> Iterator[str]:
    """A fresh SQLite database of the newest schema, for tests to which the kind of database makes no difference."""
    with databases.sqlite_database(tmp_path) as url:
        yield url


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A fresh Postgres database of the newest schema, for tests of what only Postgres does."""
    with databases.postgres_database() as url:
        yield url


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The program's own database is a fresh one, once on SQLite and once on Postgres."""
    with _as_the_programs_own(database_url, monkeypatch):
        yield database_url


@pytest.fixture
def sqlite_database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The program's own database is a fresh SQLite file."""
    with _as_the_programs_own(sqlite_url, monkeypatch):
        yield sqlite_url


@pytest.fixture
def manage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., CompletedProcess[str]]:
    """`python manage.py WORDS` on the program's own database, without starting Python anew."""

    def run(*words: object) -> CompletedProcess[str]:
        from manage import main

        capsys.readouterr()
        monkeypatch.setattr("sys.argv", ["manage.py", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        text = capsys.readouterr()
        return CompletedProcess(words, ended.value.code or 0, text.out, text.err)

    return run


@contextmanager
def _as_the_programs_own(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", url)
    yield

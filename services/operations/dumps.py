"""Dumps of a Postgres database, by the client programs of Postgres where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import URL, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from models.errors import Invalid

MAINTENANCE_DATABASE = "postgres"


def dump(url: str, file: Path) -> None:
    """Write the whole database into `file`, in the custom format of pg_dump, and to the disk."""
    _run("pg_dump", make_url(url), "--format=custom", "--no-owner", f"--file={file}")
    with file.open("rb") as written:
        os.fsync(written.fileno())


def check_readable(file: Path) -> None:
    """Read a dump to its end. Raises Invalid if it isn't a whole one."""
    _run("pg_restore", None, "--file=/dev/null", str(file))


@contextmanager
def restored_copy(url: str, file: Path) -> Iterator[str | None]:
    """Restore a dump into a database of its own on the same server, and yield its URL; dropped afterwards.

    Yields None if the account of `url` may not create databases.
    """
    name = f"headway_verify_{uuid4().hex[:12]}"
    maintenance = create_engine(
        make_url(url).set(database=MAINTENANCE_DATABASE), isolation_level="AUTOCOMMIT", hide_parameters=True
    )
    copy = make_url(url).set(database=name)
    try:
        with maintenance.connect() as connection:
            try:
                connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
            except ProgrammingError:
                yield None
                return
            try:
                _run("pg_restore", copy, "--no-owner", "--exit-on-error", f"--dbname={name}", str(file))
                yield copy.render_as_string(hide_password=False)
            finally:
                connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    finally:
        maintenance.dispose()


def _run(program: str, url: URL | None, *arguments: str) -> None:
    """Run a client program. The password goes by the environment: other users see a command's arguments."""
    if shutil.which(program) is None:
        raise Invalid(
            f"{program} isn't installed here. Install the client programs of Postgres, in the version of your server."
        )
    environment = dict(os.environ) | (_connection(url) if url else {})
    ran = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        lines = ran.stderr.strip().splitlines() or [f"exit code {ran.returncode}"]
        raise Invalid(f"{program} failed: {lines[0]}")


def _connection(url: URL) -> dict[str, str]:
    """Return a URL as the environment variables of Postgres' client programs."""
    query = {name: value for name, value in url.query.items() if isinstance(value, str)}
    given = {
        "PGHOST": url.host or query.get("host"),
        "PGPORT": url.port or query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": query.get("sslmode"),
    }
    return {name: str(value) for name, value in given.items() if value}

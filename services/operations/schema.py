"""The schema's migrations: upgrading, and the revision that a database is at."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from models.database import embedded_file, engine_of
from models.errors import HeadwayError
from services.operations import presence

ROOT = Path(__file__).resolve().parents[2]


def _config(url: str) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def upgrade(url: str, to: str = "head") -> None:
    """Upgrade the database at `url` to the newest migration, or to another. It may be there already.

    What is computed by rules that may have changed is stored anew. Raises HeadwayError if a newer version of the
    program made it.
    """
    before = schema_revision(url)
    refuse_newer(before)
    if (file := embedded_file(url)) is not None and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    command.upgrade(_config(url), to)
    if before not in (None, schema_revision(url)) and schema_revision(url) == newest_revision():
        # Imported here: opening a database that is up to date needs no rule.
        from services.operations.stored_summaries import refresh_summaries

        refresh_summaries(url)


def schema_revision(url: str) -> str | None:
    """Return the migration that the database at `url` is at, or None if it has no schema yet."""
    file = embedded_file(url)
    if file is not None and not file.exists():
        return None
    with engine_of(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def expect_newest(url: str) -> None:
    """Raise HeadwayError, with the command that helps, if the database isn't at the newest migration."""
    has, needs = schema_revision(url), newest_revision()
    if has != needs:
        refuse_newer(has)
        presence.refuse_missing(url)
        raise HeadwayError(
            f"The database's schema is at {has or 'nothing'}, this program needs {needs}. Run: python manage.py upgrade"
        )


def newest_revision() -> str:
    """Return the newest migration of this program."""
    return ScriptDirectory.from_config(_config("")).get_current_head() or ""


def refuse_newer(revision: str | None) -> None:
    """Raise HeadwayError if a database's migration is later than this program's: a newer version made it."""
    if revision is not None and not is_known(revision):
        raise HeadwayError(
            f"A newer version of Headway made this database: its schema is at {revision}, this program knows up to "
            f"{newest_revision()}. Nothing was changed: run the newer version."
        )


def is_known(revision: str) -> bool:
    """Return whether the migration `revision` isn't later than this program's. Their numbers sort by age."""
    return revision <= newest_revision()

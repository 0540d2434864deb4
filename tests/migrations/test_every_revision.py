"""A database at any earlier revision, with data in it, opens: its proofs hold and its weeks keep their bytes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import update

from models import append_only
from models.database import engine
from models.review import ReviewPassage
from reports.exports.verify import verify
from services.operations import journal_check
from services.operations.schema import _config, newest_revision, schema_revision, upgrade
from services.sign_off.receipt_check import check_receipt
from store.reviews import document
from tests import databases
from tests.builders import the_operator
from tests.former_texts import stored_as_typed
from tests.migrations.test_normalised_names import DAY, KEPT, Before, fill_database, rows_of, untouched

SCRIPTS = ScriptDirectory.from_config(_config("sqlite://"))
EARLIER = [
    script.revision for script in SCRIPTS.walk_revisions() if "0006" <= script.revision < newest_revision()
]
"""Revisions before the newest, the latest first. The way down to those before 0006 drops the proofs themselves."""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def newest(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Before]]:
    """A database of the newest revision, and what is in it."""
    folder = tmp_path_factory.mktemp("newest")
    with databases.fresh_database(request.param, folder) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        with stored_as_typed():
            before = fill_database()
        engine().dispose()
        yield url, before


@pytest.mark.parametrize("revision", EARLIER)
def test_an_earlier_database_opens_and_everything_verifies(
    revision: str, newest: tuple[str, Before], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    url, before = newest
    with databases.copied_database(url, tmp_path) as copy:
        monkeypatch.setenv("DATABASE_URL", copy)
        command.downgrade(_config(copy), revision)
        assert schema_revision(copy) == revision
        upgrade(copy)
        # Their journal has a Friday, which those of before 0018 don't have.
        with engine().begin() as connection:
            connection.execute(update(ReviewPassage).values(friday=before.friday))
        assert schema_revision(copy) == newest_revision()
        now = rows_of(KEPT)
        assert [table for table in sorted(KEPT) if not untouched(table, now, before)] == []
        # Every file of a week is made of its snapshot alone: tests/reports/exports has those.
        assert document(the_operator(DAY), "acme", before.week).to_bytes() == before.files["json"]
        assert verify(the_operator(DAY), before.files["md"]).holds
        (verdict,) = journal_check.verify(the_operator())
        assert (verdict.problem, verdict.unguarded) == (None, [])
        assert check_receipt(before.receipt).holds
        with engine().connect() as connection:
            assert append_only.tables_without_triggers(connection) == []
        engine().dispose()

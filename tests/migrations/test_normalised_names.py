"""A database with decomposed text opens, says the same, and everything in it that is proved stays proved."""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from alembic import command
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models import append_only
from models.base import Base
from models.database import engine, read_connection
from models.engagement import StoredSummary
from models.journal import JournalEntry
from models.people import Role, User
from models.review import ReviewPassage
from models.summarise import summarise
from models.summary import Summary
from reports.exports.verify import verify
from reports.exports.week_files import FORMATS, export
from services.imports import applying, undoing
from services.imports.applying import File
from services.interviews import interviews
from services.interviews.frictions import FrictionEdits
from services.inventory import systems
from services.measurements import batches
from services.measurements.batches import Rows
from services.metrics import definitions
from services.operations import journal_check
from services.operations.schema import _config, newest_revision, schema_revision, upgrade
from services.plan import milestones
from services.privacy import erasure
from services.review import reviews
from services.sign_off import signing
from services.sign_off.receipt_check import check_receipt
from services.sign_off.receipts import issue_receipt
from services.workflows import workflows
from store import reviews as frozen_reviews
from store import states
from store.journal import JournalFilter, entries
from tests import databases
from tests.builders import a_metric, an_actor, an_engagement, on_day, the_operator, the_state
from tests.former_texts import stored_as_typed

DAY = 20
JOSE, JOSE_DECOMPOSED = "Jos\u00e9 N\u00fa\u00f1ez", "Jose\u0301 Nu\u0301n\u0303ez"
NAME_OF_METRIC = "De\u0301cision\u00a0time"
# What keeps its bytes: what was said or proved by then, and what that covers.
KEPT = {
    "journal", "sign_off", "sign_off_record", "sign_off_request", "sign_off_item", "sign_off_link", "sign_off_event",
    "sign_off_receipt", "snapshot", "review", "review_download", "erasure", "metric", "definition", "measurement",
}  # fmt: skip
# Besides those: e-mails of doubles, logs of who signed in, and drafts that a passage replaced.
MAY_STAY_DECOMPOSED = {*KEPT, "security_event", "review_passage"}


class Before(NamedTuple):
    """What there was at the former revision: rows of each table that is kept, and files that people took away."""

    rows: dict[str, list[tuple[Any, ...]]]
    week: str
    files: dict[str, bytes]
    receipt: bytes
    import_id: int
    revision: int
    summary: Summary
    friday: date


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def mended(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Before]]:
    """A database that was at the revision before this one, held text as people typed it, and was brought up to date."""
    folder = tmp_path_factory.mktemp("mended")
    with databases.fresh_database(request.param, folder) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        with stored_as_typed():
            before = fill_database()
        _take_back(url)
        upgrade(url)
        assert schema_revision(url) == newest_revision()
        # Passages of that time had no Friday, and their journal none either.
        with engine().begin() as connection:
            connection.execute(update(ReviewPassage).values(friday=before.friday))
        engine().dispose()
        yield url, before


@pytest.fixture
def upgraded(mended: tuple[str, Before], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Before]:
    """The program's own database is a copy of `mended`."""
    url, before = mended
    with databases.copied_database(url, tmp_path) as copy:
        monkeypatch.setenv("DATABASE_URL", copy)
        yield before
        engine().dispose()


def _take_back(url: str) -> None:
    """Make the database one of the revision before this one: the program writes none but those of the newest."""
    engine().dispose()
    command.downgrade(_config(url), "0010")


def fill_database() -> Before:
    typed = unicodedata.normalize("NFD", "Cr\u00e9dit \u00e0 l\u2019heure")
    an_engagement(name=typed, sponsor=f"{JOSE_DECOMPOSED}, COO", lead=f"Rene\u0301\u00a0 {JOSE_DECOMPOSED}")
    lead = an_actor("Mei Tan", day=DAY - 2)
    _interviews(lead)
    systems.save(lead, "acme", added=[{"name": typed, "owner": JOSE_DECOMPOSED, "note": f"{typed}\n\n1"}])
    systems.save(lead, "acme", added=[{"name": "Lo\u00adgin", "kind": "\ufeffweb  portal"}])
    workflows.add_workflow(lead, "acme", {"name": f"{typed} workflow", "state": "candidate", "note": typed})
    row = the_state().milestones[0]
    milestones.state_claim(lead, "acme", row.id, says="done", reason=typed, expires_on=on_day(40))
    rows = f"name,owner\nImported,{JOSE_DECOMPOSED}\n"
    run = applying.import_file(lead, "acme", File("systems", rows, f"{typed}.csv")).import_id
    metric = a_metric(name=NAME_OF_METRIC, target="90 s", baseline="4 h", owner=JOSE_DECOMPOSED, day=DAY - 2)
    at = [datetime.combine(on_day(3), time(9), UTC)]
    batches.record(lead, "acme", Rows([metric], at, [4.0], note=[f"{typed}: counted"]), typed)
    sponsor = an_actor("Dana Ruiz", role=Role.SPONSOR, day=DAY - 1)
    record = signing.sign(sponsor, "acme", signing.approvals({metric: digest()}), name=JOSE_DECOMPOSED)
    receipt = issue_receipt(lead, "acme", record)[1]
    reviews.edit_passages(the_operator(DAY), "acme", on_day(DAY), {"note": f"Ask {JOSE_DECOMPOSED}"})
    week = reviews.freeze(the_operator(DAY), "acme", on_day(DAY)).digest
    with Session(engine()) as session, session.begin():
        session.add(
            User(
                email=unicodedata.normalize("NFD", "jos\u00e9@x.example"),
                name=JOSE_DECOMPOSED,
                created_at=at[0],
            )
        )
    return Before(
        rows_of(KEPT), week, files(week), receipt, run, the_state().revision, stored_summary(), _friday()
    )


def _friday() -> date:
    with read_connection() as connection:
        return connection.execute(select(ReviewPassage.friday)).scalar_one()


def _interviews(lead) -> None:
    """Two on different days, and two planned for one day: the latter can't both be spelled alike."""
    observed = {
        "theme": "A\u0300 revoir",
        "observed": f"{JOSE_DECOMPOSED} waits",
        "severity": 4,
        "frequency": "daily",
    }
    for number, spelling in enumerate((JOSE, JOSE_DECOMPOSED)):
        frictions = FrictionEdits([{**observed, "observed": f"{spelling} waits {number}"}])
        interviews.record_interview(
            lead, "acme", {"interviewee": spelling, "held_on": on_day(number + 3)}, frictions
        )
    double = {"interviewee": JOSE_DECOMPOSED, "planned_on": on_day(30)}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(interviews, "_refuse_duplicate", lambda *_: None)
        for spelling in (JOSE, JOSE_DECOMPOSED):
            interviews.plan_interview(lead, "acme", {**double, "interviewee": spelling})


def digest() -> str:
    return the_state().metrics[0].digest()


def rows_of(tables: set[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of these tables, in the order in which they were made."""
    with engine().connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
            if table.name in tables
        }


def files(week: str) -> dict[str, bytes]:
    """The exports of a frozen week by format, and its snapshot."""
    document = frozen_reviews.document(the_operator(DAY), "acme", week)
    return {format: export(document, format) for format in FORMATS} | {"json": document.to_bytes()}


def stored_summary() -> Summary:
    with read_connection() as connection:
        return Summary.from_json(connection.execute(select(StoredSummary.content)).scalar_one())


def untouched(table: str, rows: dict[str, list[tuple[Any, ...]]], before: Before) -> bool:
    return rows[table][: len(before.rows[table])] == before.rows[table]


def test_what_was_proved_keeps_its_bytes_and_its_proof(upgraded):
    now = rows_of(KEPT)
    assert [table for table in sorted(KEPT) if not untouched(table, now, upgraded)] == []
    assert files(upgraded.week) == upgraded.files
    for format, data in upgraded.files.items():
        proof = verify(the_operator(DAY), data)
        assert proof.holds, (format, proof.findings)
    (verdict,) = journal_check.verify(the_operator())
    assert (verdict.problem, verdict.unguarded) == (None, [])
    metric = the_state().metrics[0]
    assert (metric.seal, metric.name, metric.owner) == ("signed", NAME_OF_METRIC, JOSE_DECOMPOSED)
    checked = check_receipt(upgraded.receipt)
    assert checked.genuine
    assert checked.holds, checked.findings
    with engine().connect() as connection:
        assert append_only.tables_without_triggers(connection) == []


def test_nothing_else_is_stored_decomposed_any_more(upgraded):
    tables = {table.name for table in Base.metadata.sorted_tables} - MAY_STAY_DECOMPOSED
    left = [
        (table, row)
        for table, rows in rows_of(tables).items()
        for row in rows
        if unicodedata.normalize("NFC", repr(row)) != repr(row) or "\u00ad" in repr(row)
    ]
    # The double of an interview that is planned for the same day, and what a summary says of a signed metric.
    assert [table for table, _ in left] == ["interview", "summary"]
    state = the_state()
    assert [row.name for row in state.systems] == ["Cr\u00e9dit \u00e0 l\u2019heure", "Login", "Imported"]
    assert (state.lead, state.systems[1].kind) == (f"Ren\u00e9 {JOSE}", "web portal")
    assert state.systems[0].note == "Cr\u00e9dit \u00e0 l\u2019heure\n\n1"
    assert [row.interviewee for row in state.interviews] == [JOSE, JOSE, JOSE, JOSE_DECOMPOSED]


def test_each_mended_row_is_journalled_by_the_program_itself(upgraded):
    actor = the_operator(DAY)
    mended, count = entries(actor, "acme", JournalFilter(person="Headway"))
    assert count == the_state().revision - upgraded.revision > 10
    assert {(entry.use_case, entry.via, entry.user_id) for entry in mended} == {
        ("normalise names", "upgrade", None)
    }
    assert not {entry.kind for entry in mended} & KEPT
    with Session(engine()) as session:
        acts = session.scalars(
            select(func.count(JournalEntry.act.distinct())).where(JournalEntry.actor == "Headway")
        )
        assert acts.one() == 1


def test_an_earlier_state_says_what_was_typed_and_a_summary_what_is_stored(upgraded):
    earlier = states.state(the_operator(DAY), "acme", upgraded.revision)
    assert earlier.interviews[1].interviewee == JOSE_DECOMPOSED
    now = the_state()
    with read_connection() as connection:
        fresh = states.load(connection, now.id)
        revision = connection.execute(select(StoredSummary.revision)).scalar_one()
    assert stored_summary() == summarise(fresh)
    assert revision == now.revision
    assert stored_summary() != upgraded.summary
    assert stored_summary().end_users_on == [on_day(3)]


def test_the_copy_and_the_erasure_reach_what_was_typed_then(upgraded):
    lead = an_actor("Mei Tan", day=DAY)
    copy = erasure.hand_over(lead, "acme", JOSE).decode()
    assert copy.count('"planned_on"') >= 4
    erasure.erase(lead, "acme", JOSE, "asked")
    assert {row.person for row in the_state().interviews} == {"erased person 1"}
    (verdict,) = journal_check.verify(the_operator())
    assert verdict.problem is None


@pytest.mark.parametrize(
    ("given", "breaks"),
    [({"name": "D\u00e9cision time", "owner": JOSE}, False), ({"name": "Decision time"}, True)],
)
def test_a_signature_holds_until_somebody_means_something_else(upgraded, given, breaks):
    metric = the_state().metrics[0]
    broke = definitions.change(an_actor("Mei Tan", day=DAY), "acme", metric.id, given, seen=metric.version)
    assert broke is breaks
    assert the_state().metrics[0].seal == ("broken" if breaks else "signed")


def test_an_import_from_before_can_still_be_undone(upgraded):
    undoing.undo(an_actor("Mei Tan", day=DAY), "acme", upgraded.import_id)
    assert [row.name for row in the_state().systems] == ["Cr\u00e9dit \u00e0 l\u2019heure", "Login"]


def test_the_same_file_again_changes_nothing(upgraded):
    rows = f"name,owner\nImported,{JOSE_DECOMPOSED}\n"
    brought = applying.import_file(an_actor("Mei Tan", day=DAY), "acme", File("systems", rows))
    assert brought.import_id is None


def test_people_are_found_by_the_email_that_they_type(upgraded):
    with Session(engine()) as session:
        user = session.scalars(select(User).where(User.email == "jos\u00e9@x.example")).one()
        assert user.name == JOSE


def test_where_nothing_is_to_be_mended_nothing_is_journalled(database):
    an_engagement()
    before = the_state().revision, the_state().head
    _take_back(database)
    upgrade(database)
    assert (the_state().revision, the_state().head) == before

"""Whoever goes around the program and its triggers, straight into the database, is found out, and where."""

from contextlib import suppress
from datetime import timedelta
from functools import cache
from itertools import chain, pairwise

import pytest
from sqlalchemy import Connection, delete, select, update

from models import append_only
from models.database import engine, single_transaction, write_bind
from models.engagement import Engagement
from models.errors import Forbidden, Invalid
from models.journal import JournalEntry, entry_hash, payload_digest
from models.journal_chain import PublishedHead, first_break, problem_with
from models.people import Role
from services.inventory import systems
from services.operations import journal_check
from services.operations.journal_check import JournalVerdict, parse_head
from services.review import reviews
from services.sign_off import signing
from tests.builders import a_metric, an_actor, an_engagement, on_day, the_operator, the_state

ROWS = 1_000
TABLE = JournalEntry.__table__
COLUMNS = [column.name for column in TABLE.columns if column.name != "id"]


class Undone(Exception):
    """Takes back what an attack did, so that the next one meets the same journal."""


@pytest.fixture
def long_journal(database) -> list[str]:
    """An engagement with at least 1,000 entries. Their hashes, in order."""
    an_engagement()
    systems.save(the_operator(), "acme", added=[{"name": f"System {n}"} for n in range(ROWS)])
    with engine().connect() as connection:
        return list(connection.execute(select(TABLE.c.hash).order_by(TABLE.c.sequence)).scalars())


@pytest.fixture
def acme(database) -> None:
    an_engagement()


def after(attack, published: PublishedHead | None = None) -> JournalVerdict:
    """What the check says after an attack with the rights of the database's owner, which is taken back then."""
    with suppress(Undone), single_transaction():
        connection = write_bind()
        append_only.remove_triggers(connection)
        attack(connection)
        (verdict,) = journal_check.verify(the_operator(), published=published, slug="acme")
        raise Undone
    return verdict


def the_one(sequence: int):
    return TABLE.c.sequence == sequence


def entry(connection: Connection, sequence: int) -> dict:
    return dict(connection.execute(select(TABLE).where(the_one(sequence))).mappings().one())


def another(column: str, value):
    """A value of the same type that isn't that one."""
    if column == "at":
        return value + timedelta(microseconds=1)
    if isinstance(value, int):
        return value + 1
    if value is None:
        return 1 if column == "user_id" else "something"
    return value[:-1] + ("0" if value[-1:] != "0" else "1")


def edit(column: str, sequence: int):
    def attack(connection: Connection) -> None:
        row = entry(connection, sequence)
        new = {column: another(column, row[column])}
        if column in ("sequence", "engagement_id"):
            # The place may be taken, and the engagement there: then it would be refused anyway.
            new = {"sequence": row["sequence"] + 10 * ROWS}
        connection.execute(update(TABLE).where(TABLE.c.id == row["id"]).values(new))

    return attack


def remove(sequence: int):
    return lambda connection: connection.execute(delete(TABLE).where(the_one(sequence)))


def swap(sequence: int):
    """Entries `sequence` and the next one take each other's place."""

    def attack(connection: Connection) -> None:
        for old, new in [(sequence, -1), (sequence + 1, sequence), (-1, sequence + 1)]:
            connection.execute(update(TABLE).where(the_one(old)).values(sequence=new))

    return attack


@pytest.fixture
def hashed_once(monkeypatch) -> None:
    """What was hashed isn't hashed again: so the check of thousands of journals of a thousand rows takes seconds."""
    # A row is kept beside its hash, so that no other one gets its place in memory.
    hashes: dict[int, tuple[dict, str]] = {}

    def remembered(entry: dict) -> str:
        if id(entry) not in hashes:
            hashes[id(entry)] = entry, entry_hash(entry)
        return hashes[id(entry)][1]

    monkeypatch.setattr("models.journal_chain.entry_hash", remembered)
    monkeypatch.setattr("models.journal_chain.payload_digest", cache(payload_digest))


def edited(row: dict, column: str) -> dict:
    return row | {column: another(column, row[column])}


@pytest.mark.usefixtures("hashed_once")
def test_each_of_a_thousand_rows_that_is_edited_in_any_column_removed_or_swapped_is_found_and_named(
    long_journal,
):
    with engine().connect() as connection:
        rows = list(journal_check.journal_rows(connection, 1))
    head, newest = rows[-1]["hash"], len(rows)
    assert first_break(rows, head, newest) is None
    for place, (row, next_one) in enumerate(pairwise(rows[: ROWS + 1])):
        number, previous = place + 1, rows[place - 1]["hash"] if place else ""
        assert problem_with(row, number, previous) is None
        for column in COLUMNS:
            assert f"entry {number}" in problem_with(edited(row, column), number, previous), column
        swapped = [next_one | {"sequence": number}, row | {"sequence": number + 1}]
        assert f"entry {number}" in problem_with(next_one, number, previous)
        assert f"entry {number}" in problem_with(swapped[0], number, previous)
        # And so it is in a check that begins with the first row and doesn't know where to look.
        some = edited(row, COLUMNS[place // 3 % len(COLUMNS)])
        instead = [[some, next_one], [next_one], swapped][place % 3]
        place_of_break = first_break(chain(rows[:place], instead, rows[place + 2 :]), head, newest)
        assert place_of_break is not None
        assert place_of_break.sequence == number


def test_whatever_is_done_to_a_row_in_the_database_is_found_and_named(acme):
    newest = the_state().revision
    for how in [*COLUMNS, "removed", "swapped"]:
        sequence = newest // 2
        attack = {"removed": remove, "swapped": swap}.get(how, lambda row: edit(how, row))(sequence)  # noqa: B023
        verdict = after(attack)
        assert verdict.sequence == sequence, how
        assert f"entry {sequence}" in verdict.problem
    (untouched,) = journal_check.verify(the_operator())
    assert (untouched.problem, untouched.entries) == (None, newest)


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize(
    ("column", "value"), [("at", "noon"), ("act", 2**60), ("actor", b"\xff"), ("salt", 7)]
)
def test_a_value_that_no_entry_can_have_is_found_and_named(column, value):
    an_engagement()
    verdict = after(
        lambda connection: connection.exec_driver_sql(
            f"UPDATE journal SET {column} = ? WHERE sequence = 5", (value,)
        )
    )
    assert verdict.sequence == 5


def rewrite(connection: Connection, since: int, last: int | None = None) -> None:
    """What an owner of the database can do: tell another story from an entry on, with every hash and count."""
    rows = connection.execute(select(TABLE).order_by(TABLE.c.sequence)).mappings().all()
    previous = ""
    for row in map(dict, rows):
        if last is not None and row["sequence"] > last:
            connection.execute(delete(TABLE).where(TABLE.c.id == row["id"]))
            continue
        if row["sequence"] >= since:
            row |= {"actor": "somebody else", "previous": previous}
            row["hash"] = entry_hash(row)
            connection.execute(update(TABLE).where(TABLE.c.id == row["id"]).values(row))
        previous, newest = row["hash"], row["sequence"]
    connection.execute(update(Engagement.__table__).values(head=previous, revision=newest))


def cut(last: int):
    return lambda connection: rewrite(connection, since=10**9, last=last)


def test_a_tail_cut_off_with_the_engagements_own_count_is_found_against_a_head_published_before(acme):
    revision, head = the_state().revision, the_state().head
    assert "in its table and not in the journal" in after(cut(revision - 3)).problem
    verdict = after(cut(revision - 3), parse_head(f"{head}@{revision}"))
    assert verdict.sequence == revision - 2
    assert verdict.problem == (
        f"the entries from {revision - 2} on are missing: the head that was given names entry {revision}, and the "
        "journal ends before it"
    )


def test_a_tail_cut_off_alone_is_found_by_the_engagements_count(acme):
    newest = the_state().revision
    verdict = after(remove(newest))
    assert (verdict.sequence, verdict.problem) == (
        newest,
        f"entry {newest} is missing: the engagement counts {newest} of them",
    )


def test_a_chain_written_anew_passes_without_a_head_and_the_check_says_that_it_cant_tell(acme):
    verdict = after(lambda connection: rewrite(connection, since=4))
    assert verdict.problem is None
    assert "can't prove that nobody who owns the database wrote the whole journal anew" in verdict.limits[0]


def test_a_chain_written_anew_is_found_against_a_head_published_before(acme):
    revision, head = the_state().revision, the_state().head
    systems.save(the_operator(2), "acme", added=[{"name": "Later"}])
    verdict = after(lambda connection: rewrite(connection, since=4), parse_head(f"{head[:16]}@{revision}"))
    assert verdict.sequence == revision
    assert "written anew" in verdict.problem
    (unbroken,) = journal_check.verify(the_operator(), "acme", parse_head(f"{head}@{revision}"))
    assert unbroken.problem is None
    assert "the 1 entry after the head that was given" in unbroken.limits[0]


def test_a_frozen_week_holds_the_chain_as_well(acme):
    revision = the_state().revision
    reviews.freeze(the_operator(6), "acme", on_day(6))
    verdict = after(lambda connection: rewrite(connection, since=4))
    assert verdict.sequence == revision
    assert "isn't the one that the frozen week 1 names" in verdict.problem


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE metric SET target = 60", "metric 1 has another target in its table than in the journal"),
        ("DELETE FROM system WHERE id = 1", "system 1 is in the journal and not in its table"),
        (
            "UPDATE engagement SET client = 'X'",
            "engagement 1 has another client in its table than in the journal",
        ),
        (
            "UPDATE sign_off SET digest = 'x'",
            "sign off 1 has another digest in its table than in the journal",
        ),
        (
            "UPDATE sign_off_record SET content = replace(content, '90 s', '80 s')",
            "sign off 1 has another record than the one that was signed",
        ),
        (
            "UPDATE sign_off_record SET digest = 'x'",
            "sign off 1 has another record than the one that was signed",
        ),
    ],
)
def test_a_table_edited_behind_the_programs_back_is_found(acme, statement, problem):
    a_metric(target="90 s")
    sponsor = an_actor("Dana", role=Role.SPONSOR, day=2)
    shown = {metric.id: metric.digest() for metric in the_state().metrics}
    signing.sign(sponsor, "acme", signing.approvals(shown), name="Dana")
    systems.save(the_operator(), "acme", added=[{"name": "Billing"}])
    verdict = after(lambda connection: connection.exec_driver_sql(statement))
    assert verdict.sequence is None
    assert verdict.problem.startswith(problem)


@pytest.mark.parametrize("text", ["", "abc@5", "g" * 64 + "@5", "a" * 64, "a" * 64 + "@0", "a" * 65 + "@1"])
def test_what_is_no_head_is_refused(text):
    with pytest.raises(Invalid, match="names no head"):
        parse_head(text)


@pytest.mark.usefixtures("sqlite_database")
def test_only_an_operator_checks_every_journal():
    an_engagement()
    with pytest.raises(Forbidden, match="Name an engagement of yours"):
        journal_check.verify(an_actor("Rae", role=Role.VIEWER))
    with pytest.raises(Invalid, match="belongs to one engagement"):
        journal_check.verify(the_operator(), published=PublishedHead(1, "a" * 64, "x"))


def test_it_goes_on_from_a_verified_head_and_reads_nothing_before(long_journal):
    since = PublishedHead(900, long_journal[899][:20], "the head that was given")
    steps: list[tuple[str, int, int]] = []

    def verdict() -> JournalVerdict:
        (finding,) = journal_check.verify(
            the_operator(), "acme", since=since, progress=lambda *given: steps.append(given)
        )
        return finding

    assert verdict().problem is None
    assert "went on from the head" in verdict().limits[0]
    assert steps[-1] == ("acme", len(long_journal), len(long_journal))
    for sequence, problem in ((500, None), (950, "what entry 950 says was altered")):
        with suppress(Undone), single_transaction():
            append_only.remove_triggers(write_bind())
            write_bind().execute(update(TABLE).where(the_one(sequence)).values(payload="{}"))
            assert verdict().problem == problem
            raise Undone
    with pytest.raises(Invalid, match="isn't the one of that head"):
        journal_check.verify(
            the_operator(), "acme", since=PublishedHead(900, "0" * 20, "the head that was given")
        )

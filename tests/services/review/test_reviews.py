"""The weekly review: drafted, edited, frozen, superseded, and never changed by what is learned later."""

import json
from datetime import date, timedelta

import pytest
import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Conflict, Forbidden, Invalid
from models.people import Role
from models.review import ReviewDownload, Snapshot
from models.snapshot import SnapshotDocument, sha256
from models.state_changes import Change, Kind
from models.summarise import summarise
from models.wording import day_month
from reports.exports.week_files import export
from reports.review import compare
from reports.review.draft import draft
from services.measurements import batches
from services.measurements.batches import Rows
from services.metrics import definitions
from services.review import reviews
from store import reviews as stored_reviews
from store import states
from tests.builders import an_actor, an_engagement, noon, on_day, the_operator, the_state
from tests.stories import a_story

pytestmark = pytest.mark.usefixtures("database")


def frozen(day: int = 56, slug: str = "acme") -> SnapshotDocument:
    made = reviews.freeze(the_operator(day), slug, on_day(day))
    return stored_reviews.document(the_operator(day), slug, made.digest)


def test_a_draft_says_in_one_sentence_where_the_week_stands_and_what_the_data_proves():
    a_story()
    drafts = draft(the_operator(60), "acme", on_day(56)).composed.drafts
    assert drafts["verdict"].startswith("Off track on day 56 of 90. Plan: ")
    assert "confirmed better: Applications at peak (" in drafts["verdict"]
    assert drafts["verdict"].endswith("; 1 decision waits.")
    assert drafts["changes"].startswith("Since 22 Nov: ")


def test_a_frozen_week_names_its_revision_and_its_journal_and_is_addressed_by_its_content():
    a_story()
    document = frozen()
    state = states.state(the_operator(60), "acme", document.body["revision"])
    assert document.body["head"] == state.head
    assert document.digest == sha256(document.body)
    assert document.content["head"] | {} == document.content["head"]
    assert (document.content["head"]["week"], document.content["head"]["day"]) == (8, 56)


def test_both_the_draft_and_the_leads_edit_are_kept():
    a_story()
    drafted = draft(the_operator(56), "acme", on_day(56)).composed.drafts["verdict"]
    reviews.edit_passages(the_operator(56), "acme", on_day(56), {"verdict": "We are late, and know why."})
    document = frozen()
    assert document.body["text"]["verdict"] == {"draft": drafted, "edit": "We are late, and know why."}
    assert document.passage("verdict") == "We are late, and know why."


def test_writing_the_draft_again_takes_the_edit_back():
    a_story()
    drafted = draft(the_operator(56), "acme", on_day(56)).composed.drafts["verdict"]
    for text in ("Mine", drafted):
        reviews.edit_passages(the_operator(56), "acme", on_day(56), {"verdict": text})
    assert frozen().body["text"]["verdict"]["edit"] is None


def test_a_frozen_week_is_not_frozen_again_only_superseded_with_a_reason():
    a_story()
    first = reviews.freeze(the_operator(56), "acme", on_day(56))
    with pytest.raises(Invalid, match="Week 8 was frozen on 29 Nov by operator"):
        reviews.freeze(the_operator(56), "acme", on_day(55))
    with pytest.raises(Invalid, match="Give the reason"):
        reviews.supersede(the_operator(57), "acme", first.id, " ")
    definitions.change(the_operator(57), "acme", the_state().metrics[0].id, {"target": 1.0}, seen=None)
    second = reviews.supersede(the_operator(57), "acme", first.id, "A target was wrong")
    old, new = the_state().reviews
    assert (old.superseded_by.id, new.reason, new.reviewed_on) == (
        second.id,
        "A target was wrong",
        on_day(56),
    )
    assert stored_reviews.week(the_operator(60), "acme", 8).id == second.id
    assert stored_reviews.week(the_operator(60), "acme", 8, version=first.id).superseded
    with pytest.raises(Invalid, match="took its place"):
        reviews.supersede(the_operator(58), "acme", first.id, "Again")


def test_values_under_a_definition_that_isnt_signed_say_so_in_every_format():
    a_story()
    definitions.change(the_operator(55), "acme", the_state().metrics[0].id, {"owner": "Risk"}, seen=None)
    document = frozen()
    seals = {row["seal"]: row for row in document.content["metrics"]}
    changed, signed = seals["broken"], seals["signed"]
    assert changed["target"].endswith(", changed after signing")
    assert "sign" not in signed["target"]
    assert changed["target"] in export(document, "md").decode().replace("\\", "")


def test_later_corrections_never_change_a_frozen_week():
    a_story()
    before = frozen().to_bytes()
    definitions.change(the_operator(59), "acme", the_state().metrics[0].id, {"target": 1.0}, seen=None)
    definitions.retire(the_operator(59), "acme", the_state().metrics[1].id)
    week = stored_reviews.week(the_operator(60), "acme", 8)
    assert stored_reviews.document(the_operator(60), "acme", week.digest).to_bytes() == before


def test_a_past_week_is_frozen_as_it_was_known_then():
    a_story()
    document = frozen(21)
    assert document.content["head"]["day"] == 21
    assert all(
        row["verdict"] in ("no change", "too early", "no points") for row in document.content["metrics"]
    )
    assert document.content["leading"][2] == {"name": "Workflows live", "now": "0", "before": "0"}


def test_what_was_on_screen_is_what_is_frozen():
    a_story()
    with pytest.raises(Conflict, match="Nothing was frozen"):
        reviews.freeze(the_operator(60), "acme", on_day(60), seen=the_state().revision - 1)


def test_a_day_to_come_and_a_day_before_day_1_are_refused():
    a_story()
    with pytest.raises(Invalid, match="still to come"):
        reviews.freeze(the_operator(60), "acme", on_day(61))
    an_engagement("later", day_1=on_day(30))
    with pytest.raises(Invalid, match="no week to review yet"):
        reviews.freeze(the_operator(20), "later", on_day(20))


def test_only_the_lead_freezes():
    a_story()
    for role in (Role.CONTRIBUTOR, Role.SPONSOR, Role.VIEWER):
        with pytest.raises(Forbidden):
            reviews.freeze(an_actor("Omar", role=role, day=60), "acme", on_day(60))
    assert reviews.freeze(an_actor("Mei Tan", role=Role.LEAD, day=60), "acme", on_day(60)).week == 9


def test_the_sponsor_gets_the_same_review_without_interviews_and_with_the_same_address():
    a_story()
    whole = frozen()
    sponsor = stored_reviews.document(an_actor("Dana Ruiz", role=Role.SPONSOR, day=60), "acme", whole.digest)
    assert whole.quote["said"] in whole.to_bytes().decode()
    assert b"Waits" not in sponsor.to_bytes()
    assert b"Person 1" not in whole.to_bytes()
    assert SnapshotDocument.from_bytes(sponsor.to_bytes()).digest == whole.digest
    assert SnapshotDocument.from_bytes(whole.to_bytes()).digest == whole.digest


def test_the_rows_of_a_snapshot_are_the_state_that_it_shows():
    a_story()
    state = states.state(the_operator(60), "acme")
    again = states.assemble(states.typed(json.loads(rfc8785.dumps(states.as_rows(state)))))
    for one, other in zip(again.metrics, state.metrics, strict=True):
        one.aggregate = other.aggregate
    assert summarise(again) == summarise(state)
    assert (again.revision, again.head) == (state.revision, state.head)


def test_a_week_is_compared_with_the_last_one_and_with_what_it_forecast():
    a_story()
    frozen(49)
    document = frozen(56)
    assert document.content["since"] == "week 7"
    earlier = stored_reviews.document(
        the_operator(60), "acme", stored_reviews.week(the_operator(60), "acme", 7).digest
    )
    forecasts = {row["slug"]: row["forecast"] for row in earlier.content["metrics"]}
    assert {row["slug"]: row["forecast_before"] for row in document.content["metrics"]} == forecasts


def test_an_exceptions_line_says_why_it_is_one():
    a_story()
    slow = Rows([the_state().metrics[0].id], [noon(60)], [3.0])
    batches.record(the_operator(60), "acme", slow, "warehouse")
    composed = draft(the_operator(60), "acme", on_day(60)).composed
    (behind,) = (row for row in composed.content["exceptions"] if row["key"] == "metric loan-decision-time")
    (metric,) = (row for row in composed.content["metrics"] if row["key"] == behind["key"])
    assert metric["verdict"].endswith("better")  # which is no reason to be an exception
    assert behind["reason"] == metric["reason"]


def test_a_milestones_reason_doesnt_say_its_day_again():
    a_story(until=34)
    plan = draft(the_operator(34), "acme", on_day(34)).composed.content["plan"]
    assert "in progress" in {row["state"] for row in plan}
    for row in plan:
        assert not row["reason"].endswith(f"; due {day_month(date.fromisoformat(row['due']))}")


def test_a_reader_is_remembered_once_and_told_their_last_week():
    a_story()
    reader = an_actor("Rae", role=Role.VIEWER, day=60)
    assert stored_reviews.last_read(reader, "acme") is None
    first, second = (reviews.freeze(the_operator(60), "acme", on_day(day)) for day in (49, 56))
    for _ in range(2):
        reviews.mark_read(reader, "acme", first.id)
    assert stored_reviews.last_read(reader, "acme").id == first.id
    assert [row["name"] for row in stored_reviews.readers(reader, "acme", first.id)] == ["Rae"]
    reviews.mark_read(reader, "acme", second.id)
    assert stored_reviews.last_read(reader, "acme").week == 8


def test_a_snapshot_is_one_row_and_the_journal_holds_only_its_address():
    a_story()
    document = frozen()
    with Session(engine()) as session:
        assert session.scalars(select(Snapshot.digest)).all() == [document.digest]
    state = the_state()
    assert state.reviews[0].created_at - noon(56) == timedelta(0)


def test_a_week_that_was_superseded_by_what_is_known_now_knows_nothing_newer():
    a_story()
    first = reviews.freeze(the_operator(56), "acme", on_day(56))
    definitions.change(the_operator(60), "acme", the_state().metrics[0].id, {"target": 1.0}, seen=None)
    assert Kind.REDEFINED in kinds(compare.newer_knowledge(the_operator(60), "acme", newest_of(8)))
    reviews.supersede(the_operator(60), "acme", first.id, "A target was wrong")
    assert compare.newer_knowledge(the_operator(60), "acme", newest_of(8)) == []
    assert draft(the_operator(60), "acme", on_day(60)).composed.content["since"] == "week 8"


def test_a_reader_is_told_what_came_since_on_the_same_day_and_in_a_newer_version():
    a_story()
    rae = an_actor("Rae", role=Role.VIEWER, day=60)
    first = reviews.freeze(the_operator(60), "acme", on_day(60))
    reviews.mark_read(rae, "acme", first.id)
    last = stored_reviews.last_read(rae, "acme")
    assert compare.changes_since(rae, "acme", last, on_day(60)) == []
    definitions.change(the_operator(60), "acme", the_state().metrics[0].id, {"target": 1.0}, seen=None)
    assert Kind.REDEFINED in kinds(compare.changes_since(rae, "acme", last, on_day(60)))
    reviews.supersede(the_operator(60), "acme", first.id, "A target was wrong")
    assert Kind.REDEFINED in kinds(compare.changes_since(rae, "acme", last, newest_of(9)))
    reviews.mark_read(rae, "acme", newest_of(9).id)
    assert stored_reviews.last_read(rae, "acme") == newest_of(9)


def kinds(changes: list[Change]) -> list[Kind]:
    return [change.kind for change in changes]


def newest_of(number: int) -> stored_reviews.Week:
    """The version of a week that holds."""
    return stored_reviews.week(the_operator(60), "acme", number)


def test_a_download_in_a_format_that_there_isnt_is_not_noted():
    an_engagement()
    made = reviews.freeze(the_operator(6), "acme", on_day(6))
    with pytest.raises(Invalid, match="There is no format “exe”"):
        reviews.note_download(the_operator(6), "acme", made.id, "exe", b"")
    with Session(engine()) as session:
        assert session.scalars(select(ReviewDownload)).all() == []

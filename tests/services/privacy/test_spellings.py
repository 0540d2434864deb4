"""An erasure and a copy reach a person under every spelling of the name, wherever it stands."""

import io
import json
import re
import zipfile
from datetime import UTC, datetime, time

import pypdf
import pytest
from sqlalchemy import select

from models.base import Base
from models.database import engine
from models.errors import Forbidden, Invalid
from models.journal import JournalEntry
from models.names import NameFinder, normalize_name
from models.permissions import Action
from reports.exports.week_files import FORMATS, export
from services.engagement import engagements
from services.imports import applying
from services.imports.applying import File
from services.interviews import interviews
from services.interviews.frictions import FrictionEdits
from services.inventory import dependencies, systems
from services.measurements import batches
from services.measurements.batches import Rows
from services.operations import journal_check
from services.plan import decisions
from services.privacy import erasure
from services.privacy.measurement_notes import digest_of_batch
from services.review import reviews
from store import reviews as frozen_reviews
from store import states
from tests.builders import a_metric, an_actor, an_engagement, on_day, the_operator, the_state
from tests.former_texts import stored_as_typed
from tests.models.test_names import JOSE, JOSE_DECOMPOSED, NAME, SPELLINGS

pytestmark = pytest.mark.usefixtures("database")
DAY = 20
FINDER = NameFinder([NAME])
WAITING = {"theme": "Waiting", "severity": 4, "frequency": "daily"}


@pytest.fixture
def lead():
    an_engagement()
    return an_actor("Mei Tan", day=DAY)


def told_everywhere(spelled_in_names: list[str]) -> None:
    """Name the person in every spelling, in each kind of place that takes a text, two days before `DAY`."""
    lead = an_actor("Mei Tan", day=DAY - 2)
    for number, (spelling, in_name) in enumerate(zip(SPELLINGS.values(), spelled_in_names, strict=True)):
        at = on_day(number + 1)
        person = {
            "interviewee": in_name,
            "role": f"Role of {in_name}",
            "summary": f"Spoke:\n{spelling} left",
        }
        observed = [{**WAITING, "observed": f"1. wait\n{spelling} waits {number}"}]
        interviews.record_interview(lead, "acme", {**person, "held_on": at}, FrictionEdits(observed))
        system = {"name": f"Sheet {number}", "kind": f"{in_name}’s sheet", "owner": f"({in_name})"}
        systems.save(lead, "acme", added=[{**system, "note": f"Ask:\n\n{spelling}, or Sam"}])
        decisions.request_decision(
            lead, "acme", title=f"{number}: who follows {in_name}?", owner=in_name, needed_by=on_day(40)
        )
        a_metric(name=f"Metric {number}", owner=in_name, left_out=f"“{spelling}” counts\tby hand")
    rows = "name,owner\n" + "\n".join(f"Import {number},{JOSE_DECOMPOSED} STRAUSS" for number in range(3))
    applying.import_file(lead, "acme", File("systems", rows, f"of {SPELLINGS['decomposed']}_2026.csv"))
    moments = [datetime.combine(on_day(n + 1), time(9), UTC) for n in range(len(SPELLINGS))]
    metric = the_state().metrics[0].id
    notes = [f"{spelling} counted" for spelling in SPELLINGS.values()]
    ids, values = [metric] * len(moments), [4.0] * len(moments)
    batches.record(lead, "acme", Rows(ids, moments, values, note=notes, reason=notes), "warehouse")
    describe(lead, lead=SPELLINGS["in capitals"], sponsor=f"{NAME}, COO")


def describe(actor, **given) -> None:
    state = the_state()
    text = {
        key: getattr(state, key)
        for key in ("name", "client", "sector", "region", "zone", "lead", "sponsor", "hide_interviewees")
    }
    engagements.update_details(actor, "acme", **text | given)


def texts_in(value) -> list[str]:
    """Every text of a value, those of JSON within a text included."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts_in(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in texts_in(part)]
    if not isinstance(value, str):
        return []
    within = json.loads(value) if value[:1] in ("{", "[") else None
    return [value] if within is None else texts_in(within)


def cells() -> list[tuple[str, str]]:
    """Every text in every table, with the table's name."""
    with engine().connect() as connection:
        return [
            (table.name, text)
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table))
            for text in texts_in(list(row))
        ]


def text_of(data: bytes) -> str:
    """What a reader finds in a file, whatever its format."""
    if data[:4] == b"%PDF":
        reader = pypdf.PdfReader(io.BytesIO(data))
        attached = [part.decode() for parts in reader.attachments.values() for part in parts]
        return "\n".join([*(page.extract_text() for page in reader.pages), *attached])
    if data[:2] != b"PK":
        return data.decode()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        inner = [archive.read(name) for name in archive.namelist() if not name.endswith((".png", ".jpeg"))]
    return "\n".join(text_of(part) if part[:2] == b"PK" else part.decode(errors="replace") for part in inner)


@pytest.mark.parametrize("stored", ["normalised", "as typed"])
def test_an_erased_person_is_found_nowhere_under_any_spelling(lead, stored):
    if stored == "as typed":
        with stored_as_typed():
            told_everywhere(list(SPELLINGS.values()))
    else:
        told_everywhere([re.sub("[\n\t]", " ", spelling) for spelling in SPELLINGS.values()])
    before, digest = the_state().revision, reviews.freeze(the_operator(DAY), "acme", on_day(DAY)).digest
    assert {"journal", "snapshot", "measurement", "engagement", "import_run", "summary"} <= {
        table for table, text in cells() if FINDER.is_in(text)
    }
    draft_before = texts_in(read_draft())
    assert any(map(FINDER.is_in, draft_before))

    called = erasure.erase(lead, "acme", SPELLINGS["full-width"], f"{SPELLINGS['decomposed']} asked")

    assert [(table, text) for table, text in cells() if FINDER.is_in(text)] == []
    for revision in (None, before, before // 2):
        rows = states.as_rows(states.state(lead, "acme", revision))
        assert [text for text in texts_in(rows) if FINDER.is_in(text)] == []
    document = frozen_reviews.document(the_operator(DAY), "acme", digest)
    for format in FORMATS:
        assert not FINDER.is_in(text_of(export(document, format))), format
    assert [text for text in texts_in(read_draft()) if FINDER.is_in(text)] == []
    (verdict,) = journal_check.verify(the_operator())
    assert verdict.problem is None
    assert {row.interviewee for row in the_state().interviews} == {called}


def read_draft() -> dict:
    """The week as it would be frozen as of the day before, which is known already and isn't composed again."""
    from reports.review.draft import draft

    made = draft(the_operator(DAY), "acme", on_day(DAY - 1))
    return {"content": made.composed.content, "text": made.text, "measured": made.composed.measured}


def test_all_around_the_name_stays_to_the_character(lead):
    note = "Cafe\u0301\u00a0\ufb01le: {}.\n\n  {}\u2009says \u201cno\u201d"
    with stored_as_typed():
        interviews.record_interview(lead, "acme", {"interviewee": JOSE, "held_on": on_day(3)})
        systems.save(lead, "acme", added=[{"name": "S", "note": note.format(JOSE, JOSE_DECOMPOSED.upper())}])
    called = erasure.erase(lead, "acme", JOSE, "asked")
    assert the_state().systems[0].note == note.format(called, called)


def test_rows_that_only_a_spelling_told_apart_are_erased_as_well(lead, monkeypatch):
    monkeypatch.setattr(interviews, "_refuse_duplicate", lambda *_: None)
    spellings = [JOSE, JOSE_DECOMPOSED, JOSE.upper()]
    with stored_as_typed():
        for spelling in spellings:
            interviews.plan_interview(lead, "acme", {"interviewee": spelling, "planned_on": on_day(30)})
        systems.save(lead, "acme", added=[{"name": f"{JOSE}’s list"}, {"name": f"the list of {JOSE}"}])
        monkeypatch.setattr("services.inventory.systems._find_system", lambda *_: None)
        systems.save(lead, "acme", added=[{"name": f"{JOSE_DECOMPOSED}’s list"}])
    erasure.erase(lead, "acme", JOSE, "asked")
    state = the_state()
    assert {row.person for row in state.interviews} == {"erased person 1"}
    assert sorted(row.name for row in state.systems) == [
        "Erased person 1’s list",
        "Erased person 1’s list (2)",
        "the list of Erased person 1",
    ]
    (verdict,) = journal_check.verify(the_operator())
    assert verdict.problem is None
    with pytest.raises(Invalid, match="erased already"):
        erasure.erase(lead, "acme", *erasure.interviewees(lead, "acme"), "again")


def test_composed_and_decomposed_are_one_end_user(lead):
    for number, spelling in enumerate((JOSE, JOSE_DECOMPOSED, JOSE.upper())):
        interviews.record_interview(lead, "acme", {"interviewee": spelling, "held_on": on_day(number + 3)})
    assert states.summary_of(the_state()).end_users_on == [on_day(3)]
    assert len(erasure.interviewees(lead, "acme")) == 1


def test_the_copy_has_the_interviews_and_notes_of_every_spelling(lead):
    with stored_as_typed():
        for number, spelling in enumerate((JOSE, JOSE_DECOMPOSED)):
            interviews.record_interview(
                lead, "acme", {"interviewee": spelling, "held_on": on_day(number + 3)}
            )
        metric = a_metric()
        at = [datetime.combine(on_day(3), time(9), UTC)]
        batches.record(
            lead, "acme", Rows([metric], at, [4.0], note=[f"{JOSE_DECOMPOSED} counted"]), "warehouse"
        )
        systems.save(lead, "acme", added=[{"name": "S", "kind": f"sheet of {JOSE_DECOMPOSED}"}])
    copy = json.loads(erasure.hand_over(lead, "acme", JOSE))
    assert [row["interviewee"] for row in copy["interviews"]] == [JOSE, JOSE_DECOMPOSED]
    elsewhere = {row["kind"]: row for row in copy["named_elsewhere"]}
    assert elsewhere["system"]["kind_of_system"] == f"sheet of {JOSE_DECOMPOSED}"
    assert elsewhere["measurement"]["note"] == f"{JOSE_DECOMPOSED} counted"


def test_a_batch_whose_notes_named_somebody_has_the_digest_of_what_is_left(lead):
    interviews.record_interview(lead, "acme", {"interviewee": JOSE, "held_on": on_day(3)})
    metric = a_metric()
    at = [datetime.combine(on_day(day), time(9), UTC) for day in (3, 4)]
    rows = Rows([metric, metric], at, [4.0, "3 h"], n=[7, None], note=[f"{JOSE_DECOMPOSED} counted", None])
    batch = batches.record(lead, "acme", rows, "warehouse")
    before = _digest(batch)
    assert before[0] == before[1]
    erasure.erase(lead, "acme", JOSE, "asked")
    after = _digest(batch)
    assert after[0] == after[1] != before[0]


def _digest(batch_id: int) -> tuple[str, str]:
    """The digest that a batch says it has, and that of its rows."""
    from sqlalchemy.orm import Session

    from models.measurements import MeasurementBatch

    with Session(engine()) as session:
        return session.get_one(MeasurementBatch, batch_id).digest, digest_of_batch(session, batch_id)


def test_a_person_called_like_a_word_of_ours_leaves_the_words_alone(lead):
    systems.save(lead, "acme", added=[{"name": "A", "criticality": "high"}, {"name": "B"}])
    dependencies.save(lead, "acme", added=[{"from": "A", "to": "B", "kind": "call"}])
    interviews.record_interview(lead, "acme", {"interviewee": "Call", "held_on": on_day(3)})
    erasure.erase(lead, "acme", "call", "asked")
    assert the_state().dependencies[0].kind == "call"
    (verdict,) = journal_check.verify(the_operator())
    assert verdict.problem is None


def test_a_name_after_a_lines_end_is_found_in_the_journal_as_well(lead):
    interviews.record_interview(lead, "acme", {"interviewee": "Sam Okafor", "held_on": on_day(3)})
    systems.save(lead, "acme", added=[{"name": "S", "note": "Owner:\nSam\nOkafor"}])
    called = erasure.erase(lead, "acme", "Sam Okafor", "asked")
    assert the_state().systems[0].note == f"Owner:\n{called}"
    with engine().connect() as connection:
        payloads = connection.execute(
            select(JournalEntry.payload).where(JournalEntry.kind == "system")
        ).scalars()
        assert not [text for text in payloads if text and "Okafor" in text]


def test_a_lead_who_was_interviewed_is_erased_from_the_engagement_too(lead):
    describe(lead, lead=f"{JOSE}, CTO")
    interviews.record_interview(lead, "acme", {"interviewee": JOSE, "held_on": on_day(3)})
    called = erasure.erase(lead, "acme", JOSE_DECOMPOSED, "asked")
    assert the_state().lead == f"{called}, CTO"
    assert states.summary_of(the_state()).lead == f"{called}, CTO"
    (verdict,) = journal_check.verify(the_operator())
    assert verdict.problem is None


def test_names_are_hidden_in_every_spelling(lead):
    describe(lead, hide_interviewees=True)
    observed = "; ".join(f"{spelling} waits" for spelling in SPELLINGS.values())
    with stored_as_typed():
        frictions = FrictionEdits([{**WAITING, "observed": observed[:480]}])
        interviews.record_interview(lead, "acme", {"interviewee": JOSE, "held_on": on_day(2)})
        interviews.record_interview(lead, "acme", {"interviewee": NAME, "held_on": on_day(3)}, frictions)
    shown = the_state().frictions[0].shown_observed
    assert not FINDER.is_in(shown)
    assert "interviewee 2 waits" in normalize_name(shown)


def test_only_a_lead_gets_a_copy_whatever_the_spelling(lead):
    interviews.record_interview(lead, "acme", {"interviewee": JOSE, "held_on": on_day(3)})
    with pytest.raises(Forbidden, match=str(Action.EXPORT_PERSONAL_DATA)):
        erasure.hand_over(an_actor("Viewer", role="viewer", day=DAY), "acme", JOSE_DECOMPOSED)

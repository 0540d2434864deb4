"""A frozen week as files: the same bytes each time, whole in every format, and no formula left of what people typed."""

import csv
import hashlib
import html
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pypdf
import pytest
from pptx import Presentation

from models.errors import Invalid
from models.people import Role
from models.snapshot import SnapshotDocument
from reports.exports import tables
from reports.exports import verify as review_verify
from reports.exports.csv_zip import zipped
from reports.exports.markdown_of_layout_2 import escape
from reports.exports.pack import pack
from reports.exports.verify import verify
from reports.exports.week_files import FORMATS, export
from services.metrics import definitions
from services.review import reviews
from store import reviews as stored_reviews
from store import states
from tests.builders import an_actor, on_day, the_operator, the_state
from tests.db_snapshots import once_a_run
from tests.stories import METRICS, NAUGHTY, a_story, naughty

pytestmark = pytest.mark.usefixtures("sqlite_database")
ROOT = Path(__file__).parents[3]


def frozen(slug: str = "acme", day: int = 60) -> SnapshotDocument:
    review = reviews.freeze(the_operator(day), slug, on_day(day))
    return stored_reviews.document(the_operator(day), slug, review.digest)


def frozen_once(slug: str, day: int, fill: Callable[[], object]) -> SnapshotDocument:
    """What `frozen` returns, told and frozen once a run."""

    def fill_and_freeze() -> None:
        fill()
        frozen(slug, day)

    once_a_run(f"{slug} frozen on day {day}", fill_and_freeze)
    (week,) = stored_reviews.weeks(the_operator(day), slug)
    return stored_reviews.document(the_operator(day), slug, week.digest)


def a_frozen_story() -> SnapshotDocument:
    return frozen_once("acme", 60, a_story)


_made: dict[tuple[bytes, str], bytes] = {}


def made(document: SnapshotDocument, format: str) -> bytes:
    """`export`, once for all tests that only read the file: that it is the same each time has a test of its own."""
    key = document.to_bytes(), format
    if key not in _made:
        _made[key] = export(document, format)
    return _made[key]


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_bytes_are_identical_in_another_process_and_after_new_evidence_arrived(tmp_path):
    document = a_frozen_story()
    here = {format: hashlib.sha256(export(document, format)).hexdigest() for format in FORMATS}
    here["pack"] = hashlib.sha256(pack([document])).hexdigest()
    assert here == {format: hashlib.sha256(export(document, format)).hexdigest() for format in FORMATS} | {
        "pack": here["pack"]
    }
    definitions.retire(the_operator(60), "acme", the_state().metrics[0].id)
    again = stored_reviews.document(
        the_operator(60), "acme", stored_reviews.week(the_operator(60), "acme", 9).digest
    )
    assert again.to_bytes() == document.to_bytes()
    file = tmp_path / "snapshot.json"
    file.write_bytes(again.to_bytes())
    program = (
        "import sys, hashlib; from models.snapshot import SnapshotDocument\n"
        "from reports.exports.week_files import FORMATS, export\n"
        "document = SnapshotDocument.from_bytes(open(sys.argv[1], 'rb').read())\n"
        "for format in FORMATS: print(format, hashlib.sha256(export(document, format)).hexdigest())\n"
        "from reports.exports.pack import pack; print('pack', hashlib.sha256(pack([document])).hexdigest())"
    )
    other_process = subprocess.run(
        [sys.executable, "-c", program, file], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert dict(line.split() for line in other_process.stdout.splitlines()) == here


def test_the_pdf_is_tagged_has_its_fonts_and_holds_its_snapshot():
    document = a_frozen_story()
    reader = pypdf.PdfReader(io.BytesIO(made(document, "pdf")))
    assert reader.attachments["snapshot.json"][0] == document.to_bytes()
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"] == True  # noqa: E712
    assert "pdfaid" in root["/Metadata"].get_data().decode()
    text = text_of(made(document, "pdf")).replace("\u200b", "")
    for words in [
        "Decisions needed",
        "Next two weeks",
        "Leading measures",
        "What changed",
        "Exceptions",
        "What to know",
    ]:
        assert words in text
    for name, *_ in METRICS:
        assert name in text


def test_slides_have_a_native_chart_a_metric_and_notes_with_its_source():
    deck = Presentation(io.BytesIO(made(a_frozen_story(), "pptx")))
    charted = [slide for slide in deck.slides if any(shape.has_chart for shape in slide.shapes)]
    assert len(charted) == 1 + len(METRICS)  # the outcomes, and one a metric
    assert all("Source: warehouse" in slide.notes_slide.notes_text_frame.text for slide in charted[1:])


def test_the_workbook_has_every_table_native_charts_and_the_raw_measurements():
    document = a_frozen_story()
    data = made(document, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Review", "Metrics", "Milestones", "Lists", "Measurements", "Charts"]
    lists = [cell for row in book["Lists"].iter_rows(values_only=True) for cell in row]
    short = [table for table in tables.tables(document) if table.name not in ("Metrics", "Milestones")]
    assert {row[0] for table in short for row in table.rows} <= set(lists)
    assert len(book["Charts"]._charts) == len(METRICS)
    slug = document.content["metrics"][0]["slug"]
    first = document.body["measurements"][slug][0]
    rows = list(book["Measurements"].iter_rows(values_only=True))
    assert rows[0][:3] == ("Metric", "At (UTC)", "Value")
    assert rows[1][2] == first[1]
    assert len(rows) - 1 == sum(len(measured) for measured in document.body["measurements"].values())
    phase = document.content["metrics"][0]["chart"]["phases"][0]
    assert rows[1][5:8] == pytest.approx((max(phase["lower"], 0), phase["mean"], phase["upper"]))
    assert b"sparkline" in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet6.xml").lower()


def test_raw_measurements_in_a_workbook_say_that_nobody_signed_their_definition_any_more():
    a_story()
    definitions.change(the_operator(60), "acme", the_state().metrics[0].id, {"owner": "Risk"}, seen=None)
    raw = openpyxl.load_workbook(io.BytesIO(made(frozen(), "xlsx")))["Measurements"]
    named = {row[0] for row in raw.iter_rows(min_row=2, values_only=True)}
    changed = the_state().metrics[0].name
    assert f"{changed} (definition changed after signing)" in named
    assert len([name for name in named if "(" in name]) == 1


@pytest.fixture
def anything() -> SnapshotDocument:
    """A week of 40 metrics in which every text is whatever people may type."""
    return frozen_once("naughty", 40, naughty)


def test_no_formula_survives_into_a_workbook_or_csv(anything):
    book = openpyxl.load_workbook(io.BytesIO(made(anything, "xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert any(str(cell.value).startswith("=cmd") for cell in cells)
    with zipfile.ZipFile(io.BytesIO(made(anything, "xlsx"))) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if "/charts/" in name]
        references = {cell_range for chart in charts for cell_range in re.findall("<c:f>(.*?)</c:f>", chart)}
        assert {reference.split("!")[0] for reference in references} == {"Measurements", "Review"}
    with zipfile.ZipFile(io.BytesIO(made(anything, "csv"))) as archive:
        for name in archive.namelist():
            if name.endswith(".csv"):
                rows = csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig")))
                assert [
                    cell for row in rows for cell in row if cell.startswith(("=", "@", "+", "-", "\t"))
                ] == []


def test_markdown_shows_what_people_typed_as_it_is(anything):
    text = made(anything, "md").decode()
    assert "\\<b\\>bold\\</b\\> \\$x\\$ #tag \\*star\\*" in text
    assert "](http" not in text.replace("\\]", "")
    assert [line for line in text.splitlines() if line.startswith(("|", "#", "!"))] == []


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("11.2 min", "11.2 min"), ("1. First", "1\\. First"), ("2) then", "2\\) then"), ("# Big", "\\# Big"),
     ("- item", "\\- item"), ("+3 (in all)", "\\+3 (in all)"), ("a_b *c* `d`", "a\\_b \\*c\\* \\`d\\`")],
)  # fmt: skip
def test_a_backslash_stands_only_before_what_markdown_would_read(typed, shown):
    assert escape(typed) == shown


def test_every_name_arrives_in_every_format(anything):
    pdf = text_of(made(anything, "pdf")).replace("\u200b", "").replace("\n", "")
    assert "José Ñandú" in pdf
    assert "漢字" in pdf
    deck = Presentation(io.BytesIO(made(anything, "pptx")))
    charted = [slide for slide in deck.slides if any(shape.has_chart for shape in slide.shapes)]
    assert len(charted) == 1 + 40
    for text in NAUGHTY[:4]:
        assert text in made(anything, "json").decode() or '"' in text


def text_in(data: bytes, format: str) -> str:
    """All that a file says, its embedded parts and its members' members included."""
    if format == "pdf":
        reader = pypdf.PdfReader(io.BytesIO(data))
        attached = [part.decode() for parts in reader.attachments.values() for part in parts]
        return "\n".join([text_of(data).replace("\u200b", ""), *attached])
    if not data.startswith(b"PK"):
        return data.decode()
    texts = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            if part.startswith(b"PK"):
                texts.append(text_in(part, "zip"))
            elif not name.endswith((".jpeg", ".png", ".bin")):
                texts.append(html.unescape(part.decode("utf-8-sig")))
    return "\n".join(texts)


@pytest.mark.parametrize("format", FORMATS)
def test_a_sponsor_gets_every_format_without_a_word_from_the_interviews(format):
    digest = a_frozen_story().digest
    whole = stored_reviews.document(the_operator(60), "acme", digest)
    document = stored_reviews.document(an_actor("Dana Ruiz", role=Role.SPONSOR, day=60), "acme", digest)
    assert document.quote is None
    mine, theirs = (text_in(made(each, format), format) for each in (document, whole))
    for word in ("Waits", "Underwriter", "Person 1"):
        assert word not in mine
    assert "Waits" in theirs
    assert verify(the_operator(60), made(document, format)).holds


@pytest.mark.parametrize("format", ["pdf", "pptx", "xlsx", "md", "csv"])
def test_every_format_tells_the_whole_week(format):
    a_story(until=34)
    frozen(day=27)
    document = frozen(day=34)
    content = document.content
    text = re.sub(r"\s+", " ", text_in(made(document, format), format).replace("\\", ""))
    wanted = [row["name"] for row in [*content["leading"], *content["exceptions"], *content["metrics"]]]
    wanted += [content["decisions"][0]["title"], content["decisions"][0]["owner"]]
    wanted += [content["head"]["signatures"], "week 4", "Mei Tan"]
    if format != "md":  # which is short enough for a chat
        wanted += [content["metrics"][0]["sentence"].split(",")[0], content["metrics"][0]["forecast_before"]]
    wanted += [content["footer"]["gaps"][0], document.quote["said"]]
    wanted += [document.digest[:16]] * (format != "csv")  # a bundle holds the snapshot, whose address it is
    assert [words for words in wanted if words not in text] == []


@pytest.mark.parametrize("format", ["pdf", "pptx", "xlsx", "md"])
def test_beside_its_status_the_verdict_doesnt_say_it_again(format):
    document = a_frozen_story()
    assert document.passage("verdict").startswith("Off track on day 60 of 90. ")
    text = re.sub(r"\s+", " ", text_in(made(document, format), format).replace("\\", ""))
    pages = text.partition('{"content"')[0]  # what is embedded is the snapshot, whole
    assert "Day 60 of 90. Plan: " in pages
    assert "Off track Off track" not in pages


def test_each_page_of_the_pdf_names_its_week_and_its_snapshot():
    document = a_frozen_story()
    pages = pypdf.PdfReader(io.BytesIO(made(document, "pdf"))).pages
    assert len(pages) > 1
    last = pages[len(pages) - 1]
    for page in [*list(pages)[:-1], last]:
        assert document.content["head"]["name"] in page.extract_text()
        assert page.extract_text().count(document.digest[:16]) == 1 + (page is last)


def test_routine_variation_and_what_is_coming_are_printed_in_every_format(anything):
    assert anything.content["routine"]
    (coming,) = (row["name"] for row in anything.content["coming"])
    for format in ("pdf", "pptx", "xlsx", "md"):
        text = text_in(made(anything, format), format)
        assert "Routine variation, no action" in text
        assert coming in text


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_is_proven_against_what_was_frozen_and_the_journal(format):
    document = a_frozen_story()
    proof = verify(the_operator(60), made(document, format))
    assert (proof.week, proof.digest, proof.holds) == (9, document.digest, True)
    assert "The state rebuilt from the journal is the one in the snapshot." in proof.findings


def test_an_altered_file_is_found_out():
    document = a_frozen_story()
    altered = made(document, "json").replace(b"Off track", b"On track")
    with pytest.raises(Invalid, match="No week that is frozen here"):
        verify(the_operator(60), altered)
    assert not verify(the_operator(60), made(document, "md").replace(b"Off track", b"On track")).holds


@pytest.mark.parametrize("format", ["pdf", "csv"])
def test_other_pages_around_a_genuine_snapshot_are_found_out(format):
    data = made(a_frozen_story(), format)
    if format == "pdf":
        altered = data + b"\n% another page\n"
    else:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        altered = zipped(files | {"metrics.csv": files["metrics.csv"].replace(b"4 h", b"1 h")})
    proof = verify(the_operator(60), altered)
    assert not proof.holds
    assert any(
        finding.endswith("Rely on the snapshot in it, not on its pages.") for finding in proof.findings
    )


@pytest.mark.parametrize("format", ["pdf", "pptx", "xlsx", "md", "csv"])
def test_what_an_earlier_version_of_the_program_made_is_known_by_its_download(format, monkeypatch):
    document = a_frozen_story()
    data = made(document, format)
    number = stored_reviews.week(the_operator(60), "acme", 9).id
    reviews.note_download(an_actor("Mei Tan", day=60), "acme", number, format, data)
    monkeypatch.setattr(review_verify, "export", lambda *given: b"set differently")
    proof = verify(the_operator(60), data)
    assert proof.holds
    assert "The file is, byte for byte, what Mei Tan took away on 3 Dec 2026." in proof.findings


def of_an_earlier_layout(document: SnapshotDocument, monkeypatch) -> SnapshotDocument:
    """The program as it will be when the next layout is there."""
    monkeypatch.setattr(review_verify, "LAYOUT", document.content["head"]["layout"] + 1)
    return document


@pytest.mark.parametrize("format", ["pdf", "pptx", "xlsx", "md", "csv"])
def test_a_genuine_file_of_an_older_version_is_not_accused_though_nobody_journalled_it(format, monkeypatch):
    document = of_an_earlier_layout(a_frozen_story(), monkeypatch)
    data = made(document, format)
    monkeypatch.setattr(review_verify, "export", lambda *given: b"set differently")
    proof = verify(the_operator(60), data)
    assert proof.outcome == review_verify.OTHER_LAYOUT
    assert not proof.holds
    (finding,) = [each for each in proof.findings if "its pages aren't those" in each]
    assert "It is of layout 4; this version lays out new weeks by layout 5" in finding
    assert "altered" not in finding


def test_which_of_three_a_file_is(monkeypatch):
    document = a_frozen_story()
    assert verify(the_operator(60), made(document, "pdf")).outcome == review_verify.HOLDS
    altered = made(document, "md").replace(b"Off track", b"On track")
    assert verify(the_operator(60), altered).outcome == review_verify.DOES_NOT_HOLD
    monkeypatch.setattr(review_verify, "typesetter", lambda: "Typst 9.9")
    monkeypatch.setattr(review_verify, "export", lambda *given: b"set differently")
    assert verify(the_operator(60), made(document, "pdf")).outcome == review_verify.OTHER_LAYOUT


def test_slides_of_a_firms_own_template_are_proven_by_the_template_or_by_their_download(tmp_path):
    document = a_frozen_story()
    template = tmp_path / "firm.pptx"
    Presentation().save(template)
    deck = export(document, "pptx", template)
    assert not verify(the_operator(60), deck).holds
    assert verify(the_operator(60), deck, template).holds
    reviews.note_download(
        the_operator(60), "acme", stored_reviews.week(the_operator(60), "acme", 9).id, "pptx", deck
    )
    assert verify(the_operator(60), deck).holds


def test_a_column_that_a_later_version_adds_makes_no_week_doubtful(monkeypatch):
    data = made(a_frozen_story(), "json")
    real = states.as_rows
    later = {"added": lambda row: row | {"later": None}, "altered": lambda row: row | {"id": row["id"] + 1}}
    for change in later.values():
        monkeypatch.setattr(
            states,
            "as_rows",
            lambda state, change=change: {k: list(map(change, v)) for k, v in real(state).items()},
        )
        assert verify(the_operator(60), data).holds is (change is later["added"])


def test_the_pack_has_a_table_in_front_and_a_page_for_each():
    documents = []
    for slug in ("acme", "birch"):
        a_story(slug, name=f"Platform {slug}")
        documents.append(frozen(slug))
    reader = pypdf.PdfReader(io.BytesIO(pack(documents)))
    assert len(reader.pages) == 3
    front = reader.pages[0].extract_text().replace("\u200b", "")
    assert "Platform acme" in front
    assert "Platform birch" in front

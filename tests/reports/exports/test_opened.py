"""A week's files as the programs that people use open them: nothing overlaps, nothing is cut, every word is there.

LibreOffice opens the slides and the workbook, Poppler reads where every word stands on a page.
"""

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pypdf
import pytest
from pptx import Presentation

from models.snapshot import SnapshotDocument
from reports.exports.slides import pptx
from reports.exports.tables import break_long_words
from reports.exports.week_files import export
from reports.review.draft import draft
from services.review import reviews
from tests import databases
from tests.builders import on_day, the_operator
from tests.stories import METRICS, NAUGHTY, a_story, naughty

WEEKS = {"usual": ("acme", 60), "anything": ("naughty", 40)}
# Of the workbook's charts: four below their list, and forty, six a page after it.
CHART_PAGES = {"usual": 1, "anything": 8}
CONVERTED_WITHIN_S = 240
# Of the smaller of two words, the share that they may have in common: boxes of a line are a little higher than its words.
TOUCHES = 0.3
EDGE = 1.0  # points
SMALLEST_WORDS, LEGIBLE_NAME = 9, 12  # points
# The box of a word in Arabic is as high as its font may reach, twice its letters.
ARABIC = re.compile("[\u0600-\u06ff]")
_needs_libreoffice = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice (soffice) isn't installed"
)
_needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="Poppler (pdftotext) isn't installed"
)


class Word(NamedTuple):
    """A word on a page, and its box in points."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, SnapshotDocument]]:
    """A usual week, and one of 40 metrics in which every text is whatever people may type."""
    with (
        pytest.MonkeyPatch.context() as patch,
        databases.sqlite_database(tmp_path_factory.mktemp("db")) as url,
    ):
        patch.setenv("DATABASE_URL", url)
        a_story()
        naughty()
        yield {
            name: reviews.snapshot_of(draft(the_operator(day), slug, on_day(day)), the_operator(day))
            for name, (slug, day) in WEEKS.items()
        }


@pytest.fixture(scope="module")
def files(documents: dict[str, SnapshotDocument], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with usual.pdf, usual.pptx, usual.xlsx, anything.pdf ..."""
    folder = tmp_path_factory.mktemp("files")
    for name, document in documents.items():
        for format in ("pdf", "pptx", "xlsx"):
            (folder / f"{name}.{format}").write_bytes(export(document, format))
    return folder


@pytest.fixture(scope="module")
def opened(files: Path) -> Path:
    """A folder with what LibreOffice makes of the slides and the workbooks: usual-pptx.pdf, usual-xlsx.pdf ..."""
    folder = files / "opened"
    for format in ("pptx", "xlsx"):
        given = sorted(files.glob(f"*.{format}"))
        profile = f"-env:UserInstallation={(files / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, *given]
        subprocess.run(command, check=True, capture_output=True, timeout=CONVERTED_WITHIN_S)
        for file in given:
            (folder / f"{file.stem}.pdf").rename(folder / f"{file.stem}-{format}.pdf")
    return folder


def pages_of(pdf: Path) -> list[tuple[float, float, list[Word]]]:
    """Each page's width, height and words."""
    done = subprocess.run(["pdftotext", "-bbox", pdf, "-"], check=True, capture_output=True)
    made = done.stdout.decode(errors="replace")
    tree = ElementTree.fromstring(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", made))
    sides = ("xMin", "yMin", "xMax", "yMax")
    return [
        (
            float(page.get("width")), float(page.get("height")),
            [Word(word.text or "", *(float(word.get(side)) for side in sides)) for word in page.iterfind("{*}word")],
        )
        for page in tree.iterfind(".//{*}page")
    ]  # fmt: skip


def squeezed(text: str) -> str:
    """Without the spaces that lines end with, and places to break a word."""
    return re.sub(r"[\s\u200b\u00ad]", "", text)


def text_of(pdf: Path) -> str:
    return squeezed(
        subprocess.run(["pdftotext", "-raw", pdf, "-"], check=True, capture_output=True).stdout.decode(
            errors="replace"
        )
    )


def in_common(one: Word, other: Word) -> float:
    """The share of the smaller box that both have in common."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    area = min((word.right - word.left) * (word.bottom - word.top) for word in (one, other))
    return wide * high / area if wide > 0 and high > 0 and area > 0 else 0.0


def nothing_is_cut_or_overlaps(pdf: Path) -> None:
    for number, (width, height, words) in enumerate(pages_of(pdf), start=1):
        out = [
            word for word in words
            if word.left < -EDGE or word.top < -EDGE or word.right > width + EDGE or word.bottom > height + EDGE
        ]  # fmt: skip
        assert not out, f"page {number} of {pdf.name} is left by {out[:3]}"
        level = [word for word in words if not ARABIC.search(word.text)]
        both = [pair for pair in combinations(level, 2) if in_common(*pair) > TOUCHES]
        assert not both, f"on page {number} of {pdf.name} overlap {both[:3]}"


@_needs_poppler
@pytest.mark.parametrize("week", WEEKS)
def test_no_word_of_the_pdf_is_cut_or_lies_upon_another(files, week):
    nothing_is_cut_or_overlaps(files / f"{week}.pdf")


def test_a_usual_week_takes_its_page_and_one_of_appendix_and_any_number_of_metrics_a_few(files):
    assert len(pypdf.PdfReader(files / "usual.pdf").pages) == 2
    assert len(pypdf.PdfReader(files / "anything.pdf").pages) <= 10


@pytest.mark.parametrize("week", WEEKS)
def test_every_font_of_the_pdf_is_embedded(files, week):
    fonts = {}
    for page in pypdf.PdfReader(files / f"{week}.pdf").pages:
        for name, font in (page["/Resources"].get("/Font") or {}).items():
            fonts[name] = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
    assert fonts
    assert all({"/FontFile2", "/FontFile3"} & set(each.get_object()) for each in fonts.values())


@_needs_poppler
def test_the_pdf_has_every_metric_whole_whatever_it_is_called(files, documents):
    text = text_of(files / "anything.pdf")
    for row in documents["anything"].content["metrics"]:
        if not row["name"].startswith("مرحبا"):  # read from right to left, which a text of a PDF loses
            missing = [piece for word in row["name"].split() for piece in pieces(word) if piece not in text]
            assert not missing
    assert ARABIC.search(text)


@_needs_libreoffice
@_needs_poppler
def test_a_usual_weeks_workbook_prints_on_few_pages(opened):
    """One a sheet, and one more for the measurements."""
    assert len(pages_of(opened / "usual-xlsx.pdf")) == 7


def pages_of_charts(pdf: Path) -> int:
    """How many pages the last sheet takes: one more a row of pages where charts are cut at the right."""
    pages = [" ".join(word.text for word in words) for _, _, words in pages_of(pdf)]
    return len(pages) - next(n for n, text in enumerate(pages) if "Thirteen weeks of every metric" in text)


def pieces(word: str) -> list[str]:
    """A word as it is broken into lines where it is longer than a cell."""
    return break_long_words(word).split("\u200b")


def shapes_of(deck: bytes) -> Iterator[tuple[int, list[tuple[str, int, int, int, int]]]]:
    """Each slide's shapes: their names, and left, top, right and bottom."""
    for number, slide in enumerate(Presentation(io.BytesIO(deck)).slides, start=1):
        yield (
            number,
            [(it.name, it.left, it.top, it.left + it.width, it.top + it.height) for it in slide.shapes],
        )


def shapes_stay_apart(deck: bytes) -> None:
    whole = Presentation(io.BytesIO(deck))
    for number, shapes in shapes_of(deck):
        for name, left, top, right, bottom in shapes:
            inside = left >= 0 and top >= 0 and right <= whole.slide_width and bottom <= whole.slide_height
            assert inside, f"{name} leaves slide {number}"
        for one, other in combinations(shapes, 2):
            apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] or other[4] <= one[2]
            assert apart, f"on slide {number} {one[0]} lies upon {other[0]}"


@pytest.mark.parametrize("week", WEEKS)
def test_on_no_slide_does_a_shape_leave_it_or_lie_upon_another(files, week):
    shapes_stay_apart((files / f"{week}.pptx").read_bytes())


@pytest.mark.parametrize("week", WEEKS)
def test_no_word_of_a_slide_is_too_small_to_be_read_in_a_meeting(files, week):
    for number, slide in enumerate(Presentation(files / f"{week}.pptx").slides, start=1):
        frames = [shape.text_frame for shape in slide.shapes if shape.has_text_frame]
        runs = [run for frame in frames for paragraph in frame.paragraphs for run in paragraph.runs]
        small = [run.text for run in runs if run.font.size and run.font.size.pt < SMALLEST_WORDS]
        assert not small, f"slide {number}"


def test_metrics_of_any_name_stand_beside_each_other_in_one_size(files):
    """What is too long for two lines is cut, and whole in the notes: it isn't made smaller than its neighbours."""
    slide = Presentation(files / "anything.pptx").slides[2]
    frames = [shape.text_frame for shape in slide.shapes if shape.has_text_frame]
    names = [frame for frame in frames if "<b>bold</b>" in frame.text or '"quoted"' in frame.text]
    assert names
    assert min(frame.paragraphs[0].runs[0].font.size.pt for frame in names) > LEGIBLE_NAME
    assert "[link](http://x)" in slide.notes_slide.notes_text_frame.text


def test_a_firms_own_template_keeps_its_size_and_its_masters(documents, tmp_path):
    template = tmp_path / "firm.pptx"
    Presentation().save(template)  # 4:3, as the library's own is
    deck = pptx(documents["usual"], template)
    shapes_stay_apart(deck)
    made, own = Presentation(io.BytesIO(deck)), Presentation(template)
    assert (made.slide_width, made.slide_height) == (own.slide_width, own.slide_height)
    assert [layout.name for layout in made.slide_layouts] == [layout.name for layout in own.slide_layouts]
    assert export(documents["usual"], "pptx", template) == deck


@_needs_libreoffice
@_needs_poppler
@pytest.mark.parametrize("week", WEEKS)
def test_libreoffice_shows_every_slide_with_every_word(files, opened, documents, week):
    pdf = opened / f"{week}-pptx.pdf"
    slides = Presentation(files / f"{week}.pptx").slides
    assert len(pages_of(pdf)) == len(slides)
    nothing_is_cut_or_overlaps(pdf)
    text = text_of(pdf)
    for words in (
        "Decisions needed",
        "Next two weeks",
        "Leading measures",
        "Health checks",
        "What changed",
        "Exceptions",
    ):
        assert squeezed(words) in text
    for row in documents[week].content["leading"]:
        assert squeezed(row["name"]) in text
    if week == "usual":
        assert all(squeezed(name) in text for name, *_ in METRICS)
    else:
        assert all(squeezed(name) in text for name in (NAUGHTY[0], NAUGHTY[1], NAUGHTY[5]))


@_needs_libreoffice
@_needs_poppler
@pytest.mark.parametrize("week", WEEKS)
def test_libreoffice_shows_every_sheet_with_every_word(opened, documents, week):
    pdf = opened / f"{week}-xlsx.pdf"
    text = text_of(pdf)
    for row in documents[week].content["metrics"][:20]:
        assert squeezed(row["name"])[:30] in text or not row["name"].isascii()
    assert squeezed("Thirteen weeks of every metric") in text
    assert pages_of_charts(pdf) == CHART_PAGES[week]
    for width, _, words in pages_of(pdf):
        assert all(word.right <= width + EDGE for word in words)

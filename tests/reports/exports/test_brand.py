"""A firm's logo and colours are frozen with the week: on pages and slides, and the same bytes whatever is set later."""

import io
import zipfile

import pypdf
import pytest
from PIL import Image
from pptx import Presentation

from models.brand import COLOURS, Brand, contrast_with_white
from models.errors import Invalid
from models.settings import settings
from reports.exports.verify import verify
from reports.exports.week_files import export
from services.review import reviews
from store import reviews as stored_reviews
from tests.builders import an_engagement, on_day, the_operator

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture
def firm(tmp_path, monkeypatch):
    logo = tmp_path / "logo.png"
    Image.new("RGB", (300, 90), "#123456").save(logo)
    monkeypatch.setenv("HEADWAY_LOGO", str(logo))
    monkeypatch.setenv("HEADWAY_COLOURS", "#7a1f5c #0B6E64")
    return logo


def frozen(day: int = 2):
    an_engagement()
    review = reviews.freeze(the_operator(day), "acme", on_day(day))
    return stored_reviews.document(the_operator(day), "acme", review.digest)


def test_the_logo_is_on_the_page_and_on_each_of_the_four_slides(firm):
    document = frozen()
    (picture,) = pypdf.PdfReader(io.BytesIO(export(document, "pdf"))).pages[0].images
    assert picture.image.size == (300, 90)
    deck = export(document, "pptx")
    for slide in list(Presentation(io.BytesIO(deck)).slides)[:4]:
        logos = [shape for shape in slide.shapes if shape.shape_type == 13]
        assert [shape._element.nvPicPr.cNvPr.get("descr") for shape in logos] == ["Logo"]
        assert logos[0].width / logos[0].height == pytest.approx(300 / 90, rel=0.01)
        mine = logos[0]
        for shape in slide.shapes:
            if shape.shape_id != mine.shape_id and shape.top < mine.top + mine.height:
                assert shape.left + shape.width <= mine.left


def test_headings_on_slides_have_the_first_colour_and_today_the_second(firm):
    with zipfile.ZipFile(io.BytesIO(export(frozen(), "pptx"))) as deck:
        week, plan = (deck.read(f"ppt/slides/slide{number}.xml") for number in (1, 2))
    assert b'"7A1F5C"' in week
    assert b'"0B6E64"' in plan
    assert b'"1D4F91"' not in week + plan


def test_a_week_keeps_the_look_of_its_day_and_its_bytes(firm, monkeypatch):
    document = frozen()
    made = {format: export(document, format) for format in ("pdf", "pptx")}
    monkeypatch.delenv("HEADWAY_LOGO")
    monkeypatch.setenv("HEADWAY_COLOURS", "#000000 #000000")
    assert {format: export(document, format) for format in made} == made
    assert all(verify(the_operator(2), data).holds for data in made.values())


def test_without_settings_a_week_has_no_brand():
    document = frozen()
    assert "brand" not in document.body
    assert Brand.of(document.body) == Brand(COLOURS, None)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [("HEADWAY_COLOURS", "#1D4F91", "two colours are needed"), ("HEADWAY_COLOURS", "red blue", "two colours"),
     ("HEADWAY_COLOURS", "#1D4F91 #FFFF00", "#FFFF00 is too light"), ("HEADWAY_LOGO", "/nowhere.png", "no such file"),
     ("HEADWAY_LOGO", __file__, "a PNG or JPEG file")],
)  # fmt: skip
def test_a_wrong_setting_is_named(monkeypatch, name, value, sentence):
    monkeypatch.setenv(name, value)
    with pytest.raises(Invalid, match=sentence):
        settings()


def test_contrast_is_that_of_wcag():
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#FFFFFF") == pytest.approx(1)
    assert contrast_with_white("#777777") == pytest.approx(4.48, abs=0.01)

"""A number that is older than its cadence allows: said wherever it appears, and green nowhere."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import openpyxl
import pypdf
import pytest
from pptx import Presentation

from models.people import Actor, Role
from models.status import Status
from reports.exports.week_files import export
from reports.frames.portfolio import portfolio
from services.measurements.batches import Rows, record
from services.review import reviews
from services.sign_off import signing
from store import reviews as stored_reviews
from tests.builders import a_metric, an_actor, an_engagement, the_state
from tests.pages.markup import bodies
from tests.pages.pages import open_page, words
from tests.pages.test_metrics import me

pytestmark = pytest.mark.usefixtures("sqlite_database")

NOW = datetime.now(UTC)
TODAY = NOW.date()
OPERATOR = Actor(name="operator", at=NOW, via="test", operator=True)
NAME, GREEN, GREEN_PIECE = "Loan decision time", "On track", "hw-green"
CALM, BETTER = (
    [4.0, 4.4, 3.8, 4.1, 4.3, 3.9, 4.2, 3.7, 4.0, 4.1, 3.9, 4.2, 4.0, 3.8] * 3,
    [0.02, 0.021, 0.019, 0.02, 0.022, 0.018, 0.02] * 4,
)


def a_signed_metric_at_its_target(last_measured: int) -> None:
    """Measured every day until so many days ago, far better than its baseline, and expected every week."""
    an_engagement(day_1=TODAY - timedelta(days=80))
    last = TODAY - timedelta(days=last_measured)
    days = [last - timedelta(days=ago) for ago in range(len(CALM + BETTER) - 1, -1, -1)]
    metric_id = a_metric(
        name=NAME, baseline="4 h", target="90 s", cadence_days=7, baseline_until=days[len(CALM) - 1]
    )
    record(OPERATOR, "acme", Rows([metric_id] * len(days), days, CALM + BETTER), "warehouse")
    dana = an_actor("Dana Ruiz", role="sponsor")
    sponsor = Actor(name=dana.name, at=NOW, via="test", user_id=dana.user_id)
    me(Role.LEAD)
    shown = {metric.id: metric.digest() for metric in the_state().metrics}
    signing.sign(sponsor, "acme", signing.approvals(shown), name="Dana Ruiz")


def said_by_the_pages() -> dict[str, str]:
    addresses = {"overview": {}, "metrics": {}, "one metric": {"metric": "loan-decision-time"}}
    text = {}
    for name, query in addresses.items():
        test = open_page("overview" if name == "overview" else "metrics", engagement="acme", **query)
        text[name] = "\n".join([words(test), *bodies(test)])
    return text


def said_by_the_week() -> dict[str, str]:
    """What the frozen week says in each format, as text."""
    document = stored_reviews.document(OPERATOR, "acme", reviews.freeze(OPERATOR, "acme", TODAY).digest)
    pages = pypdf.PdfReader(io.BytesIO(export(document, "pdf"))).pages
    shapes = [
        shape for slide in Presentation(io.BytesIO(export(document, "pptx"))).slides for shape in slide.shapes
    ]
    cells = [
        cell.text for shape in shapes if shape.has_table for row in shape.table.rows for cell in row.cells
    ]
    book = openpyxl.load_workbook(io.BytesIO(export(document, "xlsx")))
    with zipfile.ZipFile(io.BytesIO(export(document, "csv"))) as archive:
        csv = "\n".join(archive.read(name).decode("utf-8-sig") for name in archive.namelist())
    return {
        "pdf": "\n".join(page.extract_text() for page in pages).replace("\u200b", ""),
        "pptx": "\n".join([*(shape.text_frame.text for shape in shapes if shape.has_text_frame), *cells]),
        "xlsx": "\n".join(str(value) for sheet in book for row in sheet.values for value in row if value),
        "md": export(document, "md").decode(),
        "csv": csv,
    }


def test_what_is_measured_in_time_is_green_and_nothing_calls_it_out_of_date():
    a_signed_metric_at_its_target(last_measured=1)
    for where, text in (pages := said_by_the_pages()).items():
        assert "out of date" not in text.lower(), where
    assert GREEN in pages["one metric"]
    assert GREEN_PIECE in pages["metrics"]
    assert "Confirmed better" in pages["one metric"]
    for where, text in said_by_the_week().items():
        # The week always says which metrics are out of date; here it says that none is.
        assert "expected every" not in text, where
        assert "confirmed" in text.lower(), where


def test_what_is_too_old_is_said_to_be_on_every_page_and_green_on_none():
    a_signed_metric_at_its_target(last_measured=30)
    for where, text in said_by_the_pages().items():
        assert "out of date" in text.lower(), where
        assert "Confirmed better" not in text, where
    assert GREEN not in said_by_the_pages()["one metric"]
    assert GREEN_PIECE not in said_by_the_pages()["metrics"]
    (health,) = portfolio(OPERATOR)["status"]
    assert health != Status.ON_TRACK


def test_what_is_too_old_is_said_to_be_in_every_format_of_the_week_and_confirmed_in_none():
    a_signed_metric_at_its_target(last_measured=30)
    for where, text in said_by_the_week().items():
        assert "out of date" in text.lower(), where
        assert "confirmed better" not in text.lower(), where

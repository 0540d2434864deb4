"""Imports in a real browser: a messy file is shown, mended, brought in and taken back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.engagement import engagements
from services.imports.kinds import SYSTEMS
from services.imports.templates import csv_template
from tests.browser.accessibility import axe
from tests.browser.harness import choose, go, no_overflow, press, rerun, screenshot, settled
from tests.browser.server import Server
from tests.builders import an_engagement, the_operator, the_state

DAY = 40
TODAY = datetime.now(UTC).date()
# As a spreadsheet in Germany saves it: semicolons, Windows-1252, its own dates, empty rows and columns at the end.
MESSY = (
    "sep=;\r\nNAME;Owner;Criticality;Reviewed On;Note;;\r\n"
    'Zahlungslauf;Jörg Müller;High;{day:%d.%m.%Y};"zwei\r\nZeilen";;\r\n'
    "  Ledger ;Ann Lee;{bad};;;;\r\n;;;;;;\r\n;;;;;;\r\n"
)


@pytest.fixture
def engagement(headway: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Makes an engagement in the server's database; the person at the screen is its lead."""
    monkeypatch.setenv("DATABASE_URL", headway.environment["DATABASE_URL"])

    def make(slug: str) -> str:
        an_engagement(slug, day_1=TODAY - timedelta(days=DAY - 1))
        engagements.add_first_administrator(the_operator(), slug)
        return slug

    return make


def messy(folder: Path, bad: str) -> Path:
    path = folder / f"systems-{bad or 'mended'}.csv"
    path.write_bytes(MESSY.format(bad=bad, day=TODAY).encode("cp1252"))
    return path


def upload(page: Page, path: Path) -> None:
    with rerun(page):
        page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(path)
    settled(page)


def test_a_messy_file_is_shown_mended_brought_in_and_taken_back(page, engagement, tmp_path):
    slug = engagement("messy")
    go(page, f"/imports?engagement={slug}")
    upload(page, messy(tmp_path, "huge"))
    expect(page.get_by_text("1 problem in systems-huge.csv")).to_be_visible()
    expect(page.get_by_role("button", name="Import")).to_have_count(0)
    axe(page)
    screenshot(page, "imports-problems")

    page.reload()
    settled(page)
    upload(page, messy(tmp_path, ""))
    expect(page.get_by_text("2 added, 0 changed, 0 unchanged")).to_be_visible()
    for theme in ("light", "dark"):
        screenshot(page, "imports", theme)
        axe(page)
        screenshot(page, "imports", theme, width=390)
        no_overflow(page)
        page.set_viewport_size({"width": 1440, "height": 900})
    assert the_state(slug).systems == []

    press(page, "Import 2 systems")
    settled(page)
    expect(page.get_by_text("2 systems from systems-mended.csv")).to_be_visible()
    assert [(row.name, row.owner, row.reviewed_on, row.note) for row in the_state(slug).systems] == [
        ("Zahlungslauf", "Jörg Müller", TODAY, "zwei\nZeilen"),
        ("Ledger", "Ann Lee", None, None),
    ]

    page.get_by_role("button", name="Undo").click()
    with rerun(page):
        page.get_by_role("button", name="Undo the import of 2 systems").click()
    settled(page)
    expect(page.get_by_text("Undone by")).to_be_visible()
    assert the_state(slug).systems == []
    axe(page)


def test_a_template_is_downloaded_and_each_kind_says_what_it_needs(page, engagement, tmp_path):
    slug = engagement("templates")
    go(page, f"/imports?engagement={slug}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Template as CSV").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "systems.csv"
    assert path.read_bytes() == csv_template(SYSTEMS)
    choose(page, "What it holds", "Measurements")
    expect(page.get_by_text("Needed: metric, at, value")).to_be_visible()
    no_overflow(page)

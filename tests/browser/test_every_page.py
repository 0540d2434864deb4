"""Every page of the sample engagement: nothing broken, nothing in anyone's way, nothing too wide. And its picture."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from services import sample
from tests import databases
from tests.browser.accessibility import COLOURS, axe
from tests.browser.chromium import PHONE, visitor
from tests.browser.harness import (
    go,
    load,
    no_exception,
    no_overflow,
    no_overlap,
    screenshot,
    turn,
    whole_page_in_view,
)
from tests.browser.server import Server
from tests.browser.signing_in import cookies, database_of, give
from ui.navigation import PAGES_BY_KEY

SLUG = "larkspur-lending"
PAGES = [*PAGES_BY_KEY, "one-metric", "one-system", "matrix", "graph"]
ADDRESSES = {
    "one-metric": f"/metrics?engagement={SLUG}&metric=decision-time",
    "one-system": f"/inventory?engagement={SLUG}&system=1",
    "matrix": f"/inventory?engagement={SLUG}&view=Matrix",
    "graph": f"/inventory?engagement={SLUG}&view=Graph",
}


def address(name: str) -> str:
    return ADDRESSES.get(name) or f"/{name}" + (
        f"?engagement={SLUG}" if PAGES_BY_KEY[name].of_engagement else ""
    )


@pytest.fixture(scope="module")
def sample_headway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Headway with the sample portfolio."""
    folder = tmp_path_factory.mktemp("sample")
    with databases.sqlite_database(folder) as url, Server(folder / "log", {"DATABASE_URL": url}) as server:
        with database_of(server):
            sample.load(datetime.now(UTC))
        yield server


@pytest.fixture(scope="module")
def windows(chromium: Browser, sample_headway: Server) -> Iterator[tuple[Page, Page]]:
    """One person's two windows on it: a desktop's and a phone's."""
    kept = cookies(sample_headway)
    with (
        visitor(chromium, sample_headway.url) as desktop,
        visitor(chromium, sample_headway.url, size=PHONE) as phone,
    ):
        give(desktop.context, sample_headway, kept)
        give(phone.context, sample_headway, kept)
        go(phone, "/")
        yield desktop, phone


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_in_light_dark_and_on_a_phone(name: str, windows: tuple[Page, Page]):
    desktop, phone = windows
    desktop.emulate_media(color_scheme="light")
    load(desktop, address(name))
    no_exception(desktop)
    expect(desktop.get_by_text("Not found, or not shared with you")).to_have_count(0)
    no_overlap(desktop)
    with whole_page_in_view(desktop):
        screenshot(desktop, name)
        axe(desktop)
        screenshot(desktop, name, "dark")
        axe(desktop, *COLOURS)
    turn(phone, address(name))
    no_overflow(phone)
    no_overlap(phone)
    screenshot(phone, name, width=390)

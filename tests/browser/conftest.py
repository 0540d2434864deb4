"""One Chromium and one server while browser tests run, and the administrator's windows that they share."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import databases
from tests.browser.chromium import DESKTOP, PHONE, launch, visitor
from tests.browser.harness import ARTEFACTS, go
from tests.browser.sample_pages import sample_server
from tests.browser.server import Server
from tests.browser.signing_in import MEI, cookies, give, sign_in, two_clients

HERE = Path(__file__).parent
# How long a page may take to show what a test waits for, on a machine that does other things as well.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)
_outcome = pytest.StashKey[pytest.TestReport]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[_outcome] = report
    return report


# Playwright keeps an event loop in this thread: it ends with this folder, so that other tests may run their own.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The Chromium that this worker's browser tests share."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def headway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Headway on an SQLite database of its own, shared by all browser tests that need no other."""
    folder = tmp_path_factory.mktemp("headway")
    with databases.sqlite_database(folder) as url, Server(folder / "log", {"DATABASE_URL": url}) as server:
        yield server


@pytest.fixture(scope="package")
def administrator(headway: Server) -> dict[str, str]:
    """The cookies with which the first administrator is signed in to `headway`."""
    return cookies(headway)


# What sessions do on SQLite is tested below the browser as well, and `headway` is on SQLite.
LIVE = ["sqlite", "postgres"] if os.environ.get("HEADWAY_FULL") else ["postgres"]


@pytest.fixture(scope="package", params=LIVE)
def a_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database for a server, on Postgres; with HEADWAY_FULL=1 once on SQLite, too."""
    with databases.fresh_database(request.param, tmp_path_factory.mktemp("live_server")) as url:
        yield url


@pytest.fixture(scope="package")
def live_server(a_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two clients' engagements: Mei is the lead of acme, Sam of corvid."""
    log = tmp_path_factory.mktemp("live_server") / "log"
    with Server(log, {"DATABASE_URL": a_database}) as server:
        two_clients(server)
        yield server


@pytest.fixture
def mei(chromium: Browser, live_server: Server) -> Iterator[Page]:
    """Mei's window on `live_server`."""
    with visitor(chromium, live_server.url) as page:
        sign_in(page.context, live_server, MEI)
        yield page


@pytest.fixture(scope="package")
def windows_of_the_administrator(
    chromium: Browser, headway: Server, administrator: dict[str, str]
) -> Iterator[dict[str, Page]]:
    """The administrator's desktop and phone on `headway`; tests follow each other in the same two windows."""
    with visitor(chromium, headway.url) as page, visitor(chromium, headway.url, size=PHONE) as phone:
        give(page.context, headway, administrator)
        give(phone.context, headway, administrator)
        yield {"page": page, "phone": phone}


@pytest.fixture
def page(windows_of_the_administrator: dict[str, Page], request: pytest.FixtureRequest) -> Iterator[Page]:
    """The administrator's window on `headway`, 1440 x 900, light."""
    page = windows_of_the_administrator["page"]
    yield page
    leave_to_the_next(page, request)


@pytest.fixture
def phone(windows_of_the_administrator: dict[str, Page], request: pytest.FixtureRequest) -> Iterator[Page]:
    """The administrator's phone on `headway`, 390 x 844, light."""
    phone = windows_of_the_administrator["phone"]
    yield phone
    leave_to_the_next(phone, request, PHONE)


@pytest.fixture(scope="package")
def sample_headway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Headway with the sample portfolio, for tests that only look at it."""
    with sample_server(tmp_path_factory.mktemp("sample")) as server:
        yield server


@pytest.fixture(scope="package")
def sample_windows(chromium: Browser, sample_headway: Server) -> Iterator[tuple[Page, Page]]:
    """The administrator's two windows on it: a desktop's and a phone's."""
    admitted = cookies(sample_headway)
    with (
        visitor(chromium, sample_headway.url) as desktop,
        visitor(chromium, sample_headway.url, size=PHONE) as phone,
    ):
        give(desktop.context, sample_headway, admitted)
        give(phone.context, sample_headway, admitted)
        go(phone, "/")
        yield desktop, phone


@pytest.fixture
def desktop(sample_windows: tuple[Page, Page]) -> Page:
    """The administrator's window on the sample at a desktop, light."""
    desktop, _ = sample_windows
    desktop.emulate_media(color_scheme="light")
    return desktop


def leave_to_the_next(page: Page, request: pytest.FixtureRequest, size: tuple[int, int] = DESKTOP) -> None:
    """Let the next test find one window, light and of its size, in which what failed in this one is gone."""
    for other in page.context.pages:
        if other != page:
            other.close()
    if has_failed(request):
        keep_picture_of_failure(page, request)
        page.goto("about:blank")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": size[0], "height": size[1]})


def has_failed(request: pytest.FixtureRequest) -> bool:
    outcome = request.node.stash.get(_outcome, None)
    return outcome is not None and outcome.failed


def keep_picture_of_failure(page: Page, request: pytest.FixtureRequest) -> None:
    """artefacts/screenshots shows what was on the page when the test failed."""
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    page.screenshot(path=ARTEFACTS / f"failed-{name}.png")

"""One Chromium and one server a worker, for as long as browser tests run; a new person on every page."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import databases
from tests.browser.chromium import PHONE, launch, visitor
from tests.browser.harness import ARTEFACTS
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
    """Headway on an SQLite database of its own, shared by this worker's browser tests."""
    folder = tmp_path_factory.mktemp("headway")
    with databases.sqlite_database(folder) as url, Server(folder / "log", {"DATABASE_URL": url}) as server:
        yield server


@pytest.fixture(scope="package")
def administrator(headway: Server) -> dict[str, str]:
    """The cookies with which the first administrator is signed in to `headway`."""
    return cookies(headway)


def a_fresh_database(kind: str, folder: Path) -> AbstractContextManager[str]:
    """The URL of a fresh database of that kind, for as long as a server may need it."""
    return databases.postgres_database() if kind == "postgres" else databases.sqlite_database(folder)


@pytest.fixture(scope="package", params=["sqlite", "postgres"])
def a_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database for a server, once on SQLite and once on Postgres."""
    with a_fresh_database(request.param, tmp_path_factory.mktemp("door")) as url:
        yield url


@pytest.fixture(scope="package")
def door(a_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two clients' engagements: Mei is the lead of acme, Sam of corvid."""
    log = tmp_path_factory.mktemp("door") / "log"
    with Server(log, {"DATABASE_URL": a_database}) as server:
        two_clients(server)
        yield server


@pytest.fixture
def mei(chromium: Browser, door: Server) -> Iterator[Page]:
    """Mei's window on `door`."""
    with visitor(chromium, door.url) as page:
        sign_in(page.context, door, MEI)
        yield page


@pytest.fixture
def page(
    chromium: Browser, headway: Server, administrator: dict[str, str], request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The administrator's window on `headway`, 1440 x 900, light, in a browser of its own."""
    with visitor(chromium, headway.url) as page:
        give(page.context, headway, administrator)
        yield page
        keep_picture_of_failure(page, request)


@pytest.fixture
def phone(
    chromium: Browser, headway: Server, administrator: dict[str, str], request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The administrator's phone on `headway`, 390 x 844, light."""
    with visitor(chromium, headway.url, size=PHONE) as page:
        give(page.context, headway, administrator)
        yield page
        keep_picture_of_failure(page, request)


def keep_picture_of_failure(page: Page, request: pytest.FixtureRequest) -> None:
    """When the test failed, artefacts/screenshots shows what was on the page."""
    outcome = request.node.stash.get(_outcome, None)
    if outcome is not None and outcome.failed:
        name = re.sub(r"\W+", "-", request.node.name).strip("-")
        page.screenshot(path=ARTEFACTS / f"failed-{name}.png")

"""What a line may use: a filled database, and pages in a real Chromium, ours beside a blank one."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

from tests import databases
from tests.bench.timing import RUNS, Measured, interleaved
from tests.browser.chromium import visitor
from tests.browser.harness import load
from tests.browser.reruns import (
    milliseconds_since_action,
    milliseconds_to_settle,
    milliseconds_to_words,
    rerun,
)
from tests.browser.server import PROGRAM, Server
from tests.browser.signing_in import sign_in

BLANK = (sys.executable, "-m", "tests.bench.blank")

PICTURE = ".hw-to-explore .hw-plot"
# Keeps window.headwayExplored: the milliseconds from a pointer on the picture until the chart is shown in its place.
WATCH_EXPLORED = f"""
() => {{
  const picture = document.querySelector(".hw-to-explore");
  window.headwayExplored = new Promise((done) => {{
    document.querySelector({PICTURE!r}).addEventListener("pointerover", () => {{
      const pointedAt = performance.now();
      new MutationObserver(() => {{
        if (picture.dataset.explored === "drawn") done(performance.now() - pointedAt);
      }}).observe(picture, {{attributes: true}});
    }}, {{once: true, capture: true}});
  }});
}}
"""


class Stage:
    """A database of one kind, filled once, and on demand the program and a blank page served beside each other.

    `url` is the database, also as DATABASE_URL while a line measures; `folder` is for what a line leaves behind.
    """

    def __init__(
        self, kind: str, fill: Callable[[str], None], chromium: Callable[[], Browser], runs: int = RUNS
    ):
        self.kind = kind
        self.runs = runs
        self._fill = fill
        self._chromium = chromium
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self.folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="headway-bench-")))
        self.url = self.new_database()
        with self.as_database_url():
            self._fill(self.url)
        return self

    def __exit__(self, *_) -> None:
        self._open.close()

    @contextmanager
    def as_database_url(self) -> Iterator[None]:
        """Inside, DATABASE_URL is the stage's database."""
        before = os.environ.get("DATABASE_URL")
        os.environ["DATABASE_URL"] = self.url
        yield
        del os.environ["DATABASE_URL"]
        if before is not None:
            os.environ["DATABASE_URL"] = before

    def new_database(self) -> str:
        """The URL of a fresh database of the newest schema, of the stage's kind, kept until the stage closes."""
        if self.kind == "postgres":
            return self._open.enter_context(databases.postgres_database())
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        return self._open.enter_context(databases.sqlite_database(folder))

    @cached_property
    def page(self) -> Page:
        """A person's window on our program, kept over the lines: its browser has the scripts already."""
        return self._visit(Server(self.folder / "ours.log", {"DATABASE_URL": self.url}, PROGRAM))

    @cached_property
    def blank(self) -> Page:
        """A window on a program that is served like ours and shows nothing but a title and a button."""
        return self._visit(
            Server(self.folder / "blank.log", {"DATABASE_URL": self.url}, BLANK, "/_stcore/health")
        )

    def settle(self, address: str) -> Measured:
        """Opening `address`, until it is settled, against opening a blank page as deep in the address."""
        # Below the root, Streamlit's page first asks for its server's settings in the wrong place.
        blank = "/" if urlsplit(address).path == "/" else "/blank"
        return interleaved(lambda: _settle(self.page, address), lambda: _settle(self.blank, blank), self.runs)

    def settle_words(self, address: str) -> Measured:
        """Opening `address` until all of it but a chart that is drawn last is there, against opening a blank page."""

        def ours() -> float:
            load(self.page, address)
            return milliseconds_to_words(self.page)

        return interleaved(ours, lambda: _settle(self.blank, "/blank"), self.runs)

    def explore(self, address: str) -> Measured:
        """From pointing at the picture of the chart at `address` until that is drawn, against opening a blank page."""

        def ours() -> float:
            self.page.mouse.move(2, 2)
            load(self.page, address)
            self.page.locator(PICTURE).scroll_into_view_if_needed()
            self.page.evaluate(WATCH_EXPLORED)
            self.page.locator(PICTURE).hover()
            return float(self.page.evaluate("window.headwayExplored"))

        return interleaved(ours, lambda: _settle(self.blank, "/blank"), self.runs)

    def settle_blank(self) -> Measured:
        """Opening a blank page against opening it again: what chance alone does to a ratio on this machine."""
        return interleaved(
            lambda: _settle(self.blank, "/blank"), lambda: _settle(self.blank, "/blank"), self.runs
        )

    def switch(self, start: str, link: str) -> Measured:
        """From `start`, a click on the sidebar's `link` until that page is settled, against a blank page's click."""

        def ours() -> float:
            load(self.page, start)
            with rerun(self.page):
                self.page.get_by_test_id("stSidebar").get_by_role("link", name=link).click()
            return milliseconds_since_action(self.page)

        return interleaved(ours, self._click_on_blank, self.runs)

    def click(self, start: str, button: str) -> Measured:
        """A click on `start`'s `button` until the page is settled, against a blank page's click."""

        def ours() -> float:
            load(self.page, start)
            return _click(self.page, button)

        return interleaved(ours, self._click_on_blank, self.runs)

    def _click_on_blank(self) -> float:
        load(self.blank, "/blank")
        return _click(self.blank, "Again")

    def _visit(self, server: Server) -> Page:
        self._open.enter_context(server)
        page = self._open.enter_context(visitor(self._chromium(), server.url))
        if server.command != BLANK:
            sign_in(page.context, server)
        return page


def _settle(page: Page, address: str) -> float:
    load(page, address)
    return milliseconds_to_settle(page)


def _click(page: Page, button: str) -> float:
    with rerun(page):
        page.get_by_role("button", name=button).click()
    return milliseconds_since_action(page)

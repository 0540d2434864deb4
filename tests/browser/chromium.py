"""A real Chromium, told to be the same everywhere and to ask nobody but our server for anything."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.browser.reruns import COUNT_RERUNS

Theme = Literal["light", "dark"]

NAMES = ("chromium", "chromium-browser", "google-chrome")
DESKTOP = (1440, 900)
PHONE = (390, 844)
QUIET = (
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
    # Even what slips through finds no name of the outside world.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)


def launch(playwright: Playwright) -> Browser:
    """The Chromium on PATH, or Playwright's own where there is none; headless."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=path, args=[*QUIET, *as_root], headless=True)


class RequestGuard:
    """Notes every request and websocket of a context that goes to another host or port than `url`'s."""

    def __init__(self, context: BrowserContext, url: str):
        self.home = urlsplit(url).netloc
        self.foreign: list[str] = []
        context.on("request", lambda request: self._note(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: self._note(socket.url)))

    def check(self) -> None:
        """Fail when the outside world was asked for anything."""
        assert not self.foreign, f"asked others than {self.home}: {', '.join(self.foreign)}"

    def _note(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.home:
            self.foreign.append(address)


@contextmanager
def visitor(
    browser: Browser, url: str, *, theme: Theme = "light", size: tuple[int, int] = DESKTOP, **more
) -> Iterator[Page]:
    """A page of a new person: no cookies, London time, no motion. Relative addresses in `goto` are under `url`.

    `size` is (width, height) in CSS pixels: DESKTOP or PHONE, which also has touch. At the end, a request to any
    host but `url`'s fails the test. `more` goes to Playwright's `new_context`.
    """
    context = browser.new_context(
        base_url=url,
        viewport={"width": size[0], "height": size[1]},
        has_touch=size == PHONE,
        color_scheme=theme,
        locale="en-GB",
        timezone_id="Europe/London",
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
        accept_downloads=True,
        **more,
    )
    context.add_init_script(COUNT_RERUNS)
    guard = RequestGuard(context, url)
    try:
        yield context.new_page()
        guard.check()
    finally:
        context.close()

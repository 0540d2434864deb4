"""A real Chromium, told to be the same everywhere and to ask nobody but our server for anything."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.browser.reruns import COUNT_RERUNS

Theme = Literal["light", "dark"]

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
DESKTOP = (1440, 900)
PHONE = (390, 844)
MAX_ASIDE = 4  # profiles that wait for their next person; the oldest is closed
LEFT_BEHIND = "local_storage,indexeddb,cache_storage,service_workers"
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
    browser: Browser, url: str, *, theme: Theme = "light", size: tuple[int, int] = DESKTOP
) -> Iterator[Page]:
    """A page of a new person: no cookies, London time, no motion. Relative addresses in `goto` are under `url`.

    `size` is (width, height) in CSS pixels: DESKTOP or PHONE, which also has touch. At the end, a request to any
    host but `url`'s fails the test.
    """
    profile = _take_up(browser, url, theme, size)
    try:
        yield profile.new_page()
        profile.guard.check()
        profile.leave()
    except BaseException:
        profile.context.close()
        raise
    _put_aside(browser, profile)


class _Profile:
    """A browser profile that one person uses after the other.

    Its cache stays: fetching and compiling the dashboard's scripts anew takes longer than all else on a page.
    """

    def __init__(self, browser: Browser, url: str, theme: Theme, size: tuple[int, int]):
        self.kind = (url, theme, size)
        self.context = browser.new_context(
            base_url=url,
            viewport={"width": size[0], "height": size[1]},
            has_touch=size == PHONE,
            color_scheme=theme,
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
            accept_downloads=True,
        )
        self.context.add_init_script(COUNT_RERUNS)
        self.guard = RequestGuard(self.context, url)

    def new_page(self) -> Page:
        """A window in which nothing is left of whoever was here before."""
        page = self.context.new_page()
        devtools = self.context.new_cdp_session(page)
        devtools.send("Storage.clearDataForOrigin", {"origin": self.kind[0], "storageTypes": LEFT_BEHIND})
        devtools.detach()
        return page

    def leave(self) -> None:
        """Close all windows and forget who was signed in."""
        for page in self.context.pages:
            page.close()
        self.context.clear_cookies()


_aside: WeakKeyDictionary[Browser, list[_Profile]] = WeakKeyDictionary()


def _take_up(browser: Browser, url: str, theme: Theme, size: tuple[int, int]) -> _Profile:
    aside = _aside.setdefault(browser, [])
    for profile in aside:
        if profile.kind == (url, theme, size):
            aside.remove(profile)
            return profile
    return _Profile(browser, url, theme, size)


def _put_aside(browser: Browser, profile: _Profile) -> None:
    aside = _aside[browser]
    aside.append(profile)
    if len(aside) > MAX_ASIDE:
        aside.pop(0).context.close()

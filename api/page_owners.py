"""Whose the open pages of this process are, and the files that they were sent."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from time import monotonic

MAX_PAGES = 10_000
MAX_FILES = 100_000


@dataclass
class OpenPage:
    """A page: the session in which it was opened, its connections, and when the last of them was closed."""

    session_id: int
    connections: int = 0
    closed_at: float = 0.0


@dataclass
class PageOwners:
    """The pages of this process, by their ids."""

    pages: OrderedDict[str, OpenPage] = field(default_factory=OrderedDict)

    def connect(self, page_id: str, session_id: int) -> None:
        self.pages.setdefault(page_id, OpenPage(session_id)).connections += 1
        while len(self.pages) > MAX_PAGES:
            self.pages.popitem(last=False)

    def disconnect(self, page_id: str) -> None:
        if page := self.pages.get(page_id):
            page.connections -= 1
            page.closed_at = monotonic()

    def get(self, page_id: str) -> int | None:
        page = self.pages.get(page_id)
        return None if page is None else page.session_id

    def is_remembered(self, page_id: str, seconds: float) -> bool:
        """Return whether the page is connected, or was within so many seconds."""
        page = self.pages.get(page_id)
        return page is not None and (page.connections > 0 or monotonic() - page.closed_at < seconds)


@dataclass
class PageConnection:
    """A websocket of a page, whose id is known from its first message, or before where it connects again."""

    pages: PageOwners
    session_id: int
    page_id: str | None = None

    def open(self, page_id: str) -> None:
        self.page_id = page_id
        self.pages.connect(page_id, self.session_id)

    def close(self) -> None:
        if self.page_id is not None:
            self.pages.disconnect(self.page_id)


@dataclass
class FileOwners:
    """The files of pages, by session: each session may load the paths that its own pages were sent.

    The dashboard names a file by its content, and would serve it to whoever knows the name.
    """

    paths: OrderedDict[tuple[int, str], None] = field(default_factory=OrderedDict)

    def add(self, path: str, session_id: int) -> None:
        self.paths[session_id, path] = None
        self.paths.move_to_end((session_id, path))
        while len(self.paths) > MAX_FILES:
            self.paths.popitem(last=False)

    def owns(self, session_id: int, path: str) -> bool:
        return (session_id, path) in self.paths

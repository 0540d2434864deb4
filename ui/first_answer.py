"""The dashboard's first answer, its HTML, with what every page of ours needs: our style sheet and scripts, and the names
of Streamlit's scripts that the page will draw with (`ui/chunks.py`).

Drawn as elements of a page, the style sheet and the scripts were sent and looked through again at every click.
"""

from __future__ import annotations

import gzip
from functools import cache, lru_cache
from hashlib import sha256

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui import static
from ui.chunks import links
from ui.html import COLOURS

STYLE_SHEETS = {"components.css": "all", "print.css": "print"}
"""Each with what it is for: a browser draws a page without waiting for that of paper."""
SCRIPTS = (
    "follow.js", "places.js", "tooltips.js", "marks.js", "pictures.js", "search.js", "focus.js", "chart_links.js",
    "exploring.js", "pasting.js", "unsaved.js", "session.js", "connection.js", "pressing.js",
)  # fmt: skip
OTHER_COLOURS = ("linkColor", "borderColor", "primaryColor", "backgroundColor")
ROOT, BODY_ENDS = b'<div id="root">', b"</body>"
"""What tells the dashboard's HTML from that of our own pages beside it, such as /sign; and where it ends."""
# Streamlit's answer is its file, whole, whatever the browser has of it: of ours, its marks aren't true.
REQUEST_HEADERS_LEFT_OUT = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}
RESPONSE_HEADERS_LEFT_OUT = ("etag", "last-modified", "accept-ranges")


@cache
def version() -> str:
    """Return a text that changes with the style sheets and the scripts: a page that was opened with others loads anew
    when it is left (`follow.js`)."""
    addresses = " ".join(map(static.address, (*STYLE_SHEETS, *SCRIPTS)))
    return sha256((addresses + _colours()).encode()).hexdigest()[:12]


@cache
def our_elements() -> str:
    """Return the HTML of the style sheets, in the theme's colours, which follow light and dark by themselves, and of the
    scripts."""
    sheets = "".join(
        f'<link rel="stylesheet" href="{static.address(name)}" media="{media}">'
        for name, media in STYLE_SHEETS.items()
    )
    scripts = "".join(
        f'<script defer src="{static.address(name)}" data-version="{version()}"></script>' for name in SCRIPTS
    )
    return f"<style>:root {{ {_colours()} }}</style>{sheets}{scripts}"


@cache
def _colours() -> str:
    names = [f"{name}{part}" for name in COLOURS for part in ("TextColor", "BackgroundColor")]
    return " ".join(f"--{name}: {_colour(name)};" for name in [*names, *OTHER_COLOURS])


def _colour(name: str) -> str:
    """Return a colour of the theme in light and dark."""
    light, dark = (st.get_option(f"theme.{kind}.{name}") for kind in ("light", "dark"))
    return f"light-dark({light}, {dark})"


@lru_cache(maxsize=4)
def completed(html: bytes) -> bytes:
    """Return Streamlit's HTML with our elements at the end of its body: the style sheet outweighs Streamlit's there."""
    return html.replace(BODY_ENDS, our_elements().encode() + BODY_ENDS, 1)


@lru_cache(maxsize=4)
def _compressed(html: bytes) -> bytes:
    return gzip.compress(html, mtime=0)


class FirstAnswer:
    """The ASGI middleware that completes the dashboard's HTML, and names in its header the scripts it will need."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].count("/") != 1:
            await self.app(scope, receive, send)
            return
        asked = [(name, value) for name, value in scope["headers"] if name not in REQUEST_HEADERS_LEFT_OUT]
        response = _CompletedResponse(scope, send)
        await self.app({**scope, "headers": asked}, receive, response.send)


class _CompletedResponse:
    """Passes a response on, with the dashboard's HTML completed."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.pass_on = send
        self.start: Message | None = None
        """The beginning of an answer of HTML, kept until all of it has come."""
        self.html = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self.start = message
        elif self.start is None:
            await self.pass_on(message)
        else:
            self.html += message.get("body", b"")
            if message.get("more_body"):
                return
            if ROOT in self.html:
                self._complete(self.start)
            await self.pass_on(self.start)
            await self.pass_on({"type": "http.response.body", "body": self.html})

    def _complete(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        for name in RESPONSE_HEADERS_LEFT_OUT:
            del headers[name]
        headers["link"] = links(self.scope["path"], self.scope["query_string"].decode("latin-1"))
        headers.add_vary_header("accept-encoding")
        self.html = completed(self.html)
        if "gzip" in Headers(scope=self.scope).get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            self.html = _compressed(self.html)
        headers["content-length"] = str(len(self.html))


def _is_html(start: Message) -> bool:
    return start["status"] == 200 and MutableHeaders(scope=start).get("content-type", "").startswith(
        "text/html"
    )

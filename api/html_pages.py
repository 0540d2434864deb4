"""The few pages outside of the dashboard: plain HTML, everything that is put into it escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from starlette.responses import FileResponse, HTMLResponse, Response

ASSETS = Path(__file__).resolve().parent / "assets"
LOGOS = Path(__file__).resolve().parent.parent / "ui" / "assets"
FILES = {
    "style.css": ASSETS / "style.css",
    "sign.css": ASSETS / "sign.css",
    "enter.js": ASSETS / "enter.js",
    "sign.js": ASSETS / "sign.js",
    "logo.svg": LOGOS / "logo.svg",
    "mark.svg": LOGOS / "mark.svg",
}


@cache
def _template(name: str) -> Template:
    return Template((ASSETS / name).read_text(encoding="utf-8"))


def fragment(name: str, /, *, html: Mapping[str, str] | None = None, **given: str) -> str:
    """The template `name` with these texts in it, escaped, and with pieces of `html` that were escaped before."""
    texts = {key: escape(text) for key, text in given.items()}
    return _template(f"{name}.html").substitute(html or {}, **texts)


def refusal(sentence: str, more: str = "") -> str:
    """A sentence that refused something, and more `html` below it; nothing where there is no sentence."""
    return f'<div class="refused" role="alert">{escape(sentence)}{more}</div>' if sentence else ""


def page(
    name: str, title: str, /, *, refused: str = "", status: int = 200, script: str = "", **given: str
) -> HTMLResponse:
    """The page `name` with these texts in it, under a sentence that refused something, if any did."""
    html = {"message": refusal(refused)}
    if "current" in given:
        html["current"] = _template("current.html").substitute() if given.pop("current") else ""
    if "why" in given:
        why = given.pop("why")
        html["why"] = f'<p class="note">{escape(why)}</p>' if why else ""
    return full_page(title, fragment(name, html=html, **given), status=status, script=script)


def full_page(
    title: str, content: str, *, status: int = 200, script: str = "", style: str = ""
) -> HTMLResponse:
    """A page around `content`, which is HTML, with one of our scripts and style sheets more."""
    html = {
        "content": content,
        "script": f'<script src="/session/{script}"></script>' if script else "",
        "style": f'<link rel="stylesheet" href="/session/{style}">' if style else "",
    }
    return HTMLResponse(fragment("page", html=html, title=title), status)


def file(name: str) -> Response:
    """One of the pages' own files."""
    return FileResponse(FILES[name], headers={"cache-control": "max-age=3600"})

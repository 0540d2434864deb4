"""The few pages outside of the dashboard: plain HTML, with every text in it escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from starlette.responses import FileResponse, HTMLResponse, Response

ASSETS = Path(__file__).resolve().parent / "assets"
LOGOS = Path(__file__).resolve().parent.parent / "ui" / "assets"
FILES = {
    "style.css": ASSETS / "style.css",
    "sign.css": ASSETS / "sign.css",
    "week.css": ASSETS / "week.css",
    "enter.js": ASSETS / "enter.js",
    "page.js": ASSETS / "page.js",
    "sign.js": ASSETS / "sign.js",
    "logo.svg": LOGOS / "logo.svg",
    "mark.svg": LOGOS / "mark.svg",
}


@cache
def _template(name: str) -> Template:
    return Template((ASSETS / name).read_text(encoding="utf-8"))


def fragment(name: str, /, *, html: Mapping[str, str] | None = None, **texts: str) -> str:
    """Return the template `name` with these texts in it, escaped, and with the `html` in it as it is."""
    escaped = {key: escape(text) for key, text in texts.items()}
    return _template(f"{name}.html").substitute(html or {}, **escaped)


def refusal(sentence: str, more: str = "") -> str:
    """Return an alert: the sentence that refused something, above the HTML `more`; empty without a sentence."""
    return f'<div class="refused" role="alert">{escape(sentence)}{more}</div>' if sentence else ""


def page(
    name: str, title: str, /, *, refused: str = "", status: int = 200, script: str = "", **texts: str
) -> HTMLResponse:
    """Return the page `name` with these texts in it, below the sentence that refused something, if any did."""
    html = {"message": refusal(refused), "ended": ""}
    if "current" in texts:
        html["current"] = _template("current.html").substitute() if texts.pop("current") else ""
    if "why" in texts:
        why = texts.pop("why")
        html["why"] = f'<p class="note">{escape(why)}</p>' if why else ""
    if ended := texts.pop("ended", ""):
        html["ended"] = f'<p class="ended" role="status">{escape(ended)}</p>'
    if "provider" in texts:
        link = _template("provider.html").substitute(next=quote(texts.get("next", "/"), safe=""))
        html["provider"] = link if texts.pop("provider") else ""
    return full_page(title, fragment(name, html=html, **texts), status=status, script=script)


def full_page(
    title: str, content: str, *, status: int = 200, script: str = "", style: str = "", is_answer: bool = True
) -> HTMLResponse:
    """Return a page around the HTML `content`, with another one of our scripts and style sheets.

    One that can't be the answer to a form (`is_answer`) has no script of its own.
    """
    scripts = ["page.js"] * is_answer + [script] * bool(script)
    html = {
        "content": content,
        "scripts": "\n".join(f'<script src="/session/{name}"></script>' for name in scripts),
        "style": f'<link rel="stylesheet" href="/session/{style}">' if style else "",
    }
    return HTMLResponse(fragment("page", html=html, title=title), status)


def file(name: str) -> Response:
    """Return one of the files of these pages."""
    return FileResponse(FILES[name], headers={"cache-control": "max-age=3600"})

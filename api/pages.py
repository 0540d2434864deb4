"""The few pages outside of the dashboard: plain HTML, everything that is put into it escaped."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from starlette.responses import FileResponse, HTMLResponse, Response

ASSETS = Path(__file__).resolve().parent / "assets"
LOGOS = Path(__file__).resolve().parent.parent / "ui" / "assets"
FILES = {
    "style.css": ASSETS / "style.css",
    "enter.js": ASSETS / "enter.js",
    "logo.svg": LOGOS / "logo.svg",
    "mark.svg": LOGOS / "mark.svg",
}


@cache
def _template(name: str) -> Template:
    return Template((ASSETS / name).read_text(encoding="utf-8"))


def page(
    name: str, title: str, /, *, refused: str = "", status: int = 200, script: str = "", **given: str
) -> HTMLResponse:
    """The page `name` with these texts in it, under a sentence that refused something, if any did."""
    message = f'<p class="refused" role="alert">{escape(refused)}</p>' if refused else ""
    texts = {key: escape(text) for key, text in given.items()}
    if "current" in texts:
        texts["current"] = _template("current.html").substitute() if given["current"] else ""
    content = _template(f"{name}.html").substitute(message=message, **texts)
    tag = f'<script src="/session/{script}"></script>' if script else ""
    return HTMLResponse(
        _template("page.html").substitute(title=escape(title), content=content, script=tag), status
    )


def file(name: str) -> Response:
    """One of the pages' own files."""
    return FileResponse(FILES[name], headers={"cache-control": "max-age=3600"})

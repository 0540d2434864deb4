"""The user's guide inside the program: its parts, and which part helps with which page."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
START, TEMPLATES = "README", "templates"
OF_PAGES = {
    "metrics": "measurements",
    "review": "review",
    "imports": TEMPLATES,
    "people": "access",
    "account": "access",
    "security": "access",
    "privacy": "access",
    "settings": "access",
    "journal": "proof",
}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def parts() -> dict[str, str]:
    """Return the parts' keys and titles: the start first, then as it lists them, then those that it doesn't list."""
    titles = {path.stem: _title(path) for path in sorted((DOCS / "guide").glob("*.md"))}
    titles[TEMPLATES] = _title(_path(TEMPLATES))
    listed = [_key(target) for _, _, target in _LINK.findall(_path(START).read_text(encoding="utf-8"))]
    order = dict.fromkeys([START, *filter(titles.__contains__, listed), *titles])
    return {key: titles[key] for key in order}


def part_for(page: str) -> str:
    """Return the key of the part that helps with a page; the start where no part is about it alone."""
    return OF_PAGES.get(page, START)


def text_of(key: str) -> str:
    """Return a part as Markdown whose links stay inside the program. An unknown part is the start."""
    return _LINK.sub(_inside, _path(key if key in parts() else START).read_text(encoding="utf-8"))


def _path(key: str) -> Path:
    return DOCS / "templates" / "README.md" if key == TEMPLATES else DOCS / "guide" / f"{key}.md"


def _key(target: str) -> str:
    """Return the key of the part that a link of the start leads to."""
    path = Path(target.partition("#")[0])
    return TEMPLATES if path.parent.name == TEMPLATES else path.stem


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ").strip()


def _inside(match: re.Match[str]) -> str:
    """A link to another part leads to it; pictures and files of the project's own tree are their words alone."""
    is_picture, label, target = match.groups()
    if is_picture:
        return ""
    if target.startswith(("https://", "http://", "/", "#")):
        return match[0]
    name = Path(target.partition("#")[0])
    if name.name == "README.md" and "templates" in target:
        return f"[{label}](/guide?part={TEMPLATES})"
    if name.suffix == ".md" and len(name.parts) == 1 and name.stem in parts():
        return f"[{label}](/guide?part={name.stem})"
    return label

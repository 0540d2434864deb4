"""Streamlit's own scripts that a page will need, named in the first answer, so that the browser loads them meanwhile.

Streamlit loads the script of a button, and that of a button's text, when it draws the first one: one after the other, and
only once the page's script has run. Named in a `Link` header (`ui/first_answer.py`), they are there by then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

import streamlit

SCRIPTS = Path(streamlit.__file__).parent / "static" / "static" / "js"
INDEX = SCRIPTS.parents[1] / "index.html"
ON_EVERY_PAGE = ("Html", "Button")
"""Chunks by the names that Streamlit gives them, without the digest of their content."""
OF_PAGE = {"/": ("TextInput",), "/portfolio": ("TextInput",)}
OF_RECORD = {("/metrics", "metric"): ("ArrowVegaLiteChart",)}
"""The chunks of a page whose address has that part: a metric's chart is Vega's."""
IMPORTED = re.compile(r"""from\s*["']\./([\w.-]+\.js)["']|import\s*["']\./([\w.-]+\.js)["']""")


def links(path: str, query: str) -> str:
    """Return the value of the `Link` header for the page at an address."""
    parts = parse_qs(query)
    of_record = [
        name for (of, part), names in OF_RECORD.items() if of == path and part in parts for name in names
    ]
    return _links((*ON_EVERY_PAGE, *OF_PAGE.get(path, ()), *of_record))


@cache
def _links(names: tuple[str, ...]) -> str:
    return ", ".join(f"</static/js/{name}>; rel=modulepreload" for name in chunks(names))


def chunks(names: Iterable[str]) -> list[str]:
    """Return the files of these chunks and of what they import, without those that Streamlit's page names itself."""
    known = set(re.findall(r"static/js/([\w.-]+\.js)", INDEX.read_text(encoding="utf-8")))
    waiting = [file.name for name in names for file in SCRIPTS.glob(f"{name}.*.js")]
    files: list[str] = []
    while waiting:
        name = waiting.pop(0)
        if name in known:
            continue
        known.add(name)
        files.append(name)
        text = (SCRIPTS / name).read_text(encoding="utf-8")
        waiting += [first or second for first, second in IMPORTED.findall(text)]
    return files

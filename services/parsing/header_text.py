"""Names of columns and sheets as people write them, for finding the ones that are meant."""

from __future__ import annotations

import codecs
import re

from services.parsing.displayed import UNSEEN

LINE_BREAK = re.compile(r"[ \t]*-?[ \t]*[\r\n\v\f\u0085\u2028\u2029]+[ \t]*")
BETWEEN_WORDS = re.compile(r"[\s_\-\u2010-\u2015]+")
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WEB_PAGE = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|\?xml|meta|style|div)",
    re.IGNORECASE | re.DOTALL,
)
START = 4096  # bytes


def header_text(cell: str) -> str:
    """Return a column's name on one line: a line break is a space."""
    return " ".join(UNSEEN.sub("", cell).split())


def header_keys(cell: str) -> tuple[str, ...]:
    """Return what a column's name may stand for, the first that is known being meant: reviewed_on of Reviewed On.

    A line break stands between words, or within one that was too long for its column: criti, line break, cality.
    """
    apart, together = (_key(text) for text in (cell, LINE_BREAK.sub("", cell)))
    return (apart,) if apart == together else (apart, together)


def _key(text: str) -> str:
    return BETWEEN_WORDS.sub("_", UNSEEN.sub("", text).strip()).strip("_").casefold()


def is_called(title: str, name: str) -> bool:
    """Return whether a sheet is called `name`: Pain points is pain_points, and so is Pain-Points."""
    return _key(title) == _key(name)


def is_web_page(data: bytes) -> bool:
    """Return whether bytes are HTML or XML, behind a byte order mark or not."""
    start = data[:START]
    for mark, encoding in MARKS:
        if start.startswith(mark):
            text = start[len(mark) :].decode(encoding, errors="ignore")
            break
    else:
        text = start.replace(b"\0", b"").decode("latin-1")
    return WEB_PAGE.match(text) is not None

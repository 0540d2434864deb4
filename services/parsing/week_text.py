"""Weeks as people name them, with their year: 2026-W40, W40 2026, KW 40/2026, CW40 2026."""

from __future__ import annotations

import re
from datetime import date

_WORD = r"(?:W|KW|CW|WK|Week|Woche)\.? ?"
_FORMS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<year>[0-9]{{4}})[ -/]{{0,3}}{_WORD}(?P<week>[0-9]{{1,2}})",
        rf"{_WORD}(?P<week>[0-9]{{1,2}})[ ,/-]{{1,3}}(?P<year>[0-9]{{4}})",
    )
]


def monday_of(text: str) -> date | None:
    """Return the Monday of the ISO week that `text` names, None where it names none."""
    for form in _FORMS:
        if match := form.fullmatch(text.strip()):
            try:
                return date.fromisocalendar(int(match["year"]), int(match["week"]), 1)
            except ValueError:
                return None
    return None

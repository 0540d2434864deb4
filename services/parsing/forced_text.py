"""Formulas whose only purpose is to keep a text a text, as exports for Excel write them: ="00123"."""

from __future__ import annotations

import re

FORCED = re.compile(r'=\s*(?:T\()?"((?:[^"]|"")*)"\)?')


def forced_text(text: str) -> str | None:
    """Return the text that ="00123" keeps from becoming a number; None where it is no such formula."""
    match = FORCED.fullmatch(text.strip())
    return match[1].replace('""', '"') if match else None

"""Formulas whose only purpose is to keep a text a text, as exports for Excel write them: ="00123"."""

from __future__ import annotations

import re

FORCED = re.compile(r'=\s*(?:T\()?"((?:[^"]|"")*)"\)?')


def forced_text(text: str) -> str | None:
    """Return the text that ="00123" keeps from becoming a number; None where it is no such formula."""
    match = FORCED.fullmatch(text.strip())
    return match[1].replace('""', '"') if match else None


FORMULA = ("=", "+", "-", "@", "\t", "\r")
APOSTROPHE = "'"


def defuse(text: str) -> str:
    """Return a text that is no formula to a spreadsheet: led by an apostrophe, which `without_apostrophe` takes off."""
    return APOSTROPHE + text if text.startswith(FORMULA) else keep_apostrophe(text)


def keep_apostrophe(text: str) -> str:
    """Return a text that `without_apostrophe` reads as `text`, where that begins as a defused one does."""
    return (
        APOSTROPHE + text
        if text.startswith(tuple(APOSTROPHE + mark for mark in (*FORMULA, APOSTROPHE)))
        else text
    )


def without_apostrophe(text: str) -> str:
    """Return what was led by an apostrophe, so that it is no formula."""
    led = text.startswith(tuple(APOSTROPHE + mark for mark in (*FORMULA, APOSTROPHE)))
    return text.removeprefix(APOSTROPHE) if led else text

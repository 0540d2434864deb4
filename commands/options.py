"""Options that several commands have."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON.")]


def parse_date(text: str) -> date:
    """Return the date that is typed as 2026-11-20. Raises BadParameter, which is exit code 2."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is not a date such as 2026-11-20") from None


def parse_week(text: str) -> int | date:
    """Return the number of a week, or its date such as 2026-11-20. Raises BadParameter, which is exit code 2."""
    return int(text) if text.removeprefix("-").isdecimal() else parse_date(text)

"""Texts that somebody typed into the fields of a form: which of them stand for nothing, so that the page says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.parsing.odd_cells import placeholders


def placeholders_of_typed(typed: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each field whose text names nobody and nothing: "Owner: “TBD” was read as nothing, ..."

    `typed` has the texts by the names of their fields: owners, interviewees, sources, fallbacks.
    """
    return [
        f"{name}: {doubt.sentence}"
        for name, text in typed.items()
        for doubt in placeholders([text], [1], name)
    ]

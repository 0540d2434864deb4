"""Numbers that somebody typed into the fields of a form: what can be read in two ways, so that the page says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.parsing.displayed_number import read_number
from services.parsing.doubts import doubts_of_numbers
from services.parsing.number_result import Refusal


def doubts_of_typed(typed: Mapping[str, Any], unit_name: str) -> list[str]:
    """Return a sentence for each field whose text can be read in two ways: "Baseline: “1,234” was read as 1,234 h, ..."

    `typed` has the texts by the names of their fields. Each is read by itself, as the use cases read it.
    """
    sentences = []
    for name, text in typed.items():
        number = read_number(text, unit_name) if isinstance(text, str) and text.strip() else None
        if number is not None and not isinstance(number, Refusal):
            sentences += [f"{name}: {each.sentence}" for each in doubts_of_numbers([(1, number, unit_name)])]
    return sentences

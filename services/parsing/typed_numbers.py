"""Numbers that somebody typed into the fields of a form: what can be read in two ways, so that the page says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.parsing.displayed_number import read_numbers
from services.parsing.doubts import doubts_of_numbers
from services.parsing.number_result import Refusal


def doubts_of_typed(typed: Mapping[str, Any], unit_name: str) -> list[str]:
    """Return a sentence for each field whose text can be read in two ways: "Baseline: “1,234” was read as 1,234 h, ..."

    `typed` has the texts by the names of their fields. They are read together, as the use cases read them.
    """
    texts = {name: text for name, text in typed.items() if isinstance(text, str)}
    return [
        f"{name}: {doubt.sentence}"
        for name, number in read_numbers(texts, unit_name).items()
        if not isinstance(number, Refusal)
        for doubt in doubts_of_numbers([(1, number, unit_name)])
    ]

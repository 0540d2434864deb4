"""Columns of grids as columns of text, so that the browser drops nothing that is pasted; and their cells as values.

The browser's own column of choices keeps what was there where a pasted text is none of the choices, its numbers lose
their units, and its boxes know only "true" and "false": all of it silently. So every column that may be edited is text in
the browser, and what stands in it is read here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import pandas as pd
import streamlit as st

from models.errors import Invalid
from models.wording import lower_first
from services.parsing.cells import NO, YES, loose
from services.parsing.forced_text import forced_text

LONG_TEXTS = {"note", "summary", "observed"}
"""Columns whose texts may have more than one line."""
MAX_LISTED = 8
NUMBER, CHECKBOX, CHOICE = "number", "checkbox", "selectbox"
KEPT = {"text", "multiselect"}


def kind_of(config: Mapping[str, Any]) -> str:
    """Return the kind of a column's configuration: text, number, checkbox, selectbox ..."""
    kind: str = (config.get("type_config") or {}).get("type") or "text"
    return kind


def label_of(name: str, config: Mapping[str, Any]) -> str:
    """Return what the column is called above the grid."""
    return str(config.get("label") or name)


def text_columns(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configurations with every column that may be edited as one of text; help names the choices."""
    return {name: config if _is_kept(config) else _as_text(config) for name, config in columns.items()}


def _is_kept(config: Mapping[str, Any]) -> bool:
    # A limit of characters would cut what is pasted.
    return bool(config.get("disabled")) or kind_of(config) == "multiselect"


def _as_text(config: Mapping[str, Any]) -> Any:
    details = config.get("type_config") or {}
    choices = [str(option) for option in details.get("options") or []]
    texts = [config.get("help")]
    if kind_of(config) == CHECKBOX:
        texts.append("Yes or no.")
    elif choices and len(choices) <= MAX_LISTED:
        texts.append(f"One of {', '.join(choices)}.")
    return st.column_config.TextColumn(
        config.get("label"), width=config.get("width"), help=" ".join(filter(None, texts)) or None
    )


def text_frame(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return `frame` with the cells of those columns as a person would type them."""
    shown = frame.copy()
    for name, config in columns.items():
        if not _is_kept(config) and name in shown and kind_of(config) not in KEPT:
            shown[name] = pd.Series([_typed(value) for value in shown[name]], shown.index, object)
    return shown


def _typed(value: Any) -> str | None:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if value is True or value is False:
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def refuse_many_rows_in_a_cell(label: str, name: str, text: str) -> None:
    """Raise Invalid for a text with a tab, or a name with a line break: rows that were pasted into one cell."""
    breaks = "\n" in text or "\r" in text
    if "\t" not in text and (not breaks or name in LONG_TEXTS):
        return
    rows = len([line for line in text.splitlines() if line.strip()])
    what = "a tab" if "\t" in text else "a line break"
    guess = f": it looks as if {rows} rows were pasted into it" if rows > 1 else ""
    raise Invalid(
        f"One cell of “{label}” holds {what}{guess}. Nothing was saved. Click once on an empty cell, so that nothing is "
        "being typed in it, and press Ctrl+V: each row then gets its own."
    )


def parse_cell(name: str, value: Any, config: Mapping[str, Any]) -> Any:
    """Return the value that a cell stands for. Raises Invalid, with the column's label, where it is none."""
    if not isinstance(value, str):
        return value
    label = label_of(name, config)
    refuse_many_rows_in_a_cell(label, name, value)
    details = config.get("type_config") or {}
    match kind_of(config):
        case "number":
            return _number(label, value, details)
        case "checkbox":
            return _yes_or_no(label, value)
        case "selectbox":
            return _choice(label, value, [str(option) for option in details.get("options") or []])
    return forced_text(value) or value


def _number(label: str, text: str, details: Mapping[str, Any]) -> float | int:
    lowest, highest = details.get("min_value"), details.get("max_value")
    span = f" from {lowest} to {highest}" if lowest is not None and highest is not None else ""
    try:
        number = float(text.strip())
    except ValueError:
        raise Invalid(
            f"The {lower_first(label)} is “{text}”: give a number{span}. Nothing was saved."
        ) from None
    return int(number) if number.is_integer() else number


def _yes_or_no(label: str, text: str) -> bool:
    word = loose(text)
    if word not in YES | NO:
        raise Invalid(f"“{text}” in “{label}” is neither yes nor no. Nothing was saved.")
    return word in YES


def _choice(label: str, text: str, options: Sequence[str]) -> str:
    """Return the option that is meant, in whatever spelling, or by its beginning where only one begins so."""
    wanted = loose(text)
    for option in options:
        if loose(option) == wanted:
            return option
    begun = [option for option in options if loose(option).startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    if not options:
        raise Invalid(f"“{text}” in “{label}” is not there yet: add it first. Nothing was saved.")
    close = get_close_matches(wanted, {loose(option): option for option in options}, 1)
    by_key = {loose(option): option for option in options}
    if len(options) <= MAX_LISTED:
        hint = f"it can be {', '.join(options)}."
    else:
        hint = f"did you mean “{by_key[close[0]]}”?" if close else "it isn't in the list."
    raise Invalid(f"There is no {lower_first(label)} “{text}”: {hint} Nothing was saved.")

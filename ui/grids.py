"""Grids that people edit in bulk, and paste into from a spreadsheet.

A grid is in a form: nothing is sent while somebody types or pastes, and its button saves all edits in one transaction
or none. After a refusal the edits stay in the grid, to be corrected.

The browser silently drops pasted cells of the wrong type: an unknown option, a text for a number, a row without a
required cell; and a date column reads 03/04/2026 as 4 March. So no column is `required`, and what may be empty is a
column of text, which the use case parses: then a wrong cell is refused with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from models.errors import Invalid
from models.people import Actor
from models.wording import count, upper_first
from services.parsing.dates import EXAMPLE, doubtful_day
from services.parsing.moment_text import readings
from ui import feedback
from ui.current_user import actor


@dataclass(frozen=True)
class ChangedRow:
    """A row with its id, the version that was on screen, and the cells that were changed."""

    id: int
    version: int
    fields: dict[str, Any]


@dataclass(frozen=True)
class Edits:
    """The edits of a grid: changed rows, added rows, and the ids and versions of removed ones. Dates are ISO text, an
    emptied cell is None."""

    changed: list[ChangedRow]
    added: list[dict[str, Any]]
    removed: list[tuple[int, int]]

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.removed)

    def as_lists(self, **dates: str) -> dict[str, list[Any]]:
        """Return `changed`, `added` and `removed` as a service takes them. `dates` has the columns of text that hold
        dates, with their names in messages: reviewed_on="date of the review". Raises Invalid for a text that isn't one.
        """
        return {
            "changed": [(row.id, row.version, _with_dates(row.fields, dates)) for row in self.changed],
            "added": [_with_dates(fields, dates) for fields in self.added],
            "removed": self.removed,
        }

    def text(self, singular: str, plural: str | None = None) -> str:
        """Return what was saved: "Added 3 systems, changed 1 system"."""
        numbers = {"added": len(self.added), "changed": len(self.changed), "removed": len(self.removed)}
        parts = [f"{verb} {count(number, singular, plural)}" for verb, number in numbers.items() if number]
        return upper_first(", ".join(parts))


def grid(
    name: str,
    frame: pd.DataFrame,
    columns: dict[str, Any],
    *,
    save: Callable[[Actor, Edits], str],
    button: str,
    alt: str,
) -> None:
    """Draw an editable grid of `frame`, whose index is the rows' ids and whose column `version` isn't shown.

    `columns` are Streamlit's column configurations by column, in the order in which they are shown. `save(actor, edits)`
    carries out the use case and returns what was done; `button` is verb and object ("Save systems").
    """
    # The grid of that name in another engagement has edits of its own.
    name = f"{name} {st.query_params.get('engagement', '')}"
    round_key = f"grid {name} round"
    key = f"grid {name} {st.session_state.setdefault(round_key, 0)}"
    shown_key = f"grid {name} shown"
    # Edits are stored by a row's position. After a refusal they have to stay with the rows on which they were made, even
    # if somebody else changed the list meanwhile.
    if key in st.session_state and shown_key in st.session_state:
        frame, columns = st.session_state[shown_key]
    else:
        st.session_state.pop(shown_key, None)
    ids, versions = list(frame.index), list(frame["version"]) if len(frame) else []

    def on_save() -> None:
        edits = edits_of(st.session_state.get(key) or {}, ids, versions)
        if not edits:
            feedback.say_next("info", "Nothing was changed in the grid.")
            return
        who = actor(once=feedback.submission(key))
        done: list[str] = []
        st.session_state[shown_key] = frame, columns
        if feedback.attempt(lambda: done.append(save(who, edits)), done=lambda: done[0]):
            # Its edits are in the database now: the next grid starts without them.
            st.session_state[round_key] += 1
            st.session_state.pop(shown_key)

    with st.form(f"form {name}", border=False):
        st.data_editor(
            # Ids as an index would be shown, and asked for in new rows, even where it is to be hidden.
            frame.reset_index(drop=True),
            key=key,
            num_rows="dynamic",
            hide_index=True,
            column_order=list(columns),
            column_config=columns,
            placeholder="",
            alt=alt,
        )
        st.caption(
            "To paste rows from a spreadsheet, select a cell and press Ctrl+V; from the last row on, rows are added. "
            "Nothing is saved before you press the button."
        )
        st.form_submit_button(button, type="primary", on_click=on_save)


def edits_of(state: dict[str, Any], ids: list[int], versions: list[int]) -> Edits:
    """Return the edits of a `st.data_editor` from its state and the ids and versions of the rows that it showed."""
    removed = [(int(ids[row]), int(versions[row])) for row in state.get("deleted_rows", [])]
    removed_ids = {row_id for row_id, _ in removed}
    changed = [
        ChangedRow(
            int(ids[row]), int(versions[row]), {column: _cell(value) for column, value in cells.items()}
        )
        for row, cells in ((int(row), cells) for row, cells in state.get("edited_rows", {}).items())
        if ids[row] not in removed_ids
    ]
    added = [
        {column: _cell(value) for column, value in cells.items() if column != "_index"}
        for cells in state.get("added_rows", [])
    ]
    return Edits(
        changed, [cells for cells in added if any(value is not None for value in cells.values())], removed
    )


def parse_day(name: str, text: str) -> date:
    """Return the date in a text that somebody typed or pasted. Raises Invalid, with the field's `name`, if it is none or
    could be two (03/04/2026)."""
    meant = readings(text)
    days = {moment.date() for moment in meant.values()}
    if len(days) != 1:
        expected = doubtful_day(meant).expected if days else EXAMPLE
        raise Invalid(f"The {name} is “{text}”: give {expected}. Nothing was saved.")
    return days.pop()


def _with_dates(fields: dict[str, Any], dates: Mapping[str, str]) -> dict[str, Any]:
    return {
        column: parse_day(dates[column], value) if column in dates and value else value
        for column, value in fields.items()
    }


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    return None if value is None or (isinstance(value, float) and pd.isna(value)) else value

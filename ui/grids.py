"""Grids that people edit in bulk, and paste into from a spreadsheet: changed together, saved together.

A grid stands in a form: nothing is sent while somebody types or pastes, and its button saves all of it in one
transaction or nothing. After a refusal the edits stay in the grid, to be mended.

What a cell can't hold is dropped in the browser when it is pasted, without a word: an unknown option, a text for a
number, a row without a required cell; and a date column reads 03/04/2026 as 4 March. So no column is `required`, and
what may be empty is a column of text, which the use case reads: then a wrong cell is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from models.errors import Invalid
from models.wording import count, upper_first
from services.parsing.dates import DOUBTFUL, EXAMPLE, readings
from ui import feedback
from ui.current_user import actor


@dataclass(frozen=True)
class Changed:
    """A row with its id, the version that was on screen, and the cells that were changed."""

    id: int
    version: int
    fields: dict[str, Any]


@dataclass(frozen=True)
class Edits:
    """What was done in a grid. Dates are ISO text, an emptied cell is None."""

    changed: list[Changed]
    added: list[dict[str, Any]]
    removed: list[tuple[int, int]]

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.removed)

    def as_lists(self, **dates: str) -> dict[str, list[Any]]:
        """`changed`, `added` and `removed` as a service takes them; `dates` are the columns of text that hold dates,
        with what they are called: reviewed_on="date of the review". Raises Invalid for a text that isn't one."""
        return {
            "changed": [(row.id, row.version, _dated(row.fields, dates)) for row in self.changed],
            "added": [_dated(fields, dates) for fields in self.added],
            "removed": self.removed,
        }

    def text(self, one: str, many: str | None = None) -> str:
        """What was saved: "Added 3 systems, changed 1 system"."""
        parts = [("added", self.added), ("changed", self.changed), ("removed", self.removed)]
        return upper_first(", ".join(f"{verb} {count(len(rows), one, many)}" for verb, rows in parts if rows))


def grid(
    name: str,
    frame: pd.DataFrame,
    columns: dict[str, Any],
    *,
    save: Callable[[Any, Edits], str],
    button: str,
    alt: str,
) -> None:
    """An editable grid of `frame`, whose index is the rows' ids and whose column `version` isn't shown.

    `columns` are Streamlit's column configurations by column, in the order in which they are shown. `save(actor, edits)`
    carries out the use case and returns what to say of it; `button` is verb and object ("Save systems").
    """
    # Another engagement's grid of that name is another one.
    name = f"{name} {st.query_params.get('engagement', '')}"
    round_key = f"grid {name} round"
    key = f"grid {name} {st.session_state.setdefault(round_key, 0)}"
    kept_key = f"grid {name} kept"
    # Edits are noted by a row's position: after a refusal they stay over the rows that they were made on, also where
    # somebody else changed the list meanwhile.
    if key in st.session_state and kept_key in st.session_state:
        frame, columns = st.session_state[kept_key]
    else:
        st.session_state.pop(kept_key, None)
    ids, versions = list(frame.index), list(frame["version"]) if len(frame) else []

    def on_save() -> None:
        edits = edits_of(st.session_state.get(key) or {}, ids, versions)
        if not edits:
            feedback.say_next("info", "Nothing was changed in the grid.")
            return
        who = actor(once=feedback.submission(key))
        said = []
        st.session_state[kept_key] = frame, columns
        if feedback.attempt(lambda: said.append(save(who, edits)), done=lambda: said[0]):
            # Its edits are in the database now: the next grid begins without them.
            st.session_state[round_key] += 1
            st.session_state.pop(kept_key)

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
    """What was done in a `st.data_editor`, by its state and the ids and versions of the rows that it showed."""
    removed = [(int(ids[row]), int(versions[row])) for row in state.get("deleted_rows", [])]
    gone = {row_id for row_id, _ in removed}
    changed = [
        Changed(int(ids[row]), int(versions[row]), {column: _cell(value) for column, value in cells.items()})
        for row, cells in ((int(row), cells) for row, cells in state.get("edited_rows", {}).items())
        if ids[row] not in gone
    ]
    added = [
        {column: _cell(value) for column, value in cells.items() if column != "_index"}
        for cells in state.get("added_rows", [])
    ]
    return Edits(
        changed, [cells for cells in added if any(value is not None for value in cells.values())], removed
    )


def parse_day(what: str, text: str) -> date:
    """The day that somebody typed or pasted. Raises Invalid where it is none, or could be two (03/04/2026)."""
    days = {moment.date() for moment in readings(text).values() if moment is not None}
    if len(days) != 1:
        expected = DOUBTFUL if days else EXAMPLE
        raise Invalid(f"The {what} is “{text}”: give {expected}. Nothing was saved.")
    return days.pop()


def _dated(fields: dict[str, Any], dates: Mapping[str, str]) -> dict[str, Any]:
    return {
        column: parse_day(dates[column], value) if column in dates and value else value
        for column, value in fields.items()
    }


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    return None if value is None or (isinstance(value, float) and pd.isna(value)) else value

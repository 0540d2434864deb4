"""Grids that people edit in bulk, and paste into from a spreadsheet.

A grid is in a form: nothing is sent while somebody types or pastes, and its button saves all edits in one transaction
or none. After a refusal the edits stay in the grid, to be corrected.

The browser silently drops pasted cells of the wrong type: an unknown option, a text for a number, a row without a
required cell; and a date column reads 03/04/2026 as 4 March. So no column is `required`, and every column is one of text
(grid_columns.py): then a wrong cell is refused with its name.

Blank rows are there from the start: a click on one selects a cell, where a paste spreads; a click on the browser's own
row below the last one opens an editor instead, which takes a whole paste into one cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from models.errors import Invalid
from models.people import Actor
from models.wording import count, upper_first
from reports.frames.derived import derived
from services.imports.typed_rows import doubts_of_added, doubts_of_changed
from services.parsing.dates import EXAMPLE, doubtful_day
from services.parsing.moment_text import readings
from ui import feedback, html, navigation
from ui.current_user import actor
from ui.grid_columns import label_of, parse_cell, text_columns, text_frame
from ui.grid_header import as_pasted, header_in, is_in_our_order
from ui.markdown import escaped

BLANK_ROWS, BLANK_ROWS_AT_FIRST = 3, 8


@dataclass(frozen=True)
class ChangedRow:
    """A row with its id, the version that was on screen, and the cells that were changed."""

    id: int
    version: int
    fields: dict[str, Any]


@dataclass(frozen=True)
class Edits:
    """The edits of a grid: changed rows, added rows, and the ids and versions of removed ones. Dates are ISO text, an
    emptied cell is None. A blank row above an added one is an empty mapping: rows are numbered as on the screen."""

    changed: list[ChangedRow]
    added: list[dict[str, Any]]
    removed: list[tuple[int, int]]

    def __bool__(self) -> bool:
        return bool(self.changed or self.filled or self.removed)

    @property
    def filled(self) -> list[dict[str, Any]]:
        """Return the added rows that aren't blank."""
        return [row for row in self.added if row]

    def without_first(self) -> Edits:
        """Return the edits without the first added row that isn't blank: the others keep their places."""
        first = next(place for place, row in enumerate(self.added) if row)
        return replace(self, added=[*self.added[:first], {}, *self.added[first + 1 :]])

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
        numbers = {"added": len(self.filled), "changed": len(self.changed), "removed": len(self.removed)}
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
    kind: str | None = None,
) -> None:
    """Draw an editable grid of `frame`, whose index is the rows' ids and whose column `version` isn't shown.

    `columns` are Streamlit's column configurations by column, in the order in which they are shown. `save(actor, edits)`
    carries out the use case and returns what was done; `button` is verb and object ("Save systems"). `kind` is what an
    import calls these rows, if it knows them.
    """
    if "imports handover" in st.session_state:
        navigation.go("imports", st.query_params.get("engagement"))
    # The grid of that name in another engagement has edits of its own.
    drawn = _Grid.of(f"{name} {st.query_params.get('engagement', '')}", frame, columns, save, kind)
    edits = st.session_state.get(drawn.header_key)
    if edits is not None:
        _offer_header(edits, columns, kind, drawn.header_key, drawn.save_edits)
    with st.form(f"form {drawn.name}", border=False):
        drawn.editor(alt)
        st.caption(
            "To paste rows from a spreadsheet, click on an empty cell and press Ctrl+V. Nothing is saved before you "
            "press the button."
        )
        with st.container(horizontal=True):
            st.form_submit_button(button, type="primary", on_click=drawn.on_save)
            st.form_submit_button("Discard changes", on_click=drawn.start_again, key=f"discard {drawn.key}")
    if kind:
        label = "Paste rows with columns of your own, or import a file"
        html.show(html.link("imports", st.query_params.get("engagement"), label, kind=kind), width="content")


@dataclass(frozen=True)
class _Grid:
    """A grid as it is drawn now: what it shows, and what its buttons do. `key` is the editor's, another each round."""

    name: str
    key: str
    frame: pd.DataFrame
    columns: dict[str, Any]
    save: Callable[[Actor, Edits], str]
    kind: str | None

    @staticmethod
    def of(
        name: str,
        frame: pd.DataFrame,
        columns: dict[str, Any],
        save: Callable[[Actor, Edits], str],
        kind: str | None,
    ) -> _Grid:
        """Return the grid of that name, with the rows on which its edits were made.

        Edits are stored by a row's position. After a refusal they have to stay with the rows on which they were made,
        even if somebody else changed the list meanwhile.
        """
        key = f"grid {name} {st.session_state.setdefault(f'grid {name} round', 0)}"
        drawn = _Grid(name, key, frame, columns, save, kind)
        if key in st.session_state and drawn.shown_key in st.session_state:
            frame, columns = st.session_state[drawn.shown_key]
            return replace(drawn, frame=frame, columns=columns)
        st.session_state.pop(drawn.shown_key, None)
        return drawn

    @property
    def shown_key(self) -> str:
        return f"grid {self.name} shown"

    @property
    def header_key(self) -> str:
        return f"grid {self.name} header"

    def editor(self, alt: str) -> None:
        st.data_editor(
            derived(self.frame, ("grid rows", *self.columns), self._rows),
            key=self.key,
            num_rows="dynamic",
            hide_index=True,
            column_order=list(self.columns),
            column_config=text_columns(self.columns),
            placeholder="",
            alt=alt,
        )

    def _rows(self) -> pd.DataFrame:
        # Ids as an index would be shown, and asked for in new rows, even where it is to be hidden.
        return with_blank_rows(text_frame(self.frame, self.columns))

    def start_again(self) -> None:
        st.session_state[f"grid {self.name} round"] += 1
        st.session_state.pop(self.shown_key, None)
        st.session_state.pop(self.header_key, None)

    def save_edits(self, edits: Edits) -> None:
        who = actor(once=feedback.submission(self.key))
        done: list[str] = []
        st.session_state[self.shown_key] = self.frame, self.columns
        if feedback.attempt(
            lambda: done.append(self.save(who, read_cells(edits, self.columns))), done=lambda: done[0]
        ):
            if self.kind:
                feedback.warn(doubts_of(self.kind, edits, self.frame))
            # Its edits are in the database now: the next grid starts without them.
            self.start_again()

    def on_save(self) -> None:
        versions = list(self.frame["version"]) if len(self.frame) else []
        edits = edits_of(st.session_state.get(self.key) or {}, list(self.frame.index), versions)
        if not edits:
            feedback.set_feedback("info", "Nothing was changed in the grid.")
        elif header_in(edits.filled, self.columns, self.kind):
            st.session_state[self.header_key] = edits
            st.session_state[self.shown_key] = self.frame, self.columns
        else:
            self.save_edits(edits)


def _offer_header(
    edits: Edits,
    columns: dict[str, Any],
    kind: str | None,
    header_key: str,
    save_edits: Callable[[Edits], None],
) -> None:
    """Say that the first pasted row holds names of columns, and offer what can be done about it."""
    names = ", ".join(f"“{cell}”" for cell in edits.filled[0].values() if cell is not None)

    def without_first() -> None:
        st.session_state.pop(header_key, None)
        save_edits(edits.without_first())

    def with_first() -> None:
        st.session_state.pop(header_key, None)
        save_edits(edits)

    def match_columns() -> None:
        st.session_state.pop(header_key, None)
        st.session_state["imports handover"] = kind, as_pasted(edits.filled, columns)

    fits = is_in_our_order(edits.filled[0], columns, kind)
    st.warning(
        f"The first new row holds the names of columns: {escaped(names)}. Nothing was saved yet.",
        icon=":material/rule:",
    )
    with st.container(horizontal=True):
        if fits or kind is None:
            few = count(len(edits.filled) - 1, "row")
            st.button(
                f"Save the {few} below it", type="primary", on_click=without_first, key=f"below {header_key}"
            )
        else:
            st.button("Match the columns", type="primary", on_click=match_columns, key=f"match {header_key}")
        st.button("Save it as a row", on_click=with_first, key=f"row {header_key}")


def without_header(edits: Edits, columns: dict[str, Any], kind: str) -> Edits:
    """Return the edits without a pasted row that names each column in its place. Raises Invalid if the names that it
    holds belong to other columns."""
    first = [
        {name: cell[0] if isinstance(cell, list) and cell else cell for name, cell in row.items()}
        for row in edits.filled[:1]
    ]
    if not header_in(first, columns, kind):
        return edits
    if is_in_our_order(first[0], columns, kind):
        return edits.without_first()
    ours = ", ".join(label_of(name, column) for name, column in columns.items())
    raise Invalid(
        f"The first new row holds the names of other columns than those above it, which are {ours}. Nothing was saved. "
        "Put the cells into this order and paste them again."
    )


def doubts_of(kind: str, edits: Edits, frame: pd.DataFrame) -> list[str]:
    """Return a sentence for each thing that looks odd in what was typed or pasted; `frame` are the rows before."""
    changed = {row.id for row in edits.changed}
    others = frame[[row_id not in changed for row_id in frame.index]]
    known = {str(name): [cell for cell in others[name] if isinstance(cell, str)] for name in others.columns}
    added = doubts_of_added(kind, edits.added, known)
    return [
        *(doubt.full_sentence("new row") for doubt in added),
        *(
            doubt.full_sentence()
            for doubt in doubts_of_changed(kind, [row.fields for row in edits.changed], known)
        ),
    ]


def with_blank_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` without its ids and with blank rows below it, to type or paste into."""
    return frame.reset_index(drop=True).reindex(range(len(frame) + _blank_rows(len(frame))))


def _blank_rows(rows: int) -> int:
    """Return how many blank rows stand below so many others."""
    return BLANK_ROWS if rows else BLANK_ROWS_AT_FIRST


def read_cells(edits: Edits, columns: Mapping[str, Any]) -> Edits:
    """Return the edits with the values that their texts stand for. Raises Invalid for a cell that stands for none."""

    def read(fields: dict[str, Any], row: str) -> dict[str, Any]:
        with _name_row(row):
            return {name: parse_cell(name, cell, columns.get(name) or {}) for name, cell in fields.items()}

    return Edits(
        [replace(row, fields=read(row.fields, "")) for row in edits.changed],
        [read(fields, _new_row(number, fields)) for number, fields in enumerate(edits.added, 1)],
        edits.removed,
    )


def _new_row(number: int, fields: Mapping[str, Any]) -> str:
    name = next((fields[column] for column in ("name", "title", "from") if fields.get(column)), None)
    named = isinstance(name, str) and "\n" not in name and "\t" not in name
    return f"New row {number}, “{name}”: " if named else f"New row {number}: "


@contextmanager
def _name_row(label: str) -> Iterator[None]:
    try:
        yield
    except Invalid as refused:
        raise Invalid(f"{label}{refused}") from refused


def edits_of(state: dict[str, Any], ids: list[int], versions: list[int]) -> Edits:
    """Return the edits of a `st.data_editor` from its state and the ids and versions of the rows that it showed; blank
    rows may be below those."""
    removed = [(int(ids[row]), int(versions[row])) for row in state.get("deleted_rows", []) if row < len(ids)]
    removed_ids = {row_id for row_id, _ in removed}
    edited = {int(row): cells for row, cells in state.get("edited_rows", {}).items()}
    changed = [
        ChangedRow(
            int(ids[row]), int(versions[row]), {column: _cell(value) for column, value in cells.items()}
        )
        for row, cells in edited.items()
        if row < len(ids) and ids[row] not in removed_ids
    ]
    below = range(len(ids), max([len(ids) + _blank_rows(len(ids)), *(row + 1 for row in edited)]))
    typed = [edited.get(row, {}) for row in below if row not in state.get("deleted_rows", [])]
    added = [_new_cells(cells) for cells in [*typed, *state.get("added_rows", [])]]
    while added and not added[-1]:
        added.pop()
    return Edits(changed, added, removed)


def _new_cells(cells: dict[str, Any]) -> dict[str, Any]:
    """Return the cells of a new row by column; none if all of them are empty."""
    read = {column: _cell(value) for column, value in cells.items() if column != "_index"}
    return read if any(value is not None for value in read.values()) else {}


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

"""The row of choices above a preview: what each column, word and row of somebody's own file is."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from models.wording import count
from services.imports.choices import Choices
from services.imports.kinds import Kind
from services.imports.plans import Plan
from services.imports.table import LEFT_OUT, Table
from services.imports.word_mapping import options_of
from services.parsing.cells import loose
from ui import markdown

UNDECIDED = "Choose"
NOTHING = "Leave empty"
LEAVE_OUT = "Leave out"
WIDTH = 210
MAX_COLUMNS_CHOSEN = 60


@dataclass(frozen=True)
class ColumnChoices:
    """The choices about one file, kept under `prefix` as long as the form shows it."""

    prefix: str
    kind: Kind

    def chosen(self) -> Choices:
        """Return what was chosen so far; a person sees the rest as it is guessed."""
        columns: dict[str, str] = {}
        words: dict[str, dict[str, str]] = {}
        for key, value in st.session_state.items():
            part = str(key).removeprefix(f"{self.prefix} ")
            if part == key or value is None:
                continue
            if part.startswith("column "):
                columns[part.partition(" ")[2]] = value
            elif part.startswith("word ") and value != UNDECIDED:
                column, _, text = part.removeprefix("word ").partition(" ")
                words.setdefault(column, {})[text] = "" if value == NOTHING else value
        line = st.session_state.get(f"{self.prefix} line")
        return Choices(
            columns,
            words,
            st.session_state.get(f"{self.prefix} sheet"),
            int(line) if line else None,
            frozenset(st.session_state.get(f"{self.prefix} rows", ())),
            bool(st.session_state.get(f"{self.prefix} gaps")),
            guess=True,
        )

    def draw(self, plan: Plan) -> None:
        """Draw the choices about the file that `plan` was made of."""
        table = plan.table
        if table is None:
            return
        with st.expander("Your columns", expanded=not table.own or bool(plan.problems)):
            self._place(table)
            self._columns(table)
            self._words(table)
        self._gaps(table)

    def leave_out_rows(self, plan: Plan) -> None:
        """Offer to leave out the rows that have problems, where leaving them out is enough."""
        table = plan.table
        if table is None or plan.problems.more or not plan.problems:
            return
        lines = sorted(plan.problems.lines)
        rows = set(table.sheet.lines)
        if not set(lines) <= rows or set(lines) == rows:
            return
        few = "this row" if len(lines) == 1 else f"these {len(lines):,} rows"
        st.button(f"Leave out {few}", on_click=self._leave_out, args=(lines,))

    def _leave_out(self, lines: list[int]) -> None:
        key = f"{self.prefix} rows"
        st.session_state[key] = sorted({*st.session_state.get(key, ()), *lines})

    def _place(self, table: Table) -> None:
        left_out = st.session_state.get(f"{self.prefix} rows", ())
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if table.other_sheets:
                sheets = [table.title, *table.other_sheets]
                st.selectbox("Sheet", sheets, key=f"{self.prefix} sheet", width=WIDTH)
            st.number_input(
                "Names of the columns are on line",
                min_value=1,
                value=table.header_line,
                key=f"{self.prefix} line",
                width=WIDTH,
            )
            if left_out:
                few = count(len(left_out), "row")
                st.button(f"Take back {few} left out", on_click=self._take_back)

    def _take_back(self) -> None:
        st.session_state.pop(f"{self.prefix} rows", None)

    def _columns(self, table: Table) -> None:
        options = (
            [*self.kind.names, *table.metrics, LEFT_OUT] if table.metrics else [*self.kind.names, LEFT_OUT]
        )

        def shown(option: str) -> str:
            return LEAVE_OUT if option == LEFT_OUT else table.metrics.get(option) or option.replace("_", " ")

        with st.container(horizontal=True):
            for header, meaning in list(zip(table.headers, table.meanings, strict=True))[:MAX_COLUMNS_CHOSEN]:
                if header and loose(header) and meaning is not None:
                    st.selectbox(
                        markdown.escaped(header),
                        options,
                        options.index(meaning) if meaning in options else None,
                        format_func=shown,
                        key=f"{self.prefix} column {loose(header)}",
                        width=WIDTH,
                    )

    def _words(self, table: Table) -> None:
        for column, texts in table.words.items():
            st.caption(f"What these mean in **{column.replace('_', ' ')}**, each for the whole column:")
            options = [UNDECIDED, *options_of(self.kind.column(column)), NOTHING]
            with st.container(horizontal=True):
                for text in texts:
                    meant = table.meant[column].get(text, UNDECIDED) or NOTHING
                    st.selectbox(
                        markdown.escaped(text),
                        options,
                        options.index(meant) if meant in options else 0,
                        key=f"{self.prefix} word {column} {loose(text)}",
                        width=WIDTH,
                    )

    def _gaps(self, table: Table) -> None:
        if table.gaps:
            st.checkbox(
                f"Leave out {count(table.gaps, 'measurement')} without a value, such as N/A",
                key=f"{self.prefix} gaps",
            )

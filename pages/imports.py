"""Imports: bring in a file after a look at what it would change, and take a whole import back."""

import pandas as pd
import streamlit as st

from models.errors import HeadwayError
from models.journal import ADDED
from models.wording import count, day_month
from reports.frames.imports import imports
from services.imports.applying import ACTIONS, File, import_file, preview
from services.imports.kinds import KINDS, MEASUREMENTS, Need
from services.imports.plans import Plan, count_records
from services.imports.templates import csv_template, xlsx_template
from services.imports.undoing import undo
from ui import feedback, frame, markdown
from ui.current_user import actor

SHOWN_ROWS = 1_000
PAST_IMPORTS = 20
FROM_FILE, PASTED = "Choose a file", "Paste cells"
NAMED_IN_FILE = "As the file says"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

engagement = frame.engagement()
frame.head("Imports", engagement)
slug = engagement.slug
allowed = [kind for name, kind in KINDS.items() if frame.may(engagement, ACTIONS[name])]
# A file that was imported leaves the form: its widgets get new keys.
turn = st.session_state.setdefault("imports turn", 0)

if allowed:
    with st.container(border=True):
        st.header("Bring in a file")
        left, right = st.columns(2)
        kind = left.selectbox(
            "What it holds", allowed, format_func=lambda each: each.name.replace("_", " ").capitalize()
        )
        needed = ", ".join(column.name for column in kind.columns if column.need is Need.ALWAYS)
        left.write(f"{kind.about} Needed: {needed}. All other columns may be left out.".replace("_", r"\_"))
        with left.container(horizontal=True):
            st.download_button(
                "Template as CSV", csv_template(kind), f"{kind.name}.csv", "text/csv", on_click="ignore"
            )
            st.download_button(
                "Template as XLSX", xlsx_template(kind), f"{kind.name}.xlsx", XLSX, on_click="ignore"
            )
        way = right.segmented_control("How", [FROM_FILE, PASTED], default=FROM_FILE, required=True)
        if way == PASTED:
            pasted = right.text_area(
                "Cells, with the names of the columns above them",
                key=f"imports pasted {turn}",
                placeholder="Copy them in a spreadsheet and paste them here",
                height=150,
            )
            given = (pasted, "The pasted text") if pasted.strip() else None
        else:
            uploaded = right.file_uploader(
                "CSV or XLSX", ["csv", "tsv", "txt", "xlsx"], key=f"imports file {turn}"
            )
            given = uploaded and (uploaded.getvalue(), uploaded.name)
        metric = None
        if kind is MEASUREMENTS:
            names = {row.slug: row.name for row in engagement.metrics if row.active}
            chosen = left.selectbox(
                "Metric",
                [NAMED_IN_FILE, *names],
                format_func=lambda each: f"{names[each]} ({each})" if each in names else each,
                help="For a file without the column “metric”.",
            )
            metric = chosen if chosen in names else None
else:
    kind = given = metric = None
    st.write("Your role in this engagement doesn't bring in files. What was brought in is below.")


def look(file: File) -> Plan | str:
    """The plan of the file, or the sentence that refuses it. Looked at again only where something changed."""
    key = (slug, file.kind, file.digest, file.name, file.metric, engagement.revision)
    if st.session_state.get("imports looked at", (None, None))[0] != key:
        try:
            with st.spinner("Reading it and comparing it with what is stored …"):
                plan: Plan | str = preview(actor(), slug, file)
        except HeadwayError as refused:
            plan = str(refused)
        st.session_state["imports looked at"] = (key, plan)
    return st.session_state["imports looked at"][1]


def import_it(file: File, digest: str) -> None:
    brought = []
    carried_out = feedback.attempt(
        lambda: brought.append(import_file(actor(once=feedback.submission("imports")), slug, file, digest)),
        lambda: brought[0].text,
    )
    if carried_out:
        feedback.renew("imports")
        st.session_state["imports turn"] += 1


if given:
    file = File(kind.name, *given, metric)
    plan = look(file)
    st.header("What it would change")
    if isinstance(plan, str):
        st.error(markdown.escaped(plan), icon=":material/error:")
    elif plan.problems:
        problems, is_pasted = count(len(plan.problems), "problem"), way == PASTED
        st.error(
            f"**{problems} in {'what you pasted' if is_pasted else markdown.escaped(plan.file_name)}.** Nothing was "
            f"imported. Fix them and {'paste again' if is_pasted else 'choose the file again'}.",
            icon=":material/error:",
        )
        told = pd.DataFrame(
            [
                (each.line, each.column or "", each.value, each.expected, each.sentence)
                for each in plan.problems
            ],
            columns=["Line", "Column", "Value", "Expected", "In a sentence"],
        )
        st.dataframe(told, hide_index=True, alt=f"{problems}, by line")
        if plan.problems.more:
            st.caption(f"And {plan.problems.more:,} more, which show once these are fixed.")
    else:
        for note in plan.notes:
            st.info(markdown.escaped(note), icon=":material/info:")
        st.markdown(f"**{plan.text}** in {markdown.escaped(plan.file_name)}.")
        if plan.changes:
            st.button(f"Import {plan.of_what}", type="primary", on_click=import_it, args=(file, plan.digest))
            told = pd.DataFrame(
                [
                    (
                        row.line,
                        "Added" if row.change == ADDED else "Changed",
                        row.label,
                        "; ".join(
                            f"{each.column}: {each.before or 'nothing'} → {each.after or 'nothing'}"
                            if row.change != ADDED
                            else f"{each.column}: {each.after}"
                            for each in row.differences
                        ),
                    )
                    for row in plan.rows[:SHOWN_ROWS]
                ],
                columns=["Line", "What", "Record", "Fields"],
            )
            st.dataframe(
                told,
                hide_index=True,
                column_config={
                    "Line": st.column_config.NumberColumn(width="small"),
                    "What": st.column_config.TextColumn(width="small"),
                    "Fields": st.column_config.TextColumn(width="large"),
                },
                alt=f"What the file would change: {plan.text}",
            )
            if plan.changes > len(told):
                st.caption(f"The first {len(told):,} of {plan.changes:,}.")
        else:
            st.write("Nothing to change: all of it is stored like this already.")

st.header("Past imports")
past = imports(actor(), slug)
if past.empty:
    st.write("Nothing was brought in by file yet. Whatever is, can be taken back here as a whole.")


def take_back(import_id: int, done: str) -> None:
    feedback.attempt(lambda: undo(actor(), slug, import_id), done)


for row in past.head(PAST_IMPORTS).itertuples():
    day = engagement.date_of(row.at)
    of_kind = KINDS[row.kind]
    what = f"{count_records(of_kind, row.added + row.changed)} from {row.file_name}"
    line = st.container(horizontal=True, vertical_alignment="center", key=f"import {row.import_id}")
    with line.container(gap=None):
        st.markdown(f"**{markdown.escaped(what)}**")
        undone = ""
        if row.undone_at is not None:
            undone = f" Undone by {row.undone_by} on {day_month(engagement.date_of(row.undone_at))}."
        st.caption(
            markdown.escaped(
                f"{row.added:,} added, {row.changed:,} changed, {row.unchanged:,} unchanged, by {row.by} on "
                f"{day_month(day)} {day.year}.{undone}"
            )
        )
    if row.undone_at is None and of_kind in allowed:
        with line.popover("Undo", width="content"):
            if of_kind is MEASUREMENTS:
                st.write("Its measurements won't count any more; they stay on record.")
            else:
                st.write(
                    f"What it added ({row.added:,}) is removed, what it changed ({row.changed:,}) is as before."
                )
            st.button(
                f"Undo the import of {count_records(of_kind, row.added + row.changed)}",
                key=f"undo {row.import_id}",
                type="primary",
                on_click=take_back,
                args=(row.import_id, f"Undid the import of {row.file_name}"),
            )
    elif row.undone_at is not None:
        line.badge("Undone", icon=":material/undo:", color="gray")
if len(past) > PAST_IMPORTS:
    st.caption(f"The last {PAST_IMPORTS} of {count(len(past), 'import')}.")

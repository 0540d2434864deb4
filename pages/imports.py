"""Imports: import a file after a preview of what it would change, and undo a whole import."""

from dataclasses import replace

import pandas as pd
import streamlit as st
from markupsafe import Markup

from models.errors import RuleBroken
from models.journal import ADDED
from models.permissions import Action
from models.wording import count, day_month, lower_first
from reports.frames.imports import imports
from services.imports.applying import ACTIONS, File, ImportResult, import_file, preview
from services.imports.kinds import KINDS, MEASUREMENTS, Kind, Need
from services.imports.plans import Plan, count_records
from services.imports.templates import csv_template, xlsx_template
from services.imports.undoing import undo
from services.parsing.doubts import rows_text
from services.parsing.sheet import MAX_BYTES, MEGABYTE
from ui import feedback, frame, html, markdown
from ui.current_user import actor
from ui.imports.column_choices import ColumnChoices
from ui.inventory.survey_upload import upload_survey

SHOWN_ROWS = 1_000
PAST_IMPORTS = 20
SENTENCES = 5
MIN_DOUBTS_WIDTH = 640
FROM_FILE, PASTED = "Choose a file", "Paste cells"
PASTED_NAME = "The pasted text"
NAMED_IN_FILE = "As the file says"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

engagement = frame.engagement()
frame.head("Imports", engagement)
slug = engagement.slug
allowed = [kind for name, kind in KINDS.items() if frame.may(engagement, ACTIONS[name])]
# A file that was imported leaves the form: its widgets get new keys.
form_number = st.session_state.setdefault("imports form", 0)

# Rows that were pasted into a grid, with columns of their own.
if handover := st.session_state.pop("imports handover", None):
    st.session_state["imports kind"] = handover[0]
    st.session_state["imports way"] = PASTED
    st.session_state[f"imports pasted {form_number}"] = handover[1]
elif "imports kind" not in st.session_state and st.query_params.get("kind") in KINDS:
    st.session_state["imports kind"] = st.query_params["kind"]
    st.session_state["imports way"] = PASTED

kind: Kind | None = None
given: tuple[bytes | str, str] | None = None
metric: str | None = None
if allowed:
    with st.container(border=True):
        st.header("Import a file")
        left, right = st.columns(2)
        names = [kind.name for kind in allowed]
        if st.session_state.get("imports kind", names[0]) not in names:
            del st.session_state["imports kind"]
        kind = KINDS[
            left.selectbox(
                "What it holds",
                names,
                format_func=lambda name: name.replace("_", " ").capitalize(),
                key="imports kind",
            )
        ]
        needed = ", ".join(column.name for column in kind.columns if column.need is Need.ALWAYS)
        left.write(f"{kind.about} Needed: {needed}. All other columns may be left out.".replace("_", r"\_"))
        with left.container(horizontal=True):
            st.download_button(
                "Template as CSV", csv_template(kind), f"{kind.name}.csv", "text/csv", on_click="ignore"
            )
            st.download_button(
                "Template as XLSX", xlsx_template(kind), f"{kind.name}.xlsx", XLSX, on_click="ignore"
            )
        st.session_state.setdefault("imports way", FROM_FILE)
        way = right.segmented_control("How", [FROM_FILE, PASTED], required=True, key="imports way")
        if way == PASTED:
            pasted = right.text_area(
                "Cells, with the names of the columns above them",
                key=f"imports pasted {form_number}",
                placeholder="Copy them in a spreadsheet and paste them here",
                height=150,
            )
            given = (pasted, PASTED_NAME) if pasted.strip() else None
        else:
            uploaded = right.file_uploader(
                # Any name is taken: what can't be read is refused by a sentence that says what to do.
                f"CSV or XLSX, at most {MAX_BYTES // MEGABYTE} MB",
                key=f"imports file {form_number}",
            )
            given = (uploaded.getvalue(), uploaded.name) if uploaded else None
        if kind is MEASUREMENTS:
            metrics = {row.slug: row.name for row in engagement.metrics if row.active}
            chosen = left.selectbox(
                "Metric",
                [NAMED_IN_FILE, *metrics],
                format_func=lambda slug: f"{metrics[slug]} ({slug})" if slug in metrics else slug,
                help="For a file without the column “metric”.",
            )
            metric = chosen if chosen in metrics else None
else:
    st.write("Your role in this engagement doesn't import files. Past imports are below.")


def evidence_links(slug: str, kind: str) -> list[Markup]:
    """Return links to all records of a kind, as CSV and as XLSX."""
    link = Markup('<a href="/api/v1/engagements/{slug}/evidence/{kind}.{format}" download>{label}</a> ')
    return [
        link.format(slug=slug, kind=kind, format=format, label=format.upper()) for format in ("csv", "xlsx")
    ]


def lower_pasted(file_name: str) -> str:
    """Return a file's name, or what stands for it within a sentence where there was none."""
    return lower_first(file_name) if file_name == PASTED_NAME else file_name


def spoken(column: str) -> str:
    """Return a column of ours as the choices above the preview name it."""
    return column.replace("_", " ")


def plan_of(file: File) -> Plan | str:
    """Return the plan of the file, or the sentence that refuses it. Computed again only if something changed."""
    key = (slug, file.kind, file.digest, file.name, file.metric, file.choices, engagement.revision)
    if st.session_state.get("imports preview", (None, None))[0] != key:
        try:
            with st.spinner("Reading it and comparing it with what is stored …"):
                plan: Plan | str = preview(actor(), slug, file)
        except RuleBroken as refused:
            plan = str(refused)
        st.session_state["imports preview"] = (key, plan)
    shown: Plan | str = st.session_state["imports preview"][1]
    return shown


def show_doubts(plan: Plan) -> None:
    """Draw what looks odd, each with its rows, so that nothing odd is imported without being seen."""
    if not plan.doubts:
        return
    odd = count(len(plan.doubts), "thing")
    st.warning(f"**{odd} to check.** Nothing here stops the import.", icon=":material/rule:")
    shown = plan.doubts[:SHOWN_ROWS]
    cells = {
        "Where": [rows_text(doubt.rows, "line", doubt.count) for doubt in shown],
        "Column": [doubt.column for doubt in shown],
        "In the file": [doubt.seen for doubt in shown],
        "Read as": [doubt.read for doubt in shown],
        "Why to check it": [doubt.sentence for doubt in shown],
    }
    html.show(html.table(cells, f"{odd} to check", MIN_DOUBTS_WIDTH))
    html.show(html.more(len(plan.doubts) - len(shown), "thing"))


def import_it(file: File, digest: str) -> None:
    results: list[ImportResult] = []
    carried_out = feedback.attempt(
        lambda: results.append(import_file(actor(once=feedback.submission("imports")), slug, file, digest)),
        lambda: results[0].text,
    )
    if carried_out:
        feedback.renew("imports")
        st.session_state["imports form"] += 1


if kind and given:
    file = File(kind.name, *given, metric)
    own_columns = ColumnChoices(f"imports {form_number} {kind.name} {file.digest[:12]}", kind)
    file = replace(file, choices=own_columns.chosen())
    plan = plan_of(file)
    st.header("What it would change")
    if isinstance(plan, Plan):
        own_columns.draw(plan)
    if isinstance(plan, str):
        st.error(markdown.escaped(plan), icon=":material/error:")
    else:
        if plan.notes:
            notes = [markdown.escaped(note) for note in plan.notes]
            text = notes[0] if len(notes) == 1 else "\n".join(f"- {note}" for note in notes)
            st.info(text, icon=":material/info:")
        show_doubts(plan)
    if isinstance(plan, Plan) and plan.problems:
        problems, is_pasted = count(len(plan.problems), "problem"), way == PASTED
        st.error(
            f"**{problems} in {'what you pasted' if is_pasted else markdown.escaped(plan.file_name)}.** Nothing was "
            f"imported. Fix them and {'paste again' if is_pasted else 'choose the file again'}.\n\n"
            + "\n".join(
                f"- {markdown.escaped(sentence)}" for sentence in plan.problems.sentences()[:SENTENCES]
            ),
            icon=":material/error:",
        )
        own_columns.leave_out_rows(plan)
        table = pd.DataFrame(
            [(row.line, row.column or "", row.value, row.expected, row.sentence) for row in plan.problems],
            columns=["Line", "Column", "Value", "Expected", "In a sentence"],
        )
        st.dataframe(table, hide_index=True, alt=f"{problems}, by line")
        if plan.problems.more:
            st.caption(f"And {plan.problems.more:,} more, which show once these are fixed.")
    elif isinstance(plan, Plan):
        st.markdown(f"**{plan.text}** in {markdown.escaped(lower_pasted(plan.file_name))}.")
        if plan.changes:
            st.button(f"Import {plan.of_what}", type="primary", on_click=import_it, args=(file, plan.digest))
            table = pd.DataFrame(
                [
                    (
                        row.line,
                        "Added" if row.change == ADDED else "Changed",
                        row.label,
                        "; ".join(
                            f"{spoken(field.column)}: {field.before or 'nothing'} → {field.after or 'nothing'}"
                            if row.change != ADDED
                            else f"{spoken(field.column)}: {field.after}"
                            for field in row.differences
                        ),
                    )
                    for row in plan.rows[:SHOWN_ROWS]
                ],
                columns=["Line", "What", "Record", "Fields"],
            )
            st.dataframe(
                table,
                hide_index=True,
                column_config={
                    "Line": st.column_config.NumberColumn(width="small"),
                    "What": st.column_config.TextColumn(width="small"),
                    "Fields": st.column_config.TextColumn(width="large"),
                },
                alt=f"What the file would change: {plan.text}",
            )
            if plan.changes > len(table):
                st.caption(f"The first {len(table):,} of {plan.changes:,}.")
        else:
            st.write("Nothing to change: all of it is stored like this already.")

st.header("Export")
st.caption("In the columns of the templates: an export that is imported again changes nothing.")
html.show(
    html.bullet_list(
        html.join([f"{kind.name.replace('_', ' ').capitalize()}: ", *evidence_links(slug, kind.name)])
        for kind in KINDS.values()
        if kind.name not in ("interviews", "frictions") or frame.may(engagement, Action.READ_INTERVIEWS)
    )
)
if frame.may(engagement, Action.EDIT_INVENTORY):
    upload_survey(engagement)

st.header("Past imports")
past = imports(actor(), slug)
if past.empty:
    st.write("No file was imported yet. Each import can be undone here as a whole.")


def undo_import(import_id: int, done: str) -> None:
    feedback.attempt(lambda: undo(actor(), slug, import_id), done)


for row in past.head(PAST_IMPORTS).itertuples():
    day = engagement.date_of(row.at)
    of_kind = KINDS[row.kind]
    what = f"{count_records(of_kind, row.added + row.changed)} from {lower_pasted(row.file_name)}"
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
                on_click=undo_import,
                args=(row.import_id, f"Undid the import of {lower_pasted(row.file_name)}"),
            )
    elif row.undone_at is not None:
        line.badge("Undone", icon=":material/undo:", color="gray")
if len(past) > PAST_IMPORTS:
    st.caption(f"The last {PAST_IMPORTS} of {count(len(past), 'import')}.")

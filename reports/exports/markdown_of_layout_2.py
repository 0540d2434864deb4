"""The week as Markdown, to paste into chat or mail: nothing that people typed becomes a link, an image or a heading."""

from __future__ import annotations

import re

from models.snapshot import SnapshotDocument
from reports.exports import tables
from reports.exports.tables import Table

# No more than has a meaning within a line: where chat or mail reads no Markdown, each backslash is shown.
_MARKS = re.compile(r"([\\`*_\[\]|<>~$&])")
SHOWN = [
    "Metric",
    "Status",
    "Baseline",
    "Current",
    "Target",
    "Factor (95% interval)",
    "Verdict",
    "Forecast",
    "Last forecast",
]


def markdown(document: SnapshotDocument) -> bytes:
    """The week as text in UTF-8."""
    content = document.content
    by_name = {table.name: table for table in tables.tables(document)}
    verdict = f"**{content['head']['status'].capitalize()}.** {escape(tables.verdict(document))}"
    lines = [
        f"# {escape(tables.title(document))}",
        " · ".join(map(escape, tables.scope(document))),
        verdict,
    ]
    lines += [escape(document.passage("note"))] * bool(document.passage("note"))
    lines += ["## Decisions needed", bullet_list(tables.decisions(document), "No decision is needed.")]
    coming = [
        f"{row['name']}, due {tables.day(row['due'])} ({row['state']}): {row['reason']}"
        for row in content["coming"]
    ]
    lines += ["## Next two weeks", bullet_list(coming, "No milestone is due.")]
    lines += ["## Metrics", table_lines(_only(by_name["Metrics"], SHOWN))]
    lines += [
        bullet_list(
            [f"{row['name']}: {row['sentence']}" for row in content["metrics"]], "No metric is defined yet."
        )
    ]
    lines += ["## Leading measures", table_lines(by_name["Leading"])]
    lines += _closing(document, by_name)
    lines += [f"_{escape(tables.proof(document))}_"]
    return ("\n\n".join(line for line in lines if line) + "\n").encode()


def _closing(document: SnapshotDocument, by_name: dict[str, Table]) -> list[str]:
    """What changed, the exceptions, one voice, and what to know of the data."""
    lines = ["## What changed", escape(document.passage("changes")), table_lines(by_name["Changes"])]
    notes = [
        f"{row['name']} ({row['status']}), {row['owner']}: {row['line']}"
        for row in tables.exceptions(document)
    ]
    lines += [
        "## Exceptions",
        bullet_list(notes, "Nothing is out of the ordinary."),
        escape(tables.routine(document)),
    ]
    if voice := document.quote:
        lines += ["## One voice from the interviews"]
        lines += [
            f"> {escape(voice['said'])} ({escape(voice['who'])}, {voice['on']}, on {escape(voice['theme'])})"
        ]
    lines += [
        "## What to know of the data",
        bullet_list([f"{name}: {note}" for name, note in tables.data_notes(document)], ""),
    ]
    return lines


def escape(text: str) -> str:
    """What somebody typed, on one line, as it is; a line can't begin a list, a heading or a rule either."""
    text = _MARKS.sub(r"\\\1", " ".join(text.split()))
    # An address would become a link by itself.
    text = re.sub(r"(?i)\b(https?|ftp|mailto)(:)", "\\1\u200b\\2", text)
    text = re.sub(r"^([-=+#])", r"\\\1", text)
    return re.sub(r"^(\d+)([.)])(?= |$)", r"\1\\\2", text)


def bullet_list(rows: list[str], nothing: str) -> str:
    return "\n".join(f"- {escape(row)}" for row in rows) or nothing


def table_lines(table: Table) -> str:
    """A table with pipes; nothing where it has no rows."""
    if not table.rows:
        return ""
    rows = [table.columns, *table.rows]
    lines = [f"| {' | '.join(escape(cell) for cell in row)} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * len(table.columns)}", *lines[1:]])


def _only(table: Table, columns: list[str]) -> Table:
    places = [table.columns.index(column) for column in columns]
    return Table(table.name, columns, [[row[place] for place in places] for row in table.rows])

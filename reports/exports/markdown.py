"""The week for chat and mail: under 25 lines of Markdown, in which nothing that people typed becomes markup."""

from __future__ import annotations

from models.snapshot import SnapshotDocument
from reports.exports import tables, week_facts
from reports.exports.markdown_of_layout_2 import escape
from reports.exports.week_facts import cut, first_of

MAX_LINES = 24
MAX_IN_LIST = 6


def markdown(document: SnapshotDocument) -> bytes:
    """The week as text in UTF-8: the verdict first, then what is asked for, the outcomes and the exceptions."""
    for most in range(MAX_IN_LIST, 0, -1):
        lines = _lines(document, most)
        if len(lines) <= MAX_LINES:
            break
    return ("\n".join(lines) + "\n").encode()


def _lines(document: SnapshotDocument, most: int) -> list[str]:
    """The lines of the text, with at most so many rows in each list."""
    verdict = f"**{document.content['head']['status'].capitalize()}.** {escape(tables.verdict(document))}"
    note = document.passage("note")
    return [
        f"**{escape(tables.title(document))}**  ",
        f"{' · '.join(map(escape, tables.scope(document)))}  ",
        f"{f'{verdict} {escape(note)}'.rstrip()}  ",
        *_list(
            "Decisions needed",
            [f"{what}: {who}" for what, who in week_facts.decisions(document)],
            most,
            "none.",
        ),
        *_list(
            "Outcomes",
            list(map(_outcome, week_facts.outcome_bars(document))),
            most,
            "no metric is defined yet.",
        ),
        *_list(
            "Exceptions",
            _exceptions(document),
            most,
            "nothing is out of the ordinary.",
            tables.routine(document),
        ),
        *_closing(document),
    ]


def _outcome(bar: week_facts.OutcomeBar) -> str:
    return f"{cut(bar.name, 120)}: {bar.baseline} → {bar.current}, target {bar.target}. {bar.proof}."


def _exceptions(document: SnapshotDocument) -> list[str]:
    return [
        f"{cut(row['name'], 120)} ({row['status']}), {row['owner']}: {cut(row['line'])}"
        for row in tables.exceptions(document)
    ]


def _list(title: str, rows: list[str], most: int, nothing: str, beside: str = "") -> list[str]:
    """A heading with `beside` and its rows below, or with what it says where there are none."""
    beside = f" {escape(cut(beside, 300))}" if beside else ""
    if not rows:
        return [f"**{title}**: {nothing}{beside}  "]
    shown, more = first_of(rows, most)
    return [
        f"**{title}**" + (f" ({more} more in the review)" if more else "") + beside,
        *(f"- {escape(row)}" for row in shown),
        "",
    ]


def _closing(document: SnapshotDocument) -> list[str]:
    """Next two weeks, what changed, what moves first, the caveats, one voice and the proof, a line each."""
    coming = "; ".join(f"{what}, {due.partition(':')[0]}" for what, due in week_facts.coming(document))
    changes = "; ".join(week_facts.changes(document)[:4])
    leading = "; ".join(f"{row['name']}: {row['now']}" for row in document.content["leading"])
    caveats = "; ".join(f"{name}: {rows}" for name, rows in tables.data_notes(document) if rows != "none")
    lines = [
        ("Next two weeks", coming or "no milestone is due."),
        (week_facts.since(document), f"{week_facts.changed(document)} {changes}".strip()),
        ("What moves first", leading),
        ("Data caveats", caveats or "none"),
    ]
    if quote := document.quote:
        voice = f"“{quote['said']}” {quote['who']}, {quote['on']}, on {quote['theme']}"
        lines.append(("One voice from the interviews", voice))
    paragraphs = [f"**{escape(name)}**: {escape(cut(text, 400))}  " for name, text in lines]
    return [*paragraphs, f"_{escape(tables.proof(document))}_"]

"""The light page of a frozen week: the verdict first, then what is asked for, the plan, the outcomes and the rest."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from api import html_pages
from models.snapshot import SnapshotDocument
from models.wording import day_month
from reports.charts.theme import LOOKS
from reports.exports import tables, week_facts
from reports.exports.week_files import FORMATS
from store.reviews import Reader, Week

STYLE = "week.css"
LABELS = {"pdf": "PDF", "pptx": "PowerPoint", "xlsx": "Excel", "md": "Text", "csv": "CSV", "json": "Snapshot"}


def page(
    slug: str, row: Week, document: SnapshotDocument, readers: list[Reader], *, is_read: bool
) -> HTMLResponse:
    """Return the page of a week, with the way to mark it as read unless the reader did."""
    content = document.content
    exceptions = [
        (f"{row['name']} ({row['status']})", f"{row['owner']}: {row['line']}")
        for row in tables.exceptions(document)
    ]
    sentences = [(row["name"], row["sentence"]) for row in content["metrics"]]
    html = html_pages.fragment(
        "week",
        html={
            "corrected": _corrected(slug, row),
            "badge": _badge(content["head"]["status"]),
            "note": f"<p>{escape(document.passage('note'))}</p>" if document.passage("note") else "",
            "decisions": _items(week_facts.decisions(document), "No decision is needed."),
            "plan": _plan(document),
            "outcomes": _outcomes(document),
            "exceptions": _items(exceptions, "Nothing is out of the ordinary."),
            "coming": _items(week_facts.coming(document), "No milestone is due."),
            "changes": _items([(change, "") for change in week_facts.changes(document)], ""),
            "metrics": _items(sentences, "No metric is defined yet."),
            "checks": _items([(f"{row['name']}: {row['status']}", row["reason"]) for row in content["checks"]], ""),
            "leading": _leading(document),
            "caveats": _items(tables.data_notes(document), ""),
            "quote": _quote(document),
            "downloads": _downloads(slug, row),
            "read": "" if is_read else '<form method="post"><button type="submit">Mark as read</button></form>',
        },
        scope=" · ".join(tables.scope(document)),
        verdict=tables.verdict(document),
        plan_title=week_facts.plan_title(document),
        outcomes_title=week_facts.outcomes_title(document),
        since=week_facts.since(document),
        changed=document.passage("changes"),
        readers=_readers(readers),
        open="/review?" + urlencode({"engagement": slug, "week": row.on.isoformat()}),
        proof=tables.proof(document),
    )  # fmt: skip
    return html_pages.full_page(tables.title(document), html, style=STYLE, is_answer=False)


def _badge(status: str) -> str:
    look = LOOKS[tables.status_of(status)]
    return f'<strong class="badge" style="--status: {look.colour}">{look.glyph} {escape(status.capitalize())}</strong>'


def _items(rows: Iterable[tuple[str, str]], nothing: str) -> str:
    items = "".join(
        f"<li><strong>{escape(what)}</strong><br>{escape(detail)}</li>"
        if detail
        else f"<li>{escape(what)}</li>"
        for what, detail in rows
    )
    return f"<ul>{items}</ul>" if items else f"<p>{escape(nothing)}</p>" if nothing else ""


def _plan(document: SnapshotDocument) -> str:
    """A list of milestones, each with its bar in the 90 days; the bars say nothing that the words don't."""
    today = f'<i class="today" style="left: {week_facts.today(document):.2%}"></i>'
    rows = []
    for bar in week_facts.plan_bars(document):
        look = LOOKS[tables.status_of(bar.state)]
        place = f"left: {bar.start:.2%}; width: {max(bar.due - bar.start, 0.01):.2%}"
        picture = f'<span class="track" aria-hidden="true"><i class="bar" style="{place}"></i>{today}</span>'
        words = (
            f'<strong>{escape(bar.name)}</strong><span class="state">{look.glyph} {escape(bar.note)}</span>'
        )
        rows.append(f'<li style="--status: {look.colour}">{words}{picture}</li>')
    return f'<ul class="rows">{"".join(rows)}</ul>' if rows else ""


def _has_drawings(document: SnapshotDocument) -> bool:
    return all("drawing" in row for row in document.content["metrics"])


def _outcomes(document: SnapshotDocument) -> str:
    """A list of metrics: baseline, now and target in words, the proof, and a bar where the week holds its places."""
    rows = []
    bars = {bar.name: bar for bar in week_facts.outcome_bars(document)} if _has_drawings(document) else {}
    for row in document.content["metrics"]:
        look = LOOKS[tables.status_of(row["status"])]
        way = f"{escape(row['baseline'])} → <b>{escape(row['current'])}</b>, target {escape(row['target'])}"
        proof = f'<span class="state">{look.glyph} {escape(week_facts.proof(row))}</span>'
        picture = _track(bars[row["name"]]) if row["name"] in bars else ""
        words = f'<strong>{escape(row["name"])}</strong>{proof}<span class="way">{way}</span>'
        rows.append(f'<li style="--status: {look.colour}">{words}{picture}</li>')
    return f'<ul class="rows">{"".join(rows)}</ul>' if rows else "<p>No metric is defined yet.</p>"


def _track(bar: week_facts.OutcomeBar) -> str:
    marks = ""
    if bar.start is not None and bar.now is not None:
        left, width = min(bar.start, bar.now), abs(bar.now - bar.start)
        marks += f'<i class="bar" style="left: {left:.2%}; width: {width:.2%}"></i>'
    if bar.goal is not None:
        marks += f'<i class="goal" style="left: {bar.goal:.2%}"></i>'
    return f'<span class="track" aria-hidden="true">{marks}</span>' if marks else ""


def _leading(document: SnapshotDocument) -> str:
    return _items(
        [(row["name"], f"{row['now']} (before: {row['before']})") for row in document.content["leading"]], ""
    )


def _quote(document: SnapshotDocument) -> str:
    if document.quote is None:
        return ""
    quote = document.quote
    who = escape(f"{quote['who']}, {quote['on']}, on {quote['theme']}")
    return f"<h2>One voice from the interviews</h2><blockquote>{escape(quote['said'])}<br>{who}</blockquote>"


def _downloads(slug: str, row: Week) -> str:
    links = (
        f'<a href="/api/v1/engagements/{escape(slug)}/reviews/{row.id}.{FORMATS[key].suffix}" download>{label}</a>'
        for key, label in LABELS.items()
    )
    return " ".join(links)


def _corrected(slug: str, row: Week) -> str:
    if row.superseded:
        link = f"/week/{escape(slug)}/{row.on.isoformat()}"
        return f'<p class="refused">A corrected version replaced this one. <a href="{link}">Open it</a></p>'
    return (
        f'<p class="note">This version corrects an earlier one: {escape(row.reason)}</p>'
        if row.reason
        else ""
    )


def _readers(readers: list[Reader]) -> str:
    names = "; ".join(f"{reader['name']}, {day_month(reader['at'].date())}" for reader in readers)
    return f"Read by {names}." if names else "Nobody marked it as read yet."

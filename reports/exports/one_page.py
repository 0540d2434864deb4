"""The page of a PDF that is the week: its lists as long as one page holds, and where the marks of its pictures lie."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from models.brand import Brand
from models.snapshot import SnapshotDocument
from reports.charts.theme import LOOKS
from reports.exports import tables, week_facts
from reports.exports.open_points import open_points
from reports.exports.week_facts import cut, first_of

MAX_DECISIONS, MAX_PLAN, MAX_OUTCOMES, MAX_EXCEPTIONS, MAX_COMING, MAX_MISSING = 6, 12, 8, 4, 4, 6
MAX_VERDICT, MAX_NOTE, MAX_REASON = 320, 420, 90
SCALE = "times better (log); percentages linear"


def first_page(document: SnapshotDocument) -> dict[str, Any]:
    """Return the page as data for the layout: its words, and of each list as much as there is room for."""
    roomy = week_facts.at_least_layout(document, 4)
    brand = Brand.of(document.body)
    words = {
        "roomy": roomy,
        "colours": list(brand.colours),
        "logo": brand.logo is not None,
        "on": tables.day(document.body["on"]),
        "verdict": cut(tables.verdict(document), MAX_VERDICT),
        "note": cut(document.passage("note"), MAX_NOTE),
        "checks": [
            look(row["status"]) | {"name": row["name"], "reason": cut(row["reason"], MAX_REASON)}
            for row in document.content["checks"]
        ],
        "leading": [{"name": row["name"], "now": row["now"]} for row in document.content["leading"]],
        "missing": [_pair(row) for row in open_points(document)[:MAX_MISSING]],
        "since": week_facts.since(document),
        "changed": cut(week_facts.changed(document), 260),
    }
    parts = [_plan(document, roomy), _outcomes(document, roomy), _lists(document)]
    more = {name: number for part in parts for name, number in part.pop("more").items()}
    return words | parts[0] | parts[1] | parts[2] | {"more": more}


def _plan(document: SnapshotDocument, roomy: bool) -> dict[str, Any]:
    bars = week_facts.plan_bars(document)
    shown, left_out = first_of(bars, MAX_PLAN)
    # The appendix lists them all; that of layout 3 only where the page has left some out.
    in_words = [
        {"name": row["name"], "note": bar.note, "reason": row["reason"]}
        for row, bar in zip(document.content["plan"], bars, strict=True)
    ]
    return {
        "plan": [_marked(row, row.state) for row in shown],
        "plan-title": week_facts.plan_title(document),
        "phases": week_facts.phases(document),
        "today": week_facts.today(document),
        "all-plan": in_words if roomy or left_out else [],
        "more": {"plan": left_out},
    }


def _outcomes(document: SnapshotDocument, roomy: bool) -> dict[str, Any]:
    shown, left_out = first_of(week_facts.outcome_bars(document), MAX_OUTCOMES)
    day = week_facts.target_day([bar.target for bar in shown]) if roomy else ""
    return {
        "target-day": day,
        "outcomes": [
            _marked(replace(row, target=row.target.replace(day, "") if day else row.target), row.status)
            for row in shown
        ],
        "outcomes-title": week_facts.outcomes_title(document),
        "scale": SCALE,
        "more": {"outcomes": left_out},
    }


def _lists(document: SnapshotDocument) -> dict[str, Any]:
    decisions, more_decisions = first_of(week_facts.decisions(document), MAX_DECISIONS)
    exceptions, more_exceptions = first_of(tables.exceptions(document), MAX_EXCEPTIONS)
    coming, more_coming = first_of(week_facts.coming(document), MAX_COMING)
    room = [("name", week_facts.MAX_NAME), ("owner", 40), ("line", 170)]
    return {
        "decisions": [_pair(row) for row in decisions],
        "exceptions": [
            look(row["status"]) | {name: cut(row[name], most) for name, most in room} for row in exceptions
        ],
        "coming": [_pair(row) for row in coming],
        "more": {"decisions": more_decisions, "exceptions": more_exceptions, "coming": more_coming},
    }


def caveats(document: SnapshotDocument) -> list[str]:
    """Return what to keep in mind of the verdicts, each sentence once: of which metrics, where not of all."""
    rows = [row for row in document.content["metrics"] if row["chart"]["points"]]
    names: dict[str, list[str]] = {}
    for row in rows:
        if row["caveat"]:
            names.setdefault(row["caveat"], []).append(row["name"])
    return [
        text if len(of) == len(rows) else f"{tables.named(of, ', ')}: {text}" for text, of in names.items()
    ]


def look(status: str) -> dict[str, str]:
    """Return the word, the colour and the mark of a status or a milestone's state."""
    looks = LOOKS[tables.status_of(status)]
    return {"word": status.capitalize(), "colour": looks.colour, "glyph": looks.glyph}


def _pair(row: tuple[str, str]) -> list[str]:
    return [cut(row[0], 120), cut(row[1])]


def _marked(row: week_facts.OutcomeBar | week_facts.PlanBar, status: str) -> dict[str, Any]:
    data = asdict(row) | look(status)
    names = {
        name: cut(data[name], week_facts.MAX_NAME)
        for name in ("name", "baseline", "current", "target")
        if name in data
    }
    return data | names

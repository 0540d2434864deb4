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
    """Return what the first page shows."""
    plan, more_plan = first_of(week_facts.plan_bars(document), MAX_PLAN)
    outcomes, more_outcomes = first_of(week_facts.outcome_bars(document), MAX_OUTCOMES)
    decisions, more_decisions = first_of(week_facts.decisions(document), MAX_DECISIONS)
    exceptions, more_exceptions = first_of(tables.exceptions(document), MAX_EXCEPTIONS)
    brand = Brand.of(document.body)
    coming, more_coming = first_of(week_facts.coming(document), MAX_COMING)
    roomy = week_facts.fits_paper(document)
    day = week_facts.target_day([bar.target for bar in outcomes]) if roomy else ""
    return {
        "roomy": roomy,
        "target-day": day,
        "checks": [
            look(row["status"]) | {"name": row["name"], "reason": cut(row["reason"], MAX_REASON)}
            for row in document.content["checks"]
        ],
        "leading": [{"name": row["name"], "now": row["now"]} for row in document.content["leading"]],
        "missing": [_pair(row) for row in open_points(document)[:MAX_MISSING]],
        "colours": list(brand.colours),
        "logo": brand.logo is not None,
        "verdict": cut(tables.verdict(document), MAX_VERDICT),
        "note": cut(document.passage("note"), MAX_NOTE),
        "decisions": [_pair(row) for row in decisions],
        "plan": [_marked(row, row.state) for row in plan],
        "plan-title": week_facts.plan_title(document),
        "phases": week_facts.phases(document),
        "today": week_facts.today(document),
        "on": tables.day(document.body["on"]),
        "outcomes": [
            _marked(replace(row, target=row.target.replace(day, "") if day else row.target), row.status)
            for row in outcomes
        ],
        "outcomes-title": week_facts.outcomes_title(document),
        "scale": SCALE,
        "exceptions": [
            look(row["status"])
            | {name: cut(row[name], most) for name, most in [("name", week_facts.MAX_NAME), ("owner", 40), ("line", 170)]}
            for row in exceptions
        ],
        "coming": [_pair(row) for row in coming],
        "since": week_facts.since(document),
        "changed": cut(week_facts.changed(document), 260),
        "more": {
            "decisions": more_decisions, "plan": more_plan, "outcomes": more_outcomes, "exceptions": more_exceptions,
            "coming": more_coming,
        },
        "all-plan": [
            {"name": row["name"], "note": bar.note, "reason": row["reason"]}
            for row, bar in zip(document.content["plan"], week_facts.plan_bars(document), strict=True)
        ] * (roomy or bool(more_plan)),
    }  # fmt: skip


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

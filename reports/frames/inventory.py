"""The inventory as lists, made of a state: what its grids show, what its charts are drawn of, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from analysis.coupling import Coupling, name_key
from models.engagement import Engagement
from models.interviews import Friction
from models.inventory import HIGHEST_SEVERITY, Dependency, PainPoint, System
from models.replacements import Replacement
from models.wording import count, day_month, join_list

SYSTEMS = [
    *("name", "kind", "owner", "criticality", "technology", "lifecycle", "standalone", "reviewed_on", "note"),
    "code",
    "missing",
]
DEPENDENCIES = ["from", "to", "kind", "note"]
PAIN_POINTS = ["system", "title", "severity", "frequency", "note"]

# What the inventory lacks of a system (models.inventory says when), as one and as several systems lack it.
REVIEW = "review by its owner"
_LACKS = {
    "owner": ("has no owner", "have no owner"),
    "criticality": ("has no criticality", "have no criticality"),
    REVIEW: ("wasn't reviewed by its owner", "weren't reviewed by their owners"),
    "dependencies": (
        "has no dependencies and isn't declared standalone",
        "have no dependencies and aren't declared standalone",
    ),
}


def systems(engagement: Engagement) -> pd.DataFrame:
    """The systems by name: their ids as index, `version`, the columns SYSTEMS. `missing` says in words what is."""
    rows = [
        {"id": row.id, "version": row.version, **_of(row, SYSTEMS[:-1]), "missing": ", ".join(row.missing())}
        for row in in_order(engagement)
    ]
    frame = _frame(rows, SYSTEMS)
    days = [row.reviewed_on and row.reviewed_on.isoformat() for row in in_order(engagement)]
    frame["reviewed_on"] = pd.Series(days, index=frame.index, dtype=object)
    frame["standalone"] = frame["standalone"].astype(bool)
    return frame


def dependencies(engagement: Engagement, only: Iterable[Dependency] | None = None) -> pd.DataFrame:
    """Return the dependencies, or `only` some: their ids as index, `version`, and the columns DEPENDENCIES, by name."""
    rows = [
        {
            "id": row.id,
            "version": row.version,
            "from": row.source.name,
            "to": row.target.name,
            **_of(row, ["kind", "note"]),
        }
        for row in (engagement.dependencies if only is None else only)
    ]
    rows.sort(key=lambda row: (name_key(str(row["from"])), name_key(str(row["to"])), row["kind"]))
    return _frame(rows, DEPENDENCIES)


def pain_points(engagement: Engagement) -> pd.DataFrame:
    """Return the pain points, the worst first: their ids as index, `version`, and the columns PAIN_POINTS."""
    rows = [
        {"id": row.id, "version": row.version, "system": row.system.name, **_of(row, PAIN_POINTS[1:])}
        for row in worst_first(engagement.pain_points)
    ]
    frame = _frame(rows, PAIN_POINTS)
    frame["severity"] = frame["severity"].astype("Int64")
    return frame


def pairs(engagement: Engagement) -> pd.DataFrame:
    """Return one row a coupled pair: `from`, `to`, `kinds` in words and `weight`, how many dependencies it has."""
    single = dependencies(engagement)
    grouped = single.groupby(["from", "to"], sort=False)["kind"]
    return grouped.agg(kinds=", ".join, weight="size").reset_index()


def coupling(engagement: Engagement) -> Coupling:
    """Return how the systems hang together."""
    joined = [(row.source.name, row.target.name) for row in engagement.dependencies]
    return Coupling([row.name for row in engagement.systems], joined)


def boxes(engagement: Engagement) -> pd.DataFrame:
    """Return the systems as a graph draws them: `name` and `criticality`."""
    rows = [{"name": row.name, "criticality": row.criticality} for row in in_order(engagement)]
    return pd.DataFrame(rows, columns=["name", "criticality"])


def gaps(engagement: Engagement) -> list[tuple[str, list[System]]]:
    """Return what the milestone of the inventory still needs: each a sentence, and the systems it is about."""
    gaps = []
    for word, (one, several) in _LACKS.items():
        lacking = [row for row in in_order(engagement) if word in row.missing()]
        if lacking:
            gaps.append((f"{count(len(lacking), 'system')} {one if len(lacking) == 1 else several}", lacking))
    if not engagement.pain_points:
        gaps.append(("No pain points are recorded", []))
    return gaps


def unreviewed(engagement: Engagement) -> list[System]:
    """Return the systems that have an owner whose review is missing, by name."""
    lacking = [(row, row.missing()) for row in in_order(engagement)]
    return [row for row, missing in lacking if REVIEW in missing and "owner" not in missing]


def in_order(engagement: Engagement) -> list[System]:
    """Return the systems by name."""
    return sorted(engagement.systems, key=lambda row: name_key(row.name))


def worst_first(points: Iterable[PainPoint]) -> list[PainPoint]:
    """Pain points by severity, then by the system's name."""
    return sorted(points, key=lambda row: (-row.severity, name_key(row.system.name), name_key(row.title)))


def frictions_of(system: System) -> list[Friction]:
    """Return the frictions of a system or of one of its pain points, in order of the interview."""
    frictions = {row.id: row for row in system.frictions}
    frictions |= {row.id: row for point in system.pain_points for row in point.frictions}
    return sorted(
        frictions.values(), key=lambda row: (row.interview.held_on or row.interview.planned_on, row.id)
    )


def hurts(system: System, frictions: Iterable[Friction]) -> list[dict[str, str | None]]:
    """Return a system's pain points in words, the worst first, and in how many interviews each was raised (“Said in”)."""
    interviews: dict[int | None, set[int]] = {}
    for row in frictions:
        interviews.setdefault(row.pain_point_id, set()).add(row.interview_id)
    return [
        {
            "Pain point": point.title,
            "Severity": _out_of_5(point.severity),
            "Frequency": point.frequency,
            "Note": point.note,
            "Said in": count(len(interviews.get(point.id, ())), "interview"),
        }
        for point in worst_first(system.pain_points)
    ]


def friction_texts(frictions: Iterable[Friction]) -> list[dict[str, str | None]]:
    """Return frictions as texts: whose and from when, what was observed, and the pain point that each leads to."""
    return [
        {
            "Interview": f"{row.interview.shown_name}, {day_month(_held(row))}",
            "Theme": row.theme,
            "Observed": row.shown_observed,
            "Severity": _out_of_5(row.severity),
            "Frequency": row.frequency,
            "Pain point": None if row.pain_point is None else row.pain_point.title,
        }
        for row in frictions
    ]


def pair_texts(pairs: pd.DataFrame, of: Coupling) -> list[dict[str, str]]:
    """Return what a matrix or a graph shows, pair by pair."""
    loop_of = of.loop_of()
    return [
        {
            "From": row["from"],
            "Depends on": row["to"],
            "How": row["kinds"],
            "In a loop": "yes" if loop_of.get(row["from"], -1) == loop_of.get(row["to"]) else "no",
        }
        for row in pairs.to_dict("records")
    ]


def _out_of_5(severity: int) -> str:
    return f"{severity} of {HIGHEST_SEVERITY}"


def _held(row: Friction) -> date:
    return row.interview.held_on or row.interview.planned_on


def by_kind(rows: Iterable[Dependency], other: str) -> list[tuple[System, str]]:
    """The systems at the `other` end ("source" or "target") of dependencies, each with its kinds in words, by name."""
    kinds: dict[int, list[str]] = {}
    ends: dict[int, System] = {}
    for row in rows:
        end = getattr(row, other)
        ends[end.id] = end
        kinds.setdefault(end.id, []).append(row.kind)
    ordered = sorted(ends.values(), key=lambda row: name_key(row.name))
    return [(row, join_list(sorted(kinds[row.id]), most=5)) for row in ordered]


def _of(row: object, columns: list[str]) -> dict[str, object]:
    return {column: getattr(row, column) for column in columns}


def _frame(rows: list[dict[str, object]], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["id", "version", *columns]).set_index("id")


def replacements_of(engagement: Engagement, system: System) -> list[tuple[str, Replacement]]:
    """Return the replacements that a system is the old or the new part of, each with a label that says which."""
    return [
        (
            f"{row.name}: {'being replaced by ' + row.new.name if row.old_id == system.id else 'takes over'}",
            row,
        )
        for row in engagement.replacements
        if system.id in (row.old_id, row.new_id)
    ]

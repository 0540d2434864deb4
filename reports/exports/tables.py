"""The week as tables and lines of words, which every format shows in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.milestones import MilestoneState
from models.review_text import without_status_label
from models.snapshot import SnapshotDocument
from models.status import Status
from models.wording import day_month, lower_first, upper_first

# Letters of a word without a place to break it, after which one is made, so that no cell is overrun; a capital counts
# for more.
MAX_WORD, CAPITAL = 18, 1.4
# Characters of a name in a heading or a list, and names in a list: the tables of metrics hold all of them whole.
MAX_NAME, NAMES_SHOWN, NAME_END = 80, 8, 20
NONE = "–"
# Columns of metrics that a week may have nothing for.
MAY_BE_EMPTY = {"Factor (95% interval)", "Forecast", "Last forecast"}
_BREAK = "\u200b"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """A table of texts: its name, the heads of its columns, its rows."""

    name: str
    columns: list[str]
    rows: list[list[str]]


def status_of(word: str) -> Status:
    """The status that a row's word is shown with; a milestone's states have words of their own."""
    return MilestoneState(word).status if word in set(MilestoneState) else Status(word)


def day(text: str) -> str:
    """2026-11-20 -> 20 Nov"""
    return day_month(date.fromisoformat(text))


def title(document: SnapshotDocument) -> str:
    head = document.content["head"]
    # Weeks that were frozen before these texts have none of their own, and keep their bytes.
    week = head.get("week_text") or f"week {head['week']} of {head['weeks']}"
    return f"{head['name']}: {week}"


def scope(document: SnapshotDocument) -> list[str]:
    """The header of a week, part by part."""
    head, on = document.content["head"], document.on
    day = head.get("day_text") or f"Day {head['day']} of {head['days']}"
    return [
        head["client"],
        f"Cycle {head['cycle']}, {lower_first(day)}" if head["cycle"] > 1 and head["day"] > 0 else day,
        f"As of {day_month(on)} {on.year}",
        head["signatures"],
        f"Lead {head['lead']}",
        f"Sponsor {head['sponsor'] or 'not named'}",
    ]  # fmt: skip


def verdict(document: SnapshotDocument) -> str:
    """The week in one sentence, as it stands beside the badge of its status."""
    return without_status_label(document.content["head"]["status"], document.passage("verdict"))


def footer(document: SnapshotDocument) -> str:
    """What a page says of the week that it is of."""
    return f"{short(title(document))}  ·  snapshot {document.digest[:16]}"


def proof(document: SnapshotDocument) -> str:
    """What a reader can check the week by."""
    head = document.content["head"]
    frozen_on = (
        datetime.fromisoformat(document.body["frozen_at"]).astimezone(ZoneInfo(document.body["zone"])).date()
    )
    return (
        f"Snapshot {document.digest[:16]}, revision {head['revision']}, journal {head['journal'][:16]}, "
        f"frozen by {document.body['frozen_by']} on {day_month(frozen_on)} {frozen_on.year}"
        + (f", personal data erased on {document.erased['on']}" if document.erased else "")
    )


def in_own_zone(document: SnapshotDocument) -> bool:
    """Return whether files of the week show moments of the engagement's own zone; weeks of before keep UTC."""
    return int(document.content["head"].get("layout", 1)) > 1


def local_moment(document: SnapshotDocument, at: str) -> datetime:
    """Return a moment of a snapshot (UTC, "2026-10-31T23:00:00Z") as the clocks of the engagement showed it."""
    return datetime.fromisoformat(at).astimezone(ZoneInfo(document.body["zone"]))


def localised(document: SnapshotDocument, row: dict[str, Any]) -> dict[str, Any]:
    """Return a metric's row with the moments of its chart as the engagement's clocks showed them."""
    if not in_own_zone(document):
        return row

    def shown(at: str) -> str:
        return f"{local_moment(document, at):%Y-%m-%dT%H:%M:%SZ}"

    chart = row["chart"]
    points = [[shown(at), *rest] for at, *rest in chart["points"]]
    phases = [
        phase | {name: shown(phase[name]) for name in ("start", "end", "frozen")} for phase in chart["phases"]
    ]
    return row | {"chart": chart | {"points": points, "phases": phases}}


def leaves_out_empty(document: SnapshotDocument) -> bool:
    """Return whether columns that say nothing in any row are left out; weeks of before keep them."""
    return int(document.content["head"].get("layout", 1)) > 2


def filled_columns(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Return the positions of the columns that say something in some row, of those that may say nothing: sizes and
    forecasts."""
    return [
        place
        for place, column in enumerate(columns)
        if column not in MAY_BE_EMPTY or any(row[place] != NONE for row in rows)
    ]


def _without_empty(document: SnapshotDocument, table: Table) -> Table:
    """Return a table without the columns that say nothing in any row."""
    if not table.rows or not leaves_out_empty(document):
        return table
    filled = filled_columns(table.columns, table.rows)
    return Table(
        table.name, [table.columns[i] for i in filled], [[row[i] for i in filled] for row in table.rows]
    )


def before(document: SnapshotDocument) -> str:
    """What stands above the old words beside the new ones: "In week 6"."""
    since = document.content["since"]
    return (
        "Before" if since is None else f"{'In' if since.startswith(('week', 'the week')) else 'On'} {since}"
    )


def decisions(document: SnapshotDocument) -> list[str]:
    return [
        f"{row['title']}: {row['owner']}, by {row['by']}{', overdue' * row['overdue']}"
        for row in document.content["decisions"]
    ]


def exceptions(document: SnapshotDocument) -> list[dict[str, str]]:
    """Each with its owner's one line, as `line`."""
    return [
        row | {"line": document.passage(f"exception {row['key']}")} for row in document.content["exceptions"]
    ]


def routine(document: SnapshotDocument) -> str:
    names = document.content["routine"]
    return f"Routine variation, no action: {named(names, ', ')}." if names else ""


def short(name: str, most: int = MAX_NAME) -> str:
    """A name with its middle left out where it is long: names that people number differ at their ends."""
    if len(name) <= most:
        return name
    end = min(NAME_END, most // 3)
    return f"{name[: most - end - 1].rstrip()}…{name[-end:].lstrip()}"


def named(names: list[str], between: str) -> str:
    """The first names, and how many more there are."""
    shown = [short(name) for name in names[:NAMES_SHOWN]]
    return between.join([*shown, *[f"and {len(names) - NAMES_SHOWN} more"] * (len(names) > NAMES_SHOWN)])


def factor(row: dict[str, Any]) -> str:
    """A metric's factor with its interval; where it has none, the interval of the difference alone."""
    if row["factor"] == NONE and row["interval"]:
        return upper_first(row["interval"])
    return f"{row['factor']} ({row['interval']})" if row["interval"] else str(row["factor"])


def data_notes(document: SnapshotDocument) -> list[tuple[str, str]]:
    """The footer: gaps, stale numbers, unsigned definitions, in words."""
    return [(name, named(rows, "; ") or "none") for name, rows in _data(document)]


def _data(document: SnapshotDocument) -> list[tuple[str, list[str]]]:
    footer = document.content["footer"]
    return [
        ("Data gaps", footer["gaps"]),
        ("Out of date", footer["stale"]),
        ("Not signed", footer["unsigned"]),
    ]


def tables(document: SnapshotDocument) -> list[Table]:
    """Every list of the week as a table."""
    content = document.content
    then = before(document)
    listed = [
        Table("Decisions", ["Decision", "Owner", "By", "Overdue"],
              [[row["title"], row["owner"], row["by"], "yes" if row["overdue"] else ""] for row in content["decisions"]]),
        Table("Metrics", ["Metric", "Status", "Baseline", "Current", "Target", "Factor (95% interval)", "Verdict",
                          "What it means", "Forecast", "Last forecast", "Owner", "Source", "Signature"],
              [[row["name"], row["status"], row["baseline"], row["current"], row["target"], factor(row), row["verdict"],
                row["sentence"], row["forecast"], row["forecast_before"], row["owner"] or "", row["source"] or "",
                row["seal"]] for row in content["metrics"]]),
        Table("Leading", ["What moves first", "Now", then],
              [[row["name"], row["now"], row["before"]] for row in content["leading"]]),
        Table("Changes", ["What", "About", then, "Now"],
              [[row["kind"], row["about"], row["old"], row["new"]] for row in content["changes"]]),
        Table("Exceptions", ["What", "Status", "Owner", "One line"],
              [[row["name"], row["status"], row["owner"], row["line"]] for row in exceptions(document)]),
        Table("Milestones", ["Milestone", "State", "Start", "Due", "Why", "Claim"],
              [[row["name"], row["state"], row["start"], row["due"], row["reason"], row["claim"]]
               for row in content["plan"]]),
        Table("Health", ["Check", "Status", "Why"],
              [[row["name"], row["status"], row["reason"]] for row in content["checks"]]),
        Table("Data", ["What", "Which"], [[name, row] for name, rows in _data(document) for row in rows or ["none"]]),
    ]  # fmt: skip
    return [_without_empty(document, table) for table in listed]


def break_long_words(value: Any) -> Any:
    """Texts, and lists and dictionaries of them, with places to break in words that are longer than a cell."""
    if isinstance(value, dict):
        return {key: break_long_words(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [break_long_words(each) for each in value]
    if not isinstance(value, str):
        return value
    return " ".join(_broken(word) for word in value.split(" "))


def _broken(word: str) -> str:
    if len(word) * CAPITAL <= MAX_WORD:
        return word
    pieces, room = [""], float(MAX_WORD)
    for letter in word:
        wide = CAPITAL if letter.isupper() else 1.0
        if wide > room:
            pieces, room = [*pieces, ""], float(MAX_WORD)
        pieces[-1] += letter
        room -= wide
    return _BREAK.join(pieces)


def defuse_formula(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text

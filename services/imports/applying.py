"""Bringing a file in: everything in it or nothing, and a look beforehand at what it would do.

Both do the same: they set every row within a transaction and note what that changed. Whoever only looks rolls back, so
what was shown is what happens, and each refusal of a service is found beforehand, with its line and column.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import read_connection
from models.engagement import Engagement
from models.errors import Conflict, Invalid, RuleBroken
from models.imports import ImportRun
from models.inventory import System
from models.journal import ADDED, CHANGED
from models.names import clean_name
from models.people import Actor
from models.permissions import Action
from models.wording import count, join_list
from services.core.transaction import open_engagement, transaction
from services.imports.arranging import arrange, fitness, header_finder
from services.imports.choices import Choices
from services.imports.kinds import DEPENDENCIES, MEASUREMENTS, Kind, kind_named
from services.imports.manifests import is_manifest, match_names, read_manifests
from services.imports.measurements import Measured, parse_measurements
from services.imports.names import Hidden
from services.imports.odd_columns import odd_in_column
from services.imports.plans import Plan, PlannedRow, differences, format_value, refusal
from services.imports.problems import Problem
from services.imports.records import RECORDS, Records
from services.imports.remembering import metrics_of, remember, with_remembered
from services.imports.rows import Parsed, parse
from services.imports.series import carry_out_measurements
from services.imports.table import Table
from services.imports.word_mapping import map_words
from services.parsing.header_text import is_called
from services.parsing.reading import read, read_text
from services.parsing.sheet import Sheet
from store.access import access

ACTIONS = {
    "systems": Action.EDIT_INVENTORY,
    "dependencies": Action.EDIT_INVENTORY,
    "pain_points": Action.EDIT_INVENTORY,
    "interviews": Action.RECORD_INTERVIEWS,
    "frictions": Action.RECORD_INTERVIEWS,
    "workflows": Action.EDIT_WORKFLOWS,
    "metrics": Action.DEFINE_METRICS,
    "measurements": Action.RECORD_MEASUREMENTS,
}
MAX_PROBLEMS_NAMED = 3
MAX_SHEETS_TRIED = 10
MAX_NAMED = 12


@dataclass(frozen=True)
class File:
    """What is to be brought in: a kind's name, and bytes of a CSV or XLSX file or a pasted text.

    `metric` is the short name of the metric that measurements are of, where the file has no such column. `strict`
    refuses what looks odd. `choices` say what its columns, words and rows are, where those aren't ours.
    """

    kind: str
    content: bytes | str
    name: str = "The pasted text"
    metric: str | None = None
    strict: bool = False
    choices: Choices = field(default_factory=Choices)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content, in hex."""
        content = self.content.encode(errors="replace") if isinstance(self.content, str) else self.content
        return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class ImportResult:
    """A file that was brought in. `import_id` is None where there was nothing to change."""

    plan: Plan
    import_id: int | None

    @property
    def text(self) -> str:
        """What was done, as a sentence."""
        if self.import_id is None:
            return f"Nothing to change: all {self.plan.unchanged:,} rows are stored like this already."
        return f"Imported {self.plan.kind.name.replace('_', ' ')}: {self.plan.text}."


class ImportRefused(Invalid):
    """A file with problems; `plan` tells them all."""

    def __init__(self, plan: Plan):
        self.plan = plan
        sentences = [problem.sentence for problem in plan.problems][:MAX_PROBLEMS_NAMED]
        more = len(plan.problems) - len(sentences)
        sentences += [f"And {more:,} more."] if more else []
        super().__init__(
            f"{plan.file_name} has {count(len(plan.problems), 'problem')}, so nothing was changed. {' '.join(sentences)}"
        )


class _OnlyLooking(Exception):
    """Leaves a transaction without a commit."""


def preview(actor: Actor, slug: str, file: File) -> Plan:
    """Return what `import_file` would change, or everything that is wrong with the file. Changes nothing.

    Raises Invalid for what isn't a table of that kind at all, NotFound if the engagement is missing or hidden from the
    actor, and Forbidden if their role may not import it.
    """
    kind = kind_named(file.kind)
    table, parsed = _parsed(actor, slug, kind, file)
    plan = Plan(kind, file.name)
    with suppress(_OnlyLooking), transaction(actor, f"look at {kind.name}") as session:
        engagement = open_engagement(session, slug, ACTIONS[kind.name])
        plan = _carry_out(session, engagement, parsed, file, actor)
        raise _OnlyLooking
    plan.table = table
    return plan


def import_file(actor: Actor, slug: str, file: File, expected: str | None = None) -> ImportResult:
    """Add and change the records that the file tells of: all of them, or none. It can be undone as a whole.

    `expected` is the digest of the plan that a person has seen: where the file would do something else by now, Conflict
    is raised. Raises ImportRefused, which carries all problems, where the file has any; Invalid, NotFound and Forbidden
    as `preview` does.
    """
    kind = kind_named(file.kind)
    table, parsed = _parsed(actor, slug, kind, file)
    with transaction(actor, f"import {kind.name.replace('_', ' ')}") as session:
        engagement = open_engagement(session, slug, ACTIONS[kind.name])
        plan = _carry_out(session, engagement, parsed, file, actor)
        plan.table = table
        if plan.problems:
            raise ImportRefused(plan)
        if expected is not None and expected != plan.digest:
            raise Conflict(
                f"Since you looked at it, somebody changed what is stored: by now {file.name} comes to {plan.text}. "
                "Nothing was imported: look at the changes again, then import."
            )
        if not plan.changes:
            return ImportResult(plan, None)
        run = ImportRun(
            engagement_id=engagement.id,
            kind=kind.name,
            file_name=clean_name(file.name),
            digest=file.digest,
            added=plan.added,
            changed=plan.changed,
            unchanged=plan.unchanged,
            batch_id=plan.batch_id,
        )
        session.add(run)
        session.flush()
        remember(session, engagement, kind, table)
        return ImportResult(plan, run.id)


def _parsed(actor: Actor, slug: str, kind: Kind, file: File) -> tuple[Table, Parsed | Measured]:
    """Return the file's rows. It is read before the engagement is locked, and not at all for who may not import it."""
    with read_connection() as connection:
        granted = access(connection, actor, slug, ACTIONS[kind.name])
        if kind is DEPENDENCIES and is_manifest(_text_of(file), file.name):
            of_engagement = System.engagement_id == granted.engagement_id
            return _declared(file, connection.scalars(select(System.name).where(of_engagement)).all())
        choices = with_remembered(connection, granted.engagement_id, kind, file.choices)
        metrics, units = metrics_of(connection, granted.engagement_id) if kind is MEASUREMENTS else ({}, {})
    table = _table(kind, file, choices, metrics, units)
    map_words(table, kind, choices)
    sheet = table.sheet
    parsed: Parsed | Measured
    if kind is MEASUREMENTS:
        parsed = parse_measurements(
            sheet, ZoneInfo(granted.zone), {"metric": file.metric} if file.metric else None
        )
    else:
        parsed = parse(sheet, kind)
    parsed.notes[:0] = table.notes
    return table, parsed


def _table(kind: Kind, file: File, choices: Choices, metrics: dict[str, str], units: dict[str, str]) -> Table:
    """Return the table in the file; of a workbook, the sheet that was chosen, or is called so, or fits best."""
    find_header = header_finder(kind, choices, [*metrics, *metrics.values()])

    def arranged(sheet: Sheet) -> Table:
        return arrange(sheet, kind, choices, metrics, units, file.metric)

    if isinstance(file.content, str):
        return arranged(read_text(file.content, file.name, find_header))
    content = file.content
    first = read(content, file.name, kind.name, find_header, choices.sheet)
    if choices.sheet is not None or not first.unread or is_called(first.title, kind.name):
        return arranged(first)
    fits = fitness(_arranged_if_possible(arranged, first), kind)
    best, best_fit = first, fits
    for title in first.unread[:MAX_SHEETS_TRIED]:
        with suppress(Invalid):
            other = read(content, file.name, kind.name, find_header, title)
            fit = fitness(_arranged_if_possible(arranged, other), kind)
            if fit > best_fit:
                best, best_fit = other, fit
    table = arranged(best)
    if best is not first:
        table.notes.insert(0, f"The sheet “{best.title}” was read, as “{first.title}” is no such table.")
    return table


def _arranged_if_possible(arranged: Callable[[Sheet], Table], sheet: Sheet) -> Table:
    """Return the sheet's table, an empty one where a header that was chosen isn't in it."""
    try:
        return arranged(sheet)
    except Invalid:
        return Table(sheet, [], [])


def _text_of(file: File) -> str:
    return file.content if isinstance(file.content, str) else file.content.decode(errors="replace")


def _declared(file: File, known: Sequence[str]) -> tuple[Table, Parsed]:
    """Return the dependencies that a manifest declares between systems of the inventory, as rows of a table.

    Names that the inventory lacks are in a note. Raises Invalid where nothing is left.
    """
    edges, unknown = match_names(read_manifests(file.content, file.name), known)
    missing = f"Not in the inventory, so left out: {join_list(unknown, most=MAX_NAMED)}." if unknown else ""
    if not edges:
        raise Invalid(
            f"{file.name} declares no dependency between systems of the inventory. {missing}".strip()
        )
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([("from", "to", "kind", "note"), *edges])
    table = arrange(read_text(text.getvalue(), file.name), DEPENDENCIES, Choices(), {})
    parsed = parse(table.sheet, DEPENDENCIES)
    parsed.notes += [missing] if missing else []
    return table, parsed


def _carry_out(
    session: Session, engagement: Engagement, parsed: Parsed | Measured, file: File, actor: Actor
) -> Plan:
    """Set all that was read, and tell what that changed; a strict file has its doubts as problems as well."""
    plan = _carry_out_rows(session, engagement, parsed, file, actor)
    for doubt in plan.doubts if file.strict else ():
        line = doubt.rows[0] if doubt.rows else 1
        plan.problems.add(
            Problem(line, doubt.column or None, doubt.seen, "clear", doubt.sentence.removesuffix("."))
        )
    return plan


def _carry_out_rows(
    session: Session, engagement: Engagement, parsed: Parsed | Measured, file: File, actor: Actor
) -> Plan:
    """Set all that was read, and return what that changed."""
    today = actor.today(engagement.zone)
    if isinstance(parsed, Measured):
        return carry_out_measurements(session, engagement, parsed, file.name, today)
    plan = Plan(parsed.kind, file.name, problems=parsed.problems, notes=parsed.notes, doubts=parsed.doubts)
    if set(parsed.kind.key) <= set(parsed.columns):
        records = RECORDS[parsed.kind.name](session, engagement, today)
        for name, cells in parsed.cells.items():
            known = records.known(name)
            column, merged = parsed.kind.column(name), records.merged_names()
            plan.doubts += odd_in_column(column, cells, parsed.lines, known, merged)
        for line, row in parsed.rows:
            _carry_out_row(session, records, plan, line, row)
        plan.notes += records.notes()
        plan.doubts += records.doubts()
    plan.problems.sort()
    plan.seal()
    if engagement.hide_interviewees and "interviewee" in parsed.kind.names:
        names = [row["interviewee"] for _, row in parsed.rows if row.get("interviewee")]
        plan.hide(Hidden(session, engagement, names))
    return plan


def _carry_out_row(session: Session, records: Records, plan: Plan, line: int, row: dict[str, Any]) -> None:
    read_well = line not in plan.problems.lines
    records.check(line, row, plan.problems)
    record = records.stored.get(plan.kind.key_of(row)) if read_well else None
    if read_well and record is None:
        for column in plan.kind.lacking(row):
            reason = "it is empty or not in the file, but needed for what isn't stored yet"
            plan.problems.add(Problem(line, column, "", plan.kind.column(column).parser.expected, reason))
    if line in plan.problems.lines:
        return
    before = records.file_values(record) if record is not None else {}
    label = ", ".join(format_value(row[name]) for name in plan.kind.key)
    noted = session.info["work"].changes
    so_far = len(noted)
    try:
        changed = records.set(row, record)
    except RuleBroken as refused:
        _forget_half_set(session)
        column = records.column_of(refused.field) or ", ".join(plan.kind.key)
        plan.problems.add(refusal(line, column, row.get(column, label), refused))
        return
    if len(noted) == so_far:
        plan.unchanged += 1
        return
    changes = differences({name: row[name] for name in plan.kind.key} | before, records.file_values(changed))
    plan.add_row(PlannedRow(line, CHANGED if record is not None else ADDED, label, changes))


def _forget_half_set(session: Session) -> None:
    """Drop what a refused row had set already: it would be saved with the next one, and hide its problems."""
    for row in list(session.new):
        session.expunge(row)
    for row in list(session.dirty):
        session.refresh(row)

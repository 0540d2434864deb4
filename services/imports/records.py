"""How rows become records, kind by kind: which record a row means, what of it the row sets, and how it is described."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Part
from models.engagement import Engagement
from models.errors import Invalid
from models.interviews import Friction, Interview
from models.inventory import Dependency, PainPoint, System
from models.metrics import Metric, SignOff
from models.names import normalize_name
from models.units import unit
from models.wording import count
from models.workflows import Rehearsal, Workflow, WorkflowSystem
from services.imports import kinds
from services.imports.kinds import Kind
from services.imports.names import Names, interviews_of
from services.imports.problems import Problem, Problems
from services.interviews.frictions import put_friction
from services.interviews.interviews import put_interview
from services.inventory.dependencies import put_dependency
from services.inventory.pain_points import put_pain_point
from services.inventory.systems import put_system
from services.metrics.definitions import put_metric
from services.parsing.cell import shown
from services.parsing.displayed import plain_text
from services.parsing.doubts import Doubt, doubts_of_numbers
from services.parsing.number_parsers import UnreadQuantity
from services.parsing.number_result import Number, Refusal
from services.workflows.workflows import put_workflow

Row = Mapping[str, Any]


class Records:
    """The records of one kind within one transaction. `fields` says which column of the table a column sets, where
    the two are called differently; `named` which of those are names of something else.
    """

    kind: ClassVar[Kind]
    table: ClassVar[type[Part]]
    put: ClassVar[Callable[..., Part]]
    fields: ClassVar[Mapping[str, str]] = {}

    def __init__(self, session: Session, engagement: Engagement, today: date):
        self.session, self.engagement, self.today = session, engagement, today
        self.named = self.names()
        rows = session.scalars(select(self.table).where(self.table.engagement_id == engagement.id))
        self.stored = {self.kind.key_of(self.file_values(record)): record for record in rows}

    def names(self) -> dict[str, Names]:
        """Return what columns refer to, by column."""
        return {}

    def file_values(self, record: Any) -> dict[str, Any]:
        """Return the record as a row of a file would tell it."""
        values = {}
        for column in self.kind.names:
            value = getattr(record, self.fields.get(column, column))
            values[column] = self.named[column].name_of(value) if column in self.named else value
        return values

    def check(self, line: int, row: dict[str, Any], problems: Problems) -> None:
        """Add what is wrong with the names in `row`."""
        for column, names in self.named.items():
            if row.get(column) is not None and (problem := names.problem(line, column, row[column])):
                problems.add(problem)

    def values_to_set(self, row: Row, record: Any | None) -> dict[str, Any]:
        """Return what `row` sets, by the table's columns. A record that is there keeps the spelling of its key."""
        values = self.kind.completed(row) if record is None else row
        return {
            self.fields.get(column, column): self.named[column].id_of(value)
            if column in self.named
            else value
            for column, value in values.items()
            if record is None or column not in self.kind.key
        }

    def set(self, row: Row, record: Any | None) -> Any:
        """Set the record, or add one. Raises HeadwayError, with the table's column where one is to blame."""
        return type(self).put(
            self.session, self.engagement, self.values_to_set(row, record), record, self.today
        )

    def known(self, column: str) -> list[str]:
        """Return the names that are stored already in a column: others may be meant to be the same."""
        stored = (self.file_values(record).get(column) for record in self.stored.values())
        return sorted({text for text in stored if isinstance(text, str)})

    def merged_names(self) -> dict[str, str]:
        """Return the persons' keys of spellings that somebody merged with another name, by the spellings' keys."""
        return {}

    def column_of(self, field: str | None) -> str | None:
        """Return the file's column that sets the table's column `field`."""
        back = {table: column for column, table in self.fields.items()}
        return back.get(field, field) if field else None

    def notes(self) -> list[str]:
        """Return what a person should know of what was set."""
        return []

    def doubts(self) -> list[Doubt]:
        """Return what looks odd in what was set."""
        return []


class Systems(Records):
    kind, table, put = kinds.SYSTEMS, System, put_system


class Dependencies(Records):
    kind, table, put = kinds.DEPENDENCIES, Dependency, put_dependency
    fields = {"from": "from_id", "to": "to_id"}

    def names(self) -> dict[str, Names]:
        systems = _systems(self.session, self.engagement)
        return {"from": systems, "to": systems}


class PainPoints(Records):
    kind, table, put = kinds.PAIN_POINTS, PainPoint, put_pain_point
    fields = {"system": "system_id"}

    def names(self) -> dict[str, Names]:
        return {"system": _systems(self.session, self.engagement)}


def merged_spellings(interviews: Iterable[Part]) -> dict[str, str]:
    """Return the persons' keys of interviewees' spellings that somebody merged, by the spellings' keys."""
    return {
        normalize_name(row.interviewee): row.person
        for row in interviews
        if isinstance(row, Interview) and row.same_as
    }


class Interviews(Records):
    """A row up to today tells of an interview that was held, a later one of a plan."""

    kind, table, put = kinds.INTERVIEWS, Interview, put_interview

    def file_values(self, record: Interview) -> dict[str, Any]:
        values = {name: getattr(record, name) for name in self.kind.names if name != "date"}
        return values | {"date": record.held_on or record.planned_on, "held": record.held_on is not None}

    def merged_names(self) -> dict[str, str]:
        return merged_spellings(self.stored.values())

    def values_to_set(self, row: Row, record: Interview | None) -> dict[str, Any]:
        given = super().values_to_set(row, record)
        given.pop("date", None)
        if row["date"] <= self.today:
            given["held_on"] = row["date"]
        elif record is None:
            given |= {"planned_on": row["date"], "held_on": None}
        return given

    def column_of(self, field: str | None) -> str | None:
        return "date" if field in ("held_on", "planned_on") else field


class Frictions(Records):
    kind, table, put = kinds.FRICTIONS, Friction, put_friction
    fields = {"system": "system_id", "workflow": "workflow_id"}

    def names(self) -> dict[str, Names]:
        known = interviews_of(self.session, self.engagement)
        self.interviews = {
            (row.held_on or row.planned_on, normalize_name(row.interviewee)): row for row in known
        }
        self.interview_by_id = {interview.id: interview for interview in known}
        workflows = Names(self.session, self.engagement, Workflow.name, "a workflow that is recorded")
        return {"system": _systems(self.session, self.engagement), "workflow": workflows}

    def merged_names(self) -> dict[str, str]:
        return merged_spellings(self.interview_by_id.values())

    def file_values(self, record: Friction) -> dict[str, Any]:
        interview = self.interview_by_id[record.interview_id]
        return {
            "date": interview.held_on or interview.planned_on,
            "interviewee": interview.interviewee,
            **{name: getattr(record, name) for name in ("theme", "observed", "severity", "frequency")},
            "system": self.named["system"].name_of(record.system_id),
            "workflow": self.named["workflow"].name_of(record.workflow_id),
        }

    def check(self, line: int, row: dict[str, Any], problems: Problems) -> None:
        super().check(line, row, problems)
        person, day = row["interviewee"], row["date"]
        if person and day and (day, normalize_name(person)) not in self.interviews:
            reason = f"“{shown(person)}” has no interview on {day}; record or import it first"
            problems.add(
                Problem(line, "date, interviewee", f"{day}, {shown(person)}", "an interview", reason)
            )

    def values_to_set(self, row: Row, record: Friction | None) -> dict[str, Any]:
        given = super().values_to_set(row, record)
        if record is None:
            del given["date"], given["interviewee"]
            given["interview_id"] = self.interviews[row["date"], normalize_name(row["interviewee"])].id
        return given

    def column_of(self, field: str | None) -> str | None:
        return "date" if field == "interview_id" else super().column_of(field)


class Workflows(Records):
    kind, table, put = kinds.WORKFLOWS, Workflow, put_workflow
    fields = {"metric": "metric_id"}

    def names(self) -> dict[str, Names]:
        self.systems = _systems(self.session, self.engagement)
        return {"metric": Names(self.session, self.engagement, Metric.slug, "a metric that is defined")}

    def file_values(self, record: Workflow) -> dict[str, Any]:
        values = {name: getattr(record, name) for name in ("name", "state", "live_on", "fallback")}
        rehearsed = select(Rehearsal.rehearsed_on).where(Rehearsal.workflow_id == record.id)
        used = select(WorkflowSystem.system_id).where(WorkflowSystem.workflow_id == record.id)
        return values | {
            "rehearsed_on": sorted(self.session.scalars(rehearsed)),
            "systems": sorted(
                name for row_id in self.session.scalars(used) if (name := self.systems.name_of(row_id))
            ),
            "metric": self.named["metric"].name_of(record.metric_id),
        }

    def check(self, line: int, row: dict[str, Any], problems: Problems) -> None:
        super().check(line, row, problems)
        for name in row.get("systems") or []:
            if problem := self.systems.problem(line, "systems", name):
                problems.add(problem)

    def values_to_set(self, row: Row, record: Workflow | None) -> dict[str, Any]:
        given = super().values_to_set(row, record)
        if "systems" in given:
            given["system_ids"] = [self.systems.id_of(name) for name in given.pop("systems") or []]
        return given


QUANTITIES = ("baseline", "target", "step_30", "step_60")


class Metrics(Records):
    kind, table, put = kinds.METRICS, Metric, put_metric

    def __init__(self, session: Session, engagement: Engagement, today: date):
        super().__init__(session, engagement, today)
        query = select(SignOff.metric_id, SignOff.digest).where(SignOff.engagement_id == engagement.id)
        self.signed = set(session.execute(query).tuples())
        self.broken = 0
        self.numbers: dict[str, list[tuple[int, Number, str]]] = {}

    def file_values(self, record: Metric) -> dict[str, Any]:
        values = super().file_values(record)
        for column in QUANTITIES:
            if values[column] is not None:
                values[column] = f"{plain_text(values[column])} {record.unit}"
        return values

    def check(self, line: int, row: dict[str, Any], problems: Problems) -> None:
        super().check(line, row, problems)
        record = self.stored.get(self.kind.key_of(row)) if row["slug"] else None
        unit_name = row.get("unit") or (record.unit if isinstance(record, Metric) else None)
        for column in QUANTITIES:
            if isinstance(quantity := row.get(column), UnreadQuantity):
                row[column] = self._number(line, column, quantity, unit_name, problems)

    def _number(
        self, line: int, column: str, quantity: UnreadQuantity, unit_name: str | None, problems: Problems
    ) -> float | None:
        """Return the quantity in the metric's unit; None where it can't be read, or has no unit to be read in."""
        try:
            declared = unit(unit_name or "")
        except Invalid:
            return None  # the metric is refused for its unit
        number = quantity.read(declared)
        if isinstance(number, Refusal):
            expected = f"a value in {declared.name}"
            problems.add(Problem(line, column, shown(number.seen), expected, number.sentence))
            return None
        if number.doubt:
            self.numbers.setdefault(column, []).append((line, number, declared.name))
        return number.value

    def doubts(self) -> list[Doubt]:
        return [doubt for column, read in self.numbers.items() for doubt in doubts_of_numbers(read, column)]

    def set(self, row: Row, record: Metric | None) -> Metric:
        was_signed = record is not None and (record.id, record.digest()) in self.signed
        metric: Metric = super().set(row, record)
        self.broken += was_signed and (metric.id, metric.digest()) not in self.signed
        return metric

    def notes(self) -> list[str]:
        if not self.broken:
            return []
        return [
            f"This breaks the sponsor's signature under {count(self.broken, 'metric')}: sign anew after it."
        ]


def _systems(session: Session, engagement: Engagement) -> Names:
    return Names(session, engagement, System.name, "a system in the inventory")


RECORDS: dict[str, type[Records]] = {
    each.kind.name: each
    for each in (Systems, Dependencies, PainPoints, Interviews, Frictions, Workflows, Metrics)
}

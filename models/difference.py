"""The difference of two states: what was met, slipped, came, went, was corrected, re-defined, signed or broken.

Each change holds the old words beside the new ones. Read backwards, the difference is the same one mirrored: what was
met is met no longer, what came is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from models.engagement import Engagement
from models.health import health_from
from models.milestones import MilestoneState, MilestoneStatus, milestone_statuses
from models.outcomes import outcomes
from models.status import WORST_FIRST, Status
from models.summary import MetricFacts, Summary, WorkflowFacts, summarise
from models.units import unit
from models.wording import count, day_month, join_list


class Kind(StrEnum):
    """What happened. The value is the word people read."""

    MET = "met"
    UNMET = "no longer met"
    SLIPPED = "slipped"
    SOONER = "sooner"
    NEW = "new"
    GONE = "gone"
    CORRECTED = "corrected"
    REDEFINED = "re-defined"
    SIGNED = "signed"
    UNSIGNED = "no longer signed"
    BROKEN = "broken"
    MENDED = "mended"
    BETTER = "better"
    WORSE = "worse"
    LIVE = "live"
    NOT_LIVE = "not live"
    DECIDED = "decided"
    REOPENED = "reopened"
    BEGUN = "begun"
    PUT_BACK = "put back"
    WAIVED = "waived"
    UNWAIVED = "no longer waived"
    KNOWN = "now known"
    UNKNOWN = "no longer known"

    @property
    def opposite(self) -> Kind:
        """What it is when it is read backwards."""
        return _OPPOSITE[self]

    @property
    def status(self) -> Status:
        """The status whose icon and colour it is shown with."""
        return _STATUS[self]


_PAIRS = [
    (Kind.MET, Kind.UNMET), (Kind.SLIPPED, Kind.SOONER), (Kind.NEW, Kind.GONE), (Kind.CORRECTED, Kind.CORRECTED),
    (Kind.REDEFINED, Kind.REDEFINED), (Kind.SIGNED, Kind.UNSIGNED), (Kind.BROKEN, Kind.MENDED),
    (Kind.BETTER, Kind.WORSE), (Kind.LIVE, Kind.NOT_LIVE), (Kind.DECIDED, Kind.REOPENED), (Kind.BEGUN, Kind.PUT_BACK),
    (Kind.WAIVED, Kind.UNWAIVED), (Kind.KNOWN, Kind.UNKNOWN),
]  # fmt: skip
_OPPOSITE = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
_BAD = {Kind.UNMET, Kind.BROKEN, Kind.UNSIGNED, Kind.NOT_LIVE}
_DOUBTFUL = {
    Kind.SLIPPED,
    Kind.WORSE,
    Kind.CORRECTED,
    Kind.REDEFINED,
    Kind.REOPENED,
    Kind.PUT_BACK,
    Kind.UNKNOWN,
}
_PLAIN = {Kind.NEW, Kind.GONE, Kind.WAIVED, Kind.UNWAIVED, Kind.KNOWN}
_STATUS = {
    kind: Status.OFF_TRACK if kind in _BAD else Status.AT_RISK if kind in _DOUBTFUL
    else Status.PLANNED if kind in _PLAIN else Status.DONE if kind is Kind.MET else Status.ON_TRACK
    for kind in Kind
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One thing that differs: what it is about, its words before and after, and the page where it can be seen."""

    kind: Kind
    about: str
    old: str
    new: str
    page: str

    @property
    def mirrored(self) -> Change:
        """The same change, read backwards."""
        return replace(self, kind=self.kind.opposite, old=self.new, new=self.old)


@dataclass(frozen=True)
class DatedState:
    """A state as it stood on a date, with what the rules say of it then."""

    engagement: Engagement
    on: date
    summary: Summary

    @staticmethod
    def of(engagement: Engagement, on: date) -> DatedState:
        return DatedState(engagement, on, summarise(engagement))


NOTHING = "not there"


def difference(before: DatedState, after: DatedState) -> list[Change]:
    """What differs between two moments of an engagement, in the order in which a reader wants to know it."""
    parts = (_health, _milestones, _metrics, _seals, _workflows, _decisions, _evidence)
    return [change for part in parts for change in part(before, after)]


def _health(before: DatedState, after: DatedState) -> Iterator[Change]:
    old, new = (_checks(moment) for moment in (before, after))
    for name in old:
        was, now = old[name], new[name]
        if was is not now:
            yield Change(_towards(was, now), name, was.word, now.word, "overview")


def _checks(moment: DatedState) -> dict[str, Status]:
    summary, on = moment.summary, moment.on
    judged = health_from(summary, milestone_statuses(summary, on), outcomes(summary, on), on)
    checks = {f"Health: {check.name}": check.status for check in judged.checks}
    return {"Health": judged.status} | checks


def _towards(was: Status, now: Status) -> Kind:
    """What a status came to. What isn't known any more is never an improvement."""
    if Status.NOT_KNOWN in (was, now):
        return Kind.UNKNOWN if now is Status.NOT_KNOWN else Kind.KNOWN
    return Kind.BETTER if WORST_FIRST.index(now) > WORST_FIRST.index(was) else Kind.WORSE


def _milestones(before: DatedState, after: DatedState) -> Iterator[Change]:
    old, new = (
        {row.milestone.id: row for row in milestone_statuses(m.summary, m.on)} for m in (before, after)
    )
    yield from _came_and_went(old, new, lambda row: row.milestone.name, _stands, "plan")
    for was, now in _both(old, new):
        done = MilestoneState.DONE
        if (was.state is done) is not (now.state is done):
            kind = Kind.MET if now.state is done else Kind.UNMET
        elif was.milestone.due_on != now.milestone.due_on:
            kind = Kind.SLIPPED if now.milestone.due_on > was.milestone.due_on else Kind.SOONER
        elif was.state is done and was.ends_on != now.ends_on:
            kind = Kind.CORRECTED
        elif was.state is not now.state:
            kind = _moved(was.state, now.state)
        elif was.is_open and was.ends_on != now.ends_on and (was.slip > 0 or now.slip > 0):
            later = (now.ends_on or date.max) > (was.ends_on or date.max)
            kind = Kind.SLIPPED if later else Kind.SOONER
        else:
            continue
        yield Change(kind, now.milestone.name, _stands(was), _stands(now), "plan")


def _moved(was: MilestoneState, now: MilestoneState) -> Kind:
    """What happened to a milestone that wasn't done and isn't."""
    if MilestoneState.WAIVED in (was, now):
        return Kind.WAIVED if now is MilestoneState.WAIVED else Kind.UNWAIVED
    if {was, now} == {MilestoneState.PLANNED, MilestoneState.IN_PROGRESS}:
        return Kind.BEGUN if was is MilestoneState.PLANNED else Kind.PUT_BACK
    return Kind.BETTER if _WORST_MILESTONES.index(now) > _WORST_MILESTONES.index(was) else Kind.WORSE


_WORST_MILESTONES = [
    MilestoneState.LATE, MilestoneState.AT_RISK, MilestoneState.PLANNED, MilestoneState.IN_PROGRESS,
]  # fmt: skip


def _stands(row: MilestoneStatus) -> str:
    due = f"due {day_month(row.milestone.due_on)}"
    if row.state is MilestoneState.DONE:
        return f"done {day_month(row.ends_on)}"
    if row.state is MilestoneState.WAIVED:
        return f"waived, {due}"
    expected = (
        f", expected {day_month(row.ends_on)}" if row.ends_on and row.ends_on != row.milestone.due_on else ""
    )
    return f"{row.state.value}, {due}{expected}"


def _metrics(before: DatedState, after: DatedState) -> Iterator[Change]:
    old, new = ({metric.slug: metric for metric in m.summary.metrics} for m in (before, after))
    yield from _came_and_went(old, new, lambda metric: metric.name, _promise, "metrics")
    definitions = [
        {metric.slug: metric.definition() for metric in m.engagement.metrics} for m in (before, after)
    ]
    stood = [{row.metric.slug: row for row in outcomes(m.summary, m.on)} for m in (before, after)]
    for was, now in _both(old, new):
        slug = now.slug
        told = [
            _told(definition[slug], other[slug]) for definition, other in (definitions, definitions[::-1])
        ]
        if told[0]:
            yield Change(Kind.REDEFINED, now.name, told[0], told[1], "metrics")
        if was.last_on == now.last_on and was.current != now.current:
            yield Change(Kind.CORRECTED, now.name, _current(was), _current(now), "metrics")
        statuses = [row[slug].status for row in stood]
        if statuses[0] is not statuses[1]:
            words = [f"{row[slug].status.word}: {row[slug].reason}" for row in stood]
            yield Change(_towards(*statuses), now.name, *words, "metrics")


def _told(one: dict[str, object], other: dict[str, object]) -> str:
    """The fields of a definition that differ from the other one, with their values: "target 90 s, target day 80"."""
    said = []
    for name, value in one.items():
        if value != other.get(name):
            shown = value
            if name in ("baseline", "target") and value is not None:
                shown = unit(str(one["unit"])).say(value)  # type: ignore[arg-type]
            said.append(f"{name.replace('_', ' ')} {'not given' if shown in (None, '') else shown}")
    return ", ".join(said)


def _promise(metric: MetricFacts) -> str:
    measure = unit(metric.unit)
    start, end = (
        "not known" if value is None else measure.say(value) for value in (metric.baseline, metric.target)
    )
    return f"from {start} to {end}"


def _current(metric: MetricFacts) -> str:
    return "nothing measured" if metric.current is None else unit(metric.unit).say(metric.current)


def _seals(before: DatedState, after: DatedState) -> Iterator[Change]:
    old, new = ({metric.slug: metric for metric in m.summary.metrics} for m in (before, after))
    for was, now in _both(old, new):
        if was.seal == now.seal:
            continue
        if now.seal == "broken" or was.seal == "broken":
            kind = Kind.BROKEN if now.seal == "broken" else Kind.MENDED
        else:
            kind = Kind.SIGNED if now.seal == "signed" else Kind.UNSIGNED
        yield Change(kind, now.name, _seal(was), _seal(now), "metrics")


def _seal(metric: MetricFacts) -> str:
    if metric.seal == "signed":
        return f"signed {day_month(metric.signed_on)}"
    return "signature broken by a change" if metric.seal == "broken" else "unsigned"


def _workflows(before: DatedState, after: DatedState) -> Iterator[Change]:
    old, new = ({flow.id: flow for flow in m.summary.workflows} for m in (before, after))
    yield from _came_and_went(old, new, lambda flow: flow.name, _flows, "workflows")
    for was, now in _both(old, new):
        if was.state != now.state:
            yield Change(_turned(was.state, now.state), now.name, _flows(was), _flows(now), "workflows")
        elif was.live_on != now.live_on:
            yield Change(Kind.CORRECTED, now.name, _flows(was), _flows(now), "workflows")


def _turned(was: str, now: str) -> Kind:
    """What a workflow's new state means."""
    for state, came, went in [("live", Kind.LIVE, Kind.NOT_LIVE), ("retired", Kind.GONE, Kind.NEW)]:
        if state in (was, now):
            return came if now == state else went
    return Kind.BEGUN if now == "building" else Kind.PUT_BACK


def _flows(flow: WorkflowFacts) -> str:
    return f"live since {day_month(flow.live_on)}" if flow.state == "live" else flow.state


def _decisions(before: DatedState, after: DatedState) -> Iterator[Change]:
    old, new = ({row.id: row for row in m.engagement.decisions} for m in (before, after))
    yield from _came_and_went(old, new, lambda row: row.title, _decision, "decisions")
    for was, now in _both(old, new):
        if was.is_open is not now.is_open:
            kind = Kind.REOPENED if now.is_open else Kind.DECIDED
        elif _decision(was) != _decision(now):
            kind = Kind.CORRECTED
        else:
            continue
        yield Change(kind, now.title, _decision(was), _decision(now), "decisions")


def _decision(row) -> str:
    if row.is_open:
        by = f"by {day_month(row.needed_by)}" if row.needed_by else "no date"
        return f"open, {row.owner}, {by}"
    return f"decided {day_month(row.decided_on)}: {row.outcome}"


_COUNTED: list[tuple[str, str, Callable[[DatedState], int], Callable[[int], str]]] = [
    ("Systems", "inventory", lambda m: m.summary.inventory.systems, lambda n: count(n, "system")),
    ("Fully described systems", "inventory", lambda m: len(m.summary.inventory.ready_on), lambda n: count(n, "system")),
    ("Pain points", "inventory", lambda m: len(m.summary.inventory.pain_points_on), lambda n: count(n, "pain point")),
    ("End users interviewed", "interviews", lambda m: len(m.summary.end_users_on), lambda n: count(n, "end user")),
    ("Frictions", "interviews", lambda m: m.summary.frictions, lambda n: count(n, "friction")),
    ("Trainings", "adoption", lambda m: len(m.summary.trainings_on), lambda n: count(n, "training")),
    ("Documents", "adoption", lambda m: len(m.engagement.documents), lambda n: count(n, "document")),
    ("Green runs", "workflows", lambda m: sum(len(p.green_on) for p in m.summary.pipelines),
     lambda n: count(n, "green run")),
]  # fmt: skip


def _evidence(before: DatedState, after: DatedState) -> Iterator[Change]:
    """Evidence by its number; where the number is the same but the dates moved, it was corrected."""
    for about, page, number, said in _COUNTED:
        was, now = number(before), number(after)
        if was != now:
            yield Change(Kind.NEW if now > was else Kind.GONE, about, said(was), said(now), page)
    dates = [moment.summary.end_users_on for moment in (before, after)]
    if len(dates[0]) == len(dates[1]) and dates[0] != dates[1]:
        words = [
            join_list([day_month(on) for on in _only(one, other)]) for one, other in (dates, dates[::-1])
        ]
        yield Change(Kind.CORRECTED, "Dates of interviews", *words, "interviews")


def _only(one: list[date], other: list[date]) -> list[date]:
    """The dates of one list that the other hasn't."""
    left = list(other)
    return [on for on in one if not (on in left and (left.remove(on) or True))]


Row = TypeVar("Row")
Key = TypeVar("Key")


def _came_and_went(
    old: dict[Key, Row],
    new: dict[Key, Row],
    name: Callable[[Row], str],
    said: Callable[[Row], str],
    page: str,
) -> Iterator[Change]:
    for key, row in new.items():
        if key not in old:
            yield Change(Kind.NEW, name(row), NOTHING, said(row), page)
    for key, row in old.items():
        if key not in new:
            yield Change(Kind.GONE, name(row), said(row), NOTHING, page)


def _both(old: dict[Key, Row], new: dict[Key, Row]) -> Iterator[tuple[Row, Row]]:
    return ((old[key], row) for key, row in new.items() if key in old)

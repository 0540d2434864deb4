"""The difference between two states: what was met, slipped, added, removed, corrected, re-defined, signed or broken.

Each change holds the old text and the new one. With the states swapped, every change becomes its opposite: what was met
is no longer met, what was new is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

from models.decisions import Decision
from models.engagement import Engagement
from models.health import health
from models.metric_difference import metric_changes, seal_changes
from models.milestones import MilestoneState, MilestoneStatus, milestone_statuses
from models.replacement_states import ReplacementState, ReplacementStatus, replacement_status
from models.state_changes import ABSENT, Change, DatedState, Kind, added_and_removed, in_both, status_change
from models.status import Status
from models.summary import Summary, WorkflowFacts
from models.wording import count, day_month, join_list


def difference(before: DatedState, after: DatedState) -> list[Change]:
    """Return what differs between two states of an engagement, the most important first."""
    parts = (
        _health,
        _milestones,
        metric_changes,
        seal_changes,
        _workflows,
        _replacements,
        _decisions,
        _costly,
        _contracts,
        _evidence,
    )
    return [change for part in parts for change in part(before, after)]


def _health(before: DatedState, after: DatedState) -> Iterator[Change]:
    old, new = (_checks(state) for state in (before, after))
    for name in old:
        was, now = old[name], new[name]
        if was is not now:
            yield Change(status_change(was, now), name, was.label, now.label, "overview")


def _checks(state: DatedState) -> dict[str, Status]:
    """Return the status of the health and of each check, by name."""
    current = health(state.summary, state.on)
    checks = {f"Health: {check.name}": check.status for check in current.checks}
    return {"Health": current.status} | checks


def _milestones(before: DatedState, after: DatedState) -> Iterator[Change]:
    old, new = (
        {row.milestone.id: row for row in milestone_statuses(state.summary, state.on)}
        for state in (before, after)
    )
    yield from added_and_removed(old, new, lambda row: row.milestone.name, _milestone_text, "plan")
    for was, now in in_both(old, new):
        kind = _milestone_change(was, now)
        if kind is not None:
            yield Change(kind, now.milestone.name, _milestone_text(was), _milestone_text(now), "plan")


def _milestone_change(was: MilestoneStatus, now: MilestoneStatus) -> Kind | None:
    done = MilestoneState.DONE
    if (was.state is done) is not (now.state is done):
        return Kind.MET if now.state is done else Kind.UNMET
    if was.milestone.due_on != now.milestone.due_on:
        return Kind.SLIPPED if now.milestone.due_on > was.milestone.due_on else Kind.SOONER
    if was.state is done and was.ends_on != now.ends_on:
        return Kind.CORRECTED
    if was.state is not now.state:
        return _state_change(was.state, now.state)
    if was.is_open and was.ends_on != now.ends_on and (was.slip > 0 or now.slip > 0):
        later = (now.ends_on or date.max) > (was.ends_on or date.max)
        return Kind.SLIPPED if later else Kind.SOONER
    return None


def _state_change(was: MilestoneState, now: MilestoneState) -> Kind:
    """Return the kind of a state's change, of a milestone that is done neither before nor after."""
    if MilestoneState.WAIVED in (was, now):
        return Kind.WAIVED if now is MilestoneState.WAIVED else Kind.UNWAIVED
    if {was, now} == {MilestoneState.PLANNED, MilestoneState.IN_PROGRESS}:
        return Kind.BEGUN if was is MilestoneState.PLANNED else Kind.PUT_BACK
    return Kind.BETTER if _WORST_STATES_FIRST.index(now) > _WORST_STATES_FIRST.index(was) else Kind.WORSE


_WORST_STATES_FIRST = [
    MilestoneState.LATE, MilestoneState.AT_RISK, MilestoneState.PLANNED, MilestoneState.IN_PROGRESS,
]  # fmt: skip


def _milestone_text(row: MilestoneStatus) -> str:
    due = f"due {day_month(row.milestone.due_on)}"
    if row.state is MilestoneState.DONE:
        return f"done {day_month(row.ends_on)}" if row.ends_on else "done"
    if row.state is MilestoneState.WAIVED:
        return f"waived, {due}"
    expected = (
        f", expected {day_month(row.ends_on)}" if row.ends_on and row.ends_on != row.milestone.due_on else ""
    )
    return f"{row.state.value}, {due}{expected}"


def _workflows(before: DatedState, after: DatedState) -> Iterator[Change]:
    old, new = ({flow.id: flow for flow in state.summary.workflows} for state in (before, after))
    yield from added_and_removed(old, new, lambda flow: flow.name, _workflow_text, "workflows")
    for was, now in in_both(old, new):
        if was.state != now.state:
            kind = _workflow_change(was.state, now.state)
        elif was.live_on != now.live_on:
            kind = Kind.CORRECTED
        else:
            continue
        yield Change(kind, now.name, _workflow_text(was), _workflow_text(now), "workflows")


def _workflow_change(was: str, now: str) -> Kind:
    for state, entered, left in [("live", Kind.LIVE, Kind.NOT_LIVE), ("retired", Kind.GONE, Kind.NEW)]:
        if state in (was, now):
            return entered if now == state else left
    return Kind.BEGUN if now == "building" else Kind.PUT_BACK


def _workflow_text(flow: WorkflowFacts) -> str:
    if flow.state == "live" and flow.live_on is not None:
        return f"live since {day_month(flow.live_on)}"
    return flow.state


def _replacements(before: DatedState, after: DatedState) -> Iterator[Change]:
    old, new = (
        {row.id: replacement_status(row, state.on) for row in state.summary.replacements}
        for state in (before, after)
    )
    yield from added_and_removed(
        old, new, lambda row: row.replacement.name, _replacement_text, "replacements"
    )
    for was, now in in_both(old, new):
        texts = _replacement_text(was), _replacement_text(now)
        if texts[0] != texts[1]:
            yield Change(_replacement_change(was, now), now.replacement.name, *texts, "replacements")


def _replacement_change(was: ReplacementStatus, now: ReplacementStatus) -> Kind:
    """Return the kind of a replacement's change. What was cut over without an open gate is never shown as progress."""
    ungated = ReplacementState.UNGATED
    if ungated in (was.state, now.state) and was.state is not now.state:
        return Kind.BROKEN if now.state is ungated else Kind.MENDED
    if (was.cut_over_on is None) is not (now.cut_over_on is None):
        return Kind.LIVE if was.cut_over_on is None else Kind.NOT_LIVE
    retired = ReplacementState.RETIRED
    if (was.state is retired) is not (now.state is retired):
        return Kind.MET if now.state is retired else Kind.UNMET
    if was.late is not now.late:
        return Kind.WORSE if now.late else Kind.BETTER
    if was.share != now.share:
        return Kind.BEGUN if now.share > was.share else Kind.PUT_BACK
    return Kind.CORRECTED


def _replacement_text(row: ReplacementStatus) -> str:
    return f"{row.text}, late" if row.late else row.text


def _decisions(before: DatedState, after: DatedState) -> Iterator[Change]:
    old, new = ({row.id: row for row in state.engagement.decisions} for state in (before, after))
    yield from added_and_removed(old, new, lambda row: row.title, _decision_text, "decisions")
    for was, now in in_both(old, new):
        if was.is_open is not now.is_open:
            kind = Kind.REOPENED if now.is_open else Kind.DECIDED
        elif _decision_text(was) != _decision_text(now):
            kind = Kind.CORRECTED
        else:
            continue
        yield Change(kind, now.title, _decision_text(was), _decision_text(now), "decisions")


def _decision_text(row: Decision) -> str:
    if row.decided_on is None:
        by = f"by {day_month(row.needed_by)}" if row.needed_by else "no date"
        return f"open, {row.owner}, {by}"
    return f"decided {day_month(row.decided_on)}: {row.outcome}"


def _costly(before: DatedState, after: DatedState) -> Iterator[Change]:
    """Compare which systems are the costliest, by the newest survey of each repository."""
    old, new = (
        {(survey.repository, row.name) for survey in state.summary.surveys for row in survey.costly}
        for state in (before, after)
    )
    for repository, name in sorted(new - old):
        yield Change(Kind.NEW, name, ABSENT, f"among the costliest of {repository}", "inventory")
    for repository, name in sorted(old - new):
        yield Change(Kind.GONE, name, f"among the costliest of {repository}", ABSENT, "inventory")


def _contracts(before: DatedState, after: DatedState) -> Iterator[Change]:
    """Compare the states of contracts, each on its own date."""
    old, new = (
        {row.id: (row.name, row.status(state.on)) for row in state.summary.contracts}
        for state in (before, after)
    )
    yield from added_and_removed(old, new, lambda row: row[0], lambda row: row[1].state.value, "inventory")
    for (_, was), (name, now) in in_both(old, new):
        if was.state is not now.state:
            kind = status_change(was.state.status, now.state.status)
            if was.state.status is now.state.status:
                kind = Kind.CORRECTED
            yield Change(kind, name, was.state.value, now.state.value, "inventory")


# What is compared by number: its title, its page, the number in a state, and the noun.
_COUNTED: list[tuple[str, str, Callable[[DatedState], int], str]] = [
    ("Systems", "inventory", lambda state: state.summary.inventory.systems, "system"),
    ("Fully described systems", "inventory", lambda state: len(state.summary.inventory.ready_on), "system"),
    ("Pain points", "inventory", lambda state: len(state.summary.inventory.pain_points_on), "pain point"),
    ("End users interviewed", "interviews", lambda state: len(state.summary.end_users_on), "end user"),
    ("Frictions", "interviews", lambda state: state.summary.frictions, "friction"),
    ("Trainings", "adoption", lambda state: len(state.summary.trainings_on), "training"),
    ("Surveys", "inventory", lambda state: len(state.engagement.surveys), "survey"),
    ("Versions of contracts", "inventory", lambda state: _versions(state.engagement), "version"),
    ("Trials of tools", "decisions", lambda state: len(state.engagement.trials), "trial"),
    ("Documents", "adoption", lambda state: len(state.engagement.documents), "document"),
    ("Green runs", "workflows", lambda state: _green_runs(state.summary), "green run"),
    ("Rehearsals of fallbacks", "workflows", lambda state: len(state.engagement.rehearsals), "rehearsal"),
    ("Proofs", "replacements", lambda state: _proofs(state.engagement), "proof"),
    ("Approved cutovers", "replacements", lambda state: _cutovers(state.summary), "cutover"),
    ("Waivers of checks", "replacements", lambda state: _gate_waivers(state), "waiver"),
]


def _evidence(before: DatedState, after: DatedState) -> Iterator[Change]:
    """Compare how much evidence there is. The same number of interviews on other dates is a correction."""
    for about, page, number, noun in _COUNTED:
        was, now = number(before), number(after)
        if was != now:
            kind = Kind.NEW if now > was else Kind.GONE
            yield Change(kind, about, count(was, noun), count(now, noun), page)
    old, new = before.summary.end_users_on, after.summary.end_users_on
    if len(old) == len(new) and old != new:
        yield Change(
            Kind.CORRECTED,
            "Dates of interviews",
            _dates_only_in(old, new),
            _dates_only_in(new, old),
            "interviews",
        )


def _versions(engagement: Engagement) -> int:
    return sum(len(contract.versions) for contract in engagement.contracts)


def _green_runs(summary: Summary) -> int:
    return sum(len(pipeline.green_on) for pipeline in summary.pipelines)


def _proofs(engagement: Engagement) -> int:
    return sum(proof.withdrawn_on is None for row in engagement.replacements for proof in row.proofs)


def _cutovers(summary: Summary) -> int:
    return sum(len(row.cutovers) for row in summary.replacements)


def _gate_waivers(state: DatedState) -> int:
    rows = state.engagement.replacements
    return sum(waiver.is_in_force(state.on) for row in rows for waiver in row.waivers)


def _dates_only_in(dates: list[date], others: list[date]) -> str:
    """Return the sorted `dates` that `others` lacks, as a list in a sentence; a date in it twice counts twice."""
    only = Counter(dates) - Counter(others)
    return join_list([day_month(on) for on in sorted(only.elements())])

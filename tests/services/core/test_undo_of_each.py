"""Undo, by kind: every use case can be undone or says why not, and undoing each leaves everything as it was before.

Here each use case of UNDOABLE is carried out and undone in one engagement that has something of everything.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import services
from models.append_only import GUARDS
from models.base import Part
from models.database import engine, read_connection
from models.events import CATALOGUE
from models.journal import JournalEntry
from models.measurements import MeasurementBatch
from models.people import Actor
from services.core import undo
from services.core.undoable import UNDOABLE, WITHOUT_UNDO
from services.interviews import frictions, interviews, same_person
from services.interviews.frictions import FrictionEdits
from services.inventory import dependencies, pain_points, systems
from services.measurements import batches, corrections, grid_entry, pulling
from services.metrics import phases
from services.notes import notes
from services.operations.journal_check import verify
from services.plan import cycles, decisions, milestones, trials
from services.replacements import proofs, replacements, traces
from services.runbooks import runbooks
from services.workflows import adoption, pipelines, workflows
from store.table_rows import rows_of_each
from tests.builders import an_actor, noon, on_day, the_operator, the_state
from tests.db_snapshots import once_a_run
from tests.services.core.engagement_with_all_parts import (
    a_trial,
    engagement_with_all_parts,
    named,
    of_part,
    the_batches,
)
from tests.services.replacements.cutting_over import DAY
from tests.services.runbooks.builders import a_step

TODAY = on_day(DAY)
REMOVES = ("remove", "drop", "withdraw", "revoke", "take back", "stop", "retire", "decline")


def seen(row: Any, *given: Any) -> tuple[Any, ...]:
    return (row.id, row.version, *given)


def milestone_id() -> int:
    return the_state().cycles[0].milestones[0].id


def edit_systems(mei: Actor) -> None:
    ledger = named("systems", "Ledger")
    systems.save(mei, "acme", added=[{"name": "Portal"}], changed=[seen(ledger, {"owner": "Sam"})])


def edit_dependencies(mei: Actor) -> None:
    (row,) = the_state().dependencies
    added = [{"from": "Ledger", "to": "intake-api", "kind": "event"}]
    dependencies.save(mei, "acme", added=added, removed=[seen(row)])


def save_frictions(mei: Actor) -> None:
    first, second, _ = the_state().frictions
    changed = [(second.id, second.version, {"severity": 1})]
    frictions.save(mei, "acme", FrictionEdits(changed=changed, removed=[(first.id, first.version)]))


def remove_interview(mei: Actor) -> None:
    row = the_state().interviews[0]
    interviews.remove_interview(mei, "acme", row.id, with_frictions=1, seen=row.version)


def edit_steps(mei: Actor) -> None:
    (book,) = of_part("runbook")
    first, second = of_part("runbook_step")
    changed = [(first, None, {"title": "Freeze all", "minutes": 7})]
    added = [a_step("3", "Look", "1", 2, "")]
    runbooks.save_steps(mei, "acme", book, changed=changed, added=added, removed=[(second, None)])


def the_metric() -> int:
    return named("metrics", "Wait").id


def the_decision() -> Any:
    return named("decisions", "Which tool")


def the_bare() -> int:
    return named("replacements", "Empty").id


DOING: dict[str, Callable[[Actor], object]] = {
    "edit the systems": edit_systems,
    "edit the dependencies": edit_dependencies,
    "edit the pain points": lambda mei: pain_points.save(
        mei, "acme", removed=[seen(the_state().pain_points[0])]
    ),
    "declare a dependency seen in traces": lambda mei: traces.declare_seen_call(
        mei, "acme", named("systems", "Ledger").id, named("systems", "intake-api").id
    ),
    "plan an interview": lambda mei: interviews.plan_interview(
        mei, "acme", {"interviewee": "Cy Poe", "planned_on": on_day(50)}
    ),
    "record an interview": lambda mei: interviews.record_interview(
        mei, "acme", {"interviewee": "Cy Poe", "held_on": on_day(9)},
        FrictionEdits([{"observed": "Types twice", "theme": "typing", "severity": 2, "frequency": "daily"}]),
    ),
    "change an interview": lambda mei: interviews.change_interview(
        mei, "acme", the_state().interviews[0].id, {"role": "Head of clerks"}
    ),
    "remove an interview": remove_interview,
    "save frictions": save_frictions,
    "rename a theme": lambda mei: frictions.rename_theme(mei, "acme", "waiting", "delay"),
    "merge two spellings of a person": lambda mei: same_person.merge_people(mei, "acme", "Ann Lee", "Bob Ray"),
    "take two spellings of a person apart": lambda mei: same_person.take_apart(mei, "acme", "A. Lee"),
    "record measurements": lambda mei: grid_entry.save_rows(
        mei, "acme", the_metric(), [{"at": f"{on_day(8)}", "value": "2 h"}]
    ),
    "correct a measurement": lambda mei: corrections.correct(
        mei, "acme", the_metric(), noon(6).replace(hour=0), "2 h", "Mistyped"
    ),
    "withdraw measurements": lambda mei: batches.withdraw(mei, "acme", the_batches()[1]),
    "reinstate measurements": lambda mei: batches.reinstate(mei, "acme", the_batches()[0]),
    "name the cause of a change": lambda mei: phases.begin_phase(
        mei, "acme", the_metric(), on_day(30), "A second queue"
    ),
    "take back a phase": lambda mei: phases.remove_phase(mei, "acme", of_part("metric_phase")[0]),
    "stop pulling a metric": lambda mei: pulling.stop(mei, "acme", "wait"),
    "add a workflow": lambda mei: workflows.add_workflow(mei, "acme", {"name": "Payout"}),
    "change a workflow": lambda mei: workflows.change_workflow(
        mei, "acme", named("workflows", "Draft").id, {"name": "Final", "system_ids": []}
    ),
    "go live": lambda mei: workflows.go_live(mei, "acme", named("workflows", "Draft").id, live_on=on_day(40)),
    "rehearse the fallback": lambda mei: workflows.rehearse_fallback(
        mei, "acme", named("workflows", "Draft").id, rehearsed_on=on_day(9), worked=False, minutes=9
    ),
    "link frictions to a workflow": lambda mei: workflows.link_frictions(
        mei, "acme", named("workflows", "Draft").id, [the_state().frictions[1].id]
    ),
    "remove a workflow": lambda mei: workflows.remove_workflow(mei, "acme", named("workflows", "Draft").id),
    "declare a pipeline": lambda mei: pipelines.add_pipeline(mei, "acme", {"name": "Side", "kind": "test"}),
    "change a pipeline": lambda mei: pipelines.change_pipeline(
        mei, "acme", of_part("pipeline")[0], {"name": "Trunk"}
    ),
    "remove a pipeline": lambda mei: pipelines.remove_pipeline(mei, "acme", of_part("pipeline")[0]),
    "report a run": lambda mei: pipelines.report_run(
        mei, "acme", of_part("pipeline")[0], ran_on=on_day(9), green=True, link="https://ci.example/2"
    ),
    "record a training": lambda mei: adoption.record_training(
        mei, "acme", {"title": "Second", "held_on": on_day(19), "invited": 4, "attended": 4}
    ),
    "change a training": lambda mei: adoption.change_training(
        mei, "acme", of_part("training")[0], {"attended": 9, "title": "Kick-off"}
    ),
    "remove a training": lambda mei: adoption.remove_training(mei, "acme", of_part("training")[0]),
    "publish a document": lambda mei: adoption.publish_document(
        mei, "acme", {"title": "More", "link": "https://more.example", "published_on": on_day(9)}
    ),
    "change a document": lambda mei: adoption.change_document(
        mei, "acme", of_part("document")[0], {"link": "https://new.example"}
    ),
    "remove a document": lambda mei: adoption.remove_document(mei, "acme", of_part("document")[0]),
    "add a milestone": lambda mei: milestones.add_milestone(
        mei, "acme", phase_id=of_part("phase")[1], name="Own", start_day=40, due_day=50
    ),
    "change a milestone": lambda mei: milestones.change_milestone(
        mei, "acme", milestone_id(), name="Systems listed", start_day=2, due_day=29, needed=1, seen=None
    ),
    "link evidence": lambda mei: milestones.link_evidence(
        mei, "acme", of_part("milestone")[-1], title="List", link="https://list.example", dated=on_day(9)
    ),
    "state a claim": lambda mei: milestones.state_claim(
        mei, "acme", milestone_id(), says="done", reason="Seen", expires_on=on_day(DAY + 3)
    ),
    "withdraw a claim": lambda mei: milestones.withdraw_claim(mei, "acme", of_part("claim")[0]),
    "waive a milestone": lambda mei: milestones.waive(
        mei, "acme", milestone_id(), reason="Later", approver="Dana", expires_on=on_day(DAY + 3)
    ),
    "revoke a waiver": lambda mei: milestones.revoke_waiver(mei, "acme", of_part("waiver")[0]),
    "plan the next cycle": lambda mei: cycles.plan_next_cycle(mei, "acme"),
    "ask for a decision": lambda mei: decisions.request_decision(
        mei, "acme", title="Fund it", owner="Dana", needed_by=on_day(60)
    ),
    "decide": lambda mei: decisions.decide(
        mei, "acme", the_decision().id, decided_on=TODAY, outcome="Jaeger", rests_on="The trials"
    ),
    "record a decision": lambda mei: decisions.record_decision(
        mei, "acme", {"title": "Go on", "owner": "Dana", "decided_on": TODAY, "outcome": "Yes", "rests_on": "All"}
    ),
    "change a decision": lambda mei: decisions.change_decision(
        mei, "acme", the_decision().id, {"owner": "Mei Tan"}
    ),
    "drop a decision": lambda mei: decisions.drop_decision(mei, "acme", the_decision().id),
    "record a trial": lambda mei: trials.record_trial(
        mei, "acme", the_decision().id, a_trial("Jaeger", "build", "Bob")
    ),
    "remove a trial": lambda mei: trials.remove_trial(mei, "acme", of_part("trial")[0]),
    "conclude trials": lambda mei: trials.conclude_trials(mei, "acme", the_decision().id),
    "add a replacement": lambda mei: replacements.add_replacement(
        mei, "acme",
        {"name": "Third", "workflow_id": named("workflows", "Draft").id, "old_id": named("systems", "Ledger").id,
         "new_id": named("systems", "intake-api").id, "retire_by": on_day(80)},
    ),
    "change a replacement": lambda mei: replacements.change_replacement(
        mei, "acme", the_bare(), {"name": "Fuller", "retire_by": on_day(85)}
    ),
    "remove a replacement": lambda mei: replacements.remove_replacement(mei, "acme", the_bare()),
    "record a share": lambda mei: replacements.record_share(
        mei, "acme", the_state().replacements[0].id, on=on_day(36), percent=50
    ),
    "record a proof": lambda mei: proofs.record_proof(
        mei, "acme", the_bare(), {"kind": "rollback", "on": on_day(40), "outcome": "failed"}
    ),
    "withdraw a proof": lambda mei: proofs.withdraw_proof(mei, "acme", of_part("proof")[0]),
    "write a runbook": lambda mei: runbooks.write_runbook(
        mei, "acme", {"replacement_id": the_bare(), "name": "Other evening", "in_charge": "Mei Tan"}
    ),
    "change a runbook": lambda mei: runbooks.change_runbook(
        mei, "acme", of_part("runbook")[0], {"name": "Night"}
    ),
    "edit a runbook": edit_steps,
    "write a note": lambda mei: notes.write_note(mei, "acme", "decision", the_decision().id, "@Mei Tan yes"),
    "remove a note": lambda mei: notes.remove_note(mei, "acme", of_part("note")[0]),
}  # fmt: skip


@pytest.fixture
def mei(database: str) -> Actor:
    once_a_run("an engagement with something of everything to undo", engagement_with_all_parts)
    return an_actor("Mei Tan", day=DAY)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every part by its table, without what only counts changes. Of measurements, what counts."""
    tables = [kind.__table__ for kind in Part.__subclasses__()]
    with read_connection() as connection:
        rows = rows_of_each(connection, tables, "engagement_id", the_state().id)
    held = {table: [without_counts(row) for row in some] for table, some in rows.items()}
    batches = MeasurementBatch.__tablename__
    return held | {batches: [row for row in held[batches] if not row["withdrawn"]]}


def without_counts(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("version", "created_at")}


def test_every_use_case_can_be_undone_or_says_why_not():
    assert set(UNDOABLE) & set(WITHOUT_UNDO) == set()
    assert set(UNDOABLE) | set(WITHOUT_UNDO) == set(CATALOGUE)
    assert {use_case for use_case, reason in WITHOUT_UNDO.items() if not reason.endswith(".")} == set()


def test_what_takes_something_away_can_be_undone_or_says_what_to_do_instead():
    """A removal without an undo is never refused with a reason that only holds for what was added."""
    without = {use_case for use_case in WITHOUT_UNDO if use_case.startswith(REMOVES)}
    assert without == {
        "remove a member", "withdraw an invitation", "decline an invitation", "retire a metric", "revoke an API token",
        "take back a request for sign-off", "revoke a gate's address", "revoke the waiver of a check",
    }  # fmt: skip


def test_undoing_takes_what_doing_took():
    """Read from the services' code: the action that each use case opens the engagement for."""
    taken: dict[str, set[str]] = {}
    for path in Path(services.__file__).parent.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                names = {node.value for node in ast.walk(function) if isinstance(node, ast.Constant)}
                actions = {
                    node.attr for node in ast.walk(function)
                    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Action"
                }  # fmt: skip
                for use_case in names & set(UNDOABLE):
                    taken.setdefault(use_case, set()).update(actions)
    wrong = {use_case for use_case, action in UNDOABLE.items() if action.name not in taken[use_case]}
    assert wrong == set()


def test_each_is_tried_here():
    assert set(DOING) == set(UNDOABLE)


@pytest.mark.parametrize("use_case", UNDOABLE)
def test_undone_everything_is_as_it_was_before(mei, use_case):
    before = everything()
    DOING[use_case](mei)
    assert everything() != before
    last = undo.last_act(mei, "acme")
    assert getattr(last, "use_case", None) == use_case
    # Nothing that can be undone touches what is signed or frozen.
    assert kinds_of(last.act) & {guard.table for guard in GUARDS} == set()
    undo.undo(mei, "acme", last.act)
    assert everything() == before
    assert [verdict.problem for verdict in verify(the_operator(DAY), "acme")] == [None]


def kinds_of(act: int) -> set[str]:
    with Session(engine()) as session:
        return set(session.scalars(select(JournalEntry.kind).where(JournalEntry.act == act)))

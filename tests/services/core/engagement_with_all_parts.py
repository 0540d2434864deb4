"""An engagement on day 47 with a row or two of everything that a person edits, and how its rows are found."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Part
from models.database import engine
from models.measurements import MeasurementBatch
from models.people import Actor
from services.interviews import interviews, same_person
from services.interviews.frictions import FrictionEdits
from services.inventory import dependencies, pain_points, systems
from services.measurements import batches, grid_entry, pulling
from services.metrics import phases
from services.notes import notes
from services.plan import decisions, milestones, trials
from services.replacements import proofs, replacements
from services.runbooks import runbooks
from services.workflows import adoption, pipelines, workflows
from tests.builders import a_metric, an_actor, on_day, the_operator, the_state
from tests.services.replacements.cutting_over import DAY, a_replacement
from tests.services.runbooks.builders import a_step


def engagement_with_all_parts() -> None:
    replacement = a_replacement()
    by = the_operator(DAY)
    old, new = (row.id for row in the_state().systems[:2])
    inventory_and_interviews(by)
    a_metric_that_is_pulled(by)
    a_workflow_that_is_adopted(by, old)
    decision = claims_and_a_decision(by)
    proofs_of_replacements(by, replacement, old, new)
    a_runbook(by, replacement)
    mei = an_actor("Mei Tan", day=DAY)
    notes.write_note(mei, "acme", "decision", decision, "@Mei Tan what of this?")


def inventory_and_interviews(by: Actor) -> None:
    systems.save(by, "acme", added=[{"name": "Ledger"}])
    dependencies.save(by, "acme", added=[{"from": "intake-api", "to": "Ledger", "kind": "call"}])
    pain_points.save(
        by, "acme", added=[{"system": "Ledger", "title": "Slow", "severity": 3, "frequency": "daily"}]
    )
    for name in ("Ann Lee", "A. Lee", "Bob Ray"):
        seen = {"observed": f"{name[:3]} waits", "theme": "waiting", "severity": 4, "frequency": "daily"}
        given = {"interviewee": name, "held_on": on_day(3), "role": "Clerk"}
        interviews.record_interview(by, "acme", given, FrictionEdits([seen]))
    same_person.merge_people(by, "acme", "Ann Lee", "A. Lee")


def a_metric_that_is_pulled(by: Actor) -> None:
    metric = a_metric(name="Wait", baseline=4, target=1, query="wait")
    pulling.configure(by, "acme", "wait", "prometheus", "http://127.0.0.1:9/", 60)
    for day in (5, 6):
        grid_entry.save_rows(by, "acme", metric, [{"at": f"{on_day(day)}", "value": "3 h"}])
    batches.withdraw(by, "acme", the_batches()[0])
    phases.begin_phase(by, "acme", metric, on_day(20), "A new queue")


def a_workflow_that_is_adopted(by: Actor, old: int) -> None:
    given = {"name": "Draft", "state": "building", "fallback": "On paper", "system_ids": [old]}
    flow = workflows.add_workflow(by, "acme", given)
    workflows.rehearse_fallback(by, "acme", flow, rehearsed_on=on_day(9))
    workflows.link_frictions(by, "acme", flow, [the_state().frictions[0].id])
    pipeline = pipelines.add_pipeline(by, "acme", {"name": "Main", "kind": "build"})
    pipelines.report_run(by, "acme", pipeline, ran_on=on_day(9), green=True)
    training = {"title": "First", "held_on": on_day(9), "invited": 9, "attended": 3, "workflow_id": flow}
    adoption.record_training(by, "acme", training)
    document = {"title": "Guide", "link": "https://guide.example", "published_on": on_day(9)}
    adoption.publish_document(by, "acme", document | {"workflow_id": flow})


def claims_and_a_decision(by: Actor) -> int:
    """Return the decision that is asked for, with trials of two tools."""
    milestone = the_state().cycles[0].milestones[0].id
    milestones.add_milestone(
        by, "acme", phase_id=of_part("phase")[1], name="Shown to the board", start_day=31, due_day=60
    )
    soon = on_day(DAY + 9)
    milestones.state_claim(by, "acme", milestone, says="on track", reason="Nearly", expires_on=soon)
    milestones.waive(by, "acme", milestone, reason="Agreed", approver="Dana", expires_on=soon)
    which = decisions.request_decision(by, "acme", title="Which tool", owner="Dana", needed_by=on_day(60))
    for tool in ("Jaeger", "Honeycomb"):
        for kind in ("build", "debug"):
            for person in ("Mei", "Ann"):
                trials.record_trial(by, "acme", which, a_trial(tool, kind, person))
    return which


def proofs_of_replacements(by: Actor, replacement: int, old: int, new: int) -> None:
    replacements.record_share(by, "acme", replacement, on=on_day(36), percent=25)
    proofs.record_proof(by, "acme", replacement, {"kind": "rollback", "on": on_day(40), "outcome": "passed"})
    moved = named("workflows", "Take an application").id
    given = {"name": "Empty", "workflow_id": moved, "old_id": new, "new_id": old, "retire_by": on_day(80)}
    bare = replacements.add_replacement(by, "acme", given | {"how_back": "Switch"})
    proofs.record_proof(by, "acme", bare, {"kind": "breaker", "on": on_day(40), "outcome": "passed"})


def a_runbook(by: Actor, replacement: int) -> None:
    given = {"replacement_id": replacement, "name": "Evening", "in_charge": "Mei Tan"}
    runbook = runbooks.write_runbook(by, "acme", given)
    steps = [a_step("1", "Freeze intake", "", 6, "Open intake"), a_step("2", "Drain", "1", 9, "Fill")]
    runbooks.save_steps(by, "acme", runbook, added=steps)


def a_trial(tool: str, kind: str, person: str) -> dict[str, Any]:
    task = {"build": "First trace", "debug": "Planted fault"}[kind]
    minutes = 30 if tool == "Jaeger" else 40
    return {"tool": tool, "task": task, "kind": kind, "person": person, "on": on_day(5), "minutes": minutes}


def the_batches() -> list[int]:
    with Session(engine()) as session:
        return list(session.scalars(select(MeasurementBatch.id).order_by(MeasurementBatch.id)))


def named(kind: str, name: str) -> Any:
    """The row of the state's part `kind` that is called so."""
    return next(
        row for row in getattr(the_state(), kind) if name in (vars(row).get("name"), vars(row).get("title"))
    )


def of_part(table: str) -> list[int]:
    kind = next(kind for kind in Part.__subclasses__() if kind.__tablename__ == table)
    with Session(engine()) as session:
        return list(session.scalars(select(kind.id).order_by(kind.id)))

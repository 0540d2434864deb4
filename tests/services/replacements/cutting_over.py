"""An engagement whose replacement may cut over on day 47: everything that its gate asks for, and a waived contract."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.inventory import System
from models.people import Role
from models.replacements import Proof
from reports.replacements.gates import gates
from services.inventory import systems
from services.measurements import batches
from services.measurements.batches import Rows
from services.replacements import gating, proofs, replacements
from services.sign_off import signing
from services.workflows import workflows
from tests.builders import a_metric, an_actor, an_engagement, on_day, the_operator, the_state

DAY = 47
NAME = "Application intake"


def the_lead(day: int = DAY):
    return an_actor("Mei Tan", role=Role.LEAD, day=day)


def a_replacement(day: int = 2, slug: str = "acme") -> int:
    """A replacement of a workflow with a fallback and a metric, of which nothing else is known. Returns its id."""
    an_engagement(slug)
    metric_id = a_metric(slug, name="Decision time", baseline=4.0, target=1.0, target_day=90)
    flow = {"name": "Take an application", "fallback": "On paper", "metric_id": metric_id}
    workflow_id = workflows.add_workflow(the_operator(day), slug, flow)
    systems.save(the_operator(day), slug, added=[{"name": "Mainframe form"}, {"name": "intake-api"}])
    old, new = system_ids(slug)
    given = {"name": NAME, "workflow_id": workflow_id, "old_id": old, "new_id": new, "retire_by": on_day(80)}
    return replacements.add_replacement(
        the_operator(day), slug, given | {"how_back": "Switch the route back"}
    )


def system_ids(slug: str = "acme") -> list[int]:
    """The ids of the old system and the new one."""
    return [system.id for system in the_state(slug).systems][:2]


def may_cut_over() -> int:
    """A replacement whose gate is open on day 47, its contract waived. Returns its id."""
    row_id = a_replacement()
    state = the_state()
    (metric,), (flow,) = state.metrics, state.workflows
    days = [*range(-7, 1), *range(36, DAY + 1)]
    values = [4.0 + (day % 3) / 10 if day < 36 else 2.0 + (day % 3) / 10 for day in days]
    batches.record(
        the_operator(DAY), "acme", Rows([metric.id] * len(days), [on_day(day) for day in days], values), "x"
    )
    sponsor = an_actor("Dana Ruiz", role="sponsor", day=DAY)
    metric = the_state().metrics[0]
    signing.sign(sponsor, "acme", signing.approvals({metric.id: metric.digest()}), name="Dana Ruiz")
    workflows.rehearse_fallback(the_lead(), "acme", flow.id, rehearsed_on=on_day(DAY - 5))
    replacements.record_share(the_lead(), "acme", row_id, on=on_day(36), percent=25)
    for kind, counted in [("rollback", {}), ("breaker", {}), ("comparison", {"n": 1000, "bad": 0})]:
        given = {"kind": kind, "on": on_day(DAY - 2), "outcome": "passed"} | counted
        proofs.record_proof(the_lead(), "acme", row_id, given)
    seen_in_traces(row_id)
    waive(row_id, "contract")
    return row_id


def seen_in_traces(row_id: int) -> None:
    """Traces of yesterday in which the new part was seen, put where they are stored."""
    from services.replacements import traces

    dependencies = [{"parent": "portal", "child": "intake-api", "callCount": 15_826}]
    traces.record_traces(the_lead(), "acme", row_id, {"data": dependencies}, until=on_day(DAY - 1), days=1)


def waive(row_id: int, check: str, **given: object) -> None:
    fields = {"check": check, "reason": "Agreed", "approver": "R. Osei", "expires_on": on_day(DAY + 21)}
    gating.waive_check(the_lead(), "acme", row_id, **(fields | given))


def the_gate(row_id: int, day: int = DAY):
    """The gate as the page shows it."""
    return gates(the_operator(day), the_state(), on_day(day))[row_id]


def the_proof(kind: str) -> int:
    """The id of the newest proof of a kind."""
    with Session(engine()) as session:
        return session.scalars(select(Proof.id).where(Proof.kind == kind).order_by(Proof.id.desc())).first()


def a_system(name: str, slug: str = "acme") -> int:
    """The id of a system."""
    systems.save(the_operator(2), slug, added=[{"name": name}])
    with Session(engine()) as session:
        return session.scalars(
            select(System.id).where(System.name == name).order_by(System.id.desc())
        ).first()

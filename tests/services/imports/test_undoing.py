"""Taking a whole import back, and what stands in the way."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Conflict, Forbidden, Invalid, NotFound
from models.imports import ImportRun
from models.measurements import Measurement
from models.people import Role
from reports.frames.imports import imports
from services.imports.applying import File, import_file
from services.imports.undoing import undo
from services.interviews import frictions, interviews
from services.inventory import systems
from services.measurements import batches
from services.metrics import definitions
from services.operations import journal_check
from services.privacy.erasure import erase
from services.workflows import workflows
from store.imports import past_imports
from tests.builders import an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")

DAY = 47


def imported(kind: str, *lines: str) -> int:
    """The id of an import of these lines on day 47."""
    import_id = import_file(
        the_operator(DAY), "acme", File(kind, "\n".join(lines).encode(), f"{kind}.csv")
    ).import_id
    assert import_id is not None
    return import_id


def undone(import_id: int) -> None:
    undo(the_operator(DAY), "acme", import_id)


def refusal(import_id: int) -> str:
    """Why an import can't be undone; then nothing of it was."""
    before = the_state().revision
    with pytest.raises(Conflict) as refused:
        undone(import_id)
    assert the_state().revision == before
    return str(refused.value)


def system_rows() -> list[tuple]:
    return [(row.name, row.owner, row.reviewed_by) for row in the_state().systems]


def test_what_was_added_goes_and_what_was_changed_is_as_before():
    an_engagement()
    reviewed = f"{on_day(5)}"
    imported("systems", "name,owner,reviewed_on", f"Kafka,Ada,{reviewed}", "Ledger,Bo,")
    before = system_rows()
    second = imported("systems", "name,owner,reviewed_on", "Kafka,Cy,", f"Ledger,Bo,{reviewed}", "Portal,Di,")
    assert system_rows() != before
    undone(second)
    assert system_rows() == before
    assert journal_check.verify(the_operator())[0].problem is None


def test_an_undone_import_is_told_as_such_and_cannot_be_undone_twice():
    an_engagement()
    first = imported("systems", "name", "Kafka")
    undone(first)
    (row,) = imports(the_operator(DAY), "acme").itertuples()
    assert (row.import_id, row.kind, row.file_name, row.added, row.by) == (
        first,
        "systems",
        "systems.csv",
        1,
        "operator",
    )
    assert (row.undone_by, row.undone_at) == ("operator", the_operator(DAY).at)
    with pytest.raises(Invalid, match="was undone already"):
        undone(first)


def test_an_erasure_that_renames_its_file_is_not_taken_for_who_undid_it():
    an_engagement()
    lead = an_actor("Dana Ruiz", day=DAY)
    interviews.record_interview(lead, "acme", {"interviewee": "Priya Nair", "held_on": on_day(9)})
    given = File("systems", b"name,owner\nKafka,Priya Nair\n", "Systems from Priya Nair.csv")
    import_id = import_file(the_operator(DAY), "acme", given).import_id
    other = imported("systems", "name", "Portal")
    erase(lead, "acme", "Priya Nair", "asked for it")
    before = past_imports(the_operator(DAY), "acme")
    assert [(row.import_id, row.undone_by) for row in before] == [(other, None), (import_id, None)]
    assert "Priya" not in before[1].file_name
    undone(other)
    assert [(row.import_id, row.undone_by) for row in past_imports(the_operator(DAY), "acme")] == [
        (other, "operator"), (import_id, None),
    ]  # fmt: skip


def test_workflows_get_their_systems_and_rehearsals_back():
    an_engagement()
    imported("systems", "name", "Kafka", "Ledger")
    imported(
        "workflows",
        "name,fallback,systems,rehearsed_on",
        f"Score,By phone,Kafka,{on_day(20)}",
        "Pay,,Ledger,",
    )

    def workflow_rows() -> list[tuple]:
        return [
            (flow.name, flow.fallback, flow.rehearsed_on, sorted(use.system.name for use in flow.uses))
            for flow in the_state().workflows
        ]

    before = workflow_rows()
    changed = imported(
        "workflows",
        "name,fallback,systems,rehearsed_on",
        f"Score,By fax,Ledger,{on_day(30)}",
        "Pay,,Kafka;Ledger,",
        "New,,Kafka,",
    )
    assert workflow_rows() != before
    undone(changed)
    assert workflow_rows() == before


def test_interviews_with_their_frictions_go_in_the_order_that_lets_them():
    an_engagement()
    people = imported("interviews", "date,interviewee", f"{on_day(9)},Sam")
    heard = imported(
        "frictions",
        "date,interviewee,theme,observed,severity,frequency",
        f"{on_day(9)},Sam,wait,Waits,3,daily",
    )
    assert "1 friction refers to the interview of 2026-10-13" in refusal(people)
    undone(heard)
    undone(people)
    assert (the_state().interviews, the_state().frictions) == ([], [])


def test_a_later_change_of_a_row_stands_in_the_way_and_is_named():
    an_engagement()
    first = imported("systems", "name,owner", "Kafka,Ada", "Ledger,Bo")
    kafka = the_state().systems[0]
    mei = an_actor("Mei Tan", day=DAY + 1)
    systems.save(mei, "acme", changed=[(kafka.id, kafka.version, {"owner": "Grace"})])
    assert "“Kafka” was changed by Mei Tan on 21 Nov. Nothing was changed" in refusal(first)
    assert system_rows()[1][0] == "Ledger"


def test_a_row_that_was_removed_since_is_named():
    an_engagement()
    first = imported("systems", "name,owner", "Kafka,Ada")
    kafka = the_state().systems[0]
    systems.save(the_operator(DAY), "acme", removed=[(kafka.id, kafka.version)])
    assert "“Kafka” was removed by operator" in refusal(first)


def test_what_refers_to_an_added_row_stands_in_the_way_and_is_counted():
    an_engagement()
    first = imported("systems", "name", "Kafka", "Ledger")
    imported("dependencies", "from,to,kind", "Ledger,Kafka,call", "Ledger,Kafka,event")
    text = refusal(first)
    assert "2 dependencies refer to “Kafka” and 2 dependencies refer to “Ledger”" in text


def test_imports_are_undone_from_the_newest_back():
    an_engagement()
    first = imported("systems", "name,owner", "Kafka,Ada")
    second = imported("systems", "name,owner", "Kafka,Bo")
    assert "“Kafka” was changed" in refusal(first)
    undone(second)
    undone(first)
    assert system_rows() == []


def test_an_import_that_was_undone_can_be_brought_in_again():
    an_engagement()
    undone(imported("systems", "name", "Kafka"))
    imported("systems", "name", "Kafka")
    assert [name for name, _, _ in system_rows()] == ["Kafka"]


def test_measurements_are_withdrawn_and_what_they_corrected_counts_again():
    an_engagement()
    definitions.define(
        the_operator(DAY), "acme", {"slug": "wait", "name": "Wait", "unit": "h", "direction": "lower"}
    )
    imported("measurements", "metric,at,value", "wait,2026-10-20,4", "wait,2026-10-21,3")
    second = imported("measurements", "metric,at,value", "wait,2026-10-21,1", "wait,2026-10-22,1")
    assert (the_state().metrics[0].aggregate.count, the_state().metrics[0].aggregate.current) == (3, 1.0)
    undone(second)
    assert (the_state().metrics[0].aggregate.count, the_state().metrics[0].aggregate.current) == (2, 3.0)
    with Session(engine()) as session:
        assert len(session.scalars(select(Measurement)).all()) == 4
    again = imported("measurements", "metric,at,value", "wait,2026-10-21,1", "wait,2026-10-22,1")
    assert again > second
    assert the_state().metrics[0].aggregate.current == 1.0


def test_a_metric_that_was_measured_stays():
    an_engagement()
    first = imported("metrics", "slug,name,unit,direction", "wait,Wait,h,lower")
    imported("measurements", "metric,at,value", "wait,2026-10-20,4", "wait,2026-10-21,4")
    assert "2 measurements refer to “Wait”" in refusal(first)


def test_measurements_withdrawn_by_hand_before_are_no_obstacle():
    an_engagement()
    imported("metrics", "slug,name,unit,direction", "wait,Wait,h,lower")
    second = imported("measurements", "metric,at,value", "wait,2026-10-20,4")
    with Session(engine()) as session:
        batch_id = session.get_one(ImportRun, second).batch_id
    batches.withdraw(the_operator(DAY), "acme", batch_id)
    undone(second)
    assert the_state().metrics[0].aggregate is None


def test_another_roles_import_and_another_engagements_are_out_of_reach():
    an_engagement()
    an_engagement("other", name="Other")
    first = imported("systems", "name", "Kafka")
    with pytest.raises(Forbidden):
        undo(an_actor("Vi", role=Role.VIEWER, day=DAY), "acme", first)
    with pytest.raises(NotFound):
        undo(an_actor("Stranger", role=None, day=DAY), "acme", first)
    with pytest.raises(NotFound):
        undo(the_operator(DAY), "other", first)


def test_a_friction_that_was_linked_to_an_imported_workflow_keeps_it():
    an_engagement()
    first = imported("workflows", "name", "Score")
    interviews.record_interview(
        the_operator(DAY),
        "acme",
        {"interviewee": "Sam", "held_on": on_day(9)},
        frictions.FrictionEdits(
            added=[{"theme": "wait", "observed": "Waits", "severity": 3, "frequency": "daily"}]
        ),
    )
    state = the_state()
    workflows.link_frictions(the_operator(DAY), "acme", state.workflows[0].id, [state.frictions[0].id])
    assert "1 friction refers to “Score”" in refusal(first)

"""The difference of two states: empty with itself, mirrored when read backwards, and in words that a reader knows."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.difference import difference
from models.engagement import Engagement
from models.permissions import Action
from models.plan import Milestone
from models.state_changes import DatedState, Kind
from models.wording import day_month
from services.core.transaction import get_part, open_engagement, transaction
from services.interviews import interviews
from services.inventory import systems
from services.measurements import batches
from services.measurements.batches import Rows
from services.metrics import definitions
from services.plan import decisions, milestones
from services.sign_off import signing
from services.workflows import workflows
from tests.builders import a_metric, an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("sqlite_database")


def state_on(day: int) -> DatedState:
    return DatedState.of(the_state(), on_day(day))


def changes_by_kind(before: DatedState, after: DatedState) -> dict[str, list[tuple[str, str, str]]]:
    changes: dict[str, list[tuple[str, str, str]]] = {}
    for change in difference(before, after):
        changes.setdefault(change.kind.value, []).append((change.about, change.old, change.new))
    return changes


def sign(metric_id: int, day: int) -> None:
    sponsor = an_actor("Dana Ruiz", role="sponsor", day=day)
    metric = next(row for row in the_state().metrics if row.id == metric_id)
    signing.sign(sponsor, "acme", signing.approvals({metric_id: metric.digest()}), name="Dana Ruiz")


def test_a_new_metric_a_signature_and_its_breach_are_told_old_beside_new():
    an_engagement()
    nothing = state_on(2)
    metric_id = a_metric(day=3, baseline=4.0, target=1.0, target_day=90)
    defined = state_on(3)
    assert changes_by_kind(nothing, defined)["new"] == [
        ("Loan decision time", "not there", "from 4 h to 1 h")
    ]
    sign(metric_id, 5)
    signed = state_on(5)
    assert changes_by_kind(defined, signed)["signed"] == [("Loan decision time", "unsigned", "signed 9 Oct")]
    retarget(2.0, 6)
    broken = changes_by_kind(signed, state_on(6))
    assert broken["re-defined"] == [("Loan decision time", "target 1 h", "target 2 h")]
    assert broken["broken"] == [("Loan decision time", "signed 9 Oct", "signature broken by a change")]


def test_a_value_that_got_better_is_never_told_as_worse_where_its_plan_went_ahead_of_it():
    an_engagement()
    metric_id = a_metric(day=1, baseline=4.0, target=1.0, target_day=60, cadence_days=60)
    batches.record(the_operator(2), "acme", Rows([metric_id], [on_day(2)], [3.9]), "a.csv")
    sign(metric_id, 3)
    early = state_on(20)
    batches.record(the_operator(55), "acme", Rows([metric_id], [on_day(55)], [3.5]), "b.csv")
    late = state_on(55)
    (metric_change,) = [change for change in difference(early, late) if change.page == "metrics"]
    assert (metric_change.kind, metric_change.mirrored.kind) == (Kind.SLIPPED, Kind.SOONER)
    assert metric_change.new.startswith("At risk")


def test_a_milestone_that_was_moved_slipped():
    an_engagement()
    before = state_on(2)
    milestone = before.engagement.milestones[0]
    with transaction(the_operator(3), "move a milestone") as session:
        engagement = open_engagement(session, "acme", Action.PLAN)
        get_part(session, engagement, Milestone, milestone.id).due_day = milestone.due_day + 5
    ((about, old, new),) = changes_by_kind(before, state_on(2))["slipped"]
    assert about == milestone.name
    assert f"due {day_month(on_day(milestone.due_day))}" in old
    assert f"due {day_month(on_day(milestone.due_day + 5))}" in new


def test_a_decision_that_was_made_is_told_with_its_outcome():
    an_engagement()
    decision_id = decisions.request_decision(
        the_operator(2), "acme", title="Fund it", owner="Dana", needed_by=on_day(9)
    )
    before = state_on(3)
    decisions.decide(
        the_operator(4), "acme", decision_id, decided_on=on_day(4), outcome="Funded", rests_on="The pilot"
    )
    assert changes_by_kind(before, state_on(4))["decided"] == [
        ("Fund it", "open, Dana, by 13 Oct", "decided 8 Oct: Funded")
    ]


ACTS = {
    "system": lambda n, day: systems.save(the_operator(day), "acme", added=[{"name": f"System {n}-{day}"}]),
    "metric": lambda n, day: a_metric(day=day, name=f"Metric {n}-{day}", baseline=4.0, target=1.0),
    "retarget": lambda n, day: retarget(n / 2 + 0.5, day),
    "sign": lambda n, day: sign(_first().id, day) if _first().valid_sign_off is None else None,
    "measure": lambda n, day: batches.record(
        the_operator(day), "acme", Rows([_first().id], [on_day(day)], [n + 0.5]), "test"
    ),
    "workflow": lambda n, day: workflows.add_workflow(the_operator(day), "acme", {"name": f"Flow {n}-{day}"}),
    "live": lambda n, day: [
        workflows.go_live(the_operator(day), "acme", row.id, live_on=on_day(day)) for row in the_state().workflows
    ],
    "decision": lambda n, day: decisions.request_decision(
        the_operator(day), "acme", title=f"Decide {n}", owner="Dana", needed_by=on_day(day + 9)
    ),
    "interview": lambda n, day: interviews.record_interview(
        the_operator(day), "acme", {"interviewee": f"User {n}-{day}", "held_on": on_day(day)}
    ),
    "waive": lambda n, day: milestones.waive(
        the_operator(day), "acme", the_state().milestones[n].id, reason="Later", approver="Dana", expires_on=on_day(80)
    ),
}  # fmt: skip


def retarget(target: float, day: int) -> None:
    definitions.change(the_operator(day), "acme", _first().id, {"target": target}, seen=None)


def _first():
    return the_state().metrics[0]


@settings(max_examples=15)
@given(
    acts=st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 3)), max_size=6),
    day=st.integers(1, 89),
)
def test_a_difference_with_itself_is_empty_and_backwards_it_is_mirrored(acts, day):
    with transaction(the_operator(), "begin again") as session:
        for row in session.query(Engagement).filter_by(slug="acme"):
            row.slug = f"acme-{row.id}"
            session.info["work"].opened.add(row.id)
    an_engagement()
    a_metric(baseline=4.0, target=1.0, target_day=90)
    states = [state_on(1)]
    for number, (act, n) in enumerate(acts, start=2):
        ACTS[act](n, number)
        states.append(state_on(number))
    states.append(state_on(day))
    for state in states:
        assert difference(state, state) == []
        for other in states:
            assert Counter(difference(other, state)) == Counter(
                change.mirrored for change in difference(state, other)
            )


def test_every_kind_has_an_opposite_that_leads_back():
    assert all(kind.opposite.opposite is kind for kind in Kind)

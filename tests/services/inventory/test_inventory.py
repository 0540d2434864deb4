"""The inventory: what a list of systems, dependencies or pain points may say, and who is told what it may not."""

import itertools

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from models.errors import Conflict, Forbidden, Invalid, NotFound
from models.interviews import Friction, Interview
from models.people import Role
from models.permissions import Action
from models.summarise import summarise
from services.core.transaction import open_engagement, transaction
from services.inventory import dependencies, pain_points, systems
from tests.builders import a_metric, an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")


def add_systems(*names: str, **fields: object) -> None:
    """Save systems of these names, all with the same fields."""
    systems.save(the_operator(10), "acme", added=[{"name": name, **fields} for name in names])


def system(name: str):
    return next(row for row in the_state().systems if row.name == name)


def depends(source: str, target: str, kind: str = "call") -> dict[str, str]:
    return {"from": source, "to": target, "kind": kind}


def change(row, **fields: object):
    return [(row.id, row.version, fields)]


def test_a_pasted_list_of_systems_and_dependencies_is_saved_whole():
    an_engagement()
    add_systems("Billing", "Ledger", owner="Ann", criticality="High")
    dependencies.save(the_operator(10), "acme", added=[depends("billing ", "LEDGER")])

    (dependency,) = the_state().dependencies
    assert (dependency.source.name, dependency.target.name, dependency.kind) == ("Billing", "Ledger", "call")
    assert system("Billing").criticality == "high"
    assert system("Billing").missing() == ["review by its owner"]


def test_one_bad_row_keeps_the_whole_list_out_and_is_named():
    an_engagement()
    billing, ledger = {"name": "Billing"}, {"name": "Ledger", "criticality": "urgent"}
    with pytest.raises(Invalid, match="New row 2, “Ledger”: There is no criticality “urgent”"):
        systems.save(the_operator(10), "acme", added=[billing, ledger])
    # Rows are numbered as on the screen, where a blank one may stand between them.
    with pytest.raises(Invalid, match="New row 3, “Ledger”"):
        systems.save(the_operator(10), "acme", added=[billing, {}, ledger])
    assert the_state().systems == []
    systems.save(the_operator(10), "acme", added=[billing, {}, {"name": "Ledger"}])
    assert [row.name for row in the_state().systems] == ["Billing", "Ledger"]


@pytest.mark.parametrize("twin", ["billing api", "Billing  API", " BILLING API "])
def test_a_name_is_taken_however_it_is_written(twin):
    an_engagement()
    add_systems("Billing API")
    with pytest.raises(Invalid, match="There is a system “Billing API” already"):
        add_systems(twin)
    with pytest.raises(Invalid, match="already"):
        add_systems("Ledger", twin)


def test_a_system_without_a_name_is_refused():
    an_engagement()
    with pytest.raises(Invalid, match="New row 1: Give the name of the system"):
        systems.save(the_operator(10), "acme", added=[{"owner": "Ann"}])


def test_a_removed_systems_name_is_free_within_the_same_save():
    an_engagement()
    add_systems("Billing", "Ledger")
    old, other = system("Billing"), system("Ledger")
    systems.save(
        the_operator(10),
        "acme",
        removed=[(old.id, old.version)],
        changed=change(other, name="Billing"),
        added=[{"name": "Ledger"}],
    )
    assert {row.name for row in the_state().systems} == {"Billing", "Ledger"}
    assert system("Billing").id == other.id


def test_a_review_is_the_owners_of_that_time_and_a_new_owner_reviews_again():
    an_engagement()
    add_systems("Billing", owner="Ann", reviewed_on=on_day(5))
    assert system("Billing").is_reviewed

    systems.save(the_operator(10), "acme", changed=change(system("Billing"), owner="Bob"))
    assert not system("Billing").is_reviewed

    repeated = {"owner": "Bob", "reviewed_on": on_day(5)}
    systems.save(the_operator(10), "acme", changed=change(system("Billing"), **repeated))
    assert not system("Billing").is_reviewed

    systems.save(the_operator(10), "acme", changed=change(system("Billing"), reviewed_on=on_day(9)))
    assert system("Billing").is_reviewed
    assert system("Billing").reviewed_by == "Bob"


def test_a_review_is_never_in_the_future():
    an_engagement()
    with pytest.raises(Invalid, match="The review can't be on"):
        add_systems("Billing", owner="Ann", reviewed_on=on_day(11))


def test_a_review_before_day_1_is_what_it_is_and_day_1_can_still_move():
    an_engagement()
    add_systems("Billing", owner="Ann", reviewed_on=on_day(-200))
    assert (system("Billing").reviewed_on, system("Billing").is_reviewed) == (on_day(-200), True)
    assert not [what for _, what in the_state().evidence_dates() if "review" in what]


def test_a_system_that_others_name_stays_and_the_refusal_counts_them():
    an_engagement()
    add_systems("Billing", "Ledger", "Portal")
    dependencies.save(
        the_operator(10), "acme", added=[depends("Billing", "Ledger"), depends("Ledger", "Portal")]
    )
    pain = {"system": "Ledger", "title": "Slow close", "severity": 4, "frequency": "monthly"}
    pain_points.save(the_operator(10), "acme", added=[pain])
    row = system("Ledger")
    with pytest.raises(Invalid, match="2 dependencies and 1 pain point name it"):
        systems.save(the_operator(10), "acme", removed=[(row.id, row.version)])
    assert len(the_state().systems) == 3


def test_a_dependency_on_itself_is_refused():
    an_engagement()
    add_systems("Billing", "Ledger")
    with pytest.raises(Invalid, match="“Billing” can't depend on itself"):
        dependencies.save(the_operator(10), "acme", added=[depends("Billing", "billing")])


def test_a_dependency_is_given_once_of_each_kind():
    an_engagement()
    add_systems("Billing", "Ledger")
    there = [depends("Billing", "Ledger"), depends("Billing", "Ledger", "event")]
    dependencies.save(the_operator(10), "acme", added=there)
    with pytest.raises(Invalid, match=r"“Billing” depends on “Ledger” \(call\) is there already"):
        dependencies.save(the_operator(10), "acme", added=[depends("Billing", "Ledger")])
    row = the_state().dependencies[1]
    with pytest.raises(Invalid, match="is there already"):
        dependencies.save(the_operator(10), "acme", changed=change(row, kind="call"))


def test_a_dependency_can_be_turned_round():
    an_engagement()
    add_systems("Billing", "Ledger")
    dependencies.save(the_operator(10), "acme", added=[depends("Billing", "Ledger")])
    row = the_state().dependencies[0]
    turned = change(row, **{"from": "Ledger", "to": "Billing"})
    dependencies.save(the_operator(10), "acme", changed=turned)
    assert the_state().dependencies[0].source.name == "Ledger"


def test_an_unknown_system_is_named():
    an_engagement()
    add_systems("Billing")
    with pytest.raises(Invalid, match="There is no system “Mainframe” in the inventory"):
        dependencies.save(the_operator(10), "acme", added=[depends("Billing", "Mainframe")])
    with pytest.raises(Invalid, match="Choose the system that it depends on"):
        dependencies.save(the_operator(10), "acme", added=[{"from": "Billing", "kind": "call"}])


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"severity": 6}, "severity has to be a whole number from 1 to 5"),
        ({"severity": None}, "severity has to be a number"),
        ({"severity": float("nan")}, "severity has to be a number"),
        ({"frequency": "often"}, "There is no frequency “often”"),
        ({"frequency": None}, "Give the frequency: it can be daily, weekly, monthly, rarely"),
        ({"title": " "}, "Give the title of the pain point"),
        ({"title": "SLOW  close"}, "has a pain point “SLOW close” already"),
    ],
)
def test_a_pain_point_that_cannot_be_is_refused_with_what_was_expected(fields, refusal):
    an_engagement()
    add_systems("Ledger")
    pain = {"system": "Ledger", "title": "Slow close", "severity": 4, "frequency": "monthly"}
    pain_points.save(the_operator(10), "acme", added=[pain])
    with pytest.raises(Invalid, match=refusal):
        pain_points.save(the_operator(10), "acme", added=[pain | {"title": "Other"} | fields])
    assert len(the_state().pain_points) == 1


def test_a_pain_point_that_a_friction_leads_to_stays():
    an_engagement()
    add_systems("Ledger")
    pain = {"system": "Ledger", "title": "Slow close", "severity": 4, "frequency": "monthly"}
    pain_points.save(the_operator(10), "acme", added=[pain])
    row = the_state().pain_points[0]
    with transaction(the_operator(10), "record an interview") as session:
        engagement_id = open_engagement(session, "acme", Action.RECORD_INTERVIEWS).id
        interview = Interview(engagement_id=engagement_id, planned_on=on_day(9), interviewee="Lia")
        session.add(interview)
        session.flush()
        fields = {"theme": "waiting", "observed": "waits", "severity": 3, "frequency": "daily"}
        session.add(
            Friction(engagement_id=engagement_id, interview_id=interview.id, pain_point_id=row.id, **fields)
        )
    with pytest.raises(Invalid, match="1 friction names it"):
        pain_points.save(the_operator(10), "acme", removed=[(row.id, row.version)])


def test_the_second_of_two_people_is_told_what_the_first_changed():
    an_engagement()
    add_systems("Billing")
    seen = system("Billing")
    mei, ann = an_actor("Mei Tan", day=10), an_actor("Ann Lee", role=Role.CONTRIBUTOR, day=10)
    systems.save(mei, "acme", changed=change(seen, owner="Mei"))
    with pytest.raises(
        Conflict, match="“Billing”: Since you opened it, Mei Tan changed owner from nothing to “Mei”"
    ):
        systems.save(ann, "acme", changed=change(seen, owner="Ann"), added=[{"name": "Ledger"}])
    with pytest.raises(Conflict):
        systems.save(ann, "acme", removed=[(seen.id, seen.version)])
    assert [(row.name, row.owner) for row in the_state().systems] == [("Billing", "Mei")]


def test_a_row_that_is_gone_says_so():
    an_engagement()
    add_systems("Billing")
    seen = system("Billing")
    systems.save(the_operator(10), "acme", removed=[(seen.id, seen.version)])
    with pytest.raises(NotFound, match="There is no such system any more"):
        systems.save(the_operator(10), "acme", changed=change(seen, owner="Ann"))


def test_a_sponsor_may_not_edit_and_another_engagements_systems_do_not_exist():
    an_engagement()
    an_engagement("other")
    add_systems("Billing")
    dana = an_actor("Dana Ruiz", role=Role.SPONSOR, day=10)
    with pytest.raises(Forbidden):
        systems.save(dana, "acme", added=[{"name": "Ledger"}])
    row = system("Billing")
    with pytest.raises(NotFound, match="no such system"):
        systems.save(the_operator(10), "other", changed=change(row, owner="Ann"))


def test_a_complete_inventory_meets_its_milestone_on_the_day_of_the_last_evidence():
    an_engagement()
    known = {"owner": "Ann", "criticality": "low", "standalone": True}
    add_systems("Billing", **known, reviewed_on=on_day(4))
    add_systems("Ledger", **known, reviewed_on=on_day(6))
    pain = {"system": "Ledger", "title": "Slow close", "severity": 4, "frequency": "monthly"}
    pain_points.save(the_operator(8), "acme", added=[pain])
    facts = summarise(the_state()).inventory
    assert (facts.ready_on, facts.without) == ([on_day(4), on_day(6)], {})
    assert facts.pain_points_on == [on_day(8)]


numbers = itertools.count()
NAMES = st.lists(st.sampled_from(["a", "A", "b", " B", "c", "ß", "SS"]), min_size=1, max_size=5)


@settings(max_examples=15)
@drawn(names=NAMES)
def test_no_list_of_names_leaves_two_systems_that_people_would_call_the_same(names):
    slug = an_engagement(f"list-{next(numbers)}")
    distinct = len({" ".join(name.casefold().split()) for name in names})
    added = [{"name": name} for name in names]
    if distinct == len(names):
        systems.save(the_operator(), slug, added=added)
        assert len(the_state(slug).systems) == len(names)
    else:
        with pytest.raises(Invalid):
            systems.save(the_operator(), slug, added=added)
        assert the_state(slug).systems == []


def test_an_owner_or_a_source_that_stands_for_nothing_is_no_evidence():
    an_engagement()
    lead = an_actor("Mei Tan", day=3)
    row = {"name": "Kafka", "owner": "TBD", "criticality": "high", "standalone": True}
    systems.save(lead, "acme", added=[row])
    a_metric(source="n/a")
    summary = summarise(the_state())
    assert summary.inventory.without == {"owner": 1, "review by its owner": 1}
    assert [metric.has_source for metric in summary.metrics] == [False]

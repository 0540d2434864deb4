"""Search finds by name what somebody may see, and nothing else."""

import pytest

from models.errors import Forbidden
from models.people import Actor, Role
from services.architecture.contracts import receive_version
from services.core.transaction import open_engagement, transaction
from services.engagement import archiving
from services.interviews import interviews
from services.interviews.frictions import FrictionEdits
from services.inventory import systems
from services.plan import decisions
from store.search import PER_KIND, membership, search
from tests.builders import a_metric, an_actor, an_engagement, noon, on_day, the_operator, the_state
from tests.services.replacements.cutting_over import a_replacement

pytestmark = pytest.mark.usefixtures("database")


def filled(slug: str, word: str) -> str:
    """An engagement in which one thing of each kind has `word` in its name."""
    an_engagement(slug, name=f"{word} platform", client="Client")
    at = the_operator(9)
    systems.save(at, slug, added=[{"name": f"{word} ledger"}])
    a_metric(slug, name=f"{word} time")
    decisions.request_decision(at, slug, title=f"{word} budget", owner="Dana", needed_by=on_day(30))
    edits = FrictionEdits(
        [{"observed": f"{word} takes hours", "theme": "waiting", "severity": 4, "frequency": "daily"}]
    )
    interviews.record_interview(
        at, slug, {"interviewee": "Ann", "held_on": on_day(3), "role": "Clerk"}, edits
    )
    return slug


def kinds(actor: Actor, text: str) -> set[tuple[str, str]]:
    return {(match.kind, match.slug) for match in search(actor, text)}


OPENAPI = b"openapi: 3.0.0\ninfo: {title: Intake, version: '1'}\npaths: {}\n"
ALL = {"Engagement", "System", "Metric", "Decision", "Friction"}


def test_each_kind_is_found_by_a_part_of_its_name_in_any_case():
    filled("acme", "Falcon")
    mei = an_actor("Mei Tan")
    assert kinds(mei, "FALC") == {(kind, "acme") for kind in ALL}
    assert kinds(mei, "mei") == {("Person", "acme")}
    assert kinds(mei, "inventoried") == {("Milestone", "acme")}
    assert kinds(mei, "f") == kinds(mei, "%%") == kinds(mei, "__") == set()
    (system,) = [match for match in search(mei, "falcon led") if match.kind == "System"]
    assert (system.page, list(system.query)) == ("inventory", ["system"])


def test_nobody_finds_what_they_may_not_see():
    filled("acme", "Falcon")
    filled("corvid", "Falcon")
    sam = an_actor("Sam Okafor", "corvid")
    an_actor("Mei Tan", "acme")
    assert {slug for _, slug in kinds(sam, "falcon")} == {"corvid"}
    assert kinds(sam, "mei tan") == set()
    sponsor = an_actor("Dana Ruiz", "acme", Role.SPONSOR)
    assert {kind for kind, _ in kinds(sponsor, "falcon")} == ALL - {"Friction"}
    assert search(an_actor("Eve", role=None), "falcon") == []
    with pytest.raises(Forbidden):
        search(Actor("nobody", noon(1), "test"), "falcon")


def test_a_hidden_name_in_what_was_observed_isnt_found():
    filled("acme", "Falcon")
    mei = an_actor("Mei Tan")
    with transaction(the_operator(), "describe the engagement") as session:
        from models.permissions import Action

        open_engagement(session, "acme", Action.CHANGE_ENGAGEMENT).hide_interviewees = True
    assert ("Friction", "acme") not in kinds(mei, "falcon")
    (friction,) = [match for match in search(mei, "waiting") if match.kind == "Friction"]
    assert friction.title == "waiting"


def test_a_kind_is_limited_and_what_is_archived_can_be_found():
    an_engagement()
    mei = an_actor("Mei Tan")
    systems.save(mei, "acme", added=[{"name": f"Node {n}"} for n in range(20)])
    assert len(search(mei, "node")) == PER_KIND
    archiving.archive(mei, "acme")
    assert ("Engagement", "acme") in kinds(mei, "lending")


def test_the_sidebar_switches_among_ones_own_engagements():
    for slug in ("acme", "corvid", "delta"):
        an_engagement(slug, name=slug)
    mei = an_actor("Mei Tan", "acme")
    an_actor("Mei Tan", "corvid", Role.VIEWER)
    assert membership(mei, "acme", 8).others == (("corvid", "corvid"),)
    assert membership(mei, "acme", 8).role == Role.LEAD
    assert membership(mei, "acme", 8).engagement[0] == "acme"
    assert membership(mei, "delta", 1).role is None
    assert membership(mei, "delta", 1).engagement is None
    assert len(membership(mei, "delta", 1).others) == 1


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("École Ledger", "école"), ("école Ledger", "ÉCOLE"), ("Ärger Öl", "ärger öL"), ("Жук", "жУ"),
        ("Cafe\u0301 Payments", "CAFÉ"), ("CAFÉ Payments", "cafe\u0301"), ("Οδός", "ΟΔΌΣ"), ("50 % [Ö]*?", "% [ö]*?"),
    ],
)  # fmt: skip
def test_letters_are_the_same_in_every_case_and_composed_or_not(name, asked):
    an_engagement()
    systems.save(the_operator(9), "acme", added=[{"name": name}, {"name": "Zebra"}])
    assert [match.kind for match in search(an_actor("Mei Tan"), asked)] == ["System"]


def test_an_accent_tells_two_names_apart():
    an_engagement()
    systems.save(the_operator(9), "acme", added=[{"name": "Résumé"}, {"name": "Resume"}])
    assert [match.title for match in search(an_actor("Mei Tan"), "RÉS")] == ["Résumé"]
    assert [match.title for match in search(an_actor("Mei Tan"), "RES")] == ["Resume"]


def test_workflows_replacements_and_contracts_are_found():
    row_id = a_replacement()
    (old, *_) = the_state().systems
    receive_version(the_operator(9), "acme", "Intake API", OPENAPI, label="1", system=old.name)
    (flow,) = the_state().workflows
    matches = {match.kind: (match.page, match.query) for match in search(the_operator(9), "intake")}
    assert matches["Contract"] == ("inventory", {"system": str(old.id)})
    matches |= {match.kind: (match.page, match.query) for match in search(the_operator(9), "application")}
    assert matches["Replacement"] == ("replacements", {"replacement": str(row_id)})
    assert matches["Workflow"] == ("workflows", {"workflow": str(flow.id)})

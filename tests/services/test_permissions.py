"""Every use case and every read, tried by everybody: the table of models/permissions.py decides, and nothing else does.

The functions are found by looking for a parameter `actor`. One that isn't listed in calls_by_action.py
fails: say which action it is.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import reports
import services
import store
from models.api_tokens import SCOPES, Scope
from models.database import engine
from models.engagement import Engagement
from models.errors import Forbidden, HeadwayError, Invalid, NotFound
from models.journal import JournalEntry
from models.people import Actor, Role, User
from models.permissions import Action, Administration, permits
from services.imports.applying import import_file
from services.measurements.batches import Rows
from services.people import client_info, sessions, tokens
from tests.builders import (
    a_metric,
    a_session,
    a_user,
    an_actor,
    an_engagement,
    noon,
    on_day,
    the_operator,
    the_state,
)
from tests.db_snapshots import once_a_run
from tests.services.calls_by_action import DAY, OPERATOR, SIGNED_IN, SYSTEMS, TABLE

# Called by what is listed, or by nobody who is an actor.
NOT_A_USE_CASE = {
    # What a report of a rehearsal entails, within the transaction of the report.
    "runbooks.rehearsals.record_rehearsal",
    "core.transaction.transaction",
    "core.idempotency.carry_out_once",
    "people.security_log.log_refusal",
    # Makes a document of a draft, which was refused to whom it isn't for. Of the actor it only takes the name.
    "review.reviews.snapshot_of",
    # Judges the metrics of an engagement that states.state gave out; what it reads, measurements.measurements lets it.
    "metrics.verdicts.metric_verdicts",
    # The same, of the gates of replacements.
    "replacements.gates.gates",
}

# What lists what one may see is tried below, by what it lists.
LISTS = {"frames.portfolio.portfolio", "portfolio.visible_engagements", "activity.acts_of_person"}
# So is what isn't asked for by the name of an engagement, but with a file or with what was read of one.
TRIED_BELOW = {"exports.verify.verify", "reviews.find_review", "metrics.forecasts.past_forecasts"}
# Makes a link as people.accounts.make_link does; without a mail server it refuses everybody alike.
NOT_A_USE_CASE.add("mail.account_mail.mail_link")
# Refuse whoever didn't come by a mailed link (tests/services/engagement/test_sponsors.py).
# Find what one is a member of (tests/store/test_search.py).
LISTS |= {"search.search", "search.membership"}
NOT_A_USE_CASE |= {"engagement.sponsors.needs_password", "engagement.sponsors.choose_first_password"}
# What a program can't do even where its token's scope allows the action: only a person reads.
FOR_PEOPLE = {"review.reviews.mark_read", "mail.mail_choices.choices", "mail.mail_choices.choose"}


def use_cases() -> dict[str, Callable[..., Any]]:
    """Every public function of the services and the reports that takes an actor, by "module.name"."""
    calls = {}
    for package in (services, reports, store):
        prefix = f"{package.__name__}."
        for module in pkgutil.walk_packages(package.__path__, prefix):
            for name, thing in vars(importlib.import_module(module.name)).items():
                if (
                    inspect.isfunction(thing)
                    and thing.__module__ == module.name
                    and not name.startswith("_")
                    and "actor" in inspect.signature(thing).parameters
                    and module.name != "store.access"
                ):
                    calls[f"{module.name.removeprefix(prefix)}.{name}"] = thing
    return calls


USE_CASES = use_cases()


def test_every_use_case_is_tried_here():
    assert set(USE_CASES) - NOT_A_USE_CASE - LISTS - TRIED_BELOW - set(TABLE) == set()


def test_nothing_is_tried_that_is_no_more():
    assert (set(TABLE) | NOT_A_USE_CASE | LISTS | TRIED_BELOW) - set(USE_CASES) == set()


def the_engagement() -> None:
    """One with an import in it, which might be undone, and with everybody."""

    def fill() -> None:
        an_engagement()
        import_file(the_operator(DAY), "acme", SYSTEMS)
        list(everybody())

    once_a_run("an engagement with everybody", fill)


def everybody() -> Iterator[tuple[str, Role | None, Actor]]:
    """People by what they are called here, their role (None: none that counts), and as actors."""
    for role in Role:
        yield role.value, role, an_actor(role.value, role=role, day=DAY)
    yield "nobody", None, an_actor("nobody", role=None, day=DAY)
    yield "an administrator who is no member", None, administrator()
    yield "a person whose session was revoked", None, revoked("gone")
    yield "a disabled lead", None, disabled("left")
    yield "nobody at all", None, Actor(name="nobody", at=noon(DAY), via="test")


def administrator() -> Actor:
    return Actor("Admin", noon(DAY), "test", a_user("Admin", administrator=True))


def revoked(name: str) -> Actor:
    actor = an_actor(name, role=Role.LEAD, day=DAY)
    session_id, token = a_session(actor.user_id, noon(DAY))
    sessions.sign_out(token, noon(DAY), client_info.ClientInfo("test"))
    return Actor(name, noon(DAY), "test", actor.user_id, session_id=session_id)


def disabled(name: str) -> Actor:
    actor = an_actor(name, role=Role.LEAD, day=DAY)
    with Session(engine()) as session, session.begin():
        session.get(User, actor.user_id).disabled = True
    return actor


def written() -> tuple[int, int, int]:
    """What would differ if anything had been written."""
    with Session(engine()) as session:
        return (
            session.scalar(select(func.count()).select_from(JournalEntry)),
            session.scalar(select(func.count()).select_from(User)),
            session.scalar(select(func.count()).select_from(Engagement)),
        )


def call(name: str, actor: Actor) -> HeadwayError | None:
    """Carry out the use case; what refused it, if anything did."""
    given = dict(TABLE[name][1])
    if "slug" in inspect.signature(USE_CASES[name]).parameters:
        given.setdefault("slug", "acme")
    try:
        USE_CASES[name](actor, **given)
    except HeadwayError as refused:
        return refused
    return None


def hides(refused: HeadwayError | None) -> bool:
    return isinstance(refused, NotFound) and "There is no engagement “acme”" in str(refused)


def lets_in(refused: HeadwayError | None) -> bool:
    """Whether it was carried out, or refused for another reason than who asked."""
    return not isinstance(refused, Forbidden) and not hides(refused)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", [name for name, (action, _) in TABLE.items() if isinstance(action, Action)])
def test_only_the_roles_of_the_table_do_it(name):
    the_engagement()
    action = TABLE[name][0]
    people = list(everybody())
    before = written()
    for who, role, actor in people:
        if role is None:
            assert hides(call(name, actor)), f"{who} can {name}"
        elif not permits(role, action):
            refused = call(name, actor)
            assert isinstance(refused, Forbidden), f"a {who} can {name}"
            assert f"can't {action}" in str(refused)
    assert written() == before
    for who, role, actor in people:
        if role is not None and permits(role, action):
            refused = call(name, actor)
            assert lets_in(refused), f"a {who} can't {name}: {refused}"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "name", [name for name, (action, _) in TABLE.items() if isinstance(action, Administration)]
)
def test_only_administrators_do_it(name):
    an_engagement()
    people = [(who, actor) for who, _, actor in everybody() if "administrator" not in who]
    gone = revoked("Gone Admin")
    with Session(engine()) as session, session.begin():
        session.get(User, gone.user_id).administrator = True
    boss, before = administrator(), written()
    for who, actor in [*people, ("an administrator whose session was revoked", gone)]:
        refused = call(name, actor)
        assert isinstance(refused, Forbidden), f"{who} can {name}"
        assert "Only an administrator can" in str(refused)
    assert written() == before
    assert not isinstance(call(name, boss), Forbidden)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", [name for name, (action, _) in TABLE.items() if action == SIGNED_IN])
def test_only_whoever_is_signed_in_does_it(name):
    an_engagement()
    for actor in (revoked("gone"), disabled("left"), Actor("nobody", noon(DAY), "test")):
        assert isinstance(call(name, actor), Forbidden)
    assert not isinstance(call(name, an_actor("nobody", role=None, day=DAY)), Forbidden)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", [name for name, (action, _) in TABLE.items() if action == OPERATOR])
def test_only_whoever_runs_the_program_does_it(name):
    an_engagement()
    for who, _, actor in everybody():
        assert isinstance(call(name, actor), Forbidden), f"{who} can {name}"
    assert call(name, the_operator(DAY)) is None


@pytest.mark.usefixtures("database")
def test_a_file_of_a_frozen_week_tells_a_stranger_as_much_as_a_made_up_one():
    an_engagement()
    lead = an_actor("lead", day=DAY)
    digest = USE_CASES["review.reviews.freeze"](lead, "acme", on_day(9)).digest
    verify = USE_CASES["exports.verify.verify"]
    file, made_up = f"Snapshot {digest[:16]}".encode(), b"Snapshot 0123456789abcdef"
    for who, role, actor in everybody():
        if role is not None:
            assert verify(actor, file).engagement == "acme", who
        else:
            words = []
            for data in (file, made_up):
                with pytest.raises(Invalid, match="No week that is frozen here") as refused:
                    verify(actor, data)
                words.append(str(refused.value).replace(data.decode().split()[1], "…"))
            assert words[0] == words[1], who


@pytest.mark.usefixtures("database")
def test_forecasts_are_told_to_those_who_may_read_the_engagement():
    an_engagement()
    metric_id = a_metric()
    at = [noon(day) for day in range(2, DAY + 1)]
    rows = Rows([metric_id] * len(at), at, [float(5 + day % 3) for day in range(len(at))])
    USE_CASES["measurements.batches.record"](the_operator(DAY), "acme", rows=rows, source="x.csv")
    people = list(everybody())
    engagement = the_state()
    (metric,) = engagement.metrics
    values = USE_CASES["measurements.measurements"](the_operator(DAY), "acme")
    past = USE_CASES["metrics.forecasts.past_forecasts"]
    made = len(past(the_operator(DAY), engagement, metric, values))
    assert made > 0
    for who, role, actor in people:
        if role is not None:
            assert len(past(actor, engagement, metric, values)) == made, who
            continue
        with pytest.raises(NotFound, match="There is no engagement “acme”"):
            past(actor, engagement, metric, values)


@pytest.mark.usefixtures("database")
def test_the_portfolio_lists_only_what_one_is_a_member_of():
    an_engagement()
    an_engagement("secret", name="Somebody else's")
    for _, role, actor in everybody():
        listed = list(USE_CASES["frames.portfolio.portfolio"](actor)["slug"])
        assert listed == (["acme"] if role else [])


@pytest.mark.usefixtures("database")
def test_a_person_exists_only_for_those_who_share_an_engagement_with_them():
    an_engagement()
    lead = an_actor("lead", day=DAY)
    activity = USE_CASES["activity.acts_of_person"]
    USE_CASES["inventory.systems.save"](lead, "acme", added=[{"name": "Billing"}])
    for who, role, actor in everybody():
        if role is None:
            with pytest.raises(NotFound, match="no such person in an engagement of yours"):
                activity(actor, lead.user_id)
        else:
            name, acts = activity(actor, lead.user_id)
            assert (name, [act.use_case for act in acts]) == ("lead", ["edit the systems"]), who


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("scope", Scope)
def test_a_token_does_what_its_scope_says_in_its_engagement_only(scope):
    the_engagement()
    an_engagement("other")
    lead = an_actor("lead", day=DAY)
    token = tokens.make_token(lead, "acme", name="CI", scope=scope, days=9)
    program = tokens.actor_of_token(token, noon(DAY))
    for name, (action, _) in TABLE.items():
        if action in SCOPES[scope] and name not in FOR_PEOPLE:
            refused = call(name, program)
            assert lets_in(refused), f"{name}: {refused}"
        else:
            assert isinstance(call(name, program), Forbidden), f"a token to {scope} can {name}"
    with pytest.raises(NotFound):
        USE_CASES["states.state"](program, "other")
    tokens.revoke_token(lead, "acme", 1)
    assert tokens.actor_of_token(token, noon(DAY)) is None
    assert hides(call("states.state", program))


@pytest.mark.usefixtures("database")
def test_what_doesnt_exist_and_what_isnt_ones_own_are_told_alike():
    the_engagement()
    stranger = an_actor("nobody", role=None, day=DAY)
    for name in TABLE:
        if TABLE[name][0] in set(Action):
            given = dict(TABLE[name][1])
            words = []
            for slug in ("acme", "nowhere"):
                with pytest.raises(NotFound) as refused:
                    USE_CASES[name](stranger, **(given | {"slug": slug}))
                words.append(str(refused.value).replace(slug, "…"))
            assert words[0] == words[1]


def test_the_table_names_every_action_and_says_yes_or_no_for_every_role():
    from models.permissions import _TABLE, as_markdown

    assert set(_TABLE) == set(Action)
    assert all(len(row) == len(Role) for row in _TABLE.values())
    assert as_markdown().count("\n") == 1 + len(Action) + len(Administration)


def test_the_guide_prints_the_table_from_the_code():
    from pathlib import Path

    from models.permissions import as_markdown

    guide = Path(__file__).resolve().parents[2] / "docs" / "guide" / "access.md"
    assert as_markdown() in guide.read_text(encoding="utf-8")


def test_it_is_the_clock_of_the_edge_that_expires_a_token(database):
    an_engagement()
    token = tokens.make_token(an_actor("lead", day=1), "acme", name="CI", scope="read", days=3)
    assert tokens.actor_of_token(token, noon(3)) is not None
    assert tokens.actor_of_token(token, noon(5)) is None
    assert tokens.actor_of_token(token.swapcase(), noon(3)) is None

"""What tests begin with: people, and an engagement on a known day. Every time is given, none is asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from models.database import engine
from models.engagement import Engagement
from models.metrics import DEFAULTS, Metric
from models.people import Actor, Member, Role, User, operator
from models.permissions import Action
from models.sessions import Purpose
from models.summary import InventoryFacts, MetricFacts, MilestoneFacts, PipelineFacts, Summary, WorkflowFacts
from services.core.transaction import get_part, open_engagement, transaction
from services.engagement import engagements
from services.metrics import definitions
from services.people import accounts as people
from services.people import authentication, sessions
from services.people.client_info import ClientInfo
from services.sign_off.versions import current_definition, record_version
from store.states import state
from tests.db_snapshots import once_a_run

DAY_1 = date(2026, 10, 5)


def noon(day: int) -> datetime:
    """Noon (UTC) of a day of the plan."""
    return datetime.combine(DAY_1 + timedelta(days=day - 1), datetime.min.time(), UTC) + timedelta(hours=12)


def on_day(day: int) -> date:
    """The date of a day of the plan."""
    return DAY_1 + timedelta(days=day - 1)


def the_operator(day: int = 1) -> Actor:
    return operator(noon(day))


def a_user(name: str = "Mei Tan", *, administrator: bool = False) -> int:
    """A user's id; the same name is the same user."""
    return _user_and_role(name, "")[0] or _create_user(name, administrator=administrator)


def an_actor(name: str, slug: str = "acme", role: Role | None = Role.LEAD, day: int = 1) -> Actor:
    """A user acting on a day of the plan, with a role in the engagement (None: not a member of it)."""
    user_id, has = _user_and_role(name, slug)
    user_id = user_id or _create_user(name)
    if role not in (None, has):
        with transaction(the_operator(), "add a member") as session:
            engagement = open_engagement(session, slug, Action.MANAGE_MEMBERS)
            query = select(Member).where(Member.engagement_id == engagement.id, Member.user_id == user_id)
            member = session.scalar(query)
            if member is None:
                session.add(Member(engagement_id=engagement.id, user_id=user_id, role=role))
            else:
                member.role = role
    return Actor(name=name, at=noon(day), via="test", user_id=user_id)


# Made once: four tests in five ask this, often several times, and making it takes longer than the answer.
_USER_AND_ROLE = (
    select(User.id, Member.role)
    .select_from(User)
    .outerjoin(Engagement, Engagement.slug == bindparam("slug"))
    .outerjoin(Member, and_(Member.engagement_id == Engagement.id, Member.user_id == User.id))
    .where(User.email == bindparam("email"))
)


def _user_and_role(name: str, slug: str) -> tuple[int | None, Role | None]:
    with engine().connect() as connection:
        row = connection.execute(_USER_AND_ROLE, {"email": _email_of(name), "slug": slug}).first()
        return (row.id, row.role) if row else (None, None)


def _create_user(name: str, *, administrator: bool = False) -> int:
    with Session(engine()) as session:
        user = User(email=_email_of(name), name=name, administrator=administrator, created_at=noon(1))
        session.add(user)
        session.commit()
        return user.id


def _email_of(name: str) -> str:
    return name.lower().replace(" ", ".") + "@example.org"


def an_engagement(slug: str = "acme", **given: object) -> str:
    """An engagement that began on DAY_1 with the guide's plan. Returns its slug."""
    fields = {"name": "Lending platform", "client": "Acme Lending", "day_1": DAY_1, "zone": "UTC"}
    fields |= {"lead": "Mei Tan", "sponsor": "Dana Ruiz, COO", "sector": "Fintech", "region": "Europe"}
    fields |= given
    once_a_run(
        f"the engagement {slug} {fields}",
        lambda: engagements.create_engagement(the_operator(), slug, **fields),  # type: ignore[arg-type]
    )
    return slug


def the_state(slug: str = "acme") -> Engagement:
    """The engagement as it is now."""
    return state(the_operator(), slug)


# Summaries, for rules that need no database. Nothing is known of them but what a test gives.


def a_milestone(criterion: str, **given: object) -> MilestoneFacts:
    """A milestone of the first phase, from day 1 to day 30; `start`, `due` and `since` are days of the plan."""
    start, due, since = (given.pop(name, day) for name, day in [("start", 1), ("due", 30), ("since", 1)])
    fields = {"id": 1, "key": criterion, "name": "Milestone", "phase": 1, "criterion": criterion, "needed": 1}
    dates = {"start_on": on_day(start), "due_on": on_day(due), "since": on_day(since)}
    nothing = {"evidence_on": [], "claims": [], "waivers": []}
    return MilestoneFacts(**(fields | dates | nothing | given))


def a_flow(name: str = "Score", **given: object) -> WorkflowFacts:
    """A workflow that is a candidate; `live=40` makes it live since day 40 of the plan."""
    live = given.pop("live", None)
    fields = {
        "id": 1,
        "name": name,
        "state": "live" if live else "candidate",
        "live_on": live and on_day(live),
    }
    nothing = {"has_fallback": False, "rehearsed_on": [], "asked_for": False, "measured": False}
    return WorkflowFacts(**(fields | nothing | {"trained_on": None, "documented_on": None} | given))


def a_pipeline_of(kind: str, *green: int, **given: object) -> PipelineFacts:
    """A pipeline with a link, green on those days of the plan."""
    fields = {"id": 1, "name": kind.capitalize(), "kind": kind, "has_link": True}
    runs = {"green_on": sorted(map(on_day, green)), "last_run_green": bool(green) or None}
    return PipelineFacts(**(fields | runs | given))


def a_measure(name: str = "Cycle time", **given: object) -> MetricFacts:
    """A weekly metric from 4 h down to 1 h by day 90, unsigned and never measured."""
    fields = {"id": 1, "slug": "cycle", "name": name, "unit": "h", "direction": "lower", "cadence_days": 7}
    way = {"has_source": True, "baseline": 4.0, "target": 1.0, "target_on": on_day(90)}
    nothing = {"seal": "unsigned", "signed_on": None, "measured": 0, "last_on": None, "current": None}
    points = {"baseline_points": 0, "baseline_enough_on": None, "moved_on": None}
    return MetricFacts(**(fields | way | nothing | points | given))


def a_summary(**given: object) -> Summary:
    """An engagement in its first cycle, begun on DAY_1, of which nothing is recorded but what is given."""
    names = {"slug": "acme", "name": "Lending platform", "client": "Acme Lending", "sector": "", "region": ""}
    people = {"lead": "Mei Tan", "sponsor": "Dana Ruiz, COO", "zone": "UTC"}
    cycle = {"cycle": 1, "day_1": DAY_1, "first_day_1": DAY_1, "closed_on": None, "next_cycle_on": None}
    lists = [
        "milestones",
        "end_users_on",
        "workflows",
        "pipelines",
        "metrics",
        "trainings_on",
        "decisions",
        "checks",
    ]
    nothing = {name: [] for name in lists} | {"interviews_planned": 0, "frictions": 0}
    nothing |= {"inventory": InventoryFacts(systems=0, ready_on=[], without={}, pain_points_on=[])}
    return Summary(**(names | people | cycle | nothing | given))


def a_metric(engagement: str = "acme", day: int = 1, **given: object) -> int:
    """A metric (loan decision time in hours, lower is better, unless `given` says otherwise). Returns its id."""
    fields: dict[str, object] = {"name": "Loan decision time", "unit": "h", "direction": "lower"}
    return definitions.define(the_operator(day), engagement, fields | given)


def judged_by_version_1(metric_id: int, slug: str = "acme") -> None:
    """Judge a metric by the rules of a program that knew version 1 alone."""
    with transaction(the_operator(), "define a metric") as session:
        metric = get_part(session, open_engagement(session, slug, Action.DEFINE_METRICS), Metric, metric_id)
        before = current_definition(metric)
        metric.rules_version = DEFAULTS["rules_version"]
        session.flush()
        record_version(session, metric, before)


def signed_in_once(user_id: int, visitor: ClientInfo, at: datetime) -> None:
    """From now on the visitor's browser is one in which that user signed in before. They aren't signed in there now."""
    with Session(engine()) as session:
        email = session.get(User, user_id).email
    begun = authentication.sign_in_by_link(
        people.make_link(operator(at), email, Purpose.SIGN_IN), at, visitor
    )
    sessions.sign_out(begun.token, at, visitor)


def a_session(user_id: int, at: datetime) -> tuple[int, str]:
    """A session of that user, begun by a one-time link as the operator makes it: its id and its token."""
    with Session(engine()) as session:
        email = session.get(User, user_id).email
    begun = authentication.sign_in_by_link(
        people.make_link(operator(at), email, Purpose.SIGN_IN), at, ClientInfo("127.0.0.1", "a test")
    )
    return sessions.by_token(begun.token, at).session_id, begun.token

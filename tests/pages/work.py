"""An engagement on day 75 with workflows, pipelines, trainings and decisions: what the pages of the work show."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from models.interviews import Friction, Interview
from models.inventory import System
from models.people import Member, Role
from models.permissions import Action
from services.core.transaction import open_engagement, transaction
from services.plan import decisions
from services.workflows import adoption, pipelines, workflows
from tests.builders import the_operator
from tests.pages.test_overview import TODAY, me, my_engagement

TODAY_IS_DAY = 75


def on_day(day: int) -> date:
    """The date of a day of the plan, which is on day 75 today."""
    return TODAY + timedelta(days=day - TODAY_IS_DAY)


def the_person_is(role: Role) -> None:
    """The person at the screen has another role from now on."""
    with transaction(the_operator(), "change a member") as session:
        engagement = open_engagement(session, "acme", Action.MANAGE_MEMBERS)
        query = select(Member).where(Member.engagement_id == engagement.id, Member.user_id == me().user_id)
        session.scalars(query).one().role = role


def the_work() -> dict[str, int]:
    """Two live workflows, one proven and one that nobody asked for, and two pipelines. Returns ids by name."""
    my_engagement(day=TODAY_IS_DAY)
    with transaction(me(), "set up a test") as session:
        engagement = open_engagement(session, "acme", Action.EDIT_INVENTORY)
        core = System(engagement_id=engagement.id, name="Loan core")
        told_on = on_day(8)
        interview = Interview(
            engagement_id=engagement.id,
            planned_on=told_on,
            held_on=told_on,
            interviewee="Ana Costa",
            end_user=True,
        )
        session.add_all([core, interview])
        session.flush()
        friction = Friction(
            engagement_id=engagement.id, interview_id=interview.id, theme="Waiting", severity=5, frequency="daily",
            observed="Waits for the batch",
        )  # fmt: skip
        session.add(friction)
        session.flush()
    score = {"name": "Decide on a *loan*", "state": "live", "live_on": on_day(50), "fallback": "On paper"}
    ids = {"friction": friction.id}
    ids["score"] = workflows.add_workflow(
        me(), "acme", score | {"system_ids": [core.id], "rehearsed_on": on_day(48)}
    )
    workflows.link_frictions(me(), "acme", ids["score"], [friction.id])
    pay_out = {"name": "Pay out", "state": "live", "live_on": on_day(60)}
    ids["pay out"] = workflows.add_workflow(me(), "acme", pay_out)
    for kind, day in [("build", 72), ("test", 60)]:
        link = f"https://ci.example.org/{kind}"
        given = {"name": f"{kind.capitalize()} line", "kind": kind, "link": link}
        ids[kind] = pipelines.add_pipeline(me(), "acme", given)
        pipelines.report_run(me(), "acme", ids[kind], ran_on=on_day(day), green=True)
    return ids


def trained_and_documented(workflow: int) -> None:
    """31 of 38 came to a training on the workflow, and it has a document."""
    training = {
        "title": "Desk day",
        "held_on": on_day(64),
        "invited": 38,
        "attended": 31,
        "workflow_id": workflow,
    }
    adoption.record_training(me(), "acme", training)
    document = {"title": "Desk guide", "link": "https://wiki.example.org/desk", "published_on": on_day(66)}
    adoption.publish_document(me(), "acme", document | {"workflow_id": workflow})


def three_needed_one_made() -> dict[str, int]:
    """A decision that is overdue, one needed today, one needed soon, and one that was made. Returns ids by name."""
    ids = {}
    for name, title, day in [
        ("soon", "Name an owner", 80),
        ("overdue", "Fund the parallel run", 72),
        ("today", "Accept the slip", 75),
    ]:
        ids[name] = decisions.need_decision(
            me(), "acme", title=title, owner="Dana Ruiz", needed_by=on_day(day)
        )
    made = {
        "title": "Loans first",
        "owner": "Mei Tan",
        "decided_on": on_day(70),
        "outcome": "Loans, then cards",
    }
    ids["made"] = decisions.record_decision(me(), "acme", made | {"rests_on": "9 of 12 frictions"})
    return ids

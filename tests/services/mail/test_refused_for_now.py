"""A mail server that refuses one address for now keeps nobody else from their mail, and nobody gets a mail twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.endpoints import DeliveryAttempt
from models.errors import Invalid
from models.people import Actor, Role
from services import background
from services.engagement import invitations
from services.engagement.engagements import remove_member
from services.events.noticing import notice
from services.mail import mail_choices, week_mail
from services.notes.notes import write_note
from services.people.client_info import ClientInfo
from services.review import reviews
from services.sign_off import links, requests, signing
from store.endpoints import endpoints
from tests.builders import a_metric, an_actor, an_engagement, noon, the_operator, the_state
from tests.services.mail.mailbox import token_in
from tests.services.mail.test_mail import run

pytestmark = pytest.mark.usefixtures("database")
DANA, MEI, RAVI = (f"{name}@example.org" for name in ("dana.ruiz", "mei.tan", "ravi.patel"))


@pytest.fixture
def people() -> dict[str, Actor]:
    """Three members who want every mail. Dana is mailed first: her id is the smallest."""
    an_engagement()
    roles = {"Dana Ruiz": Role.SPONSOR, "Mei Tan": Role.LEAD, "Ravi Patel": Role.LEAD}
    people = {name: an_actor(name, role=role, day=5) for name, role in roles.items()}
    for person in people.values():
        mail_choices.choose(person, "acme", weeks=True, mentions=True)
    return people


def a_frozen_week(people: dict[str, Actor]) -> str:
    reviews.freeze(people["Mei Tan"], "acme")
    return DANA


def a_note(people: dict[str, Actor]) -> str:
    write_note(people["Mei Tan"], "acme", "metric", a_metric(), "@Dana Ruiz and @Ravi Patel: still right?")
    return DANA


def an_answer(people: dict[str, Actor]) -> str:
    metric_id = a_metric(baseline=4.0, target=0.025, target_day=80)
    (metric,) = the_state().metrics
    requests.ask(people["Ravi Patel"], "acme", [metric_id], of=people["Dana Ruiz"].user_id)
    signing.sign(
        people["Dana Ruiz"], "acme", signing.approvals({metric_id: metric.digest()}), name="Dana Ruiz"
    )
    return MEI


@pytest.mark.parametrize("act", [a_frozen_week, a_note, an_answer])
def test_the_others_are_mailed_at_once_and_the_one_later(box, people, act: Callable[[dict[str, Actor]], str]):
    first = act(people)
    box.later.add(first)
    run(noon(5))
    others = sorted(mail["To"] for mail in box.mails)
    assert others
    assert first not in others
    box.later.clear()
    run(noon(5) + timedelta(minutes=1))
    run(noon(5) + timedelta(minutes=2))
    assert sorted(mail["To"] for mail in box.mails) == sorted([*others, first])


def test_a_digest_reaches_the_others_and_the_one_with_the_next_try(box, people):
    mei = an_actor("Mei Tan", day=25)
    notice(the_operator(25))
    morning = noon(26) - timedelta(hours=4)
    box.later.add(MEI)
    run(morning)
    assert [mail["To"] for mail in box.mails] == [RAVI]
    box.later.clear()
    run(morning + timedelta(minutes=6))
    run(morning + timedelta(minutes=12))
    assert [mail["To"] for mail in box.mails] == [RAVI, MEI]
    assert mei.user_id is not None


def test_one_full_mailbox_is_given_up_and_switches_mail_off_for_nobody(box, people):
    box.later.add(DANA)
    a_frozen_week(people)
    run(noon(5))
    invitations.invite(people["Mei Tan"], "acme", "new@example.org", "viewer")
    for hours in range(1, 12):
        run(noon(5) + timedelta(hours=hours))
    assert len(box.to("new@example.org")) == 1
    (row,) = endpoints(the_operator(), "acme")
    assert (row.state, row.off_since) == ("up to date", None)
    box.later.clear()
    run(noon(5) + timedelta(hours=13))
    assert box.to(DANA) == [], "given up"


def test_why_it_waits_is_shown_without_the_address(box, people):
    box.later.add(DANA)
    a_frozen_week(people)
    run(noon(5))
    (row,) = endpoints(the_operator(), "acme")
    assert row.last_answer == "2 mailed, 1 not yet: 452 The mailbox of an address is full"
    with Session(engine()) as session:
        answers = session.scalars(select(DeliveryAttempt.answer)).all()
    assert row.last_answer in answers
    assert not any("@" in answer for answer in answers)


def test_a_member_who_left_while_it_waited_keeps_nobody_from_it(box, people):
    box.later |= {DANA, MEI}
    a_frozen_week(people)
    run(noon(5))
    assert [mail["To"] for mail in box.mails] == [RAVI]
    remove_member(the_operator(5), "acme", people["Dana Ruiz"].user_id)
    box.later.clear()
    run(noon(5) + timedelta(minutes=1))
    assert [mail["To"] for mail in box.mails] == [RAVI, MEI]


def test_the_lead_is_told_whom_the_server_did_not_take(box, people):
    review_id = reviews.freeze(people["Mei Tan"], "acme").id
    box.later.add(DANA)
    ids = [people[name].user_id for name in ("Dana Ruiz", "Ravi Patel")]
    with pytest.raises(
        Invalid, match=r"didn't take it for Dana Ruiz: 452 .* Ravi Patel has it\. Try again later"
    ):
        week_mail.send_week(people["Mei Tan"], "acme", review_id, ids)
    assert [mail["To"] for mail in box.mails] == [RAVI]
    box.later.clear()
    assert week_mail.send_week(people["Mei Tan"], "acme", review_id, ids) == ["Dana Ruiz"]


@pytest.mark.parametrize("away", [False, True])
def test_a_reminder_that_cannot_be_sent_leaves_the_link_that_was(box, people, monkeypatch, away):
    metric_id = a_metric(baseline=4.0, target=0.025, target_day=80)
    requests.ask(people["Mei Tan"], "acme", [metric_id], of=people["Dana Ruiz"].user_id)
    run(noon(5))
    (first,) = box.to(DANA)
    at = noon(5) + timedelta(hours=50)
    with monkeypatch.context() as settings:
        if away:
            settings.setenv("HEADWAY_SMTP", "127.0.0.1:1")
        box.later.add(DANA)
        background.run_once(lambda: at)
    links.open_link(token_in(first), at, ClientInfo("a phone"))
    box.later.clear()
    background.run_once(lambda: at + timedelta(hours=1))
    assert len(box.to(DANA)) == 2


def test_a_reminder_to_a_wrong_address_keeps_nobody_from_their_digest(box, people):
    metric_id = a_metric(baseline=4.0, target=0.025, target_day=80)
    requests.ask(an_actor("Mei Tan", day=23), "acme", [metric_id], of=people["Dana Ruiz"].user_id)
    run(noon(23))
    box.refused.add(DANA)
    notice(the_operator(25))
    run(noon(26) - timedelta(hours=4))
    assert [mail["To"] for mail in box.mails] == [DANA, MEI, RAVI]

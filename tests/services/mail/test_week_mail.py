"""A frozen week is sent to chosen members, once each; without a mail server it is a text to paste."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Forbidden, Invalid
from models.journal import JournalEntry
from models.people import Actor, Role
from reports.exports.week_files import export
from services import background
from services.events.relay import Relay
from services.mail import mail_choices, week_mail
from services.review import reviews
from store import reviews as stored_reviews
from tests.builders import an_actor, an_engagement, noon, the_operator
from tests.services.mail.mailbox import text_of

pytestmark = pytest.mark.usefixtures("database")
DANA, MEI, RAVI = (f"{name}@example.org" for name in ("dana.ruiz", "mei.tan", "ravi.patel"))


@pytest.fixture
def lead() -> Actor:
    an_engagement()
    an_actor("Dana Ruiz", role=Role.SPONSOR, day=5)
    an_actor("Ravi Patel", role=Role.VIEWER, day=5)
    return an_actor("Mei Tan", day=5)


def freeze(lead: Actor) -> int:
    return reviews.freeze(lead, "acme").id


def ids(lead: Actor, review_id: int, *names: str) -> list[int]:
    return [row.user_id for row in week_mail.recipients(lead, "acme", review_id) if row.name in names]


def relay() -> None:
    background.tick(noon(5), notices=False)
    Relay(background.channels(), lambda: noon(5)).run(once=True)


def test_a_week_goes_to_whom_the_lead_chose_with_its_pdf_and_its_light_page(box, lead):
    review_id = freeze(lead)
    sent = week_mail.send_week(lead, "acme", review_id, ids(lead, review_id, "Dana Ruiz", "Ravi Patel"))
    assert sent == ["Dana Ruiz", "Ravi Patel"]
    assert sorted(mail["To"] for mail in box.mails) == [DANA, RAVI]
    (mail,) = box.to(RAVI)
    (attachment,) = mail.iter_attachments()
    week = stored_reviews.week(the_operator(5), "acme", 1)
    ravi = an_actor("Ravi Patel", role=Role.VIEWER, day=5)
    assert attachment.get_content() == export(stored_reviews.document(ravi, "acme", week.digest), "pdf")
    assert f"/week/acme/{week.on.isoformat()}" in text_of(mail)
    assert "Mei Tan sent you this week." in text_of(mail)
    assert "You chose" not in text_of(mail)
    assert mail["List-Unsubscribe"] is None
    assert mail["Reply-To"] == MEI


def test_nobody_is_sent_a_week_twice_whether_by_the_lead_or_as_they_chose(box, lead):
    mail_choices.choose(an_actor("Dana Ruiz", role=Role.SPONSOR, day=5), "acme", weeks=True)
    review_id = freeze(lead)
    both = ids(lead, review_id, "Dana Ruiz", "Ravi Patel")
    week_mail.send_week(lead, "acme", review_id, both)
    relay()
    assert sorted(mail["To"] for mail in box.mails) == [DANA, RAVI]
    with pytest.raises(Invalid, match="They were sent this week before"):
        week_mail.send_week(lead, "acme", review_id, both)
    rows = {row.name: (row.chose, row.was_sent) for row in week_mail.recipients(lead, "acme", review_id)}
    assert rows == {"Mei Tan": (False, False), "Dana Ruiz": (True, True), "Ravi Patel": (False, True)}


def test_sending_is_in_the_journal_by_whom(box, lead):
    review_id = freeze(lead)
    week_mail.send_week(lead, "acme", review_id, ids(lead, review_id, "Dana Ruiz"))
    with Session(engine()) as session:
        acts = session.execute(select(JournalEntry.actor, JournalEntry.use_case)).all()
    assert ("Mei Tan", "send the review") in [tuple(act) for act in acts]


def test_only_who_freezes_weeks_sends_them(box, lead):
    review_id = freeze(lead)
    dana = an_actor("Dana Ruiz", role=Role.SPONSOR, day=5)
    with pytest.raises(Forbidden):
        week_mail.send_week(dana, "acme", review_id, [dana.user_id])
    with pytest.raises(Invalid, match="Choose whom to send it to"):
        week_mail.send_week(lead, "acme", review_id, [])
    with pytest.raises(Invalid, match="no such review"):
        week_mail.send_week(lead, "acme", review_id + 1, [dana.user_id])
    assert box.mails == []


def test_without_a_mail_server_the_week_is_a_text_with_the_link_of_its_light_page(lead):
    review_id = freeze(lead)
    assert not week_mail.can_mail()
    with pytest.raises(Invalid, match="Mail is switched off"):
        week_mail.send_week(lead, "acme", review_id, ids(lead, review_id, "Dana Ruiz"))
    text = week_mail.ready_text(lead, "acme", review_id)
    assert text.subject == "Lending platform: week 1 of 13, no evidence yet"
    assert "/week/acme/2026-10-09" in text.body
    address = urlsplit(text.mailto([DANA]))
    assert (address.scheme, unquote(address.path)) == ("mailto", DANA)
    assert parse_qs(address.query) == {"subject": [text.subject], "body": [text.body]}

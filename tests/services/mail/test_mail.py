"""What is mailed, to whom and when, through a real SMTP server."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from models.database import engine
from models.errors import Invalid, NotFound
from models.metrics import CHANGES_REQUESTED
from models.people import Actor, Role, User
from models.sessions import hash_token
from models.sign_off import SignOffRecord
from reports.exports.week_files import export
from reports.mail.letter import MAX_PREVIEW, Letter, Link, Section, as_html, as_text
from services import background
from services.engagement import invitations
from services.engagement.archiving import archive
from services.engagement.engagements import add_member
from services.events.noticing import notice
from services.events.relay import Relay
from services.interviews import interviews
from services.mail import account_mail, mail_choices
from services.notes.notes import write_note
from services.people.client_info import ClientInfo
from services.plan import decisions
from services.review import reviews
from services.sign_off import links, requests, signing
from store import reviews as stored_reviews
from tests.builders import DAY_1, a_metric, an_actor, an_engagement, noon, on_day, the_operator, the_state
from tests.services.mail.mailbox import mailbox, text_of, token_in

pytestmark = pytest.mark.usefixtures("database")
DANA, MEI = "dana.ruiz@example.org", "mei.tan@example.org"


def run(at: datetime) -> None:
    """Everything that a relay does at that moment."""
    background.tick(at, notices=False)
    Relay(background.channels(), lambda: at).run(once=True)


def ask(day: int = 5) -> int:
    an_engagement()
    lead = an_actor("Mei Tan", day=day)
    sponsor = an_actor("Dana Ruiz", role=Role.SPONSOR, day=day)
    metric_id = a_metric(baseline=4.0, target=0.025, target_day=80)
    return requests.ask(lead, "acme", [metric_id], of=sponsor.user_id, note_to_them="Before <Friday>, please")


def open_mailed(token: str, at: datetime) -> Actor:
    opened = links.open_link(token, at, ClientInfo("a phone"))
    return links.link_session(opened.token, at).actor


def test_a_sponsor_is_mailed_a_link_that_signs_in_a_browser_never_seen(box):
    ask()
    run(noon(5))
    (mail,) = box.to(DANA)
    metric = the_state().metrics[0]
    assert mail["Subject"] == "Mei Tan asks you to sign 1 metric: Lending platform"
    assert mail["From"] == "Headway <headway@example.com>"
    assert mail["Reply-To"] == MEI, "an answer by mail reaches who asked"
    assert f"{metric.name}: from 4 h to 90 s by 23 Dec 2026" in text_of(mail)
    assert "Before <Friday>, please" in text_of(mail)
    assert "Before &lt;Friday&gt;, please" in mail.get_body(("html",)).get_content()
    assert "until Mon 12 Oct, 12:00 (UTC)" in text_of(mail)
    run(noon(5) + timedelta(minutes=10))
    assert len(box.mails) == 1
    dana = open_mailed(token_in(mail), noon(5))
    signing.sign(dana, "acme", signing.approvals({metric.id: shown(dana)}), name="Dana Ruiz")
    run(noon(5) + timedelta(minutes=20))
    (answer,) = box.to(MEI)
    assert answer["Subject"] == "Dana Ruiz signed 1 metric: Lending platform"
    with Session(engine()) as session:
        identity = session.scalars(select(SignOffRecord)).one().record["signer"]["identity"]
    assert "mailed to this account's address" in identity


def shown(sponsor: Actor) -> str:
    from reports.sign_off.sheet import sheet

    return sheet(sponsor, "acme").cards[0].sha256


def test_the_reminder_comes_once_and_its_link_signs(box):
    ask()
    run(noon(5))
    for hours in (1, 47, 49, 50, 60, 71, 100):
        run(noon(5) + timedelta(hours=hours))
    first, reminder = box.to(DANA)
    assert reminder["Subject"].startswith("Reminder: ")
    assert "takes the place of the link" in text_of(reminder)
    at = noon(5) + timedelta(hours=50)
    with pytest.raises(Exception, match="a newer link was made"):
        links.open_link(token_in(first), at, ClientInfo("a phone"))
    assert open_mailed(token_in(reminder), at).user_id is not None


def test_an_answer_names_what_is_signed_and_what_is_to_change(box):
    an_engagement()
    lead, dana = an_actor("Mei Tan", day=5), an_actor("Dana Ruiz", role=Role.SPONSOR, day=5)
    ids = [a_metric(baseline=4.0, target=0.025, target_day=80, name=name) for name in ("Speed", "Cost")]
    requests.ask(lead, "acme", ids, of=dana.user_id)
    digests = {metric.id: metric.digest() for metric in the_state().metrics}
    declines = signing.Answer(ids[1], digests[ids[1]], meaning=CHANGES_REQUESTED, words="In euros, please")
    signing.sign(dana, "acme", [signing.Answer(ids[0], digests[ids[0]]), declines], name="Dana Ruiz")
    run(noon(5))
    (mail,) = box.to(MEI)
    subject = "Dana Ruiz signed 1 metric and asks for changes to 1 metric: Lending platform"
    assert mail["Subject"] == subject
    signed, _, changes = text_of(mail).partition("Changes asked for")
    assert "- Speed" in signed
    assert "Cost" not in signed
    assert "- Cost: “In euros, please”" in changes
    assert mail["Reply-To"] == DANA, "what to change is asked of who asked for it"
    assert "Speed" not in changes


def test_no_reminder_after_the_answer(box):
    request_id = ask()
    run(noon(5))
    requests.withdraw(an_actor("Mei Tan", day=6), "acme", request_id, "Not yet")
    run(noon(5) + timedelta(hours=60))
    assert len(box.to(DANA)) == 1


def test_a_request_answered_before_the_mail_is_not_mailed(box):
    request_id = ask()
    requests.withdraw(an_actor("Mei Tan", day=5), "acme", request_id, "Not yet")
    run(noon(5))
    assert box.to(DANA) == []


def test_no_token_is_stored_anywhere(box):
    ask()
    run(noon(5))
    token = token_in(box.to(DANA)[0])
    assert hash_token(token) in dump()
    assert token not in dump()


def dump() -> str:
    """Every value of every table."""
    with engine().connect() as connection:
        names = inspect(connection).get_table_names()
        return "\n".join(
            str(tuple(row)) for name in names for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')
        )


def test_a_hand_made_link_is_no_mailed_one(box):
    request_id = ask()
    lead = an_actor("Mei Tan", day=5)
    token = links.make_link(lead, "acme", request_id)
    assert isinstance(links.open_link(token, noon(5), ClientInfo("a phone")), links.SignInRequired)
    with pytest.raises(Exception, match="command line"):
        links.make_link(lead, "acme", request_id, mailed=True)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Tokyo"])
def test_on_friday_who_chose_it_has_the_week_with_the_very_bytes_of_the_export(box, zone):
    an_engagement(zone=zone)
    friday = datetime(2026, 10, 9, 16, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    lead = Actor("Mei Tan", friday, "test", an_actor("Mei Tan").user_id)
    dana = an_actor("Dana Ruiz", role=Role.SPONSOR)
    an_actor("Ravi Patel", role=Role.VIEWER)
    mail_choices.choose(lead, "acme", weeks=True)
    mail_choices.choose(dana, "acme", weeks=True)
    frozen = reviews.freeze(lead, "acme")
    run(friday)
    run(friday + timedelta(minutes=1))
    assert sorted(mail["To"] for mail in box.mails) == [DANA, MEI]
    (mail,) = box.to(MEI)
    (attachment,) = mail.iter_attachments()
    document = stored_reviews.document(the_operator(), "acme", frozen.digest)
    assert attachment.get_content() == export(document, "pdf")
    assert attachment.get_filename() == "acme-week-1.pdf"
    assert document.passage("verdict") in " ".join(text_of(mail).split())
    stop = mail["List-Unsubscribe"].strip("<>").partition("token=")[2]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail_choices.unsubscribe(stop) == "Lending platform"
    assert mail_choices.choices(lead, "acme") == {"weeks": False, "digest": True, "mentions": False}
    with pytest.raises(NotFound):
        mail_choices.unsubscribe("made up")


def test_a_frozen_week_names_the_decisions_that_it_needs(box):
    an_engagement()
    lead = an_actor("Mei Tan", day=5)
    mail_choices.choose(lead, "acme", weeks=True)
    decisions.request_decision(lead, "acme", title="Which ledger?", owner="Dana Ruiz", needed_by=on_day(9))
    reviews.freeze(lead, "acme")
    run(noon(5))
    (mail,) = box.to(MEI)
    assert mail["Subject"] == "Week 1, no evidence yet: Lending platform"
    assert "1 decision needed - Which ledger? Dana Ruiz, by 13 Oct" in " ".join(text_of(mail).split())


def test_a_digest_names_every_engagement_and_the_day_of_what_is_not_of_today(box):
    an_engagement()
    an_engagement("beta", name="Claims")
    for slug in ("acme", "beta"):
        an_actor("Mei Tan", slug)
    notice(Actor("operator", noon(25), "test", operator=True))
    run(noon(26) - timedelta(hours=4))
    (mail,) = box.mails
    assert "Lending platform and 1 other" in mail["Subject"]
    assert "5 days ago (on 29 Oct)" in text_of(mail)
    run(noon(25) + timedelta(days=2))
    assert len(box.mails) == 1


def test_one_morning_digest_a_person_and_only_when_there_is_something(box):
    an_engagement(zone="Asia/Tokyo")
    an_actor("Mei Tan")
    an_actor("Ravi Patel", role=Role.VIEWER)
    morning = datetime.combine(DAY_1 + timedelta(days=24), datetime.min.time(), ZoneInfo("Asia/Tokyo"))
    run(morning + timedelta(hours=8))
    assert box.mails == []
    notice(Actor("operator", morning + timedelta(hours=3), "test", operator=True))
    for hours in (4, 6):
        run(morning + timedelta(hours=hours))
    assert box.mails == [], "not at night"
    for hours in (7.1, 7.3, 9, 13):
        run(morning + timedelta(hours=hours))
    (mail,) = box.mails
    assert mail["To"] == MEI
    assert "Systems inventoried is" in text_of(mail)
    run(morning + timedelta(days=1, hours=8))
    assert len(box.mails) == 1, "nothing new"


def test_a_first_digest_looks_back_over_a_weekend_without_a_mail_server(box):
    an_engagement()
    an_actor("Mei Tan")
    notice(Actor("operator", noon(25), "test", operator=True))
    run(noon(28) - timedelta(hours=4))
    (mail,) = box.mails
    assert "(on 29 Oct)" in text_of(mail)


def test_no_digest_tells_of_an_archived_engagement(box):
    an_engagement()
    an_actor("Mei Tan")
    notice(Actor("operator", noon(25), "test", operator=True))
    archive(the_operator(25), "acme")
    run(noon(26) - timedelta(hours=4))
    assert box.mails == []


def opens(mail, address: str) -> bool:
    return any(line.strip().endswith(address) for line in text_of(mail).splitlines())


def test_a_mention_comes_at_once_or_in_the_digest_as_one_chose(box):
    an_engagement()
    lead = an_actor("Mei Tan", day=5)
    dana = an_actor("Dana Ruiz", role=Role.SPONSOR, day=5)
    ravi = an_actor("Ravi Patel", role=Role.CONTRIBUTOR, day=5)
    metric_id = a_metric()
    mail_choices.choose(dana, "acme", mentions=True)
    write_note(lead, "acme", "metric", metric_id, "@Dana Ruiz, @ravi patel: is this still the number?")
    run(noon(5))
    assert [mail["To"] for mail in box.mails] == [DANA]
    metric = the_state().metrics[0]
    assert box.mails[0]["Subject"] == f"Mei Tan mentioned you: the metric “{metric.name}”"
    assert opens(box.mails[0], f"/metrics?engagement=acme&metric={metric.slug}")
    run(noon(6) - timedelta(hours=4))
    (digest,) = box.to("ravi.patel@example.org")
    assert f"Mei Tan mentioned you on the metric “{metric.name}”: “@Dana" in text_of(digest)
    assert opens(digest, f"/metrics?engagement=acme&metric={metric.slug}")
    assert len(box.to(DANA)) == 1
    assert ravi.user_id is not None


@pytest.mark.parametrize("at_once", [True, False])
def test_a_mention_on_an_interview_is_not_mailed_to_who_may_no_longer_read_it(box, at_once):
    an_engagement()
    lead = an_actor("Mei Tan", day=5)
    ravi, ana = (an_actor(name, role=Role.CONTRIBUTOR, day=5) for name in ("Ravi Patel", "Ana Silva"))
    for person in (ravi, ana):
        mail_choices.choose(person, "acme", mentions=at_once)
    interview_id = interviews.record_interview(
        lead, "acme", {"interviewee": "Ines Almeida", "held_on": on_day(4), "role": "Teller"}
    )
    write_note(lead, "acme", "interview", interview_id, "@Ravi Patel and @Ana Silva: three days?")
    add_member(the_operator(5), "acme", "ravi.patel@example.org", Role.SPONSOR.value)
    run(noon(6) - timedelta(hours=4))
    (mail,) = box.mails
    assert mail["To"] == "ana.silva@example.org"
    assert "on the interview of 8 Oct" in text_of(mail)
    assert mail["Reply-To"] == (MEI if at_once else None)
    assert opens(mail, f"/interviews?engagement=acme&interview={interview_id}")
    assert "Almeida" not in mail.as_string()


def test_an_invitation_and_a_one_time_link_are_mailed(box):
    an_engagement()
    lead = an_actor("Mei Tan", day=5)
    invitations.invite(lead, "acme", "new@example.org", "viewer")
    run(noon(5))
    (mail,) = box.to("new@example.org")
    assert mail["Subject"] == "Mei Tan invites you to Lending platform"
    assert "Headway holds the plan" in text_of(mail), "who never heard of it learns what it is"
    account_mail.mail_link(the_operator(5), MEI)
    assert box.to(MEI)[0]["Subject"] == "Headway: your invitation link"
    assert "/session/enter#" in text_of(box.to(MEI)[0])


def test_one_wrong_address_keeps_nobody_from_their_mail(box):
    an_engagement()
    box.refused.add(DANA)
    for name, role in (("Dana Ruiz", Role.SPONSOR), ("Mei Tan", Role.LEAD)):
        mail_choices.choose(an_actor(name, role=role), "acme", weeks=True)
    reviews.freeze(an_actor("Mei Tan", day=5), "acme")
    run(noon(5))
    assert [mail["To"] for mail in box.mails] == [MEI]


def test_an_address_that_the_server_cannot_write_keeps_nobody_from_their_mail(box, monkeypatch):
    an_engagement()
    people = an_actor("Dana Ruiz", role=Role.SPONSOR), an_actor("Mei Tan")
    for person in people:
        mail_choices.choose(person, "acme", weeks=True)
    with Session(engine()) as session:
        session.get_one(User, people[0].user_id).email = "dána.ruiz@example.org"
        session.commit()
    reviews.freeze(an_actor("Mei Tan", day=5), "acme")
    with mailbox(monkeypatch, enable_SMTPUTF8=False) as plain:
        run(noon(5))
        assert [mail["To"] for mail in plain.mails] == [MEI]


def test_without_a_mail_server_nothing_is_mailed_and_nothing_fails(monkeypatch):
    ask()
    run(noon(5))
    with pytest.raises(Invalid, match="Mail is switched off"):
        account_mail.mail_link(the_operator(5), MEI)
    monkeypatch.setenv("HEADWAY_SMTP", "127.0.0.1:1")
    monkeypatch.setenv("HEADWAY_MAIL_FROM", "Headway <h@example.com>")
    run(noon(5) + timedelta(hours=1))
    with mailbox(monkeypatch) as box:
        run(noon(5) + timedelta(hours=2))
        assert len(box.to(DANA)) == 1, "what waited is sent when the server is back"


def test_half_a_setting_of_mail_keeps_nobody_from_the_program(monkeypatch, caplog):
    monkeypatch.setenv("HEADWAY_SMTP", "mail.example.com:587")
    monkeypatch.setattr(background, "TICK_SECONDS", 0.01)
    with background.in_background():
        pass
    assert "Mail needs HEADWAY_SMTP as host:port and HEADWAY_MAIL_FROM" in caplog.text


def test_a_letter_shows_no_html_that_somebody_typed():
    letter = Letter("S", "C", "<b>H</b>", ["<img src=x>"], button=Link("Go", 'https://x.example/"><script>'))
    page = as_html(letter)
    assert "<b>" not in page
    assert "<img" not in page
    assert "<script" not in page
    assert "<b>H</b>" in as_text(letter)


def test_a_letter_loads_nothing_and_reads_without_its_style_sheet():
    letter = Letter("S", "C", "H", ["Two metrics wait"], button=Link("Sign", "https://x.example/sign"))
    page = as_html(letter)
    assert page.index("Two metrics wait") < page.index("<h1"), "an inbox shows the beginning"
    without = re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    assert "prefers-color-scheme" in page
    assert "prefers-color-scheme" not in without
    for tag in re.findall(r"<(?:body|h1|p|a|li|div)\b[^>]*>", without):
        assert "style=" in tag
    assert re.findall(r"(?:src|href)=[\"']([^\"']+)", page) == ["https://x.example/sign"]
    assert "padding:12px 20px" in without, "the button is at least 44 px tall: 24 px of text between them"


def test_an_inbox_shows_whole_words_of_the_beginning():
    letter = Letter("S", "C", "H", [], [Section("", [Link("word " * 40, detail="last")])])
    assert len(letter.preview) <= MAX_PREVIEW
    assert letter.preview.endswith("word…")

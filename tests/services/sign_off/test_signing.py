"""Sign-off: one word a metric, bound to what was on screen, by a sponsor only, and a record of it."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.criteria import evaluate
from models.database import engine
from models.errors import AlreadyDone, Conflict, Forbidden, HeadwayError, Invalid, NotFound
from models.health import health
from models.journal import JournalEntry
from models.metrics import CHANGES_REQUESTED, Metric
from models.people import Actor, Role, operator
from models.sign_off import CONSENT, SignOffRecord
from models.status import Status
from models.summarise import summarise
from reports.metrics.outcomes import outcome_rows
from reports.sign_off.sheet import sheet
from services.engagement import engagements
from services.metrics import definitions
from services.people.client_info import ClientInfo
from services.sign_off import signing
from services.sign_off.signing import Answer, ChangedSinceShown
from store.sign_off import own_record, record
from tests.builders import a_metric, a_session, an_actor, an_engagement, noon, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")


def shown():
    return {metric.id: metric.digest() for metric in the_state().metrics}


def two_metrics():
    an_engagement()
    return a_metric(name="Decision time", baseline="4 h", target="90 s"), a_metric(name="Wait", target="1 h")


def dana(day=5, **given):
    return replace(an_actor("Dana", role=Role.SPONSOR, day=day), **given)


def approve(actor=None, on_screen=None, **given):
    """Dana, or somebody else, approves what is on screen. The id of the record."""
    answers = signing.approvals(on_screen or shown())
    return signing.sign(actor or dana(), "acme", answers, name="Dana Ruiz", **given)


def ask_for_changes(metric_id, words="Count the retries too", actor=None):
    answer = Answer(metric_id, shown()[metric_id], meaning=CHANGES_REQUESTED, words=words)
    return signing.sign(actor or dana(day=6), "acme", [answer], name="Dana Ruiz")


def seals():
    return [(facts.seal, facts.signed_on) for facts in summarise(the_state()).metrics]


def test_each_metric_gets_a_signature_of_its_own():
    two_metrics()
    approve()
    assert seals() == [("signed", on_day(5))] * 2


@pytest.mark.parametrize("second", [{}, {"meaning": CHANGES_REQUESTED, "words": "Count the retries too"}])
def test_two_answers_on_one_metric_are_refused(second):
    first, _ = two_metrics()
    digest = shown()[first]
    with pytest.raises(Invalid, match="two answers on one metric.*Nothing was signed"):
        signing.sign(
            dana(), "acme", [Answer(first, digest), Answer(first, digest, **second)], name="Dana Ruiz"
        )
    assert seals() == [("unsigned", None)] * 2


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"target": "2 min"}, "target from 90 s to 2 min"),
        ({"baseline": "5 h"}, "baseline from 4 h to 5 h"),
        (
            {"owner": "Risk", "counted": "Decisions"},
            "what is counted from – to Decisions, owner from – to Risk",
        ),
        ({"rules": "nhs"}, "rules from wheeler to nhs"),
    ],
)
def test_where_one_definition_changed_under_the_screen_nothing_is_signed_and_the_difference_is_told(
    change, text
):
    first, _ = two_metrics()
    on_screen = shown()
    definitions.change(the_operator(4), "acme", first, change, seen=None)
    with pytest.raises(ChangedSinceShown) as refused:
        approve(on_screen=on_screen)
    assert f"“Decision time” changed: {text}" in str(refused.value)
    assert "Nothing was signed" in str(refused.value)
    assert list(refused.value.differences) == ["Decision time"]
    assert the_state().sign_offs == []


def test_a_card_that_reads_differently_is_not_signed_even_where_the_definition_is_the_same():
    first, _ = two_metrics()
    (card, _) = sheet(dana(), "acme").cards
    with pytest.raises(ChangedSinceShown, match="the card of “Decision time” reads differently now"):
        signing.sign(dana(), "acme", [Answer(first, card.sha256, "0" * 64)], name="Dana Ruiz")
    assert signing.sign(dana(), "acme", [Answer(first, card.sha256, card.shown)], name="Dana Ruiz")


def test_a_digest_that_never_was_is_refused():
    first, _ = two_metrics()
    with pytest.raises(Conflict, match="never its definition"):
        approve(on_screen={first: "0" * 64})


def test_the_digest_covers_the_definition_and_nothing_beside_it():
    first, _ = two_metrics()
    metric = the_state().metrics[0]
    assert metric.digest() == hashlib.sha256(rfc8785.dumps(metric.definition())).hexdigest()
    text = metric.definition()
    for field, other in {"baseline": 5.0, "baseline_digest": "x", "target": 0.1, "rules_version": 3}.items():
        changed = Metric(
            slug=metric.slug, **{name: getattr(metric, name) for name in _columns()} | {field: other}
        )
        assert changed.digest() != metric.digest(), field
    assert not {"id", "version", "active", "created_at", "aggregate"} & set(text)


def _columns():
    from models.metrics import DEFINITION_FIELDS

    return DEFINITION_FIELDS


def test_signing_again_signs_only_what_is_new():
    two_metrics()
    approve()
    with pytest.raises(AlreadyDone, match="signed all of this already"):
        approve()
    a_metric(name="Errors", unit="%", baseline=9, target=2)
    kept = record(the_operator(), "acme", approve())
    assert [item["metric"] for item in kept.record["items"]] == ["errors"]
    assert len(the_state().sign_offs) == 3


def test_a_double_click_signs_once():
    two_metrics()
    click = dana(once="one click")
    approve(click)
    with pytest.raises(AlreadyDone):
        approve(click)
    assert len(the_state().sign_offs) == 2


def test_twelve_sign_ins_of_one_person_at_once_sign_once():
    two_metrics()
    someone, on_screen = dana(), shown()
    inside = [replace(someone, session_id=a_session(someone.user_id, noon(5))[0]) for _ in range(12)]

    def click(actor):
        try:
            return approve(actor, on_screen)
        except AlreadyDone:
            return None

    with ThreadPoolExecutor(12) as pool:
        done = [signature for signature in pool.map(click, inside) if signature is not None]
    assert len(done) == 1
    assert len(the_state().sign_offs) == 2


@pytest.mark.parametrize(
    ("words", "name", "sentence"),
    [("", "Dana Ruiz", "Say what is to change"), ("Retries too", "  ", "Give the name you sign with")],
)
def test_a_wish_without_words_and_a_signature_without_a_name_are_refused(words, name, sentence):
    first, _ = two_metrics()
    answer = Answer(first, shown()[first], meaning=CHANGES_REQUESTED, words=words)
    with pytest.raises(Invalid, match=sentence):
        signing.sign(dana(), "acme", [answer], name=name)
    assert the_state().sign_offs == []


def test_an_answer_that_is_none_is_refused():
    first, _ = two_metrics()
    with pytest.raises(Invalid, match="Answer “Decision time”: approve it or ask for changes"):
        signing.sign(dana(), "acme", [Answer(first, shown()[first], meaning="")], name="Dana Ruiz")
    with pytest.raises(Invalid, match="nothing here to be signed"):
        signing.sign(dana(), "acme", [], name="Dana Ruiz")


def test_there_is_nothing_to_agree_on_without_a_target():
    an_engagement()
    a_metric(name="Open", target=None, baseline=None)
    with pytest.raises(Invalid, match="no target yet"):
        approve()


def test_asking_for_changes_is_no_approval_and_keeps_its_words():
    first, second = two_metrics()
    ask_for_changes(first)
    state = the_state()
    assert seals() == [("unsigned", None)] * 2
    assert state.metrics[0].requested_change.words == "Count the retries too"
    rows = outcome_rows(state, summarise(state), on_day(6)).set_index("metric_id")
    assert rows.seal_text[first] == "changes requested by Dana, 10 Oct"
    assert rows.seal_text[second] == "unsigned"


def test_whoever_approved_can_take_it_back_and_another_sponsors_approval_doesnt_cover_it():
    first, _ = two_metrics()
    approve()
    ask_for_changes(first)
    assert [seal for seal, _ in seals()] == ["unsigned", "signed"]
    approve(an_actor("Sven", role=Role.SPONSOR, day=7), {first: shown()[first]})
    assert [seal for seal, _ in seals()] == ["unsigned", "signed"]
    approve(dana(day=8), {first: shown()[first]})
    assert [seal for seal, _ in seals()] == ["signed", "signed"]


def test_a_signature_that_was_broken_stays_readable_and_holds_again_for_the_very_same_definition():
    first, _ = two_metrics()
    approve()
    definitions.change(the_operator(6), "acme", first, {"target": "2 min"}, seen=None)
    assert [seal for seal, _ in seals()] == ["broken", "signed"]
    ask_for_changes(first)
    assert [seal for seal, _ in seals()] == ["broken", "signed"]
    state = the_state()
    text = outcome_rows(state, summarise(state), on_day(6)).set_index("metric_id").seal_text[first]
    assert text == "v1 signed by Dana, 9 Oct; v2 changes requested by Dana, 10 Oct"
    definitions.change(the_operator(7), "acme", first, {"target": "90 s"}, seen=None)
    assert [seal for seal, _ in seals()] == ["signed", "signed"]


def test_moving_the_plan_moves_no_target_that_somebody_signed_unseen():
    an_engagement()
    a_metric(name="Decision time", baseline="4 h", target="90 s", target_day=90)
    approve()
    engagements.move_day_1(the_operator(6), "acme", on_day(8))
    state = the_state()
    assert [seal for seal, _ in seals()] == ["broken"]
    (card,) = sheet(dana(day=9), "acme").cards
    assert [(one.field, one.before, one.after) for one in card.changes] == [
        ("Target by", "2 Jan 2027", "9 Jan 2027")
    ]
    assert state.metrics[0].target_day == 90


def test_the_milestone_and_the_sponsor_check_follow_the_record():
    def stands():
        summary = summarise(the_state())
        milestone = next(one for one in summary.milestones if one.criterion == "metrics_signed")
        sponsor = next(check for check in health(summary, on_day(9)).checks if check.name == "Sponsor")
        return evaluate(summary, milestone, on_day(9)).met_on, sponsor.status

    first, _ = two_metrics()
    approve()
    assert stands() == (on_day(5), Status.ON_TRACK)
    ask_for_changes(first)
    assert stands() == (None, Status.AT_RISK)
    approve(dana(day=7), {first: shown()[first]})
    definitions.change(the_operator(8), "acme", first, {"target": "2 min"}, seen=None)
    assert stands() == (None, Status.OFF_TRACK)


def test_the_record_says_who_signed_what_when_and_how_they_were_known():
    first, _ = two_metrics()
    person = dana()
    session_id, _ = a_session(person.user_id, noon(5))
    before = {"slug": "acme", "revision": the_state().revision, "head": the_state().head}
    record_id = approve(
        replace(person, session_id=session_id), client=ClientInfo("203.0.113.7", "Mobile Safari")
    )
    kept = own_record(person, "acme", record_id)
    text, (item, other) = kept.record, kept.record["items"]
    assert text["signer"] == {
        "name": "Dana Ruiz", "account": "Dana, dana@example.org", "user_id": person.user_id, "role": "sponsor",
        "authority": "sponsor of Lending platform for Acme Lending; the engagement names as its sponsor: Dana Ruiz, COO",
        "identity": "signed in to this account with a one-time link that an administrator handed over; the last one-time "
        "link into this account that was used was made by operator on 09 Oct 2026 at 12:00 UTC",
        "address": "203.0.113.7", "browser": "Mobile Safari", "session": session_id,
    }  # fmt: skip
    assert text["engagement"] == before | {"name": "Lending platform", "client": "Acme Lending"}
    assert (text["consent"], text["at"]) == (CONSENT, "2026-10-09T12:00:00.000000+00:00")
    assert text["clock"] == "the clock of this server, in UTC"
    assert (item["metric"], item["meaning"], item["version"]) == ("decision-time", "approved", 1)
    assert item["sha256"] == hashlib.sha256(rfc8785.dumps(item["content"])).hexdigest() == shown()[first]
    assert (item["shown"]["baseline"], item["shown"]["target"]) == ("4 h", "90 s")
    assert other["metric"] == "wait"


def test_the_journal_proves_the_record():
    two_metrics()
    kept = record(the_operator(), "acme", approve())
    with Session(engine()) as session:
        row = session.get(SignOffRecord, kept.id)
        assert row.is_intact
        assert row.digest == hashlib.sha256(row.content.encode()).hexdigest()
        entries = session.scalars(select(JournalEntry).where(JournalEntry.kind == "sign_off")).all()
        assert [json.loads(entry.payload)["after"]["record_digest"] for entry in entries] == [kept.digest] * 2
        row.content = row.content.replace("Dana", "Dora")
        assert not row.is_intact


@pytest.mark.parametrize("role", [Role.LEAD, Role.CONTRIBUTOR, Role.VIEWER])
def test_nobody_but_a_sponsor_signs(role):
    two_metrics()
    with pytest.raises(Forbidden):
        approve(an_actor("Someone", role=role))
    with pytest.raises(Forbidden, match="Only a person"):
        approve(operator(noon(5)))
    assert the_state().sign_offs == []


def test_a_sponsor_of_another_engagement_learns_nothing():
    two_metrics()
    on_screen = shown()
    an_engagement("other")
    stranger = an_actor("Sam", slug="other", role=Role.SPONSOR)
    for slug in ("acme", "other"):
        with pytest.raises(NotFound):
            signing.sign(stranger, slug, signing.approvals(on_screen), name="Sam")
        with pytest.raises(NotFound):
            record(stranger, slug, 1)


def test_who_wrote_a_definition_cant_sign_it_in_a_second_role():
    two_metrics()
    mei = an_actor("Mei", role=Role.LEAD)
    mine = definitions.define(mei, "acme", {"name": "Errors", "unit": "%", "direction": "lower", "target": 1})
    now_sponsor = an_actor("Mei", role=Role.SPONSOR, day=3)
    with pytest.raises(Forbidden, match="You defined “Errors” or asked for its signature yourself"):
        approve(now_sponsor, {mine: shown()[mine]})
    assert the_state().sign_offs == []


def test_a_card_tells_what_changed_since_this_person_last_signed():
    first, _ = two_metrics()
    approve()
    definitions.change(the_operator(6), "acme", first, {"target": "2 min", "owner": "Risk"}, seen=None)
    card = next(card for card in sheet(dana(day=7), "acme").cards if card.metric_id == first)
    assert card.since == "Changed since you signed version 1 on 9 Oct 2026:"
    assert [(one.field, one.before, one.after) for one in card.changes] == [
        ("Owner", "–", "Risk"), ("Target", "90 s", "2 min")
    ]  # fmt: skip
    another = next(
        card
        for card in sheet(an_actor("Sven", role=Role.SPONSOR, day=7), "acme").cards
        if card.metric_id == first
    )
    assert another.since == "You have not signed this before."


def test_what_is_signed_is_on_the_card_to_the_last_digit_and_with_the_year():
    an_engagement()
    money = a_metric(name="Cost of a case", unit="EUR", baseline=20_000, target=12_345.67, step_30="18000.5")
    definitions.change(the_operator(2), "acme", money, {"target_day": 90}, seen=None)
    (card,) = sheet(dana(), "acme").cards
    assert card.target == "12345.67 EUR by 2 Jan 2027"
    assert (card.baseline, dict(card.lines)["Step at day 30"]) == ("€20,000", "18000.5 EUR")


def test_a_change_that_rounding_would_hide_is_told():
    an_engagement()
    share = a_metric(name="First time right", unit="%", direction="higher", baseline=60, target=93)
    approve()
    definitions.change(the_operator(6), "acme", share, {"target": 92.96}, seen=None)
    (card,) = sheet(dana(day=7), "acme").cards
    assert [(one.field, one.before, one.after) for one in card.changes] == [("Target", "93 %", "92.96 %")]
    assert card.target.startswith("92.96 %")


def test_a_session_that_was_ended_signs_nothing():
    two_metrics()
    person = dana()
    session_id, _ = a_session(person.user_id, noon(5) - timedelta(hours=1))
    from services.people.sessions import end_all_sessions

    end_all_sessions(Actor("Dana", noon(5), "test", person.user_id, session_id=session_id))
    with pytest.raises(HeadwayError):
        approve(replace(person, session_id=session_id))
    assert the_state().sign_offs == []

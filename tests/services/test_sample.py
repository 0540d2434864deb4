"""The sample portfolio: six engagements whose health comes out of the rules, on whatever day they are made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle, product
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from analysis.odds_analysis import OddsAnalysis
from manage import program
from models.database import engine_of, read_connection
from models.engagement import Engagement, StoredSummary
from models.errors import HeadwayError
from models.health import Health, health
from models.journal import JournalEntry
from models.metrics import Metric
from models.people import Actor, Member, Role, User, operator
from models.permissions import Action
from models.pitfalls import pitfalls
from models.plan import Cycle
from models.summarise import summarise
from models.summary import Summary
from reports.frames.portfolio import portfolio
from reports.metrics.verdicts import metric_verdicts
from services import sample
from services.core.transaction import all_or_nothing, open_engagement, transaction
from services.engagement import engagements
from services.operations import journal_check
from services.people.accounts import first_administrator
from store.access import access
from store.states import state
from tests import databases
from tests.builders import an_engagement

WEDNESDAY = datetime(2026, 11, 18, 12, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)

HEALTHS = {
    "larkspur-lending": "at risk",
    "corvid-insurance": "on track",
    "aster-retail": "at risk",
    "halden-utilities": "not known",
    "tamarack-health": "off track",
    "banksia-telecom": "on track",
}


OTHER_DAYS = {
    "leap day": datetime(2028, 2, 29, 23, 30, tzinfo=UTC),
    "turn of the year": datetime(2027, 1, 1, 0, 10, tzinfo=UTC),
    "clocks go forward": datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
    "a Monday": datetime(2026, 11, 30, 12, tzinfo=UTC),
}
# Each engagement on one of these days, and each day with one engagement at least. HEADWAY_FULL=1: each on every day.
ON_OTHER_DAYS = (
    list(product(OTHER_DAYS, HEALTHS))
    if os.environ.get("HEADWAY_FULL")
    else list(zip(cycle(OTHER_DAYS), HEALTHS, strict=False))
)


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Databases with the sample as it is on a Wednesday, which no test changes: `sqlite` at noon, `postgres` at seven."""
    with (
        databases.sample_database(tmp_path_factory.mktemp("sample"), WEDNESDAY) as sqlite,
        databases.postgres_database() as postgres,
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DATABASE_URL", postgres)
            assert set(sample.load(WEDNESDAY.replace(hour=7))) == set(HEALTHS)
        yield {"sqlite": sqlite, "postgres": postgres}
        for url in (sqlite, postgres):
            engine_of(url).dispose()


@pytest.fixture
def wednesday(urls: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", urls["sqlite"])


def its_summary(slug: str, at: datetime, revision: int | None = None) -> tuple[Summary, date]:
    """What the rules ask of an engagement, and the date that it is there."""
    who = operator(at)
    engagement = state(who, slug, revision)
    return summarise(engagement), who.today(engagement.zone)


def its_health(slug: str, at: datetime) -> Health:
    return health(*its_summary(slug, at))


def healths(at: datetime) -> dict[str, str]:
    return {slug: its_health(slug, at).status.value for slug in HEALTHS}


@pytest.mark.usefixtures("wednesday")
def test_its_metrics_tell_every_verdict():
    """One confirmed by its third point, one leaning, one without a change, one too early, one that faded."""

    def judged(slug: str, metric: str) -> OddsAnalysis:
        engagement = state(operator(WEDNESDAY), slug)
        metric_id = next(one.id for one in engagement.metrics if one.slug == metric)
        return metric_verdicts(operator(WEDNESDAY), engagement, [metric_id])[metric_id]

    decision = judged("larkspur-lending", "decision-time")
    assert (decision.verdict, decision.change.n_since) == ("confirmed better", 3)
    assert judged("larkspur-lending", "touches").verdict == "too early"
    assert judged("tamarack-health", "referral-time").verdict == "leaning better"
    assert judged("tamarack-health", "lost").verdict == "no change"
    assert judged("tamarack-health", "handling").change.faded


def everything() -> dict[str, list[tuple]]:
    """What the journal holds, but for its salts and what covers them: its hashes, and what names its head, reviews
    and the records of signatures."""
    columns = ("sequence", "at", "actor", "use_case", "change", "kind", "row_id", "payload")
    query = select(Engagement.slug, *(getattr(JournalEntry, name) for name in columns)).join(
        Engagement, Engagement.id == JournalEntry.engagement_id
    )
    with read_connection() as connection:
        rows = connection.execute(query.order_by(JournalEntry.engagement_id, JournalEntry.sequence)).all()
    listed = [row for row in rows if row.kind not in ("review", "sign_off")]
    return {slug: [tuple(row[1:]) for row in listed if row.slug == slug] for slug in HEALTHS}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_six_engagements_come_out_as_they_were_meant_with_sound_journals(kind, urls, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", urls[kind])
    assert healths(WEDNESDAY) == HEALTHS
    # What was stored at the end is what each transaction would have left.
    with read_connection() as connection:
        stored = dict(
            connection.execute(
                select(Engagement.slug, StoredSummary.content).join(
                    StoredSummary, StoredSummary.engagement_id == Engagement.id
                )
            ).all()
        )
    for slug in HEALTHS:
        assert Summary.from_json(stored[slug]) == its_summary(slug, WEDNESDAY)[0]
    expect_sound_journals()


def expect_sound_journals() -> None:
    """They verify, and go forward in time, up to before now."""
    verdicts = journal_check.verify(operator(WEDNESDAY))
    assert {verdict.slug: verdict.problem for verdict in verdicts} == dict.fromkeys(HEALTHS)
    for entries in everything().values():
        moments = [entry[1] for entry in entries]
        assert moments == sorted(moments)
        assert moments[-1] < WEDNESDAY


@pytest.mark.parametrize(("day", "slug"), ON_OTHER_DAYS)
@pytest.mark.usefixtures("sqlite_database")
def test_the_healths_are_the_same_on_any_date(day: str, slug: str):
    now = OTHER_DAYS[day]
    assert sample.load(now, only=slug) == [slug]
    assert its_health(slug, now).status.value == HEALTHS[slug]


@pytest.mark.usefixtures("sqlite_database")
def test_the_healths_are_the_same_on_each_day_of_a_week():
    """As they were on each day, rebuilt from the journal: made on that day, the sample would have ended there."""
    sample.load(SUNDAY)
    healths = {}
    for slug in HEALTHS:
        zone = ZoneInfo(its_zone(slug))
        for days_ago in range(7):
            day = SUNDAY.astimezone(zone).date() - timedelta(days=days_ago)
            if day.weekday() > SUNDAY.astimezone(zone).weekday():
                continue  # In Sydney the next week may have begun.
            morning = datetime.combine(day, time(), zone)
            summary, on = its_summary(slug, morning, revision_at(slug, morning))
            healths.setdefault(slug, set()).add(health(summary, on).status.value)
    assert healths == {slug: {status} for slug, status in HEALTHS.items()}


def its_zone(slug: str) -> str:
    with read_connection() as connection:
        return access(connection, operator(SUNDAY), slug, Action.READ).zone


def revision_at(slug: str, moment: datetime) -> int:
    query = select(func.max(JournalEntry.sequence)).join(
        Engagement, Engagement.id == JournalEntry.engagement_id
    )
    with read_connection() as connection:
        return connection.scalar(query.where(Engagement.slug == slug, JournalEntry.at < moment))


@pytest.mark.usefixtures("wednesday")
def test_the_lender_is_at_risk_for_reasons_that_a_person_can_act_on():
    checks = {
        check.name: (check.status.value, check.reason)
        for check in its_health("larkspur-lending", WEDNESDAY).checks
    }
    assert checks["Plan"][0] == checks["Evidence"][0] == checks["Sponsor"][0] == "on track"
    status, reason = checks["Outcomes"]
    assert status == "at risk"
    assert reason.startswith("1 of 5 metrics at risk: Developer onboarding, ")
    assert checks["Adoption"] == ("at risk", "Nobody was trained on “Payout within the hour”")


@pytest.mark.usefixtures("wednesday")
def test_the_lender_has_the_numbers_of_the_case_study():
    summary, _ = its_summary("larkspur-lending", WEDNESDAY)
    ways = {metric.slug: (metric.baseline, metric.target, metric.unit) for metric in summary.metrics}
    assert ways["decision-time"] == (4, 90 / 3600, "h")
    assert ways["developer-onboarding"] == (90, 14, "days")
    assert ways["peak-throughput"] == (120, 8500, "applications / min")
    assert all(metric.seal == "signed" for metric in summary.metrics)
    # Eight weeks before day 1, and every week since.
    assert {metric.measured for metric in summary.metrics} == {8 + 11}


@pytest.mark.usefixtures("wednesday")
def test_one_answer_of_the_lender_disagrees_with_what_the_evidence_shows():
    signals = pitfalls(*its_summary("larkspur-lending", WEDNESDAY))
    assert [pitfall.key for pitfall in signals if pitfall.disagreement] == ["change_management"]


@pytest.mark.usefixtures("wednesday")
def test_the_second_cycle_carried_over_what_the_first_left_open():
    with read_connection() as connection:
        numbers = connection.scalars(
            select(Cycle.number).join(Engagement).where(Engagement.slug == "banksia-telecom")
        ).all()
    assert sorted(numbers) == [1, 2]
    summary, _ = its_summary("banksia-telecom", WEDNESDAY)
    assert "metrics" in {milestone.key for milestone in summary.milestones}


@pytest.mark.usefixtures("wednesday")
def test_the_first_administrator_sees_all_of_it_as_a_lead():
    user_id, name = first_administrator(WEDNESDAY)
    frame = portfolio(Actor(name=name, at=WEDNESDAY, via="test", user_id=user_id))
    assert dict(zip(frame["slug"], frame["status"], strict=True)) == HEALTHS
    with read_connection() as connection:
        roles = connection.scalars(select(Member.role).where(Member.user_id == user_id)).all()
    assert roles == [Role.LEAD] * 6


@pytest.mark.usefixtures("wednesday")
def test_signatures_are_the_sponsors_own():
    lender = state(operator(WEDNESDAY), "larkspur-lending")
    with read_connection() as connection:
        dana = connection.scalar(select(User.id).where(User.name == "Dana Ruiz"))
    assert {(sign.signed_by, sign.user_id) for sign in lender.sign_offs} == {("Dana Ruiz", dana)}
    # The throughput target was raised after she had signed it, so she signed it again.
    throughput: Metric = next(metric for metric in lender.metrics if metric.slug == "peak-throughput")
    assert len(throughput.sign_offs) == 2


def test_the_same_day_gives_the_same_engagements_on_either_database(urls, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", urls["sqlite"])
    at_noon = everything()
    monkeypatch.setenv("DATABASE_URL", urls["postgres"])
    assert everything() == at_noon


@pytest.mark.usefixtures("database")
def test_a_load_that_is_cut_short_leaves_nothing(monkeypatch):
    played = []
    play = sample._play
    short = [
        story for story in sample.stories(WEDNESDAY) if story.slug in ("aster-retail", "halden-utilities")
    ]
    monkeypatch.setattr(sample, "stories", lambda now: short)

    def cut(story, administrator):
        if played:
            raise KeyboardInterrupt
        played.append(play(story, administrator))

    monkeypatch.setattr(sample, "_play", cut)
    with pytest.raises(KeyboardInterrupt):
        sample.load(WEDNESDAY)
    assert len(played) == 1
    assert not sample.has_engagements()
    with read_connection() as connection:
        assert connection.scalars(select(User.name)).all() == ["Administrator"]
        assert connection.scalar(select(func.count()).select_from(JournalEntry)) == 0


@pytest.mark.usefixtures("sqlite_database")
def test_a_second_load_is_refused_with_a_sentence():
    engagements.create_engagement(
        operator(WEDNESDAY), "aster-retail", name="Theirs", client="Aster", day_1=WEDNESDAY.date()
    )
    with pytest.raises(HeadwayError, match="addresses that are taken: aster-retail. Nothing was loaded"):
        sample.load(WEDNESDAY)
    assert state(operator(WEDNESDAY), "aster-retail").name == "Theirs"


@pytest.mark.usefixtures("sqlite_database")
def test_if_empty_leaves_what_is_there_alone(capsys):
    an_engagement("acme")
    done = CliRunner().invoke(program, ["sample", "--if-empty"])
    assert done.exit_code == 0
    assert "There are engagements already" in done.output
    with read_connection() as connection:
        assert connection.scalars(select(Engagement.slug)).all() == ["acme"]


@pytest.mark.usefixtures("database")
def test_what_is_done_all_or_nothing_is_there_for_what_follows_in_it():
    """The transactions within see each other, and a refusal undoes only its own."""
    with all_or_nothing():
        an_engagement("acme")
        with pytest.raises(HeadwayError):
            an_engagement("acme")
        with transaction(operator(WEDNESDAY), "describe the engagement") as session:
            open_engagement(session, "acme", Action.CHANGE_ENGAGEMENT).client = "Acme, renamed"
    assert state(operator(WEDNESDAY), "acme").client == "Acme, renamed"

"""A metric judged: by its definition, its phases and its freshness; and its forecasts held against what came."""

from datetime import UTC, datetime
from itertools import pairwise

import pandas as pd
import pytest

from analysis import sentence
from models.errors import Forbidden, Invalid
from models.metrics import MetricPhase
from models.people import Role
from models.summarise import summarise
from reports.metrics.forecasts import accuracy_text, past_forecasts
from reports.metrics.verdicts import (
    CONFIRMED_BETTER,
    OUT_OF_DATE,
    causes,
    caveat,
    metric_verdicts,
    phase_text,
    proposals,
    verdict_on,
    verdict_text,
)  # fmt: skip
from services.measurements.batches import Rows, record
from services.measurements.corrections import correct
from services.measurements.grid_entry import save_rows
from services.metrics import definitions
from services.metrics.phases import begin_phase, remove_phase
from services.sign_off import signing
from services.workflows import workflows
from store.measurements import corrections, measurements
from store.states import state
from tests.builders import a_metric, an_actor, an_engagement, noon, on_day, the_operator, the_state
from tests.stories import a_story

pytestmark = pytest.mark.usefixtures("database")

LATER = 60
CALM = [4.0, 4.4, 3.8, 4.1, 4.3, 3.9, 4.2, 3.7, 4.0, 4.1, 3.9, 4.2]
BEFORE = CALM * 3
BETTER_NOW = [2.0, 2.2, 1.9, 2.1, 1.8, 2.0, 2.2, 1.9, 2.1, 2.0, 1.8, 2.1]


def measured(values, first_day=1, metric_id=1, day=LATER):
    at = [on_day(first_day + i) for i in range(len(values))]
    record(the_operator(day), "acme", Rows([metric_id] * len(values), at, values), "a.csv")


def a_measured_metric(**given):
    an_engagement(**given)
    a_metric(target="2 h 30 min", baseline_until=on_day(12), cadence_days=1, target_day=30)
    measured(BEFORE + BETTER_NOW, first_day=13 - len(BEFORE))


def the_judgement():
    return metric_verdicts(the_operator(), the_state())[1]


def the_metric():
    return the_state().metrics[0]


def test_the_metric_is_judged_by_its_own_definition_phases_and_target():
    a_measured_metric()
    begin_phase(the_operator(LATER), "acme", 1, on_day(13), "Decision engine live")
    judgement = the_judgement()
    assert judgement.verdict == "confirmed better"
    assert [phase.cause for phase in judgement.phases] == ["", "Decision engine live"]
    assert sentence.describe(judgement).startswith(
        "Better since 17 Oct (Decision engine live): confirmed by 2 weeks (odds "
    )
    assert " before, 2" in sentence.describe(judgement)
    assert caveat(judgement).startswith(
        "Of 100 unchanged metrics, looked at after each of 13 points, up to 3"
    )
    assert phase_text(judgement, 1, the_metric()).startswith(
        "from 17 Oct 2026, 12 points, mean 2.01 h, limits"
    )


def test_the_rules_are_those_of_the_definition():
    a_measured_metric()
    definitions.change(the_operator(LATER), "acme", 1, {"rules": "nhs"}, seen=None)
    assert the_judgement().rules.name == "nhs"


def test_what_is_too_old_is_never_better_and_says_how_old_it_is():
    a_measured_metric()
    judgement, metric = the_judgement(), the_metric()
    assert verdict_on(judgement, metric, on_day(25)) == CONFIRMED_BETTER
    assert verdict_on(judgement, metric, on_day(26)) == OUT_OF_DATE
    assert verdict_text(judgement, metric, on_day(40)).startswith(
        "Last measured 16 days ago, expected every 1 day. Until then: "
    )


def test_without_a_named_cause_a_phase_is_proposed_and_naming_it_ends_that():
    a_measured_metric()
    (proposal,) = proposals(the_judgement(), the_metric(), the_state())
    assert (proposal.began_on, proposal.cause) == (on_day(13), "")
    assert proposal.why == "the points changed there"
    begin_phase(the_operator(LATER), "acme", 1, proposal.began_on, "Decision engine live")
    assert proposals(the_judgement(), the_metric(), the_state()) == []


def test_go_lives_and_milestones_met_since_the_baseline_are_offered_as_causes():
    a_story()

    def offered(on):
        engagement = the_state()
        changes = causes(engagement.metrics[0], engagement, summarise(engagement), on_day(on))
        return [(one.began_on, one.cause) for one in changes]

    live = [(on_day(44), "Score an application live"), (on_day(44), "First workflow live")]
    assert offered(60) == [(on_day(50), "Training and documents begun"), *live]
    assert offered(49) == live
    begin_phase(the_operator(LATER), "acme", 1, on_day(44), "Score an application live")
    assert offered(60) == [(on_day(50), "Training and documents begun")]


def a_signed_metric_that_an_earlier_go_live_moves() -> None:
    """Its baseline ended on day 12, which the sponsor approved; only then is a go-live of day 6 recorded."""
    an_engagement()
    a_metric(target="2 h 30 min", cadence_days=1, target_day=30)
    for number, (name, metric_id, live) in enumerate(
        [("Decide", 1, 13), ("Intake", None, 9), ("Pay", None, 20)]
    ):
        given = {"name": name, "state": "live", "live_on": on_day(live), "metric_id": metric_id}
        workflows.add_workflow(the_operator(20 + number), "acme", given)
    measured(BEFORE + BETTER_NOW, first_day=13 - len(BEFORE))
    sponsor = an_actor("Dana Ruiz", role="sponsor", day=LATER)
    signing.sign(sponsor, "acme", signing.approvals({1: the_metric().digest()}), name="Dana Ruiz")
    given = {"name": "Score", "state": "live", "live_on": on_day(6), "metric_id": 1}
    workflows.add_workflow(the_operator(LATER), "acme", given)
    assert the_metric().baseline_ended_on == on_day(12)


@pytest.mark.parametrize("setting_up", [a_signed_metric_that_an_earlier_go_live_moves, a_story])
def test_each_day_that_is_offered_is_accepted(setting_up):
    setting_up()
    engagement, metric = the_state(), the_metric()
    offered = causes(metric, engagement, summarise(engagement), on_day(LATER))
    offered += proposals(the_judgement(), metric, engagement)
    days = {one.began_on for one in offered}
    assert days
    for day in days:
        begin_phase(the_operator(LATER), "acme", 1, day, "It went live")


def test_no_day_of_a_baseline_that_was_approved_is_offered():
    a_signed_metric_that_an_earlier_go_live_moves()
    engagement, metric = the_state(), the_metric()
    offered = causes(metric, engagement, summarise(engagement), on_day(LATER))
    assert min(one.began_on for one in offered) == on_day(13)
    assert {one.began_on for one in proposals(the_judgement(), metric, engagement)} == {on_day(13)}
    assert proposals(the_judgement(), metric, engagement)[0].cause == "Decide live"


def test_a_phase_that_was_named_by_mistake_is_taken_back():
    a_measured_metric()
    phase_id = begin_phase(the_operator(LATER), "acme", 1, on_day(13), "Decision engine live")
    remove_phase(the_operator(LATER), "acme", phase_id)
    assert len(the_judgement().phases) == 1


@pytest.mark.parametrize(
    ("on", "cause", "sentence"),
    [
        (on_day(13), " ", "Give the cause"),
        (None, "x", "Give the date of the phase's first day"),
        (on_day(LATER + 1), "x", "can't be on"),
        (on_day(12), "x", "The baseline lasts until"),
    ],
)
def test_a_phase_needs_a_day_and_a_cause(on, cause, sentence):
    a_measured_metric()
    with pytest.raises(Invalid, match=sentence):
        begin_phase(the_operator(LATER), "acme", 1, on, cause)
    begin_phase(the_operator(LATER), "acme", 1, on_day(13), "First")
    with pytest.raises(Invalid, match="already"):
        begin_phase(the_operator(LATER), "acme", 1, on_day(13), "Second")


def test_only_the_lead_names_a_cause():
    a_measured_metric()
    with pytest.raises(Forbidden):
        begin_phase(an_actor("Ann", role=Role.CONTRIBUTOR, day=LATER), "acme", 1, on_day(13), "x")


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_days_are_those_of_the_engagements_zone(zone):
    a_measured_metric(zone=zone)
    begin_phase(the_operator(LATER), "acme", 1, on_day(13), "Decision engine live")
    judgement = the_judgement()
    assert judgement.baseline == len(BEFORE)
    assert judgement.phases[1].start == len(BEFORE)
    assert isinstance(the_metric().phases[0], MetricPhase)


def test_a_correction_changes_what_counts_and_keeps_both_with_the_reason():
    a_measured_metric()
    at = datetime.combine(on_day(2), datetime.min.time(), UTC)
    assert correct(the_operator(LATER), "acme", 1, at, "252 min", "The export counted test orders") == 4.2
    assert measurements(the_operator(), "acme", [1])["value"][len(BEFORE) - 11] == 4.2
    frame = corrections(the_operator(), "acme", 1)
    assert frame["value"].tolist() == [4.2, 4.4]
    assert frame["status"].tolist() == ["counts", "superseded"]
    assert (frame["given"][0], frame["reason"][0]) == ("252 min", "The export counted test orders")
    assert the_judgement().values[len(BEFORE) - 11] == 4.2


def test_a_correction_keeps_how_many_observations_it_sums_up_and_the_note():
    an_engagement()
    at, metric_id = datetime.combine(on_day(2), datetime.min.time(), UTC), a_metric()
    rows = Rows([metric_id], [at], [4.0], n=[120], note=["Without Monday"])
    record(the_operator(LATER), "acme", rows, "Typed")
    correct(the_operator(LATER), "acme", metric_id, at, "4.2 h", "The export counted test orders")
    (row,) = measurements(the_operator(), "acme", [metric_id]).to_dict("records")
    assert (row["value"], row["n"], row["note"]) == (4.2, 120, "Without Monday")
    assert corrections(the_operator(), "acme", metric_id)["n"].tolist() == [120, 120]


def test_a_note_that_said_why_a_value_was_replaced_goes_with_that_value():
    an_engagement()
    at, metric_id = datetime.combine(on_day(2), datetime.min.time(), UTC), a_metric()
    record(the_operator(LATER), "acme", Rows([metric_id], [at], [4.0]), "Typed")
    typed = [{"at": on_day(2).isoformat(), "value": "9 h", "note": "From the call log"}]
    save_rows(the_operator(LATER), "acme", metric_id, typed)
    correct(the_operator(LATER), "acme", metric_id, at, "4.2 h", "The call log was wrong")
    (row,) = measurements(the_operator(), "acme", [metric_id]).to_dict("records")
    assert row["value"] == 4.2
    assert pd.isna(row["note"])


@pytest.mark.parametrize(
    ("day", "value", "reason", "sentence"),
    [
        (2, "5 h", "", "Give the reason"),
        (2, "264 min", "again", "is what counts already"),
        (50, "5 h", "x", "Nothing was measured at that moment"),
        (2, "5 invoices", "x", "invoices"),
        (2, " ", "x", "Give the value"),
    ],
)
def test_a_correction_that_corrects_nothing_is_refused(day, value, reason, sentence):
    a_measured_metric()
    at = datetime.combine(on_day(day), datetime.min.time(), UTC)
    with pytest.raises(Invalid, match=sentence) as refused:
        correct(the_operator(LATER), "acme", 1, at, value, reason)
    assert str(refused.value).endswith("Nothing was saved.")
    with pytest.raises(Forbidden):
        correct(an_actor("Vera", role=Role.VIEWER, day=LATER), "acme", 1, at, "5 h", "x")


def past():
    return past_forecasts(
        the_operator(), the_state(), the_metric(), measurements(the_operator(), "acme", [1])
    )


def test_each_forecast_is_kept_as_measurements_arrive_and_held_against_what_came():
    an_engagement()
    a_metric(target="2 h 30 min", cadence_days=1, target_day=90, baseline="4 h")
    assert past().empty
    measured(CALM, day=12)
    assert len(past()) == 2
    assert accuracy_text(past()) == "2 forecasts made; the day of none has come yet."
    measured([4.1], first_day=13, day=13)
    measured([9.9], first_day=14, day=14)
    frame = past().sort_values("on", ignore_index=True)
    assert frame["on"].tolist()[:3] == [pd.Timestamp(on_day(day), tz="UTC") for day in (13, 14, 15)]
    assert frame["held"].tolist()[:3] == [True, False, None]
    assert frame["actual"].tolist()[:2] == [4.1, 9.9]
    assert accuracy_text(past()) == (
        "Of 2 forecasts whose day has come, 1 held: the measurement lay within the 80% interval."
    )
    assert frame["on"].max() == pd.Timestamp(on_day(90), tz="UTC")
    assert all(earlier <= later for earlier, later in pairwise(frame["on"]))
    assert (frame["made_at"] <= pd.Timestamp(noon(14))).all()


def test_a_second_batch_of_a_day_is_not_forecast_again_and_another_target_is():
    an_engagement()
    a_metric(target="2 h 30 min", cadence_days=1, target_day=20, baseline="4 h")
    measured(CALM, day=12)
    made = past()
    measured([4.1], first_day=13, day=13)
    first_of_the_day = past()
    record(the_operator(13), "acme", Rows([1], [noon(13)], [4.2]), "a.csv")
    assert len(past()) == len(first_of_the_day) > len(made)
    definitions.change(the_operator(13), "acme", 1, {"target_day": 25}, seen=None)
    begin_phase(the_operator(13), "acme", 1, on_day(7), "Decision engine live")
    assert len(past()) > len(first_of_the_day) + 2


def test_looking_at_a_metric_and_what_is_forecast_of_it_writes_nothing():
    a_measured_metric()
    before, forecasts = the_state().revision, len(past())
    the_judgement()
    assert (the_state().revision, len(past())) == (before, forecasts)


def test_a_series_out_of_the_past_is_not_judged_for_forecasts_of_days_gone_by(monkeypatch):
    judged = []
    monkeypatch.setattr(
        "services.metrics.forecasts.metric_verdict", lambda metric, *_: judged.append(metric.slug)
    )
    an_engagement()
    past_only = a_metric(name="Past", slug="past", baseline="4 h")
    due_later = a_metric(name="Due", slug="due", baseline="4 h", target="2 h", target_day=90)
    for metric_id in (past_only, due_later):
        measured(CALM, metric_id=metric_id)
    assert judged == ["due"]
    measured([4.1], first_day=LATER, metric_id=past_only)
    assert judged == ["due", "past"]


def test_what_cannot_be_forecast_is_stored_all_the_same(monkeypatch, caplog):
    def broken(*_):
        raise FloatingPointError("a series that nobody thought of")

    monkeypatch.setattr("services.metrics.forecasts.metric_verdict", broken)
    an_engagement()
    a_metric(cadence_days=1, baseline="4 h")
    measured(CALM, day=12)
    assert the_metric().aggregate.count == len(CALM)
    assert past().empty
    assert "loan-decision-time of acme could not be forecast" in caplog.text


def test_an_earlier_revision_is_judged_by_what_was_measured_then():
    a_measured_metric()
    earlier = the_state().revision
    measured([9.0] * 3, first_day=30)
    then = metric_verdicts(the_operator(), state(the_operator(), "acme", earlier), at_revision=earlier)[1]
    assert len(then.values) == 48
    assert len(the_judgement().values) == 51

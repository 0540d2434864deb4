"""What was signed as the baseline is what the chart shows as the baseline, whatever happens around it."""

import pytest

from models.errors import Invalid
from models.people import Role
from reports.metrics.outcomes import seal_text
from reports.metrics.verdicts import metric_verdict
from reports.sign_off.sheet import sheet
from services.measurements.batches import Rows, record
from services.metrics import definitions, phases
from services.metrics.baselines import take_baseline
from services.sign_off import requests, signing
from services.sign_off.receipt_check import check_receipt
from services.sign_off.receipts import issue_receipt
from services.sign_off.signing import Answer, ChangedSinceShown
from services.workflows import workflows
from store.measurements import measurements
from tests.builders import a_metric, an_actor, an_engagement, on_day, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def open_ended(database) -> int:
    """A metric whose baseline nobody gave an end."""
    an_engagement()
    return a_metric(name="Decision time", baseline="4 h", target="90 s")


@pytest.fixture
def taken(database) -> int:
    """A metric whose baseline was taken from the points of days 3 to 8."""
    an_engagement()
    metric_id = a_metric(name="Decision time", target="90 s", statistic="median")
    measured(metric_id, [9, 9, 4, 5, 3, 4, 6, 4, 2, 1])
    take_baseline(the_operator(20), "acme", metric_id, on_day(3), on_day(8), seen=None)
    return metric_id


def measured(metric_id: int, values: list[float], first_day: int = 1, reason: str = "Counted again") -> None:
    at = [on_day(first_day + place) for place in range(len(values))]
    reasons = [reason] * len(values)
    record(the_operator(30), "acme", Rows([metric_id] * len(values), at, values, reason=reasons), "a.csv")


def the_metric():
    return the_state().metrics[0]


def sign(day: int = 21) -> int:
    metric = the_metric()
    dana = an_actor("Dana", role=Role.SPONSOR, day=day)
    return signing.sign(dana, "acme", signing.approvals({metric.id: metric.digest()}), name="Dana Ruiz")


def goes_live(metric_id: int, day: int) -> int:
    given = {"name": "Intake", "state": "live", "live_on": on_day(day), "metric_id": metric_id}
    return workflows.add_workflow(the_operator(40), "acme", given)


def moves(flow: int, **given) -> None:
    workflows.change_workflow(the_operator(40), "acme", flow, given)


def test_a_go_live_ends_a_baseline_that_was_signed_open_and_breaks_no_seal(open_ended):
    sign()
    goes_live(open_ended, 31)
    assert (the_metric().baseline_end, the_metric().seal) == (on_day(30), "signed")


@pytest.mark.parametrize(
    "moved",
    [{"live_on": on_day(25)}, {"live_on": on_day(35)}, {"metric_id": None}, {"state": "building"}],
    ids=str,
)
@pytest.mark.parametrize("signed_first", [True, False])
def test_a_go_live_that_moves_later_moves_no_baseline_that_was_signed(open_ended, moved, signed_first):
    if signed_first:
        sign()
    flow = goes_live(open_ended, 31)
    if not signed_first:
        sign()
    moves(flow, **moved)
    assert (the_metric().baseline_end, the_metric().seal) == (on_day(30), "signed")


def test_nor_does_it_while_the_seal_is_broken_for_a_moment(open_ended):
    sign()
    flow = goes_live(open_ended, 31)
    for given in ({"target": "2 min"}, {"baseline_until": on_day(10)}):
        definitions.change(the_operator(40), "acme", open_ended, given, seen=None)
        moves(flow, live_on=on_day(35 if "target" in given else 36))
    definitions.change(
        the_operator(40), "acme", open_ended, {"target": "90 s", "baseline_until": None}, seen=None
    )
    assert (the_metric().baseline_end, the_metric().seal) == (on_day(30), "signed")


def test_a_baseline_that_nobody_signed_follows_its_go_lives(open_ended):
    flow = goes_live(open_ended, 31)
    moves(flow, live_on=on_day(35))
    assert the_metric().baseline_end == on_day(34)
    moves(flow, state="building")
    assert the_metric().baseline_end is None


def test_a_phase_ends_an_open_baseline_once_and_none_begins_within_one_that_was_signed(open_ended):
    sign()
    phase = phases.begin_phase(the_operator(40), "acme", open_ended, on_day(33), "A new form")
    assert (the_metric().baseline_end, the_metric().seal) == (on_day(32), "signed")
    phases.remove_phase(the_operator(40), "acme", phase)
    assert the_metric().baseline_end == on_day(32)
    with pytest.raises(Invalid, match="The baseline lasts until"):
        phases.begin_phase(the_operator(40), "acme", open_ended, on_day(30), "Another form")


def test_the_card_says_how_an_open_baseline_ends_and_who_reads_another_end_signs_nothing(open_ended):
    dana = an_actor("Dana", role=Role.SPONSOR, day=40)
    (card,) = sheet(dana, "acme").cards
    assert dict(card.lines)["Baseline ends"] == (
        "The day before a workflow that moves it goes live, or a cause of change is named"
    )
    goes_live(open_ended, 31)
    with pytest.raises(ChangedSinceShown, match="the card of “Decision time” reads differently now"):
        signing.sign(dana, "acme", [Answer(open_ended, card.sha256, card.shown)], name="Dana")
    (card,) = sheet(dana, "acme").cards
    assert dict(card.lines)["Baseline ends"] == "3 Nov 2026, the day before what moves it first changed"


def test_a_point_of_a_signed_baseline_that_is_corrected_breaks_the_seal_and_corrected_back_mends_it(taken):
    receipt = issue_receipt(the_operator(22), "acme", sign())[1]
    measured(taken, [7], first_day=4)
    assert (the_metric().seal, the_metric().valid_sign_off) == ("broken", None)
    assert (
        seal_text(the_metric(), the_state()) == "v2 signed by Dana, 25 Oct; its baseline's data changed since"
    )
    check = check_receipt(receipt)
    assert (check.genuine, check.holds) == (True, False)
    assert "The data of its baseline changed since" in check.findings[-1].text
    measured(taken, [5], first_day=4)
    assert the_metric().seal == "signed"
    assert check_receipt(receipt).holds


def test_a_point_that_arrives_late_within_a_signed_baseline_breaks_the_seal_and_one_after_it_does_not(taken):
    sign()
    measured(taken, [3, 3, 3], first_day=12)
    assert the_metric().seal == "signed"
    from datetime import UTC, datetime, time

    late = datetime.combine(on_day(5), time(15), UTC)
    record(the_operator(31), "acme", Rows([taken], [late], [8.0]), "late.csv")
    assert the_metric().seal == "broken"


def test_a_baseline_whose_data_changed_is_neither_asked_for_nor_signed_until_it_is_taken_again(taken):
    measured(taken, [7], first_day=4)
    dana = an_actor("Dana", role=Role.SPONSOR, day=21)
    mei = an_actor("Mei", role=Role.LEAD, day=21)
    with pytest.raises(
        Invalid, match="The data of the baseline of “Decision time” changed since it was taken"
    ):
        sign()
    with pytest.raises(
        Invalid, match="The data of the baseline of “Decision time” changed since it was taken"
    ):
        requests.ask(mei, "acme", [taken], of=dana.user_id)
    take_baseline(the_operator(31), "acme", taken, on_day(3), on_day(8), seen=None)
    sign()
    assert the_metric().seal == "signed"


def test_the_chart_counts_no_point_before_the_first_day_of_the_baseline(taken):
    judgement = metric_verdict(the_metric(), the_state(), measurements(the_operator(), "acme", [taken]))
    assert judgement.baseline == the_metric().baseline_n == 6
    assert judgement.at[0].date() == on_day(3)

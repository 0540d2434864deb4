"""Metrics, as the lead, the sponsor and a viewer see them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from models.people import Actor, Member, Role
from models.permissions import Action
from services.core.transaction import open_engagement, transaction
from services.measurements.batches import Rows, record
from services.metrics import definitions
from services.people.accounts import first_administrator
from services.people.client_info import ClientInfo
from services.sign_off import links, requests, signing
from store.states import state
from tests.builders import a_metric, a_user, an_engagement, signed_in_once, the_operator
from tests.pages.markup import bodies, component_text, tables
from tests.pages.pages import follow, open_page, press, words
from ui.sign_off import sign_off_view

pytestmark = pytest.mark.usefixtures("sqlite_database")

NOW = datetime.now(UTC)
TODAY = NOW.date()
CASE_STUDY = [
    ("Loan decision time", "h", "lower", "4 h", "90 s", 0.025),
    ("Developer onboarding", "weeks", "lower", "3 months", "2 weeks", 2),
    ("Peak throughput", "applications / min", "higher", "120", "8,500 / min", 8500),
]


def me(role: Role, slug: str = "acme") -> Actor:
    """The person at the screen, with that role in the engagement."""
    user_id, name = first_administrator(NOW)
    with transaction(the_operator(), "add a member") as session:
        engagement = open_engagement(session, slug, Action.MANAGE_MEMBERS)
        session.add(Member(engagement_id=engagement.id, user_id=user_id, role=role))
    return Actor(name=name, at=NOW, via="test", user_id=user_id)


def the_case_study(role: Role = Role.LEAD) -> Actor:
    """The guide's example on day 60: three metrics, each measured today at its target, none signed."""
    an_engagement(day_1=TODAY - timedelta(days=59))
    for name, measured_in, direction, baseline, target, current in CASE_STUDY:
        given = {"unit": measured_in, "direction": direction, "baseline": baseline, "target": target}
        metric_id = a_metric(name=name, **given)
        rows = Rows([metric_id] * 2, [TODAY - timedelta(days=50), TODAY], [baseline, current])
        record(now(), "acme", rows, "case-study.csv")
    return me(role)


def now() -> Actor:
    return Actor(name="operator", at=NOW, via="test", operator=True)


def sign_everything() -> None:
    sponsor = a_user("Dana Ruiz")
    with transaction(the_operator(), "add a member") as session:
        engagement = open_engagement(session, "acme", Action.MANAGE_MEMBERS)
        session.add(Member(engagement_id=engagement.id, user_id=sponsor, role=Role.SPONSOR))
    shown = {metric.id: metric.digest() for metric in the_state().metrics}
    signing.sign(
        Actor(name="Dana Ruiz", at=NOW, via="test", user_id=sponsor),
        "acme",
        signing.approvals(shown),
        name="Dana Ruiz",
    )


def the_state():
    return state(now(), "acme")


def table_of(test) -> list[list[str]]:
    return [list(row) for row in zip(*tables(test)[0].values(), strict=True)]


def test_without_a_metric_the_lead_is_asked_for_the_first():
    an_engagement(day_1=TODAY)
    me(Role.LEAD)
    test = open_page("metrics", engagement="acme")
    assert "No metric is defined yet" in words(test)
    assert "Define a metric" in [button.label for button in test.button]


def test_a_metric_on_track_of_which_it_is_too_early_to_tell_is_not_in_the_green_of_a_proof():
    the_case_study()
    sign_everything()
    overview = "".join(bodies(open_page("overview", engagement="acme")))
    badges = re.findall(r'hw-badge hw-(\w+)"[^>]*>([^<]+)', overview)
    assert badges.count(("gray", "Too early")) == len(CASE_STUDY)
    assert ("green", "Too early") not in badges


def test_the_case_studys_numbers_read_as_the_guide_tells_them():
    the_case_study()
    sign_everything()
    test = open_page("metrics", engagement="acme")
    assert {"160x", "71x", "6.4x"} <= set(component_text(test).splitlines())
    rows = {row[0]: row for row in table_of(test)}
    assert [row[2:6] for row in rows.values()] == [
        ["4 h", "90 s", "90 s", "Too early"],
        ["120 / min", "8,500 / min", "8,500 / min", "Too early"],
        ["3 months", "2 weeks", "2 weeks", "Too early"],
    ]
    assert all("On track" in row[1] for row in rows.values())
    assert all("signed by Dana Ruiz" in row[7] for row in rows.values())


def test_what_nobody_signed_is_not_known_whatever_its_values():
    the_case_study()
    test = open_page("metrics", engagement="acme")
    assert all("No evidence yet" in row[1] and row[7] == "unsigned" for row in table_of(test))
    assert "0 of 3 metrics signed. " in words(test)
    assert not any(button.label.startswith("Sign") for button in test.button)


def forms(test) -> list[str]:
    """The forms that lead on from the page."""
    return [element.proto.body for element in test.get("html") if "/sign/metrics" in element.proto.body]


def test_a_sponsor_reads_what_waits_and_is_led_to_where_it_is_signed():
    the_case_study(Role.SPONSOR)
    test = open_page("metrics", engagement="acme")
    assert "Waiting for your signature" in words(test)
    assert "From 4 h to 90 s; lower is better; measured weekly; without an owner" in words(test)
    (form,) = forms(test)
    assert 'name="engagement" value="acme"' in form
    assert "Read and sign 3 metrics" in form
    labels = [button.label for button in test.button]
    assert not {"Define a metric", "Ask for sign-off"} & set(labels)
    sign_everything()
    assert "Waiting for your signature" not in words(open_page("metrics", engagement="acme"))


def test_a_sponsor_who_was_asked_reads_by_whom_and_for_what():
    sponsor = the_case_study(Role.SPONSOR)
    request = asking(sponsor, "Before Friday")
    test = open_page("metrics", engagement="acme")
    assert "**operator** asked you" in words(test)
    assert "Before Friday" in words(test)
    assert [f'name="request" value="{request}"' in form for form in forms(test)] == [True]


def asking(sponsor: Actor, note: str) -> int:
    ids = [metric.id for metric in the_state().metrics]
    return requests.ask(now(), "acme", ids, of=sponsor.user_id, note_to_them=note)


def test_a_lead_reads_what_became_of_a_request_makes_a_link_and_takes_it_back():
    the_case_study()
    dana = a_user("Dana Ruiz")
    with transaction(the_operator(), "add a member") as session:
        engagement = open_engagement(session, "acme", Action.MANAGE_MEMBERS)
        session.add(Member(engagement_id=engagement.id, user_id=dana, role=Role.SPONSOR))
    asking(Actor("Dana Ruiz", NOW, "test", dana), "Before Friday")
    test = open_page("metrics", engagement="acme")
    assert "Waiting" in words(test)
    test.session_state[sign_off_view.JUST_ASKED] = True
    next(button for button in test.button if button.label == "Make a link to sign").click().run()
    assert not test.exception
    assert "/sign/link#" in test.code[0].value
    assert "Whoever is new chooses a password" in words(test)
    drawn = [element.type for element in test.main if element.type in ("code", "html")]
    values = next(n for n, one in enumerate(test.get("html")) if "All values" in one.proto.body)
    assert drawn[: drawn.index("code")].count("html") <= values, "the link stands above the charts"
    assert not test.run().code
    next(field for field in test.text_input if field.label == "Why").set_value("The wrong person").run()
    next(button for button in test.button if button.label == "Take the request back").click().run()
    assert "Taken back" in words(test)
    assert "The wrong person" in words(test).replace("\\", "")


def test_a_change_after_signing_is_told_wherever_the_metric_stands():
    the_case_study()
    sign_everything()
    definitions.change(now(), "acme", the_state().metrics[0].id, {"target": "2 min"}, seen=None)
    row = next(row for row in table_of(open_page("metrics", engagement="acme")) if "Loan" in row[0])
    assert "No evidence yet" in row[1]
    assert "v1 signed by Dana Ruiz" in row[7]
    assert "v2 unsigned" in row[7]
    one = words(open_page("metrics", engagement="acme", metric="loan-decision-time"))
    assert "the definition was changed since" in one


def test_a_metric_without_a_target_is_not_counted_as_signed():
    the_case_study()
    definitions.change(now(), "acme", the_state().metrics[0].id, {"target": None}, seen=None)
    assert "0 of 3 metrics signed. " in words(open_page("metrics", engagement="acme"))


def test_a_signature_by_a_link_says_who_made_the_link():
    lead = the_case_study()
    dana = a_user("Dana Ruiz")
    with transaction(the_operator(), "add a member") as session:
        engagement = open_engagement(session, "acme", Action.MANAGE_MEMBERS)
        session.add(Member(engagement_id=engagement.id, user_id=dana, role=Role.SPONSOR))
    request = asking(Actor("Dana Ruiz", NOW, "test", dana), "Before Friday")
    token = links.make_link(lead, "acme", request)
    danas = ClientInfo("127.0.0.1", "a test", "a cookie of hers")
    signed_in_once(dana, danas, NOW)
    here = links.link_session(links.open_link(token, NOW, danas).token, NOW)
    shown = {metric.id: metric.digest() for metric in the_state().metrics}
    signing.sign(here.actor, "acme", signing.approvals(shown), name="Dana Ruiz")
    text = words(open_page("metrics", engagement="acme", metric="peak-throughput"))
    assert f"opened a link that {lead.name} made for this person alone" in text


def test_one_metric_by_its_address_tells_what_it_rests_on():
    the_case_study()
    sign_everything()
    test = open_page("metrics", engagement="acme", metric="peak-throughput")
    text = words(test)
    assert text.startswith("Peak throughput\n")
    assert "target reached." in text
    assert "No workflow moves it and no decision names it yet" in text
    assert [row[1] for row in table_of(test)] == ["8,500 / min", "120 / min"]


def test_withdrawing_a_batch_takes_its_values_away_and_bringing_it_back_returns_them():
    the_case_study()
    address = {"engagement": "acme", "metric": "peak-throughput"}
    press(follow(open_page("metrics", **address), "Withdraw"), "Withdraw 2 measurements")
    assert the_state().metrics[2].aggregate is None
    test = open_page("metrics", **address)
    assert "never measured" in words(test)
    press(follow(test, "Bring back"), "Bring back 2 measurements")
    assert the_state().metrics[2].aggregate.current == 8500


def test_before_withdrawing_one_reads_what_else_the_batch_holds():
    the_case_study()
    ids = [metric.id for metric in the_state().metrics]
    record(now(), "acme", Rows([ids[2], ids[0], ids[0], ids[1]], [TODAY - timedelta(days=day) for day in range(1, 5)],
                               [300.0, 3.0, 3.5, 9.0]), "all.csv")  # fmt: skip
    test = open_page("metrics", engagement="acme", metric="peak-throughput")
    assert "The batch also holds 3 measurements of other metrics" in words(test)
    asked = follow(test, "Withdraw")
    what = "1 measurement and 3 measurements of other metrics"
    press(asked, f"Withdraw {what}")
    assert f"Withdrew {what}" in [message.value for message in asked.toast]
    assert [metric.aggregate.count for metric in the_state().metrics] == [2, 2, 2]


def test_a_signal_of_the_chart_stands_in_the_table_too():
    an_engagement(day_1=TODAY - timedelta(days=59), zone="America/New_York")
    metric_id = a_metric(unit="h", direction="lower", baseline=4, target=1)
    at = [TODAY - timedelta(days=40 - day) for day in range(14)]
    record(now(), "acme", Rows([metric_id] * 14, at, [4.0, 4.1] * 6 + [1.0, 1.1]), "a.csv")
    me(Role.LEAD)
    text = tables(open_page("metrics", engagement="acme", metric=the_state().metrics[0].slug))[-1]
    signals = dict(zip(text["Value"], text["Signal"], strict=True))
    assert "outside the limits" in signals["1 h"]


def test_a_viewer_reads_everything_and_changes_nothing():
    the_case_study(Role.VIEWER)
    test = open_page("metrics", engagement="acme", metric="peak-throughput")
    assert [button.label for button in test.button] == []
    assert "Where they came from" in words(test)


def test_a_metric_that_is_not_there_is_told_so():
    the_case_study()
    assert "There is no such metric" in words(open_page("metrics", engagement="acme", metric="nowhere"))


@pytest.mark.parametrize(
    ("given", "values", "drawn", "text"),
    [
        (
            {"unit": "%", "direction": "higher", "baseline": 71, "target": 98},
            [71, 93],
            "Percentages",
            "93 %",
        ),
        (
            {"unit": "points", "direction": "higher", "baseline": -12, "target": 30},
            [-12, 9],
            "Progress to target",
            "9 points",
        ),
        (
            {"unit": "errors", "direction": "lower", "baseline": 40, "target": 4},
            [40, 0],
            "Times better than baseline",
            "none left",
        ),
    ],
)
def test_a_measure_is_drawn_in_the_way_that_has_a_meaning_for_it(given, values, drawn, text):
    an_engagement(day_1=TODAY - timedelta(days=59))
    metric_id = a_metric(**given)
    record(now(), "acme", Rows([metric_id] * 2, [TODAY - timedelta(days=9), TODAY], values), "a.csv")
    me(Role.LEAD)
    test = open_page("metrics", engagement="acme")
    charts = {"Times better than baseline", "Percentages", "Progress to target"}
    assert charts.intersection(component_text(test).splitlines()) == {drawn}
    assert text in component_text(test)


NAMED = "![x](http://example.org/a.png) :red[a] <b>x</b>"


def test_what_people_typed_is_shown_and_never_obeyed():
    an_engagement(day_1=TODAY)
    a_metric(name=NAMED, unit="$ <b>", source="[l](javascript:1)")
    me(Role.LEAD)
    test = open_page("metrics", engagement="acme")
    for element in (*test.markdown, *test.header, *test.caption):
        assert "![x]" not in element.value
        assert ":red[" not in element.value.replace(":red[◆", "")
    assert table_of(test)[0][0] == NAMED
    assert not any("<b>" in body for body in bodies(test))


def test_a_retired_metric_leaves_the_list_and_stays_readable():
    the_case_study()
    definitions.retire(now(), "acme", the_state().metrics[0].id)
    test = open_page("metrics", engagement="acme")
    assert len(table_of(test)) == 2
    assert "Retired" in words(open_page("metrics", engagement="acme", metric="loan-decision-time"))

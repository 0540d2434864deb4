"""The page of interviews, as the team, a viewer and a sponsor see it."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from models.inventory import System
from models.people import Member, Role
from models.permissions import Action
from services.core.transaction import open_engagement, transaction
from services.engagement import engagements
from services.interviews import interviews
from services.interviews.frictions import FrictionEdits
from services.measurements.batches import Rows, record
from services.metrics import phases
from services.privacy import erasure
from tests.builders import a_metric, an_engagement, the_operator, the_state
from tests.pages.markup import bodies, links, tables
from tests.pages.pages import open_page, words
from tests.pages.test_overview import TODAY, me

pytestmark = pytest.mark.usefixtures("sqlite_database")

NAMES = ["Sam Okafor", "Priya Nair", "Jonas Weber"]


def an_engagement_with_interviews() -> list[int]:
    """On day 20, three end users interviewed about two themes, one interview overdue. Returns the ids of those held."""
    an_engagement("acme", day_1=TODAY - timedelta(days=19))
    engagements.add_first_administrator(the_operator(), "acme")
    with transaction(me(), "add a system") as session:
        engagement = open_engagement(session, "acme", Action.EDIT_INVENTORY)
        billing = System(engagement_id=engagement.id, name="Billing")
        session.add(billing)
    waiting = {"theme": "Waiting", "severity": 4, "frequency": "daily", "system_id": billing.id}
    frictions_of_each = [
        [{**waiting, "observed": "Checks the queue with Priya  nair"}],
        [
            {**waiting, "observed": "Calls back"},
            {**waiting, "theme": "Re-keying", "observed": "Types it twice"},
        ],
        [],
    ]
    held = [
        interviews.record_interview(
            me(), "acme",
            {"interviewee": name, "held_on": TODAY - timedelta(days=9 - day), "summary": f"{name.upper()} waits"},
            FrictionEdits(frictions),
        )
        for day, (name, frictions) in enumerate(zip(NAMES, frictions_of_each, strict=True))
    ]  # fmt: skip
    overdue = {"interviewee": "Grace Kim", "planned_on": TODAY - timedelta(days=2)}
    interviews.plan_interview(me(), "acme", overdue)
    return held


def become(role: Role) -> None:
    """The person at the screen has another role from now on."""
    with transaction(the_operator(), "change a role") as session:
        engagement = open_engagement(session, "acme", Action.MANAGE_MEMBERS)
        member = session.scalars(select(Member).where(Member.engagement_id == engagement.id)).one()
        member.role = role


def hide_names() -> None:
    now = the_state()
    kept = ("name", "client", "sector", "region", "zone", "lead", "sponsor")
    fields = {name: getattr(now, name) for name in kept}
    engagements.update_details(me(), "acme", **fields, hide_interviewees=True)


def everything_sent(test: AppTest) -> str:
    """All that the browser gets: texts, options, tables and the data of charts."""

    def sent(block) -> list[bytes]:
        own = [block.proto.SerializeToString()] if getattr(block, "proto", None) is not None else []
        return own + [part for child in getattr(block, "children", {}).values() for part in sent(child)]

    return b"\n".join(sent(test._tree)).decode("utf-8", errors="replace").casefold()


def buttons(test: AppTest) -> list[str]:
    return [button.label for button in test.button]


def test_an_empty_page_says_why_interviews_matter_and_what_to_do_next():
    an_engagement("acme", day_1=TODAY - timedelta(days=5))
    engagements.add_first_administrator(the_operator(), "acme")
    test = open_page("interviews", engagement="acme")
    assert "No interview is planned or recorded yet" in words(test)
    assert "built on assumptions" in words(test)
    assert "0 of 10 end users interviewed" in words(test)
    assert buttons(test) == ["Record the first interview", "Plan the first interview"]

    test.button[0].click().run()
    assert not test.exception
    assert [field.label for field in test.text_input] == ["Interviewee", "Role", "Team", "Interviewer"]


def test_progress_says_how_many_of_how_many_and_at_what_pace():
    an_engagement_with_interviews()
    text = words(open_page("interviews", engagement="acme"))
    assert "3 of 10 end users interviewed" in text
    assert "pace of 1.2 a week" in text
    assert "3 interviews held, 1 planned. 3 frictions in 2 themes." in text
    assert "2 days ago, not recorded" in text


def test_the_theme_that_most_people_told_of_comes_first():
    an_engagement_with_interviews()
    text = words(open_page("interviews", engagement="acme"))
    assert "**Waiting** comes up most: 2 frictions from 2 people, mean severity 4.0 of 5." in text
    assert "Too early to say: 3 of at least 7 interviews held." in text


def test_choosing_a_theme_shows_the_frictions_behind_it():
    an_engagement_with_interviews()
    test = open_page("interviews", engagement="acme")
    test.selectbox(key="theme").select("Re-keying").run()
    (beside_the_chart,) = (body for body in bodies(test) if "Frictions that weigh most" in body)
    assert "Types it twice" in beside_the_chart
    assert "Calls back" not in beside_the_chart


def test_on_paper_tables_with_every_row_take_the_place_of_the_grids():
    an_engagement_with_interviews()
    on_paper = tables(open_page("interviews", engagement="acme"))
    (held,) = (table["Interviewee"] for table in on_paper if "Interviewee" in table)
    (observed,) = (table["What was observed"] for table in on_paper if "What was observed" in table)
    assert sorted(held) == sorted(NAMES)
    assert sorted(observed) == ["Calls back", "Checks the queue with Priya nair", "Types it twice"]


def test_renaming_a_theme_merges_it_into_the_other():
    an_engagement_with_interviews()
    test = open_page("interviews", engagement="acme")
    test.selectbox(key="theme").select("Re-keying").run()
    test.text_input(key="new name of a theme").input("waiting")
    next(button for button in test.button if button.label == "Rename the theme").click().run()
    assert not test.exception
    assert {row.theme for row in the_state().frictions} == {"waiting"}
    assert test.selectbox(key="theme").value == "All themes"


def test_an_interview_has_an_address():
    held = an_engagement_with_interviews()
    test = open_page("interviews", engagement="acme", interview=str(held[1]))
    assert "Priya Nair" in [header.value for header in test.header]
    assert "2 frictions" in [header.value for header in test.header]
    assert tables(test)[0]["What was observed"] == ["Calls back", "Types it twice"]


@pytest.mark.parametrize("address", ["4711", "x", ""])
def test_an_unknown_interview_says_so(address):
    an_engagement_with_interviews()
    test = open_page("interviews", engagement="acme", interview=address)
    assert "No such interview" in words(test)


def test_removing_an_interview_says_what_goes_with_it_and_leads_back_to_the_list():
    held = an_engagement_with_interviews()
    test = open_page("interviews", engagement="acme", interview=str(held[1]))
    assert "The interview and its 2 frictions are removed" in words(test)
    next(
        button for button in test.button if button.label == "Remove the interview and 2 frictions"
    ).click().run()
    assert not test.exception
    assert "2 of 10 end users interviewed" in words(test)
    assert [row.observed for row in the_state().frictions] == ["Checks the queue with Priya  nair"]


def test_a_planned_interview_offers_to_be_recorded_with_its_name_filled_in():
    an_engagement_with_interviews()
    test = open_page("interviews", engagement="acme")
    (way,) = (link.href for link in links(test) if link.text == "Record interview")
    test = open_page("interviews", **dict(parse_qsl(urlsplit(way).query)))
    assert not test.exception
    assert next(field for field in test.text_input if field.label == "Interviewee").value == "Grace Kim"


def test_a_viewer_reads_and_is_offered_no_change():
    held = an_engagement_with_interviews()
    become(Role.VIEWER)
    test = open_page("interviews", engagement="acme")
    assert "Waiting" in words(test)
    offered = {*buttons(test), *(link.text for link in links(test))}
    assert not {"Record an interview", "Plan an interview", "Save frictions", "Record interview"} & offered
    test = open_page("interviews", engagement="acme", interview=str(held[1]))
    assert buttons(test) == ["All interviews"]


@pytest.mark.parametrize("address", [{}, {"interview": "1"}])
def test_a_sponsor_sees_counts_only(address):
    an_engagement_with_interviews()
    become(Role.SPONSOR)
    test = open_page("interviews", engagement="acme", **address)
    assert "a sponsor sees the counts only" in words(test)
    assert "3 of 10 end users interviewed" in words(test)
    sent = everything_sent(test)
    for secret in [*NAMES, "Grace Kim", "Waiting", "Calls back"]:
        assert secret.casefold() not in sent


def test_hidden_names_occur_nowhere_on_the_page():
    held = an_engagement_with_interviews()
    addresses = [{}, *({"interview": str(row)} for row in [*held, held[-1] + 1])]
    shown = [everything_sent(open_page("interviews", engagement="acme", **address)) for address in addresses]
    for name, page in zip([*NAMES, "Grace Kim"], shown[1:], strict=True):
        assert name.casefold() in page
        assert name.casefold() in shown[0]

    hide_names()
    for address in addresses:
        test = open_page("interviews", engagement="acme", **address)
        pages = [everything_sent(test)]
        recording = open_page("interviews", engagement="acme", do="record", planned=str(held[-1] + 1))
        pages.append(everything_sent(recording))
        for label in ("Change the interview", "Record the interview", "Change the plan"):
            opener = next((button for button in test.button if button.label == label), None)
            if opener is not None:
                pages.append(everything_sent(opener.click().run()))
        assert any("interviewee " in page for page in pages)
        for name in [*NAMES, "Grace Kim"]:
            assert not any(" ".join(page.split()).count(name.casefold()) for page in pages)


def test_a_gap_in_the_golden_thread_hides_names_too():
    an_engagement_with_interviews()
    hide_names()
    assert "priya" not in everything_sent(open_page("overview", engagement="acme"))


def test_what_was_read_of_an_earlier_moment_forgets_who_is_erased():
    an_engagement_with_interviews()
    metric_id = a_metric(slug="wait")
    at = [TODAY - timedelta(days=day) for day in range(12)]
    record(me(), "acme", Rows([metric_id] * 12, at, [float(value) for value in range(12)]), "a.csv")
    phases.begin_phase(me(), "acme", metric_id, TODAY - timedelta(days=6), "Priya Nair moved team")
    earlier = {"engagement": "acme", "revision": str(the_state().revision)}
    pages = [("overview", earlier), ("metrics", earlier | {"metric": "wait"})]
    for page, address in pages:
        assert "priya" in everything_sent(open_page(page, **address))
    erasure.erase(the_operator(), "acme", "Priya Nair", "She asked for it")
    for page, address in pages:
        assert "priya" not in everything_sent(open_page(page, **address))

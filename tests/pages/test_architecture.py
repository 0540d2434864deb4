"""What a change costs, contracts and surveys on the pages, as a lead sees them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from analysis import survey as script
from services.architecture.contracts import receive_version
from services.architecture.surveys import record_survey
from services.engagement import engagements
from services.inventory import dependencies, pain_points, systems
from tests.analysis.documents import shop
from tests.analysis.surveys import survey_of
from tests.builders import an_engagement, the_state
from tests.pages.pages import open_page, words
from tests.pages.test_inventory import buttons, id_of, now, tables

pytestmark = pytest.mark.usefixtures("sqlite_database")
TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def acme(sqlite_database: str) -> None:
    an_engagement(day_1=TODAY - timedelta(days=19))
    engagements.add_first_administrator(now(), "acme")
    added = [{"name": name, "code": f"bank:{name.lower()}"} for name in ("Loans", "Cards", "Ledger")]
    systems.save(now(), "acme", added=added)


def a_survey(**fields: object) -> None:
    pairs = {("Loans", "Cards"): 30}
    record_survey(
        now(),
        "acme",
        survey_of({"Loans": 80, "Cards": 40, "Ledger": 3}, pairs, taken_on=TODAY.isoformat(), **fields),
    )


def test_without_a_survey_the_view_says_how_to_take_one():
    page = open_page("inventory", engagement="acme", view="Cost of change")
    assert "No repository was surveyed yet" in words(page)


def test_the_view_names_the_costliest_and_what_answers_them():
    a_survey()
    page = open_page("inventory", engagement="acme", view="Cost of change")
    text = words(page).replace("\\", "")
    assert "What a change costs: 1 of 2 systems carries 61 % of it" in text
    assert "**Loans** and **Cards**: 30 shared changes, 50 % of their average" in text
    assert "A change reaches at least 33.3 % of the systems on average" in text
    assert "nothing answers it yet" in tables(page)
    assert "'Note': 'costliest'" in tables(page)
    pain = {"system": "Loans", "title": "Every release touches cards", "severity": 4, "frequency": "weekly"}
    pain_points.save(now(), "acme", added=[pain])
    dependencies.save(now(), "acme", added=[{"from": "Cards", "to": "Loans", "kind": "shared data"}])
    page = open_page("inventory", engagement="acme", view="Cost of change")
    assert "pain point “Every release touches cards”" in tables(page)
    assert "None: wherever systems change together often" in words(page)


def test_every_point_of_the_picture_leads_to_the_systems_page_which_has_the_evidence():
    a_survey()
    page = open_page("inventory", engagement="acme", view="Cost of change")
    (chart,) = page.get("vega_lite_chart")
    points = [
        row
        for data in chart.proto.datasets
        for row in pa.ipc.open_stream(data.data.data).read_all().to_pylist()
        if "href" in row
    ]
    assert {row["name"]: row["href"] for row in points} == {
        name: f"/inventory?engagement=acme&system={id_of(name)}" for name in ("Loans", "Cards")
    }
    assert points[0]["tooltip"].splitlines()[::2] == ["Loans", "0.4 other systems touched by each"]
    page = open_page("inventory", engagement="acme", system=id_of("Loans"))
    text = words(page).replace("\\", "")
    assert "80 changes, 6.2 a month, of which 50 stayed within it" in text
    assert "110 system changes, among the costliest" in text
    assert "93 of 93 commits counted" in text
    assert "'Changes together with': 'Cards'" in tables(page)


def test_a_system_that_no_survey_holds_shows_no_cost():
    systems.save(now(), "acme", added=[{"name": "Fax"}])
    a_survey()
    assert "What a change of it costs" not in words(
        open_page("inventory", engagement="acme", system=id_of("Fax"))
    )


def test_an_old_survey_is_said_to_be_out_of_date():
    record_survey(now(), "acme", survey_of({"Loans": 80, "Cards": 40}))
    assert "Out of date" in words(open_page("inventory", engagement="acme", view="Cost of change"))


def test_a_clone_that_nobody_fetched_for_long_is_to_be_checked():
    a_survey(head_on=(TODAY - timedelta(days=200)).isoformat())
    newest = TODAY - timedelta(days=200)
    page = words(open_page("inventory", engagement="acme", view="Cost of change"))
    assert f"The clone's newest commit is of {newest.day} {newest:%b} {newest.year}" in page


def test_a_clone_that_was_fetched_lately_is_not():
    a_survey(head_on=(TODAY - timedelta(days=2)).isoformat())
    assert "newest commit" not in words(open_page("inventory", engagement="acme", view="Cost of change"))


def test_a_system_shows_its_contract_the_state_and_who_is_hit():
    dependencies.save(now(), "acme", added=[{"from": "Cards", "to": "Loans", "kind": "call"}])
    page = open_page("inventory", engagement="acme", system=id_of("Loans"))
    assert "No contract is recorded" in words(page)
    receive_version(now(), "acme", "Loans", json.dumps(shop(2)).encode(), label="v2", freeze=True)
    receive_version(now(), "acme", "Loans", json.dumps(shop(3)).encode(), label="v3")
    page = open_page("inventory", engagement="acme", system=id_of("Loans"))
    text = words(page).replace("\\", "")
    assert "8 changes of v3 break what v2 promised" in text
    assert "Cards depends on Loans." in text
    assert "Broke 1 time since" in text
    assert "'Version': 'v3'" in tables(page)
    assert any(label.startswith("Freeze v3 of Loans") for label in buttons(page))


def test_freezing_by_the_button_names_who_did_it():
    receive_version(now(), "acme", "Loans", json.dumps(shop(2)).encode(), label="v2")
    page = open_page("inventory", engagement="acme", system=id_of("Loans"))
    next(button for button in page.button if button.label.startswith("Freeze v2")).click().run()
    (version,) = the_state().contracts[0].versions
    assert version.frozen_on == TODAY
    assert version.frozen_by


def test_the_imports_page_offers_the_script_and_the_systems_for_it():
    page = open_page("imports", engagement="acme")
    assert "Survey a repository" in words(page)
    source = Path(script.__file__).read_text()
    assert "from analysis" not in source
    assert "import numpy" not in source


def given(page, label, name, content):
    """Give the uploader of that label a file."""
    uploader = next(each for each in page.file_uploader if each.label.startswith(label))
    return uploader.set_value((name, content, "application/json")).run()


def page_text(page):
    """Everything on the page, with what the last click came to."""
    return " ".join([words(page), *(each.value for each in (*page.toast, *page.error))]).replace("\\", "")


def add_version(page, content):
    page = given(page, "OpenAPI", "loans.json", json.dumps(content).encode())
    return next(button for button in page.button if button.label == "Add the version").click().run()


def test_a_version_is_added_from_a_file_and_the_form_is_empty_again():
    page = add_version(open_page("inventory", engagement="acme", system=id_of("Loans")), shop(2))
    assert "Added 1 of Loans" in page_text(page)
    assert "Add the version" not in [button.label for button in page.button]
    page = add_version(page, shop(2))
    assert "so no version was added" in page_text(page)
    (contract,) = the_state().contracts
    assert len(contract.versions) == 1


def test_a_file_that_is_no_contract_is_refused_and_stays_in_the_form():
    page = open_page("inventory", engagement="acme", system=id_of("Loans"))
    page = given(page, "OpenAPI", "loans.json", b'{"swagger": "2.0"}')
    page = next(button for button in page.button if button.label == "Add the version").click().run()
    assert "The file is Swagger 2.0" in page_text(page)
    assert "Add the version" in [button.label for button in page.button]
    assert the_state().contracts == []


def test_a_surveys_file_shows_what_it_comes_to_and_is_recorded():
    content = json.dumps(survey_of({"Loans": 80, "Cards": 40}, taken_on=TODAY.isoformat())).encode()
    page = given(
        open_page("imports", engagement="acme"), "Survey (JSON, at most 5 MB)", "survey.json", content
    )
    assert "Loans" in page_text(page)
    assert the_state().surveys == []
    record = next(button for button in page.button if button.label.startswith("Record the survey of"))
    page = record.click().run()
    (survey,) = the_state().surveys
    assert survey.counted == 120
    assert not any(button.label.startswith("Record the survey of") for button in page.button)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"commit 1234", "isn't JSON"),
        (b'{"format": "headway.survey/9"}', "headway.survey/9"),
    ],
)
def test_a_file_that_is_no_survey_is_refused_with_a_sentence(content, sentence):
    page = given(
        open_page("imports", engagement="acme"), "Survey (JSON, at most 5 MB)", "survey.json", content
    )
    assert sentence in page_text(page)
    assert the_state().surveys == []

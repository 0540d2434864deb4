"""Overview, plan, portfolio, new engagement and settings, as a person sees them."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.runtime.context import ContextProxy

from models.people import Actor
from services.engagement import engagements
from services.people.accounts import first_administrator
from services.plan import decisions, milestones
from tests.builders import an_engagement, the_operator, the_state
from tests.pages.markup import Link, component_text, links, tables
from tests.pages.pages import ROOT, open_page, words

pytestmark = pytest.mark.usefixtures("sqlite_database")

TODAY = datetime.now(UTC).date()


def my_engagement(slug: str = "acme", day: int = 47, **given: object) -> str:
    """An engagement that is on a day of its plan today, with the person at the screen as its lead."""
    an_engagement(slug, day_1=TODAY - timedelta(days=day - 1), **given)
    engagements.add_first_administrator(the_operator(), slug)
    return slug


def me() -> Actor:
    user_id, name = first_administrator(datetime.now(UTC))
    return Actor(name=name, at=datetime.now(UTC), via="test", user_id=user_id)


def test_a_portfolio_as_of_a_day_to_come_is_todays():
    my_engagement()
    test = open_page("portfolio", on="2099-01-01", fields="date")
    assert test.date_input(key="filter on").value == datetime.now(UTC).date()


def test_an_empty_portfolio_offers_to_open_the_first_engagement():
    text = words(open_page("portfolio"))
    assert "There is no engagement yet" in text


def test_the_portfolio_counts_by_health_and_lists_only_my_engagements():
    my_engagement()
    an_engagement("secret", name="Somebody else's")
    test = open_page("portfolio")
    assert "1 engagement, worst health first" in words(test)
    assert "Off track\n1\nAt risk\n0\nNo evidence yet\n0\nOn track\n0\n" in words(test)
    assert "Lending platform" in words(test)
    assert "Somebody else" not in words(test)
    assert Link("/portfolio?show=Table", "Table") in links(test)
    test = open_page("portfolio", show="Table")
    assert tables(test)[0]["Engagement"] == ["Lending platformAcme Lending"]
    assert Link("/overview?engagement=acme", "Lending platform") in links(test)


def test_the_list_is_sorted_by_links_and_filtered_by_tiles():
    for number, lead in enumerate(["Zoe", "Ann", "Mei"]):
        my_engagement(f"engagement-{number}", name=f"Engagement {number}", day=20 + number, lead=lead)
    test = open_page("portfolio", show="Table")
    assert Link("/portfolio?show=Table&sort=lead", "Lead") in links(test)
    assert "/portfolio?show=Table&health=off+track" in {link.href for link in links(test)}
    assert "3 of 3 engagements, worst health first" in words(test)
    assert list(tables(test)[0])[:4] == ["Health", "Engagement", "Day", "Done"]
    test = open_page("portfolio", show="Table", sort="lead")
    assert tables(test)[0]["Lead ▲"] == ["Ann", "Mei", "Zoe"]
    assert Link("/portfolio?show=Table&sort=lead&order=desc", "Lead ▲") in links(test)
    test = open_page("portfolio", show="Table", sort="lead", order="desc", find="Engagement 2")
    assert tables(test)[0]["Lead ▼"] == ["Mei"]
    assert "1 of 3 engagements" in words(test)


def test_filters_of_the_address_count_while_their_fields_are_closed_and_are_in_them_when_opened():
    for number, lead in enumerate(["Zoe", "Ann"]):
        my_engagement(f"engagement-{number}", name=f"Engagement {number}", lead=lead)
    test = open_page("portfolio", show="Table", lead="Ann", health="off track")
    assert tables(test)[0]["Lead"] == ["Ann"]
    assert not test.multiselect
    assert "/portfolio?show=Table&lead=Ann&health=off+track&fields=filter" in [
        link.href for link in links(test)
    ]
    test = open_page("portfolio", show="Table", lead="Ann", health="off track", fields="filter")
    assert (test.multiselect(key="filter lead").value, test.multiselect(key="filter region").value) == (
        ["Ann"],
        [],
    )
    test.multiselect(key="filter lead").set_value(["Ann", "Zoe"]).run()
    assert test.query_params["lead"] == ["Ann", "Zoe"]
    assert sorted(tables(test)[0]["Lead"]) == ["Ann", "Zoe"]
    test.query_params["fields"] = "date"
    test.run()
    test.date_input(key="filter on").set_value(TODAY - timedelta(days=1)).run()
    assert "by what is known today" in words(test)


def test_what_changed_is_listed_when_it_is_opened_and_since_any_date():
    my_engagement()
    test = open_page("portfolio", show="Table")
    assert not test.date_input
    way = Link("/portfolio?show=Table&fields=changes", "What changed in the last week: 0 engagements")
    assert way in links(test)
    test = open_page("portfolio", show="Table", fields="changes")
    assert "Nothing changed." in words(test)
    test.date_input(key="changes since").set_value(TODAY - timedelta(days=20)).run()
    assert test.query_params["since"] == (TODAY - timedelta(days=20)).isoformat()


def test_the_list_is_downloaded_as_it_is_filtered():
    my_engagement()
    test = open_page("portfolio", show="Table", sort="lead")
    assert Link("/api/v1/portfolio/list.csv?sort=lead", "Download as CSV") in links(test)


def test_the_portfolio_of_a_day_before_anything_began_is_empty():
    my_engagement(day=5)
    long_ago = (TODAY - timedelta(days=3)).isoformat()
    assert "Lending platform" in words(open_page("portfolio", show="Table", on=long_ago))
    assert "by what is known today" in words(open_page("portfolio", show="Table", on=long_ago))


def test_more_engagements_than_fit_on_a_page_lie_on_several_each_with_its_address():
    for number in range(13):
        my_engagement(f"engagement-{number}", name=f"Engagement {number}", day=40 - number)
    first = open_page("portfolio", show="Cards", find="engagement")
    assert component_text(first).count("Open overview") == 12
    assert Link("/portfolio?show=Cards&find=engagement&page=2", "Next") in links(first)
    assert "Previous" not in component_text(first)
    for asked in ("2", "99"):
        last = open_page("portfolio", show="Cards", page=asked)
        assert "Engagement 12" in component_text(last)
        assert component_text(last).count("Open overview") == 1
        assert Link("/portfolio?show=Cards&page=1", "Previous") in links(last)
        assert "Next\n" not in component_text(last)
    for nonsense in ("0", "-1", "two", "9" * 5000, "²"):
        assert (
            component_text(open_page("portfolio", show="Cards", page=nonsense)).count("Open overview") == 12
        )
    table = open_page("portfolio", show="neither")
    assert len(tables(table)[0]["Engagement"]) == 13
    assert Link("/portfolio?show=Cards", "Cards") in links(table)


def test_a_card_says_where_an_engagement_stands_and_a_search_leaves_the_others_out():
    my_engagement(client="Acme", day=47)
    my_engagement("later", name="Warehouse", client="Birch", day=-3)
    test = open_page("portfolio")
    text = words(test)
    assert "Acme\nLending platform\nOff track\n" in text
    assert "4 of 9 milestones late" in text
    assert "Day 47 of 90, 0 of 9 milestones done" in text
    assert "Starts in 4 days, 0 of 9 milestones done" in text
    test = open_page("portfolio", find="birch")
    assert "Acme" not in words(test)
    assert "Birch" in words(test)
    assert any(
        'type="search" name="find" aria-label="Find" value="birch"' in element.proto.body
        for element in test.get("html")
    )
    assert "No engagement matches" in words(open_page("portfolio", find="nobody"))


def test_the_overview_names_health_day_and_the_five_reasons():
    my_engagement()
    text = words(open_page("overview", engagement="acme"))
    assert "Day 47 of 90" in text
    for check in ("Plan", "Outcomes", "Evidence", "Adoption", "Sponsor"):
        assert f"\n{check}\n" in text
    assert "4 of 9 milestones late" in text


def test_an_unknown_engagement_and_one_of_others_say_the_same():
    an_engagement("secret")
    unknown = words(open_page("overview", engagement="nowhere"))
    others = words(open_page("overview", engagement="secret"))
    assert "Not found, or not shared with you" in unknown
    assert unknown.replace("nowhere", "secret") == others


def test_an_open_decision_needs_one_on_the_overview():
    my_engagement()
    decisions.request_decision(
        me(), "acme", title="Fund two more weeks", owner="Dana Ruiz", needed_by=TODAY + timedelta(days=3)
    )
    assert "Fund two more weeks" in words(open_page("overview", engagement="acme"))


def test_names_with_markdown_are_shown_as_they_were_typed():
    name = "![x](https://evil.example/x.png) *bold* <b>bolder</b>"
    my_engagement(name=name)
    test = open_page("overview", engagement="acme")
    assert component_text(test).splitlines()[0] == name
    assert not any("![x](https" in element.value for element in (*test.markdown, *test.caption, *test.title))


def test_a_claim_is_shown_beside_the_computed_state():
    my_engagement()
    milestone = the_state().milestones[0]
    milestones.state_claim(
        me(),
        "acme",
        milestone.id,
        says="done",
        reason="The list is on paper",
        expires_on=TODAY + timedelta(days=5),
    )
    text = words(open_page("plan", engagement="acme"))
    assert "claims:\ndone\n: The list is on paper" in text
    assert "Late" in text


def test_opening_an_engagement_from_the_page_lays_out_its_plan():
    test = open_page("new")
    test.text_input(key="new name").set_value("Claims in a day")
    test.text_input(key="new client").set_value("Corvid Insurance")
    test.button[0].click().run()
    state = the_state("corvid-insurance")
    assert (state.name, len(state.milestones)) == ("Claims in a day", 9)


def test_a_second_click_that_comes_after_the_engagement_was_created_opens_it_as_well():
    test = open_page("new")
    test.text_input(key="new name").set_value("Claims in a day")
    test.text_input(key="new client").set_value("Corvid Insurance")
    test.button[0].click()
    clicked, page = test._tree.get_widget_states(), test._page_hash
    test.run()
    assert test.query_params["engagement"] == "corvid-insurance"
    # The browser hasn't drawn the answer yet: the second click is the first one again, of the form.
    test._page_hash = page
    test._run(clicked)
    assert "is taken" not in words(test)
    assert test.query_params["engagement"] == "corvid-insurance"
    # The next visit begins another one.
    test.switch_page(str(ROOT / "pages" / "new.py")).run()
    assert test.title[0].value == "New engagement"


def test_a_second_engagement_of_a_client_gets_an_address_of_its_own():
    for name in ("Claims in a day", "Payouts in an hour"):
        test = open_page("new")
        test.text_input(key="new name").set_value(name)
        test.text_input(key="new client").set_value("Žižkov Pojišťovna")
        test.button[0].click().run()
        assert not test.exception
    assert the_state("zizkov-pojistovna").name == "Claims in a day"
    assert the_state("zizkov-pojistovna-2").name == "Payouts in an hour"


@pytest.mark.parametrize(
    ("browsers", "shown"), [("Asia/Tokyo", "Asia/Tokyo"), ("Mars/Olympus", "UTC"), (None, "UTC")]
)
def test_a_new_engagement_is_in_the_time_zone_of_the_browser(monkeypatch, browsers, shown):
    monkeypatch.setattr(ContextProxy, "timezone", property(lambda _: browsers))
    assert open_page("new").selectbox(key="new zone").value == shown


def test_opening_without_a_name_says_what_is_missing():
    test = open_page("new")
    test.text_input(key="new client").set_value("Corvid Insurance")
    test.button[0].click().run()
    assert "Give the name" in words(test)


def test_moving_day_1_previews_what_moves():
    my_engagement()
    test = open_page("settings", engagement="acme")
    test.date_input[0].set_value(TODAY).run()
    assert not test.exception
    moves = tables(test)[0]
    assert moves["What moves"][:2] == ["Day 1", "Systems inventoried"]


def test_the_portfolio_says_what_changed_since_a_date_of_the_address():
    my_engagement(day=40)
    long_ago = (TODAY - timedelta(days=30)).isoformat()
    test = open_page("portfolio", since=long_ago)
    (changes,) = [each.text for each in links(test) if each.text.startswith("What changed since")]
    assert changes.endswith(": 1 engagement")
    assert ": health at risk → off track" in component_text(test)
    in_the_last_week = "What changed in the last week: 0 engagements"
    assert in_the_last_week in [each.text for each in links(open_page("portfolio"))]

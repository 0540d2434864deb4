"""Day one by hand: from an empty database to a plan with evidence in it, in few actions and without a dead end."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe
from tests.browser.harness import choose, fill, fill_date, go, no_overflow, press, rerun, settled
from tests.browser.signing_in import database_of
from tests.builders import the_state

TODAY = datetime.now(UTC).date()
DAY_1 = TODAY - timedelta(days=20)
MAX_ACTIONS = 60
# Systems with the client's own headers below a title.
SYSTEMS = (
    "Application inventory 2026\n\nApplication Name\tBusiness Owner\tTier\tHosting\tLast reviewed\n"
    + "\n".join(f"System {n}\tOwner {n}\tTier {n % 4 + 1}\tAWS\t2026-01-{n:02}" for n in range(1, 16))
)
DEPENDENCIES = "Source\tTarget\tInterface type\n" + "\n".join(
    f"System {n}\tSystem {n + 1}\tREST" for n in range(1, 15)
)
INTERVIEWS = "Interview date\tParticipant\tJob title\tEnd user\n" + "\n".join(
    f"{DAY_1 + timedelta(days=n)}\tPerson {n}\tUnderwriter\tyes" for n in (1, 2, 3)
)
FRICTIONS = "Interview date\tParticipant\tTopic\tObservation\tImpact\tHow often\tApplication\n" + "\n".join(
    f"{DAY_1 + timedelta(days=n)}\tPerson {n}\twaiting\tWaits {k} times\tHigh\tevery day\tSystem {n}"
    for n in (1, 2, 3)
    for k in (2, 3)
)
METRICS = (
    "key\tMetric\tUnit\tBetter\tBaseline\tTarget\n"
    "loan-time\tLoan decision time\th\tlower is better\t4 h\t90 s\n"
    "onboarding\tDeveloper onboarding\td\tdown\t3 months\t2 weeks\n"
    "throughput\tPeak throughput\tper min\thigher\t120 / min\t8,500 / min"
)
WEEKLY = "Week of\tLoan decision time\tDeveloper onboarding\tPeak throughput\n" + "\n".join(
    f"{DAY_1 - timedelta(days=7 * (12 - n))}\t{4 - n / 10} h\t{90 - n} d\t{120 + n}" for n in range(12)
)


class Hand:
    """Counts what a person does: each click, choice and entry is one action."""

    def __init__(self, page: Page):
        self.page, self.actions = page, 0

    def __call__(self, act, *given) -> None:
        act(self.page, *given)
        settled(self.page)
        self.actions += 1

    def bring(self, kind: str, cells: str, button: str) -> None:
        """Choose the kind, paste the cells and press the button of the import."""
        self(choose, "What it holds", kind)
        box = self.page.get_by_label("Cells, with the names of the columns above them")
        self.page.evaluate("text => navigator.clipboard.writeText(text)", cells)
        box.click()
        with rerun(self.page):
            self.page.keyboard.press("Control+V")
            self.page.keyboard.press("Control+Enter")
        settled(self.page)
        self.actions += 2
        self(press, button)


@pytest.mark.usefixtures("administrator")
def test_a_client_s_own_sheets_are_in_the_plan_in_few_actions(page: Page, headway):
    hand = Hand(page)
    hand(go, "/new")
    for label, text in (
        ("Name", "Loans in seconds"),
        ("Client", "Day One"),
        ("Executive sponsor", "Dana Ruiz, COO"),
    ):
        hand(fill, label, text)
    hand(fill_date, "Day 1", DAY_1)
    hand(press, "Create engagement")
    expect(page.get_by_text("Add your systems: paste from a spreadsheet")).to_be_visible()
    axe(page)
    hand(go, "/imports?engagement=day-one&kind=systems")
    hand.bring("Systems", SYSTEMS, "Import 15 systems")
    hand.bring("Dependencies", DEPENDENCIES, "Import 14 dependencies")
    hand.bring("Interviews", INTERVIEWS, "Import 3 interviews")
    hand.bring("Frictions", FRICTIONS, "Import 6 frictions")
    hand.bring("Metrics", METRICS, "Import 3 metrics")
    hand.bring("Measurements", WEEKLY, "Import 36 measurements")
    axe(page)
    no_overflow(page)
    hand(go, "/overview?engagement=day-one")
    expect(page.get_by_text("Ask for sign-off of 3 metrics")).to_be_visible()
    with database_of(headway):
        state = the_state("day-one")
    assert [len(part) for part in (state.systems, state.dependencies, state.frictions)] == [15, 14, 6]
    assert {metric.aggregate.count for metric in state.metrics} == {12}
    assert hand.actions <= MAX_ACTIONS


def test_everything_in_the_sidebar_fits_a_small_screen(page: Page, headway):
    page.set_viewport_size({"width": 1280, "height": 720})
    go(page, "/overview?engagement=day-one")
    place = page.get_by_role("button", name="Sign out").bounding_box()
    assert place["y"] + place["height"] <= 720

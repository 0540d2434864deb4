"""How long pages take, against a blank page that is served the same way."""

from tests.bench import Measured, Stage, bench, many
from tests.bench.queries import SLUG, an_overview
from tests.bench.timing import interleaved
from tests.browser.harness import load
from tests.browser.reruns import milliseconds_to_settle


@bench("blank page settles", limit=1.2)
def blank_page_settles(stage: Stage) -> Measured:
    """against itself, which is chance"""
    return stage.settle_blank()


@bench("overview settles", limit=1.2, fill=an_overview)
def overview_settles(stage: Stage) -> Measured:
    """against a blank page"""
    return stage.settle(f"/overview?engagement={SLUG}")


@bench("metrics settles", limit=1.2, fill=an_overview)
def metrics_settles(stage: Stage) -> Measured:
    """against a blank page"""
    return stage.settle(f"/metrics?engagement={SLUG}")


@bench("switch to decisions", limit=1.6, fill=an_overview)
def switch_to_decisions(stage: Stage) -> Measured:
    """against a click on a blank page"""
    return stage.switch(f"/overview?engagement={SLUG}", "Decisions")


@bench("switch to metrics", limit=1.6, fill=an_overview)
def switch_to_metrics(stage: Stage) -> Measured:
    """against a click on a blank page"""
    return stage.switch(f"/overview?engagement={SLUG}", "Metrics")


@bench("plan settles", limit=1.0, fill=an_overview)
def plan_settles(stage: Stage) -> Measured:
    """against the overview"""

    def settle(key: str) -> float:
        load(stage.page, f"/{key}?engagement={SLUG}")
        return milliseconds_to_settle(stage.page)

    return interleaved(lambda: settle("plan"), lambda: settle("overview"), stage.runs)


@bench("a week's light page", limit=0.25, fill=an_overview)
def light_week(stage: Stage) -> Measured:
    """until all of it is there, against opening a blank page of the dashboard"""

    def ours() -> float:
        stage.page.goto(f"/week/{SLUG}/10", wait_until="load")
        assert stage.page.get_by_role("heading", name="Decisions needed").count() == 1
        return float(stage.page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))

    def blank() -> float:
        load(stage.blank, "/blank")
        return milliseconds_to_settle(stage.blank)

    return interleaved(ours, blank, stage.runs)


def ten_thousand(url: str) -> None:
    """The sample portfolio and 10,000 small engagements."""
    many.fill()


@bench("portfolio of 10,000 settles", limit=1.3, fill=ten_thousand)
def portfolio_settles(stage: Stage) -> Measured:
    """against a blank page"""
    return stage.settle("/portfolio")


@bench("portfolio of 10,000 sorted settles", limit=1.3, fill=ten_thousand)
def sorted_portfolio_settles(stage: Stage) -> Measured:
    """by the age of the last review, against a blank page"""
    return stage.settle("/portfolio?show=Table&sort=review")

"""How long pages take, against a blank page that is served the same way."""

from tests.bench import Measured, Stage, bench, many
from tests.bench.queries import SLUG, an_overview


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


@bench("switch to decisions", limit=2.0, fill=an_overview)
def switch_to_decisions(stage: Stage) -> Measured:
    """against a click on a blank page"""
    return stage.switch(f"/overview?engagement={SLUG}", "Decisions")


@bench("switch to metrics", limit=2.0, fill=an_overview)
def switch_to_metrics(stage: Stage) -> Measured:
    """against a click on a blank page"""
    return stage.switch(f"/overview?engagement={SLUG}", "Metrics")


def ten_thousand(url: str) -> None:
    """The sample portfolio and 10,000 small engagements."""
    many.fill()


@bench("portfolio of 10,000 settles", limit=1.6, fill=ten_thousand)
def portfolio_settles(stage: Stage) -> Measured:
    """against a blank page"""
    return stage.settle("/portfolio")

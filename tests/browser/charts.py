"""What a page shows of its charts."""

from playwright.sync_api import Locator, Page

DRAWN = '[data-testid="stVegaLiteChart"] svg'
"""A chart that Vega drew."""


def tip(page: Page) -> Locator:
    """Return the tooltip of whatever chart it is."""
    return page.get_by_role("tooltip")

"""Two people of two clients side by side, each in a browser of their own: neither finds the other."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from models.people import operator
from services.review import reviews
from store.reviews import weeks
from tests.browser.chromium import visitor
from tests.browser.harness import go, load
from tests.browser.server import Server
from tests.browser.signing_in import MEI, SAM, database_of, sign_in


@dataclass
class Person:
    """Somebody in front of their own browser."""

    page: Page
    slug: str
    secrets: tuple[str, ...]
    review: int

    def page_text(self, address: str) -> str:
        """What a page says to them."""
        load(self.page, address)
        return self.page.get_by_test_id("stMain").inner_text()

    def asks(self, address: str) -> tuple[int, str]:
        """What an address answers their browser."""
        answer = self.page.request.get(address)
        return answer.status, answer.text() if answer.status != 200 else ""


@pytest.fixture
def both(chromium: Browser, live_server: Server) -> Iterator[list[Person]]:
    """Mei, of acme, and Sam, of corvid; each client has a frozen week."""
    frozen = {}
    with database_of(live_server):
        who = operator(datetime.now(UTC))
        for slug in ("acme", "corvid"):
            if not weeks(who, slug):
                reviews.freeze(who, slug, who.today("UTC"))
            frozen[slug] = weeks(who, slug)[0].id
    with ExitStack() as windows:
        people = []
        for email, slug, secrets in (
            (MEI, "acme", ("Acme", "Lending")),
            (SAM, "corvid", ("Corvid", "Claims")),
        ):
            page = windows.enter_context(visitor(chromium, live_server.url))
            sign_in(page.context, live_server, email)
            people.append(Person(page, slug, secrets, frozen[slug]))
        yield people


def test_neither_of_two_people_finds_the_other_client(both: list[Person]):
    for one in both:
        assert one.secrets[1] in one.page_text(f"/overview?engagement={one.slug}")
        assert "Import a file" in one.page_text(f"/imports?engagement={one.slug}")
    for me, other in (both, reversed(both)):
        seen = me.page_text("/portfolio") + me.page_text("/activity") + me.page.content()
        # What the other has just looked at is kept by the program, for whom it is.
        for address in (
            "/overview?engagement={}",
            "/review?engagement={}&week=1",
        ):
            text = me.page_text(address.format(other.slug))
            assert "Not found, or not shared with you" in text
            assert me.page_text(address.format("nowhere")) == text.replace(other.slug, "nowhere")
            seen += text + me.page.title()
        for address in (
            "/api/v1/engagement/{}",
            "/api/v1/engagements/{}/reviews",
            f"/api/v1/engagements/{{}}/reviews/{other.review}.pdf",
        ):
            status, text = me.asks(address.format(other.slug))
            assert (status, text.replace(other.slug, "nowhere")) == me.asks(address.format("nowhere"))
            assert status == 404
            seen += text
        assert not [secret for secret in other.secrets if secret in seen]


def test_what_one_may_take_away_the_other_may_not(both: list[Person]):
    me, other = both
    export = f"/api/v1/engagements/{other.slug}/reviews/{other.review}.md"
    assert other.asks(export)[0] == 200
    assert me.asks(export)[0] == 404
    go(other.page, f"/imports?engagement={other.slug}")
    expect(other.page.get_by_role("button", name="Template as CSV")).to_be_visible()
    with other.page.expect_download() as download:
        other.page.get_by_role("button", name="Template as CSV").click()
    file = download.value.url
    assert "/media/" in file
    assert other.asks(file)[0] == 200
    assert me.asks(file) == (404, "There is no such file of yours.")

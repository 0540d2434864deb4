"""The sample is recognised in the portfolio, and removed from there without a trace of one's own going with it."""

from datetime import UTC, datetime

import pytest

from services import sample
from services.sample.story import stories
from tests.pages.markup import Link, links
from tests.pages.pages import open_page, words
from tests.pages.test_overview import my_engagement

pytestmark = pytest.mark.usefixtures("sqlite_database")


def body_of(test) -> str:
    return "".join(element.proto.body for element in test.get("html"))


def test_only_the_samples_engagement_has_its_badge_and_one_button_removes_it():
    my_engagement()
    now = datetime.now(UTC)
    story = stories(now)[0]
    sample.load(now, only=story.slug)
    test = open_page("portfolio")
    body = body_of(test)
    assert body.count('data-icon="science">Sample<') == 1
    assert f"engagement={story.slug}" in body
    assert "engagement=acme" in body
    assert Link("/portfolio?do=remove-sample", "Remove the sample") in links(test)
    test = open_page("portfolio", do="remove-sample")
    next(one for one in test.button if one.label == "Remove 1 sample engagement").click().run()
    assert not test.exception
    body = body_of(test)
    assert "Sample<" not in body
    assert f"engagement={story.slug}" not in body
    assert "engagement=acme" in body
    assert "Remove the sample" not in words(test)
    assert not [one for one in test.button if one.label.startswith("Remove ")]

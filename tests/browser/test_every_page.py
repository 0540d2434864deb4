"""Every page of the sample engagement: nothing broken, nothing in anyone's way, nothing too wide.

`make screenshots` takes their pictures.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import COLOURS, axe
from tests.browser.harness import (
    go,
    no_exception,
    no_hidden_columns,
    no_overflow,
    no_overlap,
    switch_theme,
    turn,
    whole_page_in_view,
)
from tests.browser.sample_pages import PAGES, address


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_in_light_dark_and_on_a_phone(name: str, sample_windows: tuple[Page, Page]):
    desktop, phone = sample_windows
    desktop.emulate_media(color_scheme="light")
    go(desktop, address(name))
    no_exception(desktop)
    expect(desktop.get_by_text("Not found, or not shared with you")).to_have_count(0)
    no_overlap(desktop)
    with whole_page_in_view(desktop):
        axe(desktop)
        switch_theme(desktop, "dark")
        axe(desktop, *COLOURS)
    turn(phone, address(name))
    no_overflow(phone)
    no_hidden_columns(phone)
    no_overlap(phone)

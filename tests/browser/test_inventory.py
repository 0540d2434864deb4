"""The inventory in a real browser: what is pasted is saved whole, what is refused stays, and the pictures fit."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from services.engagement import engagements
from services.inventory import dependencies, systems
from tests.browser.accessibility import axe
from tests.browser.chromium import visitor
from tests.browser.harness import (
    PASTE_MS,
    choose,
    fill,
    fill_date,
    go,
    no_overflow,
    paste_grid,
    press,
    screenshot,
    settled,
)
from tests.browser.server import Server
from tests.browser.signing_in import give
from tests.builders import an_engagement, the_operator, the_state

DAY = 40
# Pixels from a grid's corner.
ROW_MARKER, FIRST_ROW = 15, 52
TODAY = datetime.now(UTC).date()


@pytest.fixture
def engagement(headway: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Makes an engagement in the server's database with these systems; the person at the screen is its lead."""
    monkeypatch.setenv("DATABASE_URL", headway.environment["DATABASE_URL"])

    def make(slug: str, *names: str, chain: bool = False) -> str:
        an_engagement(slug, day_1=TODAY - timedelta(days=DAY - 1))
        engagements.add_first_administrator(the_operator(), slug)
        systems.save(the_operator(), slug, added=[{"name": name} for name in names])
        if chain:
            ends = zip(names, [*names[1:], names[0]], strict=True)
            added = [{"from": a, "to": b, "kind": "call"} for a, b in ends]
            dependencies.save(the_operator(), slug, added=added)
        return slug

    return make


def open_inventory(page: Page, slug: str, view: str = "Systems") -> None:
    go(page, f"/inventory?engagement={slug}&view={view}")


def grid(page: Page):
    return page.get_by_test_id("stDataFrame")


def names(slug: str) -> list[str]:
    return sorted(row.name for row in the_state(slug).systems)


def test_thirty_pasted_systems_are_saved_with_one_press(page, engagement):
    slug = engagement("thirty")
    open_inventory(page, slug)
    expect(page.get_by_text("No system is in the inventory yet")).to_be_visible()
    lines = [
        f"System {n:02}\tservice\tAnn Lee\tHigh\tJava\tactive\tyes\t{TODAY.isoformat()}\tnote {n}"
        for n in range(30)
    ]
    paste_grid(page, grid(page), "\n".join(lines))
    press(page, "Save systems")

    page.reload()
    settled(page)
    expect(page.get_by_text("30 systems, 0 dependencies, 0 pain points")).to_be_visible()
    saved = the_state(slug).systems
    assert len(saved) == 30
    assert all(row.is_reviewed and row.standalone and row.criticality == "high" for row in saved)


def test_a_refused_paste_stays_in_the_grid_and_is_saved_once_mended(page, engagement):
    slug = engagement("mended")
    open_inventory(page, slug)
    paste_grid(page, grid(page), "Core ledger\tpackage\tAnn\thigh\nPortal\tservice\tBob\turgent", row=0)
    press(page, "Save systems")
    expect(page.get_by_role("alert")).to_contain_text("New row 2, “Portal”: There is no criticality “urgent”")
    expect(grid(page)).to_contain_text("Portal")
    assert names(slug) == []

    paste_grid(page, grid(page), "low", row=1, column=3)
    press(page, "Save systems")
    assert [(row.name, row.criticality) for row in the_state(slug).systems] == [
        ("Core ledger", "high"),
        ("Portal", "low"),
    ]


def test_a_date_that_could_be_two_is_refused(page, engagement):
    slug = engagement("dated")
    open_inventory(page, slug)
    paste_grid(page, grid(page), "Portal\tservice\tBob\tlow\tJava\tactive\tno\t03/04/2026")
    press(page, "Save systems")
    expect(page.get_by_role("alert")).to_contain_text(
        "“03/04/2026”: give a date that can be read one way only"
    )
    assert names(slug) == []


def test_a_row_that_is_deleted_in_the_grid_is_removed(page, engagement):
    slug = engagement("removed", "Batch", "Ledger")
    open_inventory(page, slug)
    grid(page).scroll_into_view_if_needed()
    place = grid(page).bounding_box()
    page.mouse.click(place["x"] + ROW_MARKER, place["y"] + FIRST_ROW)
    page.get_by_role("button", name="Delete row(s)").click()
    expect(grid(page)).not_to_contain_text("Batch")
    page.wait_for_timeout(PASTE_MS)
    press(page, "Save systems")
    assert names(slug) == ["Ledger"]


def test_the_second_of_two_people_is_told_and_keeps_what_they_typed(
    chromium: Browser, headway, administrator, page, engagement
):
    slug = engagement("two", "Batch", "Ledger")
    open_inventory(page, slug)
    with visitor(chromium, headway.url) as other:
        give(other.context, headway, administrator)
        open_inventory(other, slug)
        paste_grid(other, grid(other), "Archive", row=0)
        press(other, "Save systems")
    paste_grid(page, grid(page), "Batch jobs", row=0)
    press(page, "Save systems")
    expect(page.get_by_role("alert")).to_contain_text("changed name from “Batch” to “Archive”")
    expect(grid(page)).to_contain_text("Batch jobs")
    assert names(slug) == ["Archive", "Ledger"]


def test_a_dependency_on_an_unknown_system_is_refused_and_the_others_wait_with_it(page, engagement):
    slug = engagement("unknown", "Batch", "Ledger")
    open_inventory(page, slug, "Dependencies")
    paste_grid(page, grid(page), "Batch\tLedger\tcall\nLedger\tMainframe\tcall", row=0)
    press(page, "Save dependencies")
    expect(page.get_by_role("alert")).to_contain_text("New row 2, “Ledger”: There is no to “Mainframe”")
    assert the_state(slug).dependencies == []

    paste_grid(page, grid(page), "Batch", row=1, column=1)
    press(page, "Save dependencies")
    assert len(the_state(slug).dependencies) == 2


def test_a_loop_is_named_and_one_system_opens_at_an_address_of_its_own(page, engagement):
    slug = engagement("loop", "Batch", "Ledger", "Portal", chain=True)
    open_inventory(page, slug, "Matrix")
    expect(page.get_by_text("Batch, Ledger and Portal")).to_be_visible()
    press(page, "Batch: 1 system")
    expect(page.get_by_role("heading", name="Batch", exact=True)).to_be_visible()
    assert "system=" in page.url

    page.reload()
    settled(page)
    expect(page.get_by_role("heading", name="Depends on it")).to_be_visible()
    press(page, "All systems")
    expect(page.get_by_role("heading", name="Inventory")).to_be_visible()


def test_a_system_is_edited_in_a_drawer_that_stays_open_until_it_is_saved(page, engagement):
    slug = engagement("drawer", "Batch")
    go(page, f"/inventory?engagement={slug}&system={the_state(slug).systems[0].id}")
    press(page, "Edit system")
    drawer = page.get_by_role("dialog")
    fill(drawer, "Owner", "Ann Lee")
    choose(drawer, "Criticality", "high")
    fill_date(drawer, "Reviewed by its owner on", TODAY + timedelta(days=2))
    press(drawer, "Save system")
    expect(drawer).to_contain_text("The review can't be on")

    fill_date(drawer, "Reviewed by its owner on", TODAY)
    press(drawer, "Save system")
    expect(drawer).to_have_count(0)
    expect(page.get_by_text("Owner: Ann Lee")).to_be_visible()
    row = the_state(slug).systems[0]
    assert (row.criticality, row.is_reviewed) == ("high", True)


@pytest.mark.parametrize("view", ["Systems", "Dependencies", "Matrix", "Graph", "Pain points"])
def test_every_view_fits_a_phone_and_has_no_barrier_of_ours(phone, engagement, view):
    slug = engagement(f"fits-{view.lower().replace(' ', '-')}", "Batch", "Ledger", "Portal", chain=True)
    open_inventory(phone, slug, view)
    no_overflow(phone)
    axe(phone)
    screenshot(phone, f"inventory-{view.lower().replace(' ', '-')}", "dark")
    axe(phone)

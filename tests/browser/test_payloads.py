"""Whatever somebody types, in every field, is shown as what they typed: on every page, in every file, in every answer."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page

from models.base import Base
from reports.frames.reviews import weeks
from reports.states import state
from tests.browser.chromium import visitor
from tests.browser.harness import go
from tests.browser.server import Server
from tests.browser.signing_in import cookies, database_of, give
from tests.payloads import HOST, MARKERS, SLUG, bare, plant, typed_columns
from ui.navigation import PLACES

TABLES = sorted({column.table.name for column in typed_columns()})
# Written by nothing but a journalled change, whose author is dressed up as well.
RECORDS = {
    "inventory": [("system", "systems"), ("view", ["Matrix", "Graph"])],
    "interviews": [("interview", "interviews")],
    "workflows": [("workflow", "workflows"), ("pipeline", "pipelines")],
    "adoption": [("training", "trainings"), ("document", "documents")],
    "decisions": [("decision", "decisions")],
    "metrics": [("metric", "metrics")],
}
SHOWN_WRONG = """host => {
  const found = selector => [...document.querySelectorAll(selector)].map(e => e.outerHTML.slice(0, 200));
  const links = [...document.querySelectorAll(`a[href*="${host}"]`)];
  return [
    ...found(`[href^="javascript" i], [src^="javascript" i], [onerror], [src*="${host}"], .katex, script:not([src])`
             ).filter(html => !html.includes("prerenderReady")),
    ...links.filter(e => decodeURI(e.href).replace(/\\/$/, "") !== e.innerText.trim()).map(e => e.outerHTML.slice(0, 200)),
    ...[...document.querySelectorAll('[data-testid="stIconMaterial"]')]
        .filter(e => e.innerText.includes("skull")).map(() => "an icon"),
    ...(document.body.innerText.includes("🎉") ? ["an emoji"] : []),
    ...(window.ran ? ["a script ran"] : []),
  ];
}"""


@pytest.fixture(scope="module")
def dressed(a_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server in whose database every field is dressed up, and the e-mail of somebody who sees all of it."""
    log = tmp_path_factory.mktemp("payloads") / "log"
    with Server(log, {"DATABASE_URL": a_database}) as server:
        with database_of(server):
            lead = plant(datetime.now(UTC))
            from services import people

            email = people.me(lead).email
        yield server, email


def test_every_field_that_people_type_in_holds_it(dressed):
    server, _ = dressed
    with database_of(server):
        assert [column for table in TABLES for column in bare(table)] == []


def test_what_is_the_programs_own_is_there():
    from tests.payloads import OURS

    known = {table.name: {column.name for column in table.columns} for table in Base.metadata.sorted_tables}
    assert {
        name: columns - known.get(name, set())
        for name, columns in OURS.items()
        if columns - known.get(name, set())
    } == {}


def addresses(server: Server) -> list[str]:
    """Every page, and a record of each kind that opens on one."""
    with database_of(server):
        now = state(plant_reader(), SLUG)
        week = next(row for row in weeks(plant_reader(), SLUG) if not row.superseded)
    found = [
        f"/{key}" + (f"?engagement={SLUG}" if place.of_engagement else "") for key, place in PLACES.items()
    ]
    for page, kinds in RECORDS.items():
        for name, parts in kinds:
            if isinstance(parts, list):
                values = parts
            else:
                row = getattr(now, parts)[0]
                values = [row.slug if name == "metric" else row.id]
            found += [f"/{page}?engagement={SLUG}&{name}={value}" for value in values]
    found += [f"/review?engagement={SLUG}&week={week.week}&cycle={week.cycle}"]
    found += [f"/journal?engagement={SLUG}&thing={kind}" for kind in ("system", "interview", "metric")]
    return found


def plant_reader():
    from models.people import operator

    return operator(datetime.now(UTC))


def wrong(page: Page) -> list[str]:
    """What of the page was taken for something else than text."""
    said = page.locator("body").inner_text()
    for mark, typed in MARKERS.items():
        before = typed[: typed.index(mark)]
        for found in re.finditer(mark, said):
            if not said[: found.start()].endswith(before):
                yield_from = said[max(0, found.start() - 30) : found.end() + 10]
                return [f"{mark}: …{yield_from}…"]
    return page.evaluate(SHOWN_WRONG, HOST)


def test_every_page_shows_it_as_text_and_asks_nobody_and_runs_nothing(chromium: Browser, dressed, a_database):
    """Half of the pages on each database: what a page shows doesn't depend on it."""
    server, email = dressed
    half = 0 if a_database.startswith("sqlite") else 1
    mistaken: dict[str, object] = {}
    asked: list[str] = []
    with visitor(chromium, server.url) as page:
        give(page.context, server, cookies(server, email))
        page.on("dialog", lambda dialog: (mistaken.setdefault("dialog", dialog.message), dialog.dismiss()))
        page.on("request", lambda request: HOST in request.url and asked.append(request.url))
        for address in addresses(server)[half::2]:
            asked.clear()
            go(page, address)
            if found := wrong(page) + list(asked):
                mistaken[address] = found
                print(address, found, flush=True)
    # The visitor's guard fails the test where anything was asked of another host.
    assert mistaken == {}

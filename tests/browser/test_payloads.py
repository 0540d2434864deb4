"""Whatever somebody types, in every field, is shown as what they typed: on every page, in every file, in every answer."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import openpyxl
import pypdf
import pytest
from playwright.sync_api import Browser, Page

from models.base import Base
from models.people import operator
from reports.exports.week_files import FORMATS
from services.people import accounts
from store.reviews import weeks
from store.states import state
from tests import databases
from tests.browser.chromium import visitor
from tests.browser.conftest import LIVE
from tests.browser.harness import go
from tests.browser.server import ROOT, Server
from tests.browser.signing_in import cookies, database_of, give
from tests.payloads import HOST, MARKERS, OURS, SLUG, bare, plant, typed_columns
from ui.navigation import PAGES_BY_KEY

TABLES = sorted({column.table.name for column in typed_columns()})
# What opens on a page: the name in its address, and the parts that have one.
RECORDS = {
    "inventory": [("system", "systems"), ("view", ["Matrix", "Graph"])],
    "interviews": [("interview", "interviews")],
    "workflows": [("workflow", "workflows"), ("pipeline", "pipelines")],
    "adoption": [("training", "trainings"), ("document", "documents")],
    "decisions": [("decision", "decisions")],
    "metrics": [("metric", "metrics")],
    "plan": [("milestone", "milestones"), ("do", ["close", "change&milestone=1", "claim&milestone=1"])],
    "replacements": [("replacement", "replacements")],
    "runbooks": [("runbook", "runbooks")],
}
SHOWN_WRONG = """host => {
  const found = selector => [...document.querySelectorAll(selector)].map(e => e.outerHTML.slice(0, 200));
  const links = [...document.querySelectorAll(`a[href*="${host}"]`)];
  return [
    ...found(`[href^="javascript" i], [src^="javascript" i], [onerror], [src*="${host}"], .katex, script:not([src])`
             ).filter(html => !html.includes("prerenderReady")),
    ...links.filter(e => decodeURI(e.href).replace(/\\/$/, "") !== e.textContent.trim())
         .filter(e => !e.href.startsWith(`http://${host}/a%29`)).map(e => e.outerHTML.slice(0, 200)),
    ...[...document.querySelectorAll('[data-testid="stIconMaterial"]')]
        .filter(e => e.innerText.includes("skull")).map(() => "an icon"),
    ...(document.body.innerText.includes("🎉") ? ["an emoji"] : []),
    ...(window.ran ? ["a script ran"] : []),
  ];
}"""


@pytest.fixture(scope="module", params=LIVE)
def dressed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str]]:
    """A server in whose database every field is dressed up, and the e-mail of somebody who sees all of it."""
    folder = tmp_path_factory.mktemp("payloads")
    with (
        databases.fresh_database(request.param, folder) as url,
        Server(folder / "log", {"DATABASE_URL": url}) as server,
    ):
        with database_of(server):
            lead = plant(datetime.now(UTC))
            email = accounts.own_account(lead).email
        yield server, email


def test_every_field_that_people_type_in_holds_it(dressed):
    server, _ = dressed
    with database_of(server):
        assert [column for table in TABLES for column in bare(table)] == []


def test_what_is_the_programs_own_is_there():
    known = {table.name: {column.name for column in table.columns} for table in Base.metadata.sorted_tables}
    assert {
        name: columns - known.get(name, set())
        for name, columns in OURS.items()
        if columns - known.get(name, set())
    } == {}


def test_every_kind_of_record_that_an_address_opens_is_opened_here():
    """One record of each suffices: all of its fields are dressed, and the same dialog shows the others."""
    opens = re.compile(
        r'(?:record_link|record_select|take_out_of_address)\(\s*"(\w+)"|"(\w+)" in st\.query_params'
    )
    scripts = [file.read_text() for room in ("pages", "ui") for file in (ROOT / room).rglob("*.py")]
    kinds = {one or other for script in scripts for one, other in opens.findall(script)}
    assert kinds - {name for records in RECORDS.values() for name, _ in records} == set()
    assert len(kinds) >= 8


def addresses(server: Server) -> list[str]:
    """Every page, and a record of each kind that opens on one."""
    with database_of(server):
        who = operator(datetime.now(UTC))
        now = state(who, SLUG)
        week = next(row for row in weeks(who, SLUG) if not row.superseded)
    paths = [
        f"/{key}" + (f"?engagement={SLUG}" if place.of_engagement else "")
        for key, place in PAGES_BY_KEY.items()
    ]
    for page, kinds in RECORDS.items():
        for name, parts in kinds:
            if isinstance(parts, list):
                values = parts
            else:
                row = getattr(now, parts)[0]
                values = [row.slug if name == "metric" else row.id]
            paths += [f"/{page}?engagement={SLUG}&{name}={value}" for value in values]
    paths += [f"/review?engagement={SLUG}&week={week.week}&cycle={week.cycle}"]
    paths += [f"/journal?engagement={SLUG}&thing={kind}" for kind in ("system", "interview", "metric")]
    return paths


def wrong(page: Page) -> list[str]:
    """What of the page was taken for something else than text."""
    text = page.locator("body").inner_text()
    mistaken = []
    for mark, typed in MARKERS.items():
        before = typed[: typed.index(mark)]
        bare_ones = [match for match in re.finditer(mark, text) if not text[: match.start()].endswith(before)]
        mistaken += [text[max(0, match.start() - 30) : match.end() + 10] for match in bare_ones[:2]]
    return mistaken + page.evaluate(SHOWN_WRONG, HOST)


def test_every_page_shows_it_as_text_and_asks_nobody_and_runs_nothing(chromium: Browser, dressed):
    """Half of the pages on each database: what a page shows doesn't depend on it."""
    server, email = dressed
    half = 0 if server.environment["DATABASE_URL"].startswith("sqlite") else 1
    mistaken: dict[str, object] = {}
    asked: list[str] = []
    with visitor(chromium, server.url) as page:
        give(page.context, server, cookies(server, email))
        page.on("dialog", lambda dialog: (mistaken.setdefault("dialog", dialog.message), dialog.dismiss()))
        page.on("request", lambda request: HOST in request.url and asked.append(request.url))
        for address in addresses(server)[half::2]:
            asked.clear()
            go(page, address)
            if problems := wrong(page) + list(asked):
                mistaken[address] = problems
    # The visitor's guard fails the test where anything was asked of another host.
    assert mistaken == {}


def files(server: Server, email: str) -> dict[str, bytes]:
    """The newest frozen week in every format, as its reader downloads it."""
    with database_of(server):
        week = next(row for row in weeks(operator(datetime.now(UTC)), SLUG) if not row.superseded)
    kept = cookies(server, email)
    address = f"{server.url}/api/v1/engagements/{SLUG}/reviews/{week.id}"
    answers = {
        one.suffix: httpx.get(f"{address}.{one.suffix}", cookies=kept, timeout=60) for one in FORMATS.values()
    }
    assert {
        suffix: answer.status_code for suffix, answer in answers.items() if answer.status_code != 200
    } == {}
    return {suffix: answer.content for suffix, answer in answers.items()}


def test_no_file_carries_a_formula_a_picture_or_a_link_of_theirs(dressed):
    server, email = dressed
    made = files(server, email)
    book = openpyxl.load_workbook(io.BytesIO(made["xlsx"]))
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert any(isinstance(cell.value, str) and "picturemark" in cell.value for cell in cells)
    assert [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink] == []
    for data in (made["xlsx"], made["pptx"]):
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            links = [
                name
                for name in parts.namelist()
                if name.endswith(".rels") and HOST.encode() in parts.read(name)
            ]
            assert links == []
    with zipfile.ZipFile(io.BytesIO(made["zip"])) as parts:
        tables = [parts.read(name).decode("utf-8-sig") for name in parts.namelist() if name.endswith(".csv")]
    values = [value for table in tables for row in csv.reader(io.StringIO(table)) for value in row]
    assert any("picturemark" in value for value in values)
    assert [value for value in values if value.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    pages = pypdf.PdfReader(io.BytesIO(made["pdf"])).pages
    # Long words are broken where the page ends.
    assert any("picturemark" in re.sub(r"[\s\u200b-]", "", page.extract_text()) for page in pages)
    assert [
        note for page in pages for note in page.get("/Annots") or [] if HOST in str(note.get_object())
    ] == []
    text = made["md"].decode()
    assert "picturemark" in text
    for taken in ("![picturemark](", "[linkmark](", "<img", "<script", "`codemark`", "**boldmark**"):
        assert re.findall(rf"(?<!\\){re.escape(taken)}", text) == [], taken


def test_what_the_api_answers_is_no_page(dressed):
    server, email = dressed
    for path in (
        f"engagement/{SLUG}",
        f"engagements/{SLUG}/reviews",
        "engagement/<script>window.ran=1",
    ):
        answer = httpx.get(f"{server.url}/api/v1/{path}", cookies=cookies(server, email))
        assert answer.headers["content-type"] in ("application/json", "application/problem+json")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "script" in str(json.loads(answer.text))

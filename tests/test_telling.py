"""No kind of part is forgotten in silence: each is told, or listed as not told with the reason, for each telling.

Where it can be tried, the lists are: against the sample, the guide's words, the import kinds, and the difference of two
states of which one lacks a kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.database import engine_of, read_connection
from models.difference import difference
from models.people import operator
from models.state_changes import DatedState
from services.imports.kinds import KINDS as IMPORT_KINDS
from store.states import KINDS, as_rows, assemble, state, typed
from tests import databases
from tests.telling import DIFFERENCE, GUIDE, IMPORTS, SAMPLE, TELLINGS

ROOT = Path(__file__).parents[1]
WEDNESDAY = datetime(2026, 11, 18, 12, tzinfo=UTC)
SLUGS = ["larkspur-lending", "halden-utilities", "banksia-telecom"]
# What the guide calls them where the table's name isn't the word.
GUIDE_WORDS = {
    "definition": "definition", "evidence": "evidence", "handover": "copy", "import_run": "import",
    "measurement_batch": "batch", "metric_phase": "phase", "metric_pull": "pull", "pipeline_run": "run",
    "pitfall_check": "check", "sign_off": "sign-off", "sign_off_link": "link", "sign_off_receipt": "receipt",
    "sign_off_request": "request", "gate_waiver": "waiver", "dependency": "dependenc", "pain_point": "pain point",
    "erasure": "eras",
}  # fmt: skip


@pytest.fixture(scope="module")
def sample_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with the sample, which no test changes."""
    with databases.sample_database(tmp_path_factory.mktemp("telling"), WEDNESDAY) as url:
        yield url
        engine_of(url).dispose()


@pytest.fixture
def the_sample(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sample_url)


@pytest.mark.parametrize("name", TELLINGS)
def test_each_kind_is_told_or_listed_with_the_reason(name):
    telling = TELLINGS[name]
    assert telling.covered | set(telling.not_covered) == set(KINDS)
    assert telling.covered & set(telling.not_covered) == set()
    assert all(telling.not_covered.values())


@pytest.mark.usefixtures("the_sample")
def test_the_sample_has_rows_of_what_it_tells_and_of_nothing_else_that_it_could():
    with read_connection() as connection:
        held = {
            kind
            for kind, cls in KINDS.items()
            if connection.scalar(select(func.count()).select_from(cls.__table__))
        }
    covered = SAMPLE.covered
    assert covered - held == set()
    assert {
        kind for kind in held - covered if not SAMPLE.not_covered[kind].startswith("bookkeeping")
    } == set()


@pytest.mark.parametrize("kind", sorted(GUIDE.covered))
def test_the_guide_has_a_word_for_what_it_tells(kind):
    guide = "\n".join(path.read_text() for path in sorted((ROOT / "docs").rglob("*.md"))).lower()
    word = GUIDE_WORDS.get(kind, kind.replace("_", " "))
    assert re.search(rf"\b{re.escape(word)}", guide)


def test_the_imports_are_those_that_the_list_names():
    singular = {"dependencies": "dependency", "measurements": "measurement_batch"}
    kinds = {singular.get(name, name.removesuffix("s").replace(" ", "_")) for name in IMPORT_KINDS}
    # A rehearsal comes with its workflow.
    assert IMPORTS.covered - kinds == {"rehearsal"}
    assert kinds - IMPORTS.covered == set()


@pytest.mark.usefixtures("the_sample")
def test_the_difference_shows_that_a_kind_is_gone_exactly_where_the_list_says_so():
    shown, tried = set(), set()
    for slug in SLUGS:
        rows = as_rows(state(operator(WEDNESDAY), slug))
        full = DatedState.of(assemble(typed(rows)), WEDNESDAY.date())
        for kind, some in rows.items():
            if kind == "engagement" or not some:
                continue
            with suppress(Exception):  # a state without what others point to is none
                less = DatedState.of(assemble(typed(rows | {kind: []})), WEDNESDAY.date())
                changes = difference(full, less)
                tried.add(kind)
                shown |= {kind} if changes else set()
    assert {"share", "proof", "cutover", "gate_waiver", "rehearsal", "decision", "replacement"} <= tried
    assert tried & DIFFERENCE.covered == shown

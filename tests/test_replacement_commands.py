"""`manage.py gate`, `report` and `traces`, on the program's own database."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import commands.operator
from services.replacements import proofs
from tests.builders import an_engagement, noon, on_day, the_state
from tests.services.replacements.cutting_over import (
    DAY,
    NAME,
    a_replacement,
    may_cut_over,
    the_lead,
    the_proof,
)

pytestmark = pytest.mark.usefixtures("database")
TODAY = on_day(DAY)
JAEGER = [
    ("frontend", "checkout", 412), ("checkout", "payment", 398), ("checkout", "cart", 1204), ("frontend", "cart", 3100),
    ("frontend", "product-catalog", 8800), ("recommendation", "product-catalog", 1900),
    ("checkout", "legacy-billing", 12),
]  # fmt: skip


@pytest.fixture(autouse=True)
def on_day_47(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return noon(DAY).astimezone(tz or UTC)

    monkeypatch.setattr(commands.operator, "datetime", Clock)


def a_file(folder: Path, content: object) -> Path:
    file = folder / "dependencies.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def jaeger() -> dict[str, object]:
    return {"data": [{"parent": a, "child": b, "callCount": n} for a, b, n in JAEGER], "total": 0}


def test_an_open_gate_ends_with_0_and_a_closed_one_with_1(manage):
    may_cut_over()
    ran = manage("gate", "acme", NAME)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(
        "“Application intake” may cut over: 6 checks passed, contract waived by R. Osei"
    )
    proofs.withdraw_proof(the_lead(), "acme", the_proof("rollback"))
    ran = manage("gate", "acme", NAME, "--json")
    assert ran.returncode == 1
    answer = json.loads(ran.stdout)
    assert set(answer) == {"open", "sentence", "checks"}
    assert answer["open"] is False
    assert "going back was never tested" in answer["sentence"]
    assert {tuple(check) for check in answer["checks"]} == {("name", "outcome", "why")}
    assert next(c for c in answer["checks"] if c["name"] == "rollback")["outcome"] == "not known"


def test_the_gate_on_another_date_counts_what_was_known_by_then(manage):
    may_cut_over()
    assert manage("gate", "acme", "application INTAKE", "--on", on_day(DAY - 3)).returncode == 1
    assert manage("gate", "acme", "1", "--on", on_day(DAY)).returncode == 0


@pytest.mark.parametrize("words", [("acme", "Nothing"), ("nowhere", NAME)])
def test_a_bad_name_ends_with_2_and_a_sentence(words, manage):
    a_replacement()
    ran = manage("gate", *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("There is no ")


def test_evidence_is_reported_from_the_command_line_as_over_the_api(manage):
    a_replacement()
    ran = manage(
        "report", "share", "acme", f"replacement={NAME}", f"on={on_day(40)}", "percent=12.5", "--json"
    )
    assert (ran.returncode, json.loads(ran.stdout)) == (0, {"kind": "share", "id": 1})
    ran = manage("report", "rehearsal", "acme", "workflow=Take an application", "worked=false", "minutes=30")
    assert ran.returncode == 0
    state = the_state()
    assert state.replacements[0].shares[0].percent == 12.5
    (rehearsal,) = state.workflows[0].rehearsals
    assert (rehearsal.rehearsed_on, rehearsal.worked, rehearsal.minutes) == (on_day(DAY), False, 30)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("share", "acme", f"replacement={NAME}", "percent=140"), "A share of 140% can't be"),
        (("share", "acme", f"replacement={NAME}"), "In the share, percent can't be accepted"),
        (("share", "acme", "replacement=Other", "percent=5"), "There is no replacement “Other”"),
        (("hope", "acme"), "it can be pipeline_run, rehearsal, go_live, share, proof, traces"),
    ],
)
def test_evidence_that_cant_be_ends_with_1_and_a_sentence(words, sentence, manage):
    a_replacement()
    before = the_state().revision
    ran = manage("report", *words)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert sentence in ran.stderr
    assert the_state().revision == before


def read(manage, folder: Path, content: object, until: date = TODAY, *more: str):
    return manage(
        "traces", "acme", NAME, a_file(folder, content), "--until", until.isoformat(), "--days", "7", *more
    )


def test_traces_of_twenty_days_ago_are_out_of_date_however_many_calls_were_seen(manage, tmp_path):
    row_id = may_cut_over()
    proofs.withdraw_proof(the_lead(), "acme", the_proof("traces"))
    ran = read(manage, tmp_path, jaeger(), on_day(DAY) - timedelta(days=20))
    assert ran.returncode == 0
    assert "15,826 calls" in ran.stdout
    assert "legacy-billing" in ran.stdout
    checks = json.loads(manage("gate", "acme", row_id, "--json").stdout)["checks"]
    assert next(c for c in checks if c["name"] == "traces") == {
        "name": "traces", "outcome": "out of date", "why": "the traces are 20 days old",
    }  # fmt: skip


def test_an_empty_file_of_traces_is_inconclusive(manage, tmp_path):
    a_replacement()
    ran = read(manage, tmp_path, {"data": []}, on_day(DAY), "--json")
    assert json.loads(ran.stdout) == {"outcome": "inconclusive", "calls": 0, "undeclared": [], "unknown": []}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "isn't valid JSON"),
        ({"rows": []}, "It is no file of calls"),
        ({"data": [{"parent": "a"}]}, "Its row 1 doesn't say who calls whom"),
        ({"data": [{"parent": "a", "child": "b", "callCount": "many"}]}, "is no number"),
        ("up 1\n", "It has no line of traces_service_graph_request_total"),
    ],
)
def test_a_file_that_holds_no_calls_is_refused(content, sentence, manage, tmp_path):
    a_replacement()
    before = the_state().revision
    ran = read(manage, tmp_path, content)
    assert ran.returncode == 1
    assert sentence in ran.stderr
    assert the_state().revision == before


def test_traces_of_tomorrow_or_of_another_engagement_are_refused(manage, tmp_path):
    a_replacement()
    an_engagement("other", name="Somebody else's")
    assert "can't be on" in read(manage, tmp_path, jaeger(), on_day(DAY + 1)).stderr
    ran = manage("traces", "other", NAME, a_file(tmp_path, jaeger()), "--until", on_day(DAY), "--days", 7)
    assert ran.returncode == 1
    assert "There is no replacement" in ran.stderr

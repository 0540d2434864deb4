"""Programs that report versions of contracts and surveys, over HTTP and from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import api.current_user
import api.evidence
import commands.operator
from api.routes import api as program
from services.architecture.contracts import freeze_version
from services.core.idempotency import MAX_BODY
from tests.analysis.documents import shop
from tests.api.test_evidence import a_token, post
from tests.builders import noon, the_operator, the_state
from tests.services.replacements.cutting_over import DAY, a_replacement

SURVEY = api.evidence.EXAMPLES["survey"]["content"]
YAML = "openapi: 3.0.3\ninfo: {title: Intake, version: '7'}\npaths: {}\n"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(api.current_user, "now", lambda: noon(DAY))
    with TestClient(program) as made:
        yield made


@pytest.fixture(autouse=True)
def on_day_47(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return noon(DAY).astimezone(tz or UTC)

    monkeypatch.setattr(commands.operator, "datetime", Clock)
    a_replacement()


def versions() -> list[tuple[str, int]]:
    return [(row.label, row.breaks) for contract in the_state().contracts for row in contract.versions]


def test_each_version_is_compared_with_the_frozen_one_and_the_same_again_adds_none(client):
    token, given = a_token(), {"contract": "Intake API", "system": "intake-api"}
    first = post(client, "contract", token, "k1", content=shop(1), label="v1", **given)
    assert (first.status_code, first.json()["sentence"]) == (201, "It is the first version.")
    freeze_version(the_operator(DAY), "acme", first.json()["id"])
    same = post(client, "contract", token, "k2", content=shop(1), **given)
    assert (same.json()["new"], same.json()["id"]) == (False, first.json()["id"])
    worse = post(client, "contract", token, "k3", content=shop(3), label="v3", **given)
    assert (worse.json()["new"], worse.json()["breaks"]) == (True, 8)
    assert versions() == [("v1", 0), ("v3", 8)]
    assert the_state().contracts[0].frozen.label == "v1"


def test_a_document_may_be_yaml_in_a_text_and_larger_than_a_request_of_measurements(client):
    token = a_token()
    taken = post(client, "contract", token, contract="intake-api", content=YAML)
    assert (taken.status_code, taken.json()["label"]) == (201, "7")
    large = YAML + f"x-note: {'long ' * (MAX_BODY // 4)}\n"
    assert post(client, "contract", token, "k2", contract="intake-api", content=large).status_code == 201


@pytest.mark.parametrize(
    ("kind", "fields", "sentence"),
    [
        ("contract", {"contract": "Nobody", "content": shop(1)}, "no system “Nobody” in the inventory"),
        ("contract", {"contract": "intake-api", "content": "swagger: '2.0'"}, "The file is Swagger 2.0"),
        ("contract", {"contract": "intake-api", "content": 7}, "In the contract, content can't be accepted"),
        ("contract", {"contract": "intake-api", "content": YAML, "freeze": True}, "freeze can't be accepted"),
        ("survey", {"content": SURVEY | {"author": "Ann"}}, "holds author, which doesn't belong in a survey"),
        ("survey", {"content": SURVEY | {"read": 41}}, "Nothing was saved."),
        ("survey", {"content": SURVEY | {"taken_on": "2026-12-24"}}, "after today"),
        ("survey", {"content": []}, "In the survey, content can't be accepted"),
    ],
)
def test_what_cant_be_is_a_sentence_and_nothing_changes(client, kind, fields, sentence):
    before = the_state().revision
    answer = post(client, kind, **fields)
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]
    assert answer.json()["detail"].endswith("Nothing was saved.")
    assert the_state().revision == before


def test_a_survey_is_recorded_once(client):
    token = a_token()
    taken = post(client, "survey", token, content=SURVEY)
    assert (taken.status_code, taken.json()["kind"]) == (201, "survey")
    assert "lending: 1 of 1 system carries 100 %" in taken.json()["sentence"]
    again = post(client, "survey", token, "k2", content=SURVEY)
    assert (again.status_code, len(the_state().surveys)) == (422, 1)


def test_the_command_line_reports_the_same_from_files(manage, tmp_path: Path):
    document, survey = tmp_path / "openapi.yaml", tmp_path / "survey.json"
    document.write_text(YAML)
    survey.write_text(json.dumps(SURVEY))
    ran = manage("report", "contract", "acme", "contract=intake-api", "--file", document, "--json")
    assert (ran.returncode, json.loads(ran.stdout)["label"]) == (0, "7")
    ran = manage("contract", "acme", "intake-api", document)
    assert "unchanged, so no version was added" in ran.stdout
    assert manage("report", "survey", "acme", "--file", survey).returncode == 0
    assert [row.repository for row in the_state().surveys] == ["lending"]
    ran = manage("report", "share", "acme", "--file", survey)
    assert (ran.returncode, ran.stderr.strip()) == (
        1,
        "Evidence of the kind share has no file. Nothing was saved.",
    )

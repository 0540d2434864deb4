"""Programs that take part in a run: they ask for the open steps, and report each exactly once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from services.people import tokens
from services.runbooks import runs
from tests.builders import an_engagement
from tests.services.runbooks.builders import a_runbook, lead, the_runbook


def a_token(scope: str = "report", slug: str = "acme") -> dict[str, str]:
    now = replace(lead(slug), at=datetime.now(UTC))
    return {"authorization": f"Bearer {tokens.make_token(now, slug, name='CI', scope=scope, days=9)}"}


@pytest.fixture
def runbook_id(client: TestClient) -> int:
    """A runbook in its first rehearsal, which began just now."""
    made = a_runbook()
    runs.rehearse(replace(lead(), at=datetime.now(UTC)), "acme", made)
    return made


def address(runbook_id: int, number: int = 1, slug: str = "acme") -> str:
    return f"/api/v1/engagements/{slug}/runbooks/{runbook_id}/runs/{number}"


def send(client: TestClient, runbook_id: int, key: str = "k1", token: dict | None = None, **body: object):
    headers = {"idempotency-key": key} | (a_token() if token is None else token)
    return client.post(f"{address(runbook_id)}/reports", json=body, headers=headers)


def test_a_program_asks_what_is_open(client, runbook_id):
    answer = client.get(address(runbook_id), headers=a_token())
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["kind"]) == ("running", "rehearsal")
    (step,) = answer.json()["open"]
    assert (step["step"], step["direction"], step["outcomes"]) == ("1", "do", ["started"])
    assert step["check"] == "It shows 0"


def test_it_reports_a_step_and_is_told_what_is_open_next(client, runbook_id):
    assert send(client, runbook_id, "a", step="1", outcome="started").status_code == 201
    answer = send(client, runbook_id, "b", step="1", outcome="done")
    assert [step["step"] for step in answer.json()["open"]] == ["2", "3"]


def test_a_step_number_may_be_a_number(client, runbook_id):
    assert send(client, runbook_id, step=1, outcome="started").status_code == 201


def test_the_same_key_again_gets_the_same_answer(client, runbook_id):
    first = send(client, runbook_id, "a", step="1", outcome="started")
    send(client, runbook_id, "b", step="1", outcome="done")
    again = send(client, runbook_id, "a", step="1", outcome="started")
    assert again.json() == first.json()
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert len(the_runbook().runs[0].reports) == 3
    assert send(client, runbook_id, "a", step="2", outcome="started").status_code == 422


def test_a_report_for_a_step_that_isnt_handed_out_is_409_with_the_sentence(client, runbook_id):
    answer = send(client, runbook_id, step="2", outcome="started")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == (
        "“Drain the queue” is not handed out: before it comes “Freeze intake”. Nothing was saved."
    )


def test_the_second_to_start_a_step_is_told(client, runbook_id):
    send(client, runbook_id, "mine", step="1", outcome="started")
    answer = send(client, runbook_id, "theirs", step="1", outcome="started")
    assert answer.status_code == 409
    assert "“Freeze intake” was started at" in answer.json()["detail"]


def test_a_program_can_roll_back_but_not_decide(client, runbook_id):
    send(client, runbook_id, "a", step="1", outcome="started")
    send(client, runbook_id, "b", step="1", outcome="done")
    assert send(client, runbook_id, "c", outcome="roll back").json()["state"] == "rolling back"
    send(client, runbook_id, "d", step="1", direction="undo", outcome="started")
    send(client, runbook_id, "e", step="1", direction="undo", outcome="failed")
    answer = send(client, runbook_id, "f", step="1", direction="undo", outcome="skipped", reason="Tired")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body",
    [{}, {"outcome": "go"}, {"outcome": "done"}, {"step": "1", "outcome": "started", "more": "x"},
     {"step": ["1"], "outcome": "started"}, {"step": "1", "outcome": None}, {"step": "1" * 400, "outcome": "started"}],
)  # fmt: skip
def test_what_is_no_report_is_422_and_changes_nothing(client, runbook_id, body):
    assert send(client, runbook_id, **body).status_code == 422
    assert len(the_runbook().runs[0].reports) == 1


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        ("nonsense", {}, 400),
        ("[]", {}, 422),
        ('{"outcome": "roll back"}', {"content-type": "text/plain"}, 415),
        ('{"outcome": "roll back"}', {"idempotency-key": ""}, 400),
    ],
)
def test_bodies_that_are_no_reports(client, runbook_id, content, headers, status):
    sent = {"content-type": "application/json", "idempotency-key": "k"} | a_token() | headers
    answer = client.post(f"{address(runbook_id)}/reports", content=content, headers=sent)
    assert answer.status_code == status
    assert len(the_runbook().runs[0].reports) == 1


def test_who_may_do_what(client, runbook_id):
    reads = a_token("read")
    assert client.get(address(runbook_id), headers=reads).status_code == 200
    assert send(client, runbook_id, token=reads, step="1", outcome="started").status_code == 403
    assert client.get(address(runbook_id)).status_code == 401
    an_engagement("corvid")
    assert client.get(address(runbook_id), headers=a_token(slug="corvid")).status_code == 404
    assert client.get(address(runbook_id, slug="corvid"), headers=a_token(slug="corvid")).status_code == 404
    assert client.get(address(runbook_id, 9), headers=a_token()).status_code == 404


def test_a_program_that_was_told_asks_which_runs_have_open_steps(client: TestClient):
    row_id = a_runbook()
    assert client.get("/api/v1/engagements/acme/runs", headers=a_token()).json() == []
    runs.rehearse(replace(lead(), at=datetime.now(UTC)), "acme", row_id)
    (run,) = client.get("/api/v1/engagements/acme/runs", headers=a_token()).json()
    assert run["address"] == f"/api/v1/engagements/acme/runbooks/{row_id}/runs/1"
    assert [step["step"] for step in run["open"]] == ["1"]
    assert client.get(run["address"], headers=a_token()).json()["open"] == run["open"]
    assert client.get("/api/v1/engagements/acme/runs").status_code == 401

"""Programs that report evidence and ask a gate over HTTP."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

import api.current_user
import api.evidence
from api.routes import api as program
from models.api_tokens import Scope
from models.people import operator
from services.people import tokens
from services.replacements import evidence, gate_addresses, proofs
from services.workflows import pipelines
from tests.builders import an_engagement, noon, on_day, the_operator, the_state
from tests.services.replacements.cutting_over import (
    DAY,
    NAME,
    a_replacement,
    may_cut_over,
    the_lead,
    the_proof,
)

pytestmark = pytest.mark.usefixtures("database")
URL = "/v1/engagements/acme/evidence"
# What Flagger's confirm-promotion hook sends.
FLAGGER = {"name": "intake-api", "namespace": "prod", "phase": "Progressing", "metadata": {}}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(api.current_user, "now", lambda: noon(DAY))
    monkeypatch.setattr(api.evidence, "now", lambda: noon(DAY))
    with TestClient(program) as made:
        yield made


def a_token(scope: Scope = Scope.EVIDENCE, slug: str = "acme") -> dict[str, str]:
    token = tokens.make_token(operator(noon(1)), slug, name="CI", scope=scope, days=90)
    return {"authorization": f"Bearer {token}"}


def post(client, kind: str, headers=None, key: str = "k1", **fields):
    sent = (headers or a_token()) | {"idempotency-key": key, "content-type": "application/json"}
    return client.post(URL, content=json.dumps({"kind": kind} | fields), headers=sent)


def test_every_kind_is_recorded_with_its_example(client):
    a_replacement()
    pipelines.add_pipeline(the_operator(2), "acme", {"name": "Build line", "kind": "build"})
    assert set(api.evidence.EXAMPLES) == set(evidence.KINDS)
    token = a_token()
    for kind, example in api.evidence.EXAMPLES.items():
        given = example | ({"workflow": "Take an application"} if "workflow" in example else {})
        answer = post(client, kind, token, key=kind, **given)
        assert answer.status_code == 201, answer.text
        assert answer.json()["kind"] == kind
    (replacement,) = the_state().replacements
    assert [share.percent for share in replacement.shares] == [25]
    assert {proof.kind for proof in replacement.proofs} == {"comparison", "traces"}
    (flow,) = the_state().workflows
    assert flow.state == "live"
    assert [(row.worked, row.minutes) for row in flow.rehearsals] == [(True, 42)]
    assert [run.green for run in the_state().pipelines[0].runs] == [True]


def test_the_same_request_again_is_answered_from_what_was_stored(client):
    a_replacement()
    token = a_token()
    given = {"replacement": NAME, "proof": "rollback", "outcome": "passed"}
    first, again = (post(client, "proof", token, **given) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    assert len(the_state().replacements[0].proofs) == 1
    other = post(client, "proof", token, **(given | {"outcome": "failed"}))
    assert (other.status_code, len(the_state().replacements[0].proofs)) == (422, 1)


@pytest.mark.parametrize(
    ("kind", "fields", "status", "sentence"),
    [
        ("share", {"replacement": NAME, "percent": 140}, 422, "A share of 140% can't be"),
        ("share", {"replacement": NAME, "percent": "25"}, 422, "In the share, percent can't be accepted"),
        ("share", {"replacement": NAME, "percent": 25, "on": "2026-01-01"}, 422, "The share can't be on"),
        ("share", {"replacement": "Other", "percent": 25}, 404, "There is no replacement “Other”"),
        (
            "share",
            {"replacement": NAME, "percent": 25, "more": 1},
            422,
            "In the share, more can't be accepted",
        ),
        ("rehearsal", {"workflow": "Take an application"}, 422, "In the rehearsal, worked can't be accepted"),
        ("hope", {}, 422, "There is no kind of evidence “hope”: it can be pipeline_run"),
        ("traces", {"replacement": NAME, "days": 7, "content": {"data": []}}, 422, "until can't be accepted"),
        (
            "traces",
            {"replacement": NAME, "until": "2026-11-20", "days": 7, "content": {}},
            422,
            "no file of calls",
        ),
    ],
)
def test_what_cant_be_is_a_problem_with_a_sentence_and_nothing_changes(
    client, kind, fields, status, sentence
):
    a_replacement()
    before = the_state().revision
    answer = post(client, kind, **fields)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert sentence in answer.json()["detail"]
    assert the_state().revision == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"kind": NaN}', b'{"kind": 5}', b'"share"', b"\xff"])
def test_a_body_that_is_no_evidence_is_refused(client, body):
    a_replacement()
    headers = a_token() | {"idempotency-key": "k", "content-type": "application/json"}
    answer = client.post(URL, content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"].endswith("Nothing was saved.")


def test_only_a_token_to_report_evidence_reports_and_asks_and_only_in_its_engagement(client):
    a_replacement()
    an_engagement("other", name="Somebody else's")
    gate = "/v1/engagements/acme/replacements/1/gate"
    share = {"replacement": NAME, "percent": 5}
    for headers, status in [(a_token(Scope.READ), 403), (a_token(slug="other"), 404)]:
        assert post(client, "share", headers, **share).status_code == status
        assert client.post(gate, json=FLAGGER, headers=headers).status_code == status
    assert client.post(gate, json=FLAGGER).status_code == 401


def test_a_deployment_tool_is_told_200_or_409(client):
    row_id = may_cut_over()
    gate, token = f"/v1/engagements/acme/replacements/{row_id}/gate", a_token()
    answer = client.post(gate, json=FLAGGER, headers=token)
    assert (answer.status_code, answer.json()["open"]) == (200, True)
    proofs.withdraw_proof(the_lead(), "acme", the_proof("rollback"))
    answer = client.post(gate, json=FLAGGER, headers=token)
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json()["detail"] == answer.json()["sentence"]
    assert "going back was never tested" in answer.json()["detail"]
    assert len(answer.json()["checks"]) == 7
    missing = client.post("/v1/engagements/acme/replacements/99/gate", headers=token)
    assert missing.status_code == 404


def test_a_secret_address_answers_without_a_token_until_it_is_revoked(client):
    row_id = may_cut_over()
    secret = gate_addresses.open_address(the_lead(), "acme", row_id)
    assert client.post(f"/v1/gates/{secret}", json=FLAGGER).status_code == 200
    proofs.record_proof(
        the_lead(), "acme", row_id, {"kind": "rollback", "on": on_day(DAY), "outcome": "failed"}
    )
    assert client.post(f"/v1/gates/{secret}", json=FLAGGER).status_code == 409
    again = gate_addresses.open_address(the_lead(), "acme", row_id)
    assert client.post(f"/v1/gates/{secret}").status_code == 404
    assert list(gate_addresses.open_addresses(the_lead(), "acme")) == [row_id]
    gate_addresses.revoke_address(the_lead(), "acme", row_id)
    assert client.post(f"/v1/gates/{again}").status_code == 404
    assert gate_addresses.open_addresses(the_lead(), "acme") == {}

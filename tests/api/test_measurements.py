"""Measurement intake over HTTP: each request once, every bad row named, nothing bad stored."""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from anyio import CapacityLimiter
from hypothesis import given, settings
from sqlalchemy import func, select
from starlette.testclient import TestClient

import api.current_user
import api.measurements
from api.routes import api as program
from models.api_tokens import Scope
from models.database import engine
from models.measurements import IntakeKey, Measurement, MeasurementBatch
from models.people import operator
from services.measurements import intake
from services.metrics import definitions
from services.people import tokens
from store.measurements import measurements
from tests.api.bad_bodies import bad_bodies
from tests.builders import a_metric, an_engagement, noon, the_operator

pytestmark = pytest.mark.usefixtures("database")

TODAY = 60
EXAMPLES = 300 if os.environ.get("HEADWAY_FULL") else 100
URL = "/v1/engagements/acme/measurements"


@pytest.fixture
def client(monkeypatch):
    """A program with a token for the engagement's measurements, on day 60."""
    monkeypatch.setattr(api.current_user, "now", lambda: noon(TODAY))
    an_engagement()
    a_metric(baseline="4 h", target="90 s")
    token = a_token()
    with TestClient(program, headers={"authorization": f"Bearer {token}"}) as made:
        made.who = tokens.actor_of_token(token, noon(TODAY))
        yield made


def a_token(scope=Scope.MEASUREMENTS, slug="acme"):
    return tokens.make_token(operator(noon(1)), slug, name="nightly", scope=scope, days=90)


def a_row(at="2026-11-16", value=4, **more):
    return {"metric": "loan-decision-time", "at": at, "value": value} | more


def post(client, *rows, key="k1", url=URL, **more):
    headers = {"idempotency-key": key, "content-type": "application/json"}
    return client.post(url, content=json.dumps({"measurements": list(rows)} | more), headers=headers)


def stored():
    """(values in order of time and batch, batches)"""
    with engine().connect() as connection:
        query = select(Measurement.value).order_by(Measurement.at, Measurement.batch_id)
        return list(connection.scalars(query)), connection.scalar(select(func.count(MeasurementBatch.id)))


def test_measurements_are_stored_as_one_batch_with_what_was_written(client):
    answer = post(
        client, a_row(value="240 min", n=212, note="first"), a_row("2026-11-17T00:00:00+02:00", 3.50)
    )
    assert answer.status_code == 201
    assert answer.json() == {"batch": 1, "added": 2, "corrected": 0, "unchanged": 0}
    with engine().connect() as connection:
        rows = connection.execute(select(Measurement.__table__).order_by(Measurement.at)).all()
    assert [row.value for row in rows] == [4, 3.5]
    assert [(row.given, row.n, row.note) for row in rows] == [("240 min", 212, "first"), (None, None, None)]
    assert rows[1].at == datetime(2026, 11, 16, 22, tzinfo=UTC)


@pytest.mark.parametrize("written", ["1.50", "-0.0", "-0", "1e16", "0.00001", "150E-2", "0.1" + "0" * 300])
def test_a_number_is_kept_exactly_as_it_was_written(client, written):
    body = f'{{"measurements": [{{"metric": "loan-decision-time", "at": "2026-11-16", "value": {written}}}]}}'
    headers = {"idempotency-key": '"quoted"', "content-type": "application/json; charset=utf-8"}
    assert client.post(URL, content=body, headers=headers).status_code == 201
    with engine().connect() as connection:
        assert connection.execute(select(Measurement.given, Measurement.value)).one() == (
            written,
            float(written),
        )


def test_the_same_request_again_gets_the_stored_answer_and_says_so(client):
    first, again = post(client, a_row()), post(client, a_row())
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status_code, again.json()) == (201, first.json())
    assert stored() == ([4], 1)


def test_the_same_key_with_another_body_is_refused(client):
    post(client, a_row())
    other = post(client, a_row(value=5, reason="a typing error"))
    assert other.status_code == 422
    assert "another body" in other.json()["detail"]
    assert stored() == ([4], 1)


@pytest.mark.parametrize("key", [None, "", '""x' * 90, "ü"])
def test_without_a_key_nothing_is_done(client, key):
    raw = {} if key is None else {"idempotency-key": key.encode()}
    answer = client.post(URL, json={"measurements": [a_row()]}, headers=raw)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert stored() == ([], 0)


def test_a_key_is_free_again_after_seven_days(client, monkeypatch):
    post(client, a_row())
    monkeypatch.setattr(api.current_user, "now", lambda: noon(TODAY) + timedelta(days=6, hours=23))
    assert post(client, a_row()).headers["idempotent-replayed"] == "true"
    monkeypatch.setattr(api.current_user, "now", lambda: noon(TODAY) + timedelta(days=7))
    assert post(client, a_row("2026-11-18", 3)).status_code == 201
    assert stored() == ([4, 3], 2)


def test_keys_that_live_no_longer_are_forgotten_with_the_first_request_of_a_day(client, monkeypatch):
    def keys():
        with engine().connect() as connection:
            return list(connection.scalars(select(IntakeKey.key).order_by(IntakeKey.key)))

    post(client, a_row(), key="k1")
    monkeypatch.setattr(api.current_user, "now", lambda: noon(TODAY) + timedelta(days=5))
    post(client, a_row("2026-11-17"), key="k2")
    assert keys() == ["k1", "k2"]
    monkeypatch.setattr(api.current_user, "now", lambda: noon(TODAY) + timedelta(days=8))
    post(client, a_row("2026-11-18"), key="k3")
    assert keys() == ["k2", "k3"]


def test_while_a_request_is_carried_out_its_key_is_answered_with_409(client, monkeypatch):
    working, go_on = threading.Event(), threading.Event()
    put = intake.put_columns

    def slowly(*given):
        working.set()
        assert go_on.wait(60)
        return put(*given)

    monkeypatch.setattr(intake, "put_columns", slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(post, client, a_row())
        assert working.wait(60)
        # Another process would have a place of its own to work in; here the first request holds the only one.
        monkeypatch.setattr(api.measurements, "INTAKE", CapacityLimiter(1))
        again = post(client, a_row())
        other = post(client, a_row(value=5))
        go_on.set()
        assert first.result(60).status_code == 201
    assert (again.status_code, again.headers["retry-after"]) == (409, "1")
    assert other.status_code == 422
    assert stored() == ([4], 1)


def test_sixty_posts_with_one_key_at_once_make_one_batch(client):
    with ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(lambda _: post(client, a_row()), range(60)))
    codes = {answer.status_code for answer in answers}
    assert codes <= {201, 409, 503}
    assert 201 in codes
    assert {answer.json()["batch"] for answer in answers if answer.status_code == 201} == {1}
    assert sum("idempotent-replayed" not in a.headers for a in answers if a.status_code == 201) == 1
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status_code > 400)
    assert stored() == ([4], 1)
    assert post(client, a_row()).headers["idempotent-replayed"] == "true"


def test_another_value_of_the_same_moment_needs_a_reason_and_both_stay(client):
    post(client, a_row(), a_row("2026-11-17", 3))
    silent = post(client, a_row(value=5), a_row("2026-11-17", 3), key="k2")
    assert silent.status_code == 422
    assert silent.json()["errors"] == [
        {
            "row": 1,
            "field": "reason",
            "problem": "It takes the place of 4 h at the same moment: say why in its reason.",
        }
    ]
    corrected = post(client, a_row(value=5, reason="counted twice"), a_row("2026-11-17", 3), key="k2")
    assert corrected.json() == {"batch": 2, "added": 0, "corrected": 1, "unchanged": 1}
    assert stored() == ([4, 5, 3], 2)


def test_what_counts_already_makes_no_batch(client):
    post(client, a_row())
    again = post(client, a_row(value="4 h"), key="k2")
    assert (again.status_code, again.json()["batch"], again.json()["unchanged"]) == (200, None, 1)
    assert stored() == ([4], 1)


def test_n_and_note_that_a_request_lacks_stay_and_those_that_it_has_take_their_place(client):
    post(client, a_row(n=120, note="Without Monday"), a_row("2026-11-17", 3, n=80))
    again = post(client, a_row(), a_row("2026-11-17", 3), key="k2").json()
    assert (again["corrected"], again["unchanged"]) == (0, 2)
    post(client, a_row(value=5, reason="counted twice"), key="k3")
    other_n = post(client, a_row("2026-11-17", 3, n=81), key="k4").json()
    assert (other_n["corrected"], other_n["unchanged"]) == (1, 0)
    rows = measurements(the_operator(), "acme").to_dict("records")
    assert [(row["value"], row["n"]) for row in rows] == [(5, 120), (3, 81)]
    assert rows[0]["note"] == "Without Monday"


def test_every_bad_row_is_named_and_nothing_is_stored(client):
    answer = post(
        client,
        a_row(),
        a_row(at="soon"),
        a_row("2026-11-17", "4 invoices"),
        a_row("2026-11-18", True),
        a_row("2026-11-19", 4, n=-1),
        a_row("2026-11-16T00:00:00Z"),
        a_row("2027-01-01"),
        a_row("2026-11-20", metric="other"),
        {"metric": "loan-decision-time", "at": "2026-11-21", "value": 1, "colour": "red"},
        "nothing",
        a_row("2026-11-22", 4, note="a\x00b"),
        a_row("2026-11-23", 4, note="\ud800"),
    )
    assert answer.status_code == 422
    assert answer.json()["detail"] == "11 of the rows can't be accepted. Nothing was saved."
    assert [(one["row"], one["field"]) for one in answer.json()["errors"]] == [
        (2, "at"), (3, "value"), (4, "value"), (5, "n"), (6, "at"), (7, "at"), (8, "metric"), (9, "colour"), (10, ""),
        (11, "note"), (12, "note"),
    ]  # fmt: skip
    assert answer.json()["errors"][1]["problem"] == (
        "“4 invoices” is not read: “invoices” is no unit, currency or scale that is known for a value in h; write the "
        "number in h, such as 12.5 h."
    )
    assert stored() == ([], 0)


def test_what_could_be_read_otherwise_is_told_and_a_strict_program_gets_it_refused(client):
    doubtful = a_row(value="12,500 h")
    body = post(client, doubtful, a_row("2026-11-17", "1 h")).json()
    (doubt,) = body.pop("doubts")
    assert body == {"batch": 1, "added": 2, "corrected": 0, "unchanged": 0}
    assert (doubt["kind"], doubt["rows"], doubt["seen"], doubt["read"]) == (
        "decimal mark", [1], "12,500 h", "12,500",
    )  # fmt: skip
    assert stored()[0] == [12500, 1]
    client.headers["authorization"] = f"Bearer {a_token(Scope.CLEAR_MEASUREMENTS)}"
    strict = post(client, a_row("2026-11-18", "12,500 h"), key="k2")
    assert strict.status_code == 422
    assert [(error["row"], error["field"]) for error in strict.json()["errors"]] == [(1, "value")]
    assert "the other way it is 12.5" in strict.json()["errors"][0]["problem"]
    assert post(client, a_row("2026-11-18", "12.5 h"), key="k3").status_code == 201


def test_shares_of_one_in_a_metric_in_percent_are_told(client):
    a_metric(name="First-time approvals", unit="%", direction="higher")
    rows = [
        a_row(f"2026-11-{day}", share, metric="first-time-approvals")
        for day, share in ((16, 0.62), (17, 0.64))
    ]
    (doubt,) = post(client, *rows).json()["doubts"]
    assert (doubt["kind"], doubt["rows"]) == ("fractions in a percentage", [1, 2])
    assert doubt["sentence"].endswith("“0.62” was read as 0.62 %; as a share of one it is 62 %.")


def test_percent_signs_beside_plain_numbers_are_told(client):
    a_metric(name="First-time approvals", unit="%", direction="higher")
    rows = [
        a_row(f"2026-11-{day}", share, metric="first-time-approvals")
        for day, share in ((16, "62 percent"), (17, 64))
    ]
    (doubt,) = post(client, *rows).json()["doubts"]
    assert (doubt["kind"], doubt["rows"], doubt["seen"]) == ("percent cells among plain ones", [2], "64")


def test_a_thousand_rows_are_taken_and_one_more_is_not(client):
    start = datetime(2026, 10, 5, tzinfo=UTC)
    rows = [a_row((start + timedelta(minutes=i)).isoformat(), i) for i in range(1001)]
    assert post(client, *rows).status_code == 400
    assert post(client, *rows[:1000]).json()["added"] == 1000


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"measurements": [], "measurements": []}', 400),
        (b'{"measurements": [{"metric": "loan-decision-time", "at": "2026-11-16", "value": NaN}]}', 400),
        (b'{"measurements": [{"metric": "loan-decision-time", "at": "2026-11-16", "value": 1e999}]}', 422),
        (
            b'{"measurements": [{"metric": "loan-decision-time", "at": "2026-11-16", "value": -Infinity}]}',
            400,
        ),
        (b'{"measurements": [{"metric": "x\\u0000", "at": "2026-11-16", "value": 1}]}', 422),
        (
            b'{"measurements": [{"metric": "loan-decision-time", "at": "2026-11-16", "value": "\\ud800"}]}',
            422,
        ),
        ('{"measurements": []}'.encode("utf-16"), 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 100_000, 400),
        (b'{"measurements": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"measurements": [{"value": ' + b"9" * 10_000 + b"}]}", 422),
        (
            b'{"measurements": [{"metric": "loan-decision-time", "at": "2026-11-16", "value": 0.'
            + b"1" * 400
            + b"}]}",
            422,
        ),
        (b'{"measurements": [{"metric": "loan-decision-time", "at": "2026-11-16", "value": {}}]}', 422),
        (b'{"measurements": 4}', 400),
        (b'{"measurements": [4]}', 422),
        (b'{"measurements": [null], "source": 4}', 400),
        (b'{"measurements": [null], "source": "\\u0000"}', 422),
        (b"\xff\xfe", 400),
        (b"", 400),
        (b"null", 400),
    ],
)
def test_a_body_that_is_not_what_it_should_be_is_a_refusal_and_no_row(client, content, code):
    headers = {"idempotency-key": "bad", "content-type": "application/json"}
    answer = client.post(URL, content=content, headers=headers)
    assert answer.status_code == code, answer.text
    assert answer.json()["detail"].endswith("Nothing was saved.")
    assert stored() == ([], 0)
    assert post(client, a_row(), key="bad").status_code == 201, "a refused request leaves its key free"


@settings(max_examples=EXAMPLES)
@given(body=bad_bodies)
def test_whatever_is_no_measurement_is_a_refusal_and_no_row(client, body):
    answer = client.post(
        URL, content=body, headers={"idempotency-key": "bad", "content-type": "application/json"}
    )
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith("Nothing was saved.")
    assert stored() == ([], 0)


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(client, declared):
    def chunks():
        for _ in range(30):
            yield b" " * 100_000

    content = b" " * 3_000_000 if declared else chunks()
    answer = client.post(
        URL, content=content, headers={"idempotency-key": "k", "content-type": "application/json"}
    )
    assert answer.status_code == 413
    assert stored() == ([], 0)


def test_another_kind_of_content_is_refused(client):
    answer = client.post(URL, content=b"{}", headers={"idempotency-key": "k", "content-type": "text/plain"})
    assert answer.status_code == 415


def test_when_too_many_wait_the_next_is_asked_to_come_back(client, monkeypatch):
    monkeypatch.setattr(api.measurements, "MAX_WAITING", 0)
    answer = post(client, a_row())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert stored() == ([], 0)


def test_who_may_not_record_stores_nothing(client):
    an_engagement("other")
    assert post(client, a_row(), url="/v1/engagements/other/measurements").status_code == 404
    body = {"measurements": [a_row()]}
    reader = {"authorization": f"Bearer {a_token(Scope.READ)}", "idempotency-key": "k"}
    assert client.post(URL, json=body, headers=reader).status_code == 403
    assert (
        client.post(URL, json=body, headers={"authorization": "Bearer x", "idempotency-key": "k"}).status_code
        == 401
    )
    assert stored() == ([], 0)


def test_a_retired_metric_takes_no_more(client):
    definitions.retire(operator(noon(2)), "acme", 1)
    answer = post(client, a_row())
    assert answer.status_code == 422
    assert "is retired" in answer.json()["errors"][0]["problem"]


def test_the_description_names_every_answer_and_has_examples(client):
    path = client.get("/openapi.json").json()["paths"]["/v1/engagements/{slug}/measurements"]["post"]
    assert {"200", "201", "400", "401", "403", "404", "409", "413", "415", "422", "503"} <= set(
        path["responses"]
    )
    assert [parameter["name"] for parameter in path["parameters"]] == ["slug", "Idempotency-Key"]
    assert path["security"] == [{"bearer": []}]
    example = path["requestBody"]["content"]["application/json"]["example"]
    answer = client.post(URL, json=example, headers={"idempotency-key": "example"})
    assert answer.status_code == 201, answer.text

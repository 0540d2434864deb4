"""Pulling from a Prometheus-compatible server and from a database, as often as one likes."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy

from models.errors import Forbidden, Invalid, NotFound
from models.people import Role
from services.measurements import batches, pulling
from services.measurements.pulling import PullResult
from services.metrics import definitions
from store.measurements import corrections, measurements
from tests.builders import a_metric, an_actor, an_engagement, the_operator, the_state

pytestmark = pytest.mark.usefixtures("database")

DAY = 24 * 3600
METRIC = "loan-decision-time"


class Prometheus(ThreadingHTTPServer):
    """Answers range queries from `points`: seconds since 1970 -> text."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answering)
        self.points: dict[int, str] = {}
        self.answer: bytes | None = None
        self.asked: list[dict[str, str]] = []
        self.tokens: list[str | None] = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.server.asked.append(asked)
        self.server.tokens.append(self.headers["authorization"])
        start, end, step = (int(asked[name]) for name in ("start", "end", "step"))
        values = [
            [at, text] for at, text in sorted(self.server.points.items()) if at in range(start, end + 1, step)
        ]
        result = [{"metric": {}, "values": values}] if values else []
        answer = json.dumps(
            {"status": "success", "data": {"resultType": "matrix", "result": result}}
        ).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer if self.server.answer is None else self.server.answer)

    def log_message(self, *_):
        """Tests print nothing."""


@pytest.fixture
def prometheus():
    with Prometheus() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def seconds(day: int) -> int:
    return int(datetime(2026, 10, 4 + day, tzinfo=UTC).timestamp())


def pull(day=20, **more):
    return pulling.pull(the_operator(day), "acme", **more)


def values():
    return measurements(the_operator(), "acme")["value"].tolist()


def of_prometheus(server, step=DAY):
    an_engagement()
    a_metric(baseline="4 h", target="90 s")
    pulling.configure(
        the_operator(), "acme", METRIC, "prometheus", server.url, step, query="avg(decision_hours)"
    )


def test_what_prometheus_holds_is_recorded_once_however_often_it_is_pulled(prometheus, monkeypatch):
    monkeypatch.setenv("HEADWAY_PULL_TOKEN", "s3cret")
    of_prometheus(prometheus)
    prometheus.points = {seconds(day): str(day / 10) for day in range(1, 11)} | {seconds(4): "NaN"}
    assert pull() == [PullResult("acme", METRIC, added=9)]
    assert prometheus.asked[0]["query"] == "avg(decision_hours)"
    assert set(prometheus.tokens) == {"Bearer s3cret"}
    before = values()
    assert pull() == [PullResult("acme", METRIC, unchanged=3)]
    assert values() == before == [0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


def test_a_value_that_its_source_completes_later_is_corrected_and_both_stay(prometheus):
    of_prometheus(prometheus)
    prometheus.points = {seconds(1): "4", seconds(2): "1"}
    pull()
    prometheus.points[seconds(2)] = "3.50"
    prometheus.points[seconds(3)] = "3"
    assert pull() == [PullResult("acme", METRIC, added=1, corrected=1, unchanged=1)]
    assert values() == [4, 3.5, 3]
    frame = corrections(the_operator(), "acme", 1)
    assert frame["value"].tolist() == [3.5, 1]
    assert frame["status"].tolist() == ["counts", "superseded"]
    assert (frame["reason"][0], frame["given"][0]) == ("Its source says otherwise now", "3.50")


def test_a_long_range_is_asked_for_in_parts(prometheus):
    of_prometheus(prometheus, step=300)
    pull()
    assert len(prometheus.asked) > 1
    parts = [(int(asked["start"]), int(asked["end"])) for asked in prometheus.asked]
    assert all((end - start) / 300 < 11_000 for start, end in parts)
    assert all(later[0] - earlier[1] == 300 for earlier, later in zip(parts, parts[1:], strict=False))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b'{"status": "error", "error": "parse error"}', "refused the query: parse error."),
        (b'{"status": "success", "data": {"result": [{"values": []}, {"values": []}]}}', "gives 2 series"),
        (
            b'{"status": "success", "data": {"result": [{"values": [[1, "x"]]}]}}',
            "doesn't answer as Prometheus does",
        ),
        (b"<html>", "doesn't answer as Prometheus does"),
        (b"[]", "doesn't answer as Prometheus does"),
    ],
)
def test_a_source_that_answers_otherwise_is_named_and_nothing_is_recorded(prometheus, answer, sentence):
    of_prometheus(prometheus)
    prometheus.answer = answer
    (outcome,) = pull()
    assert sentence in outcome.problem
    assert values() == []


def test_a_source_that_is_away_stops_no_other(prometheus):
    of_prometheus(prometheus)
    a_metric(name="Away", baseline="4 h", target="90 s")
    pulling.configure(the_operator(), "acme", "away", "prometheus", "http://127.0.0.1:9", DAY, query="x")
    prometheus.points = {seconds(1): "4"}
    away, there = pull()
    assert "can't be reached" in away.problem
    assert there.added == 1


@pytest.fixture
def warehouse(tmp_path, monkeypatch):
    """A database of somebody else's, with decisions by day."""
    url = f"sqlite:///{tmp_path / 'warehouse.db'}"
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE decision (at TEXT, hours REAL, n INTEGER)")
        for day in range(1, 8):
            at = datetime(2026, 10, 4, tzinfo=UTC) + timedelta(days=day)
            connection.exec_driver_sql(
                "INSERT INTO decision VALUES (?, ?, ?)", (at.isoformat(), day / 2, day)
            )
    engine.dispose()
    monkeypatch.setenv("WAREHOUSE", url)
    return url


def of_warehouse(query):
    an_engagement()
    a_metric(baseline="4 h", target="90 s")
    pulling.configure(the_operator(), "acme", METRIC, "sql", "WAREHOUSE", DAY, query=query)


def test_what_a_query_gives_is_recorded_once(warehouse):
    of_warehouse("select at, hours as value, n from decision where at >= :since")
    assert pull()[0].added == 7
    assert pull()[0].added == 0
    assert values() == [0.5, 1, 1.5, 2, 2.5, 3, 3.5]
    assert measurements(the_operator(), "acme")["n"].tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_a_count_that_its_source_completes_later_is_corrected_too(warehouse):
    of_warehouse("select at, hours as value, n from decision where at >= :since")
    pull()
    engine = sqlalchemy.create_engine(warehouse)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE decision SET n = 70 WHERE n = 7")
    engine.dispose()
    assert pull()[0].corrected == 1
    assert values() == [0.5, 1, 1.5, 2, 2.5, 3, 3.5]
    assert measurements(the_operator(), "acme")["n"].tolist() == [1, 2, 3, 4, 5, 6, 70]
    assert pull()[0].corrected == 0


def test_a_source_without_counts_leaves_the_one_that_somebody_typed(warehouse):
    of_warehouse("select at, hours as value from decision where at >= :since")
    pull()
    newest = datetime(2026, 10, 11, tzinfo=UTC)
    batches.record(the_operator(20), "acme", batches.Rows([1], [newest], [3.5], n=[12]), "Typed")
    assert pull()[0] == PullResult("acme", METRIC, unchanged=3)
    engine = sqlalchemy.create_engine(warehouse)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE decision SET hours = 4 WHERE hours = 3.5")
    engine.dispose()
    assert pull()[0] == PullResult("acme", METRIC, corrected=1, unchanged=2)
    last = measurements(the_operator(), "acme").to_dict("records")[-1]
    assert (last["value"], last["n"]) == (4, 12)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("delete from decision", "readonly"),
        ("select at from decision", "needs the columns at and value; it gives at"),
        ("select 'soon' as at, 1 as value", "Row 1 of the query has to hold a time"),
        ("select x from nowhere", "no such table"),
        ("select 1; delete from decision", "one statement"),
    ],
)
def test_a_query_that_writes_or_gives_something_else_is_refused(warehouse, query, sentence):
    of_warehouse(query)
    (outcome,) = pull()
    assert sentence in outcome.problem
    engine = sqlalchemy.create_engine(warehouse)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM decision").scalar() == 7
    engine.dispose()


def test_a_postgres_is_only_read(monkeypatch, postgres_url):
    monkeypatch.setenv("WAREHOUSE", postgres_url)
    of_warehouse("with gone as (delete from engagement returning 1) select now() as at, 1 as value from gone")
    (outcome,) = pull()
    assert "read-only" in outcome.problem


def test_without_its_variable_or_its_query_nothing_is_pulled(monkeypatch):
    monkeypatch.delenv("WAREHOUSE", raising=False)
    of_warehouse("select 1 as at, 1 as value")
    assert "WAREHOUSE isn't set" in pull()[0].problem
    a_metric(name="Other")
    with pytest.raises(Invalid, match="has no query yet"):
        pulling.configure(the_operator(), "acme", "other", "sql", "WAREHOUSE", DAY)
    with pytest.raises(NotFound):
        pull(metric="other")
    pulling.stop(the_operator(), "acme", METRIC)
    assert pull() == []


def test_a_metric_whose_query_was_taken_away_says_so_and_asks_nobody(prometheus):
    of_prometheus(prometheus)
    definitions.change(the_operator(), "acme", the_state().metrics[0].id, {"query": ""}, seen=None)
    assert "has no query any more. Nothing was recorded." in pull()[0].problem
    assert prometheus.asked == []


def test_only_the_lead_says_where_a_metric_is_pulled_from():
    an_engagement()
    a_metric()
    with pytest.raises(Forbidden):
        pulling.configure(
            an_actor("Ann", role=Role.CONTRIBUTOR), "acme", METRIC, "sql", "X", DAY, query="select 1"
        )

"""Traces go to the endpoint that is set, and name nobody: checked by a receiver of our own."""

import gzip
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models import telemetry
from models.database import engine, read_connection
from models.engagement import Engagement
from models.people import User
from models.version import VERSION
from store import states
from tests import forked_python
from tests.browser.server import Server
from tests.builders import a_metric, an_actor, an_engagement, the_operator, the_state
from tests.page_client import open_page, sign_in


class Collector:
    """What arrived at `/v1/traces`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[ExportTraceServiceRequest] = []

    @property
    def spans(self) -> list[Span]:
        return [span for each in self.requests for part in each.resource_spans for scope in part.scope_spans
                for span in scope.spans]  # fmt: skip

    @property
    def names(self) -> set[str]:
        return {span.name for span in self.spans}

    def named(self, name: str) -> Span:
        return next(span for span in self.spans if span.name == name)

    @property
    def text(self) -> str:
        """All that arrived, as text."""
        return "".join(map(str, self.requests))


@contextmanager
def collector() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.path == "/v1/traces"
            there.requests.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def traced() -> Iterator[Collector]:
    """Inside, this process sends traces; after it, all of them have arrived."""
    with collector() as there, pytest.MonkeyPatch.context() as patch:
        # A busy machine may need more than the end of a program would wait.
        patch.setattr(telemetry, "LAST_SECONDS", 60.0)
        assert telemetry.start(there.url) is None
        try:
            yield there
        finally:
            telemetry.stop()


def attributes(span: Span) -> dict[str, str]:
    return {each.key: each.value.string_value or str(each.value.int_value) for each in span.attributes}


@pytest.mark.usefixtures("database")
def test_a_query_is_told_by_its_word_and_table_and_never_by_its_values():
    an_engagement(client="Secret Client")
    a_metric(name="Secret Metric")
    with traced() as there, telemetry.span("page metrics"), read_connection() as connection:
        connection.execute(select(Engagement).where(Engagement.client == "Secret Client")).all()
        states.load(connection, the_state().id)
    page = there.named("page metrics")
    assert {"SELECT engagement", "SELECT metric"} <= there.names
    assert all(span.parent_span_id == page.span_id for span in there.spans if span.name != page.name)
    assert "Secret" not in there.text
    assert "WHERE" not in there.text


@pytest.mark.usefixtures("database")
def test_of_an_error_only_its_type_is_told():
    an_engagement()
    an_actor("Mei Tan")
    taken = {"name": "Mei Tan", "email": "mei.tan@example.org", "created_at": the_operator().at}
    with (
        traced() as there,
        telemetry.span("page people"),
        engine().connect() as one,
        pytest.raises(IntegrityError),
    ):
        one.execute(User.__table__.insert(), taken)
    failed = there.named("INSERT user")
    assert failed.status.code == 2
    assert attributes(failed)["error.type"] in ("IntegrityError", "UniqueViolation")
    assert "mei.tan" not in there.text


def test_a_query_that_is_part_of_nothing_is_no_span(sqlite_database):
    with traced() as there, engine().connect() as connection:
        connection.execute(select(Engagement)).all()
    assert there.spans == []


def test_without_an_endpoint_nothing_is_made(sqlite_database):
    assert telemetry.start("") is None
    with telemetry.span("page overview") as made, telemetry.query_span("SELECT 1"):
        assert made is None


def test_what_isnt_installed_is_said_and_stops_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "models.telemetry_export", None)
    assert telemetry.start("http://127.0.0.1:9") == telemetry.NOT_INSTALLED
    with telemetry.span("page overview") as made:
        assert made is None


def test_a_collector_that_is_away_costs_one_line(caplog, sqlite_database):
    telemetry.limited_log.forget()
    with collector() as there:
        pass
    for _ in range(2):
        assert telemetry.start(there.url) is None
        with telemetry.span("page overview"):
            pass
        telemetry.stop()
    ends = threading.Event()
    for _ in range(100):
        lines = [record for record in caplog.records if record.name == "headway.traces"]
        if lines:
            break
        ends.wait(0.1)
    assert len(lines) == 1
    assert "could not be sent" in lines[0].getMessage()


def test_a_statement_is_summed_up():
    assert telemetry.summary_of('SELECT "user".id FROM "user" WHERE name = ?') == "SELECT user"
    assert telemetry.summary_of("INSERT INTO journal (id) VALUES (?)") == "INSERT journal"
    assert telemetry.summary_of("update metric set x = 1") == "update metric"
    assert telemetry.summary_of("BEGIN IMMEDIATE") == "BEGIN"
    assert telemetry.summary_of("") == "query"


@pytest.mark.fault
def test_requests_and_pages_of_a_running_program_arrive_and_name_nobody(tmp_path):
    with collector() as there:
        settings = {
            "DATABASE_URL": f"sqlite:///{tmp_path}/headway.db",
            "OTEL_EXPORTER_OTLP_ENDPOINT": there.url,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        made = ["manage.py", "new", "acme-lending", "--client", "Acme Lending"]
        made += ["--name", "Secret Platform", "--day-1", "2026-11-01", "--lead", "Mei Tan"]
        for command in (["manage.py", "upgrade"], made):
            assert forked_python.run(*command, environment=settings).returncode == 0
        with Server(tmp_path / "log", settings) as server:
            cookies = sign_in(server)
            parent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"
            httpx.get(
                f"{server.url}/api/v1/engagement/acme-lending?token=Secret-Token",
                headers={"cookie": cookies, "traceparent": parent},
            )
            with open_page(server.url, cookies) as page:
                page.run()
                page.run("engagement=acme-lending", page="overview")
    asked = there.named("GET /api/v1/engagement")
    assert asked.trace_id.hex() == "0123456789abcdef0123456789abcdef"
    assert attributes(asked)["http.response.status_code"] in ("200", "404")
    assert len(attributes(asked)["headway.request_id"]) == 16
    assert {"page portfolio", "page overview"} <= there.names
    overview = there.named("page overview")
    assert any(span.parent_span_id == overview.span_id for span in there.spans)
    (resource,) = {str(part.resource) for each in there.requests for part in each.resource_spans}
    assert "headway" in resource
    assert VERSION in resource
    for secret in ("acme", "Acme", "Secret", "Mei", "127.0.0.1:"):
        assert secret not in there.text, secret

"""Intake under faults and strange input: each row exactly once, and nothing that isn't a measurement."""

import json
import os
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from time import sleep

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from models.api_tokens import Scope
from models.database import database_url, engine, engine_of
from models.engagement import StoredSummary
from models.errors import Invalid
from models.measurements import IntakeKey, Measurement, MeasurementBatch
from models.number_digits import joined_decimals
from models.people import Actor
from models.summarise import summarise
from services.core import idempotency
from services.core.strict_json import RawNumber, Unreadable, parse
from services.measurements import batches as measurements
from services.measurements import intake
from services.measurements.intake_body import FIELDS, parse_request
from services.measurements.intake_rows import parse_moments
from services.metrics import definitions
from services.operations import journal_check
from services.people import tokens
from store.metric_aggregates import metric_aggregates
from store.states import measurement_filter, state
from tests.builders import a_metric, an_engagement, noon, on_day, the_operator, the_state
from tests.count_statements import before_each_statement

START = datetime(2026, 10, 5, tzinfo=UTC)
ROWS = 7
EXAMPLES = 400 if os.environ.get("HEADWAY_FULL") else 100


def the_program() -> Actor:
    token = tokens.make_token(the_operator(), "acme", name="job", scope=Scope.MEASUREMENTS, days=90)
    return tokens.actor_of_token(token, noon(60))


def a_body(rows: int = ROWS, value: float = 4) -> bytes:
    measurements = [
        {"metric": "loan-decision-time", "at": (START + timedelta(days=i)).isoformat(), "value": value + i}
        for i in range(rows)
    ]
    return json.dumps({"measurements": measurements}).encode()


def counts() -> tuple[int, int, int]:
    """Rows, batches and keys."""
    with engine().connect() as connection:
        return tuple(
            connection.scalar(select(func.count()).select_from(table))
            for table in (Measurement, MeasurementBatch, IntakeKey)
        )


def sent(who: Actor) -> idempotency.StoredAnswer:
    """The request, sent again for as long as it is said to be still running, as a client does: a database server takes a
    moment to see that a process was killed."""
    for _ in range(600):
        with suppress(idempotency.StillRunning):
            return intake.accept(who, "acme", "k1", a_body())
        sleep(0.05)
    raise AssertionError("a killed process kept its key")


def killed_at(step: int, who: Actor) -> bool:
    """Take the request in a process of its own that is killed before its statement number `step`, or after the last
    one, before it could answer. Returns whether it came that far."""
    url = database_url()
    engine_of(url).dispose()
    child = os.fork()
    if child == 0:
        try:
            engine_of.cache_clear()
            done = [0]

            def kill_there():
                done[0] += 1
                if done[0] == step:
                    os.kill(os.getpid(), signal.SIGKILL)

            with before_each_statement(kill_there):
                sent(who)
            if done[0] < step - 1:
                os._exit(3)
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(4)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 3, f"the process ended otherwise: {status}"
    return os.WIFSIGNALED(status)


@pytest.mark.fault
@pytest.mark.usefixtures("database")
def test_killed_between_any_two_steps_and_sent_again_each_row_is_there_once():
    an_engagement()
    a_metric(baseline="4 h", target="90 s")
    who = the_program()
    steps, finished = 0, False
    while killed_at(steps + 1, who):
        steps += 1
        rows, batches, keys = counts()
        assert (rows, batches, keys) in [(0, 0, 0), (ROWS, 1, 1)], f"torn at step {steps}"
        if rows:
            finished = True
            break
    assert steps > 20, "the process was killed at too few places to tell anything"
    assert finished, "it was never killed between its commit and its answer"
    answer = sent(who)
    assert answer.replayed
    assert answer.content["added"] == ROWS
    assert counts() == (ROWS, 1, 1)
    assert state(the_operator(), "acme").metrics[0].aggregate.count == ROWS
    assert [broken.problem for broken in journal_check.verify(the_operator(), "acme")] == [None]


@pytest.mark.fault
@pytest.mark.usefixtures("database")
def test_a_key_that_another_process_is_busy_with_is_said_to_be_and_has_its_answer_afterwards(monkeypatch):
    an_engagement()
    a_metric(baseline="4 h", target="90 s")
    who = the_program()
    (is_busy, busy), (may_end, end) = os.pipe(), os.pipe()
    engine_of(database_url()).dispose()
    child = os.fork()
    if child == 0:
        try:
            engine_of.cache_clear()
            put = intake.put_columns

            def slowly(*given):
                os.write(busy, b"1")
                os.read(may_end, 1)
                return put(*given)

            monkeypatch.setattr(intake, "put_columns", slowly)
            intake.accept(who, "acme", "k1", a_body())
            os._exit(0)
        finally:
            os._exit(4)
    assert os.read(is_busy, 1) == b"1"
    with pytest.raises(idempotency.StillRunning):
        intake.accept(who, "acme", "k1", a_body())
    os.write(end, b"1")
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert sent(who).replayed
    assert counts() == (ROWS, 1, 1)


@pytest.mark.fault
@pytest.mark.usefixtures("database")
def test_a_key_whose_owner_was_killed_is_taken_over():
    an_engagement()
    a_metric(baseline="4 h", target="90 s")
    who = the_program()
    assert killed_at(6, who)
    answer = sent(who)
    assert not answer.replayed
    assert counts() == (ROWS, 1, 1)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**300), 10**300))
def test_a_number_keeps_how_it_was_written(number):
    text = json.dumps(number)
    read = parse(text.encode())
    assert isinstance(read, RawNumber)
    assert (bytes(read).decode(), float(read)) == (text, float(number))


names = st.sampled_from(["a", "b", '"', ":", '":', ' " : ', "\t", "", "é"])
blanks = st.text(" \t\n\r", max_size=2)


def an_object(values):
    """An object's text, with blanks anywhere, and whether it or one in it names a field twice."""

    def written(fields, blank, escaped):
        texts = [
            f"{blank}{json.dumps(name, ensure_ascii=escaped)}{blank}:{text}" for name, (text, _) in fields
        ]
        twice = len({name for name, _ in fields}) < len(fields) or any(inner for _, (_, inner) in fields)
        return "{" + ",".join(texts) + blank + "}", twice

    return st.builds(written, st.lists(st.tuples(names, values), max_size=4), blanks, st.booleans())


def a_list(values):
    return st.lists(values, max_size=3).map(
        lambda some: ("[" + ",".join(text for text, _ in some) + "]", any(twice for _, twice in some))
    )


plain_values = names.map(lambda text: (json.dumps(text), False)) | st.just(("1", False))
any_values = st.recursive(plain_values, lambda inner: an_object(inner) | a_list(inner), max_leaves=20)


@settings(max_examples=EXAMPLES)
@given(an_object(any_values) | an_object(a_list(an_object(any_values))))
def test_an_object_that_names_a_field_twice_is_refused_wherever_it_lies_and_no_other(made):
    text, twice = made
    if twice:
        with pytest.raises(Unreadable, match="the same field twice"):
            parse(text.encode())
    else:
        assert parse(text.encode()) == json.loads(text, parse_int=RawNumber)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(raw):
    with suppress(Unreadable):
        parse(raw)


texts = st.text(max_size=5) | st.sampled_from(['"', '"metric":', "\\", "ü"])
a_number = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30)
some_rows = st.lists(
    st.fixed_dictionaries(
        {"metric": texts, "at": texts, "value": a_number | texts | st.none() | st.booleans() | st.just([])},
        optional={
            "n": st.none() | st.integers(),
            "note": st.none() | texts,
            "reason": texts,
            "colour": texts,
        },
    ),
    min_size=1,
    max_size=5,
)


def plainly(cell):
    return json.loads(bytes(cell)) if isinstance(cell, RawNumber) else cell


@settings(max_examples=EXAMPLES)
@given(some_rows, st.booleans(), st.sampled_from([None, 1]), st.randoms())
def test_a_request_says_what_its_rows_say_however_it_is_written(rows, escaped, indent, chance):
    rows = [dict(chance.sample([*row.items()], len(row))) for row in rows]
    text = parse_request(json.dumps({"measurements": rows}, ensure_ascii=escaped, indent=indent).encode())
    for name in FIELDS:
        cells = text.cells.get(name, [None] * len(rows))
        assert [plainly(cell) for cell in cells] == [row.get(name) for row in rows]
    assert [bad.row for bad in text.bad] == [n for n, row in enumerate(rows, start=1) if "colour" in row]


@settings(max_examples=200)
@given(some_rows, st.data())
def test_a_row_that_names_a_field_twice_is_refused_whatever_else_the_request_says(rows, data):
    body = json.dumps({"source": "a", "measurements": rows})
    name = data.draw(st.sampled_from([*rows[-1]]))
    again = data.draw(st.sampled_from(["null", "4", '"x"', '""']))
    with pytest.raises(Unreadable, match="the same field twice"):
        parse_request(f'{body[:-3]}, "{name}": {again}}}]}}'.encode())


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_many_numbers_are_written_as_each_of_them_is(numbers):
    assert joined_decimals(numbers) == ",".join(map(repr, numbers))


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()),
    st.sampled_from(["seconds", "milliseconds", "microseconds"]),
    st.sampled_from("T "),
)
def test_a_moment_is_the_same_with_others_of_its_kind_and_among_dates(at, precision, between):
    text = at.isoformat(between, precision)
    alone, among = parse_moments([text], "UTC"), parse_moments(["2026-10-05", text], "UTC")
    assert alone[0] == among[1]
    assert alone[0].item().replace(tzinfo=UTC) == datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "zone", "why"),
    [("2026-03-29T02:30", "Europe/Berlin", "never shows 02:30"),
     ("2026-10-25T02:30", "Europe/Berlin", "shows 02:30 twice"),
     ("2026-03-08 02:00:00", "America/New_York", "never shows 02:00")],
)  # fmt: skip
def test_an_hour_that_is_not_one_moment_is_called_so(text, zone, why):
    with pytest.raises(Invalid, match=f"It is not one moment: .*{why}.*; write .* offset"):
        parse_moments(["2026-10-05", text], zone)
    assert parse_moments([f"{text}+00:00", "2026-04-24"], zone).size == 2


def test_a_date_alone_is_the_beginning_of_a_day_without_a_midnight():
    assert parse_moments(["2026-04-24"], "Africa/Cairo")[0].item() == datetime(2026, 4, 23, 22)


@pytest.mark.usefixtures("database")
def test_a_thousand_rows_sent_twice_under_two_keys_count_once():
    an_engagement()
    a_metric(baseline="4 h", target="90 s")
    who = the_program()
    first = intake.accept(who, "acme", "k1", a_body(1))
    again = intake.accept(who, "acme", "k2", a_body(3))
    assert (first.content["added"], again.content["added"], again.content["unchanged"]) == (1, 2, 1)
    assert counts() == (3, 2, 2)


batches = st.lists(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 3)), min_size=1, max_size=6, unique_by=lambda row: row[0]
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40)
@given(sent=batches, until=st.none() | st.integers(1, 40))
def test_a_reading_that_was_continued_is_the_one_that_a_count_of_all_rows_gives(
    an_endless_count, sent, until
):
    slug = f"e{next(an_endless_count)}"
    an_engagement(slug)
    a_metric(slug, baseline_until=None if until is None else on_day(until))
    for number, rows in enumerate(sent):
        measurements = [
            {
                "metric": "loan-decision-time",
                "at": (START + timedelta(days=day)).isoformat(),
                "value": value,
                "reason": "x",
            }
            for day, value in rows
        ]
        intake.accept(
            the_operator(60), slug, f"k{number}", json.dumps({"measurements": measurements}).encode()
        )
        stored = the_state(slug)
        with engine().connect() as connection:
            counted_anew = metric_aggregates(connection, stored, measurement_filter(connection, stored.id))
        assert stored.metrics[0].aggregate == counted_anew[stored.metrics[0].id]


@pytest.mark.usefixtures("database")
def test_the_summary_is_that_of_the_whole_engagement_whatever_happens_between_two_requests():
    def take(key, rows):
        intake.accept(who, "acme", key, a_body(rows))
        with engine().connect() as connection:
            assert connection.scalar(select(StoredSummary.content)) == summarise(the_state()).to_json()

    an_engagement()
    a_metric(baseline="4 h", target="90 s")
    who = the_program()
    take("k1", 1)
    take("k2", 2)
    another = a_metric(name="Applications", unit="/ min", direction="higher")
    take("k3", 3)
    definitions.retire(the_operator(), "acme", another)
    measurements.withdraw(the_operator(), "acme", 1)
    take("k4", 4)
    take("k5", 5)


@pytest.fixture
def an_endless_count(sqlite_database):
    """Numbers, so that each example of a property has an engagement of its own in one database."""
    return count(1)

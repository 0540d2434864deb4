"""Querying the sources of values: a Prometheus-compatible server, or a database that is only read."""

from __future__ import annotations

import json
import math
import os
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from models.errors import Invalid
from services.parsing.cell import shown

TIMEOUT = 30
"""Seconds that a source may take to answer."""
MAX_ANSWER = 20_000_000
MAX_POINTS_PER_QUERY = 10_000
"""Prometheus refuses a range of more than 11,000 points."""
MAX_ROWS = 100_000
TOKEN_VARIABLE = "HEADWAY_PULL_TOKEN"
READABLE_DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Point:
    """A value from a source: `at` is aware; `given` is how the source wrote it, if known; `n` counts observations."""

    at: datetime
    value: float
    given: str | None = None
    n: int | None = None


def from_prometheus(address: str, query: str, since: datetime, until: datetime, step: int) -> list[Point]:
    """Return the points of a range query, every `step` seconds from `since` to `until`; gaps and NaN are left out.

    Times are multiples of the step, so that a repeated query asks for the same moments. `HEADWAY_PULL_TOKEN` is sent as
    a bearer token, if it is set. Raises Invalid if the server can't be reached or refuses the query.
    """
    start, end = (math.floor(moment.timestamp() / step) * step for moment in (since, until))
    points: list[Point] = []
    while start <= end:
        last = min(end, start + (MAX_POINTS_PER_QUERY - 1) * step)
        points += _query_range(address, query, start, last, step)
        start = last + step
    return points


def _query_range(address: str, query: str, start: int, end: int, step: int) -> list[Point]:
    parameters = urllib.parse.urlencode({"query": query, "start": start, "end": end, "step": step})
    answer = _fetch_json(f"{address.rstrip('/')}/api/v1/query_range?{parameters}", address)
    try:
        if answer["status"] != "success":
            raise Invalid(f"{address} refused the query: {shown(answer.get('error', 'no reason given'))}.")
        series = answer["data"]["result"]
        if len(series) > 1:
            raise Invalid(
                f"The query gives {len(series)} series; a metric is one. Aggregate them, such as with sum or avg."
            )
        pairs = series[0]["values"] if series else []
        points = [Point(datetime.fromtimestamp(float(at), UTC), float(value), value) for at, value in pairs]
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as wrong:
        raise Invalid(f"{address} doesn't answer as Prometheus does.") from wrong
    return [point for point in points if math.isfinite(point.value)]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuse redirects: the token is for the configured address alone."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _fetch_json(url: str, address: str) -> dict[str, Any]:
    request = urllib.request.Request(url, headers={"accept": "application/json"})
    if token := os.environ.get(TOKEN_VARIABLE):
        request.add_header("authorization", f"Bearer {token}")
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as response:
            body = response.read(MAX_ANSWER + 1)
    except urllib.error.HTTPError as refused:
        body = refused.read(MAX_ANSWER)
        if refused.code != 400:
            raise Invalid(f"{address} answers {refused.code}.") from refused
    except (OSError, ValueError) as failed:
        raise Invalid(
            f"{address} can't be reached: {shown(str(getattr(failed, 'reason', failed)))}."
        ) from failed
    if len(body) > MAX_ANSWER:
        raise Invalid(f"{address} answers with more than {MAX_ANSWER:,} bytes: ask with a longer step.")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise Invalid(f"{address} doesn't answer as Prometheus does.") from wrong
    if not isinstance(answer, dict):
        raise Invalid(f"{address} doesn't answer as Prometheus does.")
    return answer


def from_sql(variable: str, query: str, since: datetime) -> list[Point]:
    """Return the rows of a query with the columns `at` and `value`, and perhaps `n`; `:since` in it is the first moment.

    The database is that of the URL in the environment variable; it is opened for reading only. Raises Invalid if it
    can't be reached or refuses the query.
    """
    url = os.environ.get(variable)
    if not url:
        raise Invalid(f"The environment variable {variable} isn't set: it has to hold the database's URL.")
    engine = _read_only(url, variable)
    try:
        with engine.connect() as connection:
            statement = text(query)
            names = statement.compile().params
            result = connection.execute(statement, {"since": since} if "since" in names else {})
            columns = list(result.keys())
            if not {"at", "value"} <= set(columns):
                raise Invalid(f"The query needs the columns at and value; it gives {', '.join(columns)}.")
            rows = result.mappings().fetchmany(MAX_ROWS + 1)
    except SQLAlchemyError as failed:
        reason = str(getattr(failed, "orig", None) or type(failed).__name__).strip().splitlines()[0]
        raise Invalid(f"The database at {variable} refused the query: {shown(reason)}.") from failed
    finally:
        engine.dispose()
    if len(rows) > MAX_ROWS:
        raise Invalid(f"The query gives more than {MAX_ROWS:,} rows: use :since in it.")
    return [_point(number, row) for number, row in enumerate(rows, start=1) if row["value"] is not None]


def _point(number: int, row: Any) -> Point:
    at, value, n = row["at"], row["value"], row.get("n")
    try:
        if isinstance(at, str):
            at = datetime.fromisoformat(at)
        elif not isinstance(at, datetime):
            at = datetime(at.year, at.month, at.day)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        written = value if isinstance(value, str) else None
        return Point(at, float(value), written or str(value), None if n is None else int(n))
    except (ValueError, TypeError, AttributeError) as wrong:
        raise Invalid(
            f"Row {number:,} of the query has to hold a time, a number and perhaps a count."
        ) from wrong


def _read_only(url: str, variable: str) -> Engine:
    try:
        parsed = make_url(url.replace("postgresql://", "postgresql+psycopg://", 1))
    except SQLAlchemyError as wrong:
        raise Invalid(f"The environment variable {variable} doesn't hold a database's URL.") from wrong
    kind = parsed.get_backend_name()
    if kind not in READABLE_DATABASES:
        raise Invalid(f"{kind} can't be read here; {' and '.join(READABLE_DATABASES)} can.")
    if kind == "postgresql":
        options = f"-c default_transaction_read_only=on -c statement_timeout={TIMEOUT * 1000}"
        arguments = {"options": options, "connect_timeout": TIMEOUT}
        return create_engine(parsed, poolclass=NullPool, connect_args=arguments)
    address = f"sqlite:///file:{urllib.parse.quote(parsed.database or '')}?mode=ro&uri=true"
    engine = create_engine(address, poolclass=NullPool, connect_args={"timeout": TIMEOUT})
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON").close())
    return engine


LOOK_BACK = timedelta(days=56)
"""How far before day 1 values are queried for a metric that has none yet: enough for a baseline."""

"""What reading a long history and comparing two large contracts cost, against the least that reads the same bytes."""

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any

from analysis.contracts import compare
from analysis.survey import SystemPaths, Tally, parse
from services.architecture.openapi_document import read_openapi
from tests.bench import Measured, Stage, bench, ratio

COMMITS, SYSTEMS, FILES = 56_817, 30, 4
OPERATIONS, FIELDS = 500, 12


@cache
def history() -> bytes:
    """56,817 commits as git would list them."""
    parts = []
    for number in range(COMMITS):
        head = f"\x01{number:040x}\0Person {number % 97}\0p{number % 97}@x.example\0{1_600_000_000 + number * 900}\0"
        files = (f"src/s{(number + n * n) % (SYSTEMS + 3)}/m{number % 50}/f{n}.py\0" for n in range(FILES))
        parts.append(head + "\n" + "".join(files))
    return "".join(parts).encode()


@bench("survey of 56,817 commits", limit=60, kinds=("sqlite",))
def long_history(stage: Stage) -> Measured:
    """against splitting the same bytes"""
    paths = {f"s{number}": [f"src/s{number}"] for number in range(SYSTEMS)}

    def count() -> None:
        tally = Tally(SystemPaths(paths))
        for commit in parse(io.BytesIO(history())):
            tally.add(commit)
        assert tally.read == COMMITS

    return ratio(count, lambda: history().split(b"\0"), stage.runs)


@cache
def contract(limit: int, one_of: int = 20, apart: bool = False) -> bytes:
    """About 0.9 MB of JSON, each operation with a schema of its own; in one of so many schemas `limit` counts.

    `apart` for fields of which no two are alike: the most that there is to compare.
    """
    schemas = {f"S{n}": _schema(limit if n % one_of == 0 else 100, n * apart) for n in range(OPERATIONS)}
    paths = {f"/p{n}": {"post": _operation(n)} for n in range(OPERATIONS)}
    document = {"openapi": "3.0.0", "info": {}, "paths": paths, "components": {"schemas": schemas}}
    return json.dumps(document).encode()


def _schema(limit: int, number: int) -> dict[str, Any]:
    fields = {
        f"field{n}": {"type": "string", "maxLength": limit + 1000 * number * FIELDS + 1000 * n * (number > 0)}
        | {"description": "x" * 60}
        for n in range(FIELDS)
    }
    return {"type": "object", "properties": fields}


def _operation(number: int) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/S{number}"}}}
    return {"requestBody": {"content": content}, "responses": {"200": {"content": content}}}


@bench("comparison of two contracts of 0.9 MB", limit=25, kinds=("sqlite",))
def large_contracts(stage: Stage) -> Measured:
    """against json.loads of both"""
    old, new = contract(100), contract(90)

    def judge() -> None:
        assert compare(read_openapi(old), read_openapi(new)).breaks

    return ratio(judge, lambda: (json.loads(old), json.loads(new)), stage.runs)


@bench(
    "comparison of two contracts of 0.9 MB, every field changed, no two alike", limit=30, kinds=("sqlite",)
)
def contracts_that_changed_everywhere(stage: Stage) -> Measured:
    """against json.loads of both"""
    old, new = contract(100, 1, apart=True), contract(90, 1, apart=True)

    def judge() -> None:
        assert compare(read_openapi(old), read_openapi(new)).breaks == OPERATIONS * FIELDS

    return ratio(judge, lambda: (json.loads(old), json.loads(new)), stage.runs)

"""Architecture: surveys of repositories, versions of contracts, and trials inside decisions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from itertools import chain
from typing import Any

from analysis.survey import FORMAT, REASONS, RULES
from models.decisions import Decision
from models.people import Actor
from services.architecture.contracts import receive_version
from services.architecture.surveys import record_survey
from services.plan.trials import record_trial
from services.sample.story import Act, Story, without_keys

MONTHS = 24


def acts(story: Story) -> Iterator[Act]:
    """Everything that the engagement's people learn of its architecture."""
    return chain(_surveys(story), _contracts(story), _trials(story))


def _surveys(story: Story) -> Iterator[Act]:
    for row in story.rows("surveys"):
        on = story.day(row["day"])
        # Who takes it defines no metrics, so that the sponsor's list stays as it is.
        yield Act(on, story.contributor, partial(record_survey, survey=survey_of(row, on)))


def survey_of(row: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Return the survey that a row tells of: changes by system, and shared ones by pair ("A + B"); months are even."""
    changes: dict[str, int] = row["changes"]
    pairs = {tuple(sorted(names.split(" + "))): shared for names, shared in row["shared"].items()}
    touched = {name: sum(n for pair, n in pairs.items() if name in pair) for name in changes}
    alone = sum(changes.values()) - sum(touched.values())
    counted = alone + sum(pairs.values())
    names = _months_before(on)
    left_out = dict.fromkeys(REASONS, 0) | row["left_out"]
    return {
        "format": FORMAT,
        "rules": RULES,
        "repository": row["repository"],
        "head": row["head"],
        "head_on": (on - timedelta(days=1)).isoformat(),
        "since": f"{names[0]}-01T00:00:00Z",
        "until": f"{on - timedelta(days=1)}T00:00:00Z",
        "taken_on": on.isoformat(),
        "read": counted + sum(left_out.values()),
        "counted": counted,
        "left_out": left_out,
        "months": {
            name: {"changes": of_month, "alone": within}
            for name, of_month, within in zip(names, _evenly(counted), _evenly(alone), strict=True)
        },
        "systems": [
            {
                "name": name,
                "paths": [name.lower().replace(" ", "-")],
                "changes": number,
                "alone": number - touched[name],
                "touched": touched[name],
                "months": {month: n for month, n in zip(names, _evenly(number), strict=True) if n},
            }
            for name, number in sorted(changes.items())
        ],
        "pairs": [
            {"a": a, "b": b, "shared": n, "commits": [f"{row['head'][:6]}{i:04x}" for i in range(min(n, 5))]}
            for (a, b), n in sorted(pairs.items())
        ],
    }


def _months_before(on: date) -> list[str]:
    """Return the 24 months before that of a date, as "2024-08"."""
    last = on.year * 12 + on.month - 1
    return [f"{month // 12}-{month % 12 + 1:02}" for month in range(last - MONTHS, last)]


def _evenly(number: int) -> list[int]:
    each, more = divmod(number, MONTHS)
    return [each + (month < more) for month in range(MONTHS)]


def _contracts(story: Story) -> Iterator[Act]:
    for row in story.rows("contracts"):
        content = json.dumps(document_of(row)).encode()
        given = {name: row[name] for name in ("label", "system", "freeze") if name in row}
        yield Act(
            story.day(row["day"]),
            story.contributor,
            partial(receive_version, name=row["name"], content=content, **given),
        )


def document_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document of one operation, which takes and returns the fields that a row names."""

    def body(fields: list[str]) -> dict[str, Any]:
        schema = {"type": "object", "properties": {field: {"type": "string"} for field in fields}}
        return {"description": "", "content": {"application/json": {"schema": schema}}}

    operation = {"requestBody": body(row["takes"]), "responses": {"200": body(row["returns"])}}
    info = {"title": row["name"], "version": row["label"]}
    return {"openapi": "3.1.0", "info": info, "paths": {row["path"]: {"post": operation}}}


def _trials(story: Story) -> Iterator[Act]:
    for row in story.rows("trials"):
        given = without_keys(row, "day", "decision") | {"on": story.day(row["day"])}
        yield Act(story.day(row["day"]), story.lead, partial(_try, story, row["decision"], given))


def _try(story: Story, decision: str, given: Mapping[str, Any], actor: Actor, slug: str) -> None:
    record_trial(actor, slug, story.find(Decision, title=decision), given)

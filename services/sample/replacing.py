"""Replacements: named, moved share by share, tried, waived, and one of them cut over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from models.contracts import Contract
from models.inventory import System
from models.people import Actor
from models.replacements import Replacement
from models.workflows import Workflow
from services.core.transaction import catch_up
from services.replacements import gating, proofs, replacements, traces
from services.sample.story import Act, Story, without_keys


def moves(story: Story) -> Iterator[Act]:
    """Yield each replacement with its shares, proofs, traces and waivers on their days, and its approval after those."""
    for row in story.rows("replacements"):
        yield Act(story.day(row["day"]), story.engineer, partial(_add, story, row))
        for share in row.get("shares", []):
            yield Act(story.day(share["day"]), story.engineer, partial(_share, story, row, share))
        for proof in row.get("proofs", []):
            yield Act(story.day(proof["day"]), story.engineer, partial(_proof, story, row, proof))
        for read in row.get("traces", []):
            yield Act(story.day(read["day"]), story.engineer, partial(_traces, story, row, read))
        for waiver in row.get("waivers", []):
            yield Act(story.day(waiver["day"]), story.lead, partial(_waive, story, row, waiver))
        if "approved" in row:
            yield Act(story.day(row["approved"]), story.lead, partial(_approve, story, row))


def _add(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    given = {
        "name": row["name"],
        "workflow_id": story.find(Workflow, name=row["workflow"]),
        "old_id": story.find(System, name=row["old"]),
        "new_id": story.find(System, name=row["new"]),
        "contract_id": story.find(Contract, name=row["contract"]) if "contract" in row else None,
        "how_back": row.get("how_back"),
        "retire_by": story.day(row["retire_by"]),
        "needs_breaker": "no_breaker" not in row,
        "no_breaker_reason": row.get("no_breaker"),
    }
    replacements.add_replacement(actor, slug, given)


def _id(story: Story, row: Mapping[str, Any]) -> int:
    row_id: int = story.find(Replacement, name=row["name"])
    return row_id


def _share(story: Story, row: Mapping[str, Any], share: Mapping[str, Any], actor: Actor, slug: str) -> None:
    given = without_keys(share, "day") | {"on": story.day(share["day"])}
    replacements.record_share(actor, slug, _id(story, row), **given)


def _proof(story: Story, row: Mapping[str, Any], proof: Mapping[str, Any], actor: Actor, slug: str) -> None:
    given = without_keys(proof, "day") | {"on": story.day(proof["day"])}
    proofs.record_proof(actor, slug, _id(story, row), given)


def _traces(story: Story, row: Mapping[str, Any], read: Mapping[str, Any], actor: Actor, slug: str) -> None:
    content = {"data": [_call(text) for text in read["calls"]]}
    until = story.day(read["until"])
    traces.record_traces(actor, slug, _id(story, row), content, until=until, days=read["days"])


def _call(text: str) -> dict[str, Any]:
    """Parse "Application intake > Decision engine: 38210"."""
    ends, _, calls = text.partition(": ")
    caller, _, called = ends.partition(" > ")
    return {"parent": caller, "child": called, "callCount": int(calls)}


def _waive(story: Story, row: Mapping[str, Any], waiver: Mapping[str, Any], actor: Actor, slug: str) -> None:
    given = without_keys(waiver, "day", "until") | {"expires_on": story.day(waiver["until"])}
    catch_up()  # the gate judges the metric
    gating.waive_check(actor, slug, _id(story, row), **given)


def _approve(story: Story, row: Mapping[str, Any], actor: Actor, slug: str) -> None:
    catch_up()
    shown = gating.ask_gate(actor, slug, row["name"]).digest
    gating.approve_cutover(actor, slug, _id(story, row), shown)

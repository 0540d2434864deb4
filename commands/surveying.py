"""The command that surveys a repository: which of the inventory's systems change, how often, and together with which."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.cost_of_change import CostOfChange, as_dict
from commands.operator import the_operator
from commands.options import AsJson
from models.engagement import Engagement
from models.errors import HeadwayError
from models.wording import count
from reports.frames.cost_of_change import clone_to_check, dependency_pairs, propagation
from services.architecture.surveys import SurveyResult, record_survey, sentence_of, survey_clone
from store.states import state


def add_to(program: typer.Typer) -> None:
    """Add the command to `program`."""
    program.command()(survey)


def survey(
    slug: str,
    repository: Annotated[str, typer.Argument(metavar="REPO", help="The folder of a full git clone.")],
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="Where the window begins; by default 24 months before the newest commit."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it comes to.")] = False,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the survey to a file.")] = None,
) -> None:
    """Survey a repository: what a change of each system costs. Only counts and short hashes leave the clone.

    The systems' code comes from the inventory (repository:path).
    """
    operator = the_operator("manage.py survey")
    taken = survey_clone(operator, slug, repository, since, _show_progress)
    if out is not None:
        _write(out, taken)
    recorded = None if dry_run else record_survey(operator, slug, taken)
    engagement = state(operator, slug)
    answer = _answer(engagement, taken)
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(answer, taken, recorded)))


def _show_progress(read: int, total: int) -> None:
    end = "\n" if read == total else ""
    print(f"\r{read:,} of {total:,} commits read", end=end, file=sys.stderr, flush=True)


def _write(out: Path, taken: dict[str, Any]) -> None:
    try:
        out.write_text(json.dumps(taken, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise HeadwayError(f"{out} can't be written ({error.strerror}). Nothing was saved.") from error


def _answer(engagement: Engagement, taken: dict[str, Any]) -> dict[str, Any]:
    names = tuple(system.name for system in engagement.systems)
    return as_dict(CostOfChange(taken, names), propagation(engagement), dependency_pairs(engagement))


def _lines(answer: dict[str, Any], taken: dict[str, Any], recorded: SurveyResult | None) -> list[str]:
    """Return the answer for a person."""
    left_out = ", ".join(f"{reason} {number:,}" for reason, number in answer["left_out"].items())
    lines = [
        sentence_of(taken),
        f"{answer['read']:,} commits since {answer['since'][:10]}: {answer['counted']:,} counted; left out: {left_out}.",
        f"  {'system':<30} {'changes':>8} {'others':>7} {'system changes':>15}",
    ]
    for row in answer["systems"]:
        others = "" if row["others"] is None else f"{row['others']:.2f}"
        mark = row["state"] if row["state"] != "measured" else "costliest" if row["costliest"] else ""
        cells = f"{row['name']:<30} {row['changes']:>8,} {others:>7} {row['system_changes']:>15,}"
        lines.append(f"  {cells}  {mark}".rstrip())
    for pair in answer["pairs"]:
        if pair["together"] and not pair["dependency"]:
            text = f"{pair['a']} and {pair['b']} change together without a known dependency: {pair['share']:.0f} %"
            lines.append(f"{text} of {pair['shared']} shared ({', '.join(pair['commits'])}).")
    lines.append(_whole(answer))
    lines += filter(None, [clone_to_check(CostOfChange(taken))])
    lines.append(_outcome(recorded))
    return lines


def _whole(answer: dict[str, Any]) -> str:
    at_least, loop = "at least " if answer["at_least"] else "", answer["largest_loop"]
    cost = answer["propagation_cost"]
    text = "Propagation cost: not known." if cost is None else f"Propagation cost: {at_least}{cost:.1f} %."
    return f"{text} Largest loop: {count(len(loop), 'system') if loop else 'none'}."


def _outcome(recorded: SurveyResult | None) -> str:
    if recorded is None:
        return "Nothing was saved."
    trend = recorded.trend
    if trend is None:
        return f"It is survey {recorded.survey_id}."
    baseline = "no baseline yet" if trend.baseline is None else f"a baseline of {trend.baseline:.1f} %"
    return (
        f"It is survey {recorded.survey_id}. “{trend.metric}” got {count(trend.points, 'monthly point')} and has "
        f"{baseline}."
    )

"""Read a survey from JSON and refuse what isn't one: each refusal is a SurveyError with one sentence."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from analysis.survey import FORMAT, MAX_HASHES, REASONS, RULES, SurveyError

MAX_BYTES = 5_000_000
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT_HASH = re.compile(r"[0-9a-f]{7,12}")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_TEXT_LIMIT = 500

# Every field of each object, with what its value must be. Nothing else may be in a survey: what isn't listed here,
# such as an author, is refused and so never stored.
_SURVEY = {
    "format": str,
    "rules": int,
    "repository": str,
    "head": _HASH,
    "head_on": date,
    "since": _MOMENT,
    "until": _MOMENT,
    "taken_on": date,
    "read": int,
    "counted": int,
    "left_out": dict,
    "months": dict,
    "systems": list,
    "pairs": list,
}
_MONTH_COUNTS = {"changes": int, "alone": int}
_SYSTEM = {"name": str, "paths": list, "changes": int, "alone": int, "touched": int, "months": dict}
_PAIR = {"a": str, "b": str, "shared": int, "commits": list}


def read_survey(content: bytes) -> dict[str, Any]:
    """Return the survey that `content`, a JSON file, holds. Raises SurveyError, with a sentence, for anything else."""
    if len(content) > MAX_BYTES:
        raise SurveyError(
            f"The file has {len(content) / 1e6:.1f} MB. A survey has at most {MAX_BYTES / 1e6:.0f} MB."
        )
    try:
        survey = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise SurveyError(
            "The file isn't text in UTF-8. Choose the JSON file that the survey wrote."
        ) from None
    except RecursionError:
        raise SurveyError("The file is nested too deeply to be a survey.") from None
    except json.JSONDecodeError as error:
        raise SurveyError(f"The file isn't JSON: {error.msg} at line {error.lineno}.") from None
    except SurveyError:
        raise
    except ValueError:  # a number of thousands of digits
        raise SurveyError("The file holds a number that is too long.") from None
    check(survey)
    return dict(survey)


def check(survey: Any) -> None:
    """Raise SurveyError, with a sentence, unless `survey` is a survey whose sums add up."""
    _check_version(survey)
    _check_fields(survey, _SURVEY, "The survey")
    for month, counts in survey["months"].items():
        _check_month(month)
        _check_fields(counts, _MONTH_COUNTS, f"Month {month}")
    for system in survey["systems"]:
        _check_fields(system, _SYSTEM, "A system")
        _check_system(system)
    for pair in survey["pairs"]:
        _check_fields(pair, _PAIR, "A pair")
    _check_pairs(survey)
    _check_sums(survey)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise SurveyError("The file names a field twice in one object, so it can't be relied on.")
    return content


def _check_version(survey: Any) -> None:
    version = survey.get("format") if isinstance(survey, dict) else None
    if not isinstance(version, str) or not version.startswith("headway.survey/"):
        raise SurveyError(f'The file is no survey: a survey begins with "format": "{FORMAT}".')
    if version != FORMAT:
        raise SurveyError(f"The survey has the format “{version[:40]}”; only “{FORMAT}” is known here.")
    rules = survey.get("rules")
    if not _is_count(rules) or not 1 <= rules <= RULES:
        raise SurveyError(
            f"The survey counts by rules “{str(rules)[:40]}”; here rules up to {RULES} are known."
        )


def _check_fields(given: Any, fields: Mapping[str, Any], what: str) -> None:
    if not isinstance(given, dict):
        raise SurveyError(f"{what} isn't an object with {', '.join(fields)}.")
    if missing := fields.keys() - given.keys():
        raise SurveyError(f"{what} lacks {', '.join(sorted(missing))}.")
    if more := given.keys() - fields.keys():
        raise SurveyError(f"{what} holds {', '.join(sorted(more))[:100]}, which doesn't belong in a survey.")
    for name, kind in fields.items():
        if not _fits(given[name], kind):
            raise SurveyError(f"{what} has “{str(given[name])[:60]}” as {name}, which can't be.")


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(kind, re.Pattern):
        return isinstance(value, str) and bool(kind.fullmatch(value))
    if kind is int:
        return _is_count(value)
    if kind is str:
        return isinstance(value, str) and 0 < len(value.strip()) <= _TEXT_LIMIT
    if kind is date:
        return isinstance(value, str) and _is_day(value)
    return isinstance(value, kind)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _all(values: list[Any], fits: Callable[[str], Any]) -> bool:
    return all(isinstance(value, str) and fits(value) for value in values)


def _check_month(month: str) -> None:
    if not _MONTH.fullmatch(month):
        raise SurveyError(f"“{month[:40]}” is no month. A month is written as 2024-08.")


def _check_system(system: dict[str, Any]) -> None:
    name = system["name"]
    if not _all(system["paths"], lambda path: len(path) <= _TEXT_LIMIT):
        raise SurveyError(f"“{name}” has a path that is no text.")
    for month, changes in system["months"].items():
        _check_month(month)
        if not _is_count(changes):
            raise SurveyError(f"“{name}” has “{str(changes)[:40]}” changes in {month}.")
    if sum(system["months"].values()) != system["changes"]:
        raise SurveyError(f"The months of “{name}” don't add up to its {system['changes']:,} changes.")
    if system["alone"] > system["changes"]:
        raise SurveyError(f"“{name}” changed alone more often than it changed.")


def _check_pairs(survey: dict[str, Any]) -> None:
    changes = {system["name"]: system["changes"] for system in survey["systems"]}
    if len(changes) < len(survey["systems"]):
        raise SurveyError("The survey names a system twice.")
    seen = set()
    for pair in survey["pairs"]:
        a, b = pair["a"], pair["b"]
        if a == b or (a, b) in seen or (b, a) in seen or not {a, b} <= changes.keys():
            raise SurveyError(f"“{a}” and “{b}” are a pair twice, or not a pair of the survey's systems.")
        seen.add((a, b))
        if not 0 < pair["shared"] <= min(changes[a], changes[b]):
            raise SurveyError(f"“{a}” and “{b}” can't share {pair['shared']:,} changes.")
        hashes = pair["commits"]
        if len(hashes) > min(MAX_HASHES, pair["shared"]) or not _all(hashes, _SHORT_HASH.fullmatch):
            raise SurveyError(f"The commits of “{a}” and “{b}” aren't at most {MAX_HASHES} short hashes.")


def _check_sums(survey: dict[str, Any]) -> None:
    left_out, months, systems = survey["left_out"], survey["months"].values(), survey["systems"]
    if not left_out.keys() <= set(REASONS) or not all(map(_is_count, left_out.values())):
        raise SurveyError(
            f"The reasons for leaving commits out are {', '.join(REASONS)}; the survey has others."
        )
    parts = survey["counted"] + sum(left_out.values())
    if parts != survey["read"]:
        raise SurveyError(
            f"{survey['read']:,} commits were read, but counted and left out add up to {parts:,}."
        )
    if sum(month["changes"] for month in months) != survey["counted"]:
        raise SurveyError(f"The months don't add up to the {survey['counted']:,} changes that were counted.")
    if sum(month["alone"] for month in months) != sum(system["alone"] for system in systems):
        raise SurveyError("The changes within one system differ between months and systems.")
    shared: Counter[str] = Counter()
    for pair in survey["pairs"]:
        shared.update({pair["a"]: pair["shared"], pair["b"]: pair["shared"]})
    for system in systems:
        if shared[system["name"]] != system["touched"]:
            raise SurveyError(
                f"The pairs of “{system['name']}” don't add up to the {system['touched']:,} it touched."
            )
    if survey["since"] > survey["until"]:
        raise SurveyError(f"The survey begins on {survey['since'][:10]}, after it ends.")

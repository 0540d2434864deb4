"""Makes surveys for tests, whose sums add up."""

from typing import Any

from analysis.survey import FORMAT, REASONS


def survey_of(
    changes: dict[str, int],
    pairs: dict[tuple[str, str], int] | None = None,
    months: dict[str, tuple[int, int]] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A survey of these changes a system, of which each pair shares some; no change touches three systems.

    `months` holds (changes, alone) of each month; without it all lie in January 2024.
    """
    pairs = pairs or {}
    touched = {name: sum(n for pair, n in pairs.items() if name in pair) for name in changes}
    alone = sum(changes[name] - touched[name] for name in changes)
    counted = alone + sum(pairs.values())
    return {
        "format": FORMAT,
        "rules": 1,
        "repository": "bank",
        "head": "0123456789abcdef0123456789abcdef01234567",
        "head_on": "2024-01-31",
        "since": "2023-01-01T00:00:00Z",
        "until": "2024-01-31T12:00:00Z",
        "taken_on": "2024-02-01",
        "read": counted,
        "counted": counted,
        "left_out": dict.fromkeys(REASONS, 0),
        "months": {
            month: {"changes": of_month, "alone": within}
            for month, (of_month, within) in (months or {"2024-01": (counted, alone)}).items()
        },
        "systems": [
            {
                "name": name,
                "paths": [name.lower()],
                "changes": number,
                "alone": number - touched[name],
                "touched": touched[name],
                "months": {"2024-01": number} if number else {},
            }
            for name, number in changes.items()
        ],
        "pairs": [
            {"a": a, "b": b, "shared": n, "commits": [f"{i:010x}" for i in range(min(n, 5))]}
            for (a, b), n in pairs.items()
        ],
    } | fields

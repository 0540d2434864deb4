"""`python -m tests.analysis.oasdiff_cases CLONE`: our comparison beside the cases in oasdiff's own tests.

CLONE is a clone of https://github.com/oasdiff/oasdiff. A case is a test of its folder `checker` that opens two documents
and changes neither; what it expects are rules by name, whose level stands in `checker/rules.go`. Nothing of theirs is
kept here: the rules and the documents are read where they are.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.contracts import compare
from services.architecture.openapi_document import Unreadable, content_of, read_openapi

OPENED = re.compile(r'^\s*(s\w+), err :?= open\("\.\./([^"]+)"', re.M)
CHANGED = re.compile(
    r"\bs\w+\.Spec\b[^\n]*[^=!<>]=[^=]|\b(?:delete|remove|set)\w*\((?:&)?s\d\b|delete\(s\d\.Spec"
)
NAMED = re.compile(r"checker\.(\w+Id)\b")
# A line that says which rule may not be found.
DENIED = re.compile(r"NotEqual|NotContains|require\.False")
RULE = re.compile(r"newBackwardCompatibilityRule\((\w+), (ERR|WARN|INFO),")
LEVELS = ("ERR", "WARN", "INFO")


@dataclass(frozen=True)
class Case:
    """A test: its name, its two documents, and the rules that it expects."""

    name: str
    old: Path
    new: Path
    rules: frozenset[str]


def cases(clone: Path) -> Iterator[Case]:
    """Yield the tests that compare two documents as they are."""
    for file in sorted((clone / "checker").glob("*_test.go")):
        for test in re.split(r"^func (?=Test)", file.read_text(), flags=re.M)[1:]:
            opened = OPENED.findall(test)
            if len(opened) == 2 and opened[0][1] != opened[1][1] and not CHANGED.search(test):
                old, new = (clone / path for _, path in opened)
                lines = [line for line in test.splitlines() if not DENIED.search(line)]
                rules = frozenset(NAMED.findall("\n".join(lines)))
                yield Case(test.partition("(")[0], old, new, rules)


def levels(clone: Path) -> dict[str, str]:
    """Return the level of each rule in their table."""
    return dict(RULE.findall((clone / "checker" / "rules.go").read_text()))


def main(clone: Path) -> int:
    """Print how each level of theirs is judged here, and every case of level ERR that is called harmless."""
    table, counted = levels(clone), Counter[tuple[str, str]]()
    for case in cases(clone):
        expected = [table[rule] for rule in case.rules if rule in table]
        theirs = next((level for level in LEVELS if level in expected), "no rule")
        try:
            comparison = compare(*(read_openapi(content_of(path)) for path in (case.old, case.new)))
        except Unreadable as refused:
            counted[theirs, "refused"] += 1
            print(f"{theirs} {case.name}: refused, {refused}")
            continue
        ours = "breaks" if comparison.breaks else "may break" if comparison.may_break else "harmless"
        counted[theirs, ours] += 1
        if theirs == "ERR" and ours == "harmless":
            rules = ", ".join(sorted(case.rules))
            print(f"called harmless: {case.name} ({rules})\n  {case.old.name} {case.new.name}")
    for (theirs, ours), number in sorted(counted.items()):
        print(f"{theirs:<8} {ours:<10} {number}")
    return sum(number for (theirs, ours), number in counted.items() if (theirs, ours) == ("ERR", "harmless"))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])) > 3)

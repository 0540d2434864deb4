"""What is wrong with a file, all of it at once, in sentences."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from services.parsing.cell import BadCell, Cell, shown

MAX_LISTED = 200


@dataclass(frozen=True)
class Problem:
    """`expected` completes "... is not", unless `reason` is given instead. `line` is 1-based."""

    line: int
    column: str | None
    value: str
    expected: str
    reason: str | None = None

    @property
    def sentence(self) -> str:
        """The problem for a person: Line 7, severity: “9” is not a whole number from 1 to 5."""
        where = f"Line {self.line}, {self.column}" if self.column else f"Line {self.line}"
        reason = self.reason or (
            f"“{self.value}” is not {self.expected}" if self.value else f"it is empty, not {self.expected}"
        )
        return f"{where}: {reason}."

    def as_json(self) -> dict[str, Any]:
        """Return what `--json` prints: line, column, value, expected, sentence."""
        fields = asdict(self)
        return {
            **{key: fields[key] for key in ("line", "column", "value", "expected")},
            "sentence": self.sentence,
        }


@dataclass
class Problems:
    """The first MAX_LISTED problems by the order in which they were found, and how many more there are.

    `lines` are those of all of them.
    """

    listed: list[Problem] = field(default_factory=list)
    more: int = 0
    lines: set[int] = field(default_factory=set)

    def add(self, problem: Problem) -> None:
        """Add a problem; beyond MAX_LISTED it is counted only."""
        self.lines.add(problem.line)
        if len(self.listed) < MAX_LISTED:
            self.listed.append(problem)
        else:
            self.more += 1

    def add_cell(self, line: int, column: str, cell: Cell, bad: BadCell) -> None:
        """Add the problem that a bad cell is."""
        value = shown(cell) if bad.shown is None else bad.shown
        self.add(Problem(line, column, value, bad.expected, bad.reason))

    def sort(self) -> None:
        """Sort the listed problems by line, as a person goes through the file."""
        self.listed.sort(key=lambda problem: problem.line)

    def sentences(self) -> list[str]:
        """Return one a problem; the last says how many aren't listed."""
        sentences = [problem.sentence for problem in self.listed]
        return sentences + [f"And {self.more:,} more."] if self.more else sentences

    def __len__(self) -> int:
        return len(self.listed) + self.more

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.listed)

"""The lines of the benchmark, as they register themselves."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.stage import Stage
from tests.bench.timing import Measured

KINDS = ("sqlite", "postgres")


def nothing(url: str) -> None:
    """Leave the database as it is: empty, of the newest schema."""


@dataclass(frozen=True)
class Line:
    """One measurement: its name, the ratio it should stay within, and what the database holds for it."""

    name: str
    limit: float
    measure: Callable[[Stage], Measured]
    fill: Callable[[str], None]
    kinds: tuple[str, ...]

    @property
    def what(self) -> str:
        """What it is compared with: the first line of the measuring function's docstring."""
        return (self.measure.__doc__ or "").strip().partition("\n")[0]


LINES: list[Line] = []


def bench(
    name: str, limit: float, fill: Callable[[str], None] = nothing, kinds: tuple[str, ...] = KINDS
) -> Callable[[Callable[[Stage], Measured]], Callable[[Stage], Measured]]:
    """Make the function a line of the benchmark.

    `fill(url)` fills the migrated database once; lines with the same `fill` share it. `kinds` are the databases
    that it is measured on, a line each.
    """

    def register(measure: Callable[[Stage], Measured]) -> Callable[[Stage], Measured]:
        LINES.append(Line(name, limit, measure, fill, kinds))
        return measure

    return register

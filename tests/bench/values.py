"""What reading a column of 100,000 values costs, against the least that makes numbers of the same cells."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from models.units import unit
from services.parsing.displayed import NumberCell
from services.parsing.value_column import value_column
from tests.bench import Measured, Stage, bench, ratio

ROWS = 100_000
SEED = 90
CHANCE = Random(SEED)
NUMBERS = [round(CHANCE.lognormvariate(3, 0.5), 3) for _ in range(ROWS)]


def read(cells: list[Any], unit_name: str) -> None:
    """Read the column as an import does."""
    values = value_column(cells, range(ROWS)).read([unit(unit_name)], np.zeros(ROWS, np.int64))
    assert not values.refused


@bench("reading of 100,000 plain values", limit=4, kinds=("sqlite",))
def plain_values(stage: Stage) -> Measured:
    """against float() of each"""
    cells = [str(number) for number in NUMBERS]
    return ratio(lambda: read(cells, "s"), lambda: list(map(float, cells)), stage.runs)


@bench("reading of 100,000 values with a unit", limit=50, kinds=("sqlite",))
def values_with_a_unit(stage: Stage) -> Measured:
    """against float() of what stands before the space"""
    cells = [f"{number} h" for number in NUMBERS]
    return ratio(
        lambda: read(cells, "min"), lambda: [float(cell.partition(" ")[0]) * 60 for cell in cells], stage.runs
    )


@bench("reading of 100,000 values with a number format", limit=50, kinds=("sqlite",))
def values_with_a_format(stage: Stage) -> Measured:
    """against float() of the digits of the same cells"""
    cells = [NumberCell(number / 100, "0.00%") for number in NUMBERS]
    return ratio(
        lambda: read(cells, "% change"), lambda: [float(str(cell.number)) * 100 for cell in cells], stage.runs
    )

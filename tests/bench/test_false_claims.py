"""What is printed beside a confirmed change is what the simulation measures."""

from math import ceil
from pathlib import Path

import pytest

from analysis.sentence import FALSE_CLAIMS
from tests.bench.false_claims import KINDS, false_claims, false_daily_claims, power, report

FEW = 400
LUCK = 0.025  # three standard errors of a rate near 3 % in so few series
INDEPENDENT = ("normal", "skewed", "alike 0.3", "outliers")
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "measurements.md"


@pytest.mark.parametrize("kind", list(KINDS))
def test_unchanged_metrics_are_called_confirmed_as_rarely_as_is_printed(kind):
    most = FALSE_CLAIMS[0 if kind in INDEPENDENT else 1]
    assert false_claims(kind, 12, FEW) <= most / 100 + LUCK


def test_daily_points_that_are_looked_at_every_day_claim_no_oftener():
    assert false_daily_claims(8, 100) <= FALSE_CLAIMS[1] / 100 + 2 * LUCK


def test_real_changes_are_confirmed_within_13_points():
    assert power("3 sd", 12, FEW)[0] > 0.8
    assert power("6 sd", 8, FEW) == (pytest.approx(1, abs=0.02), 2)


def test_the_guide_prints_what_stands_beside_every_confirmation():
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in GUIDE.read_text().splitlines()
        if line.startswith("| ") and line.count("%") == 4
    ]
    percent = {
        row[0]: max(float(cell.removesuffix(" %")) for cell in row[1:5]) for row in rows if len(row) == 6
    }
    independent = [percent.pop(kind) for kind in INDEPENDENT]
    assert len(percent) >= 6
    assert (ceil(max(independent)), ceil(max(percent.values()))) == FALSE_CLAIMS


def test_the_report_has_a_line_for_every_case():
    assert len(list(report(2))) == 1 + len(KINDS) + 1 + 4 + 3

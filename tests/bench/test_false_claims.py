from math import ceil
from pathlib import Path

from analysis.rule_sets import NHS, WHEELER
from analysis.verdict import FALSE_CLAIMS
from tests.bench.false_claims import rates, report

FEW = 300
LUCK = 0.03  # three standard errors of a rate near 3 % in so few series


def test_unchanged_metrics_are_called_confirmed_about_as_rarely_as_is_printed():
    independent, dependent = FALSE_CLAIMS
    for rules in (WHEELER, NHS):
        assert rates("normal", 12, 0, rules, FEW)["either"] <= independent + LUCK
        assert rates("skewed", 12, 0, rules, FEW)["either"] <= independent + LUCK
        assert rates("autocorrelated", 12, 0, rules, FEW)["either"] <= dependent + 3 * LUCK


def test_the_guide_prints_what_stands_beside_every_confirmation():
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "measurements.md").read_text()
    cells = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in guide.splitlines()
        if line.startswith("|")
    ]
    either = {
        kind: max(
            float(row[4].removesuffix(" %")) for row in cells if len(row) == 6 and row[2].startswith(kind)
        )
        for kind in ("independent", "each")
    }
    assert tuple(ceil(most) / 100 for most in either.values()) == FALSE_CLAIMS


def test_real_changes_are_confirmed():
    assert rates("normal", 12, 1.5, WHEELER, FEW)["better"] > 0.58
    assert rates("normal", 12, 3, WHEELER, FEW)["better"] > 0.98


def test_the_report_has_a_line_for_every_case():
    assert len(report(count=2)) == 1 + 2 * 2 * 7

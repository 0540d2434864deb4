from analysis.rule_sets import NHS, WHEELER
from analysis.verdict import FALSE_CLAIMS
from tests.bench.false_claims import rates, report

FEW = 300
LUCK = 0.03  # three standard errors of a rate near 3 % in so few series


def test_unchanged_metrics_are_called_confirmed_about_as_rarely_as_is_printed():
    independent, dependent = FALSE_CLAIMS
    for rules in (WHEELER, NHS):
        assert rates("normal", 12, 0, rules, FEW)["better"] <= independent + LUCK
        assert rates("skewed", 12, 0, rules, FEW)["better"] <= independent + LUCK
        assert rates("autocorrelated", 12, 0, rules, FEW)["better"] <= dependent + 2 * LUCK


def test_real_changes_are_confirmed():
    assert rates("normal", 12, 1.5, WHEELER, FEW)["better"] > 0.58
    assert rates("normal", 12, 3, WHEELER, FEW)["better"] > 0.98


def test_the_report_has_a_line_for_every_case():
    assert len(report(count=2)) == 1 + 2 * 2 * 7

"""How often a verdict is wrong, on seeded series: `python -m tests.bench.false_claims`.

Each series has a baseline and 13 more points, as weeks to the end of a plan. False claims: series that did
not change. Power: series that stepped to the better by 1.5 or 3 standard deviations after the baseline.
"""

import numpy as np

from analysis.rule_sets import RULE_SETS, RuleSet
from analysis.verdict import verdict_of

SERIES = 2000
SEED = 90
BASELINES = (12, 24)
AFTER = 13
AUTOCORRELATION = 0.5


def series(kind: str, points: int, rng: np.random.Generator) -> np.ndarray:
    """Unchanged points around 0 with standard deviation 1; skewed ones around their own positive level."""
    noise = rng.standard_normal(points)
    if kind == "autocorrelated":
        for i in range(1, points):
            noise[i] = AUTOCORRELATION * noise[i - 1] + np.sqrt(1 - AUTOCORRELATION**2) * noise[i]
    return np.exp(noise) if kind == "skewed" else noise


def rates(kind: str, baseline: int, step: float, rules: RuleSet, count: int = SERIES) -> dict[str, float]:
    """The part of series called confirmed better, confirmed either way, and given any signal at all."""
    rng = np.random.default_rng(SEED)
    said = []
    for _ in range(count):
        values = series(kind, baseline + AFTER, rng)
        if kind == "skewed":
            values[baseline:] *= np.exp(-step)
        else:
            values[baseline:] -= step
        said.append(verdict_of(values, baseline, "lower", rules))
    return {
        "better": sum(str(verdict) == "confirmed better" for verdict in said) / count,
        "either": sum(verdict.word == "confirmed" for verdict in said) / count,
        "signal": sum(verdict.word != "noise" for verdict in said) / count,
    }


def report(count: int = SERIES) -> list[str]:
    """One line a case, as it is printed in the guide."""
    lines = [f"{count} series a case, {AFTER} points after the baseline, seed {SEED}"]
    for rules in RULE_SETS.values():
        for baseline in BASELINES:
            for kind in ("normal", "skewed", "autocorrelated"):
                for step in (0, 1.5, 3) if kind != "autocorrelated" else (0,):
                    found = rates(kind, baseline, step, rules, count)
                    lines.append(
                        f"{rules.name:8} baseline {baseline}  {kind:14} step {step:<3}  "
                        f"confirmed better {found['better']:6.1%}  confirmed {found['either']:6.1%}  "
                        f"signal in the last 6 {found['signal']:6.1%}"
                    )
    return lines


if __name__ == "__main__":
    print("\n".join(report()))

"""Measurements as ratios: how much slower we are than the least that the same work could cost.

A line registers itself:

    @bench("overview settles", limit=1.8, fill=sample)
    def overview_settles(stage):
        "against a blank page"
        return stage.settle("/overview?engagement=fintech")

and runs once on each kind of database. `python -m tests.bench [WORD ...]` runs the lines whose name has one of the words.
"""

from tests.bench.lines import bench
from tests.bench.stage import Stage
from tests.bench.timing import Measured, ratio

__all__ = ["Measured", "Stage", "bench", "ratio"]

"""What a change costs, made of a state: its newest surveys, the list and the points of the picture, and who answers."""

from __future__ import annotations

from analysis.coupling import Coupling, Propagation
from models.engagement import Engagement


def dependency_pairs(engagement: Engagement) -> list[tuple[str, str]]:
    """Return the dependencies that the inventory knows, as (from, to)."""
    return [(row.source.name, row.target.name) for row in engagement.dependencies]


def propagation(engagement: Engagement) -> Propagation:
    """Return the propagation cost and the largest loop of the inventory."""
    of = Coupling([row.name for row in engagement.systems], dependency_pairs(engagement))
    return of.propagation(row.name for row in engagement.systems if row.standalone)

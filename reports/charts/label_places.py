"""Where labels of points go so that none lies on another, on a point or beyond the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in pixels, y downward."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Return whether they have any area in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def is_in(self, other: Box) -> bool:
        """Return whether it lies within the other."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )


class Point(NamedTuple):
    """A point's centre and radius in pixels, and the width of its label."""

    x: float
    y: float
    radius: float
    width: float


def place_labels(
    points: Sequence[Point], room: Box, height: float, taken: Sequence[Box] = (), gap: float = 4.0
) -> list[Box | None]:
    """Return the box of each point's label, the first points first; None where it would lie on something.

    `height` is that of a line of text, `taken` is what else is drawn. A label goes to the right of its point where it
    can, else to the left, above, below, or to a corner.
    """
    circles = [Box(p.x - p.radius, p.y - p.radius, p.x + p.radius, p.y + p.radius) for p in points]
    occupied = [*taken, *circles]
    boxes: list[Box | None] = []
    for point in points:
        free = (
            box
            for box in _candidates(point, height, gap)
            if box.is_in(room) and not any(box.meets(other) for other in occupied)
        )
        box = next(free, None)
        boxes.append(box)
        if box is not None:
            occupied.append(box)
    return boxes


def _candidates(point: Point, height: float, gap: float) -> list[Box]:
    x, y, radius, width = point
    right, left, middle = x + radius + gap, x - radius - gap - width, x - width / 2
    above, beside, below = y - radius - gap - height, y - height / 2, y + radius + gap
    corners = [
        (right, beside), (left, beside), (middle, above), (middle, below), (right, above + radius),
        (left, above + radius), (right, below - radius), (left, below - radius),
    ]  # fmt: skip
    return [Box(at, top, at + width, top + height) for at, top in corners]

"""The statuses. Label, icon, colour and mark are always shown together (reports/charts/theme.py)."""

from enum import StrEnum


class Status(StrEnum):
    """The status of a check, a milestone, a metric or a pitfall. The value is what is stored; people read the label."""

    OFF_TRACK = "off track"
    AT_RISK = "at risk"
    NOT_KNOWN = "not known"
    ON_TRACK = "on track"
    DONE = "done"
    PLANNED = "planned"

    @property
    def label(self) -> str:
        """The text of a badge or at the start of a sentence: "Off track"."""
        return "No evidence yet" if self is Status.NOT_KNOWN else self.value.capitalize()


WORST_FIRST = [
    Status.OFF_TRACK,
    Status.AT_RISK,
    Status.NOT_KNOWN,
    Status.ON_TRACK,
    Status.DONE,
    Status.PLANNED,
]


def worst(statuses: list[Status]) -> Status:
    """Return the worst of `statuses`, NOT_KNOWN if there are none."""
    return min(statuses, key=WORST_FIRST.index, default=Status.NOT_KNOWN)

"""The words for how something stands. Word, icon, colour and mark always travel together (see reports/charts/theme)."""

from enum import StrEnum


class Status(StrEnum):
    """How a check, a milestone, a metric or a pitfall stands. The value is the word people read."""

    OFF_TRACK = "off track"
    AT_RISK = "at risk"
    NOT_KNOWN = "not known"
    ON_TRACK = "on track"
    DONE = "done"
    PLANNED = "planned"

    @property
    def label(self) -> str:
        """The word at the start of a sentence or on a badge: "Off track"."""
        return self.value.capitalize()


WORST_FIRST = [
    Status.OFF_TRACK,
    Status.AT_RISK,
    Status.NOT_KNOWN,
    Status.ON_TRACK,
    Status.DONE,
    Status.PLANNED,
]


def worst(statuses: list[Status]) -> Status:
    """The worst of `statuses`; nothing at all is not known."""
    return min(statuses, key=WORST_FIRST.index, default=Status.NOT_KNOWN)

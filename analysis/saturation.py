"""When more interviews stop teaching: how many new themes each one still brings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

# Guest, Namey and Chen (2020), "A simple method to assess and report thematic saturation in qualitative
# research", PLoS ONE 15(5) e0232076: a base of 4 to 6 interviews, a run of 2 or 3, at most 5% or 0% new.
BASE_SIZE = 4
RUN_LENGTH = 3
NEW_THEMES_ALLOWED = 0
MIN_INTERVIEWS = BASE_SIZE + RUN_LENGTH


@dataclass(frozen=True)
class Saturation:
    """What a series of interviews taught, one number an interview in order of date."""

    cumulative: list[int]
    """Distinct themes known after each interview."""
    new: list[int]
    """Themes that each interview was the first to bring."""
    stopped_after: int | None
    """The interview (1 = the first) after which nothing new came, if interviews have stopped teaching."""
    sentence: str
    """The verdict in plain words."""

    @property
    def stopped_teaching(self) -> bool:
        return self.stopped_after is not None


def saturation(themes: Sequence[Collection[str]]) -> Saturation:
    """Judge interviews by their `themes`: one set an interview held, in order of date; a set may be empty.

    Interviews have stopped teaching when the last RUN_LENGTH of at least ENOUGH_INTERVIEWS brought nothing
    new    (Guest, Namey and Chen 2020: base size 4, run length 3, new information threshold 0%).
    """
    known: set[str] = set()
    new, cumulative = [], []
    for mentioned in themes:
        new.append(len(set(mentioned) - known))
        known |= set(mentioned)
        cumulative.append(len(known))
    enough = len(new) >= MIN_INTERVIEWS
    stopped = enough and bool(known) and sum(new[-RUN_LENGTH:]) <= NEW_THEMES_ALLOWED
    last_lesson = max((number for number, count in enumerate(new, 1) if count), default=0)
    return Saturation(cumulative, new, last_lesson if stopped else None, _sentence(new, stopped))


def _sentence(new: list[int], stopped: bool) -> str:
    if not sum(new):
        return "No theme has come from an interview yet."
    if stopped:
        return f"Interviews have stopped teaching: the last {RUN_LENGTH} of {len(new)} brought no new theme."
    if len(new) < MIN_INTERVIEWS:
        return f"Too early to say: {len(new)} of at least {MIN_INTERVIEWS} interviews held."
    recent = sum(new[-RUN_LENGTH:])
    themes = "theme" if recent == 1 else "themes"
    return f"Interviews still teach: {recent} new {themes} in the last {RUN_LENGTH} of {len(new)}."

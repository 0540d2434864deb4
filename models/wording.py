"""How dates and counts are written in a sentence: "20 Nov", "1 day", "4 systems"."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def day_month(when: date) -> str:
    """20 Nov"""
    return f"{when.day} {when:%b}"


def local_time(at: datetime, zone: str) -> str:
    """Fri 20 Nov, 16:00 (Europe/Berlin)"""
    return f"{clock_time(at, zone)} ({zone})"


def clock_time(at: datetime, zone: str, now: datetime | None = None) -> str:
    """16:00 on the day of `now`, else Fri 20 Nov, 16:00. The zone has to stand beside it."""
    there = at.astimezone(ZoneInfo(zone))
    if now is not None and there.date() == now.astimezone(ZoneInfo(zone)).date():
        return f"{there:%H:%M}"
    return f"{there:%a} {day_month(there.date())}, {there:%H:%M}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """1 system, 4 systems, 2 people"""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"


def days(number: int) -> str:
    """1 day, 6 days"""
    return count(number, "day")


def days_ago(when: date, on: date) -> str:
    """today, yesterday, 3 days ago"""
    ago = (on - when).days
    return ["today", "yesterday"][ago] if ago in (0, 1) else f"{days(ago)} ago"


def lower_first(sentence: str) -> str:
    """A sentence as the second half of another."""
    return sentence[:1].lower() + sentence[1:]


def upper_first(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def with_full_stop(sentence: str) -> str:
    """A sentence with the full stop that people leave out."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def quoted_list(names: list[str], most: int = 3) -> str:
    """“a”, “b” and “c”: names of people's own choosing, set apart from the sentence around them"""
    return join_list([f"“{name}”" for name in names], most)


def join_list(words: list[str], most: int = 3) -> str:
    """a, b and c; where there are more than `most`: a, b, c and 4 more"""
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def nouns(table: str) -> tuple[str, str]:
    """A table's name as a word, and its plural: dependency, dependencies."""
    word = table.replace("_", " ")
    if word.endswith("y"):
        return word, f"{word[:-1]}ies"
    return word, f"{word}es" if word.endswith(("ch", "s")) else f"{word}s"


# What a browser says of itself names others, too: whoever comes first here is it.
_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox",
             "FxiOS": "Firefox", "CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip
_DEVICES = {"iPhone": "an iPhone", "iPad": "an iPad", "Android": "Android", "Windows": "Windows", "CrOS": "a Chromebook",
            "Macintosh": "a Mac", "Linux": "Linux"}  # fmt: skip


def describe_browser(user_agent: str) -> str:
    """A browser by what it says of itself: "Firefox on Windows". A program is called what it calls itself."""
    browser = next((name for mark, name in _BROWSERS.items() if f"{mark}/" in user_agent), None)
    device = next((name for mark, name in _DEVICES.items() if mark in user_agent), None)
    if browser is None:
        return user_agent or "Unknown browser"
    return f"{browser} on {device}" if device else browser


_IRREGULAR = {"hold": "held", "plan": "planned", "withdraw": "withdrew", "drop": "dropped", "undo": "undid", "go": "went",
              "bring": "brought", "take": "took", "let": "let", "put": "put", "make": "made", "set": "set",
              "send": "sent", "write": "wrote", "say": "said", "stop": "stopped", "freeze": "froze",
              "choose": "chose"}  # fmt: skip


def past_tense(use_case: str) -> str:
    """What was done, of what to do: "record an interview" -> "recorded an interview"."""
    verb, _, rest = use_case.partition(" ")
    if verb in _IRREGULAR:
        done = _IRREGULAR[verb]
    elif verb.endswith("y") and verb[-2:-1] not in "aeiou":
        done = f"{verb[:-1]}ied"
    else:
        done = f"{verb}d" if verb.endswith("e") else f"{verb}ed"
    return f"{done} {rest}".strip()

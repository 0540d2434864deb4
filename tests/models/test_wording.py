"""How things are called in sentences."""

from datetime import UTC, datetime

import pytest

from models.wording import clock_time, describe_browser, local_time

GECKO = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
BLINK = "(KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (GECKO, "Firefox on Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 {BLINK}", "Chrome on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 {BLINK} Edg/140.0.0.0", "Edge on Windows"),
        (f"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 {BLINK}", "Chrome on Android"),
        (f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1", "Safari on an iPhone"),
        (f"{IPHONE} CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome on an iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Version/18.5 Safari/605.1.15", "Safari on a Mac"),
        ("python-httpx/0.28.1", "python-httpx/0.28.1"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_called_what_people_call_it(user_agent, expected):
    assert describe_browser(user_agent) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", "23:30"), ("Europe/Berlin", "Sat 21 Nov, 00:30"), ("America/New_York", "18:30")],
)
def test_a_time_of_another_day_than_now_says_its_day(zone, expected):
    now = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    at = now.replace(hour=23, minute=30)
    assert clock_time(at, zone, now) == expected
    assert local_time(at, zone).endswith(f"{expected[-5:]} ({zone})")

"""Numbers without a unit, as text."""

import math


def format_plain(number: float) -> str:
    """Return `number` to three significant digits, with thousands separators: "8,500", "0.025"."""
    if not number or not math.isfinite(number):
        return f"{number:.0f}"
    decimals = max(2 - math.floor(math.log10(abs(number))), 0)
    text = f"{round(number, decimals):,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

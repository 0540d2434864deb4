"""What all charts share."""

import pytest

from models.status import Status
from reports.charts import graph, theme

WHITE, DARK = "#FFFFFF", "#11161D"


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    "colour", [*(look.colour for look in theme.LOOKS.values()), *graph.CRITICALITIES.values()]
)
@pytest.mark.parametrize("ground", [WHITE, DARK])
def test_every_colour_stands_out_on_white_and_on_dark(colour, ground):
    assert contrast(colour, ground) >= 3


@pytest.mark.parametrize("colour", graph.CRITICALITIES.values())
def test_a_systems_name_is_readable_on_its_box(colour):
    assert contrast(WHITE, colour) >= 4.5


def test_every_status_has_a_look_and_none_is_told_by_colour_alone():
    assert set(theme.LOOKS) == set(Status)
    active = [Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.NOT_KNOWN]
    assert len({theme.LOOKS[s].shape for s in active}) == len(active)
    assert len({look.icon for look in theme.LOOKS.values()}) == len(Status)


def test_a_legend_is_one_line_of_glyphs_and_words():
    line = theme.legend([Status.ON_TRACK, Status.AT_RISK, theme.RING])
    assert " ".join(line.striptags().split()) == "● On track ▲ At risk ○ Baseline"
    assert f'<span style="color: {theme.AMBER}" aria-hidden="true">▲</span>' in line

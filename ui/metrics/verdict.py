"""What a metric's points say: the verdict as a badge, and in a sentence."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from analysis.series_analysis import SeriesAnalysis
from models.metrics import Metric
from models.wording import upper_first
from reports.metrics import verdicts
from ui import html

VERDICT = Markup("<p>{line}</p>")
LOOKS = {
    verdicts.CONFIRMED_BETTER: ("green", ":material/trending_up:"),
    verdicts.CONFIRMED_WORSE: ("red", ":material/trending_down:"),
    verdicts.LEANING_BETTER: ("blue", ":material/trending_up:"),
    verdicts.LEANING_WORSE: ("orange", ":material/trending_down:"),
    verdicts.NO_CHANGE: ("gray", ":material/remove:"),
    verdicts.TOO_EARLY: ("gray", ":material/hourglass_top:"),
    verdicts.OUT_OF_DATE: ("gray", ":material/history:"),
}

NO_POINTS = ("gray", ":material/help:")


def proof_badge(verdict: str, proof: str) -> Markup:
    """Return the words of a metric's `proof` in the look of its verdict, of which "no points" is one as well."""
    return html.coloured_badge(*LOOKS.get(verdict, NO_POINTS), proof)


def verdict_component(judgement: SeriesAnalysis, metric: Metric, on: date) -> Markup:
    """Return the verdict as its word, icon and colour."""
    verdict = verdicts.verdict_on(judgement, metric, on)
    colour, icon = LOOKS[verdict]
    return html.coloured_badge(colour, icon, verdicts.LABELS[verdict])


def verdict_line(metric: Metric, judgement: SeriesAnalysis, on: date) -> Markup:
    """Return the verdict's badge and its sentence, which doesn't repeat the badge's words."""
    label = verdicts.LABELS[verdicts.verdict_on(judgement, metric, on)]
    text = verdicts.verdict_text(judgement, metric, on)
    rest = text.removeprefix(label).removeprefix(" to tell:").lstrip()
    return html.join([verdict_component(judgement, metric, on), " ", upper_first(rest)])


def sentence_card(metric: Metric, judgement: SeriesAnalysis, on: date) -> Markup:
    """Return the verdict in a sentence, with what such a claim is worth."""
    caveat = verdicts.caveat(judgement)
    verdict = VERDICT.format(line=verdict_line(metric, judgement, on))
    return html.join([verdict, html.caption(caveat) if caveat else Markup()])

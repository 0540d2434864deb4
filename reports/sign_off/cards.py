"""What a sponsor reads before they sign: one card a metric, in words, and what changed since they last signed it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

import rfc8785

from models.engagement import Engagement
from models.metrics import OUTCOME, Metric, SignOff
from models.units import unit
from models.wording import count, day_month, upper_first
from reports.metrics.definitions import Difference, baseline_text, difference, judged_by_text
from reports.metrics.outcomes import cadence_text, target_text

_STATISTICS = {
    "median": "The median of what was observed",
    "p90": "What 9 of 10 stay within (the 90th percentile)",
    "mean": "The mean of what was observed",
    "rate": "A rate",
    "count": "A count",
}


@dataclass(frozen=True)
class Card:
    """One metric as a sponsor reads it. `sha256` is the digest of its definition, in its `version`.

    `plain` says what is counted, `baseline` and `target` are quantities, `lines` what else the definition says, each as
    a word and its text; `since` says when this person last signed it, `changes` what it says differently since.
    """

    metric_id: int
    slug: str
    name: str
    version: int
    sha256: str
    plain: str
    baseline: str
    target: str
    lines: list[tuple[str, str]]
    since: str
    changes: list[Difference]
    signed: bool

    def as_json(self) -> dict[str, Any]:
        """Return what is on the card, as the record keeps it."""
        shown = {"name": self.name, "plain": self.plain, "baseline": self.baseline, "target": self.target}
        return shown | {
            "lines": [list(line) for line in self.lines],
            "since": self.since,
            "changes": [asdict(change) for change in self.changes],
        }

    @property
    def shown(self) -> str:
        """The digest of the card: it travels with the click, so that what is signed is what was on screen."""
        content: dict[str, Any] = {"sha256": self.sha256, "version": self.version, "card": self.as_json()}
        return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def card(engagement: Engagement, metric: Metric, user_id: int | None) -> Card:
    """Return the card of a metric of a state, for that person."""
    measure = unit(metric.unit)
    last = _last_signed(metric, user_id)
    since, changes = _since(engagement, metric, last)
    better = "Lower is better" if metric.direction == "lower" else "Higher is better"
    plain = [metric.counted or f"{metric.name}, measured in {measure.name}", better]
    return Card(
        metric_id=metric.id,
        slug=metric.slug,
        name=metric.name,
        version=metric.number,
        sha256=metric.digest(),
        plain=" ".join(_sentence(part) for part in plain),
        baseline="No baseline" if metric.baseline is None else baseline_text(metric),
        target="No target" if metric.target is None else target_text(metric, engagement),
        lines=_lines(engagement, metric),
        since=since,
        changes=changes,
        signed=last is not None and last.digest == metric.digest(),
    )


def waiting_for(engagement: Engagement) -> list[Metric]:
    """The metrics that a sponsor who signed in can sign: in use, with a target, not under a signature that holds, and
    with a baseline that still rests on the data that it was taken from."""
    return [
        metric
        for metric in engagement.metrics
        if metric.active
        and metric.target is not None
        and metric.seal != "signed"
        and not metric.baseline_data_differ
    ]


def other_data(metric: Metric) -> str:
    """Why a baseline that no longer rests on its data can't be agreed on."""
    return f"The data of the baseline of “{metric.name}” changed since it was taken: a lead has to take it again first."


def _lines(engagement: Engagement, metric: Metric) -> list[tuple[str, str]]:
    measure = unit(metric.unit)
    lines = [
        ("Not counted", metric.left_out),
        ("Baseline is", _baseline(metric)),
        ("Baseline ends", None if metric.baseline_until else _end(metric)),
        ("Step at day 30", None if metric.step_30 is None else measure.format_exactly(metric.step_30)),
        ("Step at day 60", None if metric.step_60 is None else measure.format_exactly(metric.step_60)),
        ("Measured", _measured(metric)),
        ("Query", metric.query),
        ("Calendar", metric.calendar),
        ("Owner", metric.owner or "Nobody yet"),
        ("Kind", None if (metric.kind or OUTCOME) == OUTCOME else metric.kind),
        ("Way to the target", metric.scale and f"counted on a {metric.scale} scale"),
        ("Judged by", judged_by_text(metric)),
    ]  # fmt: skip
    return [(word, upper_first(text)) for word, text in lines if text]


def _baseline(metric: Metric) -> str:
    """Return where the baseline comes from, with the digest of its data."""
    parts = []
    if metric.baseline_n is not None:
        parts.append(f"the {metric.baseline_method}, {count(metric.baseline_n, 'point')}")
        if metric.baseline_spread is not None:
            parts.append(f"one standard deviation {unit(metric.unit).format(metric.baseline_spread)}")
        if (exact := unit(metric.unit).format_exactly(metric.baseline)) != baseline_text(metric):
            parts.append(f"exactly {exact}")
    elif metric.baseline is not None:
        parts.append("stated, not taken from measurements")
    if metric.baseline_since is not None:
        parts.append(f"from {day_month(metric.baseline_since)} {metric.baseline_since.year}")
    if metric.baseline_until is not None:
        parts.append(f"until {day_month(metric.baseline_until)} {metric.baseline_until.year}")
    if metric.baseline_digest is not None:
        parts.append(f"data {metric.baseline_digest[:12]}")
    return ", ".join(parts)


def _end(metric: Metric) -> str:
    """Return when a baseline ends, or ended, that nobody gave an end."""
    if metric.baseline_end is None:
        return "the day before a workflow that moves it goes live, or a cause of change is named"
    ended = f"{day_month(metric.baseline_end)} {metric.baseline_end.year}"
    return f"{ended}, the day before what moves it first changed"


def _measured(metric: Metric) -> str:
    how = _STATISTICS.get(metric.statistic or "", "")
    often = cadence_text(metric.cadence_days)
    source = f"from {metric.source}" if metric.source else "from a source that isn't named"
    cadence = f"{often} {source}"
    return f"{how}, {cadence}" if how else cadence


def _last_signed(metric: Metric, user_id: int | None) -> SignOff | None:
    """This person's newest approval of any version."""
    mine = [sign for sign in metric.sign_offs if sign.user_id == user_id and sign.approves]
    return mine[-1] if mine else None


def _since(engagement: Engagement, metric: Metric, last: SignOff | None) -> tuple[str, list[Difference]]:
    if last is None:
        return "You have not signed this before.", []
    on = engagement.date_of(last.signed_at)
    when = f"{day_month(on)} {on.year}"
    if last.digest == metric.digest():
        return f"You signed exactly this on {when}.", []
    then = next((one for one in metric.definitions if one.number == last.number), None)
    then = then or next((one for one in metric.definitions if one.digest == last.digest), None)
    if then is None:
        return f"You signed an earlier definition on {when}; what it said is not kept.", []
    return f"Changed since you signed version {then.number} on {when}:", difference(then, metric)


def _sentence(text: str) -> str:
    sentence = text.strip()
    sentence = sentence[:1].upper() + sentence[1:]
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."

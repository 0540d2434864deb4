"""The text of each mail."""

from __future__ import annotations

from datetime import datetime

from models.engagement import Engagement
from models.metrics import Metric
from models.sessions import Purpose
from models.snapshot import SnapshotDocument
from models.status import Status
from models.wording import count, join_list, local_time, lower_first, upper_first
from reports.exports.week_facts import decisions
from reports.mail.letter import Letter, Link, Section
from reports.metrics.definitions import baseline_text
from reports.metrics.outcomes import target_text


def context(engagement: Engagement) -> str:
    """Return the line that names the engagement."""
    return f"{engagement.client} · {engagement.name}"


def sign_off(
    engagement: Engagement,
    metrics: list[Metric],
    asked_by: str,
    note: str | None,
    link: str,
    until: datetime,
    *,
    reminder: bool,
    reply_to: str | None = None,
) -> Letter:
    """Return the mail that asks a sponsor to sign, with the numbers; or the one reminder of it."""
    names = count(len(metrics), "metric")
    subject = f"{asked_by} asks you to sign {names}: {engagement.name}"
    asks = f"{asked_by} asks you to sign what this work is judged by. It takes about a minute."
    return Letter(
        subject=f"Reminder: {subject}" if reminder else subject,
        context=context(engagement),
        heading=f"{names} {'waits' if len(metrics) == 1 else 'wait'} for your signature",
        paragraphs=[asks, *([f"“{note}”"] if note else [])],
        sections=[Section("", [Link(metric.name, detail=_goal(engagement, metric)) for metric in metrics])],
        button=Link(f"Read and sign {names}", link),
        closing=[
            f"The link is for you alone and works until {local_time(until, engagement.zone)}. Don't forward it.",
            *(["It takes the place of the link that you were sent before."] if reminder else []),
        ],
        reply_to=reply_to,
    )


def _goal(engagement: Engagement, metric: Metric) -> str:
    """Return the numbers as the page to sign has them: "from 4 h to 90 s by 20 Nov 2026"."""
    target = "no target yet" if metric.target is None else f"to {target_text(metric, engagement)}"
    return (
        f"no baseline yet, {target}" if metric.baseline is None else f"from {baseline_text(metric)} {target}"
    )


def answer(
    engagement: Engagement,
    who: str,
    signed: list[str],
    changes: list[tuple[str, str]],
    link: str,
    reply_to: str | None = None,
) -> Letter:
    """Return the mail that tells who asked that the sponsor answered.

    `signed` are the names of metrics, `changes` the names of the others with what the sponsor asks for.
    """
    did = join_list(
        [f"{verb} {count(len(rows), 'metric')}"
         for verb, rows in (("signed", signed), ("asks for changes to", changes)) if rows]
    )  # fmt: skip
    binds = "The signature binds the definition, baseline and target: changing them breaks its seal."
    asks = "Change the definition, or tell them why not, and ask again."
    sections = {
        "Signed": [Link(name) for name in signed],
        "Changes asked for": [Link(name, detail=f"“{words}”" if words else "") for name, words in changes],
    }
    return Letter(
        subject=f"{who} {did}: {engagement.name}",
        context=context(engagement),
        heading=f"{who} {did}",
        paragraphs=[*([asks] if changes else []), *([binds] if signed else [])],
        sections=[Section(title, items) for title, items in sections.items() if items],
        button=Link("Open the metrics", link),
        reply_to=reply_to,
    )


def week(
    engagement: Engagement,
    document: SnapshotDocument,
    link: str,
    unsubscribe: str | None,
    *,
    corrected: bool,
    sent_by: str | None = None,
    reply_to: str | None = None,
) -> Letter:
    """Return the mail with a frozen week: its verdict and the decisions it needs in the text, its PDF attached.

    `unsubscribe` is for those who chose each week, `sent_by` says who sent it to anybody else.
    """
    head = document.content["head"]
    title = upper_first(f"{'corrected: ' if corrected else ''}week {head['week']}")
    asked = [Link(what, detail=who) for what, who in decisions(document)]
    texts = [document.passage("verdict"), document.passage("note")]
    return Letter(
        subject=f"{title}, {status_text(document)}: {engagement.name}",
        context=context(engagement),
        heading=f"{title} of {head['weeks']}" if "weeks" in head else title,
        paragraphs=[text for text in texts if text],
        sections=[Section(f"{count(len(asked), 'decision')} needed", asked)] if asked else [],
        button=Link(f"Open week {head['week']}", link),
        closing=[
            *([f"{sent_by} sent you this week."] if sent_by else []),
            "The whole week is attached as a PDF.",
        ],
        unsubscribe=unsubscribe,
        unsubscribe_reason="You chose to be sent each frozen week of this engagement.",
        reply_to=reply_to,
    )


def status_text(document: SnapshotDocument) -> str:
    """Return the status of a week within a sentence: "at risk", "no evidence yet"."""
    return lower_first(Status(document.content["head"]["status"]).label)


def digest(on: str, parts: list[tuple[str, list[Link]]], unsubscribe: str) -> Letter:
    """Return a person's morning digest: what is new for them, by engagement."""
    total = sum(len(items) for _, items in parts)
    others = f" and {count(len(parts) - 1, 'other')}" if len(parts) > 1 else ""
    return Letter(
        subject=f"{count(total, 'thing')} for you this morning: {parts[0][0]}{others}",
        context=on,
        heading=f"{count(total, 'thing')} for you to know",
        sections=[Section(name, items) for name, items in parts],
        unsubscribe=unsubscribe,
        unsubscribe_reason="This is sent only when there is something.",
    )


def mention(
    engagement: Engagement,
    by: str,
    about: str,
    text: str,
    link: str,
    unsubscribe: str,
    reply_to: str | None = None,
) -> Letter:
    """Return the mail that tells somebody that a note mentions them: `about` is "the metric “Loan decision time”"."""
    return Letter(
        subject=f"{by} mentioned you: {about}",
        context=context(engagement),
        heading=f"{by} mentioned you on {about}",
        paragraphs=[f"“{text}”"],
        button=Link(f"Open {about.partition(' “')[0]}", link),
        unsubscribe=unsubscribe,
        unsubscribe_reason="You chose to be told at once when a note mentions you.",
        reply_to=reply_to,
    )


def invitation(engagement: Engagement, role: str, invited_by: str, link: str) -> Letter:
    """Return the mail to somebody who was invited to an engagement."""
    return Letter(
        subject=f"{invited_by} invites you to {engagement.name}",
        context=context(engagement),
        heading=f"{invited_by} invites you as a {role}",
        paragraphs=[
            "Headway holds the plan, the metrics and the weekly review of this work.",
            "Sign in with this e-mail address, and accept or decline the invitation.",
        ],
        button=Link("Sign in", link),
        closing=[
            "Without an account yet, you are sent a link of your own once an administrator has made one."
        ],
    )


def one_time_link(name: str, purpose: Purpose, link: str, until: datetime) -> Letter:
    """Return the mail with a one-time link into an account."""
    password = "" if purpose == Purpose.SIGN_IN else ", and asks for a new password"
    return Letter(
        subject=f"Headway: your {purpose} link",
        context=f"For {name}",
        heading=f"Your {purpose} link",
        paragraphs=[f"This link signs you in once{password}. Don't forward it."],
        button=Link("Sign in", link),
        closing=[f"It works until {local_time(until, 'UTC')}.", "If you didn't expect it, ignore this mail."],
    )

"""What each mail says."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from models.engagement import Engagement
from models.metrics import Metric
from models.snapshot import SnapshotDocument
from models.units import unit
from models.wording import count, day_month, join_list, upper_first, with_full_stop
from reports.mail.letter import Letter, Link, Section


def context(engagement: Engagement) -> str:
    """Return the line that names the engagement."""
    return f"{engagement.client} · {engagement.name}"


def local_time(at: datetime, zone: str) -> str:
    """Return a time as the engagement's people read it: "Fri 20 Nov, 16:00 (Europe/Berlin)"."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%a} {day_month(there.date())}, {there:%H:%M} ({zone})"


def sign_off(
    engagement: Engagement,
    metrics: list[Metric],
    asked_by: str,
    note: str | None,
    link: str,
    until: datetime,
    *,
    reminder: bool,
) -> Letter:
    """Return the mail that asks a sponsor to sign, with the numbers; or the one reminder of it."""
    names = count(len(metrics), "metric")
    subject = f"{'Reminder: ' if reminder else ''}Please sign {names}: {engagement.name}"
    asks = f"{asked_by} asks you to sign what this work is judged by. It takes about a minute."
    return Letter(
        subject=subject,
        context=context(engagement),
        heading=f"{names} {'waits' if len(metrics) == 1 else 'wait'} for your signature",
        paragraphs=[asks, *([f"“{note}”"] if note else [])],
        sections=[Section("", [Link(_goal(metric)) for metric in metrics])],
        button=Link(f"Read and sign {names}", link),
        closing=[
            f"The link is for you alone and works until {local_time(until, engagement.zone)}. Don't forward it.",
            *(["It takes the place of the link that you were sent before."] if reminder else []),
        ],
    )


def _goal(metric: Metric) -> str:
    """Return "Loan decision time: from 4 h to 90 s"."""
    measure = unit(metric.unit)
    target = "no target yet" if metric.target is None else f"to {measure.format(metric.target)}"
    return f"{metric.name}: " + (
        target if metric.baseline is None else f"from {measure.format(metric.baseline)} {target}"
    )


def answer(engagement: Engagement, who: str, metrics: list[str], link: str, *, signed: bool) -> Letter:
    """Return the mail that tells who asked that the sponsor answered."""
    did = "signed" if signed else "asks for changes to"
    names = join_list([f"“{name}”" for name in metrics])
    return Letter(
        subject=f"{who} {did} {count(len(metrics), 'metric')}: {engagement.name}",
        context=context(engagement),
        heading=f"{who} {did} {names}",
        paragraphs=[
            "The signature binds these definitions, baselines and targets: changing them breaks its seal."
            if signed
            else "Read what they ask for, change the definition, and ask again."
        ],
        button=Link("Open the metrics", link),
    )


def week(
    engagement: Engagement,
    document: SnapshotDocument,
    link: str,
    unsubscribe: str | None,
    *,
    corrected: bool,
    sent_by: str | None = None,
) -> Letter:
    """Return the mail with a frozen week: its verdict in the text, its PDF attached.

    `unsubscribe` is for those who chose each week, `sent_by` says who sent it to anybody else.
    """
    head = document.content["head"]
    title = f"{'Corrected: ' if corrected else ''}week {head['week']}"
    return Letter(
        subject=f"{upper_first(title)}, {head['status']}: {engagement.name}",
        context=context(engagement),
        heading=f"{upper_first(title)}: {head['status']}",
        paragraphs=[document.passage("verdict"), "The whole week is attached as a PDF of one page."],
        button=Link(f"Open week {head['week']}", link),
        closing=[f"{sent_by} sent you this week."] if sent_by else [],
        unsubscribe=unsubscribe,
        unsubscribe_reason="You chose to be sent each frozen week of this engagement.",
    )


def digest(on: str, parts: list[tuple[str, list[Link]]], unsubscribe: str) -> Letter:
    """Return a person's morning digest: what is new for them, by engagement."""
    total = sum(len(items) for _, items in parts)
    return Letter(
        subject=f"{count(total, 'thing')} for you this morning: {parts[0][0]}",
        context=on,
        heading=f"{count(total, 'thing')} for you to know",
        sections=[Section(name, items) for name, items in parts],
        unsubscribe=unsubscribe,
        unsubscribe_reason="This is sent only when there is something.",
    )


def mention(engagement: Engagement, by: str, about: str, text: str, link: str, unsubscribe: str) -> Letter:
    """Return the mail that tells somebody that a note mentions them."""
    return Letter(
        subject=f"{by} mentioned you: {about}",
        context=context(engagement),
        heading=f"{by} mentioned you on {about}",
        paragraphs=[f"“{text}”"],
        button=Link("Open it", link),
        unsubscribe=unsubscribe,
        unsubscribe_reason="You chose to be told at once when a note mentions you.",
    )


def invitation(engagement: Engagement, role: str, invited_by: str, link: str) -> Letter:
    """Return the mail to somebody who was invited to an engagement."""
    return Letter(
        subject=f"{invited_by} invites you to {engagement.name}",
        context=context(engagement),
        heading=f"{invited_by} invites you as {role}",
        paragraphs=["Sign in with this e-mail address, and accept or decline the invitation."],
        button=Link("Sign in", link),
        closing=[
            "Without an account yet, you are sent a link of your own once an administrator has made one."
        ],
    )


def one_time_link(name: str, purpose: str, link: str, until: datetime) -> Letter:
    """Return the mail with a one-time link into an account."""
    return Letter(
        subject=f"Your link into Headway: {purpose}",
        context=f"For {name}",
        heading=upper_first(with_full_stop(f"your {purpose}")).rstrip("."),
        paragraphs=["This link signs you in once. Don't forward it."],
        button=Link("Sign in", link),
        closing=[f"It works until {local_time(until, 'UTC')}."],
    )

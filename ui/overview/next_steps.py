"""The overview's first card: what to do next, by whom, by when, with a link that opens the place to do it."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from models.wording import count
from reports.frames.next_steps import MAX_STEPS, Step
from ui import html

TITLE = "Next steps"
STEP = Markup('<li><div class="hw hw-aside"><div><strong>{what}</strong><p>{text}</p></div>{link}</div></li>')
STEPS = Markup('<ol class="hw-steps">{}</ol>')


def next_steps_card(slug: str, steps: list[Step], on: date, nothing: str, *, own: bool = True) -> Markup:
    """Return the card with the first steps, or the sentence `nothing` where there is none.

    Steps that aren't the reader's `own` have no link: it would lead where they may not act.
    """
    if not steps:
        return html.card(TITLE, html.paragraph(nothing))
    shown = html.join((_step(slug, step, on, own=own) for step in steps[:MAX_STEPS]), "")
    rest = len(steps) - MAX_STEPS
    more = html.paragraph(f"And {count(rest, 'step')} after these.") if rest > 0 else Markup("")
    return html.card(TITLE, STEPS.format(shown), more)


def _step(slug: str, step: Step, on: date, *, own: bool) -> Markup:
    link = html.link(step.page, slug, step.button, **dict(step.query)) if own else Markup("")
    return STEP.format(what=step.what, text=step.text(on), link=link)

"""The week as four slides and an appendix: the week, the plan, the outcomes, decisions and next.

Titles are sentences, the plan is native shapes, the outcomes a native chart, and the notes of each slide name its
sources. A firm's own template can be used; its masters and size are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pptx.util import Emu, Inches, Pt

from models.milestones import MilestoneState
from models.snapshot import SnapshotDocument
from models.wording import lower_first
from reports.charts.theme import LOOKS
from reports.exports import tables, week_facts
from reports.exports.four_slides_parts import (
    BOLD,
    BOTTOM,
    GAP,
    SIDE,
    TOP_OF_BODY,
    Grid,
    Paragraphs,
    add_columns,
    add_paragraphs,
    brand_colours,
    cut_to_fit,
    fitting_part,
    grid_height,
    headed,
    place_grid,
    sentence_slide,
    without_effects,
)  # fmt: skip
from reports.exports.open_points import open_points
from reports.exports.outcomes_slide import outcomes_slide
from reports.exports.plan_slide import plan_slide
from reports.exports.slide_chart import metric
from reports.exports.slide_parts import (
    INK,
    LINE,
    QUIET,
    Column,
    add_run,
    add_table,
    colour_of,
    lines_of,
    status_with_mark,
)
from reports.exports.week_facts import at_least_layout, cut, first_of

MAX_DECISIONS, MAX_CHANGES, MAX_COMING, MAX_EXCEPTIONS, MAX_MISSING = 4, 4, 3, 4, 4
MIN_ROWS, READABLE = 2, 0.9
MARKS_HEIGHT, LARGER_MARKS_HEIGHT = Inches(1.15), Inches(1.35)


def add_slides(deck: Any, document: SnapshotDocument) -> None:
    """Add the four slides and the appendix to a deck."""
    _the_week(deck, document)
    plan_slide(deck, document)
    outcomes_slide(deck, document)
    _decisions_and_next(deck, document)
    _appendix(deck, document)


def _the_week(deck: Any, document: SnapshotDocument) -> None:
    head = document.content["head"]
    kicker = f"{tables.title(document)} · {lower_first(week_facts.day_of(document))} · as of {week_facts.as_of(document)}"
    drafted = document.body["text"]["verdict"]["draft"]
    sources = (
        f"From the engagement's evidence at revision {head['revision']}. {tables.verdict(document)} Drafted: {drafted} "
        f"{' · '.join(tables.scope(document))}"
    )
    sentence = week_facts.without_day(document, tables.verdict(document))
    page = sentence_slide(deck, document, sentence, kicker, sources, status=head["status"])
    marks_height = LARGER_MARKS_HEIGHT if at_least_layout(document, 4) else MARKS_HEIGHT
    room = deck.slide_height - BOTTOM - marks_height - Inches(0.2) - TOP_OF_BODY
    _two_columns(deck, document, page, lambda most: _decisions_and_changes(document, most), room)
    _health_marks(deck, document, page, marks_height)


def _decisions_and_changes(document: SnapshotDocument, most: int) -> list[Paragraphs]:
    """Return the two columns of the first slide, `most` rows of each list at most, and one decision more."""
    colour, _ = brand_colours(document)
    rows, more = first_of(week_facts.decisions(document), min(MAX_DECISIONS, most + 1))
    left: Paragraphs = [*headed("Decisions needed", rows, "No decision is needed.", more, colour=colour)]
    if note := document.passage("note"):
        left += [(cut(note, 300), 14, INK, False)]
    if not rows:
        left += _still_missing(document, most)
    changes, more = first_of(week_facts.changes(document), min(MAX_CHANGES, most))
    lines = [(cut(row, 110), "") for row in changes]
    right = headed(week_facts.since(document), lines, "Nothing changed.", more, colour=colour)
    rows, more = first_of(week_facts.coming(document), min(MAX_COMING, most))
    right += headed("Next two weeks", rows, "No milestone is due.", more, colour=colour)
    return [left, right]


def _two_columns(
    deck: Any, document: SnapshotDocument, page: Any, columns: Callable[[int], list[Paragraphs]], room: int
) -> None:
    """Draw the two columns that `columns` makes with so many rows a list.

    From layout 4 on with as many rows as can be read, and both of one size, which is as large as there is room.
    """
    colour, _ = brand_colours(document)
    width = deck.slide_width - 2 * SIDE
    half = (width - GAP) // 2
    if at_least_layout(document, 4):
        fits = (
            each
            for each in map(columns, range(MAX_DECISIONS, MIN_ROWS, -1))
            if all(fitting_part(lines, half, room) >= READABLE for lines in each)
        )
        add_columns(page, next(fits, columns(MIN_ROWS)), TOP_OF_BODY, width, room, colour)
        return
    left, right = columns(MAX_DECISIONS)
    add_paragraphs(page, left, SIDE, TOP_OF_BODY, half, room, rule=colour)
    add_paragraphs(page, right, SIDE + half + GAP, TOP_OF_BODY, half, room, rule=colour)


def _health_marks(deck: Any, document: SnapshotDocument, page: Any, height: int) -> None:
    """The five checks in one row, each with its reason and, in its edge, its status."""
    larger, lines_in_all = (1.0, 6) if at_least_layout(document, 4) else (0.0, 5)
    checks = document.content["checks"]
    gap = Inches(0.1)
    width = (deck.slide_width - 2 * SIDE - gap * (len(checks) - 1)) // max(len(checks), 1)
    top = deck.slide_height - BOTTOM - height
    for number, check in enumerate(checks):
        left = SIDE + number * (width + gap)
        mark = page.shapes.add_group_shape()
        card = mark.shapes.add_shape(1, Emu(left), Emu(top), Emu(width), Emu(height))
        card.fill.background()
        card.line.color.rgb, card.line.width, card.shadow.inherit = LINE, Pt(1), False
        edge = mark.shapes.add_shape(1, Emu(left), Emu(top), Inches(0.07), Emu(height))
        edge.fill.solid()
        edge.fill.fore_color.rgb = colour_of(check["status"])
        edge.line.fill.background()
        edge.shadow.inherit = False
        edge._element.nvSpPr.cNvPr.set("descr", f"{check['name']}: {check['status']}")
        inside = width - Inches(0.2)
        glyph = LOOKS[tables.status_of(check["status"])].glyph
        name = f"{glyph} {check['name']}: {check['status']}"
        left_over = lines_in_all - lines_of(name, (11 + larger) * BOLD, inside)
        reason = cut_to_fit(check["reason"], 11.5 + larger, inside, left_over)
        lines: Paragraphs = [
            (name, 11 + larger, colour_of(check["status"]), True),
            (reason, 10.5 + larger, INK, False),
        ]  # fmt: skip
        add_paragraphs(mark, lines, left + Inches(0.1), top, inside, height)
        if at_least_layout(document, 4):
            without_effects(mark)


def _decisions_and_next(deck: Any, document: SnapshotDocument) -> None:
    sources = "Decisions and milestones as they were recorded; exceptions with their owner's line."
    page = sentence_slide(deck, document, week_facts.next_title(document), "Decisions and next", sources)
    room = deck.slide_height - BOTTOM - TOP_OF_BODY
    _two_columns(deck, document, page, lambda most: _next_and_exceptions(document, most), room)


def _next_and_exceptions(document: SnapshotDocument, most: int) -> list[Paragraphs]:
    """Return the two columns of the fourth slide, `most` rows of each list at most."""
    colour, _ = brand_colours(document)
    rows, more = first_of(week_facts.decisions(document), min(MAX_DECISIONS, most))
    left = headed("Decisions needed", rows, "No decision is needed.", more, colour=colour)
    shown = {name for name, _ in week_facts.coming(document)}
    later = [
        (row["name"], f"due {tables.day(row['due'])}: {row['state']}")
        for row in document.content["plan"]
        if row["state"] not in week_facts.SETTLED and row["name"] not in shown
    ]
    rows, more = first_of(week_facts.coming(document), min(MAX_COMING, most))
    left += headed("Next two weeks", rows, "No milestone is due.", more, colour=colour)
    then, more = first_of(later, min(MAX_COMING, most))
    left += headed("Open in the plan", then, "Nothing else is open.", more, colour=colour)
    unusual, more = first_of(tables.exceptions(document), min(MAX_EXCEPTIONS, most))
    exceptions = [
        (f"{status_with_mark(row['status'])}: {cut(row['name'], 60)}", f"{row['owner']}: {cut(row['line'])}")
        for row in unusual
    ]
    title, nothing = "Exceptions, with their owner's line", "Nothing is out of the ordinary."
    right = headed(title, exceptions, nothing, more, colour=colour)
    if len(unusual) < MAX_EXCEPTIONS:
        right += _still_missing(document, most)
    if routine := tables.routine(document):
        right += [(cut(routine, 260), 12, QUIET, False)]
    return [left, right]


def _still_missing(document: SnapshotDocument, most: int) -> Paragraphs:
    """Return what a week of layout 4 or later still needs; nothing where it needs nothing."""
    rows, more = first_of(open_points(document), min(MAX_MISSING, most))
    if not rows or not at_least_layout(document, 4):
        return []
    colour, _ = brand_colours(document)
    return headed("Still missing", [(name, cut(text, 110)) for name, text in rows], "", more, colour=colour)


def _appendix(deck: Any, document: SnapshotDocument) -> None:
    """Add every list in full, and one chart a metric with its sentence."""
    _metrics_table(deck, document)
    for row in document.content["metrics"]:
        if row["chart"]["points"]:
            metric(deck, document, row)
    _two_grids(deck, document, "Appendix · Leading measures · Health checks", *_leading_and_checks(document))
    _changes_and_caveats(deck, document)
    _all_exceptions(deck, document)


def _metrics_table(deck: Any, document: SnapshotDocument) -> None:
    metrics = [
        [row["name"], row["status"], row["baseline"], row["current"], row["target"], tables.factor(row), row["verdict"],
         row["forecast"], row["forecast_before"]]
        for row in document.content["metrics"]
    ]  # fmt: skip
    columns = [
        Column("Metric", 2.2), Column("Status", 1.25, status=True), Column("Baseline", 1.1), Column("Current", 1.1),
        Column("Target", 1.5), Column("Factor (95% interval)", 1.9), Column("Verdict", 1.3), Column("Forecast", 1.4),
        Column("Last forecast", 1.4),
    ]  # fmt: skip
    if metrics:
        filled = tables.filled_columns([column.head for column in columns], metrics)
        cells = [[row[place] for place in filled] for row in metrics]
        title = "Appendix · Metrics against their baseline"
        add_table(deck, document, title, [columns[place] for place in filled], cells)


def _leading_and_checks(document: SnapshotDocument) -> tuple[Grid, Grid]:
    content, then = document.content, tables.before(document)
    leading = Grid([Column("What moves first", 2.2), Column("Now", 1), Column(then, 1)],
                   [[row["name"], row["now"], row["before"]] for row in content["leading"]])  # fmt: skip
    checks = Grid([Column("Check", 1), Column("Status", 1.2, status=True), Column("Why", 3.4)],
                  [[row["name"], row["status"], row["reason"]] for row in content["checks"]])  # fmt: skip
    return leading, checks


def _changes_and_caveats(deck: Any, document: SnapshotDocument) -> None:
    """Add what changed: a few changes beside the caveats, many on slides of their own, and then the plan."""
    columns = [Column("About", 3), Column("What", 1.2), Column(tables.before(document), 4), Column("Now", 4)]
    changes = [[row["about"], row["kind"], row["old"], row["new"]] for row in document.content["changes"]]
    notes = Grid([Column("Data caveats", 1), Column("Which", 3)], _notes(document))
    if len(changes) > 4:
        add_table(deck, document, "Appendix · What changed", columns, changes)
        _two_grids(deck, document, "Appendix · Plan · Data caveats", _plan_grid(document), notes)
    else:
        _stacked(deck, document, "Appendix · What changed · Data caveats", Grid(columns, changes), notes)


def _all_exceptions(deck: Any, document: SnapshotDocument) -> None:
    """Add a slide of the exceptions where the first slides have no room for all of them."""
    exceptions = [
        [row["name"], row["status"], row["owner"], row["line"]] for row in tables.exceptions(document)
    ]
    if len(exceptions) > MAX_EXCEPTIONS:
        columns = [
            Column("Exception", 2.2),
            Column("Status", 1.2, status=True),
            Column("Owner", 1.4),
            Column("One line", 6),
        ]
        add_table(deck, document, "Appendix · Exceptions, each with its owner's line", columns, exceptions)


def _plan_grid(document: SnapshotDocument) -> Grid:
    columns = [Column("Milestone", 2), Column("State", 1.2, status=True), Column("Due", 1)]
    known = set(MilestoneState)
    return Grid(columns, [
        [row["name"], row["state"], tables.day(row["due"])] for row in document.content["plan"] if row["state"] in known
    ])  # fmt: skip


def _notes(document: SnapshotDocument) -> list[list[str]]:
    notes = [[name, text] for name, text in tables.data_notes(document)]
    if document.quote is not None:
        quote = document.quote
        notes.append(
            [
                "One voice from the interviews",
                f"“{quote['said']}” {quote['who']}, {quote['on']}, on {quote['theme']}",
            ]
        )
    notes.append(["Signatures", document.content["head"]["signatures"]])
    return notes


def _two_grids(deck: Any, document: SnapshotDocument, title: str, left: Grid, right: Grid) -> None:
    page = sentence_slide(
        deck, document, title, "", "Each row comes from the snapshot's table of the same name.", appendix=True
    )
    half = (deck.slide_width - 2 * SIDE - GAP) // 2
    room = deck.slide_height - BOTTOM - Inches(1.35)
    place_grid(page, left, SIDE, Inches(1.35), half, room)
    place_grid(page, right, SIDE + half + GAP, Inches(1.35), half, room)


def _stacked(deck: Any, document: SnapshotDocument, title: str, above: Grid, below: Grid) -> None:
    page = sentence_slide(
        deck, document, title, "", "Each row comes from the snapshot's table of the same name.", appendix=True
    )
    width = deck.slide_width - 2 * SIDE
    room = (deck.slide_height - BOTTOM - Inches(1.35) - GAP) // 2
    top = int(Inches(1.35))
    if above.rows:
        place_grid(page, above, SIDE, top, width, room)
        top += grid_height(above, width, room) + GAP
    else:
        frame = page.shapes.add_textbox(Emu(SIDE), Emu(top), Emu(width), Inches(0.4)).text_frame
        frame.word_wrap = True if at_least_layout(document, 4) else None
        add_run(frame.paragraphs[0], cut(document.passage("changes")), 14, INK)
        top += Inches(0.6)
    place_grid(page, below, SIDE, top, width, deck.slide_height - BOTTOM - top)

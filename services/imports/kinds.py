"""
The eight kinds of import as data: their columns, and the natural key that says which row is which record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from analysis.rule_sets import RULE_SETS
from models.errors import NotFound
from models.metrics import DEFAULT_RULES, OUTCOME, SCALES, STATISTICS
from models.metrics import KINDS as METRIC_KINDS
from models.names import normalize_name
from models.plan import CYCLE_DAYS
from services.interviews.frictions import MAX_OBSERVED, MAX_THEME
from services.measurements.batches import MAX_OBSERVATIONS
from services.metrics.definitions import DEFAULT_CADENCE, MAX_CADENCE
from services.parsing.cells import PARAGRAPH, Choice, Names, Parser, Slug, Text, YesNo
from services.parsing.dates import Day, Moment
from services.parsing.number_parsers import Quantity, WholeNumber


class Need(Enum):
    """When a column must be there. A column that is there and needed has no empty cells."""

    ALWAYS = "always"
    TO_ADD = "to add a new one"
    NEVER = "no"


@dataclass(frozen=True)
class Column:
    """One column of a kind. `if_empty`: what an empty cell says, and its absence for a new record."""

    name: str
    parser: Parser
    about: str
    example: str
    need: Need = Need.NEVER
    if_empty: Any = None


@dataclass(frozen=True)
class Kind:
    """What one file brings in. `key`: the columns that tell one record from another."""

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """The columns' names, in the order of the template."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """Return the column of this name."""
        return next(column for column in self.columns if column.name == name)

    def key_of(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the key of a row, the same as that of its stored record: names count in whatever spelling."""
        return tuple(normalize_name(v) if isinstance(v := row[name], str) else v for name in self.key)

    def completed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return `row` as a new record: the columns that it doesn't have say what an empty cell says."""
        return {column.name: row.get(column.name, column.if_empty) for column in self.columns}

    def lacking(self, row: Mapping[str, Any]) -> list[str]:
        """Return the columns that `row` lacks for becoming a new record (to change an existing one it may)."""
        return [c.name for c in self.columns if c.need is not Need.NEVER and row.get(c.name) is None]


NAME = Text(what="a name")
TITLE = Text(what="a short text")
NOTE = Text(PARAGRAPH)
CODE = Text(PARAGRAPH, "a repository and path")
PERSON = Text(what="a person or team", is_evidence=True)
SOURCE, FALLBACK = Text(what="a short text", is_evidence=True), Text(PARAGRAPH, is_evidence=True)
THEME, OBSERVED = Text(MAX_THEME, "a theme"), Text(MAX_OBSERVED, "a text")
SEVERITY = WholeNumber(1, 5)
FREQUENCY = Choice(("daily", "weekly", "monthly", "rarely"))

SYSTEMS = Kind(
    "systems",
    "The inventory: what is there, whose it is and how much hangs on it.",
    ("name",),
    (
        Column("name", NAME, "What people call it.", "loan-origination", Need.ALWAYS),
        Column("kind", TITLE, "What sort of system it is, in your own words.", "service"),
        Column("owner", PERSON, "The person or team that answers for it.", "Dana Whitfield"),
        Column(
            "criticality", Choice(("low", "medium", "high", "critical")), "What a failure costs.", "critical"
        ),
        Column("technology", TITLE, "What it is built with.", "Java 8, Oracle"),
        Column("lifecycle", Choice(("active", "legacy", "retiring")), "Where it is in its life.", "legacy"),
        Column(
            "standalone", YesNo(), "Yes, if it depends on nothing and nothing on it.", "no", if_empty=False
        ),
        Column("reviewed_on", Day(), "When its owner last confirmed this entry.", "2026-11-20"),
        Column("note", NOTE, "Anything else.", "Batch runs at 02:00"),
        Column("code", CODE, "Where its code lies: repository:path, semicolons between.", "bank:src/loans"),
    ),
)

DEPENDENCIES = Kind(
    "dependencies",
    "Which system needs which. The systems must be in the inventory already.",
    ("from", "to", "kind"),
    (
        Column("from", NAME, "The system that needs the other one.", "loan-origination", Need.ALWAYS),
        Column("to", NAME, "The system that is needed; never the same one.", "credit-bureau", Need.ALWAYS),
        Column(
            "kind",
            Choice(("call", "event", "shared data", "file", "manual")),
            "How the two are connected.",
            "call",
            Need.ALWAYS,
        ),
        Column("note", NOTE, "Anything else.", "Times out after 30 s"),
    ),
)

PAIN_POINTS = Kind(
    "pain_points",
    "What hurts, and in which system.",
    ("system", "title"),
    (
        Column(
            "system", NAME, "The system it is about, as in the inventory.", "loan-origination", Need.ALWAYS
        ),
        Column(
            "title", TITLE, "The pain point in a few words.", "Nightly batch delays decisions", Need.ALWAYS
        ),
        Column("severity", SEVERITY, "1 is a nuisance, 5 stops the work.", "5", Need.TO_ADD),
        Column("frequency", FREQUENCY, "How often it hurts.", "daily", Need.TO_ADD),
        Column("note", NOTE, "Anything else.", "Worst at month end"),
    ),
)

INTERVIEWS = Kind(
    "interviews",
    "The conversations that were held, one row each.",
    ("date", "interviewee"),
    (
        Column("date", Day(), "The day of the interview.", "2026-11-20", Need.ALWAYS),
        Column("interviewee", PERSON, "Who was interviewed.", "Sam Okafor", Need.ALWAYS),
        Column("role", TITLE, "What this person does.", "Underwriter"),
        Column("team", TITLE, "Where this person works.", "Consumer lending"),
        Column(
            "end_user",
            YesNo(),
            "Yes, if this person uses the systems daily; only those count.",
            "yes",
            if_empty=False,
        ),
        Column("interviewer", PERSON, "Who asked.", "Priya Raman"),
        Column("summary", NOTE, "What was learned.", "Waits for the batch before every decision"),
    ),
)

FRICTIONS = Kind(
    "frictions",
    "What was observed in interviews. The interviews must be recorded already.",
    ("date", "interviewee", "theme", "observed"),
    (
        Column("date", Day(), "The day of the interview.", "2026-11-20", Need.ALWAYS),
        Column("interviewee", PERSON, "Who was interviewed.", "Sam Okafor", Need.ALWAYS),
        Column("theme", THEME, "The group it belongs to; use the same words again.", "waiting", Need.ALWAYS),
        Column("observed", OBSERVED, "What was observed.", "Checks the queue every ten minutes", Need.ALWAYS),
        Column("severity", SEVERITY, "1 is a nuisance, 5 stops the work.", "4", Need.TO_ADD),
        Column("frequency", FREQUENCY, "How often it happens.", "daily", Need.TO_ADD),
        Column("system", NAME, "The system it happens in, as in the inventory.", "loan-origination"),
        Column("workflow", NAME, "The workflow it happens in.", "Loan decision"),
    ),
)

WORKFLOWS = Kind(
    "workflows",
    "The end-to-end slices that users work through.",
    ("name",),
    (
        Column("name", NAME, "What people call it.", "Loan decision", Need.ALWAYS),
        Column(
            "state",
            Choice(("candidate", "building", "live", "retired")),
            "How far it is.",
            "live",
            if_empty="candidate",
        ),
        Column("live_on", Day(), "When the first user worked with it.", "2026-11-20"),
        Column(
            "fallback", FALLBACK, "How the work goes on by hand when it fails.", "Decide by phone, form B-12"
        ),
        Column("rehearsed_on", Day(), "When the fallback was last rehearsed.", "2026-11-18"),
        Column(
            "systems", Names(), "The systems it runs over; semicolons between.", "loan-origination; kafka"
        ),
        Column("metric", Slug(), "The short name of the metric that it should move.", "loan-decision-time"),
    ),
)

METRICS = Kind(
    "metrics",
    "What success is measured by. A sheet without short names gets them from the names.",
    ("slug",),
    (
        Column(
            "slug", Slug(), "Its short name, which measurements refer to.", "loan-decision-time", Need.ALWAYS
        ),
        Column("name", NAME, "What people call it.", "Loan decision time", Need.TO_ADD),
        Column("unit", TITLE, "The unit it is told in.", "h", Need.TO_ADD),
        Column("direction", Choice(("higher", "lower")), "Which way is better.", "lower", Need.TO_ADD),
        Column(
            "cadence_days",
            WholeNumber(1, MAX_CADENCE),
            "Days between two measurements.",
            "7",
            if_empty=DEFAULT_CADENCE,
        ),
        Column("owner", PERSON, "Who answers for it.", "Dana Whitfield"),
        Column("source", SOURCE, "Where the numbers come from.", "Decision log"),
        Column("baseline", Quantity(), "Where it stood before; a unit may follow.", "4 h"),
        Column("target", Quantity(), "Where it should get to; a unit may follow.", "90 s"),
        Column("target_day", WholeNumber(1, CYCLE_DAYS), "The day of the plan to get there by.", "90"),
        Column("step_30", Quantity(), "Where it should be on day 30.", "3 h"),
        Column("step_60", Quantity(), "Where it should be on day 60.", "1 h"),
        Column("baseline_until", Day(), "The last day whose measurements are the baseline.", "2026-11-15"),
        Column("counted", NOTE, "What is counted.", "From application to decision"),
        Column("left_out", NOTE, "What is left out.", "Withdrawn applications"),
        Column("statistic", Choice(tuple(STATISTICS)), "What a value is of what it sums up.", "median"),
        Column(
            "scale",
            Choice(tuple(SCALES)),
            "The scale on which it is judged; logit is for percentages.",
            "log",
        ),
        Column("calendar", NOTE, "Which days count.", "Calendar days"),
        Column("query", NOTE, "The query that gives its values.", "select median(hours) from decisions"),
        Column(
            "kind",
            Choice(METRIC_KINDS),
            "What it tells: what comes, or what came.",
            "outcome",
            if_empty=OUTCOME,
        ),
        Column(
            "rules", Choice(tuple(RULE_SETS)), "The rules that judge it.", "wheeler", if_empty=DEFAULT_RULES
        ),
    ),
)

MEASUREMENTS = Kind(
    "measurements",
    "Values of metrics over time. The metrics must be defined already.",
    ("metric", "at"),
    (
        Column("metric", Slug(), "The metric's short name.", "loan-decision-time", Need.ALWAYS),
        Column("at", Moment(), "The day, or day and time, that it holds for.", "2026-11-20", Need.ALWAYS),
        Column("value", Quantity(), "The value; without a unit, in the metric's own.", "3.5", Need.ALWAYS),
        Column("n", WholeNumber(0, MAX_OBSERVATIONS), "How many observations it sums up.", "412"),
        Column("note", NOTE, "Anything else.", "Two days of outage"),
    ),
)

KINDS = {
    kind.name: kind
    for kind in (
        SYSTEMS,
        DEPENDENCIES,
        PAIN_POINTS,
        INTERVIEWS,
        FRICTIONS,
        WORKFLOWS,
        METRICS,
        MEASUREMENTS,
    )
}


def kind_named(name: str) -> Kind:
    """Return the kind of this name. Raises `NotFound` with the names that there are."""
    if kind := KINDS.get(name.strip().lower().replace("-", "_").replace(" ", "_")):
        return kind
    raise NotFound(f"There is no import called {name}. Choose one of {', '.join(KINDS)}.")

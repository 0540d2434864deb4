"""What a file's names mean: systems, workflows, metrics and interviews that are there already."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.engagement import Engagement
from models.interviews import Interview, without_names
from models.names import normalize_name
from services.imports.problems import Problem
from services.parsing.cell import shown


class Names:
    """The names of one table's rows in an engagement, to and from their ids. `what`: "a system in the inventory"."""

    def __init__(
        self, session: Session, engagement: Engagement, column: InstrumentedAttribute[str], what: str
    ):
        table = column.class_
        rows = session.execute(select(table.id, column).where(table.engagement_id == engagement.id))
        self.by_id: dict[int, str] = dict(rows.tuples().all())
        self.ids = {normalize_name(name): row_id for row_id, name in self.by_id.items()}
        self.what = what

    def problem(self, line: int, column: str, name: str) -> Problem | None:
        """Return what is wrong with `name`, where nothing is called so."""
        if normalize_name(name) in self.ids:
            return None
        close = get_close_matches(normalize_name(name), self.ids, 1)
        hint = f"did you mean “{self.by_id[self.ids[close[0]]]}”?" if close else "add it first"
        return Problem(
            line,
            column,
            shown(name),
            self.what,
            f"“{shown(name)}” is not {self.what}; {hint}".removesuffix("."),
        )

    def id_of(self, name: str | None) -> int | None:
        """Return the id of what is called `name`; None of nothing."""
        return None if name is None else self.ids[normalize_name(name)]

    def name_of(self, row_id: int | None) -> str | None:
        """Return the name of that id; None of nothing."""
        return None if row_id is None else self.by_id[row_id]


def interviews_of(session: Session, engagement: Engagement) -> list[Interview]:
    """Return the engagement's interviews, in the order in which they were first written down."""
    query = select(Interview).where(Interview.engagement_id == engagement.id).order_by(Interview.id)
    return list(session.scalars(query))


@dataclass(frozen=True)
class _Hiding:
    """Interviews whose interviewees' names are hidden."""

    interviews: list[Interview]
    hide_interviewees: bool = True


class Hidden:
    """Texts without the names of interviewees: those on record, and those in a file, which may be new."""

    def __init__(self, session: Session, engagement: Engagement, in_file: list[str]):
        new = [Interview(interviewee=name) for name in in_file if name.split()]
        known = interviews_of(session, engagement)
        self._people = _Hiding([*known, *new])

    def __call__(self, text: str) -> str:
        return without_names(self._people, text)

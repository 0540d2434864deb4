"""One engagement's story: its data, its calendar, its people, and the acts that it is told in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from models.base import Part
from models.database import read_connection
from models.engagement import Engagement
from models.people import Actor, Role
from services.plan.templates import YAML_LOADER
from services.sample.calendar import Calendar
from services.sample.people import user_called

VIA = "sample"
ADMINISTRATOR = "administrator"
_FOLDER = Path(__file__).with_name("engagements")


@dataclass(frozen=True)
class Act:
    """What somebody does on a date: a use case that takes its actor and the engagement's slug. `by` is a person's key."""

    on: date
    by: str
    do: Callable[[Actor, str], object]


@dataclass
class Story:
    """`data` is what the engagement's file holds; `users` are ids and names of its people by their keys."""

    data: Mapping[str, Any]
    calendar: Calendar
    users: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return self.data["slug"]

    def rows(self, section: str) -> list[dict[str, Any]]:
        """What the file has under that heading, nothing where it has no such heading."""
        return self.data.get(section, [])

    def day(self, when: str) -> date:
        return self.calendar.date_of(when)

    def by_date(self, section: str, dated: str = "day") -> Iterator[tuple[date, list[dict[str, Any]]]]:
        """The rows of a section that have a date under `dated`, together by that date."""
        rows = [row for row in self.rows(section) if dated in row]
        for on, those in groupby(
            sorted(rows, key=lambda row: self.day(row[dated])), lambda row: self.day(row[dated])
        ):
            yield on, list(those)

    @property
    def lead(self) -> str:
        return self._first(Role.LEAD)

    @property
    def contributor(self) -> str:
        """The first contributor: who asks and writes down."""
        return self._first(Role.CONTRIBUTOR)

    @property
    def engineer(self) -> str:
        """The last contributor: who builds and measures."""
        return self._first(Role.CONTRIBUTOR, reverse=True)

    @property
    def sponsor(self) -> str:
        return self._first(Role.SPONSOR)

    def _first(self, role: Role, *, reverse: bool = False) -> str:
        people = list(self.data["people"].items())
        return next(key for key, person in people[:: -1 if reverse else 1] if person["role"] == role)

    def name_of(self, key: str) -> str:
        return self.users[key][1]

    def actor(self, key: str, at: datetime) -> Actor:
        user_id, name = self.users[key]
        return Actor(name=name, at=at, via=VIA, user_id=user_id)

    def meet(self, administrator: tuple[int, str]) -> None:
        """Make sure that all of its people exist, and know the administrator, who opens the engagement."""
        at = self.calendar.moment(self.calendar.day_1, 0)
        people = {key: person["name"] for key, person in self.data["people"].items()}
        self.users = {key: (user_called(name, at), name) for key, name in people.items()}
        self.users[ADMINISTRATOR] = administrator

    def find_all(self, kind: type[Part], names: Iterable[str]) -> list[int]:
        """The ids of the rows with those names, in their order."""
        return [self.find(kind, name=name) for name in names]

    def find(self, kind: type[Part], *columns: Any, **key: Any) -> Any:
        """The id of this engagement's row with that key (such as name="Score"), or those of its columns."""
        its_id = select(Engagement.id).where(Engagement.slug == self.slug).scalar_subquery()
        query = select(*(columns or [kind.id])).filter_by(**key).where(kind.engagement_id == its_id)
        with read_connection() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise LookupError(f"{self.slug} has no such {kind.__tablename__} yet: {key}")
        return row if columns else row[0]


def stories(now: datetime) -> list[Story]:
    """The stories as they stand at `now`, in the order of their files."""
    found = []
    for file in sorted(_FOLDER.glob("*.yaml")):
        data = yaml.load(file.read_text(encoding="utf-8"), Loader=YAML_LOADER)
        found.append(Story(data, Calendar.of_week(data["week"], data["engagement"]["zone"], now)))
    return found


def without_keys(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A row of a story without what only says when and by whom."""
    return {name: value for name, value in row.items() if name not in names}

"""Who carries out a command."""

from __future__ import annotations

from datetime import UTC, datetime

from models.database import database_url
from models.people import Actor, operator
from services.operations import presence
from services.operations.schema import expect_newest


def the_operator(via: str = "manage.py") -> Actor:
    """Return the operator, now. Raises HeadwayError where the database isn't one that this program can work with."""
    presence.use(database_url())
    expect_newest(database_url())
    return operator(datetime.now(UTC), via=via)

"""The people who can sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.database import engine
from models.people import User

FIRST_EMAIL = "administrator@localhost"


def first_administrator(at: datetime) -> tuple[int, str]:
    """The id and name of the first administrator, who is made where there is nobody yet. Many at once make one."""
    query = select(User.id, User.name).where(User.administrator, User.disabled.is_(False)).order_by(User.id)
    with Session(engine()) as session:
        found = session.execute(query).first()
    if found is None:
        try:
            with Session(engine().execution_options(writes=True)) as session, session.begin():
                session.add(User(email=FIRST_EMAIL, name="Administrator", administrator=True, created_at=at))
        except IntegrityError:
            pass  # Somebody else was first; theirs is the one.
        with Session(engine()) as session:
            found = session.execute(query).first()
    return found.id, found.name

"""The people of the sample. None of them can sign in until an administrator makes them a link."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import write_bind
from models.people import User


def email_of(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@example.com"


def get_or_create_user(name: str, at: datetime) -> int:
    """Return the id of the sample's user of that name, who is added if there is none yet."""
    with Session(write_bind(), join_transaction_mode="create_savepoint") as session, session.begin():
        user_id = session.scalar(select(User.id).where(User.email == email_of(name)))
        if user_id is not None:
            return user_id
        user = User(email=email_of(name), name=name, created_at=at)
        session.add(user)
        session.flush()
        return user.id

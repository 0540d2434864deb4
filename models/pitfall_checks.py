"""The weekly answers to the pitfalls' questions."""

from datetime import date

from sqlalchemy.orm import Mapped

from models.base import Part


class PitfallCheck(Part):
    """Somebody's answer to a pitfall's weekly question: whether it is happening, and the evidence for saying so."""

    __tablename__ = "pitfall_check"

    pitfall: Mapped[str]
    answered_on: Mapped[date]
    happening: Mapped[bool]
    evidence: Mapped[str]
    by: Mapped[str]

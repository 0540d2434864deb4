"""Weekly checks: people's answers to the questions about the pitfalls."""

from datetime import date

from sqlalchemy.orm import Mapped

from models.base import Part


class PitfallCheck(Part):
    """An answer to a pitfall's weekly question: whether it is happening, and the evidence for the answer."""

    __tablename__ = "pitfall_check"

    pitfall: Mapped[str]
    answered_on: Mapped[date]
    happening: Mapped[bool]
    evidence: Mapped[str]
    by: Mapped[str]

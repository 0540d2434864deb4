"""Refusals. Each carries a sentence for the user: what happened, what was kept, what to do."""


class HeadwayError(Exception):
    """A rule was broken; `str(error)` is a sentence for the user. Pages, API and command line each show it once.

    Where one field of what was given is to blame, `field` is its column; `expected` completes "... is not", if known.
    """

    field: str | None = None
    expected: str | None = None


class Invalid(HeadwayError):
    """What was given can't be accepted as it is."""


class NotFound(HeadwayError):
    """No such thing, or not for this person: both are told in the same words."""


class Forbidden(HeadwayError):
    """A member of the engagement, but the role doesn't allow this."""


class Conflict(HeadwayError):
    """Somebody else changed it meanwhile; nothing was saved."""


class AlreadyDone(HeadwayError):
    """The same submission arrived before and was carried out then; nothing was done twice."""


class Refused(HeadwayError):
    """Somebody wasn't let in. The words don't say whether the account exists."""

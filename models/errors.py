"""The errors of the program. Each text is a sentence for the user: what happened, what was saved, what to do."""


class HeadwayError(Exception):
    """What was asked wasn't done. `str(error)` is a sentence for the user; pages, API and command line show it."""


class RuleBroken(HeadwayError):
    """A rule of ours refused it, and would again: the only kind of error that may be shown as what a page has to say.

    If one input field is the cause, `field` is its column, and `expected` completes "... is not" if it is known.
    """

    field: str | None = None
    expected: str | None = None


class Invalid(RuleBroken):
    """The input can't be accepted as it is."""


class NotFound(RuleBroken):
    """It doesn't exist, or this person may not see it: both have the same text."""


class Forbidden(RuleBroken):
    """The person is a member of the engagement, but their role doesn't allow this."""


class Conflict(RuleBroken):
    """Somebody else changed the same data meanwhile; nothing was saved."""


class AlreadyDone(RuleBroken):
    """The same form submission was carried out before; nothing was done twice."""


class Refused(RuleBroken):
    """Sign-in failed. The text doesn't reveal whether the account exists."""


class Unavailable(HeadwayError):
    """The database can't be used at this moment. Nothing was saved; the same may work later.

    `kind` is one word for it, such as "away", "locked" or "full"; `retry_after` is in seconds.
    """

    def __init__(self, text: str, kind: str, retry_after: int = 5) -> None:
        super().__init__(text)
        self.kind = kind
        self.retry_after = retry_after

"""What runs beside the program, or in `manage.py relay`: the relay, hourly notices, and mails that a time causes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.endpoints import MAIL
from models.errors import HeadwayError, Invalid
from models.people import operator
from models.settings import settings
from services.events.leases import lease
from services.events.noticing import notice
from services.events.relay import CHANNELS, Channel, OpenChannel, Relay, now
from services.mail import smtp
from services.mail.mail_channel import MailChannel, add_mail_endpoints
from services.mail.scheduled_mail import send_scheduled
from services.mail.smtp import Mailer
from services.operations.checkpoints import add_checkpoints

NOTICES_EVERY = timedelta(hours=1)
CHECKPOINTS_EVERY = timedelta(minutes=10)
MAIL_EVERY = timedelta(minutes=5)
TICK_SECONDS = 60.0
_log = logging.getLogger(__name__)


def channels() -> dict[str, OpenChannel]:
    """Return the channels of this process: with mail, if it is switched on. Raises Invalid if its settings are wrong."""
    settings = smtp.settings()
    if settings is None:
        return dict(CHANNELS)

    def open_mail(held: object, _: object, at: datetime) -> Channel:
        return MailChannel(held.engagement_id, Mailer(settings))  # type: ignore[attr-defined]

    return CHANNELS | {MAIL: open_mail}


def tick(at: datetime, *, first_notices_after: timedelta = NOTICES_EVERY, notices: bool = True) -> None:
    """Do what is due by time, unless another process does: notices, and scheduled mails."""
    if notices:
        with lease("notice", at, NOTICES_EVERY, first_notices_after) as mine:
            if mine:
                notice(operator(at, via="notice", name="Headway"))
    with lease("checkpoints", at, CHECKPOINTS_EVERY) as mine:
        if mine:
            add_checkpoints()
    settings = smtp.settings()
    if settings is None:
        return
    add_mail_endpoints(at)
    with lease("mail", at, MAIL_EVERY) as mine:
        if mine:
            mailer = Mailer(settings)
            try:
                send_scheduled(mailer, at)
            finally:
                mailer.close()


def run_once(clock: Callable[[], datetime] = now) -> int:
    """Send what is due, by mail as well, and return how many events were delivered. No notices are added."""
    tick_safely(clock, notices=False)
    return Relay(channels(), clock).run(once=True)


def tick_safely(clock: Callable[[], datetime], **given: bool) -> None:
    """Like `tick`; a mail server that is away, or a setting that is wrong, stops nothing else."""
    try:
        tick(clock(), **given)  # type: ignore[arg-type]
    except HeadwayError as refused:
        _log.warning("%s", refused)
    except Exception:
        _log.exception("what was due could not be done")


@dataclass
class Background:
    """The relay and the tasks of this process, in threads of their own."""

    relay: Relay
    clock: Callable[[], datetime] = now
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Run until `stop` is set."""
        self.relay.stop = self.stop
        ticking = threading.Thread(target=self._tick, name="tick", daemon=True)
        ticking.start()
        self.relay.run()
        ticking.join()

    def _tick(self) -> None:
        while not self.stop.is_set():
            tick_safely(self.clock)
            self.stop.wait(TICK_SECONDS)


@contextmanager
def in_background() -> Iterator[None]:
    """Run relay and tasks beside the program, unless HEADWAY_RELAY=0 says that another process does."""
    if settings().HEADWAY_RELAY == "0":
        yield
        return
    try:
        relay = Relay(channels())
    except Invalid as incomplete:
        # Half a setting of mail must not keep people from the program; the page Deliveries says it too.
        _log.warning("%s", incomplete)
        relay = Relay()
    background = Background(relay)
    # A daemon: a delivery that hangs for its 15 seconds doesn't keep the program from ending.
    thread = threading.Thread(target=background.run, name="relay", daemon=True)
    thread.start()
    try:
        yield
    finally:
        background.stop.set()
        thread.join(timeout=2)

"""The relay: takes the journal's acts to every endpoint, each at least once and in order.

One or many relays run, in processes of their own or inside the program. Each claims cursors (cursors.py) and serves
each in a thread, so that a slow endpoint holds up no other one.
"""

from __future__ import annotations

import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

import rfc8785

from models.database import query_connection
from models.endpoints import CHAT, MAX_RETRY_AFTER, STREAM, WEBHOOK, signing_secrets, wait_after
from models.events import Act, as_event, event_id
from services.core.site_url import home_url
from services.events import cursors
from services.events.chat import ChatChannel
from services.events.cursors import Held, LeaseLost
from services.events.delivery_result import DeliveryResult
from services.events.webhook import WebhookChannel
from store.events import acts_after

THREADS = 16
LEASE = timedelta(seconds=60)
IDLE_SECONDS = 1.0
SLICE_SECONDS = 10.0
"""How long one endpoint is served before the next one has its turn."""
SLOW_SECONDS = 0.1
TURN_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Channel(Protocol):
    """A way to one endpoint, open for several events."""

    def send(self, event_id: str, body: bytes, at: datetime) -> DeliveryResult:
        """Deliver an event, given as JSON, and return what came of it."""

    def close(self) -> None:
        """Close the way."""


OpenChannel = Callable[[Held, Act, datetime], Channel]


def open_webhook(held: Held, _: Act, at: datetime) -> Channel:
    """Return the channel of a webhook."""
    return WebhookChannel(held.address, signing_secrets(held.secrets, at))


def open_chat(held: Held, _: Act, at: datetime) -> Channel:
    """Return the channel of a chat."""
    return ChatChannel(held.engagement_id, held.address)


def open_stream(held: Held, _: Act, at: datetime) -> Channel:
    """Return the channel of a message stream."""
    # Imported only where there is one.
    from services.events.stream import StreamChannel

    return StreamChannel(held.address)


CHANNELS: dict[str, OpenChannel] = {WEBHOOK: open_webhook, CHAT: open_chat, STREAM: open_stream}


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Turn:
    """Lets one fast delivery happen at a time, in the order of asking, and each slow one beside it.

    Killed between a delivery and the commit that notes it, a relay repeats that delivery: so many in flight, so many
    repetitions. An endpoint that took longer than `SLOW_SECONDS` needs no turn until it is fast again; whoever takes
    longer than `TURN_SECONDS` loses the turn to the next.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._holder: object | None = None
        self._until = 0.0
        self._slow: set[int] = set()

    @contextmanager
    def of(self, endpoint_id: int) -> Iterator[None]:
        """Wait for the turn of an endpoint, and hold it for the block."""
        if endpoint_id in self._slow:
            yield
            return
        mine = self._take()
        try:
            yield
        finally:
            with self._changed:
                if self._holder is mine:
                    self._holder = None
                    self._changed.notify_all()

    def took(self, endpoint_id: int, seconds: float) -> None:
        """Note how long the receiver took."""
        if seconds > SLOW_SECONDS:
            self._slow.add(endpoint_id)
        else:
            self._slow.discard(endpoint_id)

    def _take(self) -> object:
        mine = object()
        with self._changed:
            self._waiting.append(mine)
            # A lock alone goes to whoever asks again at once: the others would wait until their leases ran out.
            while self._waiting[0] is not mine or (self._holder and self._until > monotonic()):
                self._changed.wait(self._until - monotonic() if self._waiting[0] is mine else None)
            self._waiting.popleft()
            self._holder, self._until = mine, monotonic() + TURN_SECONDS
            self._changed.notify_all()
        return mine


@dataclass
class Relay:
    """A relay of this process: the channel of each kind of endpoint, and its clock."""

    channels: Mapping[str, OpenChannel] = field(default_factory=lambda: dict(CHANNELS))
    clock: Callable[[], datetime] = now
    lease: timedelta = LEASE
    threads: int = THREADS
    stop: threading.Event = field(default_factory=threading.Event)
    _turn: Turn = field(default_factory=Turn)

    def run(self, *, once: bool = False) -> int:
        """Serve the cursors until `stop` is set, or with `once` until nothing is due. Returns how many were delivered."""
        delivered, busy = 0, set[Future[int]]()
        with ThreadPoolExecutor(self.threads, "relay") as pool:
            while not self.stop.is_set():
                held = self._claim() if len(busy) < self.threads else None
                if held is not None:
                    busy.add(pool.submit(self.serve, held))
                elif once and not busy:
                    break
                elif busy:
                    wait(busy, IDLE_SECONDS, FIRST_COMPLETED)
                else:
                    self.stop.wait(IDLE_SECONDS)
                done = {future for future in busy if future.done()}
                busy -= done
                delivered += sum(future.result() for future in done)
        return delivered + sum(future.result() for future in busy)

    def _claim(self) -> Held | None:
        at, kinds = self.clock(), list(self.channels)
        return cursors.claim(at, kinds, self.lease) if cursors.is_due(at, kinds) else None

    def serve(self, held: Held) -> int:
        """Deliver what a cursor has before it, for a while. Returns how many events were delivered."""
        delivered = 0
        try:
            with query_connection() as connection:
                acts = acts_after(connection, held.engagement_id, held.sequence)
            if acts:
                with closing(self.channels[held.kind](held, acts[0], self.clock())) as channel:
                    delivered = self._deliver_all(held, acts, channel)
        except LeaseLost:
            _log.info("endpoint %s is served by another relay", held.endpoint_id)
        except Exception:
            # A bug of ours must not stop the other endpoints. The cursor waits until its lease runs out.
            _log.exception("serving endpoint %s failed", held.endpoint_id)
        else:
            cursors.release(held)
        return delivered

    def _deliver_all(self, held: Held, acts: list[Act], channel: Channel) -> int:
        delivered, passed, ends = 0, held.sequence, monotonic() + SLICE_SECONDS
        for act in acts:
            if self.stop.is_set() or monotonic() > ends:
                break
            if not held.wants(act):
                passed = act.last
                if held.replay_until is not None and passed >= held.replay_until:
                    break
                continue
            with self._turn.of(held.endpoint_id):
                # Whoever waited long must not send what another relay has sent meanwhile.
                cursors.keep(held, self.clock(), self.lease)
                if not self._deliver(held, act, channel):
                    return delivered
            delivered, passed = delivered + 1, held.sequence
            if passed > act.last:  # a replay of a range ended
                break
        if passed > held.sequence:
            cursors.advance(held, passed, self.clock(), self.lease, None)
        return delivered

    def _deliver(self, held: Held, act: Act, channel: Channel) -> bool:
        body: bytes = rfc8785.dumps(as_event(act, home_url()))
        began = monotonic()
        result = channel.send(event_id(act), body, self.clock())
        at, took = self.clock(), monotonic() - began
        self._turn.took(held.endpoint_id, took)
        attempt = cursors.attempt_row(held, act, at, result, took)
        if result.delivered:
            cursors.advance(held, act.last, at, self.lease, attempt)
            return True
        self._give_up_for_now(held, result, at, attempt)
        return False

    def _give_up_for_now(
        self, held: Held, result: DeliveryResult, at: datetime, attempt: dict[str, object]
    ) -> None:
        pause = wait_after(held.attempts + 1, random.random())
        if result.gone or pause is None:
            why = result.text if result.gone else f"Nothing was delivered for three days. {result.text}"
            cursors.switch_off(held, at, why, attempt)
            return
        asked = min(result.retry_after or timedelta(), MAX_RETRY_AFTER)
        cursors.postpone(held, at, at + max(pause, asked), attempt)

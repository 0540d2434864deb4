"""Functions that wait for the database or compute for long, run beside the event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

T = TypeVar("T")


async def in_thread(function: Callable[[], T], limiter: CapacityLimiter | None = None) -> T:
    """Return what `function()` returns, called in a thread, in its turn where a `limiter` is given."""
    return await to_thread.run_sync(function, limiter=limiter)

"""The garbage collector, out of the way of a computation that makes many objects and no circles of them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the collector, which looks through everything that lives each time some ten thousand objects were made.

    For a fraction of a second only: other threads go without it meanwhile. Whoever found it switched on switches it
    on again, so two at a time never leave it off.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

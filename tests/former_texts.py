"""Texts as they were stored before they were normalised on entry: for what has to hold of databases from then."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def stored_as_typed() -> Iterator[None]:
    """Within, services store texts as typed, but for the spaces around them, as they did before migration 0011.

    Names with line breaks and tabs among them, which are refused by now.
    """
    with pytest.MonkeyPatch.context() as patched:
        for place in ("services.core.validation.clean", "services.metrics.definitions.clean"):
            patched.setattr(place, lambda text, max_length: text.strip())
        patched.setattr("services.core.validation._refuse_several_cells", lambda what, text: None)
        patched.setattr("services.imports.applying.clean_name", lambda name: name)
        yield

"""Who looks at a page in AppTest, which has no websocket and so no gate before it.

The session is a real one, in the test's database. Only the way in which a page learns its number is replaced: the
header that AuthMiddleware writes. `become` in a test by monkeypatching `ui.current_user.session_id` again.
"""

from collections.abc import Iterator
from functools import cache
from unittest.mock import patch

import pytest
from streamlit.components.v2 import manifest_scanner

from services.people.accounts import first_administrator
from tests.builders import a_session
from ui import current_user


@pytest.fixture(autouse=True)
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first administrator looks at every page, unless the test says otherwise."""
    begun: list[int] = []

    def session_id() -> int:
        if not begun:
            at = current_user.now()
            begun.append(a_session(first_administrator(at)[0], at)[0])
        return begun[0]

    monkeypatch.setattr(current_user, "session_id", session_id)


@pytest.fixture(autouse=True, scope="package")
def _installed_once() -> Iterator[None]:
    """Every AppTest reads about all installed packages, in search of components; none is installed meanwhile."""
    scan = cache(manifest_scanner.scan_component_manifests)
    with patch.object(manifest_scanner, "scan_component_manifests", scan):
        yield

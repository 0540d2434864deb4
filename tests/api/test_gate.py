"""What reaches the dashboard and the API, and what the gate turns away. Every request goes through the whole program."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.builders import a_session, a_user, an_actor, an_engagement, now
from services import people, sessions

pytestmark = pytest.mark.usefixtures("sqlite_database")
HOME = "http://localhost:8501"
COOKIE = "headway_session_8501"
PAGE = {"accept": "text/html"}

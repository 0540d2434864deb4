"""What reaches the dashboard and the API, and what the gate turns away. Every request goes through the whole program."""


import pytest

pytestmark = pytest.mark.usefixtures("sqlite_database")
HOME = "http://localhost:8501"
COOKIE = "headway_session_8501"
PAGE = {"accept": "text/html"}

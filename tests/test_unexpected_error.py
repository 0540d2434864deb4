"""An error in a page that nobody expected: the person gets a number, and the log has the details under it."""

import json
import logging
import re
import sys

import pytest
from streamlit.testing.v1 import AppTest

from api.request_log import TextFormatter
from models.errors import Unavailable
from tests.browser.server import Server
from tests.page_client import open_page, sign_in
from ui import unexpected_error

NUMBER = r"give whoever runs Headway this number: ([0-9a-f]{16})"
BROKEN = """
import runpy, sys
from ui import undo_bar
def broken(slug):
    raise RuntimeError("a secret of Acme")
undo_bar.show = broken
sys.argv = ["app.py"]
runpy.run_path("app.py", run_name="__main__")
"""


@pytest.mark.fault
def test_a_page_that_fails_shows_the_number_of_its_line_in_the_log(tmp_path):
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/headway.db", "HEADWAY_LOG": "json"}
    with Server(tmp_path / "log", settings, (sys.executable, "-c", BROKEN)) as server:
        with open_page(server.url, sign_in(server)) as page:
            page.run()
            number = page.find(NUMBER)
            assert number is not None, page.text
            assert "secret" not in page.text
            assert "exception" not in {
                message.delta.new_element.WhichOneof("type") for message in page.messages
            }
        printed = [line for line in server.printed_so_far().splitlines() if line.startswith("{")]
    errors = [line for line in map(json.loads, printed) if line["level"] == "error"]
    assert [line["request_id"] for line in errors] == [number], "once"
    assert "RuntimeError: a secret of Acme" in errors[0]["traceback"]


def test_a_refusal_that_nobody_caught_is_shown_as_its_sentence(caplog):
    def script() -> None:
        from models.errors import Unavailable
        from ui import unexpected_error

        unexpected_error.show(Unavailable("The database is away.", "away"))

    shown = AppTest.from_function(script).run()
    assert [error.value for error in shown.error] == [str(Unavailable("The database is away.", "away"))]
    assert not [record for record in caplog.records if record.name == unexpected_error.log.name]


def test_a_line_of_text_carries_the_number_too(caplog):
    def script() -> None:
        from ui import unexpected_error

        unexpected_error.show(RuntimeError("broken"))

    with caplog.at_level(logging.ERROR, unexpected_error.log.name):
        shown = AppTest.from_function(script).run()
    (number,) = re.findall(NUMBER, shown.error[0].value)
    (record,) = [record for record in caplog.records if record.name == unexpected_error.log.name]
    line = TextFormatter().format(record)
    assert line.splitlines()[0].endswith(f"headway.pages: a page failed [{number}]")
    assert "RuntimeError: broken" in line

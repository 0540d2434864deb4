"""The light client sees the end of a run where the full one does, and clicks a real page."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.bench.clicker import is_last, open_clicker
from tests.browser.server import Server
from tests.page_client import open_page, sign_in


def test_only_the_message_that_ends_a_run_is_the_last():
    last = ForwardMsg(hash="some hash", script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
    other = ForwardMsg(hash="some hash")
    other.delta.new_element.html.body = "2\x06" * 200
    other.metadata.delta_path.extend([0, 3, 300])
    assert is_last(last.SerializeToString())
    assert not is_last(other.SerializeToString())
    assert not is_last(b"")


@pytest.mark.usefixtures("sqlite_database")
def test_it_clicks_as_the_full_client_does(tmp_path, sqlite_database):
    with Server(tmp_path / "log", {"DATABASE_URL": sqlite_database}) as server:
        cookies = sign_in(server)
        with open_page(server.url, cookies) as page, open_clicker(server.url, cookies, server.url) as clicker:
            for name in ("portfolio", "guide", "account"):
                page.run(page=name)
                assert clicker.run(page=name) > 0
        with (
            pytest.raises(AssertionError, match="HTTP/1.1"),
            open_clicker(server.url, "", "http://elsewhere"),
        ):
            pass

"""What the middleware reads in Streamlit's messages."""

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ui import streamlit_protocol

FILE = "/media/0123456789abcdef.json"


def test_the_files_that_streamlit_tells_a_page_of_are_found():
    button, answer, page = ForwardMsg(), ForwardMsg(), ForwardMsg()
    button.delta.new_element.download_button.url = FILE
    answer.backend_operation_response.deferred_file.url = FILE
    page.page_config_changed.favicon = FILE
    for message in (button, answer, page):
        assert streamlit_protocol.file_paths(message.SerializeToString()) == {FILE}


def test_what_somebody_typed_is_no_file_of_theirs():
    typed, link = ForwardMsg(), ForwardMsg()
    typed.delta.new_element.markdown.body = FILE
    link.delta.new_element.link_button.url = FILE
    for message in (typed, link):
        assert streamlit_protocol.file_paths(message.SerializeToString()) == set()
    assert streamlit_protocol.file_paths(b"no message of Streamlit's, " + FILE.encode()) == set()

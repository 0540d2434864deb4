"""What the gate has to know of Streamlit's messages."""

from __future__ import annotations

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


def page_id(data: bytes) -> str | None:
    """The id of Streamlit's own session (one a page) in a message to the browser, which brings it at first."""
    message = ForwardMsg()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return None
    if message.WhichOneof("type") != "new_session":
        return None
    return message.new_session.initialize.session_id or None


def asks_by_itself(data: bytes) -> bool:
    """Whether a message of the browser is a timed fragment's: nobody did anything."""
    message = BackMsg()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return False
    return message.WhichOneof("type") == "rerun_script" and message.rerun_script.is_auto_rerun


def leave(address: str) -> bytes:
    """A message that makes the browser open `address`."""
    message = ForwardMsg()
    message.auth_redirect.url = address
    return message.SerializeToString()

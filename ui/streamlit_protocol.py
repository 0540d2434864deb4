"""What the gate has to know of Streamlit's messages."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import DecodeError, Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

MEDIA = "/media/"
# Where Streamlit itself names a file that it keeps. What a person typed stands in none of these.
FILES = {
    ("Audio", "url"), ("DeferredFileResponsePayload", "url"), ("DownloadButton", "url"), ("Favicon", "url"),
    ("Image", "url"), ("Logo", "icon_image"), ("Logo", "image"), ("PageConfig", "favicon"),
    ("SubtitleTrack", "url"), ("Video", "url"),
}  # fmt: skip


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


def files(data: bytes) -> set[str]:
    """The paths of the files that a message tells the browser of: downloads and pictures, which it then asks for."""
    if MEDIA.encode() not in data:
        return set()
    message = ForwardMsg()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return set()
    return {path for path in _files(message) if path.startswith(MEDIA)}


def _files(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if (message.DESCRIPTOR.name, field.name) in FILES:
            yield value
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for part in [value] if isinstance(value, Message) else value:
                yield from _files(part)


def leave(address: str) -> bytes:
    """A message that makes the browser open `address`."""
    message = ForwardMsg()
    message.auth_redirect.url = address
    return message.SerializeToString()

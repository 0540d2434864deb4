"""Streamlit's websocket messages, as far as `AuthMiddleware` has to understand them."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import DecodeError, Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

MEDIA = "/media/"
# The fields in which Streamlit itself names a file that it stores. None of them holds what a person typed.
FILE_FIELDS = {
    ("Audio", "url"), ("DeferredFileResponsePayload", "url"), ("DownloadButton", "url"), ("Favicon", "url"),
    ("Image", "url"), ("Logo", "icon_image"), ("Logo", "image"), ("PageConfig", "favicon"),
    ("SubtitleTrack", "url"), ("Video", "url"),
}  # fmt: skip


def page_id(data: bytes) -> str | None:
    """Return the id of Streamlit's own session (one a page) from a message to the browser; only its first has one."""
    message = _parse(data)
    if message is None or message.WhichOneof("type") != "new_session":
        return None
    return message.new_session.initialize.session_id or None


def is_timed(data: bytes) -> bool:
    """Return whether a message of the browser is a timed fragment's, and not a person's."""
    message = BackMsg()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return False
    return message.WhichOneof("type") == "rerun_script" and message.rerun_script.is_auto_rerun


def file_paths(data: bytes) -> set[str]:
    """Return the paths of the downloads and pictures that a message tells the browser to load."""
    message = _parse(data) if MEDIA.encode() in data else None
    if message is None:
        return set()
    return {path for path in _paths(message) if path.startswith(MEDIA)}


def redirect(address: str) -> bytes:
    """Return a message that makes the browser open `address`."""
    message = ForwardMsg()
    message.auth_redirect.url = address
    return bytes(message.SerializeToString())


def _parse(data: bytes) -> ForwardMsg | None:
    message = ForwardMsg()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return None
    return message


def _paths(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if (message.DESCRIPTOR.name, field.name) in FILE_FIELDS:
            yield value
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for part in [value] if isinstance(value, Message) else value:
                yield from _paths(part)

"""An error in a page that nobody expected: the person gets a number, under which the log has the details."""

from __future__ import annotations

import logging
from secrets import token_hex

import streamlit as st

from models.errors import HeadwayError

SENTENCE = (
    "Something went wrong on this page. What you saved before is safe. Reload the page; if it happens again, give "
    "whoever runs Headway this number: {}"
)
log = logging.getLogger("headway.pages")


def show(failed: Exception) -> bool:
    """Log an error of a page's script, a callback or a fragment, and show its number. Returns True: it is shown.

    A refusal that nobody caught is shown as its sentence. The number is logged as the request's id is.
    """
    if isinstance(failed, HeadwayError):
        st.error(str(failed), icon=":material/error:")
        return True
    request_id = token_hex(8)
    log.error("a page failed", exc_info=failed, extra={"request_id": request_id})
    st.error(SENTENCE.format(request_id), icon=":material/error:")
    return True

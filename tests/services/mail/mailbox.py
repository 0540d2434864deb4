"""A real SMTP server on loopback that keeps what it is sent."""

from __future__ import annotations

import email
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """The mails in the order in which they arrived; addresses in `refused` are refused for good, in `later` for now."""

    mails: list[EmailMessage] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        if address in self.refused:
            return "550 No such user"
        if address in self.later:
            return f"452 The mailbox of <{address}> is full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


def text_of(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


def token_in(mail: EmailMessage) -> str:
    return re.search(r"#(\S+)", text_of(mail)).group(1)


@contextmanager
def mailbox(monkeypatch: pytest.MonkeyPatch, **options: bool) -> Iterator[Mailbox]:
    """Run the server, with aiosmtpd's `options`, and set the program's settings to it."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    monkeypatch.setenv("HEADWAY_SMTP", f"127.0.0.1:{port}")
    monkeypatch.setenv("HEADWAY_MAIL_FROM", "Headway <headway@example.com>")
    try:
        yield box
    finally:
        controller.stop()

"""Sending mail by SMTP. Without `HEADWAY_SMTP` there is no mail, and everything else works as it does with it."""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address

from models.errors import Invalid
from models.settings import settings as all_settings
from reports.mail.letter import Letter, as_html, as_text

SECONDS = 15
# Of 78 the library may put the whole of a subject on a second line: some inboxes show it with a space before it.
_POLICY = default.clone(max_line_length=400)
IMPLICIT_TLS = 465
DEFAULT_PORT = 587


@dataclass(frozen=True)
class SmtpSettings:
    """The four settings: HEADWAY_SMTP (host:port), HEADWAY_SMTP_USER, HEADWAY_SMTP_PASSWORD, HEADWAY_MAIL_FROM."""

    host: str
    port: int
    user: str
    password: str
    sender: str


def settings() -> SmtpSettings | None:
    """Return the settings, or None if mail is switched off. Raises Invalid if they are incomplete."""
    from_environment = all_settings()
    server = from_environment.HEADWAY_SMTP.strip()
    if not server:
        return None
    host, _, port = server.rpartition(":") if ":" in server else (server, "", str(DEFAULT_PORT))
    sender = from_environment.HEADWAY_MAIL_FROM.strip()
    if not port.isdigit() or "@" not in parseaddr(sender)[1]:
        raise Invalid(
            "Mail needs HEADWAY_SMTP as host:port and HEADWAY_MAIL_FROM as an e-mail address. Nothing is mailed."
        )
    password = from_environment.HEADWAY_SMTP_PASSWORD.get_secret_value()
    return SmtpSettings(host, int(port), from_environment.HEADWAY_SMTP_USER, password, sender)


def why_off() -> str:
    """Return the sentence that says why no mail is sent; empty if mail is switched on."""
    try:
        return "" if settings() else "Mail is switched off: set HEADWAY_SMTP and HEADWAY_MAIL_FROM."
    except Invalid as incomplete:
        return str(incomplete)


@dataclass(frozen=True)
class Attachment:
    """A file that is sent with a mail, such as `application/pdf`."""

    name: str
    media_type: str
    data: bytes


def message(
    settings: SmtpSettings,
    to: str,
    letter: Letter,
    key: str,
    at: datetime,
    attachment: Attachment | None = None,
) -> EmailMessage:
    """Return the mail. Its Message-ID follows from `key`: sent twice, it is recognised as the same."""
    mail = EmailMessage(policy=_POLICY)
    # A line's end in a header would begin another header; `email` refuses it.
    mail["Subject"] = " ".join(letter.subject.split())
    mail["From"], mail["To"] = settings.sender, to
    if letter.reply_to:
        mail["Reply-To"] = letter.reply_to
    mail["Date"] = format_datetime(at)
    domain = parseaddr(settings.sender)[1].rpartition("@")[2]
    mail["Message-ID"] = f"<{key.replace(' ', '.')}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe:
        mail["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = (
            "List-Unsubscribe=One-Click"  # RFC 8058: the mail program's own button
        )
    mail.set_content(as_text(letter))
    mail.add_alternative(as_html(letter), subtype="html")
    if attachment is not None:
        kind, _, subtype = attachment.media_type.partition("/")
        mail.add_attachment(attachment.data, maintype=kind, subtype=subtype, filename=attachment.name)
    return mail


class Refused(Exception):
    """The server refuses this mail for good, such as to an address that doesn't exist."""


class Postponed(smtplib.SMTPException):
    """The server refuses this mail for now, such as to a mailbox that is full; it may take those to others."""


class Mailer:
    """A connection to the SMTP server, opened with the first mail."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings
        self.refusals: list[str] = []
        """The server's answers to mails that won't be tried again."""
        self._server: smtplib.SMTP | None = None

    def send(self, mail: EmailMessage) -> None:
        """Send a mail. Raises Refused if it is refused for good, Postponed if it is for now, and OSError or another
        SMTPException if the server takes none."""
        server = self._connected()
        try:
            server.send_message(mail)
        except smtplib.SMTPNotSupportedError as refused:
            # An address such as "tomás@example.com", and a server that can't send to one (RFC 6531).
            raise Refused(str(refused)) from refused
        except smtplib.SMTPRecipientsRefused as refused:
            raise _refusal(*next(iter(refused.recipients.values())), refused) from refused
        except smtplib.SMTPDataError as refused:
            raise _refusal(refused.smtp_code, refused.smtp_error, refused) from refused

    def expect_accepted(self, address: str) -> None:
        """Ask the server whether it takes a mail to this address, without sending one. Raises as `send` does."""
        server = self._connected()
        server.ehlo_or_helo_if_needed()
        server.mail(parseaddr(self.settings.sender)[1])
        code, text = server.rcpt(address)
        server.rset()
        if code >= 400:
            raise _refusal(code, text, smtplib.SMTPResponseException(code, text))

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            self._server = self._connect()
        return self._server

    def _connect(self) -> smtplib.SMTP:
        given, tls = self.settings, ssl.create_default_context()
        if given.port == IMPLICIT_TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(given.host, given.port, timeout=SECONDS, context=tls)
        else:
            server = smtplib.SMTP(given.host, given.port, timeout=SECONDS)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=tls)
            elif not _is_loopback(given.host):
                server.close()
                raise OSError("the mail server offers no TLS, so nothing is sent to it")
        if given.user:
            server.login(given.user, given.password)
        return server


def _refusal(code: int, text: bytes | str, given: smtplib.SMTPException) -> Exception:
    """Return what the server's answer to one mail means; `given` if it is about more than this mail."""
    answer = text.decode(errors="replace") if isinstance(text, bytes) else text
    if code >= 500:
        return Refused(without_addresses(f"{code} {answer}"))
    # 421: the server ends the connection (RFC 5321, 4.2.2).
    return given if code == 421 else Postponed(without_addresses(f"{code} {answer}"))


def without_addresses(text: str) -> str:
    """Return a server's answer, shortened, without the address in it: it is stored, and shown to others."""
    return re.sub(r"<?[^\s<>@']+@[^\s<>@']+>?", "an address", text)[:200]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""Messages by e-mail, over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from crmsync.alerts.message import Message
from crmsync.alerts.taking import SOCKET_SECONDS, NotTaken
from crmsync.settings import Channel, EmailChannel


def post_mail(channel: Channel, message: Message) -> str | None:
    """Hand it to the server; gives what is to be seen to where only some addresses have it.

    Raises `NotTaken` where none has: to those that have it nothing is sent a second time.
    """
    mail = channel.settings
    assert isinstance(mail, EmailChannel)
    written = mail_of(mail, message)
    try:
        server = _opened(mail)
        with _ending(server):
            if mail.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if mail.user is not None:
                server.login(mail.user, channel.secrets["password"])
            refused = server.send_message(written, mail.sender, list(mail.to))
    except smtplib.SMTPAuthenticationError as error:
        raise NotTaken(f"the mail server refuses user or password ({error.smtp_code})") from None
    except smtplib.SMTPRecipientsRefused as error:
        code = next((code for code, _ in error.recipients.values()), 0)
        raise NotTaken(f"the mail server refuses every address in `to` ({code})") from None
    except smtplib.SMTPResponseException as error:
        raise NotTaken(f"the mail server answers {error.smtp_code}") from None
    except smtplib.SMTPNotSupportedError:
        raise NotTaken("the mail server does not offer what `security` or `user` ask for") from None
    except smtplib.SMTPServerDisconnected:
        raise NotTaken("the mail server broke off") from None
    return f"the mail server refuses {len(refused)} of {len(mail.to)} addresses in `to`" if refused else None


class _ending:  # noqa: N801 - reads as a verb where it stands
    """Says goodbye whatever happened; who does not hear it has nothing to say about the mail."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        with suppress(OSError, smtplib.SMTPException):
            self._server.quit()
        self._server.close()


def _opened(mail: EmailChannel) -> smtplib.SMTP:
    if mail.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=SOCKET_SECONDS, context=context)
    return smtplib.SMTP(mail.host, mail.port, timeout=SOCKET_SECONDS)


def mail_of(mail: EmailChannel, message: Message) -> EmailMessage:
    """As it travels: marked as made by a program, so that no holiday note answers it."""
    written = EmailMessage()
    written["Subject"] = message.subject
    written["From"] = mail.sender
    written["To"] = ", ".join(mail.to)
    written["Date"] = format_datetime(message.at)
    written["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
    written["Auto-Submitted"] = "auto-generated"
    written.set_content(message.text + "\n")
    return written

"""Messages to real local servers: what they get, and what is said where they do not take it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crmsync.alerts import sending
from crmsync.alerts.message import Message, message_of, trial_message
from crmsync.alerts.sending import send
from crmsync.alerts.taking import NotTaken
from crmsync.languages.known import LANGUAGES
from crmsync.languages.tongues import tongue_of
from crmsync.settings import Channel, EmailChannel, SlackChannel, WebhookChannel
from crmsync.store import DueAlert, StoredAlert
from crmsync.tongue import ENGLISH
from suite.receivers import Hook, mail_server, web_hook

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
SINCE = datetime(2026, 11, 28, 9, tzinfo=UTC)
SECRET = "very-secret-part"


def due(kind: str = "run_partial", state: Any = "new", number: int = 1, connection: str = "crm") -> DueAlert:
    command = f"crmsync run {connection} --dry-run"
    return DueAlert(StoredAlert(connection, kind, number, command, SINCE, None, {}), state)


MESSAGE = message_of([due("guard", "over"), due(number=3), due("lag", "again", 90)], ENGLISH, NOW)


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_hook() as made:
        yield made


def webhook(hook: Hook, **secrets: str) -> Channel:
    return Channel("pager", WebhookChannel(by="webhook"), {"url": hook.address, **secrets})


def test_a_webhook_gets_it_all_as_json(hook: Hook) -> None:
    assert send(webhook(hook, token="t0ken"), MESSAGE) is None
    [(path, headers, body)] = hook.got
    assert path == f"/hook/{SECRET}"
    assert headers["Authorization"] == "Bearer t0ken"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert body["subject"] == "crmsync: 2 things need a person (crm)"
    assert body["text"].splitlines() == [
        "crm: 3 records were set aside or not written → crmsync run crm --dry-run",
        "crm: the CRM was read last 90 minutes ago (since 2026-11-28 09:00 UTC) → crmsync run crm --dry-run",
        "crm: over: a guard stopped the last run: too much would change",
    ]
    assert (body["format"], body["source"], body["at"]) == (1, "crmsync", "2026-11-29T09:00:00+00:00")
    assert body["alerts"][0] == {
        "key": "crm/run_partial/2026-11-28T09:00:00+00:00",
        "connection": "crm",
        "kind": "run_partial",
        "state": "new",
        "number": 3,
        "command": "crmsync run crm --dry-run",
        "since": "2026-11-28T09:00:00+00:00",
    }
    assert [each["state"] for each in body["alerts"]] == ["new", "again", "over"]


def test_without_a_token_none_is_sent(hook: Hook) -> None:
    send(webhook(hook), MESSAGE)
    assert "Authorization" not in hook.got[0][1]


def test_slack_gets_text_and_nothing_that_it_would_take_for_more(hook: Hook) -> None:
    told = Message("a & <b>", (("x < y", "crmsync status c"), ("over", None)), (), NOW)
    send(Channel("ops", SlackChannel(by="slack"), {"url": hook.address}), told)
    assert hook.bodies == [{"text": "*a &amp; &lt;b&gt;*\nx &lt; y → `crmsync status c`\nover"}]


@pytest.mark.parametrize(("status", "wish", "seconds"), [(500, "", None), (429, "90", 90), (503, "9999999", 3600)])
def test_what_is_not_taken_is_told_without_the_secret(
    hook: Hook, status: int, wish: str, seconds: float | None
) -> None:
    hook.status, hook.headers = status, {"Retry-After": wish} if wish else {}
    with pytest.raises(NotTaken) as raised:
        send(webhook(hook), MESSAGE)
    assert (raised.value.words, raised.value.after_seconds) == (f"it answers {status}", seconds)
    assert SECRET not in repr(raised.value)


@pytest.mark.parametrize("status", [302, 307])
def test_nobody_is_led_elsewhere(hook: Hook, status: int) -> None:
    with web_hook() as other:
        hook.status, hook.headers = status, {"Location": other.address}
        with pytest.raises(NotTaken, match=f"it answers {status}"):
            send(webhook(hook, token="t0ken"), MESSAGE)
        assert other.got == []


def test_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)  # a proxy would be asked for the second
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for address, words in (
        (f"http://127.0.0.1:{port}/{SECRET}", "the connection was refused"),
        (f"https://nowhere.invalid/{SECRET}", "its name is not found"),
    ):
        with pytest.raises(NotTaken) as raised:
            send(Channel("pager", WebhookChannel(by="webhook"), {"url": address}), MESSAGE)
        assert raised.value.words == words


def test_what_answers_is_no_web_server() -> None:
    with mail_server() as box, pytest.raises(NotTaken) as raised:
        url = f"http://127.0.0.1:{box.port}/{SECRET}"
        send(Channel("pager", WebhookChannel(by="webhook"), {"url": url}), MESSAGE)
    assert raised.value.words == "it answers something that is no HTTP"


def test_a_receiver_that_does_not_end_its_answer_is_not_waited_for(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    hook.before = lambda: over.wait(60) and None
    monkeypatch.setattr(sending, "LONGEST_SECONDS", 0.2)
    began = time.monotonic()
    with pytest.raises(NotTaken, match="no whole answer within 0 s"):
        send(webhook(hook), MESSAGE)
    assert time.monotonic() - began < 30
    over.set()


def mail(port: int, **other: Any) -> EmailChannel:
    given = {"by": "email", "server": f"127.0.0.1:{port}", "security": "none", "from": "crmsync@acme.example"}
    return EmailChannel.model_validate({**given, "to": ["ops@acme.example", "boss@acme.example"], **other})


def test_a_mail_arrives() -> None:
    told = message_of([due("run_partial", number=3)], tongue_of("de"), NOW)
    with mail_server() as box:
        assert send(Channel("mail", mail(box.port)), told) is None
    [written] = box.mails
    assert box.envelopes == [("crmsync@acme.example", ["ops@acme.example", "boss@acme.example"])]
    assert written["Subject"] == "crmsync: 1 Sache braucht einen Menschen (crm)"
    assert written["Auto-Submitted"] == "auto-generated"
    assert written["Message-ID"].endswith("@acme.example>")
    assert written["Date"].datetime == NOW
    text = written.get_content().replace("\r\n", "\n")
    assert text == ("crm: 3 Datensätze wurden zurückgestellt oder nicht geschrieben → crmsync run crm --dry-run\n")


def test_a_mail_that_some_are_refused_is_not_sent_twice_to_the_others() -> None:
    with mail_server(refuses={"boss@acme.example"}) as box:
        told = send(Channel("mail", mail(box.port)), MESSAGE)
    assert told == "the mail server refuses 1 of 2 addresses in `to`"
    assert len(box.mails) == 1


def test_a_mail_that_all_are_refused_is_not_taken() -> None:
    with mail_server(refuses={"boss@acme.example", "ops@acme.example"}) as box, pytest.raises(NotTaken) as raised:
        send(Channel("mail", mail(box.port)), MESSAGE)
    assert raised.value.words == "the mail server refuses every address in `to` (550)"


@pytest.mark.parametrize(("password", "words"), [("right", None), ("wrong", "refuses user or password (535)")])
def test_the_mail_server_asks_who_it_is(password: str, words: str | None) -> None:
    with mail_server(password="right") as box:
        channel = Channel("mail", mail(box.port, user="robot"), {"password": password})
        if words is None:
            assert send(channel, MESSAGE) is None
            return
        with pytest.raises(NotTaken) as raised:
            send(channel, MESSAGE)
    assert words in raised.value.words
    assert password not in raised.value.words


def test_a_server_without_starttls_gets_neither_password_nor_mail() -> None:
    with mail_server(password="right") as box, pytest.raises(NotTaken) as raised:
        send(Channel("mail", mail(box.port, security="starttls", user="robot"), {"password": "right"}), MESSAGE)
    assert raised.value.words == "the mail server does not offer what `security` or `user` ask for"
    assert box.mails == []


def test_an_encrypted_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a certificate that this machine trusts; else nothing is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = certificate_of(tmp_path)
    context.load_cert_chain(certificate)
    with mail_server(tls=context) as box:
        channel = Channel("mail", mail(box.port, security="starttls", server=f"localhost:{box.port}"))
        with pytest.raises(NotTaken, match="its certificate is not trusted by this machine"):
            send(channel, MESSAGE)
        assert box.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert send(channel, MESSAGE) is None
    assert box.secured == [True]


def certificate_of(folder: Path) -> Path:
    """One for `localhost`, signed by itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2999, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trial_is_told_in_each_language_and_shaped_like_any_other(language: Any, hook: Hook) -> None:
    send(webhook(hook), trial_message("pager", tongue_of(language), NOW))
    [body] = hook.bodies
    assert "pager" in body["text"]
    assert [each["state"] for each in body["alerts"]] == ["test"]


def test_what_is_over_alone_is_told_as_such() -> None:
    told = message_of([due("guard", "over"), due("lag", "over")], ENGLISH, NOW)
    assert told.subject == "crmsync: 2 things are over"
    assert "→" not in told.text

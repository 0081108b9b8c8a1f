"""Local servers that take messages as others do: a web hook, and a mail server. What they got is looked at."""

from __future__ import annotations

import base64
import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Hook:
    """A web hook. `status`: what it answers. `before`: called before it answers. `got`: (path, headers, body)."""

    address: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None
    got: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    @property
    def bodies(self) -> list[Any]:
        """Of all requests."""
        return [body for _, _, body in self.got]

    @property
    def events(self) -> list[tuple[str, str, str]]:
        """(connection, kind, state) of each alert in turn."""
        return [(each["connection"], each["kind"], each["state"]) for body in self.bodies for each in body["alerts"]]


@contextmanager
def web_hook() -> Iterator[Hook]:
    """On a free port of this machine."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.got.append((self.path, dict(self.headers), json.loads(body)))
            hook.before()
            self.send_response(hook.status)
            for name, value in hook.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hook.address = f"http://127.0.0.1:{server.server_port}/hook/very-secret-part"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Mailbox:
    """A mail server. `refuses`: addresses that it takes no mail for. `password`: of the user `robot`.

    `tls`: with a certificate of this context. `secured`: for each mail, whether it came encrypted.
    """

    port: int = 0
    refuses: set[str] = field(default_factory=set)
    password: str | None = None
    tls: ssl.SSLContext | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)


class _Conversation(socketserver.StreamRequestHandler):
    """SMTP as RFC 5321 has it, as much of it as a client of one mail needs."""

    mailbox: Mailbox

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.secure, self.known = False, self.mailbox.password is None
        self.sender, self.to = "", list[str]()
        self.say("220 post.example")
        while line := self.rfile.readline():
            word, _, rest = line.decode().strip().partition(" ")
            if word.upper() == "QUIT":
                self.say("221 bye")
                return
            getattr(self, f"on_{word.lower()}", self.on_other)(rest)

    def on_other(self, _rest: str) -> None:
        self.say("502 not known here")

    def on_ehlo(self, _rest: str) -> None:
        offers = ["post.example"]
        if self.mailbox.tls and not self.secure:
            offers.append("STARTTLS")
        if self.mailbox.password is not None:
            offers.append("AUTH PLAIN")
        for each in offers[:-1]:
            self.say(f"250-{each}")
        self.say(f"250 {offers[-1]}")

    def on_starttls(self, _rest: str) -> None:
        assert self.mailbox.tls
        self.say("220 go on")
        self.request = self.mailbox.tls.wrap_socket(self.request, server_side=True)
        self.secure = True
        self.setup()

    def on_auth(self, rest: str) -> None:
        given = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
        self.known = given == ["", "robot", self.mailbox.password]
        self.say("235 welcome" if self.known else "535 no")

    def on_mail(self, rest: str) -> None:
        self.sender, self.to = rest[rest.index("<") + 1 : rest.index(">")], []
        self.say("250 ok" if self.known else "530 sign in first")

    def on_rcpt(self, rest: str) -> None:
        address = rest[rest.index("<") + 1 : rest.index(">")]
        if address in self.mailbox.refuses:
            self.say(f"550 {address} is unknown")
        else:
            self.to.append(address)
            self.say("250 ok")

    def on_rset(self, _rest: str) -> None:
        self.say("250 ok")

    def on_data(self, _rest: str) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mailbox.mails.append(mail)
        self.mailbox.envelopes.append((self.sender, self.to))
        self.mailbox.secured.append(self.secure)
        self.say("250 taken")


@contextmanager
def mail_server(**settings: Any) -> Iterator[Mailbox]:
    """On a free port of this machine."""
    box = Mailbox(**settings)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that breaks off is none of the server's business."""

    server = Server(("127.0.0.1", 0), type("Conversation", (_Conversation,), {"mailbox": box}))
    box.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()

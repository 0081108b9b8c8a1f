"""What every request to Salesforce goes through, whoever builds it: simple-salesforce or the sign-in."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError

from crmsync.sdk import (
    AnswerTooLarge,
    bound_answers,
    call_span,
    close_pools,
    heard_date,
    scrubbed,
    secrets_of,
    sound_json,
    whole_body,
)
from crmsync_salesforce.settings import LOOPBACK, SalesforceSettings

_LIMIT = re.compile(r"(?:^|;\s*)api-usage=(\d+)/(\d+)")


_LIMIT_CODE = b"REQUEST_LIMIT_EXCEEDED"
"""What a call is refused with that is one too many, at once or in 24 hours; with status 403 or 503."""


class TooLarge(requests.RequestException):
    """An answer has more bytes than the settings allow."""


SALESFORCE_DOMAINS = ("salesforce.com", "force.com", "salesforce.mil", "cloudforce.com", "sfcrmproducts.cn")
"""Where an org's instances are. Source: Salesforce Help, "My Domain URL Formats", "Hyperforce in China"."""


_HTTPS_PORT = 443


class LeadsElsewhere(requests.exceptions.InvalidURL):
    """A request would take the credentials to a host that is not the org's: an address in an answer led there."""


class Adapter(HTTPAdapter):
    """Sets limits of time and size, guards header and scheme, mends texts, and reads what answers tell besides.

    simple-salesforce sets no limits, always builds https addresses, guesses at the encoding of an answer with a
    broken text, and keeps response headers to itself. Nothing is retried here.
    """

    def __init__(self, settings: SalesforceSettings) -> None:
        self.calls = 0
        self.refused = 0
        self.calls_left: int | None = None
        self.daily_call_limit: int | None = None
        self.answered_at: datetime | None = None
        self.heard: float | None = None
        self.dates_unreadable = 0
        self.headers: Mapping[str, str] = {}
        self.page = False
        self._loopback = settings.loopback
        self._timeout = (settings.connect_timeout_seconds, settings.timeout_seconds)
        self._largest_bytes = settings.largest_answer_megabytes * 1_000_000
        self._write_headers = settings.write_headers
        self._secrets = secrets_of(settings)
        self._origins = {_origin(settings.url)}
        super().__init__(max_retries=0)

    def trust(self, address: str) -> bool:
        """Let credentials travel to this instance of the org too, if it is Salesforce's; whether they may."""
        host, port = _origin(address)
        ours = port is None and any(host.endswith(f".{domain}") for domain in SALESFORCE_DOMAINS)
        trusted = (host, port) in self._origins or ours or (self._loopback and host in LOOPBACK)
        if trusted:
            self._origins.add((host, port))
        return trusted

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send one request, count it, and read its answer whole. `page`: whether that looks like HTML."""
        self.headers, self.page = {}, False
        if _origin(request.url or "") not in self._origins:
            raise LeadsElsewhere(request=request)
        options["stream"] = True
        options["timeout"] = options.get("timeout") or self._timeout
        request.headers.pop("X-PrettyPrint", None)  # the client asks for it always; bodies are smaller without
        if request.method not in {"GET", "HEAD"}:
            request.headers.update(self._write_headers)
        if self._loopback:
            request.url = _plain(request.url or "")
            options["proxies"] = {}
        self.calls += 1
        try:
            with call_span(request.method or "GET", request.url or "") as answered:
                response = super().send(request, *args, **options)
                answered(response.status_code)
                self._listen(response.headers)
                body = whole_body(response.raw, largest_bytes=self._largest_bytes)
        except AnswerTooLarge:
            raise TooLarge(request=request) from None
        except ReadTimeoutError as error:
            raise requests.ReadTimeout(error, request=request) from error
        except (HTTPError, OSError) as error:
            if isinstance(error, requests.RequestException):
                raise
            raise requests.exceptions.ChunkedEncodingError(error, request=request) from error
        if not response.ok:
            self.refused += response.status_code == HTTPStatus.TOO_MANY_REQUESTS or _LIMIT_CODE in body
            body = scrubbed(body, self._secrets | _sent_secrets(request))
        self._keep(response, body)
        return response

    def close(self) -> None:
        """Close all connections."""
        for pools in (self.poolmanager, *self.proxy_manager.values()):
            close_pools(pools)
        super().close()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """As requests does it, with answers that end."""
        super().init_poolmanager(*args, **options)
        self._bound(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """As requests does it (once for each proxy), with answers that end."""
        known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **options)
        if not known:
            self._bound(manager)
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """As requests does it, but a bundle of certificates that is not there is a matter of TLS, not a crash."""
        try:
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]  # requests is untyped there
        except requests.RequestException:
            raise
        except OSError as error:
            raise requests.exceptions.SSLError("no certificates to trust") from error

    def _bound(self, pools: Any) -> None:
        bound_answers(pools, seconds=self._timeout[1], largest_bytes=self._largest_bytes)

    def _keep(self, response: requests.Response, body: bytes) -> None:
        """Give the response its body, JSON with its texts mended. requests has no public way to do so."""
        start = body.removeprefix(BOM_UTF8).lstrip()[:1]
        self.page = start == b"<"
        if start in {b"{", b"["}:
            body = sound_json(body)
            response.encoding = "utf-8"
        response._content = body
        response._content_consumed = True  # type: ignore[attr-defined]  # it is set there, but not declared

    def _listen(self, headers: Mapping[str, str]) -> None:
        self.headers = headers
        if limit := _LIMIT.search(headers.get("Sforce-Limit-Info", "")):
            self.daily_call_limit = int(limit[2])
            self.calls_left = max(self.daily_call_limit - int(limit[1]), 0)
        told, heard = heard_date(headers.get("Date"))
        if told is None:  # the earlier answer's date stands; it is only ever too early, which is safe
            self.dates_unreadable += "Date" in headers
        else:
            self.answered_at = told
            self.heard = heard


def session_for(settings: SalesforceSettings) -> tuple[requests.Session, Adapter]:
    """A session that speaks https (plain http only when the org is on this machine), and its adapter."""
    session, adapter = requests.Session(), Adapter(settings)
    session.adapters.clear()
    session.mount("https://", adapter)
    if settings.loopback:
        session.mount("http://", adapter)
        session.trust_env = False
    session.max_redirects = 0  # a redirected PATCH would arrive as a GET
    session.auth = _leave_as_it_is  # else requests lets an entry of ~/.netrc replace the access token
    return session, adapter


def _leave_as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _sent_secrets(request: requests.PreparedRequest) -> set[str]:
    """What was secret in the request: the access token, and the values of a sign-in's form."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    form = parse_qs(request.body) if isinstance(request.body, str) and "grant_type=" in request.body else {}
    public = {"grant_type", "client_id", "username"}
    return {token, *(value for name, values in form.items() if name not in public for value in values)}


def _origin(url: str) -> tuple[str, int | None]:
    """Host and port; no port for the one that https stands for. Nothing is trusted of what is no address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", -1
    return parts.hostname or "", None if port == _HTTPS_PORT else port


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine."""
    return _origin(url)[0] in LOOPBACK


def _plain(url: str) -> str:
    parts = urlsplit(url)
    if parts.hostname not in LOOPBACK:
        raise requests.exceptions.InvalidSchema("plain http leaves this machine")
    return urlunsplit(("http", parts.netloc, parts.path, parts.query, ""))

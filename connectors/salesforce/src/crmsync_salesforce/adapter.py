"""What every request to Salesforce goes through, whoever builds it: simple-salesforce or the sign-in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from crmsync_salesforce.settings import LOOPBACK, SalesforceSettings

_LIMIT = re.compile(r"(?:^|;\s*)api-usage=(\d+)/(\d+)")


class Adapter(HTTPAdapter):
    """Sets time limits, guards header and scheme, and reads what answers tell besides their body.

    simple-salesforce sets no time limits, always builds https addresses and keeps response headers to itself.
    Nothing is retried here.
    """

    def __init__(self, settings: SalesforceSettings) -> None:
        self.calls = 0
        self.calls_left: int | None = None
        self.daily_call_limit: int | None = None
        self.answered_at: datetime | None = None
        self.headers: Mapping[str, str] = {}
        self._loopback = settings.loopback
        self._timeout = (settings.connect_timeout_seconds, settings.timeout_seconds)
        super().__init__(max_retries=0)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send one request and count it."""
        self.headers = {}
        options["timeout"] = options.get("timeout") or self._timeout
        request.headers.pop("X-PrettyPrint", None)  # the client asks for it always; bodies are smaller without
        if request.method not in {"GET", "HEAD"}:
            # Absent means TRUE: assignment rules would hand the lead to somebody else.
            request.headers["Sforce-Auto-Assign"] = "FALSE"
        if self._loopback:
            request.url = _plain(request.url or "")
            options["proxies"] = {}
        self.calls += 1
        response = super().send(request, *args, **options)
        self._listen(response.headers)
        return response

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """As requests does it, but a bundle of certificates that is not there is a matter of TLS, not a crash."""
        try:
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]  # requests is untyped there
        except requests.RequestException:
            raise
        except OSError as error:
            raise requests.exceptions.SSLError("no certificates to trust") from error

    def _listen(self, headers: Mapping[str, str]) -> None:
        self.headers = headers
        if limit := _LIMIT.search(headers.get("Sforce-Limit-Info", "")):
            self.daily_call_limit = int(limit[2])
            self.calls_left = max(self.daily_call_limit - int(limit[1]), 0)
        try:
            self.answered_at = parsedate_to_datetime(headers.get("Date", "")).astimezone(UTC)
        except (TypeError, ValueError):
            return  # the earlier answer's date stands; it is only ever too early, which is safe


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


def _plain(url: str) -> str:
    parts = urlsplit(url)
    if parts.hostname not in LOOPBACK:
        raise requests.exceptions.InvalidSchema("plain http leaves this machine")
    return urlunsplit(("http", parts.netloc, parts.path, parts.query, ""))

"""What an unhappy answer of Salesforce means. Keyed on `errorCode`; the HTTP status only advises.

Source: REST API Developer Guide, "Status Codes and Error Responses".
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError

from crmsync.errors import CrmsyncError
from crmsync.sdk import AnswerLost, CrmUnreachable, RunStopped, TryAgain, redacted

ADDRESS_HINT = "check `url` of the connection and https://status.salesforce.com"

# 406 and 420 come without a body from the edge while an org moves or wakes up.
_PASSING_STATUS = {406, 408, 420, 429, 503}
_PASSING_CODES = {"SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG"}
_HINTS = {
    "API_DISABLED_FOR_ORG": "give the user the permission API Enabled; the org's edition must include the API",
    "API_CURRENTLY_DISABLED": "give the user the permission API Enabled; the org's edition must include the API",
    "OPERATION_TOO_LARGE": "give the user that crmsync signs in as the permission View All Data",
    "INSUFFICIENT_ACCESS": "give the user that crmsync signs in as access to this object in a permission set",
    "INVALID_TYPE": "give the user that crmsync signs in as access to this object in a permission set",
    "INVALID_FIELD": "mend the name in the mapping, or give the user Read access to the field (field-level security)",
    "HTTP 404": "check `url` and `api_version` of the connection: this org knows no such address",
}
_FORBIDDEN_HINT = (
    "give the user that crmsync signs in as API Enabled and access to this object in a permission set; "
    "`crmsync check` shows what else is missing"
)
_REFUSED_HINT = "give the user that crmsync signs in as the missing permission, or mend the mapping"


class SessionExpired(Exception):
    """The access token is no longer accepted."""


class Refusal(RunStopped):
    """Salesforce understood and said no. `code` is its errorCode, or `HTTP <status>` when it gave none.

    `status` is the HTTP status, `text` Salesforce's message, redacted.
    """

    def __init__(self, status: int, code: str, text: str, what: str) -> None:
        forbidden = status == HTTPStatus.FORBIDDEN
        words = f"Salesforce forbids this connection's user {what}" if forbidden else f"Salesforce refused {what}"
        hint = _HINTS.get(code, _FORBIDDEN_HINT if forbidden else _REFUSED_HINT)
        super().__init__(f"{words}: {code}" + (f": {text}" if text else ""), hint=hint)
        self.status = status
        self.code = code
        self.text = text

    @property
    def may_be_of_one_record(self) -> bool:
        """Whether one bad record of a call may be why all of it was refused."""
        return self.status == HTTPStatus.BAD_REQUEST


def from_answer(status: int, content: object, headers: Mapping[str, str], what: str) -> Exception:
    """The exception for an answer with an error status.

    `content` is the parsed body, or its text; a list of objects with errorCode and message when it comes from
    the API, HTML when it comes from a server before it.
    """
    code, text = _code_and_text(content)
    if code == "INVALID_SESSION_ID" or status == HTTPStatus.UNAUTHORIZED:
        return SessionExpired()
    if code == "REQUEST_LIMIT_EXCEEDED" and "TotalRequests" in text:
        return RunStopped(
            "Salesforce's limit of API calls within 24 hours is used up",
            hint="wait until calls are free again (they return hour by hour), or ask Salesforce for more",
        )
    busy = status == HTTPStatus.TOO_MANY_REQUESTS or (not code and status in _PASSING_STATUS)
    if busy or code == "REQUEST_LIMIT_EXCEEDED" or code in _PASSING_CODES:
        return TryAgain(
            f"Salesforce is busy ({code or f'HTTP {status}'})", after_seconds=retry_after(headers), hint=ADDRESS_HINT
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # The server may have failed after the work was done.
        return AnswerLost(
            f"Salesforce has trouble ({code or f'HTTP {status}'})",
            after_seconds=retry_after(headers),
            hint=ADDRESS_HINT,
        )
    return Refusal(status, code or f"HTTP {status}", redacted(text) if code else "", what)


def from_connection(error: requests.RequestException) -> CrmsyncError:
    """The exception for a request that brought no whole answer."""
    if isinstance(error, requests.exceptions.SSLError):
        return CrmUnreachable(
            "the connection to Salesforce is not safe: its certificate was not accepted",
            hint="check `url`, this machine's clock and its certificates (REQUESTS_CA_BUNDLE)",
        )
    if isinstance(error, requests.TooManyRedirects):
        return CrmUnreachable(
            "Salesforce sends this address elsewhere", hint="put the org's My Domain address into `url`"
        )
    if isinstance(error, requests.exceptions.InvalidSchema):
        return CrmUnreachable("crmsync speaks to Salesforce over https only", hint=ADDRESS_HINT)
    if never_sent := _no_connection(error):
        return never_sent
    if isinstance(error, requests.Timeout):
        return AnswerLost("Salesforce did not answer in time", hint=ADDRESS_HINT)
    return AnswerLost("the connection to Salesforce broke off", hint=ADDRESS_HINT)


def _no_connection(error: requests.RequestException) -> TryAgain | None:
    """The exception when no connection was made, so that nothing was sent; null when one was."""
    if isinstance(error, requests.exceptions.ProxyError):
        return TryAgain(
            "the proxy between this machine and Salesforce lets no connection through",
            hint="check HTTPS_PROXY and NO_PROXY in the environment, and the proxy's own sign-in",
        )
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(reason, NameResolutionError):
        return TryAgain(
            "Salesforce cannot be reached: no host of the name in `url` is known",
            hint="compare `url` with the org's My Domain address (Setup → My Domain), and check this machine's DNS",
        )
    if isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError):
        return TryAgain("Salesforce cannot be reached: no connection could be opened", hint=ADDRESS_HINT)
    return None


def passing(status: int) -> bool:
    """Whether an answer with this status, and nothing more to go by, is worth another try."""
    return status in _PASSING_STATUS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The CRM's wish in seconds. Salesforce documents no date form for it."""
    try:
        return float(headers.get("Retry-After", ""))
    except ValueError:
        return None


def _code_and_text(content: object) -> tuple[str, str]:
    """Code and message of the first error in an API body; empty for any other body."""
    first = content[0] if isinstance(content, list) and content else content
    if not isinstance(first, Mapping):
        return "", ""
    return str(first.get("errorCode") or ""), str(first.get("message") or "")

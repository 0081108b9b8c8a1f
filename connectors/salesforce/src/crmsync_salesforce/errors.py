"""What an unhappy answer of Salesforce means. Keyed on `errorCode`; the HTTP status only advises.

Source: REST API Developer Guide, "Status Codes and Error Responses".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError

from crmsync.errors import CrmsyncError
from crmsync.sdk import (
    AnswerLost,
    CrmUnreachable,
    Meaning,
    RunStopped,
    TryAgain,
    crm_code,
    crm_words,
    meaning_of,
    wished_seconds,
)
from crmsync_salesforce.adapter import LeadsElsewhere, TooLarge
from crmsync_salesforce.codes import CALLS, WRITTEN_BY_ADMINS

_NAMING = frozenset({"INVALID_FIELD", "INVALID_TYPE", "MALFORMED_QUERY"})
"""Codes whose words name parts of the query between quotes."""

HIDDEN = {"INVALID_FIELD", "INVALID_TYPE"}
"""What a query is refused with that names something the user may not see."""

ADDRESS_HINT = "check `url` of the connection and https://status.salesforce.com"
GATEWAY_HINT = (
    "Salesforce's API answers with a code, so no permission is missing: let the firewall, proxy or web filter "
    "between this machine and Salesforce pass the address in `url`"
)
_FORBIDDEN_HINT = (
    "give the user that crmsync signs in as API Enabled and access to this object in a permission set; "
    "`crmsync check` shows what else is missing"
)
_REFUSED_HINT = "mend what Salesforce names, and run again; if it comes back, report it with this message"


class SessionExpired(Exception):
    """The access token is no longer accepted."""


class Refusal(RunStopped):
    """Salesforce understood and said no. `code` is its errorCode, or `HTTP <status>` when it gave none.

    `status` is the HTTP status, `text` what may be told of Salesforce's message, or what the code means.
    """

    def __init__(self, status: int, code: str, text: str, what: str, meaning: Meaning | None = None) -> None:
        forbidden = status == HTTPStatus.FORBIDDEN
        words = f"Salesforce forbids this connection's user {what}" if forbidden else f"Salesforce refused {what}"
        usual = _FORBIDDEN_HINT if forbidden else _REFUSED_HINT
        super().__init__(f"{words}: {code}" + (f": {text}" if text else ""), hint=(meaning and meaning.hint) or usual)
        self.status = status
        self.code = code
        self.text = text
        self._deed = meaning.deed if meaning else "split" if status == HTTPStatus.BAD_REQUEST else "stopped"

    @property
    def may_be_of_one_record(self) -> bool:
        """Whether one bad record of a call may be why all of it was refused."""
        return self._deed == "split"


def from_answer(
    status: int, content: object, headers: Mapping[str, str], what: str, of: Sequence[str] = ()
) -> Exception:
    """The exception for an answer with an error status, by the table of codes.

    `content` is the parsed body, or its text; a list of objects with errorCode and message when it comes from
    the API, HTML when it comes from a server before it. `of`: values of the records concerned, not to be told.
    """
    told, text = _code_and_text(content)
    code = told or f"HTTP {status}"
    meaning = meaning_of(CALLS, code, text)
    deed = meaning.deed if meaning else None
    if deed == "signed in again" or status == HTTPStatus.UNAUTHORIZED:
        return SessionExpired()
    if deed == "tried again" or status == HTTPStatus.TOO_MANY_REQUESTS:
        return passing_fault(TryAgain, f"Salesforce is busy ({code})", headers)
    if deed == "looked up" or (deed is None and status >= HTTPStatus.INTERNAL_SERVER_ERROR):
        # The server may have failed after the work was done.
        return passing_fault(AnswerLost, f"Salesforce has trouble ({code})", headers)
    if meaning is None and not told and status >= HTTPStatus.BAD_REQUEST:  # the API always gives a code
        return page_instead(f"{what} ({code})", headers)
    if meaning and meaning.code == "REQUEST_LIMIT_EXCEEDED":
        return RunStopped("Salesforce's limit of API calls within 24 hours is used up", hint=meaning.hint)
    return Refusal(status, code, _words(code, text, meaning, of) if told else "", what, meaning)


def passing_fault(kind: type[TryAgain], words: str, headers: Mapping[str, str], hint: str = ADDRESS_HINT) -> TryAgain:
    """The exception for a fault that is tried again, with the CRM's own wish."""
    wish = wished_seconds(headers.get("Retry-After"), date=headers.get("Date"))
    return kind(words, after_seconds=wish, hint=hint)


def page_instead(what: str, headers: Mapping[str, str]) -> TryAgain:
    """The exception for a page where an answer was due. `what`: as above, with the status."""
    words = f"a server between this machine and Salesforce answered {what} in words of its own"
    return passing_fault(TryAgain, words, headers, GATEWAY_HINT)


def is_page(content: object) -> bool:
    """Whether a body is a page for people, or nothing at all."""
    return isinstance(content, str) and (not content.strip() or content.lstrip().startswith("<"))


_FINAL: tuple[tuple[type[Exception], str, str], ...] = (
    (
        TooLarge,
        "an answer of Salesforce is larger than this connection reads",
        "look for a server in between that sends something else; if records are that large, raise "
        "`largest_answer_megabytes` or lower `page_size` in the connection's options",
    ),
    (
        LeadsElsewhere,
        "an address in an answer of Salesforce leads to another host; crmsync takes no credentials there",
        "look for a server in between that changes answers, and check `url`",
    ),
    (
        requests.exceptions.SSLError,
        "the connection to Salesforce is not safe: its certificate was not accepted",
        "check `url`, this machine's clock and its certificates (REQUESTS_CA_BUNDLE)",
    ),
    (
        requests.TooManyRedirects,
        "Salesforce sends this address elsewhere",
        "put the org's My Domain address into `url`",
    ),
    (requests.exceptions.InvalidSchema, "crmsync speaks to Salesforce over https only", ADDRESS_HINT),
)
"""What the same request would bring again: kind, words, hint."""


def from_connection(error: requests.RequestException) -> CrmsyncError:
    """The exception for a request that brought no whole answer."""
    for kind, words, hint in _FINAL:
        if isinstance(error, kind):
            return CrmUnreachable(words, hint=hint)
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
    meaning = meaning_of(CALLS, f"HTTP {status}")
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or (meaning is not None and meaning.deed == "tried again")


def _words(code: str, text: str, meaning: Meaning | None, of: Sequence[str]) -> str:
    """What the code means; Salesforce's words, as far as they may be told, where that does not say it."""
    if meaning is not None and code not in WRITTEN_BY_ADMINS | _NAMING:
        return meaning.why
    named = re.findall(r"'(\w{1,80})'", text) if code in _NAMING else ()
    return crm_words(text, of=of, keep=named) or (meaning.why if meaning else "")


def _code_and_text(content: object) -> tuple[str, str]:
    """Code and message of the first error in an API body; empty for any other body."""
    first = content[0] if isinstance(content, list) and content else content
    if not isinstance(first, Mapping):
        return "", ""
    told = first.get("errorCode")
    code = crm_code(told) or ("an unreadable code" if told else "")
    return code, str(first.get("message") or "")

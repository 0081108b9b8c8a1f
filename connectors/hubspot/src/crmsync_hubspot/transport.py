"""One request to HubSpot: paced, signed, counted, within its time limit, and made again after passing faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

from urllib3 import exceptions as http

from crmsync.sdk import (
    AnswerLost,
    AnswerTooLarge,
    CrmClock,
    CrmUnreachable,
    OutcomeUncertain,
    Pace,
    Pacer,
    RetryPolicy,
    SignInRefused,
    Tally,
    TryAgain,
    Usage,
    call_with_retries,
    decoded_json,
    heard_date,
    replace,
    scrubbed,
    secrets_of,
)
from crmsync_hubspot.client import ClientApis, HttpFault, WholeAnswer
from crmsync_hubspot.errors import fault_of, is_page, page_instead
from crmsync_hubspot.instants import server_time
from crmsync_hubspot.settings import HubSpotSettings
from crmsync_hubspot.sign_in import Credentials, GivenToken, RefreshedToken

Bucket = Literal["general", "search"]
Call = Callable[[Any], WholeAnswer]
"""Makes one call through the client's root with `_preload_content=False` and returns its whole answer."""

_ADDRESS_HINT = "check the connection's `url`, the network, and HubSpot's status page"


@dataclass(frozen=True, slots=True)
class Answer:
    """A success. `body`: decoded JSON; `headers`: names in lower case."""

    body: Any
    headers: Mapping[str, str]


class Transport:
    """Sends calls for one connection. Used by one thread."""

    def __init__(self, settings: HubSpotSettings) -> None:
        self._settings = settings
        self._apis = ClientApis(settings)
        self._secrets = set(secrets_of(settings))
        self._policy = RetryPolicy(
            attempts=settings.attempts,
            longest_wait_seconds=settings.longest_wait_seconds,
            total_seconds=settings.retry_total_seconds,
        )
        # Searches have a limit of their own and do not count against that of all other calls.
        self._pacer = Pacer(
            {
                "general": Pace(settings.calls_per_10_seconds, 10.0),
                "search": Pace(settings.searches_per_second, 1.0),
            }
        )
        self._credentials: Credentials = (
            GivenToken(settings.access_token.get_secret_value().strip())
            if settings.access_token
            else RefreshedToken(settings, self._exchange, self._renewal)
        )
        self._tally = Tally()
        self._calls = 0
        self._calls_left: int | None = None
        self._daily_call_limit: int | None = None
        self.answered_at: datetime | None = None
        self.clock = CrmClock()

    def send(
        self,
        doing: str,
        call: Call,
        *,
        bucket: Bucket = "general",
        idempotent: bool = True,
        of: Sequence[str] = (),
    ) -> Answer:
        """Call until HubSpot answers. `doing`: words for messages, e.g. `list contacts`.

        `idempotent=False`: a lost answer ends it with `OutcomeUncertain`. `of`: values of the records concerned; no
        message may hold them. A 401 is answered by one renewal of the token, a second one is final. Raises what
        `errors.fault_of` says, and `CrmUnreachable`.
        """
        renewed = False

        def attempt() -> Answer:
            nonlocal renewed
            self._use_token()
            try:
                return self._once(doing, call, bucket, of)
            except SignInRefused:
                if renewed:
                    raise
            renewed = True
            self._credentials.renew()
            self._use_token()
            return self._once(doing, call, bucket, of)

        return call_with_retries(attempt, self._policy, idempotent=idempotent, tally=self._tally)

    def retried(self, function: Callable[[], None]) -> None:
        """Call `function` again while it raises `TryAgain`, as long as the settings allow."""
        call_with_retries(function, self._policy, tally=self._tally)

    def usage(self) -> Usage:
        """Calls made, and what HubSpot last said is left of the day (it tells none for OAuth apps)."""
        tally = self._tally
        return Usage(
            self._calls,
            self._calls_left,
            self._daily_call_limit,
            retries=tally.retries,
            refused=tally.refused,
            waited_seconds=tally.waited_seconds,
        )

    def close(self) -> None:
        """Close all connections."""
        self._apis.close()

    def _use_token(self) -> None:
        token = self._credentials.token()
        self._secrets.add(token)
        self._apis.use_token(token)

    def _exchange(self, form: dict[str, str]) -> Any:
        """The OAuth token endpoint's answer to this form. Unsigned."""
        self._secrets.add(form["refresh_token"])  # the login host may have replaced the one of the settings
        self._apis.use_token(None)
        return self._once(
            "renew the OAuth token",
            lambda root: root.oauth.tokens_api.create(**form, _preload_content=False),
            "general",
        ).body

    def _renewal(self, renew: Callable[[], None]) -> None:
        """Renew until there is an answer; a lost one may be asked for again."""
        try:
            self.retried(renew)
        except OutcomeUncertain as error:
            # Lost was the answer to the renewal, not to the call that waits for it.
            raise CrmUnreachable(error.message, hint=error.hint) from error

    def _once(self, doing: str, call: Call, bucket: Bucket, of: Sequence[str] = ()) -> Answer:
        self._tally.waited_seconds += self._pacer.wait(bucket)
        self._calls += 1
        try:
            answer = call(self._apis.root)
        except HttpFault as fault:
            self._note(fault.headers)
            self._listen(fault.headers)
            self._tally.refused += fault.status == HTTPStatus.TOO_MANY_REQUESTS
            if fault.status == 0:
                raise _unsafe_connection() from None
            body = scrubbed(fault.body, self._secrets)
            raise fault_of(doing, fault.status, fault.headers, body, of) from None
        except AnswerTooLarge:
            raise _too_large(doing) from None
        except (http.HTTPError, OSError) as error:
            raise _lost(doing, error) from None
        self._note(answer.headers)
        self.answered_at = server_time(answer.headers)
        self._listen(answer.headers)
        if is_page(answer.body):
            raise page_instead(AnswerLost, doing, answer.status, answer.headers)
        try:
            decoded = decoded_json(answer.body)
        except ValueError:
            raise AnswerLost(f"HubSpot's answer to {doing} is not readable JSON", hint=_ADDRESS_HINT) from None
        if not isinstance(decoded, dict):
            raise AnswerLost(f"HubSpot's answer to {doing} is no JSON object", hint=_ADDRESS_HINT)
        return Answer(decoded, answer.headers)

    def _listen(self, headers: Mapping[str, str]) -> None:
        """Remember what the answer says of the time."""
        if told := headers.get("date"):
            at, heard = heard_date(told)
            known = self.clock
            self.clock = (
                CrmClock(at, known.unreadable, heard) if at else replace(known, unreadable=known.unreadable + 1)
            )

    def _note(self, headers: Mapping[str, str]) -> None:
        """Remember the day's calls, all and left; search answers carry no such headers."""
        left, limit = (headers.get(f"x-hubspot-ratelimit-daily{part}", "") for part in ("-remaining", ""))
        if left.isdigit():
            self._calls_left = int(left)
        if limit.isdigit():
            self._daily_call_limit = int(limit)


def _lost(doing: str, error: Exception) -> Exception:
    """The exception for a call without a whole answer. Only the kind of the socket's fault is told."""
    cause = error.reason if isinstance(error, http.MaxRetryError) and error.reason else error
    if isinstance(cause, http.SSLError):
        return _unsafe_connection()
    if isinstance(cause, http.ProxyError):
        return TryAgain(
            "the proxy between this machine and HubSpot lets no connection through",
            hint="check HTTPS_PROXY and NO_PROXY in the environment, and the proxy's own sign-in",
        )
    if isinstance(cause, http.NameResolutionError):
        return TryAgain(
            "HubSpot cannot be reached: no host of the name in `url` is known",
            hint="check the connection's `url` (usually none is needed) and this machine's DNS",
        )
    if isinstance(cause, http.NewConnectionError | http.ConnectTimeoutError):
        return TryAgain("HubSpot cannot be reached: no connection could be opened", hint=_ADDRESS_HINT)
    if isinstance(cause, http.TimeoutError):
        return AnswerLost(f"HubSpot did not answer in time when asked to {doing}", hint=_ADDRESS_HINT)
    return AnswerLost(f"the connection broke while HubSpot was asked to {doing}", hint=_ADDRESS_HINT)


def _unsafe_connection() -> CrmUnreachable:
    return CrmUnreachable(
        "no safe (TLS) connection to HubSpot could be made",
        hint="check the connection's `url`, this machine's clock and its trusted certificates",
    )


def _too_large(doing: str) -> CrmUnreachable:
    return CrmUnreachable(
        f"HubSpot's answer is larger than this connection reads when asked to {doing}",
        hint="look for a server in between that sends something else; if records are that large, raise "
        "`largest_answer_megabytes` in the connection's options",
    )

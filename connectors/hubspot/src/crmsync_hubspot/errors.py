"""What HubSpot's refusals mean for a run.

Sources: HubSpot's error-handling and usage guidelines, and error bodies seen in public issues. Every field of an
error body is optional; gateways answer with HTML.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from crmsync.sdk import AnswerLost, CrmUnreachable, RunStopped, SignInRefused, TryAgain, UsageError, redacted

_NOT_DONE = frozenset({503, 521, 522, 523})
"""The request did not reach HubSpot's application: overloaded, down or unreachable behind its gateway."""

_STATUS_PAGE = "see HubSpot's status page, then run again; what was read is kept"


class HubSpotRefused(RunStopped):
    """HubSpot read the request and said no (400, 404, 409, 413, 414 …). `detail` is the error body, or empty."""

    def __init__(self, doing: str, status: int, detail: Mapping[str, Any]) -> None:
        self.status = status
        self.detail = detail
        super().__init__(
            f"HubSpot refused to {doing} ({status}): {words(detail) or 'no reason given'}",
            hint="check that the connection's `url` is HubSpot's (usually none is needed)"
            if status == 404 and not detail
            else "run again; if it comes back, report it with this message",
        )


def fault_of(doing: str, status: int, headers: Mapping[str, str], body: bytes) -> Exception:
    """The exception for an answer that is no success. `doing`: what was tried, e.g. `search contacts`."""
    detail = _detail(body)
    wish = _seconds(headers.get("retry-after"))
    if status == 429:
        return _rate_limited(detail, wish)
    if status == 423:
        return TryAgain(f"HubSpot had locked the records while it was asked to {doing}", after_seconds=wish or 2.0)
    if status in _NOT_DONE:
        return TryAgain(f"HubSpot was too busy to {doing} ({status})", after_seconds=wish, hint=_STATUS_PAGE)
    if status >= 500 and status not in {525, 526, 530}:
        return AnswerLost(f"HubSpot failed to {doing} ({status})", after_seconds=wish, hint=_STATUS_PAGE)
    return _final(doing, status, detail, wish)


def _final(doing: str, status: int, detail: Mapping[str, Any], wish: float | None) -> Exception:
    """Refusals that no waiting within this run mends."""
    if status in {401, 530}:
        return SignInRefused(
            f"HubSpot refused the credentials ({_word(detail.get('category')) or status})",
            hint="check the connection's access token (or client id, secret and refresh token); "
            "it may be revoked, rotated or expired",
        )
    if status == 403:
        return _forbidden(doing, detail)
    if status == 477:
        when = f" in {round(wish / 60)} minutes" if wish else " later"
        return RunStopped(
            "HubSpot is moving this account to another data centre and takes no calls (477)",
            hint=f"run again{when}; what was read is kept",
        )
    if status in {525, 526}:
        return CrmUnreachable(f"HubSpot's gateway could not make a safe connection ({status})", hint=_STATUS_PAGE)
    if status < 400:
        return CrmUnreachable(
            f"the address answered with an unexpected {status}", hint="check the connection's `url`"
        )
    return HubSpotRefused(doing, status, detail)


def _rate_limited(detail: Mapping[str, Any], wish: float | None) -> Exception:
    """429, by the policy that was hit: the day's calls are used up, or 10 s or 1 s of too many calls."""
    policy = _word(detail.get("policyName"))
    message = _word(detail.get("message"))
    if policy == "DAILY" or "daily limit" in message:
        return RunStopped(
            "HubSpot's daily limit of calls is reached",
            hint="run again after midnight in the account's time zone, or have the limit raised; "
            "what was read is kept",
        )
    searching = policy == "SECONDLY" or message == "You have reached your secondly limit."
    return TryAgain(
        f"HubSpot's rate limit was reached ({policy or 'policy not told'})",
        after_seconds=wish if wish is not None else 1.0 if searching else 10.0,
        hint="lower `searches_per_second`" if searching else "lower `calls_per_10_seconds`",
    )


def _forbidden(doing: str, detail: Mapping[str, Any]) -> Exception:
    scopes = sorted(_scopes(detail))
    if scopes:
        return UsageError(
            f"HubSpot lets this token not {doing}: it lacks the scope {' or '.join(scopes)}",
            hint="grant the scope to the service key, private app or OAuth app, then run again",
        )
    return UsageError(
        f"HubSpot lets this token not {doing}: {words(detail) or 'no reason given'}",
        hint="grant the token's owner the permission, then run again",
    )


def _scopes(detail: Mapping[str, Any]) -> set[str]:
    contexts = [error.get("context") for error in _mappings(detail.get("errors"))] + [detail.get("context")]
    return {
        str(scope)
        for context in contexts
        if isinstance(context, Mapping)
        for key, scopes in context.items()
        if "scope" in str(key).lower() and isinstance(scopes, list)
        for scope in scopes
    }


def words(detail: Mapping[str, Any], *, keep: Collection[str] = ()) -> str:
    """HubSpot's own words, freed of personal data. Property faults come as JSON inside the message's text.

    `keep`: ids and written values that are no phone numbers.
    """
    message = _word(detail.get("message"))
    head, bracket, rest = message.partition("[")
    found: list[str] = []
    if bracket:
        try:
            found = [_word(problem.get("message")) for problem in _mappings(json.loads(bracket + rest))]
        except ValueError:
            found = []
    if any(found):
        return redacted(f"{head.strip()} {'; '.join(filter(None, found))}", keep=keep)
    nested = [_word(error.get("message")) for error in _mappings(detail.get("errors"))]
    return redacted("; ".join(part for part in [message, *nested] if part), keep=keep)


def _detail(body: bytes) -> dict[str, Any]:
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _seconds(text: str | None) -> float | None:
    try:
        return max(float(text), 0.0) if text else None
    except ValueError:
        return None

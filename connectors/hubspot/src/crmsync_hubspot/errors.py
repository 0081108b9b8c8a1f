"""What HubSpot's refusals mean for a run.

Sources: HubSpot's error-handling and usage guidelines, and error bodies seen in public issues. Every field of an
error body is optional; gateways answer with HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from crmsync.sdk import (
    AnswerLost,
    CrmUnreachable,
    Meaning,
    RunStopped,
    SignInRefused,
    TryAgain,
    UsageError,
    decoded_json,
    meaning_of,
    redacted,
    wished_seconds,
)
from crmsync_hubspot.codes import CALLS

_STATUS_PAGE = "see HubSpot's status page, then run again; what was read is kept"
_GATEWAY_HINT = (
    "HubSpot's API answers with JSON, so no permission is missing: let the firewall, proxy or web filter between "
    "this machine and HubSpot pass the address in `url`"
)
_LOCKED_SECONDS = 2.0
_LONGEST_MESSAGE = 100_000
_GATEWAYS = {400, 403, 405, 415}
"""Statuses that a server in between may give in words of its own, though HubSpot gives them, too."""
_OWN_WORDS = {"message", "category", "errors", "correlationId", "status"}
"""What HubSpot's bodies hold, one or the other."""


class HubSpotRefused(RunStopped):
    """HubSpot read the request and said no (400, 404, 409, 413, 414 …). `detail` is the error body, or empty."""

    def __init__(self, doing: str, status: int, detail: Mapping[str, Any]) -> None:
        self.status = status
        self.detail = detail
        meaning = _meaning(status, detail)
        nowhere = status == 404 and not detail
        super().__init__(
            f"HubSpot refused to {doing} ({status}): {words(detail) or 'no reason given'}",
            hint="check that the connection's `url` is HubSpot's (usually none is needed)"
            if nowhere
            else (meaning and meaning.hint) or "run again; if it comes back, report it with this message",
        )


def of_one_record(refused: HubSpotRefused) -> bool:
    """Whether one bad record of a call may be why all of it was refused."""
    meaning = meaning_of(CALLS, f"HTTP {refused.status}")
    return meaning is not None and meaning.deed == "split"


def _meaning(status: int, detail: Mapping[str, Any]) -> Meaning | None:
    """The table's entry for the policy or the category that the body names, else for the status."""
    keys = (_word(detail.get("policyName")), _word(detail.get("category")), f"HTTP {status}")
    return next((found for key in keys if key and (found := meaning_of(CALLS, key))), None)


def is_page(body: bytes) -> bool:
    """Whether a body is a page for people."""
    return body.lstrip().startswith(b"<")


def page_instead(kind: type[TryAgain], doing: str, status: int, headers: Mapping[str, str]) -> TryAgain:
    """The exception for a page where HubSpot's answer was due."""
    return kind(
        f"a server between this machine and HubSpot answered in words of its own ({status}) when asked to {doing}",
        after_seconds=wished_seconds(headers.get("retry-after"), date=headers.get("date")),
        hint=_GATEWAY_HINT,
    )


def fault_of(doing: str, status: int, headers: Mapping[str, str], body: bytes) -> Exception:
    """The exception for an answer that is no success. `doing`: what was tried, e.g. `search contacts`."""
    detail = _detail(body)
    wish = wished_seconds(headers.get("retry-after"), date=headers.get("date"))
    meaning = _meaning(status, detail)
    deed = meaning.deed if meaning else "looked up" if status >= 500 else "stopped"
    if status == 429:
        return _rate_limited(detail, wish)
    if status == 423:
        return TryAgain(
            f"HubSpot had locked the records while it was asked to {doing}",
            after_seconds=wish,
            usual_seconds=_LOCKED_SECONDS,
        )
    if deed == "tried again":
        return TryAgain(f"HubSpot was too busy to {doing} ({status})", after_seconds=wish, hint=_STATUS_PAGE)
    if deed == "looked up":
        return AnswerLost(f"HubSpot failed to {doing} ({status})", after_seconds=wish, hint=_STATUS_PAGE)
    if status in _GATEWAYS and not detail.keys() & _OWN_WORDS:
        return page_instead(TryAgain, doing, status, headers)
    return _final(doing, status, detail, wish)


def _final(doing: str, status: int, detail: Mapping[str, Any], wish: float | None) -> Exception:
    """Refusals that no waiting within this run mends."""
    meaning = _meaning(status, detail)
    if meaning and meaning.deed == "signed in again":
        return SignInRefused(
            f"HubSpot refused the credentials ({_word(detail.get('category')) or status})", hint=meaning.hint
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
        daily = meaning_of(CALLS, "DAILY")
        return RunStopped("HubSpot's daily limit of calls is reached", hint=daily.hint if daily else None)
    searching = policy == "SECONDLY" or message == "You have reached your secondly limit."
    busy = meaning_of(CALLS, "SECONDLY" if searching else "TEN_SECONDLY_ROLLING")
    return TryAgain(
        f"HubSpot's rate limit was reached ({policy or 'policy not told'})",
        after_seconds=wish,
        usual_seconds=1.0 if searching else 10.0,
        hint=busy.hint if busy else None,
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


_QUOTED = re.compile(r"""(?P<left>["“‘]|(?<!\w)')(?P<inner>[^"“”‘’']*)(?P<right>["”’]|'(?!\w))""")
_PROPERTY_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+|lifecyclestage|hs[a-z]+")
_VALUE = re.compile(r"\bvalue=[^,}\]]*")


def words(detail: Mapping[str, Any], *, keep: Collection[str] = ()) -> str:
    """HubSpot's own words, freed of personal data. Property faults come as JSON inside the message's text.

    `keep`: ids and written values that are no phone numbers.
    """
    keep = {*keep, *_named(detail)}
    message = _word(detail.get("message"))
    head, bracket, rest = message[:_LONGEST_MESSAGE].partition("[")
    found: list[str] = []
    if bracket:
        try:
            found = [_word(problem.get("message")) for problem in _mappings(json.loads(bracket + rest))]
        except (ValueError, RecursionError):
            found = []
    if any(found):
        return redacted(_without_values(f"{head.strip()} {'; '.join(filter(None, found))}", keep), keep=keep)
    nested = [_word(error.get("message")) for error in _mappings(detail.get("errors"))]
    return redacted(_without_values("; ".join(part for part in [message, *nested] if part), keep), keep=keep)


def _without_values(text: str, keep: Collection[str]) -> str:
    """The text with what HubSpot repeats of records taken out: quoted words that are no names of properties."""

    def quoted(found: re.Match[str]) -> str:
        inner = found["inner"]
        return found[0] if inner in keep or _PROPERTY_NAME.fullmatch(inner) else f"{found['left']}…{found['right']}"

    return _VALUE.sub("value=…", _QUOTED.sub(quoted, text[:_LONGEST_MESSAGE]))


def _named(detail: Mapping[str, Any]) -> set[str]:
    """What a refusal names as such, and not as a record's content."""
    context = detail.get("context")
    lists = context.values() if isinstance(context, Mapping) else ()
    return {_word(each) for found in lists if isinstance(found, list) for each in found} - {""}


def _detail(body: bytes) -> dict[str, Any]:
    try:
        decoded = decoded_json(body)
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""

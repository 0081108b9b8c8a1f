"""What HubSpot's refusals mean for a run.

Sources: HubSpot's error-handling and usage guidelines, and error bodies seen in public issues. Every field of an
error body is optional; gateways answer with HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crmsync.sdk import (
    AnswerLost,
    CrmUnreachable,
    Meaning,
    RunStopped,
    SignInRefused,
    TryAgain,
    UsageError,
    crm_code,
    crm_words,
    decoded_json,
    meaning_of,
    wished_seconds,
)
from crmsync_hubspot.codes import CALLS
from crmsync_hubspot.parts import objects_in, text_in

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
    """HubSpot read the request and said no (400, 404, 409, 413, 414 …). `detail` is the error body, or empty.

    `of`: values of the records concerned, which must not be told.
    """

    def __init__(self, doing: str, status: int, detail: Mapping[str, Any], of: Sequence[str] = ()) -> None:
        self.status = status
        self.detail = detail
        meaning = _meaning(status, detail)
        nowhere = status == 404 and not detail
        super().__init__(
            f"HubSpot refused to {doing} ({status}): {words(detail, of=of) or 'no reason given'}",
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
    keys = (text_in(detail.get("policyName")), text_in(detail.get("category")), f"HTTP {status}")
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


def fault_of(doing: str, status: int, headers: Mapping[str, str], body: bytes, of: Sequence[str] = ()) -> Exception:
    """The exception for an answer that is no success. `doing`: what was tried, e.g. `search contacts`.

    `of`: values of the records concerned, which must not be told.
    """
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
    return _final(doing, status, detail, wish, of)


def _final(doing: str, status: int, detail: Mapping[str, Any], wish: float | None, of: Sequence[str]) -> Exception:
    """Refusals that no waiting within this run mends."""
    meaning = _meaning(status, detail)
    if meaning and meaning.deed == "signed in again":
        return SignInRefused(
            f"HubSpot refused the credentials ({crm_code(detail.get('category')) or status})", hint=meaning.hint
        )
    if status == 403:
        return _forbidden(doing, detail, of)
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
    return HubSpotRefused(doing, status, detail, of)


def _rate_limited(detail: Mapping[str, Any], wish: float | None) -> Exception:
    """429, by the policy that was hit: the day's calls are used up, or 10 s or 1 s of too many calls."""
    policy = crm_code(detail.get("policyName"))
    message = text_in(detail.get("message"))
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


def _forbidden(doing: str, detail: Mapping[str, Any], of: Sequence[str]) -> Exception:
    scopes = sorted(_scopes(detail))
    if scopes:
        return UsageError(
            f"HubSpot lets this token not {doing}: it lacks the scope {' or '.join(scopes)}",
            hint="grant the scope to the service key, private app or OAuth app, then run again",
        )
    return UsageError(
        f"HubSpot lets this token not {doing}: {words(detail, of=of) or 'no reason given'}",
        hint="grant the token's owner the permission, then run again",
    )


def _scopes(detail: Mapping[str, Any]) -> set[str]:
    contexts = [error.get("context") for error in objects_in(detail.get("errors"))] + [detail.get("context")]
    return {
        scope
        for context in contexts
        if isinstance(context, Mapping)
        for key, scopes in context.items()
        if "scope" in str(key).lower() and isinstance(scopes, list)
        for scope in scopes
        if isinstance(scope, str) and _SCOPE.fullmatch(scope)
    }


_SCOPE = re.compile(r"[a-z][a-z0-9_.-]{1,79}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}|[0-9]{1,20}")
"""What may be a property's name, or an id."""


def words(detail: Mapping[str, Any], *, of: Sequence[str | None] = (), keep: Collection[str] = ()) -> str:
    """What may be told of HubSpot's own words, with the properties that they name; else its code, or nothing.

    Property faults come as JSON inside the message's text. `of`: values of the records concerned, which are taken
    out. `keep`: ids and words that may stand there.
    """
    message = text_in(detail.get("message"))
    head, bracket, rest = message[:_LONGEST_MESSAGE].partition("[")
    problems: list[Mapping[str, Any]] = []
    if bracket:
        try:
            problems = objects_in(json.loads(bracket + rest))
        except (ValueError, RecursionError):
            problems = []
    said = [text_in(problem.get("message")) for problem in problems]
    if any(said):
        text = f"{head.strip()} {'; '.join(filter(None, said))}"
    else:
        nested = [text_in(error.get("message")) for error in objects_in(detail.get("errors"))]
        text = "; ".join(part for part in [message, *nested] if part)
    named = dict.fromkeys(
        name
        for each in (*problems, *_contexts(detail))
        for name in _names(each.get("name"), each.get("propertyName"), each.get("properties"))
    )
    codes = dict.fromkeys(code for each in problems if (code := crm_code(each.get("error"))))
    told = crm_words(text, of=of, keep={*keep, *named, *_ids(detail)})
    told = told or (crm_code(detail.get("category")) if text else "")
    more = ", ".join(each for each in (*named, *codes) if each not in told)
    return told + (f" [{more}]" if more else "")


def _contexts(detail: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a refusal and its parts are about."""
    told = [detail.get("context"), *(error.get("context") for error in objects_in(detail.get("errors")))]
    return [context for context in told if isinstance(context, Mapping)]


def _names(*told: object) -> list[str]:
    """Names of properties among what may be one or a list."""
    listed = [each for found in told for each in (found if isinstance(found, list) else [found])]
    return [each for each in listed if isinstance(each, str) and _NAME.fullmatch(each)]


def _ids(detail: Mapping[str, Any]) -> set[str]:
    """Ids that a refusal names as such, and not as a record's content."""
    found = (context.get(key) for context in _contexts(detail) for key in ("id", "ids"))
    return {each for each in _names(*found) if each.isdecimal()}


def _detail(body: bytes) -> dict[str, Any]:
    try:
        decoded = decoded_json(body)
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}

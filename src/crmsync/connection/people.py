"""People of a connection as an admin names them: an e-mail, a native user id, a key of the roster."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from datetime import datetime

from crmsync.clock import local_day
from crmsync.connection.prepared import Prepared
from crmsync.errors import UsageError
from crmsync.route.at_work.availability import left

_HINT = "write the e-mail, the CRM's user id, or the key of a person of the roster"


def user_named(prepared: Prepared, written: str, owners: Collection[str]) -> str:
    """The native id of the one person meant. `owners`: native ids of users who own leads.

    The person may be in no roster, inactive, or known by nothing but the leads owned. Raises `UsageError` for one who
    is nobody here, or not the only one.
    """
    word = written.lower()
    users = [user for user in prepared.users if user.kind == "person"]
    found = {user.id for user in users if user.id == written or (user.email or "").lower() == word}
    found |= {member.user for member in prepared.roster.members if member.key.lower() == word}
    if len(found) == 1:
        return found.pop()
    if found:
        raise UsageError(
            f"several users of {prepared.name} have this e-mail address",
            hint=f"name one by its id: {', '.join(sorted(found))}",
        )
    shown = "this e-mail address" if "@" in written else f"`{written}`"
    other = [user.kind for user in prepared.users if user.kind != "person" and written in (user.id, user.name)]
    if other:
        raise UsageError(f"{shown} is a {other[0]} of {prepared.name}, not a person", hint=_HINT)
    if written in owners:
        return written
    words = {name.lower(): user.id for user in users for name in (user.id, user.name, user.email) if name}
    words |= {member.key.lower(): member.user for member in prepared.roster.members}
    close = difflib.get_close_matches(word, words, n=1)
    hint = f"did you mean `--from {_as_written(prepared, words[close[0]])}`?" if close else _HINT
    raise UsageError(f"{shown} is no user of {prepared.name}", hint=hint)


def _as_written(prepared: Prepared, user: str) -> str:
    """The key in the roster, which people know, where it names nobody by e-mail; else the native id."""
    member = prepared.roster.by_user.get(user)
    return user if member is None or "@" in member.key else member.key


def has_left(prepared: Prepared, user: str, *, now: datetime) -> bool:
    """Whether this owner is a person who is inactive in the CRM, past the last day, or no user any more."""
    known = next((each for each in prepared.users if each.id == user), None)
    if known is None or not known.active:
        return known is None or known.kind == "person"
    member = prepared.roster.by_user.get(user)
    return member is not None and left(member, local_day(now, member.person.time_zone)) is not None

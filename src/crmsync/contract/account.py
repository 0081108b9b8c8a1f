"""The CRM account behind a connection: its users, currencies, calls and clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from msgspec import Struct

from crmsync.values import replace


class Org(Struct, frozen=True):
    """The CRM account behind a connection. `time_zone` is an IANA name; it decides which day an instant is on.

    `pages`: where people open the account in a browser, scheme and host only, such as https://app.hubspot.com; null =
    not known. It is of the CRM's own, whatever an answer says.
    """

    id: str
    name: str
    time_zone: str
    pages: str | None = None


class Currencies(Struct, frozen=True):
    """The account's currencies by their codes. `home` is the one it adds up in.

    `rates`: code → how many units of it are one unit of `home`; the home currency's own is 1.
    """

    home: str
    rates: Mapping[str, float]


class CrmUser(Struct, frozen=True):
    """A person or queue that can own leads. `active` false = must not be assigned. `role`, `team`: CRM's words.

    `groups`, `queues`, `teams`: names of those that a person belongs to, through other groups, too. A `group` as a
    `kind` of its own owns nothing: it only says that a group of this name is there, even if nobody is in it.
    `title`, `profile`: what the person does and may do, in the CRM's words; only `staff` tells them.
    """

    id: str
    name: str
    email: str | None = None
    active: bool = True
    kind: Literal["person", "queue", "group"] = "person"
    role: str | None = None
    team: str | None = None
    time_zone: str | None = None
    groups: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    title: str | None = None
    profile: str | None = None


class Usage(Struct, frozen=True):
    """Calls made through this connector object, and what the CRM says of the day's calls (null: not told so far).

    `calls_left`: how many all programs of the account may still make. `daily_call_limit`: how many they may in all.
    `retries`: of the calls, those made again after a passing fault. `refused`: of the calls, those that the CRM took
    for one too many: in a second, at once or in a day. `waited_seconds`: spent before calls, to stay below limits or
    because the last one failed.
    """

    calls: int
    calls_left: int | None = None
    daily_call_limit: int | None = None
    retries: int = 0
    refused: int = 0
    waited_seconds: float = 0.0

    def since(self, before: Usage) -> Usage:
        """The same without what was counted before."""
        return replace(
            self,
            calls=self.calls - before.calls,
            retries=self.retries - before.retries,
            refused=self.refused - before.refused,
            waited_seconds=self.waited_seconds - before.waited_seconds,
        )


@dataclass(frozen=True, slots=True)
class CrmClock:
    """What the CRM's answers say of the time. `at`: its clock at the latest answer that told one; null = none did.

    `unreadable`: answers whose time is none, or lies in another century; they were left aside. `heard`: when the
    answer came, by `crmsync.sdk.running_seconds`; null = not told, and it counts as come just now.
    """

    at: datetime | None = None
    unreadable: int = 0
    heard: float | None = field(default=None, compare=False)

"""Whose leads a run gives to others, and no more than that: the scope of `crmsync redistribute`, and what stays."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from crmsync.clock import local_day
from crmsync.configuration import did_you_mean
from crmsync.connection.prepared import Prepared
from crmsync.errors import UsageError
from crmsync.route.hours.availability import left
from crmsync.route.placing.assignment import Assignments
from crmsync.route.placing.orders import Order
from crmsync.store import Store

_ON_THE_WAY = Order("its owner is leaving")
_HINT = "write the e-mail, the CRM's user id, or the key of a person of the roster"


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the caller asks for. `people`: e-mails, native user ids or roster keys, as written.

    `stages`: only leads that stand there; empty = all of the ladder.
    """

    people: tuple[str, ...]
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """The leads that this run looks at. `leavers`: native user ids whose leads they are.

    `open`: leads of theirs that an earlier run still means to move to another stage; they wait for the next run.
    """

    leavers: frozenset[str]
    leads: tuple[str, ...]
    open: tuple[str, ...]
    stages: tuple[str, ...]

    @property
    def orders(self) -> Mapping[str, Order]:
        """For routing: why each of the leads gets another owner."""
        return dict.fromkeys(self.leads, _ON_THE_WAY)

    def as_it_stands(self, frame: pl.DataFrame, lowest: str) -> pl.DataFrame:
        """The decided frame with every lead left on its stage: an empty one is the lowest, an unmanaged one none."""
        present = pl.when("managed").then(pl.col("stage").fill_null(lowest))
        frame = frame.with_columns(stage_after=present)
        return frame.filter(pl.col("stage_after").is_in(self.stages)) if self.stages else frame


def leavers_of(connection: Prepared, store: Store, leaving: Leaving | None) -> frozenset[str]:
    """Native ids of the people meant. Raises `UsageError` for one who is nobody, or not the only one, here.

    They may be in no roster, inactive, or known by nothing but the leads they own.
    """
    if leaving is None:
        return frozenset()
    ladder = [rung.stage for rung in connection.settings.policy.ladder]
    for stage in leaving.stages:
        if stage not in ladder:
            raise UsageError(f"the policy's ladder has no stage `{stage}`", hint=did_you_mean(stage, ladder))
    owners = store.facts.open_leads(connection.name, ladder)
    return frozenset(_user(connection, written.strip(), owners) for written in leaving.people)


def _user(connection: Prepared, written: str, owners: Mapping[str, int]) -> str:
    word = written.lower()
    users = [user for user in connection.users if user.kind == "person"]
    found = {user.id for user in users if user.id == written or (user.email or "").lower() == word}
    found |= {member.user for member in connection.roster.members if member.key.lower() == word}
    if len(found) == 1:
        return found.pop()
    if found:
        raise UsageError(
            f"several users of {connection.name} have this e-mail address",
            hint=f"name one by its id: {', '.join(sorted(found))}",
        )
    shown = "this e-mail address" if "@" in written else f"`{written}`"
    other = [user.kind for user in connection.users if user.kind != "person" and written in (user.id, user.name)]
    if other:
        raise UsageError(f"{shown} is a {other[0]} of {connection.name}, not a person", hint=_HINT)
    if written in owners:
        return written
    words = {name.lower(): user.id for user in users for name in (user.id, user.name, user.email) if name}
    close = difflib.get_close_matches(word, words, n=1)
    hint = f"did you mean the user with the id {words[close[0]]}?" if close else _HINT
    raise UsageError(f"{shown} is no user of {connection.name}", hint=hint)


def has_left(connection: Prepared, user: str, *, now: datetime) -> bool:
    """Whether this owner is a person who is inactive in the CRM, past the last day, or no user any more."""
    known = next((each for each in connection.users if each.id == user), None)
    if known is None or not known.active:
        return known is None or known.kind == "person"
    member = connection.roster.by_user.get(user)
    return member is not None and left(member, local_day(now, member.person.time_zone)) is not None


def scope_of(connection: Prepared, store: Store, leaving: Leaving | None, leavers: frozenset[str]) -> Scope | None:
    """The leavers' leads as the store knows them now; null when nobody is leaving."""
    if leaving is None:
        return None
    theirs = store.facts.leads_of(connection.name, leavers)
    moving = {entry.change.lead for entry in store.journal.pending(connection.name) if entry.change.stage_changes}
    return Scope(
        leavers=leavers,
        leads=tuple(lead for lead in theirs if lead not in moving),
        open=tuple(lead for lead in theirs if lead in moving),
        stages=leaving.stages,
    )


def staying_notes(
    connection: Prepared, scope: Scope, frame: pl.DataFrame, assignments: Assignments, now: datetime
) -> Iterator[str]:
    """Which of their leads stay, and why, as far as nothing else of the plan says it; and who gets new ones."""
    ladder = [rung.stage for rung in connection.settings.policy.ladder]
    off = frame.filter(pl.col("managed") & ~pl.col("stage_after").is_in(ladder))["lead"]
    yield from _stay(off.to_list(), "off the ladder")
    days = connection.settings.policy.movement.hands_off_days
    held = [item.lead for item in assignments.held]
    yield from _stay(held, f"with an owner whom a person or another program set within {days} days")
    yield from _stay(scope.open, "with a change of an earlier run that is still open: crmsync run settles it")
    told = {*held, *assignments.assigned["lead"], *(item.lead for item in assignments.set_aside)}
    rest = frame.filter(pl.col("stage_after").is_in(ladder) & ~pl.col("lead").is_in(sorted(told)))["lead"]
    yield from _stay(rest.to_list(), "by the roster's rules, or because a person has to decide")
    for user in sorted(scope.leavers):
        member = connection.roster.by_user.get(user)
        if member is not None and not has_left(connection, user, now=now):
            name = connection.user_names.get(user, user)
            yield f"{name} goes on getting leads by the roster: write `ends` there, or take the person out"


def _stay(leads: Sequence[str], why: str) -> Iterator[str]:
    if leads:
        some = ", ".join(sorted(leads)[:3]) + (", …" if len(leads) > 3 else "")
        verb = "stays" if len(leads) == 1 else "stay"
        yield f"{len(leads):,} of their leads {verb}, {why} ({some})"

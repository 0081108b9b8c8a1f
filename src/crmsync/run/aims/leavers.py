"""The aim of `crmsync redistribute`: leads of people who leave go to others, and no more than that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from crmsync.configuration import did_you_mean
from crmsync.connection.people import has_left, user_named
from crmsync.connection.prepared import Prepared
from crmsync.contract import Connector
from crmsync.enumeration import first_few
from crmsync.errors import UsageError
from crmsync.route.placing.orders import Order
from crmsync.run.changed_files import ChangedFiles, left_to_the_next_run
from crmsync.run.course import Course, RunCircumstances
from crmsync.run.decide import decide_and_plan
from crmsync.run.decided import Decided
from crmsync.run.looked import Looked
from crmsync.run.under_way import hand_offs_under_way
from crmsync.store import RunKind, Store
from crmsync.tongue import to_say
from crmsync.values import replace

_LEAVING = Order(to_say("its owner is leaving"))


@dataclass(frozen=True, slots=True)
class Leavers:
    """`people`: e-mails, native user ids or roster keys, as written; `users`: their native ids, once looked up.

    `stages`: only leads that stand there; empty = all of the ladder.
    """

    people: tuple[str, ...]
    stages: tuple[str, ...] = ()
    users: frozenset[str] = frozenset()

    @property
    def kind(self) -> RunKind:
        """As the store keeps it."""
        return "redistribute"

    @property
    def of_run(self) -> None:
        """It makes a plan of its own."""

    @property
    def partial(self) -> bool:
        """It is not a part of an everyday run."""
        return False

    @property
    def told(self) -> None:
        """What has changed since the last pull is read."""

    def looked_up(self, prepared: Prepared, store: Store) -> Leavers:
        """They may be in no roster, inactive, or known by nothing but the leads they own. Raises `UsageError`."""
        ladder = _ladder(prepared)
        for stage in self.stages:
            if stage not in ladder:
                raise UsageError(f"the policy's ladder has no stage `{stage}`", hint=did_you_mean(stage, ladder))
        owners = store.facts.open_leads(prepared.name, ladder)
        return replace(self, users=frozenset(user_named(prepared, name.strip(), owners) for name in self.people))

    def command(self, connection: str) -> str:
        """One connection; the people are named again by the reader, as e-mail addresses stay out of plans."""
        return f"redistribute {connection} --from …"

    def concerned_by(self, changed: ChangedFiles) -> ChangedFiles:
        """Nothing: no stage is decided."""
        return left_to_the_next_run(changed)

    def look(self, found: RunCircumstances, connector: Connector) -> Looked:
        """Nothing: the store knows it."""
        return Looked()

    def course(self, found: RunCircumstances) -> Course:
        """Their leads as the store knows them now, but for those that an earlier run still means to move."""
        theirs = found.store.facts.leads_of(found.prepared.name, self.users)
        moving = _moving(found)
        leads = tuple(lead for lead in theirs if lead not in moving)
        under_way = hand_offs_under_way(
            found.prepared, found.store, now=found.now, as_of=found.as_of, leavers=self.users
        ).only(leads)
        return Course(
            under_way=under_way,
            leads=leads,
            stages_stay=True,
            only_stages=self.stages,
            orders={**dict.fromkeys(leads, _LEAVING), **under_way.orders},
            leavers=self.users,
            open=found.open,
            remembered=False,
        )

    def decide(self, found: RunCircumstances, course: Course) -> Decided:
        """By policy and roster."""
        return decide_and_plan(found.prepared, found.store, course, as_of=found.as_of, now=found.now)

    def notes(self, found: RunCircumstances, course: Course, decided: Decided) -> Iterator[str]:
        """Which of their leads stay, and why, as far as nothing else of the plan says it; and who gets new ones."""
        prepared, frame, assignments = found.prepared, decided.frame, decided.assignments
        on_ladder = pl.col("stage_after").is_in(_ladder(prepared))
        yield from _stay(frame.filter(pl.col("managed") & ~on_ladder)["lead"].to_list(), "off the ladder")
        days = prepared.settings.policy.movement.hands_off_days
        held = [item.lead for item in assignments.held]
        yield from _stay(held, f"with an owner whom a person or another program set within {days} days")
        moving = _moving(found)
        theirs = found.store.facts.leads_of(prepared.name, self.users)
        still_open = [lead for lead in theirs if lead in moving]
        yield from _stay(
            still_open,
            f"with a change of an earlier run that is still open: `crmsync run {prepared.name}` settles it",
        )
        told = {
            *held,
            *(item.lead for item in decided.alone),
            *assignments.assigned["lead"],
            *(item.lead for item in assignments.set_aside),
        }
        rest = frame.filter(on_ladder & ~pl.col("lead").is_in(sorted(told)))["lead"]
        yield from _stay(rest.to_list(), "by the roster's rules, or because a person has to decide")
        for user in sorted(self.users):
            member = prepared.roster.by_user.get(user)
            if member is not None and not has_left(prepared, user, now=found.now):
                yield f"user {user} goes on getting leads by the roster: write `ends` there, or take the person out"


def _ladder(prepared: Prepared) -> list[str]:
    return [rung.stage for rung in prepared.settings.policy.ladder]


def _moving(found: RunCircumstances) -> frozenset[str]:
    """Leads that an earlier run still means to move to another stage."""
    return frozenset(entry.change.lead for entry in found.open if entry.change.stage_changes)


def _stay(leads: Sequence[str], why: str) -> Iterator[str]:
    if leads:
        verb = "stays" if len(leads) == 1 else "stay"
        yield f"{len(leads):,} of their leads {verb}, {why} ({first_few(sorted(leads))})"

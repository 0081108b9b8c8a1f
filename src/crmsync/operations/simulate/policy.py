"""`crmsync simulate`: what another policy would make of the stored leads. No call to the CRM, nothing written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from crmsync.clock import local_day
from crmsync.connection.prepared import Prepared
from crmsync.connection.record_pages import record_pages
from crmsync.errors import UsageError
from crmsync.model import FACT_PREFIX
from crmsync.operations.run.ready import NeverRead, stored
from crmsync.qualify.language.policy import Policy
from crmsync.run.aims.everybody import whole_course
from crmsync.run.course import Course
from crmsync.run.decide import decide_and_plan
from crmsync.run.decided import Decided
from crmsync.run.gather import tell_left_out
from crmsync.run.words import stored_reasons, with_route
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.tune.moves import (
    FactPart,
    Move,
    Workload,
    loads,
    moves,
    parts_by,
    ranks_of,
    stage_counts,
    with_direction,
)
from crmsync.values import asdict, replace

SEGMENT = "segment"
"""`--by segment`: the policy or segment that decided the lead under the new policy."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Which policy was meant."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Mover:
    """One lead that stands elsewhere, or gets another owner. `scores`: name → low ends (before, after), milli.

    `url`: its page in the CRM, where that is known.
    """

    lead: str
    name: str
    before: str | None
    after: str | None
    direction: str
    owner_before: str | None
    owner_after: str | None
    scores: Mapping[str, tuple[int | None, int | None]]
    reasons_before: tuple[str, ...]
    reasons: tuple[str, ...]
    url: str | None

    def to_json(self) -> dict[str, Any]:
        """Native ids; scores as `{before, after}`."""
        scores = {name: {"before": one[0], "after": one[1]} for name, one in self.scores.items()}
        return {**{key: value for key, value in asdict(self).items() if key != "name"}, "scores": scores}


@dataclass(frozen=True, slots=True)
class Simulation:
    """Two policies on one connection's stored leads. `labels`: stage → words; pairs are (before, after)."""

    connection: str
    as_of: date
    policy: Wording
    against: Wording
    leads: int
    moves: tuple[Move, ...]
    stages: Mapping[str, tuple[int, int]]
    owners: tuple[Workload, ...]
    hand_offs: tuple[int, int]
    set_aside: tuple[int, int]
    by: Mapping[str, tuple[FactPart, ...]]
    movers: tuple[Mover, ...]
    labels: Mapping[str, str]
    user_names: Mapping[str, str]

    def moved(self, *directions: str) -> int:
        """Leads whose stage moves in one of these directions; in any when none is given."""
        wanted = directions or ("up", "down", "beside")
        return sum(move.leads for move in self.moves if move.direction in wanted)

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {
            "connection": self.connection,
            "as_of": self.as_of.isoformat(),
            "policy": asdict(self.policy),
            "against": asdict(self.against),
            "leads": self.leads,
            "moved": {"up": self.moved("up"), "down": self.moved("down"), "beside": self.moved("beside")},
            "matrix": [asdict(move) for move in self.moves],
            "stages": {stage: _pair(one) for stage, one in self.stages.items()},
            "owners": [asdict(load) for load in self.owners],
            "hand_offs": _pair(self.hand_offs),
            "set_aside": _pair(self.set_aside),
            "by": {name: [part.to_json() for part in parts] for name, parts in self.by.items()},
            "movers": [mover.to_json() for mover in self.movers],
        }


@dataclass(frozen=True, slots=True)
class Unread:
    """A connection that there is nothing to simulate on, and the next step."""

    connection: str
    error: NeverRead

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        return {"connection": self.connection, "message": self.error.message, "hint": self.error.hint}


def simulate(
    settings: Settings,
    connections: Sequence[str],
    policy: Policy,
    *,
    against: Policy | None,
    by: Sequence[str],
    as_of: date | None,
    now: Callable[[], datetime],
    most_movers: int | None = None,
) -> tuple[list[Simulation], list[Unread]]:
    """`policy` beside `against` (the configured one when null), on each named connection, or on all.

    `by`: facts, or `segment`. `most_movers`: so many leads are told one by one; null = all that move. Raises
    `UsageError` when nothing is stored of any connection or a fact is not mapped, `ConfigurationError` when a policy
    does not fit a mapping.
    """
    old = against or settings.policy
    with closing(Store(settings.store)) as store:
        found, unread = [], []
        for configuration in settings.chosen(tuple(connections)):
            try:
                pair = [stored(replace(settings, policy=one), configuration, store) for one in (old, policy)]
            except NeverRead as error:
                unread.append(Unread(configuration.name, error))
                continue
            found.append(_simulated(pair[0], pair[1], store, by, as_of, now(), most_movers))
        if unread and not found:
            raise unread[0].error
        return found, unread


def _simulated(
    old: Prepared,
    new: Prepared,
    store: Store,
    by: Sequence[str],
    as_of: date | None,
    now: datetime,
    most_movers: int | None,
) -> Simulation:
    day = as_of or local_day(now, new.org.time_zone)
    mapped = new.mapping.mapped_facts
    for name in by:
        if name != SEGMENT and name not in mapped:
            raise UsageError(f"`{name}` is not a mapped fact", hint=f"mapped: {', '.join(sorted(mapped))}")
    before, after = (
        decide_and_plan(one, store, _course(one, store, day, now), as_of=day, now=now) for one in (old, new)
    )
    tell_left_out(new.name, after.damaged)
    both = with_direction(_side_by_side(before, after, by), {**_ranks(old), **_ranks(new)})
    counts = stage_counts(both)
    order = {**_ranks(old), **_ranks(new)}
    return Simulation(
        connection=new.name,
        as_of=day,
        policy=Wording(new.compiled.policy.name, new.compiled.digest),
        against=Wording(old.compiled.policy.name, old.compiled.digest),
        leads=both.height,
        moves=moves(both),
        stages={stage: counts[stage] for stage in sorted(counts, key=lambda stage: -order.get(stage, -2))},
        owners=loads(both),
        hand_offs=(before.assignments.assigned.height, after.assignments.assigned.height),
        set_aside=(len(before.set_aside), len(after.set_aside)),
        by={name: parts_by(both, f"by.{name}") for name in by},
        movers=_movers(old, new, store, day, both, most_movers),
        labels={stage: _label(old, new, stage) for stage in counts},
        user_names=new.user_names,
    )


def _course(prepared: Prepared, store: Store, day: date, now: datetime) -> Course:
    return whole_course(prepared, store, as_of=day, now=now, open_entries=store.journal.pending(prepared.name))


def _ranks(prepared: Prepared) -> dict[str, int]:
    policy = prepared.compiled.policy
    beside = policy.disqualified.stage if policy.disqualified else None
    return ranks_of(beside, [rung.stage for rung in policy.ladder])


def _label(old: Prepared, new: Prepared, stage: str) -> str:
    known = new if stage in new.compiled.policy.stages else old
    return known.compiled.policy.label_of(stage)


def _side_by_side(before: Decided, after: Decided, by: Sequence[str]) -> pl.DataFrame:
    """One row per lead: stages, owners and their reasons under both; `old.…` and `new.…`: scores; `by.…`: facts."""
    owner = pl.coalesce("owner_after", "owner")

    def side(decided: Decided, stage: str, owned: str, routed: str, prefix: str) -> pl.DataFrame:
        scores = [name for name in decided.frame.columns if name.startswith("score.") and name.endswith(".low")]
        points = [pl.col(name).alias(prefix + name.removeprefix("score.").removesuffix(".low")) for name in scores]
        named = (pl.col("stage_after").alias(stage), owner.alias(owned), pl.col("route_reason").alias(routed))
        return decided.frame.select("lead", *named, *points)

    facts = [pl.col("policy" if name == SEGMENT else FACT_PREFIX + name).alias(f"by.{name}") for name in by]
    present = after.frame.select("lead", "name", pl.col("owner").alias("owner_now"), *facts)
    old = side(before, "before", "owner_before", "route_before", "old.")
    new = side(after, "after", "owner_after", "route_after", "new.")
    for one in (old, new):
        present = present.join(one, on="lead", how="left", maintain_order="left")
    return present


def _movers(
    old: Prepared, new: Prepared, store: Store, day: date, both: pl.DataFrame, most: int | None
) -> tuple[Mover, ...]:
    """Those that stand elsewhere, before those that only get another owner, where not all are told."""
    differs = (pl.col("direction") != "same") | pl.col("owner_before").ne_missing(pl.col("owner_after"))
    rows = both.filter(differs).sort("lead")
    if most is not None:
        rows = rows.sort(pl.col("direction") == "same", maintain_order=True).head(most)
    said = [stored_reasons(one, store, day, rows["lead"]) for one in (old, new)]
    page = record_pages(new)
    names = [column.removeprefix("new.") for column in rows.columns if column.startswith("new.")]
    return tuple(
        Mover(
            lead=row["lead"],
            name=row["name"] or "",
            before=row["before"],
            after=row["after"],
            direction=row["direction"],
            owner_before=row["owner_before"],
            owner_after=row["owner_after"],
            scores={name: (row.get(f"old.{name}"), row[f"new.{name}"]) for name in names},
            reasons_before=with_route(said[0].get(row["lead"], ()), row["route_before"]),
            reasons=with_route(said[1].get(row["lead"], ()), row["route_after"]),
            url=page(row["lead"]),
        )
        for row in rows.iter_rows(named=True)
    )


def _pair(values: tuple[int, int]) -> dict[str, int]:
    return {"before": values[0], "after": values[1]}

"""`crmsync report near-miss`: leads that rigid criteria would overlook.

Four lists: `short` (one condition or a few points short of the next stage), `quiet` (nobody was in contact for some
time), `returning` (disqualified, and doing something since), `won` (below the line by evidence, yet won).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import polars as pl

from crmsync.clock import local_day
from crmsync.connection.prepared import Prepared
from crmsync.operations.report.listing import (
    ListedBatch,
    Listing,
    ListingReport,
    chosen_line,
    engaged,
    entry,
    native_stage,
    people_in_order,
    population,
    ranks,
    shown_of,
)
from crmsync.operations.run.ready import every_stored
from crmsync.qualify.advice.near_miss import NearMiss, near_misses, near_rows
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.terms.points import milli
from crmsync.run.gather import gathered_to_show
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.tongue import ENGLISH, Tongue

ListName = Literal["short", "quiet", "returning", "won"]
LISTS: tuple[ListName, ...] = ("short", "quiet", "returning", "won")
_MOST_VALUES = 10
_KNOWN_LONG = 7
"""Days after which it goes without saying since when crmsync knows that a lead stands disqualified."""
_RANK, _NEVER = pl.Int32(), -1


@dataclass(frozen=True, slots=True)
class NearMissRequest:
    """What to look for. `points`: how many may be short. `won`: native stage values that mean won. `hand_over`: of
    several whose line it is; null = the first that goes to people.
    """

    lists: tuple[ListName, ...] = LISTS
    points: float = 10
    quiet_days: int = 30
    won: tuple[str, ...] = ()
    show: int = 20
    as_of: date | None = None
    hand_over: str | None = None


def near_miss_reports(
    settings: Settings,
    connections: Sequence[str],
    request: NearMissRequest,
    *,
    now: Callable[[], datetime],
    tongue: Tongue = ENGLISH,
) -> Iterator[ListingReport]:
    """The lists of each connection (all when none is named), from what is stored. `tongue`: of titles and notes."""
    with closing(Store(settings.store)) as store:
        for connection in every_stored(settings, connections, store, now):
            day = request.as_of or local_day(now(), connection.org.time_zone)
            lists = _Lists(connection, store, request, day, tongue)
            yield ListingReport(connection.name, day, tuple(lists.listings()))


class _Lists:
    """One connection's lists. One pass finds the leads, columns only; words are made for those that are shown."""

    def __init__(self, prepared: Prepared, store: Store, request: NearMissRequest, day: date, tongue: Tongue) -> None:
        self._connection, self._store, self._request, self._day = prepared, store, request, day
        self._tongue = tongue
        self._policy = prepared.compiled.policy
        self._ranks = ranks(prepared)
        self._line = chosen_line(prepared, request.hand_over)
        self._found: dict[str, list[pl.DataFrame]] = {name: [] for name in LISTS}
        self._unmanaged: Counter[str] = Counter()
        self._disqualified: list[pl.Series] = []

    def listings(self) -> Iterator[Listing]:
        for people in population(self._connection, self._store, self._day, self._line):
            for name in self._request.lists:
                self._found[name].append(getattr(self, f"_{name}_in")(people))
        for name in self._request.lists:
            yield getattr(self, f"_{name}")()

    # one condition or a few points short

    def _short_in(self, people: ListedBatch) -> pl.DataFrame:
        near = near_rows(
            self._connection.compiled, people.batch, people.decisions, points_milli=milli(self._request.points)
        )
        return people.frame.join(near, on="row", maintain_order="left").with_columns(
            rank=self._rank("next_stage"),
        )

    def _short(self) -> Listing:
        shown, total = self._first("short", ["rank", "priority"], [True, True])
        told = self._told(shown)
        entries = []
        for row in shown:
            lacks = told[row["lead"]].lacks if row["lead"] in told else ()
            points = [one.points_short for one in lacks if one.points_short is not None]
            more = {
                "next_stage": row["next_stage"],
                "next_stage_label": self._policy.label_of(row["next_stage"]),
                "lacks": [one.sentence for one in lacks],
                "ask": list(dict.fromkeys(question for one in lacks for question in one.ask)),
                "points_short_milli": min(points, default=None),
            }
            entries.append(entry(self._connection, row, self._day, more))
        words = self._tongue.say(
            "One condition, or at most {points} points, short of the next stage",
            points=self._tongue.figures(self._request.points),
        )
        return Listing("short", words, total, tuple(entries))

    def _told(self, shown: list[dict[str, Any]]) -> dict[str, NearMiss]:
        told: dict[str, NearMiss] = {}
        points = milli(self._request.points)
        if shown:
            compiled = self._connection.compiled
            for batch in gathered_to_show(
                self._connection, self._store, self._day, leads=[row["lead"] for row in shown]
            ):
                decisions = decide(compiled, batch, self._day)
                for miss in near_misses(compiled, batch, decisions, points_milli=points, tongue=self._tongue):
                    told[batch.leads["lead"][miss.row]] = miss
        return told

    # nobody in contact

    def _quiet_in(self, people: ListedBatch) -> pl.DataFrame:
        zone = self._connection.org.time_zone
        since = pl.coalesce("touched", pl.col("created_at").dt.convert_time_zone(zone).dt.date())
        rank = self._rank("stage")
        return (
            people.frame.with_columns(since=since, rank=rank)
            .filter(pl.col("managed") & (pl.col("rank") > 0))
            .filter(pl.col("since").is_null() | (pl.col("since") <= self._before(self._request.quiet_days)))
            .with_columns(nurture=~pl.col("above"))
        )

    def _quiet(self) -> Listing:
        order = ["nurture", "rank", "since", "priority"]
        shown, total = self._first("quiet", order, [True, True, False, True], nulls_last=False)
        entries = [
            entry(
                self._connection,
                row,
                self._day,
                {
                    "quiet_days": None if row["since"] is None else (self._day - row["since"]).days,
                    "ever_touched": row["touched"] is not None,
                    "next_action": self._connection.compiled.next_action(row["policy"], row["stage"]) or "",
                },
            )
            for row in shown
        ]
        words = self._tongue.say_many(
            "Nobody was in contact for {number} day; leads to nurture first",
            "Nobody was in contact for {number} days; leads to nurture first",
            self._request.quiet_days,
        )
        return Listing("quiet", words, total, tuple(entries))

    # disqualified, and active since

    def _returning_in(self, people: ListedBatch) -> pl.DataFrame:
        stage = self._policy.disqualified.stage if self._policy.disqualified else None
        standing = people.frame.filter(pl.col("managed") & (pl.col("crm_stage") == pl.lit(stage)))
        self._disqualified.append(standing["stage_since"])
        return standing.filter(pl.col("engaged") > pl.col("stage_since"))

    def _returning(self) -> Listing:
        shown, total = self._first("returning", ["engaged", "priority"], [True, True])
        kinds = self._kinds_since(shown)
        entries = [
            entry(
                self._connection,
                row,
                self._day,
                {
                    "disqualified_since": row["stage_since"].isoformat(),
                    "engaged_on": row["engaged"].isoformat(),
                    "engagement": kinds.get(row["lead"], []),
                    "by_evidence": row["earned_stage"],
                },
            )
            for row in shown
        ]
        title = self._tongue.say("Disqualified, and active since")
        return Listing("returning", title, total, tuple(entries), self._since_when())

    def _since_when(self) -> str:
        """What *since* means here; told while crmsync knows leads too shortly for anything to have happened since."""
        days: list[date] = [day for part in self._disqualified for day in part.drop_nulls().to_list()]
        if not days:
            return self._tongue.say("no lead stands disqualified")
        first = min(days)
        if (self._day - first).days > _KNOWN_LONG:
            return ""
        return self._tongue.say_many(
            "{number} lead stands disqualified; crmsync first saw it there on {day}, and only what a lead did on a "
            "later day counts",
            "{number} leads stand disqualified; crmsync first saw the earliest of them there on {day}, and only what "
            "a lead did on a later day counts",
            len(days),
            number=self._tongue.number(len(days)),
            day=self._tongue.day(first),
        )

    def _kinds_since(self, shown: list[dict[str, Any]]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        if shown:
            since = pl.DataFrame(
                {"lead": [row["lead"] for row in shown], "since": [row["stage_since"] for row in shown]}
            )
            for batch in gathered_to_show(self._connection, self._store, self._day, leads=since["lead"]):
                active = (
                    batch.activities.join(since, on="lead")
                    .filter(engaged() & (pl.col("day") > pl.col("since")) & (pl.col("day") <= self._day))
                    .group_by("lead")
                    .agg(pl.col("kind").unique().sort())
                )
                found |= dict(active.iter_rows())
        return found

    # won, below the line

    def _won_in(self, people: ListedBatch) -> pl.DataFrame:
        unmanaged = people.frame.filter(~pl.col("managed"))
        values = [native_stage(native) for native in unmanaged["stage_native"]]
        self._unmanaged.update(value for one in values for value in one)
        wanted = set(self._request.won)
        won = pl.Series([bool(wanted & set(one)) for one in values], dtype=pl.Boolean)
        rank = self._rank("earned_stage")
        return unmanaged.filter(won).with_columns(rank=rank).filter(~pl.col("earned_above"))

    def _won(self) -> Listing:
        shown, total = self._first("won", ["rank", "priority"], [False, False])
        entries = [
            entry(
                self._connection,
                row,
                self._day,
                {
                    "by_evidence": row["earned_stage"],
                    "by_evidence_label": self._policy.label_of(row["earned_stage"]),
                },
            )
            for row in shown
        ]
        note = ""
        if not self._request.won:
            there = [f"{value} ({count:,})" for value, count in self._unmanaged.most_common(_MOST_VALUES)]
            note = "name the CRM's stage values that mean won with --won VALUE"
            note += f"; not managed here: {', '.join(there)}" if there else "; every stage here is managed"
        if self._policy.hand_overs:
            line = self._tongue.own(self._line.label)
            title = self._tongue.say("Below the hand-over {line} by evidence, yet won", line=line)
        else:
            title = self._tongue.say("Below the line by evidence, yet won")
        unmanaged = tuple(self._unmanaged.most_common(_MOST_VALUES))
        return Listing("won", title, total, tuple(entries), note, unmanaged)

    # shared

    def _rank(self, column: str) -> pl.Expr:
        return pl.col(column).replace_strict(self._ranks, default=_NEVER, return_dtype=_RANK)

    def _before(self, days: int) -> date:
        return self._day - timedelta(days=days)

    def _first(
        self, name: str, by: list[str], descending: list[bool], *, nulls_last: bool = True
    ) -> tuple[list[dict[str, Any]], int]:
        """The first leads of a list as rows, and how many there are. Equal ones as `people_in_order` says."""
        frames = self._found[name]
        if not frames:
            return [], 0
        candidates = pl.concat(frames)
        alike = people_in_order()
        ordered = candidates.sort(
            *by, *alike, descending=[*descending, *(False for _ in alike)], nulls_last=nulls_last
        )
        return shown_of(ordered, self._request.show).to_dicts(), candidates.height

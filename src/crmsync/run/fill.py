"""What is to stand in the fields that crmsync fills for people, by what was decided and what the store remembers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl
from msgspec import Struct

from crmsync.connection.prepared import Prepared
from crmsync.mapping import Filled
from crmsync.model import Batch, native_values
from crmsync.plan import Filling, Part, filling
from crmsync.qualify.advice.candidates import undecided
from crmsync.qualify.engine.decide import part_of
from crmsync.qualify.telling.for_reps import LeadStanding, decided_by, standings
from crmsync.store import StageMove, Store, attempt_of, standing_moves

_IN_WORDS = frozenset({"reasons", "ask", "disqualification_reason"})
_OF_HISTORY = frozenset({"first_day", "latest_day", "attempts"})


class _Lead(Struct, frozen=True):
    """What is known of one lead when its fields are filled. `standing`: null where no field asks for words."""

    row: Mapping[str, Any]
    stage_moves: bool
    owner_moves: bool
    standing: LeadStanding | None
    history: Sequence[StageMove]

    @property
    def moves(self) -> bool:
        return self.stage_moves or self.owner_moves


class Filler:
    """Says what becomes of the fields of leads, in the light of who gets which owner; the words are made once.

    `frame`: the decided leads with `written_native` and `written_on`. `told`: the same leads with what was decided of
    them, for the words. `only_moved`: leads whose stage and owner stay are left alone.
    """

    def __init__(
        self,
        prepared: Prepared,
        store: Store,
        frame: pl.DataFrame,
        told: Sequence[tuple[Batch, pl.DataFrame]],
        as_of: date,
        *,
        only_moved: bool,
    ) -> None:
        self._prepared, self._store, self._as_of = prepared, store, as_of
        self._frame, self._told, self._only_moved = frame, told, only_moved

    def fillings(self, routed: pl.DataFrame, *, only: Part | None) -> dict[str, Filling]:
        """Lead → what becomes of its fields; leads that stand on no stage that crmsync manages, and
        those that people keep for themselves, are left out.

        `routed`: those of the leads that may change, with their new owners. `only`: the part of changes that is
        written; by themselves fields are, as far as the stage that they tell of is there already. Who had the lead
        before is part of the owner's move: no later run knows of it.
        """
        fields = self._prepared.filled
        if only in {"stage", "owner"}:
            fields = tuple(each for each in fields if only == "owner" and each.written.content == "previous_owner")
        if not fields:
            return {}
        ours = pl.col("managed") & pl.col("stage_after").is_not_null() & pl.col("left_alone").is_null()
        rows = routed.filter(ours).with_columns(**{"#stage_moves": _stage_moves(), "#owner_moves": _owner_moves()})
        if only == "fields":
            rows = rows.filter(~pl.col("#stage_moves"))
        if only == "owner":
            rows = rows.filter("#owner_moves")
        if self._only_moved:
            rows = rows.filter(pl.col("#stage_moves") | pl.col("#owner_moves"))
        wanted_columns = ("score.", "band.", "ages.", "#")
        kept = [name for name in rows.columns if name.startswith(wanted_columns) or name in _COLUMNS]
        return {row["lead"]: self._filling(row, fields) for row in rows.select(kept).iter_rows(named=True)}

    def _filling(self, row: Mapping[str, Any], fields: Sequence[Filled]) -> Filling:
        prepared, name = self._prepared, row["lead"]
        standing, history = self._standings.get(name), self._histories.get(name, ())
        lead = _Lead(row, row["#stage_moves"], row["#owner_moves"], standing, history)
        ages = [day for column, day in row.items() if column.startswith("ages.") and day is not None]
        return filling(
            [pair for each in fields for pair in _wanted(prepared, each, lead, self._as_of)],
            native_values(row["written_native"]),
            moves=lead.moves,
            written_on=row["written_on"],
            as_of=self._as_of,
            after_days=prepared.mapping.write_scores_after_days,
            ages_on=min(ages, default=None),
        )

    @cached_property
    def _histories(self) -> Mapping[str, Sequence[StageMove]]:
        if not any(each.written.content in _OF_HISTORY for each in self._prepared.filled):
            return {}
        past = self._store.history.stages(self._prepared.name, self._frame["lead"].to_list())
        return {lead: standing_moves(moves) for lead, moves in past.items()}

    @cached_property
    def _standings(self) -> Mapping[str, LeadStanding]:
        if not any(each.written.content in _IN_WORDS for each in self._prepared.filled):
            return {}
        managed = self._frame.filter(pl.col("managed") & pl.col("stage_after").is_not_null())
        return _standings(self._prepared, managed, self._told, self._as_of)


_COLUMNS = frozenset(
    {"lead", "stage", "stage_after", "owner", "owner_after", "policy", "reason", "written_native", "written_on"}
)


def _stage_moves() -> pl.Expr:
    """An empty stage that stays on the lowest rung is no move, as in `plan.changed`."""
    still_lowest = pl.col("stage").is_null() & (pl.col("stage_after") == pl.col("lowest")) & ~pl.col("clearing")
    return pl.col("stage_after").ne_missing(pl.col("stage")) & ~still_lowest


def _owner_moves() -> pl.Expr:
    return pl.col("owner_after").is_not_null() & pl.col("owner_after").ne_missing(pl.col("owner"))


def _standings(
    prepared: Prepared, rows: pl.DataFrame, batches: Iterable[tuple[Batch, pl.DataFrame]], as_of: date
) -> dict[str, LeadStanding]:
    stages = dict(rows.select("lead", "stage_after").iter_rows())
    told: dict[str, LeadStanding] = {}
    for batch, decisions in batches:
        names = {row: lead for row, lead in batch.leads.select("row", "lead").iter_rows() if lead in stages}
        mine = pl.Series("row", list(names), dtype=pl.UInt32)
        some = decisions.filter(pl.col("row").is_in(mine.implode()))
        open_ = undecided(prepared.compiled, part_of(batch, mine), some, as_of, prepared.tongue)
        waiting = {row: each.waiting for row, each in open_.items()}
        by_row = {row: stages[lead] for row, lead in names.items()}
        said = standings(prepared.compiled, batch, some, by_row, waiting, prepared.tongue)
        told |= {names[row]: standing for row, standing in said}
    return told


def _wanted(prepared: Prepared, field: Filled, lead: _Lead, as_of: date) -> Iterator[tuple[Filled, str | None]]:
    """The field with what should stand there; nothing where crmsync has nothing to say."""
    written, row, zone = field.written, lead.row, prepared.org.time_zone
    match written.content:
        case "score":
            yield field, field.points(row.get(f"score.{written.of}.low"))
        case "band" | "grade":
            word = row.get(f"band.{written.of}")
            yield field, field.word(word, word)
        case "reasons":
            yield field, field.text(lead.standing.reasons if lead.standing else None)
        case "ask":
            yield field, field.text(lead.standing.ask if lead.standing else None)
        case "next_action":
            stage = row["stage_after"]
            action = prepared.compiled.next_action(row["policy"], stage)
            yield field, field.word(stage if action else None, action and prepared.tongue.own(action))
        case "disqualification_reason":
            name, words = lead.standing.reason if lead.standing and lead.standing.reason else (None, None)
            yield field, field.word(name, words)
        case "first_day" | "latest_day":
            days = list(_days_at(lead, written.of, as_of))
            if days:
                yield field, field.day(days[0 if written.content == "first_day" else -1], zone)
        case "attempts":
            yield field, field.number(_attempt(lead))
        case "previous_owner":
            if lead.owner_moves and _can_stand_there(prepared, field, row["owner"]):
                yield field, field.user(row["owner"], prepared.user_names)
        case "decided_by":
            yield field, field.decided(decided_by(row["policy"], as_of, prepared.tongue), as_of, zone)


def _can_stand_there(prepared: Prepared, field: Filled, owner: str | None) -> bool:
    """A reference to users takes no queue: the CRM would refuse the whole record for it."""
    people = {user.id for user in prepared.users if user.kind == "person"}
    return field.native.kind != "reference" or owner is None or owner in people


def _days_at(lead: _Lead, stage: str, as_of: date) -> Iterator[date]:
    """The days on which the lead was seen to come to the stage, this plan's included."""
    yield from (move.day for move in lead.history if move.stage_after == stage)
    if lead.stage_moves and lead.row["stage_after"] == stage:
        yield as_of


def _attempt(lead: _Lead) -> int:
    if lead.stage_moves:
        return attempt_of(lead.history, lead.row["stage"], lead.row["stage_after"])
    return lead.history[-1].attempt if lead.history else 1

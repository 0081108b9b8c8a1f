"""What is known of what somebody owns: since when it is theirs, and what it says of the facts that rules compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl
from msgspec import Struct, field

from crmsync.route.choosing.strategy import AccountOwner
from crmsync.route.roster.roster_file import RoutingRule
from crmsync.tongue import Tongue

FactsTold = tuple[tuple[str, str], ...]
_NOTHING = pl.lit(None, pl.Date())


class Owned(Struct, frozen=True):
    """What rules ask of it, as columns. `facts`: names of those that are compared. `zone`: whose days count; null =
    no rule asks for ages. `given`: lead → the day on which crmsync gave it to its present owner.
    """

    facts: Sequence[str] = ()
    zone: str | None = None
    given: Mapping[str, date] = field(default_factory=dict)

    def day(self, column: str) -> pl.Expr:
        """An instant's day."""
        return _NOTHING if self.zone is None else pl.col(column).dt.convert_time_zone(self.zone).dt.date()

    def in_record(self, column: str) -> pl.Expr:
        """What a record's JSON object says: one text for each fact, null = not told."""
        values = [pl.col(column).str.json_path_match(f"$['{name}']").alias(name) for name in self.facts]
        return pl.struct(*values) if values else pl.lit(None, pl.String())

    def in_lead(self, columns: Sequence[str]) -> pl.Expr:
        """The same of a lead, whose facts are columns."""
        there = {name for name in self.facts if f"fact.{name}" in columns}
        values = [
            (pl.col(f"fact.{name}") if name in there else pl.lit(None)).cast(pl.String()).alias(name)
            for name in self.facts
        ]
        return pl.struct(*values) if values else pl.lit(None, pl.String())

    def lead_since(self) -> pl.Expr:
        """Of leads with `created_at`, `owner_edited_on`: the day since when it is there and its owner's."""
        if self.zone is None:
            return _NOTHING
        given = (
            pl.col("lead").replace_strict(self.given, default=None, return_dtype=pl.Date())
            if self.given
            else _NOTHING
        )
        return pl.max_horizontal(self.day("created_at"), "owner_edited_on", given)


NOTHING_ASKED = Owned()


def facts_told(values: Mapping[str, str | None] | None) -> FactsTold:
    """Those that are known."""
    return tuple((name, value) for name, value in (values or {}).items() if value is not None)


def another(
    owner: AccountOwner, rule: RoutingRule, lead: Mapping[str, str | None], as_of: date, tongue: Tongue
) -> str | None:
    """Why the rule does not mean what this person owns; null = it does. `lead`: the facts that rules compare."""
    told = dict(owner.facts)
    for name in rule.same:
        mine, theirs = lead.get(name), told.get(name)
        if mine is None or theirs is None:
            return tongue.say("it is not known whether {fact} is the same", fact=name)
        if _plain(mine) != _plain(theirs):
            return tongue.say("{fact} is another", fact=name)
    if rule.within_days is None:
        return None
    if owner.since is None:
        return tongue.say("it is not known since when")
    if not timedelta() <= as_of - owner.since <= timedelta(days=rule.within_days):
        return tongue.say("not of the last {days} days", days=rule.within_days)
    return None


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()

"""How long nothing has happened: the days since silence began, as the least and the most there may be.

It began with the latest match. Without one it began with the lead itself, or on the day that the selector's `since`
names where that is later. Where it is not known which match is the latest, or whether there is one, every possible
match counts that no certain one follows.
"""

from __future__ import annotations

import polars as pl

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.columns.since import perhaps_column, sure_column
from crmsync.qualify.terms.activities import ENDLESS, Selector
from crmsync.qualify.terms.since import moment_of


def silence_of(builder: Builder, selector: Selector) -> tuple[pl.Expr, pl.Expr]:
    """(shortest, longest), in days over lead columns; negative = it has yet to begin.

    Null shortest: it may end on any day, this one too. Null longest: nothing tells when it began.
    """
    certain, possible = builder.latest(selector)
    least, most = _without_match(builder, selector)
    known, oldest = certain.is_not_null(), builder.oldest(selector)
    shortest = pl.when(known).then(possible).when(least.is_not_null()).then(pl.min_horizontal(possible, least))
    longest = pl.when(known).then(certain).when(most.is_not_null()).then(pl.max_horizontal(oldest, most))
    provided = builder.matches(selector).provided
    return (shortest if provided else pl.lit(None)).cast(pl.Int32), longest.cast(pl.Int32)


def _without_match(builder: Builder, selector: Selector) -> tuple[pl.Expr, pl.Expr]:
    """The least and the most days where there is no match."""
    born = builder.days_ago("created_at")
    if selector.since is None:
        return born, born
    moment = moment_of(selector.since)
    sure, perhaps = pl.col(sure_column(moment)), pl.col(perhaps_column(moment))
    never = perhaps <= -ENDLESS
    any_day = (sure <= -ENDLESS) & ~never
    least = pl.when(never).then(born).when(~any_day & born.is_not_null()).then(pl.min_horizontal(born, sure))
    most = pl.when(never | (perhaps >= ENDLESS)).then(born).otherwise(pl.min_horizontal(born, perhaps))
    return least, most

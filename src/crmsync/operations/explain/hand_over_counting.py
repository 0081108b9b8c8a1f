"""Which hand-over counts for leads that are explained, and which of them nobody has yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.operations.explain.owner_story import OwnerStory
from crmsync.qualify.telling.explanation import Explanation
from crmsync.route.placing.hand_overs import COUNTS, several, with_the_one_that_counts
from crmsync.run.nobody_yet import nobody_yet
from crmsync.store import Store
from crmsync.values import replace


def with_hand_overs(
    prepared: Prepared, store: Store, stories: Mapping[str, OwnerStory], explained: Sequence[Explanation]
) -> Mapping[str, OwnerStory]:
    """The stories with both, where the policy has several hand-overs or the roster lets leads wait."""
    waiting = nobody_yet(prepared, store, only=list(stories))
    if waiting is None:
        return stories
    counts = _counting(prepared, explained)
    return {
        lead: replace(
            story,
            hand_over=counts.get(lead),
            several=several(prepared.hand_overs),
            nobody_yet=lead in waiting,
        )
        for lead, story in stories.items()
    }


def _counting(prepared: Prepared, explained: Sequence[Explanation]) -> Mapping[str, str | None]:
    """Lead → the name of the hand-over that counts, asked as a run asks it."""
    if not several(prepared.hand_overs):
        return {}
    asked = sorted({name for each in prepared.hand_overs for name in each.when})
    rows = [
        (each.lead, each.stage, each.reason, *(each.conditions.get(name) == "met" for name in asked))
        for each in explained
    ]
    schema: dict[str, pl.DataType] = {"lead": pl.String(), "stage": pl.String(), "reason": pl.String()}
    schema |= {f"verdict.{name}": pl.Boolean() for name in asked}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    counted = with_the_one_that_counts(frame.lazy(), prepared.hand_overs).select("lead", COUNTS).collect()
    return dict(counted.iter_rows())

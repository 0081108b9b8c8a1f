"""Which of the fields that crmsync fills for people are written with a change, by themselves, or not yet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from crmsync.mapping import Filled, same_value
from crmsync.model import Change
from crmsync.plan.guard_reading import calls_needed

Pairs = Mapping[str, tuple[str | None, str | None]]
"""Native field → (what the CRM holds, what should stand there)."""
NOT_BY_THEMSELVES = frozenset({"score", "decided_by"})
"""What these fields tell changes with every day; they are written with others, scores also after some days."""


class Filling(Struct, frozen=True):
    """What becomes of one lead's fields. `writes`: to be written now.

    `look_on`: the day on which a score that waits is to be written, or ageing may have given it another number.
    """

    writes: Pairs
    look_on: date | None = None


def filling(
    wanted: Sequence[tuple[Filled, str | None]],
    held: Mapping[str, str | None],
    *,
    moves: bool,
    written_on: date | None,
    as_of: date,
    after_days: int,
    ages_on: date | None,
) -> Filling:
    """Decide about one lead. `wanted`: what should stand in each field; `held`: what the CRM holds.

    `moves`: its stage or owner changes in this plan. `written_on`: when its fields were last written; null = never.
    `ages_on`: when a score may next have other whole points by ageing alone; null = never.
    """
    differs = {
        each.written.field: (held.get(each.written.field), value)
        for each, value in wanted
        if not same_value(held.get(each.written.field), value)
    }
    contents = {each.written.content for each, _ in wanted if each.written.field in differs}
    may_score_on = as_of if written_on is None else written_on + timedelta(days=after_days)
    score_differs = "score" in contents
    if differs and (moves or contents - NOT_BY_THEMSELVES or (score_differs and may_score_on <= as_of)):
        return Filling(differs, _later(as_of + timedelta(days=after_days), ages_on))
    if score_differs:
        return Filling({}, max(may_score_on, as_of + timedelta(days=1)))
    return Filling({}, _later(may_score_on, ages_on))


def _later(day: date, ages_on: date | None) -> date | None:
    return None if ages_on is None else max(day, ages_on)


def field_notes(changes: Iterable[Change], batch_size: int) -> Iterable[str]:
    """How many leads are written for people's fields, and how many calls that adds."""
    everything = list(changes)
    told = [change for change in everything if change.fields]
    alone = [change for change in told if change.fields_alone]
    if not told:
        return
    leads = "1 lead" if len(told) == 1 else f"{len(told):,} leads"
    if not alone:
        yield f"fields for people are written on {leads}, together with stage or owner: no further call"
        return
    calls = calls_needed(len(everything), 0, batch_size) - calls_needed(len(everything) - len(alone), 0, batch_size)
    more = "no further call" if not calls else f"about {calls:,} calls more"
    verb = "is" if len(alone) == 1 else "are"
    yield f"fields for people are written on {leads}, of which {len(alone):,} {verb} written for them alone: {more}"

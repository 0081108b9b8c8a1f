"""Which leads are to be looked at, and everything that is known of them, batch by batch."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import CTE, Column, ColumnElement, Connection, func, or_, select

from crmsync.model import ACTIVITIES, LEADS, Batch, FactType
from crmsync.store import stays
from crmsync.store.database import Database
from crmsync.store.dialects.statements import among
from crmsync.store.encoding import DAMAGED, REMEMBERED_DAYS, damaged, day_number, facts_of, fetch, full_leads
from crmsync.store.tables import LAST_DAY, activities, leads, made_records

_LEAD_COLUMNS = (*LEADS, "facts", *REMEMBERED_DAYS)


def gather(
    database: Database,
    connection_id: int,
    as_of: date,
    *,
    everything: bool,
    only: Collection[str] | None,
    also: Collection[str],
    fact_types: Mapping[str, FactType],
    batch_size: int,
    with_stays: bool,
) -> Iterator[Batch]:
    """Batches in the order of native ids. Each is read by itself; between them nothing is held open.

    `with_stays`: with each lead's way through the stages.
    """
    with database.reading() as at:
        keys = _keys(at, connection_id, as_of, everything=everything, only=only, also=also)
    for start in range(0, len(keys), batch_size):
        with database.reading() as at:
            yield _batch(at, connection_id, keys[start : start + batch_size], fact_types, with_stays=with_stays)


def is_due(as_of: date) -> ColumnElement[bool]:
    """Whether a lead is to be looked at on this day."""
    return or_(*_due_either(as_of))


def _due_either(as_of: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """One of these, never both. Asked for one by one, for else databases walk the index from end to end."""
    return leads.c.due_on <= day_number(as_of), leads.c.due_on > LAST_DAY


def due_count(at: Connection, connection_id: int, as_of: date) -> int:
    """How many leads are to be looked at on this day."""
    mine = select(func.count()).select_from(leads).where(leads.c.connection_id == connection_id)
    return sum(at.execute(mine.where(due)).scalar_one() for due in _due_either(as_of))


def due_among(at: Connection, connection_id: int, ids: Collection[str], as_of: date) -> tuple[str, ...]:
    """Those of these leads that are to be looked at on this day, in the order of their ids."""
    mine = (leads.c.connection_id == connection_id) & among(leads.c.lead, ids)
    return tuple(at.execute(select(leads.c.lead).where(mine, is_due(as_of)).order_by(leads.c.lead)).scalars())


def first_leads(at: Connection, connection_id: int, limit: int) -> tuple[str, ...]:
    """Leads of the working set, in the order of their ids."""
    mine = select(leads.c.lead).where(leads.c.connection_id == connection_id)
    return tuple(at.execute(mine.order_by(leads.c.lead).limit(limit)).scalars())


def stored_among(at: Connection, connection_id: int, ids: Collection[str]) -> frozenset[str]:
    """Those of these leads that are in the working set."""
    mine = (leads.c.connection_id == connection_id) & among(leads.c.lead, ids)
    return frozenset(at.execute(select(leads.c.lead).where(mine)).scalars())


def leads_with(at: Connection, connection_id: int, ids: Collection[str]) -> frozenset[str]:
    """Whose these activities are, by what is stored."""
    mine = (activities.c.connection_id == connection_id) & among(activities.c.activity, ids)
    return frozenset(at.execute(select(activities.c.lead).where(mine)).scalars())


def lead_owners(
    database: Database, connection_id: int, emails: Collection[str] | None, fact_types: Mapping[str, FactType]
) -> pl.DataFrame:
    """`lead, email, company, created_at, owner, owner_edited_on` and these facts of stored leads.

    Those with these e-mails, or all (null).
    """
    plain = ("lead", "email", "company", "created_at", "owner")
    names = (*plain, "owner_edited_on", *(("facts",) if fact_types else ()))
    query = select(*(leads.c[name] for name in names)).where(leads.c.connection_id == connection_id)
    if emails is not None:
        query = query.where(among(leads.c.email, emails))
    with database.reading() as at:
        found = fetch(at, query, names)
    edited = pl.col("owner_edited_on").cast(pl.Date)
    owners = found.select(*(pl.col(name).cast(LEADS[name]) for name in plain), edited)
    return owners.hstack(facts_of(found["facts"], fact_types)) if fact_types else owners


def lead_names(at: Connection, connection_id: int, ids: Collection[str]) -> dict[str, str]:
    """Lead → name and company, as far as they are stored."""
    mine = (leads.c.connection_id == connection_id) & among(leads.c.lead, ids)
    rows = at.execute(select(leads.c.lead, leads.c.name, leads.c.company).where(mine))
    return {row.lead: " · ".join(part for part in (row.name, row.company) if part) for row in rows}


def lead_persons(at: Connection, connection_id: int, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Lead → name, e-mail address and company, as far as they are stored."""
    mine = (leads.c.connection_id == connection_id) & among(leads.c.lead, ids)
    rows = at.execute(select(leads.c.lead, leads.c.name, leads.c.email, leads.c.company).where(mine))
    return {row.lead: tuple(part for part in row[1:] if part) for row in rows}


def unmanaged(at: Connection, connection_id: int) -> pl.DataFrame:
    """`stage_native`, the `count` of leads that hold it and are not managed, and the first `lead` of them."""
    columns = (leads.c.stage_native, func.count().label("count"), func.min(leads.c.lead).label("lead"))
    mine = select(*columns).where(leads.c.connection_id == connection_id, leads.c.managed.is_(False))
    return fetch(at, mine.group_by(leads.c.stage_native), ("stage_native", "count", "lead")).sort("stage_native")


def unmanaged_count(at: Connection, connection_id: int) -> int:
    """How many leads are not managed: of their ids, which no index has but that of these leads alone."""
    mine = select(func.count(leads.c.lead)).where(leads.c.connection_id == connection_id, leads.c.managed.is_(False))
    return at.execute(mine).scalar_one()


def open_leads(database: Database, connection_id: int, stages: Collection[str]) -> dict[str, int]:
    """Native owner id → how many leads in one of these stages, or with an empty one, the owner has."""
    mine = leads.c.connection_id == connection_id
    owners = _walked(leads.c.owner, mine)
    theirs = select(func.count()).select_from(leads).where(mine, leads.c.owner == owners.c.value, leads.c.managed)
    in_stages = [leads.c.stage.is_(None), *(leads.c.stage == each for each in sorted(set(stages)))]
    counted = [theirs.where(each).correlate(owners).scalar_subquery() for each in in_stages]
    with database.reading() as at:
        rows = at.execute(select(owners.c.value, *counted).where(owners.c.value.is_not(None)))
        held = {str(owner): sum(numbers) for owner, *numbers in rows}
    return {owner: number for owner, number in held.items() if number}


def leads_by_stage(at: Connection, connection_id: int) -> dict[str, int]:
    """Stage → how many leads stand in it; none, for those in no stage."""
    mine = leads.c.connection_id == connection_id
    stages = _walked(leads.c.stage, mine)
    number = select(func.count()).select_from(leads).where(mine)
    there = number.where(leads.c.stage == stages.c.value).correlate(stages).scalar_subquery()
    found = {stage: count for stage, count in at.execute(select(stages.c.value, there)) if stage is not None}
    nowhere = at.execute(number.where(leads.c.stage.is_(None))).scalar_one() + found.pop("", 0)
    return {"": nowhere, **found} if nowhere else found


def _walked(column: Column[Any], mine: ColumnElement[bool]) -> CTE:
    """Each `value` that the column has, from one to the next by an index: few, of a million leads.

    Leads with the same one lie one behind the other there, and are counted in a third of the time that it takes to
    look at each lead's value.
    """
    values = select(func.min(column).label("value")).where(mine).cte("walked", recursive=True)
    behind = select(func.min(column)).where(mine, column > values.c.value).scalar_subquery()
    return values.union_all(select(behind).select_from(values).where(values.c.value.is_not(None)))


def _keys(
    at: Connection,
    connection_id: int,
    as_of: date,
    *,
    everything: bool,
    only: Collection[str] | None,
    also: Collection[str],
) -> pl.Series:
    mine = select(leads.c.key, leads.c.lead).where(leads.c.connection_id == connection_id)
    if only is not None:
        parts = [mine.where(among(leads.c.lead, only))]
    elif everything:
        parts = [mine]
    else:
        parts = [mine.where(due) for due in _due_either(as_of)]
        parts += [mine.where(among(leads.c.lead, also))] if also else []
    found = pl.concat(fetch(at, part, ("key", "lead")) for part in parts)
    return (found.unique("key") if also else found).sort("lead")["key"]


def _batch(
    at: Connection, connection_id: int, keys: pl.Series, fact_types: Mapping[str, FactType], *, with_stays: bool
) -> Batch:
    lead_columns = [leads.c[name] for name in _LEAD_COLUMNS]
    activity_columns = [activities.c[name] for name in ACTIVITIES]
    same_lead = (activities.c.connection_id == leads.c.connection_id) & (activities.c.lead == leads.c.lead)
    these = among(leads.c.key, keys)
    known = fetch(at, select(*lead_columns).where(these), _LEAD_COLUMNS, tell_damage=True)
    ours = select(made_records.c.activity).where(made_records.c.connection_id == connection_id)
    theirs = select(*activity_columns).select_from(leads).join(activities, same_lead).where(these)
    theirs = theirs.where(activities.c.activity.not_in(ours))  # a task that crmsync made is no evidence
    acts = fetch(at, theirs, tuple(ACTIVITIES), tell_damage=True)
    of_damaged_evidence = pl.col("lead").is_in(acts.filter(DAMAGED)["lead"].unique().implode())
    wrong = damaged(known) | known.select(pl.col(DAMAGED) | of_damaged_evidence).to_series()
    unreadable = tuple(known.filter(wrong)["lead"].sort())
    known = known.filter(~wrong).drop(DAMAGED)
    numbered = full_leads(known.sort("lead"), fact_types).with_row_index("row")
    acts = acts.select(pl.col(name).cast(dtype) for name, dtype in ACTIVITIES.items())
    acts = acts.join(numbered.select("lead", "row"), on="lead").sort("row", "day", "activity")
    return Batch(numbered, acts, unreadable, stays.of_leads(at, connection_id, numbered) if with_stays else None)

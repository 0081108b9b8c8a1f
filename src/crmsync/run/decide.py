"""Hops 4 to 7 of a run: gather due leads, qualify, route, plan. Reads the store; never asks the CRM."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.hand_off import Verdict
from crmsync.model import ACTIVITIES, FACT_DTYPES, FACT_PREFIX, LEADS, Batch, Change, SetAside
from crmsync.plan import change_from, changed
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.telling.reasons import reasons
from crmsync.route.placing.assignment import Assignments, assign
from crmsync.route.placing.orders import Credit
from crmsync.run.aims.leavers import Scope
from crmsync.run.counters import counters_from, stored_from
from crmsync.run.under_way import Process
from crmsync.store import Store, Turns

LEAD_COLUMNS = (
    "lead", "name", "email", "company", "created_at", "owner", "owner_edited_on", "managed", "stage_native",
    "hand_off_native",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decided:
    """What the pure hops made of the due leads.

    `frame`, one row per lead: LEAD_COLUMNS, `stage` (present), `stage_after`, `owner_after`, the other columns of
    `route.ASSIGNED` (`reason` as `route_reason`), `lowest`, `reminded`, and the decision's own columns
    (`earned_stage`, `review_day`, `priority`, `score.*`, `verdict.*`, …). `credits`: those that the turns take
    account of.
    """

    frame: pl.DataFrame
    assignments: Assignments
    turns_after: Mapping[tuple[str, str], Turns]
    changes: tuple[Change, ...]
    credits: tuple[int, ...]

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """Leads that routing could give to nobody."""
        return self.assignments.set_aside

    def to_store(self) -> pl.DataFrame:
        """The decisions as `Store.history.record` takes them."""
        decisions = [name for name in self.frame.columns if name.startswith(("score.", "band.", "verdict."))]
        columns = ["lead", "policy", "earned_stage", "stage_why", "reason", "priority", "review_day", *decisions]
        held = {item.lead: item.until + timedelta(days=1) for item in self.assignments.held}
        again = pl.col("lead").replace_strict(held, default=None, return_dtype=pl.Date)
        # A lead whose owner a person has set is looked at again when hands are no longer off.
        return self.frame.select(*columns, stage="stage_after").with_columns(pl.min_horizontal("review_day", again))


def decide_and_plan(
    connection: Prepared,
    store: Store,
    process: Process,
    *,
    as_of: date,
    now: datetime,
    everything: bool,
    scope: Scope | None = None,
) -> Decided:
    """Decide every lead that is due (or all), and say what would be written.

    `scope`: only these leads, their stages as they stand, and other owners in place of those who are leaving.
    """
    frame = _qualified(connection, store, as_of, everything=everything, leads=scope.leads if scope else None)
    if scope is not None:
        frame = scope.as_it_stands(frame, connection.compiled.lowest_stage)
    policy = connection.settings.policy
    ladder = tuple(rung.stage for rung in policy.ladder)
    credits = store.journal.open_credits(connection.name)
    assignments = assign(
        connection.roster,
        frame.drop("stage").rename({"stage_after": "stage"}).with_row_index("row"),
        counters=counters_from(store.journal.turns(connection.name), connection.roster),
        reserved=store.journal.reserved_turns(connection.name),
        as_of=as_of,
        now=now,
        hand_off_stage=policy.hand_off.stage if policy.hand_off else None,
        ladder=ladder,
        hands_off_days=policy.movement.hands_off_days or None,
        # When every lead is in the frame, routing counts and looks there.
        open_leads=None if everything else _open_leads(connection, store, ladder),
        known=None if everything else _known(connection, store, frame["email"]),
        accounts=store.facts.accounts(connection.name)
        if connection.accounts_asked and not frame.is_empty()
        else None,
        leavers=scope.leavers if scope else (),
        orders={**(scope.orders if scope else {}), **process.orders},
        credits=[Credit(credit.cause, credit.owner, credit.pool) for credit in credits],
    )
    routed = assignments.assigned.drop("row").rename({"owner": "owner_after", "reason": "route_reason"})
    pending = [entry.change for entry in store.journal.pending(connection.name)]
    frame = frame.join(routed, on="lead", how="left", maintain_order="left").with_columns(
        lowest=pl.lit(connection.compiled.lowest_stage),
        clearing=pl.col("lead").is_in([change.lead for change in pending if change.stage_changes]),
        reminded=pl.col("lead").is_in(process.reminded if scope is None else ()),
    )
    turns = stored_from(assignments.counters, connection.roster)
    changes = _changes(connection, store, process, frame, as_of)
    return Decided(frame, assignments, turns, changes, tuple(credit.id for credit in credits))


def _open_leads(connection: Prepared, store: Store, ladder: tuple[str, ...]) -> Mapping[str, int] | None:
    """Owners' open leads in the whole CRM, if anything in the roster asks for them."""
    asked = {"least_loaded", "capacity"} & connection.roster.roster.rules.strategies
    limited = any(member.person.capacity.open_leads is not None for member in connection.roster.members)
    return store.facts.open_leads(connection.name, ladder) if asked or limited else None


def _known(connection: Prepared, store: Store, emails: pl.Series) -> pl.DataFrame:
    """The CRM's other leads: all when owners of the same company count, else those of the same people."""
    if "account_owner" in connection.roster.roster.rules.strategies:
        return store.facts.lead_owners(connection.name)
    return store.facts.lead_owners(connection.name, emails=emails.drop_nulls().unique().to_list())


def _accounts(connection: Prepared, store: Store, frame: pl.DataFrame) -> pl.DataFrame | None:
    """The CRM's own accounts, if a rule asks who owns them."""
    return store.facts.accounts(connection.name) if connection.accounts_asked and not frame.is_empty() else None


def with_roles(batch: Batch, roles: pl.DataFrame) -> Batch:
    """The batch with `by_role` beside `by`. `roles`: columns `by`, `by_role`."""
    activities = batch.activities.join(roles, on="by", how="left", maintain_order="left")
    return Batch(batch.leads, activities)


def gathered(
    connection: Prepared, store: Store, as_of: date, *, everything: bool = False, leads: Iterable[str] | None = None
) -> Iterator[Batch]:
    """Batches as qualification takes them."""
    batches = store.facts.gather(
        connection.name,
        as_of,
        everything=everything,
        leads=None if leads is None else list(leads),
        fact_types=connection.mapping.fact_types,
    )
    for batch in batches:
        yield with_roles(batch, connection.roster.roles())


def _qualified(
    connection: Prepared, store: Store, as_of: date, *, everything: bool, leads: Iterable[str] | None
) -> pl.DataFrame:
    frames = []
    for batch in gathered(connection, store, as_of, everything=everything, leads=leads):
        frames.append(_one(connection, batch, as_of))
    return pl.concat(frames) if frames else _one(connection, nobody(connection), as_of)


def _one(connection: Prepared, batch: Batch, as_of: date) -> pl.DataFrame:
    decisions = decide(connection.compiled, batch, as_of).drop("lead", "row").rename({"stage": "stage_after"})
    facts = [name for name in batch.leads.columns if name.startswith(FACT_PREFIX)]
    return pl.concat([batch.leads.select(*LEAD_COLUMNS, "stage", *facts), decisions], how="horizontal")


def nobody(connection: Prepared) -> Batch:
    """An empty batch with the right columns."""
    columns: dict[str, pl.DataType] = {"row": pl.UInt32(), **LEADS}
    columns |= dict.fromkeys(("stage_edited_on", "owner_edited_on", "stage_since"), pl.Date())
    columns |= {FACT_PREFIX + name: FACT_DTYPES[kind] for name, kind in connection.mapping.fact_types.items()}
    activities: dict[str, pl.DataType] = {"row": pl.UInt32(), **ACTIVITIES, "by_role": pl.String()}
    return Batch(pl.DataFrame(schema=columns), pl.DataFrame(schema=activities))


def _changes(
    connection: Prepared, store: Store, process: Process, frame: pl.DataFrame, as_of: date
) -> tuple[Change, ...]:
    rows = changed(frame).sort("lead")
    words = _words(connection, store, rows, as_of)
    names = tuple(connection.compiled.policy.scores)
    changes = []
    for row in rows.iter_rows(named=True):
        change = change_from(connection.mapping, row, names, words[row["lead"]])
        if process.completing is not None:
            change = process.completing.completed(
                change,
                json.loads(row["hand_off_native"] or "{}"),
                verdict=process.verdicts.get(change.lead, Verdict()),
                attempts=process.attempts.get(change.lead, 0),
            )
        if change.writes or change.creates:
            changes.append(change)
    return tuple(changes)


def _words(connection: Prepared, store: Store, rows: pl.DataFrame, as_of: date) -> Mapping[str, tuple[str, ...]]:
    """Reasons in words, made only for leads that change: first the stage's, then the owner's."""
    told: dict[str, tuple[str, ...]] = {}
    routes = dict(rows.select("lead", "route_reason").iter_rows())
    if rows.is_empty():
        return told
    for batch in gathered(connection, store, as_of, leads=rows["lead"]):
        decisions = decide(connection.compiled, batch, as_of)
        said = reasons(connection.compiled, batch, decisions, range(batch.leads.height))
        for row, lead in enumerate(batch.leads["lead"]):
            route = routes[lead]
            told[lead] = (*said.get(row, ()), *((route,) if route else ()))
    return told

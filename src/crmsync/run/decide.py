"""Hops 4 to 7 of a run: gather the leads of its course, qualify, route, plan. Reads the store; never asks the CRM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.model import Change, native_values
from crmsync.plan import change_from, changed, narrowed
from crmsync.route.placing.hand_overs import COUNTS, ResolvedHandOver, several, with_the_one_that_counts
from crmsync.route.placing.orders import Credit
from crmsync.run.batches import DecidedBatch, decided_batches, frame_of
from crmsync.run.counters import stored_from
from crmsync.run.course import Course
from crmsync.run.decided import Decided
from crmsync.run.fill import Filler
from crmsync.run.left_alone import left_alone, marked, respecting, told_in
from crmsync.run.measured import unknown_facts
from crmsync.run.owners import routing_of, with_owners
from crmsync.run.rest import first_of, rest_of
from crmsync.run.words import reasons_by_lead, with_route
from crmsync.store import Store
from crmsync.values import replace


def decide_and_plan(prepared: Prepared, store: Store, course: Course, *, as_of: date, now: datetime) -> Decided:
    """Decide the leads of the course, and say what would be written; of a selection, and what it leaves out."""
    batches = decided_batches(prepared, store, course, as_of)
    frame = frame_of(batches)
    if course.stages_stay:
        frame = _as_it_stands(frame, prepared.compiled.lowest_stage)
    if course.only_stages:
        frame = frame.filter(pl.col("stage_after").is_in(course.only_stages))
    alone = left_alone(prepared, store, as_of)
    frame = marked(frame, alone, prepared.compiled.lowest_stage)
    course, later = _counting(course, frame, prepared.hand_overs)
    course = respecting(course, alone)
    credits = store.journal.open_credits(prepared.name)
    damaged = tuple(lead for one in batches for lead in one.batch.damaged)
    counting = [Credit(it.cause, it.owner, it.pool, it.day) for it in credits]
    routing = routing_of(prepared, store, course, frame, counting, as_of=as_of, now=now)
    leads = frame.drop("stage").rename({"stage_after": "stage"}).with_row_index("row")

    unknown = unknown_facts(frame) if course.everything else None
    told = [(one.batch, one.decisions) for one in batches]
    filler = Filler(prepared, store, frame, told, as_of, only_moved=course.stages_stay)

    def decided(picked: frozenset[str] | None) -> Decided:
        assignments = routing.assigned(leads, picked)
        routed = with_owners(prepared, course, frame, assignments, picked)
        turns = stored_from(assignments.counters, prepared.roster)
        settled = tuple(credit.id for credit in credits)
        kept = told_in(routed, alone)
        done = Decided(routed, assignments, turns, (), settled, damaged, picked, unknown=unknown, alone=kept)
        done = replace(done, handed_on=later if picked is None else later & picked)
        return replace(done, filled=filler.fillings(routed, only=None if picked is None else course.selection.only))

    every = decided(None)
    selection = course.selection
    if selection.everything:
        return replace(every, changes=_changes(prepared, course, every, batches))
    some = decided(selection.picked(frame, {entry.change.lead for entry in course.open}))
    if selection.limit is not None:
        some = decided(first_of(prepared, course, some.frame, some.filled, selection.limit))
    changes = _changes(prepared, course, some, batches)
    return replace(some, changes=changes, rest=rest_of(every.frame, every.filled, changes))


def _counting(
    course: Course, frame: pl.DataFrame, hand_overs: Sequence[ResolvedHandOver]
) -> tuple[Course, frozenset[str]]:
    """The course once it is known which hand-over counts for each lead; leads whose hand-off under way that ends."""
    if not several(hand_overs) or not course.under_way.verdicts:
        return course, frozenset()
    decided = frame.lazy().drop("stage").rename({"stage_after": "stage"})
    counted = with_the_one_that_counts(decided, hand_overs).select("lead", COUNTS).collect()
    asked = counted.filter(pl.col("lead").is_in(sorted(course.under_way.verdicts)))
    under_way, later = course.under_way.knowing(dict(asked.iter_rows()), [each.name for each in hand_overs])
    kept = {lead: order for lead, order in course.orders.items() if lead not in course.under_way.orders}
    orders = {**kept, **under_way.orders}
    return replace(course, under_way=under_way, orders=orders, reminded=under_way.reminded), later


def _as_it_stands(frame: pl.DataFrame, lowest: str) -> pl.DataFrame:
    """Every lead left on its stage: an empty one is the lowest, an unmanaged one none."""
    return frame.with_columns(stage_after=pl.when("managed").then(pl.col("stage").fill_null(lowest)))


def _changes(
    prepared: Prepared, course: Course, decided: Decided, batches: Sequence[DecidedBatch]
) -> tuple[Change, ...]:
    filled = {lead: each.writes for lead, each in decided.filled.items() if each.writes}
    rows = changed(decided.frame, filled, course.selection.only).sort("lead")
    words = _words(prepared, rows, batches)
    names = tuple(prepared.compiled.policy.scores)
    under_way = course.under_way
    changes = []
    for row in rows.iter_rows(named=True):
        change = change_from(prepared.mapping, row, names, words[row["lead"]], filled.get(row["lead"], {}))
        change = under_way.completed(change, native_values(row["hand_off_native"]), row["hand_over"])
        if part := course.selection.only:
            change = narrowed(change, part, prepared.mapping.stage.fields, _told_with_owner(prepared))
        if change.writes or change.creates:
            changes.append(change)
    return tuple(changes)


def _told_with_owner(prepared: Prepared) -> frozenset[str]:
    return frozenset(it.written.field for it in prepared.filled if it.written.content == "previous_owner")


def _words(prepared: Prepared, rows: pl.DataFrame, batches: Sequence[DecidedBatch]) -> Mapping[str, tuple[str, ...]]:
    """Reasons for leads that change: first the stage's, then the owner's."""
    routes = dict(rows.select("lead", "route_reason").iter_rows())
    told: dict[str, tuple[str, ...]] = {}
    for one in batches:
        said = reasons_by_lead(prepared, one.batch, one.decisions, rows["lead"], one.verdicts)
        told |= {lead: with_route(words, routes[lead]) for lead, words in said.items()}
    return told

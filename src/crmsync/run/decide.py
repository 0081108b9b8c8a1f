"""Hops 4 to 7 of a run: gather the leads of its course, qualify, route, plan. Reads the store; never asks the CRM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import polars as pl
from msgspec import Struct, field

from crmsync.clock import local_day
from crmsync.connection.prepared import Prepared
from crmsync.model import FACT_PREFIX, Batch, Change, GuardReading, Outcome, Rest, SetAside, native_values
from crmsync.plan import Filling, change_from, changed, narrowed
from crmsync.qualify.engine.decide import decide_with_verdicts
from crmsync.route.choosing.strategy import Need
from crmsync.route.placing.assignment import Assignments, assign
from crmsync.route.placing.circumstances import RoutingCircumstances, RoutingStanding
from crmsync.route.placing.hand_overs import COUNTS, ResolvedHandOver, several, with_the_one_that_counts
from crmsync.route.placing.needing_owner import open_leads_by_owner
from crmsync.route.placing.orders import Credit
from crmsync.run.counters import counters_from, stored_from
from crmsync.run.course import Course
from crmsync.run.fill import Filler
from crmsync.run.gather import gathered, nobody
from crmsync.run.left_alone import LeftAlone, left_alone, marked, respecting, told_in
from crmsync.run.measured import UnknownFacts, unknown_facts
from crmsync.run.rest import first_of, rest_of
from crmsync.run.words import reasons_by_lead, with_route
from crmsync.store import Store, Turns
from crmsync.values import replace

LEAD_COLUMNS = (
    "lead", "name", "email", "company", "created_at", "owner", "owner_edited_on", "managed", "stage_native",
    "hand_off_native", "written_native", "written_on",
)  # fmt: skip

_DAMAGED = "what is stored of this lead is damaged; the next run reads all records again"
_NO_EVIDENCE = ("activity", "lead", "at", "subject")
"""Columns of activities that no decision and no reason looks at."""


class Foreseen(Struct, frozen=True):
    """A change of which nothing is to be written, and why: what its outcome is, known before the first write."""

    change: Change
    outcome: Outcome
    message: str = ""


class Decided(Struct, frozen=True):
    """What the pure hops made of a run's leads.

    `frame`, one row per lead: LEAD_COLUMNS, `stage` (present), `stage_after`, `owner_after`, the other columns of
    ROUTED (`reason` as `route_reason`), `lowest`, `reminded`, and the decision's own columns (DECIDED). `credits`:
    those that the turns take account of. `damaged`: leads of which what is stored can no longer be read. `picked`:
    the leads that were selected, null = all; `rest`: what the others, or the other parts, would have been. `unknown`:
    what is not known of all leads, where all were looked at. `filled`: lead → what becomes of the fields that crmsync
    fills for people. `alone`: decided leads that are left alone, as the frame's column `left_alone` says.
    `foreseen`: changes of a saved plan that are not written. `aside`: leads of an undo that stay, in part or as a
    whole; `told`: what else its reader should know. `digest`: of the plan that is carried out; null = of
    what was decided here. `guards`: those that were breached when it was made. `handed_on`: leads of which the
    hand-off under way is over, as a later hand-over counts; of one that moves by that when it has moved.
    `written_before`: what earlier runs have written of the same plan, or taken back of the same run.
    """

    frame: pl.DataFrame
    assignments: Assignments
    turns_after: Mapping[tuple[str, str], Turns]
    changes: tuple[Change, ...]
    credits: tuple[int, ...]
    damaged: tuple[str, ...] = ()
    picked: frozenset[str] | None = None
    rest: Rest | None = None
    unknown: UnknownFacts | None = None
    filled: Mapping[str, Filling] = field(default_factory=dict)
    alone: tuple[LeftAlone, ...] = ()
    foreseen: tuple[Foreseen, ...] = ()
    aside: tuple[SetAside, ...] = ()
    told: tuple[str, ...] = ()
    digest: str | None = None
    guards: tuple[GuardReading, ...] = ()
    handed_on: frozenset[str] = frozenset()
    written_before: tuple[Change, ...] = ()

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """Leads that routing could give to nobody, and those that could not be looked at or are not to be written."""
        return (
            *self.assignments.set_aside,
            *(SetAside(lead, _DAMAGED) for lead in self.damaged),
            *(SetAside(it.change.lead, it.message) for it in self.foreseen if it.outcome != "unchanged"),
            *self.aside,
        )

    def to_store(self) -> pl.DataFrame:
        """The decisions as `Store.history.record` takes them."""
        decisions = [name for name in self.frame.columns if name.startswith(("score.", "band.", "verdict."))]
        columns = ["lead", "policy", "earned_stage", "stage_why", "reason", "priority", "review_day", *decisions]
        held = {item.lead: item.until + timedelta(days=1) for item in self.assignments.held}
        held |= {item.lead: item.until + timedelta(days=1) for item in self.alone if item.until}
        again = pl.col("lead").replace_strict(held, default=None, return_dtype=pl.Date)
        look_on = {lead: each.look_on for lead, each in self.filled.items() if each.look_on}
        scores = pl.col("lead").replace_strict(look_on, default=None, return_dtype=pl.Date)
        # A lead whose owner a person has set is looked at again when hands are no longer off.
        looked = pl.min_horizontal("review_day", again, scores)
        return self.frame.select(*columns, stage="stage_after").with_columns(looked)


class _DecidedBatch(Struct, frozen=True):
    """A batch with what was decided of it, kept for the reasons; its activities without `_NO_EVIDENCE`."""

    batch: Batch
    decisions: pl.DataFrame
    verdicts: pl.DataFrame


def decide_and_plan(prepared: Prepared, store: Store, course: Course, *, as_of: date, now: datetime) -> Decided:
    """Decide the leads of the course, and say what would be written; of a selection, and what it leaves out."""
    batches = list(_decided(prepared, store, course, as_of))
    frame = _frame(batches)
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
    routing = _routing(prepared, store, course, frame, counting, as_of=as_of, now=now)
    leads = frame.drop("stage").rename({"stage_after": "stage"}).with_row_index("row")

    unknown = unknown_facts(frame) if course.everything else None
    told = [(one.batch, one.decisions) for one in batches]
    filler = Filler(prepared, store, frame, told, as_of, only_moved=course.stages_stay)

    def decided(picked: frozenset[str] | None) -> Decided:
        assignments = routing.assigned(leads, picked)
        routed = _routed(prepared, course, frame, assignments, picked)
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


def _decided(prepared: Prepared, store: Store, course: Course, as_of: date) -> list[_DecidedBatch]:
    batches = gathered(prepared, store, as_of, everything=course.everything, leads=course.leads, also=course.also)
    found = [_one(prepared, batch, as_of) for batch in batches]
    return found or [_one(prepared, nobody(prepared), as_of)]


def _one(prepared: Prepared, batch: Batch, as_of: date) -> _DecidedBatch:
    decisions, verdicts = decide_with_verdicts(prepared.compiled, batch, as_of)
    kept = replace(batch, activities=batch.activities.drop(_NO_EVIDENCE))
    return _DecidedBatch(kept, decisions, verdicts)


def _frame(batches: Sequence[_DecidedBatch]) -> pl.DataFrame:
    """All batches as one frame: LEAD_COLUMNS, `stage` as it is, facts, and the decisions."""
    frames = []
    for one in batches:
        leads, decisions = one.batch.leads, one.decisions.drop("lead", "row").rename({"stage": "stage_after"})
        facts = [name for name in leads.columns if name.startswith(FACT_PREFIX)]
        frames.append(pl.concat([leads.select(*LEAD_COLUMNS, "stage", *facts), decisions], how="horizontal"))
    return pl.concat(frames)


def decided_as_of(prepared: Prepared, store: Store, leads: Sequence[str], as_of: date) -> pl.DataFrame:
    """These leads alone, as of a day: LEAD_COLUMNS, `stage` as it is, `stage_after`, facts, and the decisions."""
    found = [_one(prepared, batch, as_of) for batch in gathered(prepared, store, as_of, leads=leads)]
    return _frame(found or [_one(prepared, nobody(prepared), as_of)])


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


class _Routing(Struct, frozen=True):
    """What routing takes besides the leads: the same whichever of them are picked."""

    circumstances: RoutingCircumstances
    standing: RoutingStanding
    owners_stay: bool

    def assigned(self, leads: pl.DataFrame, picked: frozenset[str] | None) -> Assignments:
        """Owners for those of the leads that are `picked` (null: all); the others count, and get none."""
        if picked is None:
            return assign(leads, self.circumstances, self.standing)
        reserved = {lead: turn for lead, turn in self.standing.reserved.items() if lead in picked}
        standing = replace(self.standing, reserved=reserved)
        return assign(leads, self.circumstances, standing, picked=frozenset() if self.owners_stay else picked)


def _routing(
    prepared: Prepared,
    store: Store,
    course: Course,
    frame: pl.DataFrame,
    credits: Sequence[Credit],
    *,
    as_of: date,
    now: datetime,
) -> _Routing:
    policy = prepared.settings.policy
    ladder = tuple(rung.stage for rung in policy.ladder)
    circumstances = RoutingCircumstances(
        prepared.roster,
        prepared.hand_overs,
        ladder,
        as_of,
        now,
        hands_off_days=policy.movement.hands_off_days or None,
        leavers=course.leavers,
        orders=course.orders,
        zone=prepared.org.time_zone,
        tongue=prepared.tongue,
    )
    standing = RoutingStanding(
        counters=counters_from(store.journal.turns(prepared.name), prepared.roster),
        reserved={entry.change.lead: entry.reserved for entry in course.open if entry.reserved},
        credits=credits,
        # When every lead is in the frame, routing counts and looks there.
        open_leads=None if course.everything else _open_leads(prepared, store, ladder, frame),
        known=None if course.everything else known_leads(prepared, store, frame["email"]),
        accounts=_accounts(prepared, store, frame),
        given_on=owners_given_on(prepared, store),
    )
    return _Routing(circumstances, standing, owners_stay=course.selection.only in {"stage", "fields"})


def _routed(
    prepared: Prepared,
    course: Course,
    frame: pl.DataFrame,
    assignments: Assignments,
    picked: frozenset[str] | None,
) -> pl.DataFrame:
    """The leads that may change, with their new owners; see `Decided.frame`."""
    routed = assignments.assigned.drop("row").rename({"owner": "owner_after", "reason": "route_reason"})
    clearing = [entry.change.lead for entry in course.open if entry.change.stage_changes]
    if picked is not None:
        frame = frame.filter(pl.col("lead").is_in(sorted(picked)))
    return frame.join(routed, on="lead", how="left", maintain_order="left").with_columns(
        lowest=pl.lit(prepared.compiled.lowest_stage),
        # A stage that was emptied on its way to another one stays empty, if the lead is left alone since.
        clearing=pl.col("lead").is_in(clearing) & pl.col("left_alone").is_null(),
        reminded=pl.col("lead").is_in(course.reminded),
    )


def _open_leads(
    prepared: Prepared, store: Store, ladder: tuple[str, ...], frame: pl.DataFrame
) -> Mapping[str, int] | None:
    """Owners' open leads in the whole CRM, if anything in the roster asks for them.

    Those in the frame count by the stage decided for them, as they do where all leads are in it: else an owner would
    depend on which run looks.
    """
    if Need.OPEN_LEADS not in prepared.roster.needs:
        return None
    open_now = frame.filter("managed", pl.col("stage").is_null() | pl.col("stage").is_in(ladder))
    counts = Counter(store.facts.open_leads(prepared.name, ladder))
    counts.subtract(Counter(open_now["owner"].drop_nulls().to_list()))
    counts.update(open_leads_by_owner(frame.drop("stage").rename({"stage_after": "stage"}), ladder))
    return {owner: number for owner, number in counts.items() if number}


def known_leads(prepared: Prepared, store: Store, emails: pl.Series) -> pl.DataFrame:
    """The CRM's other leads: all when owners of the same company count, else those of the same people."""
    if Need.KNOWN_OWNERS in prepared.roster.needs:
        types = prepared.mapping.fact_types
        told = {name: types[name] for name in prepared.roster.facts_compared if name in types}
        return store.facts.lead_owners(prepared.name, fact_types=told)
    return store.facts.lead_owners(prepared.name, emails=emails.drop_nulls().unique().to_list())


def owners_given_on(prepared: Prepared, store: Store) -> Mapping[str, date]:
    """The days on which crmsync gave leads to their present owners, if a rule asks how long they have them."""
    if not prepared.roster.ages_count:
        return {}
    given = store.history.owners_given(prepared.name)
    return {lead: local_day(at, prepared.org.time_zone) for lead, at in given.items()}


def _accounts(prepared: Prepared, store: Store, frame: pl.DataFrame) -> pl.DataFrame | None:
    """The CRM's own accounts, if a rule asks who owns them."""
    return store.facts.accounts(prepared.name) if prepared.accounts_asked and not frame.is_empty() else None


def _changes(
    prepared: Prepared, course: Course, decided: Decided, batches: Sequence[_DecidedBatch]
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


def _words(prepared: Prepared, rows: pl.DataFrame, batches: Sequence[_DecidedBatch]) -> Mapping[str, tuple[str, ...]]:
    """Reasons for leads that change: first the stage's, then the owner's."""
    routes = dict(rows.select("lead", "route_reason").iter_rows())
    told: dict[str, tuple[str, ...]] = {}
    for one in batches:
        said = reasons_by_lead(prepared, one.batch, one.decisions, rows["lead"], one.verdicts)
        told |= {lead: with_route(words, routes[lead]) for lead, words in said.items()}
    return told

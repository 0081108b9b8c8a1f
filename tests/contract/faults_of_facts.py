"""Planted faults: what is remembered of leads, decided, and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from planted_faults import Patch, commits_after, fault
from sqlalchemy import Connection

from crmsync.errors import UsageError
from crmsync.store import (
    Missing,
    Pulled,
    Remembered,
    activity_pull,
    bookkeeping,
    decisions,
    encoding,
    erase,
    history,
    humans,
    journal,
    lead_pull,
    left,
    outcomes,
    remember,
    rotation,
)
from crmsync.store import store as facade
from crmsync.store.database import Database
from crmsync.store.faces import facts
from crmsync.store.locks import file_lock as lock
from crmsync.store.tables import leads
from crmsync.values import replace


@fault("every_type_of_fact_comes_back_as_it_was")
def floats_are_shortened(patch: Patch) -> None:
    pack = encoding.pack
    patch.setattr(encoding, "pack", lambda frame: pack(frame.with_columns(pl.col(pl.Float64).round(3))))


@fault("facts_that_are_not_asked_for_or_of_another_type_are_unknown")
def facts_fill_gaps(patch: Patch) -> None:
    unpack = encoding.unpack
    patch.setattr(
        encoding, "unpack", lambda packed, schema: unpack(packed, schema).with_columns(pl.col(pl.Int64).fill_null(0))
    )


@fault("remembering_the_same_again_changes_nothing", "a_lead_is_due_again_on_its_review_day")
def review_days_are_lost(patch: Patch) -> None:
    record = decisions.record

    def at_once(*arguments: Any, keep_due: Any, **more: Any) -> None:
        record(*arguments, keep_due=arguments[2]["lead"], **more)

    patch.setattr(decisions, "record", at_once)


@fault("remembering_the_same_again_changes_nothing")
def everything_read_is_written(patch: Patch) -> None:
    patch.setattr(pl.Expr, "ne_missing", lambda self, other: pl.lit(True))


@fault(
    "what_differs_is_stored_and_due",
    "an_activity_follows_its_lead",
    "a_complete_pull_removes_what_it_does_not_bring",
    "leads_can_be_marked_due",
)
def due_marks_are_lost(patch: Patch) -> None:
    patch.setattr(activity_pull, "mark_due", lambda *_: None)
    patch.setattr(facts, "mark_due", lambda *_: None)


@fault("a_complete_pull_removes_what_it_does_not_bring", "gone_leads_leave_the_working_set")
def gone_leads_stay(patch: Patch) -> None:
    patch.setattr(lead_pull.LeadPull, "_remove", lambda *_: None)


@fault("gone_leads_leave_the_working_set")
def gone_wins_whatever_comes_later(patch: Patch) -> None:
    take = lead_pull.LeadPull.take

    def take_and_keep(self: lead_pull.LeadPull, *part: Any) -> int:
        before = set(self._gone)
        rows = take(self, *part)
        self._gone |= before
        return rows

    patch.setattr(lead_pull.LeadPull, "take", take_and_keep)


@fault("a_complete_pull_removes_what_it_does_not_bring", "connections_do_not_see_each_other")
def every_pull_counts_as_complete(patch: Patch) -> None:
    stale = remember._Pull.remove_stale

    def everywhere(self: remember._Pull, at: Connection, *, complete: bool) -> None:
        for number in (1, 2):
            self.leads._connection_id = self._activities._connection_id = number
            stale(self, at, complete=True)

    patch.setattr(remember._Pull, "remove_stale", everywhere)


@fault("an_activity_follows_its_lead")
def moved_activities_stay_behind(patch: Patch) -> None:
    patch.setattr(remember._Pull, "remove_stale", lambda *_, **__: None)


@fault("the_cursor_never_stands_ahead_of_the_facts", "a_verb_happens_whole_or_not_at_all[remember]")
def cursors_move_by_themselves(patch: Patch) -> None:
    carefully = remember.remember

    def hasty(database: Database, connection_id: int, parts: Iterable[Pulled], **how: Any) -> Remembered:
        def watched() -> Iterator[Pulled]:
            for part in parts:
                with database.writing() as connection:
                    bookkeeping.set_cursors(connection, connection_id, part.cursors)
                yield part

        return carefully(database, connection_id, watched(), **how)

    patch.setattr(remember, "remember", hasty)


@fault("values_found_at_first_sight_are_nobodys_edit")
def first_sight_is_an_edit(patch: Patch) -> None:
    insert = lead_pull.bulk

    def edited(at: Connection, statement: Any, frame: pl.DataFrame) -> None:
        if statement.table is leads and statement.is_insert:
            frame = frame.with_columns(stage_edited_on="stage_since")
        insert(at, statement, frame)

    patch.setattr(lead_pull, "bulk", edited)


@fault("a_change_by_somebody_else_is_dated", "history_keeps_every_attempt")
def nobody_ever_edits(patch: Patch) -> None:
    empty = pl.DataFrame(schema=dict(history.MOVES))
    patch.setattr(
        humans,
        "seen",
        lambda connection, number, changed, today: humans.SeenEdits(
            changed,
            empty,
            changed.head(0).select("lead", "owner"),
            changed.head(0).select("lead", part="lead", ours="lead", theirs="lead"),
        ),
    )


@fault("another_reading_of_the_same_native_value_is_nobodys_edit")
def only_the_policys_stage_counts(patch: Patch) -> None:
    patch.setattr(humans, "_natively_moved", lambda changed: [True] * changed.height)


@fault("our_own_write_coming_back_is_no_news")
def our_values_are_not_remembered(patch: Patch) -> None:
    patch.setattr(journal, "_remember_as_ours", lambda *_: None)


@fault("a_stage_cleared_on_our_way_is_nobodys_edit")
def open_changes_are_overlooked(patch: Patch) -> None:
    patch.setattr(humans, "_open_leads", lambda *_: [])


@fault("a_stage_cleared_on_our_way_is_half_a_move")
def a_clearing_counts_as_a_move(patch: Patch) -> None:
    see = humans.seen

    def seen(at: Connection, connection_id: int, changed: pl.DataFrame, today: int) -> humans.SeenEdits:
        found = see(at, connection_id, changed, today)
        empty = changed.filter(pl.col("stage").is_null())
        moves = empty.select(
            "lead",
            stage_before="stage_old",
            stage_after=pl.lit(None, pl.String),
            since="stage_since",
            cause=pl.lit("crmsync"),
        )
        return replace(found, moves=pl.concat([found.moves, moves]))

    patch.setattr(humans, "seen", seen)


@fault("a_stage_cleared_on_our_way_is_half_a_move")
def the_stage_before_a_clearing_is_forgotten(patch: Patch) -> None:
    see = humans.seen

    def seen(at: Connection, connection_id: int, changed: pl.DataFrame, today: int) -> humans.SeenEdits:
        found = see(at, connection_id, changed, today)
        return replace(found, leads=found.leads.with_columns(stage_before_clearing=pl.lit(None, pl.String)))

    patch.setattr(humans, "seen", seen)


@fault("history_keeps_every_attempt")
def attempts_are_not_counted(patch: Patch) -> None:
    patch.setattr(history, "attempt_of", lambda *_: 1)


@fault("the_last_decision_can_be_read")
def the_first_policy_is_told(patch: Patch) -> None:
    patch.setattr(decisions, "_policy_number", _first_policy(decisions._policy_number))


@fault("batches_come_in_the_order_of_ids")
def batches_come_as_they_like(patch: Patch) -> None:
    gather = facts.gather
    patch.setattr(facts, "gather", lambda *a, **k: reversed(list(gather(*a, **k))))


@fault("intentions_and_counters_are_kept")
def counters_of_others_are_dropped(patch: Patch) -> None:
    keep = rotation.set_turns

    def replace_all(at: Connection, connection_id: int, turns: Any) -> None:
        at.execute(rotation.counters.delete())
        keep(at, connection_id, turns)

    patch.setattr(journal, "set_turns", replace_all)


@fault("every_end_settles_its_turn", "a_later_run_takes_over_what_an_earlier_one_intended")
def refused_turns_are_lost(patch: Patch) -> None:
    patch.setattr(outcomes, "give_back", lambda *_: None)


@fault("a_later_run_takes_over_what_an_earlier_one_intended")
def earlier_intentions_stay_open(patch: Patch) -> None:
    patch.setattr(journal, "_supersede", lambda *_, **__: None)


@fault("the_stored_lead_follows_what_was_written", "our_own_write_coming_back_is_no_news")
def written_leads_stay_as_they_were(patch: Patch) -> None:
    patch.setattr(outcomes, "_follow", lambda *_: None)


@fault("a_verb_happens_whole_or_not_at_all[intend]")
def counters_move_by_themselves(patch: Patch) -> None:
    commits_after(patch, journal, "set_turns")


@fault("a_verb_happens_whole_or_not_at_all[record_outcomes]")
def the_journal_moves_by_itself(patch: Patch) -> None:
    commits_after(patch, outcomes, "close")


@fault("a_verb_happens_whole_or_not_at_all[record_decisions]")
def decisions_move_by_themselves(patch: Patch) -> None:
    commits_after(patch, decisions, "record")


@fault("a_verb_happens_whole_or_not_at_all[remember]")
def leads_move_by_themselves(patch: Patch) -> None:
    commits_after(patch, lead_pull.LeadPull, "flush")


@fault("connections_do_not_see_each_other")
def all_connections_are_one(patch: Patch) -> None:
    make = bookkeeping.new_connection
    patch.setattr(bookkeeping, "new_connection", lambda connection, name: make(connection, "the only one"))


@fault("one_run_at_a_time_on_a_connection", "the_lock_of_a_killed_process_is_free")
def nothing_is_locked(patch: Patch) -> None:
    patch.setattr(lock, "take_lock", lambda file: True)


@fault("the_lock_of_a_killed_process_is_free")
def the_lock_is_a_file_that_exists(patch: Patch) -> None:
    @contextmanager
    def hold(store: Path, connection: str, now: datetime) -> Iterator[None]:
        path = store.with_name(f"{store.name}.{connection}.lock")
        if path.exists():
            with lock_of(store, connection, now):
                pass
            raise AssertionError("a dead process still holds it")
        path.touch()
        yield
        path.unlink()

    lock_of = lock.hold
    patch.setattr(lock, "hold", hold)


@fault("threads_share_a_store")
def one_connection_for_all_threads(patch: Patch) -> None:
    @contextmanager
    def writing(self: Database, connection_id: int | None = None) -> Iterator[Connection]:
        connection = shared.setdefault(id(self), self.engine.connect())
        if not connection.in_transaction():
            connection.begin()
        yield connection
        connection.commit()

    shared: dict[int, Connection] = {}
    patch.setattr(Database, "writing", writing)


@fault("a_lead_that_comes_back_with_nothing_known_of_it_is_due")
def who_comes_back_is_looked_at_some_day(patch: Patch) -> None:
    patch.setattr(left, "DUE_NOW", 2_000_000)


@fault("a_lead_that_left_and_comes_back_is_known[outside]")
def what_left_is_forgotten(patch: Patch) -> None:
    patch.setattr(left, "bring_back", lambda *_: None)


@fault("a_lead_that_left_and_comes_back_is_known[outside]")
def activities_of_whoever_was_away_are_read_again(patch: Patch) -> None:
    patch.setattr(left, "with_everything", lambda _at, _number, ids: frozenset(ids))


@fault("leads_out_of_scope_are_not_missing")
def out_of_scope_is_gone(patch: Patch) -> None:
    asks = lead_pull.LeadPull.misses_too_many
    patch.setattr(
        lead_pull.LeadPull,
        "misses_too_many",
        lambda pull, at, missing: asks(pull, at, Missing(may_leave=missing.may_leave)),
    )


@fault("leads_that_are_there_all_the_same_stay")
def what_a_listing_lacks_is_gone(patch: Patch) -> None:
    asks = lead_pull.LeadPull.misses_too_many
    patch.setattr(
        lead_pull.LeadPull,
        "misses_too_many",
        lambda pull, at, missing: asks(pull, at, replace(missing, there=lambda _: ())),
    )


@fault("runs_digests_and_the_snapshot_are_kept")
def the_exit_code_is_lost(patch: Patch) -> None:
    end = bookkeeping.end_run

    def lost(at: Connection, run: int, now: datetime, _code: int, counts: Mapping[str, int], **more: Any) -> None:
        end(at, run, now, 0, counts, **more)

    patch.setattr(bookkeeping, "end_run", lost)


@fault("the_last_run_that_was_to_write_is_found_behind_any_number_of_dry_ones")
def dry_runs_count_as_those_that_write(patch: Patch) -> None:
    read = bookkeeping.read_runs
    patch.setattr(bookkeeping, "read_runs", lambda *arguments, **more: read(*arguments, **{**more, "wrote": False}))


@fault("the_last_run_that_was_to_write_is_found_behind_any_number_of_dry_ones")
def a_part_counts_as_everybody(patch: Patch) -> None:
    start = bookkeeping.start_run
    patch.setattr(
        bookkeeping, "start_run", lambda *arguments, **more: start(*arguments, **{**more, "partial": False})
    )


@fault("a_forgotten_person_leaves_only_the_turn")
def reasons_are_not_forgotten(patch: Patch) -> None:
    def forgets_nothing(at: Connection, number: int, lead: str) -> erase.Forgotten:
        if erase.read_entries(at, number, state="intended", only=[lead]):
            raise UsageError("still open")
        return erase.Forgotten(1, 0, 0, 0, 0)

    patch.setattr(erase, "forget", forgets_nothing)


@fault("the_file_is_for_its_owner_only")
def the_file_is_for_everybody(patch: Patch) -> None:
    make = facade.Database

    def public(location: Path) -> Database:
        database = make(location)
        location.chmod(0o644)
        return database

    patch.setattr(facade, "Database", public)


def _first_policy(number: Callable[[Connection, str], int]) -> Callable[[Connection, str], int]:
    seen: list[int] = []

    def first(at: Connection, digest: str) -> int:
        seen.append(number(at, digest))
        return seen[0]

    return first


@fault("leads_that_nothing_manages_are_counted")
def all_leads_are_counted(patch: Patch) -> None:
    patch.setattr(facts.StoredFacts, "unmanaged_count", facts.StoredFacts.lead_count)

"""The store keeps its contract; and the suite that says so fails for every store that does not.

Each planted fault is a store with one thing wrong. Together they make every check of the suite fail at least once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Connection, Table, func

from crmsync.errors import UsageError
from crmsync.store import (
    Missing,
    Pulled,
    Remembered,
    accounts,
    alerts,
    bookkeeping,
    console,
    decisions,
    earlier_stages,
    encoding,
    erase,
    hand_offs,
    history,
    humans,
    journal,
    left,
    left_alone,
    outcomes,
    owners,
    plans,
    remember,
    rotation,
    search,
    tellings,
    unanswered,
)
from crmsync.store import store as facade
from crmsync.store import tidy as tidying
from crmsync.store.database import Database
from crmsync.store.encoding import instant_number
from crmsync.store.faces import facts
from crmsync.store.locks import file_lock as lock
from crmsync.store.tables import leads
from crmsync.testing import StoreConformance
from crmsync.testing.store_steps import Stores
from suite.breadth import broadly

Patch = pytest.MonkeyPatch


class TestSqlite(StoreConformance):
    """SQLite in a file."""

    location = pytest.fixture(lambda self, tmp_path: tmp_path / "store.db")


@pytest.mark.breadth
class TestPostgresql(StoreConformance):
    """A database of its own on a real PostgreSQL for each test."""

    location = pytest.fixture(lambda self, postgresql_database: postgresql_database)


FAULTS: dict[str, tuple[Callable[[Patch], None], str]] = {}


def fault(*caught_by: str) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    """A planted fault and the checks that must notice it."""

    def plant(patch: Callable[[Patch], None]) -> Callable[[Patch], None]:
        for name in caught_by:
            FAULTS[f"{patch.__name__}-{name}"] = (patch, f"test_{name}")
        return patch

    return plant


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
    patch.setattr(remember, "mark_due", lambda *_: None)
    patch.setattr(facts, "mark_due", lambda *_: None)


@fault("a_complete_pull_removes_what_it_does_not_bring", "gone_leads_leave_the_working_set")
def gone_leads_stay(patch: Patch) -> None:
    patch.setattr(remember._Pull, "_remove_leads", lambda *_: None)


@fault("gone_leads_leave_the_working_set")
def gone_wins_whatever_comes_later(patch: Patch) -> None:
    take = remember._Pull.take

    def take_and_keep(self: remember._Pull, part: Pulled) -> None:
        before = set(self._gone_leads)
        take(self, part)
        self._gone_leads |= before

    patch.setattr(remember._Pull, "take", take_and_keep)


@fault("a_complete_pull_removes_what_it_does_not_bring", "connections_do_not_see_each_other")
def every_pull_counts_as_complete(patch: Patch) -> None:
    stale = remember._Pull.remove_stale

    def everywhere(self: remember._Pull, at: Connection, *, complete: bool) -> None:
        for self.connection_id in (1, 2):
            stale(self, at, complete=True)

    patch.setattr(remember._Pull, "remove_stale", everywhere)


@fault("an_activity_follows_its_lead")
def moved_activities_stay_behind(patch: Patch) -> None:
    patch.setattr(remember._Pull, "remove_stale", lambda *_, **__: None)


@fault("the_cursor_never_stands_ahead_of_the_facts", "a_verb_happens_whole_or_not_at_all[remember]")
def cursors_move_by_themselves(patch: Patch) -> None:
    def hasty(database: Database, connection_id: int, parts: Iterable[Pulled], **how: Any) -> Remembered:
        def watched() -> Iterator[Pulled]:
            for part in parts:
                with database.writing() as connection:
                    bookkeeping.set_cursors(connection, connection_id, part.cursors)
                yield part

        return remember.remember(database, connection_id, watched(), **how)

    patch.setattr(facts, "remember", hasty)


@fault("values_found_at_first_sight_are_nobodys_edit")
def first_sight_is_an_edit(patch: Patch) -> None:
    insert = remember.bulk

    def edited(at: Connection, statement: Any, frame: pl.DataFrame) -> None:
        if statement.table is leads and statement.is_insert:
            frame = frame.with_columns(stage_edited_on="stage_since")
        insert(at, statement, frame)

    patch.setattr(remember, "bulk", edited)


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
    _commits_after(patch, journal, "set_turns")


@fault("a_verb_happens_whole_or_not_at_all[record_outcomes]")
def the_journal_moves_by_itself(patch: Patch) -> None:
    _commits_after(patch, outcomes, "close")


@fault("a_verb_happens_whole_or_not_at_all[record_decisions]")
def decisions_move_by_themselves(patch: Patch) -> None:
    _commits_after(patch, decisions, "record")


@fault("a_verb_happens_whole_or_not_at_all[remember]")
def leads_move_by_themselves(patch: Patch) -> None:
    _commits_after(patch, remember._Pull, "_write_leads")


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


@fault("leads_out_of_scope_are_not_missing")
def out_of_scope_is_gone(patch: Patch) -> None:
    asks = remember._Pull.misses_too_many
    patch.setattr(
        remember._Pull,
        "misses_too_many",
        lambda pull, at, missing: asks(pull, at, Missing(may_leave=missing.may_leave)),
    )


@fault("leads_that_are_there_all_the_same_stay")
def what_a_listing_lacks_is_gone(patch: Patch) -> None:
    asks = remember._Pull.misses_too_many
    patch.setattr(
        remember._Pull,
        "misses_too_many",
        lambda pull, at, missing: asks(pull, at, replace(missing, there=lambda _: ())),
    )


@fault("runs_digests_and_the_snapshot_are_kept")
def the_exit_code_is_lost(patch: Patch) -> None:
    end = bookkeeping.end_run

    def lost(at: Connection, run: int, now: datetime, _code: int, counts: Mapping[str, int], **more: Any) -> None:
        end(at, run, now, 0, counts, **more)

    patch.setattr(bookkeeping, "end_run", lost)


@fault("a_forgotten_person_leaves_only_the_turn")
def reasons_are_not_forgotten(patch: Patch) -> None:
    def forgets_nothing(at: Connection, number: int, lead: str) -> erase.Forgotten:
        if erase.read_entries(at, number, state="intended", only=[lead]):
            raise UsageError("still open")
        return erase.Forgotten(1, 0, 0, 0, 0)

    patch.setattr(facade, "forget", forgets_nothing)


@fault("the_file_is_for_its_owner_only")
def the_file_is_for_everybody(patch: Patch) -> None:
    make = facade.Database

    def public(location: Path) -> Database:
        database = make(location)
        location.chmod(0o644)
        return database

    patch.setattr(facade, "Database", public)


@fault("a_hand_off_is_under_way_once_it_has_arrived")
def refused_hand_offs_are_under_way(patch: Patch) -> None:
    follow = hand_offs.follow
    close = journal.close

    def early(at: Connection, entries_ended: Any, now: datetime) -> None:
        follow(at, 1, [entry.change for entry, state, *_ in entries_ended if state == "refused"], now)
        close(at, entries_ended, now)

    patch.setattr(outcomes, "close", early)


@fault("a_stage_cleared_on_our_way_leaves_its_hand_off_the_stage_before")
def a_clearing_takes_the_lead_off_the_ladder(patch: Patch) -> None:
    patch.setattr(hand_offs, "_STAGE", leads.c.stage)


@fault("what_a_change_said_of_itself_is_kept")
def passed_over_is_not_kept(patch: Patch) -> None:
    row = journal._row
    patch.setattr(journal, "_row", lambda *a: row(*a) | {"routing": None})


@fault(
    "a_return_waits_and_the_next_hand_off_ends_it",
    "a_reminder_and_a_lead_passed_on",
    "a_lead_that_a_timeout_sent_to_a_queue",
)
def hand_offs_never_move_on(patch: Patch) -> None:
    patch.setattr(hand_offs, "_update_live", lambda *_, **__: None)


@fault("each_hand_over_counts_for_itself_and_a_later_one_ends_the_former")
def a_later_hand_over_is_the_same_again(patch: Patch) -> None:
    patch.setattr(hand_offs, "_HANDED_ON", "again")


@fault("a_return_waits_and_the_next_hand_off_ends_it")
def returns_are_no_credit(patch: Patch) -> None:
    patch.setattr(hand_offs, "_credit", lambda *_: None)


@fault("the_first_touch_is_the_receivers_own")
def anybodys_touch_counts(patch: Patch) -> None:
    instant = datetime(2026, 11, 22, tzinfo=UTC)
    patch.setattr(hand_offs, "_touches", lambda *_: dict.fromkeys(range(99), instant))


@fault("what_did_not_happen_is_no_touch")
def everything_happened(patch: Patch) -> None:
    patch.setattr(hand_offs, "NO_EVIDENCE", ("never",))


@fault("what_did_not_happen_is_no_touch")
def what_is_to_come_is_a_touch(patch: Patch) -> None:
    touches = hand_offs._touches
    patch.setattr(hand_offs, "_touches", lambda at, where, kinds, _, zone: touches(at, where, kinds, None, zone))


@fault("a_touch_without_a_time_is_on_its_day_in_the_orgs_zone")
def days_are_those_of_greenwich(patch: Patch) -> None:
    patch.setattr(hand_offs, "ZoneInfo", lambda _: UTC)


@fault("what_is_learnt_is_written_once")
def the_last_word_counts(patch: Patch) -> None:
    patch.setattr(hand_offs, "func", SimpleNamespace(coalesce=lambda old, new: new, **_functions))


@fault("a_record_that_was_made_is_no_evidence")
def made_records_are_forgotten(patch: Patch) -> None:
    patch.setattr(hand_offs, "note_made", lambda *_: None)


@fault("an_owner_whom_a_person_gave_can_be_credited")
def nobody_ever_gives(patch: Patch) -> None:
    seen = humans.seen

    def blind(*arguments: Any) -> humans.SeenEdits:
        found = seen(*arguments)
        return replace(found, given=found.given.clear())

    patch.setattr(humans, "seen", blind)


@fault("accounts_come_back_as_they_were")
def accounts_come_as_they_like(patch: Patch) -> None:
    patch.setattr(accounts, "func", SimpleNamespace(length=lambda column: column))


@fault("a_verb_happens_whole_or_not_at_all[remember]")
def accounts_move_by_themselves(patch: Patch) -> None:
    _commits_after(patch, accounts.AccountPull, "flush")


@fault("accounts_follow_what_is_pulled")
def gone_accounts_never_come_back(patch: Patch) -> None:
    take = accounts.AccountPull.take

    def take_and_keep(self: accounts.AccountPull, frame: pl.DataFrame | None, gone: Iterable[str]) -> int:
        before = set(self._gone)
        rows = take(self, frame, gone)
        self._gone |= before
        return rows

    patch.setattr(accounts.AccountPull, "take", take_and_keep)


@fault("a_complete_pull_removes_accounts_and_cursors_that_it_does_not_bring")
def cursors_outlive_a_complete_pull(patch: Patch) -> None:
    patch.setattr(bookkeeping, "drop_cursors", lambda *_: None)


@fault("an_account_makes_no_lead_due")
def accounts_make_leads_due(patch: Patch) -> None:
    flush = accounts.AccountPull.flush

    def and_all_leads(self: accounts.AccountPull, at: Connection) -> None:
        flush(self, at)
        at.execute(leads.update().values(due_on=0))

    patch.setattr(accounts.AccountPull, "flush", and_all_leads)


@fault("whose_leads_are_whose")
def leads_of_all_connections_are_told(patch: Patch) -> None:
    find = owners.leads_of
    patch.setattr(owners, "leads_of", lambda connection, _, people: find(connection, 1, people))


@fault("a_hold_is_kept_until_it_is_released")
def releases_release_nothing(patch: Patch) -> None:
    patch.setattr(left_alone, "release", lambda *_: (1, 0))


@fault("a_pin_in_the_crm_makes_its_lead_due")
def pins_are_no_news(patch: Patch) -> None:
    content = tuple(name for name in encoding.LEAD_CONTENT if name != "pinned")
    patch.setattr(remember, "LEAD_CONTENT", content)


@fault("our_value_replaced_is_noted_each_time")
def every_edit_overrules_us(patch: Patch) -> None:
    overruled = humans._overruled

    def anything(judged: pl.DataFrame) -> pl.DataFrame:
        return overruled(judged.with_columns(stage_old="our_stage", owner_old="our_owner"))

    patch.setattr(humans, "_overruled", anything)


@fault("a_verb_happens_whole_or_not_at_all[record_outcomes]")
def replaced_values_are_noted_by_themselves(patch: Patch) -> None:
    _commits_after(patch, left_alone, "note")


@fault("a_write_that_was_replaced_at_once_is_noted_with_its_end")
def ends_do_not_say_that_they_were_replaced(patch: Patch) -> None:
    patch.setattr(left_alone, "note", lambda *_: None)


@fault("a_release_ends_the_count_and_keeps_the_record")
def released_ones_go_on_counting(patch: Patch) -> None:
    read = left_alone.read_overruled
    patch.setattr(left_alone, "read_overruled", lambda *a, only=None, counting=False: read(*a, only=only))


@fault("holds_and_what_overruled_us_are_forgotten")
def holds_are_not_forgotten(patch: Patch) -> None:
    _forgets_all_but(patch, erase.holds)


def _forgets_all_but(patch: Patch, table: Table) -> None:
    forget = erase.forget

    def forgets(at: Connection, number: int, lead: str) -> erase.Forgotten:
        kept = [dict(row) for row in at.execute(table.select().where(table.c.lead == lead)).mappings()]
        done = forget(at, number, lead)
        if kept:
            at.execute(table.insert(), kept)
        return done

    patch.setattr(facade, "forget", forgets)


@fault("holds_and_what_overruled_us_are_forgotten")
def what_overruled_us_is_not_forgotten(patch: Patch) -> None:
    about_people = (table for table in erase._ABOUT_PEOPLE if table is not erase.overruled)
    patch.setattr(erase, "_ABOUT_PEOPLE", tuple(about_people))


@fault("each_lead_is_asked_for_once")
def where_asking_ended_is_lost(patch: Patch) -> None:
    patch.setattr(earlier_stages, "_asked", lambda *_: None)


@fault("each_lead_is_asked_for_once")
def other_fields_are_not_asked_again(patch: Patch) -> None:
    asked = earlier_stages._asked

    def of_any_fields(at: Connection, number: int) -> earlier_stages.AskedSoFar | None:
        found = asked(at, number)
        return None if found is None else earlier_stages.AskedSoFar(_ANY, found.key)

    patch.setattr(earlier_stages, "_asked", of_any_fields)


@fault("of_a_lead_that_has_moved_it_is_told_when_it_was_first_seen")
def the_last_move_counts_for_the_first(patch: Patch) -> None:
    patch.setattr(earlier_stages, "func", SimpleNamespace(min=func.max))


@fault("what_was_told_and_that_it_was_asked_come_together")
def what_was_told_is_kept_by_itself(patch: Patch) -> None:
    _commits_after(patch, earlier_stages, "bulk")


@fault("a_forgotten_person_has_no_earlier_stages")
def earlier_stages_are_not_forgotten(patch: Patch) -> None:
    _forgets_all_but(patch, erase.earlier_stages)


class _Any(tuple[str, ...]):
    """Equal to whatever it is held against."""

    __slots__ = ()
    __hash__ = tuple.__hash__

    def __eq__(self, other: object) -> bool:
        return True


_ANY = _Any()


@fault("leaving_alone_happens_whole_or_not_at_all")
def holds_and_due_marks_come_apart(patch: Patch) -> None:
    _commits_after(patch, left_alone, "put_hold")


@fault("each_is_told_once_to_each_channel", "it_is_told_again_after_a_time_and_when_it_is_over")
def what_was_told_is_not_noted(patch: Patch) -> None:
    patch.setattr(alerts, "was_told", lambda at, taken, _now: at.execute(alerts.alert_channels.delete()))


@fault("nothing_is_told_again_where_nobody_wants_that")
def what_lasts_is_told_again_always(patch: Patch) -> None:
    due = alerts.due
    patch.setattr(
        alerts, "due", lambda there, channel, kinds, _, now: due(there, channel, kinds, timedelta(days=1), now)
    )


@fault("what_nobody_was_told_of_is_over_without_a_word")
def what_nobody_heard_of_is_kept(patch: Patch) -> None:
    def over(at: Connection, number: int, gone: Any, instant: int) -> None:
        mine = (alerts.alerts.c.connection_id == number) & (alerts.alerts.c.kind == gone.kind)
        at.execute(alerts.alerts.update().where(mine).values(over_at=instant))

    patch.setattr(alerts, "_over", over)


@fault("what_comes_back_before_its_end_was_told_goes_on")
def what_is_over_stays_over(patch: Patch) -> None:
    note = alerts.note

    def noted(at: Connection, *arguments: Any, **more: Any) -> None:
        over = [each.kind for each in alerts.read(at) if each.over_at is not None]
        note(at, *arguments, **more)
        at.execute(alerts.alerts.update().where(alerts.alerts.c.kind.in_(over)).values(over_at=1))

    patch.setattr(alerts, "note", noted)


@fault("a_channel_is_told_the_end_of_what_it_was_told")
def an_end_is_told_to_whoever_hears_of_such_things(patch: Patch) -> None:
    due = alerts.due

    def ends(there: Any, channel: str, kinds: Any, *more: Any) -> Any:
        there = list(there)
        yield from (alerts.DueAlert(alert, "over") for alert in there if alert.over_at and alert.kind in kinds)
        yield from (each for each in due(there, channel, kinds, *more) if each.state != "over")

    patch.setattr(alerts, "due", ends)


@fault(
    "a_channel_that_another_process_tells_is_left_alone_for_a_while",
    "what_was_not_taken_is_tried_again_and_its_trouble_is_told",
)
def a_channel_is_never_left_alone(patch: Patch) -> None:
    patch.setattr(alerts, "_ahead", lambda *_: False)


@fault("a_clock_that_ran_ahead_keeps_nothing_from_being_told")
def a_time_of_the_future_is_waited_for(patch: Patch) -> None:
    patch.setattr(alerts, "_ahead", lambda number, now, _: number is not None and instant_number(now) < number)


@fault("others_are_not_looked_at_and_strangers_are_forgotten")
def strangers_are_kept(patch: Patch) -> None:
    patch.setattr(alerts, "_forget_strangers", lambda *_: None)


@fault("a_change_waits_until_it_is_answered_by_a_verified_write")
def the_latest_change_counts(patch: Patch) -> None:
    note, drop = unanswered.note, unanswered.drop

    def instead(at: Connection, number: int, changed: pl.DataFrame) -> None:
        drop(at, number, changed["lead"].to_list())
        note(at, number, changed)

    patch.setattr(unanswered, "note", instead)


@fault("a_change_waits_until_it_is_answered_by_a_verified_write")
def what_was_refused_is_answered(patch: Patch) -> None:
    answer = unanswered.answer
    patch.setattr(
        outcomes.unanswered, "answer", lambda at, number, _, __, now: answer(at, number, ["1", "2"], (), now)
    )


@fault("a_change_that_leads_to_nothing_is_answered_by_the_decision")
def decisions_answer_nothing(patch: Patch) -> None:
    patch.setattr(unanswered, "drop", lambda *_: None)


@fault("a_record_waits_once_however_often_it_is_told")
def the_last_telling_takes_the_place_of_those_before(patch: Patch) -> None:
    patch.setattr(tellings, "_both", lambda _, other: other)


@fault("those_that_came_first_are_read_first")
def the_limit_of_a_reading_is_not_kept(patch: Patch) -> None:
    waiting = tellings.waiting
    patch.setattr(tellings, "waiting", lambda at, number, limit: waiting(at, number, limit + 1))


@fault("what_is_told_while_it_is_read_is_read_again")
def what_was_read_goes_whatever_came_since(patch: Patch) -> None:
    def gone(at: Connection, number: int, read: Any) -> int:
        mine = tellings.tellings.c.record.in_([each.record for each in read])
        return at.execute(tellings.tellings.delete().where(mine)).rowcount

    patch.setattr(tellings, "were_read", gone)


@fault("tellings_are_of_one_connection_and_outlive_the_process")
def tellings_are_everybodys(patch: Patch) -> None:
    waiting = tellings.waiting
    patch.setattr(tellings, "waiting", lambda at, _, limit: waiting(at, 1, limit))


@fault("what_was_taken_and_refused_is_counted")
def refusals_are_told_once(patch: Patch) -> None:
    count = tellings.count
    patch.setattr(
        tellings, "count", lambda at, connection, numbers, now: count(at, connection, dict.fromkeys(numbers, 1), now)
    )


@fault("how_far_was_heard_is_kept_with_what_was_heard")
def the_first_position_stays(patch: Patch) -> None:
    heard = tellings.heard
    patch.setattr(tellings, "heard", lambda at, number, up_to, now: heard(at, number, list(up_to)[:1], now))


@fault("that_it_was_not_told_what_changed_waits_like_a_record")
def that_something_changed_is_kept_nowhere(patch: Patch) -> None:
    take_in = tellings.take_in
    patch.setattr(
        tellings,
        "take_in",
        lambda at, number, told, now: take_in(at, number, [each for each in told if each.object != "*"], now),
    )


@fault("one_process_listens")
def everybody_may_listen(patch: Patch) -> None:
    patch.setattr(facade.Store, "listen", lambda *_, **__: nullcontext())


@fault("a_forgotten_lead_waits_no_longer")
def a_forgotten_lead_still_waits(patch: Patch) -> None:
    forget = erase.forget

    def forgotten(at: Connection, number: int, lead: str) -> Any:
        kept = at.execute(tellings.tellings.select()).mappings().all()
        done = forget(at, number, lead)
        at.execute(tellings.tellings.delete())
        at.execute(tellings.tellings.insert(), [dict(each) for each in kept])
        return done

    patch.setattr(facade, "forget", forgotten)


@fault("a_session_is_whose_browser_holds_the_secret")
def a_session_never_ends(patch: Patch) -> None:
    patch.setattr(console, "end", lambda *_: None)


@fault("every_session_of_a_person_can_be_ended")
def everybodys_sessions_end(patch: Patch) -> None:
    patch.setattr(console, "end_all_of", lambda at, _: at.execute(console.console_sessions.delete()).rowcount)


@fault("tries_are_counted_for_each_and_for_a_time")
def tries_count_for_ever(patch: Patch) -> None:
    tried = console.tried
    patch.setattr(console, "tried", lambda at, key, now, _: tried(at, key, now, timedelta(days=99)))


@fault("what_was_done_is_told_the_newest_first")
def deeds_are_told_anyhow(patch: Patch) -> None:
    deeds = console.deeds
    patch.setattr(console, "deeds", lambda *arguments: deeds(*arguments)[::-1])


@fault("what_was_done_long_ago_is_let_go")
def the_log_is_never_tidied(patch: Patch) -> None:
    tidy = console.tidy
    patch.setattr(console, "tidy", lambda at, before, **_: tidy(at, before, only_count=True))


@fault("what_a_run_set_aside_is_told_as_it_told_it")
def what_was_set_aside_stays_for_ever(patch: Patch) -> None:
    patch.setattr(tidying, "let_go_of_aside", lambda *_: None)


@fault("a_forgotten_person_was_never_set_aside")
def who_was_set_aside_is_kept(patch: Patch) -> None:
    _forgets_all_but(patch, erase.set_aside)


@fault("a_plan_is_kept_as_it_was_made_until_the_next")
def a_change_is_kept_in_part(patch: Patch) -> None:
    packed = plans._packed
    patch.setattr(plans, "_packed", lambda change: packed({"lead": change["lead"]}))


@fault("a_page_of_a_plan_holds_what_is_asked_for")
def any_move_is_shown(patch: Patch) -> None:
    page = plans.sought

    def of_any_move(at: Connection, number: int, plan: int, which: Any, *more: Any) -> Any:
        return page(at, number, plan, replace(which, move=None), *more)

    patch.setattr(plans, "sought", of_any_move)


@fault("what_was_carried_out_is_open_no_longer")
def what_was_written_stays_open(patch: Patch) -> None:
    done = plans.carried_out
    patch.setattr(plans, "carried_out", lambda at, number, plan, run, _: done(at, number, plan, run, {}))


@fault("what_was_carried_out_is_open_no_longer")
def who_comes_second_says_how_it_ended(patch: Patch) -> None:
    done, rows = plans.carried_out, plans.plan_changes

    def said(at: Connection, number: int, plan: int, run: int | None, outcomes: Mapping[str, str]) -> None:
        done(at, number, plan, run, outcomes)
        for lead, outcome in outcomes.items():
            at.execute(rows.update().where(plans._of(number, plan), rows.c.lead == lead).values(outcome=outcome))

    patch.setattr(plans, "carried_out", said)


@fault("a_forgotten_person_is_in_no_plan")
def a_plan_forgets_nobody(patch: Patch) -> None:
    _forgets_all_but(patch, erase.plan_changes)


@fault("leads_are_called_by_each_word_in_any_of_their_texts")
def any_word_will_do(patch: Patch) -> None:
    called = search.leads_called
    patch.setattr(facts, "leads_called", lambda at, number, words, most: called(at, number, words[:1], most))


@fault("leads_are_called_by_each_word_in_any_of_their_texts")
def signs_of_patterns_are_no_letters(patch: Patch) -> None:
    patch.setattr(search, "_pattern", lambda word: f"%{word}%")


@fault("leads_are_called_by_each_word_in_any_of_their_texts")
def leads_of_others_are_found(patch: Patch) -> None:
    called = search.leads_called
    patch.setattr(facts, "leads_called", lambda at, number, words, most: called(at, 3 - number, words, most))


@fault("a_runs_journal_comes_page_by_page")
def a_page_begins_where_the_last_ended(patch: Patch) -> None:
    page = journal.read_page

    def earlier(*arguments: Any, after: str | None, most: int) -> Any:
        return page(*arguments, after=after and after[:-1] + chr(ord(after[-1]) - 1), most=most)[:most]

    patch.setattr(journal, "read_page", earlier)


@fault("a_runs_journal_comes_page_by_page")
def ends_of_all_runs_are_one(patch: Patch) -> None:
    count = journal.count_ends
    patch.setattr(journal, "count_ends", lambda at, runs: count(at, range(99)))


_functions = {name: getattr(func, name) for name in ("count", "min")}


def _first_policy(number: Callable[[Connection, str], int]) -> Callable[[Connection, str], int]:
    seen: list[int] = []

    def first(at: Connection, digest: str) -> int:
        seen.append(number(at, digest))
        return seen[0]

    return first


def _commits_after(patch: Patch, owner: Any, name: str) -> None:
    """What the function did is committed at once, whatever happens later in the verb."""
    original = getattr(owner, name)

    def committing(*arguments: Any, **more: Any) -> Any:
        done = original(*arguments, **more)
        [connection] = [each for each in arguments if isinstance(each, Connection)]
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return done

    patch.setattr(owner, name, committing)


CHECKS = [name for name, _ in inspect.getmembers(StoreConformance, inspect.isfunction) if name.startswith("test_")]


@pytest.mark.filterwarnings("ignore:transaction already deassociated")
@pytest.mark.parametrize("name", broadly(sorted(FAULTS), core=40))
def test_the_suite_notices(name: str, tmp_path: Path, monkeypatch: Patch) -> None:
    """Each planted fault makes the check fail that is there for it, by an assertion of the check's own."""
    plant, check = FAULTS[name]
    check, _, verb = check.partition("[")
    arguments = [verb.rstrip("]")] if verb else []
    stores = Stores(StoreConformance().open_store, tmp_path / "store.db")
    plant(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(StoreConformance(), check)(stores, *arguments)
    monkeypatch.undo()
    stores.close()


def test_every_check_can_fail() -> None:
    """A check that no planted fault touches proves nothing."""
    noticed = {check.partition("[")[0] for _, check in FAULTS.values()}
    assert noticed == set(CHECKS)

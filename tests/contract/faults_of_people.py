"""Planted faults: hand-offs, owners, and leads that people keep for themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import polars as pl
from planted_faults import Patch, commits_after, fault, forgets_all_but
from sqlalchemy import Connection, func

from crmsync.store import (
    accounts,
    bookkeeping,
    earlier_stages,
    encoding,
    erase,
    hand_offs,
    hand_offs_read,
    humans,
    journal,
    lead_pull,
    left_alone,
    outcomes,
    owners,
)
from crmsync.store.tables import leads
from crmsync.values import replace

_functions = {name: getattr(func, name) for name in ("count", "min")}


class _Any(tuple[str, ...]):
    """Equal to whatever it is held against."""

    __slots__ = ()
    __hash__ = tuple.__hash__

    def __eq__(self, other: object) -> bool:
        return True


_ANY = _Any()


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
    patch.setattr(hand_offs_read, "_STAGE", leads.c.stage)


@fault("what_a_change_said_of_itself_is_kept")
def passed_over_is_not_kept(patch: Patch) -> None:
    row = journal.row_of
    patch.setattr(journal, "row_of", lambda *a: row(*a) | {"routing": None})


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
    patch.setattr(hand_offs_read, "_touches", lambda *_: dict.fromkeys(range(99), instant))


@fault("what_did_not_happen_is_no_touch")
def everything_happened(patch: Patch) -> None:
    patch.setattr(hand_offs_read, "NO_EVIDENCE", ("never",))


@fault("what_did_not_happen_is_no_touch")
def what_is_to_come_is_a_touch(patch: Patch) -> None:
    touches = hand_offs_read._touches
    patch.setattr(hand_offs_read, "_touches", lambda at, where, kinds, _, zone: touches(at, where, kinds, None, zone))


@fault("a_touch_without_a_time_is_on_its_day_in_the_orgs_zone")
def days_are_those_of_greenwich(patch: Patch) -> None:
    patch.setattr(hand_offs_read, "ZoneInfo", lambda _: UTC)


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
    commits_after(patch, accounts.AccountPull, "flush")


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
    patch.setattr(lead_pull, "LEAD_CONTENT", content)


@fault("our_value_replaced_is_noted_each_time")
def every_edit_overrules_us(patch: Patch) -> None:
    overruled = humans._overruled

    def anything(judged: pl.DataFrame) -> pl.DataFrame:
        return overruled(judged.with_columns(stage_old="our_stage", owner_old="our_owner"))

    patch.setattr(humans, "_overruled", anything)


@fault("a_verb_happens_whole_or_not_at_all[record_outcomes]")
def replaced_values_are_noted_by_themselves(patch: Patch) -> None:
    commits_after(patch, left_alone, "note")


@fault("a_write_that_was_replaced_at_once_is_noted_with_its_end")
def ends_do_not_say_that_they_were_replaced(patch: Patch) -> None:
    patch.setattr(left_alone, "note", lambda *_: None)


@fault("a_release_ends_the_count_and_keeps_the_record")
def released_ones_go_on_counting(patch: Patch) -> None:
    read = left_alone.read_overruled
    patch.setattr(left_alone, "read_overruled", lambda *a, only=None, counting=False: read(*a, only=only))


@fault("holds_and_what_overruled_us_are_forgotten")
def holds_are_not_forgotten(patch: Patch) -> None:
    forgets_all_but(patch, erase.holds)


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
    commits_after(patch, earlier_stages, "bulk")


@fault("a_forgotten_person_has_no_earlier_stages")
def earlier_stages_are_not_forgotten(patch: Patch) -> None:
    forgets_all_but(patch, erase.earlier_stages)


@fault("leaving_alone_happens_whole_or_not_at_all")
def holds_and_due_marks_come_apart(patch: Patch) -> None:
    commits_after(patch, left_alone, "put_hold")

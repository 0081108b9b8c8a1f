"""Planted faults: alerts, what CRMs tell, the console, and plans that wait."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import polars as pl
from planted_faults import Patch, fault, forgets_all_but
from sqlalchemy import Connection

from crmsync.store import (
    alerts,
    called,
    console,
    erase,
    journal,
    left,
    outcomes,
    plan_pages,
    plans,
    search,
    search_blocks,
    tables,
    tellings,
    unanswered,
    undone,
)
from crmsync.store import store as facade
from crmsync.store import tidy as tidying
from crmsync.store.dialects import statements
from crmsync.store.encoding import instant_number
from crmsync.values import replace


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


@fault("what_ends_while_a_channel_is_told_of_it_is_told_to_be_over")
def whoever_was_told_of_what_is_over_never_hears_of_it_again(patch: Patch) -> None:
    patch.setattr(alerts, "_over_meanwhile", lambda *_: None)


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

    patch.setattr(erase, "forget", forgotten)


@fault("a_session_is_whose_browser_holds_the_secret")
def a_session_never_ends(patch: Patch) -> None:
    patch.setattr(console, "end", lambda *_: True)


@fault("a_session_is_whose_browser_holds_the_secret")
def a_session_ends_twice(patch: Patch) -> None:
    end = console.end
    patch.setattr(console, "end", lambda at, secret: end(at, secret) or True)


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
    forgets_all_but(patch, erase.set_aside)


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


@fault("a_plan_is_looked_through_by_what_its_leads_are_called_now")
def a_plan_finds_by_former_names(patch: Patch) -> None:
    patch.setattr(called, "follow_in_plan", lambda *_: None)


@fault("a_plan_is_looked_through_by_what_its_leads_are_called_now")
def a_plan_finds_who_has_left(patch: Patch) -> None:
    patch.setattr(left, "follow_in_plan", lambda *_: None)


@fault("a_plan_is_looked_through_by_what_its_leads_are_called_now")
def a_plan_follows_the_names_of_other_connections(patch: Patch) -> None:
    follow = called.follow_in_plan
    patch.setattr(called, "follow_in_plan", lambda at, number, ids: follow(at, 3 - number, ids))


@fault("of_many_that_a_word_finds_there_is_a_page_too")
def many_are_taken_for_few(patch: Patch) -> None:
    found = plan_pages._if_few
    patch.setattr(plan_pages, "_FEW", 5_000)
    patch.setattr(plan_pages, "_if_few", lambda at, those: (found(at, those) or [])[:1_000])


@fault("what_was_carried_out_is_open_no_longer")
def moves_are_counted_when_a_plan_is_made_and_never_again(patch: Patch) -> None:
    keep, kept = plans.keep_moves, set[int]()

    def once(at: Connection, number: int, plan: int) -> Any:
        if plan in kept:
            return plan_pages._counted(at, number, plan)
        kept.add(plan)
        return keep(at, number, plan)

    patch.setattr(plans, "keep_moves", once)


@fault("a_forgotten_person_is_in_no_plan")
def who_was_forgotten_is_counted_in_a_plan(patch: Patch) -> None:
    patch.setattr(erase, "keep_moves", lambda *_: None)


@fault("what_was_taken_back_of_a_run_is_told_as_it_stands")
def what_was_taken_back_first_is_told_for_ever(patch: Patch) -> None:
    patch.setattr(undone._Undoing, "all_of", lambda undoing, run: list(undoing.of(run))[:1])


@fault("what_was_taken_back_of_a_run_is_told_as_it_stands")
def what_is_open_is_compared_once_and_kept(patch: Patch) -> None:
    patch.setattr(undone, "count_ends", lambda *_: {})


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
            at.execute(
                rows.update().where(plan_pages.of_plan(number, plan), rows.c.lead == lead).values(outcome=outcome)
            )

    patch.setattr(plans, "carried_out", said)


@fault("a_forgotten_person_is_in_no_line_of_the_log")
def the_log_forgets_nobody(patch: Patch) -> None:
    patch.setattr(erase, "_forget_in_log", lambda *_: 0)


@fault("a_forgotten_person_is_in_no_plan")
def a_plan_forgets_nobody(patch: Patch) -> None:
    forgets_all_but(patch, erase.plan_changes)


@fault("leads_are_called_by_each_word_in_any_of_their_texts")
def any_word_will_do(patch: Patch) -> None:
    found = search.leads_called
    patch.setattr(search, "leads_called", lambda at, number, words, most: found(at, number, words[:1], most))


@fault("leads_are_called_by_each_word_in_any_of_their_texts")
def signs_of_patterns_are_no_letters(patch: Patch) -> None:
    patch.setattr(statements, "_escaped", lambda part: part)


@fault("leads_are_called_by_each_word_in_any_of_their_texts")
def other_scripts_have_no_capitals(patch: Patch) -> None:
    small = called.folded
    patch.setattr(called, "folded", lambda text: small(text) if text.isascii() else text)


@fault("leads_are_called_by_each_word_in_any_of_their_texts")
def accents_matter(patch: Patch) -> None:
    patch.setattr(called, "_ACCENTS", {})


@fault("leads_are_called_by_each_word_in_any_of_their_texts")
def the_nameless_come_first(patch: Patch) -> None:
    patch.setattr(called, "NAMELESS", "")


@fault("a_rare_name_is_found_among_many")
def many_leads_are_not_looked_through_together(patch: Patch) -> None:
    patch.setattr(search_blocks, "keep", lambda *_: None)


@fault("a_rare_name_is_found_among_many")
def a_part_of_a_block_is_looked_through(patch: Patch) -> None:
    looked_at = search_blocks.in_blocks
    patch.setattr(search_blocks, "in_blocks", lambda number, blocks: looked_at(number, blocks[:-1]))


@fault("leads_are_found_by_what_they_are_called_now")
def who_has_been_renamed_is_found_as_before(patch: Patch) -> None:
    patch.setattr(called, "keep_renamed", lambda *_: None)


@fault("leads_are_found_by_what_they_are_called_now")
def new_leads_are_not_looked_through(patch: Patch) -> None:
    patch.setattr(called, "keep", lambda *_: None)


@fault("leads_are_called_by_each_word_in_any_of_their_texts")
def leads_of_others_are_found(patch: Patch) -> None:
    found = search.leads_called
    patch.setattr(search, "leads_called", lambda at, number, words, most: found(at, 3 - number, words, most))


@fault("a_runs_journal_comes_page_by_page")
def a_page_begins_where_the_last_ended(patch: Patch) -> None:
    page = journal.read_page

    def earlier(*arguments: Any, after: str | None, most: int) -> Any:
        return page(*arguments, after=after and after[:-1] + chr(ord(after[-1]) - 1), most=most)[:most]

    patch.setattr(journal, "read_page", earlier)


@fault("what_became_of_a_runs_changes_is_kept_once_nothing_is_open")
def what_is_open_is_kept_as_it_is(patch: Patch) -> None:
    def keep(at: Connection, _: int, run_id: int) -> None:
        ends = json.dumps(journal._counted_ends(at, [run_id]).get(run_id, {}))
        at.execute(tables.runs.update().where(tables.runs.c.id == run_id).values(ends=ends))

    patch.setattr(journal, "keep_ends", keep)


@fault("a_runs_journal_comes_page_by_page")
def ends_of_all_runs_are_one(patch: Patch) -> None:
    count = journal.count_ends
    patch.setattr(journal, "count_ends", lambda at, runs: count(at, range(99)))

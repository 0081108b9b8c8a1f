"""Random rosters, calendars and lead streams: what must hold whatever they are.

Each property judges by its own reading of the roster (days in the person's zone, counts of its own), not by the
code under test.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import PATIENT, accounts, batches, moments, worlds
from routing_world import applied, native, owners, roster_of, route, users_of

from crmsync.route.roster.resolution import resolve
from crmsync.values import field_names


def known(roster, inactive):
    return resolve(roster, users_of(roster, inactive), "salesforce")


def when(moment):
    return {"now": moment, "as_of": moment.date()}


@given(worlds(), moments, st.data())
@settings(max_examples=80, **PATIENT)
def test_nobody_inactive_absent_gone_full_or_ineligible_is_ever_chosen(world, times, data):
    roster, inactive = world
    found, by_user = known(roster, inactive), {native(person.person_key): person for person in roster.people}
    counters: dict = {}
    on_day, in_week = Counter(), Counter()
    for number, moment in enumerate(times):
        frame = data.draw(batches(f"{number}-"))
        result = route(found, frame, counters=counters, accounts=data.draw(accounts()), **when(moment))
        counters = json.loads(json.dumps(result.counters))
        placed = set(owners(result)) | {each.lead for each in result.set_aside}
        assert len(placed) == result.assigned.height + len(result.set_aside)
        countries = dict(frame.select("lead", "fact.country").iter_rows())
        stages = dict(frame.select("lead", "stage").iter_rows())
        for lead, owner in owners(result).items():
            person = by_user[owner]
            today = moment.astimezone(ZoneInfo(person.time_zone)).date()
            assert owner not in inactive
            assert not any(each.from_ <= today <= each.to for each in person.absences)
            assert person.ends is None or today <= person.ends
            if stages[lead] in ("sql", "sqo"):
                assert "ae" in person.role
            on_day[owner, today] += 1
            in_week[owner, today.isocalendar()[:2]] += 1
            assert person.capacity.per_day is None or on_day[owner, today] <= person.capacity.per_day
            week = in_week[owner, today.isocalendar()[:2]]
            assert person.capacity.per_week is None or week <= person.capacity.per_week
            theirs = {day: number for (who, day), number in on_day.items() if who == owner}
            of_month = sum(number for day, number in theirs.items() if f"{day:%Y-%m}" == f"{today:%Y-%m}")
            assert person.capacity.per_month is None or of_month <= person.capacity.per_month
            for days, most in person.capacity.per_days.items():
                assert sum(number for day, number in theirs.items() if (today - day).days < days) <= most
        first = roster.rules.hand_off[0] if roster.rules.hand_off else None
        if first and first.strategy == "territory" and not first.overflow:
            for row in result.assigned.filter(pl.col("pool") == "receivers").iter_rows(named=True):
                assert countries[row["lead"]] in by_user[row["owner"]].territories


@given(worlds(), batches(), accounts(), moments, st.randoms(use_true_random=False))
@settings(max_examples=40, **PATIENT)
def test_the_order_of_rows_does_not_matter(world, frame, owned, times, chance):
    roster, inactive = world
    rows = list(range(frame.height))
    chance.shuffle(rows)
    straight = route(known(roster, inactive), frame, accounts=owned, **when(times[0]))
    mixed = route(known(roster, inactive), frame[rows], accounts=owned, **when(times[0]))
    assert straight.assigned.equals(mixed.assigned)
    assert (straight.counters, straight.set_aside) == (mixed.counters, mixed.set_aside)


@given(worlds(), batches(), accounts(), moments)
@settings(max_examples=40, **PATIENT)
def test_a_second_run_changes_nothing(world, frame, owned, times):
    """Leads that found nobody may find somebody later (an adding run frees capacity); placed leads stay."""
    roster, inactive = world
    found = known(roster, inactive)
    first = route(found, frame, accounts=owned, **when(times[0]))
    second = route(found, applied(frame, first), counters=first.counters, accounts=owned, **when(times[0]))
    waiting = {each.lead for each in first.set_aside}
    assert set(owners(second)) <= waiting
    if not waiting:
        assert second.counters == first.counters


@given(worlds(), batches(), moments, st.data())
@settings(max_examples=50, **PATIENT)
def test_a_run_cut_off_anywhere_ends_like_a_calm_one(world, frame, times, data):
    """Everything was journaled with its turns; any part of the writes arrived; the rest is decided again."""
    roster, inactive = world
    found = known(roster, inactive)
    calm = route(found, frame, **when(times[0]))
    turns = {
        lead: (pool, owner) for lead, pool, owner in calm.assigned.select("lead", "pool", "owner").iter_rows() if pool
    }
    arrived = data.draw(st.sets(st.sampled_from(sorted(turns)))) if turns else set()
    half = applied(
        frame,
        type(calm)(**{**_fields(calm), "assigned": calm.assigned.filter(pl.col("lead").is_in(sorted(arrived)))}),
    )
    open_turns = {lead: turn for lead, turn in turns.items() if lead not in arrived}
    waiting = {each.lead for each in calm.set_aside}
    again = route(found, half, counters=calm.counters, reserved=open_turns, **when(times[0]))
    again_owners = {lead: owner for lead, owner in owners(again).items() if lead not in waiting}
    assert again_owners == {lead: owner for lead, owner in owners(calm).items() if lead not in arrived}
    assert again.given_back == ()
    if not waiting:
        assert again.counters == calm.counters


def _fields(result):
    return {name: getattr(result, name) for name in field_names(result)}


@given(worlds(), batches(), moments, st.data())
@settings(max_examples=40, **PATIENT)
def test_an_absence_changes_only_pools_that_person_is_in_and_not_their_own_lag(world, frame, times, data):
    roster, inactive = world
    everybody = roster.model_dump(by_alias=True)["people"]
    rest = {"rules": {}, "rejoin": roster.rejoin, "outside_hours": roster.outside_hours}
    before = roster_of(everybody, **rest)
    index = data.draw(st.integers(0, len(everybody) - 1))
    day = times[0].date()
    everybody[index]["absences"] = [{"from": day - timedelta(days=2), "to": day + timedelta(days=2)}]
    after = roster_of(everybody, **rest)
    history = {
        pool: {f"{role}{each}@firm.example": {"turns": 3} for each in range(7)}
        for pool, role in (("receivers", "ae"), ("bdrs", "bdr"))
    }
    # only the rotations: no twins, whose leads would take another owner along
    frame = frame.with_columns(email=pl.lit(None, pl.String()), company=pl.lit(None, pl.String()))
    plain = route(known(before, inactive), frame, counters=history, **when(times[0])).counters
    absent = route(known(after, inactive), frame, counters=history, **when(times[0])).counters
    key = everybody[index]["user"]
    own, others = ("receivers", "bdrs") if key.startswith("ae") else ("bdrs", "receivers")
    assert absent[others] == plain[others]
    state = {name: value for name, value in absent[own][key].items() if name != "owed"}
    assert state == history[own][key]
    nothing = frame.clear()
    assert route(known(after, inactive), nothing, counters=history, **when(times[0])).counters == history

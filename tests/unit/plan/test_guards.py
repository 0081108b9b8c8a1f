"""Guards on both sides of each limit, floors, what is let through, several at once: a table of cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from crmsync.model import Change
from crmsync.plan import (
    CHANGE_LIMITS,
    GUARDS,
    Bounds,
    Brought,
    Limit,
    calls_left,
    calls_needed,
    change_guards,
    changed_share,
    declined,
    few_read,
    language_changed,
    missing_leads,
    more_unknown,
    nothing_managed,
    with_way_on,
    writes_off,
)
from crmsync.values import replace

LADDER = ("lead", "mql", "sql")
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
ONE = Change("x", "lead", "lead", "bea", "bea", {}, {}, ())
KINDS: Mapping[str, Change] = {
    "stage_changes": replace(ONE, stage_after="mql"),
    "owner_changes": replace(ONE, owner_before=None),
    "backward": replace(ONE, stage_before="sql"),
    "disqualified": replace(ONE, stage_after="out"),
    "owner_lost": replace(ONE, owner_after=None),
    "per_receiver": replace(ONE, owner_before="bob"),
}
"""Guard → a change that it counts."""


def plan_of(change: Change, count: int) -> list[Change]:
    return [replace(change, lead=f"x{number}") for number in range(count)]


def breached(
    changes: Sequence[Change], leads: int, allowed: Mapping[str, int] | None = None, **limits: Limit
) -> set[str]:
    bounds = Bounds(leads, {**CHANGE_LIMITS, **limits}, allowed or {})
    return {reading.name for reading in change_guards(changes, LADDER, "out", bounds) if reading.breached}


@pytest.mark.parametrize("guard", KINDS)
@pytest.mark.parametrize(
    ("limit", "leads", "most"),
    [
        (Limit(share=0.1), 1000, 100),
        (Limit(share=0.29), 100, 49),  # the floor
        (Limit(share=0.29, floor=0), 100, 29),  # 28.999… in floating point
        (Limit(share=0.0, floor=0), 1000, 0),
        (Limit(share=0.0), 1000, 49),
        (Limit(share=0.0, floor=3), 1000, 2),
        (Limit(share=1.0), 60, 60),
        (Limit(number=7), 1000, 7),  # a number knows no floor
        (Limit(number=7, share=0.5), 1000, 7),
        (Limit(number=700, share=0.1), 1000, 100),
        (Limit(share=0.1, floor=0), 0, 0),
    ],
)
def test_a_guard_stops_above_its_limit(guard: str, limit: Limit, leads: int, most: int) -> None:
    assert guard not in breached(plan_of(KINDS[guard], most), leads, **{guard: limit})
    assert guard in breached(plan_of(KINDS[guard], most + 1), leads, **{guard: limit})


@pytest.mark.parametrize(("guard", "most"), [
    ("stage_changes", 250), ("owner_changes", 250), ("backward", 100), ("disqualified", 100), ("owner_lost", 49),
    ("per_receiver", 200),
])  # fmt: skip
def test_the_defaults_for_a_thousand_leads(guard: str, most: int) -> None:
    assert guard not in breached(plan_of(KINDS[guard], most), 1000)
    assert guard in breached(plan_of(KINDS[guard], most + 1), 1000)


@pytest.mark.parametrize("guard", KINDS)
def test_what_is_allowed_replaces_a_limit(guard: str) -> None:
    none = {guard: Limit(number=0)}
    changes = plan_of(KINDS[guard], 5)
    assert guard not in breached(changes, 10, {guard: 5}, **none)
    assert guard in breached(changes, 10, {guard: 4}, **none)
    assert guard not in breached(changes, 10, {"changes": 4}, **none), "so many changes, whatever they are"
    assert guard in breached(changes, 10, {"changes": 9, guard: 4}, **none), "but what is said of it counts"
    assert guard not in breached(changes, 10, **{guard: Limit()})


@pytest.mark.parametrize(
    ("change", "counted"),
    [
        (replace(ONE, stage_before=None, stage_after="mql"), {"stage_changes"}),
        (replace(ONE, stage_before="mql", stage_after="sql"), {"stage_changes"}),
        (replace(ONE, stage_before="sql", stage_after=None), {"stage_changes"}),
        (replace(ONE, stage_before="out", stage_after="lead"), {"stage_changes"}),
        (replace(ONE, stage_before="sql", stage_after="out"), {"stage_changes", "disqualified"}),
        (replace(ONE, stage_before="out", stage_after="out", owner_after="bob"), {"owner_changes", "per_receiver"}),
        (replace(ONE, stage_before="sql", stage_after="mql"), {"stage_changes", "backward"}),
        (replace(ONE, owner_before=None, owner_after="bob"), {"owner_changes", "per_receiver"}),
        (replace(ONE, owner_after=None), {"owner_changes", "owner_lost"}),
        (ONE, set()),
    ],
)
def test_a_change_counts_where_it_belongs(change: Change, counted: set[str]) -> None:
    assert breached([change], 1, **dict.fromkeys(KINDS, Limit(number=0))) == counted


def test_the_busiest_receiver_counts() -> None:
    receivers = {"a": "u2", "b": "u1", "c": "u2", "d": None}
    changes = [replace(ONE, lead=lead, owner_after=owner) for lead, owner in receivers.items()]
    bounds = Bounds(8, {**CHANGE_LIMITS, "per_receiver": Limit(number=1)}, {})
    (reading,) = [it for it in change_guards(changes, LADDER, None, bounds) if it.name == "per_receiver"]
    assert (reading.value, reading.limit, reading.leads) == (2, 1, ("a", "c"))
    assert reading.words == "2 leads would go to u2 (25 % of 8), limit 1"


def test_a_breach_names_figure_limit_leads_and_the_way_on() -> None:
    bounds = Bounds(10, {**CHANGE_LIMITS, "backward": Limit(number=0)}, {})
    readings = change_guards(plan_of(KINDS["backward"], 1), LADDER, "out", bounds)
    (reading,) = [each for each in with_way_on(readings, "run salesforce") if each.breached]
    assert (reading.name, reading.value, reading.limit, reading.leads) == ("backward", 1, 0, ("x0",))
    assert reading.words == "1 lead would go back on the ladder (10 % of 10), limit 0"
    assert reading.way_on.endswith("to let them through once: crmsync run salesforce --allow backward=1")


def test_several_breaches_share_one_command() -> None:
    none = dict.fromkeys(KINDS, Limit(number=0))
    changes = [*plan_of(KINDS["backward"], 2), replace(KINDS["owner_lost"], lead="y")]
    readings = [
        writes_off("c", "crmsync.yaml"),
        changed_share("abc", 3, limit_share=0.1, floor=0, allowed_changes=None),
    ]
    readings += change_guards(changes, LADDER, "out", Bounds(9, none, {}))
    told = [each for each in with_way_on(readings, "run c") if each.breached]
    assert [each.name for each in told] == [
        "writes_off", "changed_share", "stage_changes", "owner_changes", "backward", "owner_lost",
    ]  # fmt: skip
    whole = (
        "crmsync run c --allow-changes 3 --allow stage-changes=2 --allow owner-changes=1 --allow backward=2 "
        "--allow owner-lost=1"
    )
    assert all(each.way_on.endswith(whole) for each in told[1:])
    assert "`writes: on`" in told[0].way_on
    assert "--yes" in declined().way_on


@pytest.mark.parametrize(
    ("command", "whole"),
    [
        ("run c", "crmsync run c --full --allow few-leads=0 --allow few-activities=0"),
        ("redistribute c --from …", "crmsync redistribute c --from … --allow few-leads=0 --allow few-activities=0"),
    ],
)
def test_only_run_is_told_to_read_everything(command: str, whole: str) -> None:
    readings = few_read(brought(0, 0, ago=0), [brought(1000)], share=0.5, floor=50, allowed={})
    assert [each.way_on.rpartition(": ")[2] for each in with_way_on(readings, command)] == [whole, whole]


def brought(leads: int, activities: int = 1000, *, full: bool = True, ago: float = 1, **unknown: float) -> Brought:
    return Brought(NOW - timedelta(days=ago), full, leads, activities, unknown)


def few(now: Brought, earlier: Sequence[Brought], **allowed: int) -> set[str]:
    readings = few_read(now, earlier, share=0.5, floor=50, allowed=allowed)
    return {reading.name for reading in readings if reading.breached}


def changed(*readings: tuple[float, int]) -> tuple[Brought, ...]:
    """Readings of what changed: so many days ago, so many leads."""
    return tuple(brought(count, full=False, ago=ago) for ago, count in readings)


WEEK = changed((1, 60), (2, 50), (3.4, 10), (6.9, 90), (8, 40))
"""The least of the last seven days is 50, of those that reached back about a day; 10 is of one that told of three."""


@pytest.mark.parametrize(
    ("leads", "earlier", "breach"),
    [
        (0, [], False),  # nothing to compare with
        (500, [brought(1000)], False),
        (499, [brought(1000)], True),
        (0, [brought(1000)], True),
        (400, [brought(1000), brought(800, ago=2)], False),  # the least of the last ones
        (399, [brought(1000), brought(800, ago=2)], True),
        (399, [*[brought(1000)] * 5, brought(0)], True),  # of five
        (0, [brought(49)], False),  # the floor
        (24, [brought(50)], True),
        (25, [brought(50)], False),
        (0, [brought(1000, full=False)], False),  # of another kind
    ],
)
def test_a_full_reading_of_strangely_few(leads: int, earlier: Sequence[Brought], breach: bool) -> None:
    assert few(brought(leads, ago=0), earlier) == ({"few_leads"} if breach else set())


@pytest.mark.parametrize(
    ("leads", "earlier", "breach"),
    [
        (25, WEEK, False),
        (24, WEEK, True),
        (0, WEEK, True),
        (0, WEEK[:-1], False),  # not a week yet: nights and weekends are not known
        (0, [*WEEK[:1], *changed((2, 0)), *WEEK[2:]], False),
        (0, [brought(1000, ago=2), brought(1000, ago=9)], False),  # of another kind
        (24, changed((0.01, 60), (30, 70)), False),  # the one before it told of a month, this one of minutes
        (24, changed((1, 500), (9, 60)), False),  # one of a day, one of a week
        (24, changed((1, 50), (2, 500), (9, 60)), True),
        (24, changed((1.4, 50), (2.4, 500), (9, 60)), True),
        (24, [*changed((1, 50)), brought(1000, ago=2), *changed((9, 60))], True),  # since a full one
    ],
)
def test_a_reading_of_what_changed_is_held_against_a_week(
    leads: int, earlier: Sequence[Brought], breach: bool
) -> None:
    assert few(brought(leads, full=False, ago=0), earlier) == ({"few_leads"} if breach else set())


def test_activities_are_counted_alike_and_a_number_lets_few_through() -> None:
    now, earlier = brought(1000, 0, ago=0), [brought(1000)]
    assert few(now, earlier) == {"few_activities"}
    assert few(now, earlier, few_activities=0) == set()
    assert few(brought(0, 0, ago=0), earlier) == {"few_leads", "few_activities"}
    (reading,) = [each for each in few_read(now, earlier, share=0.5, floor=50, allowed={}) if each.breached]
    assert reading.words == "0 activities were read; the last full readings brought 1,000 at least, limit 500"
    assert reading.options == "--full --allow few-activities=0"


def unknown(count: int, leads: int, before: float | None, allowed: int | None = None, floor: int = 50) -> bool:
    earlier = [brought(leads)] if before is None else [brought(leads), brought(leads, budget=before)]
    readings = more_unknown(
        {"budget": count}, leads, earlier, {"budget": ["a"]}, jump=0.2, floor=floor, allowed=allowed
    )
    return any(reading.breached for reading in readings)


@pytest.mark.parametrize(
    ("count", "leads", "before", "breach"),
    [
        (1000, 1000, None, False),  # never seen before
        (300, 1000, 0.1, False),
        (301, 1000, 0.1, True),
        (200, 1000, 0.0, False),
        (201, 1000, 0.0, True),
        (49, 49, 0.0, False),  # the floor
        (59, 100, 0.1, False),
        (60, 100, 0.1, True),
        (100, 1000, 0.9, False),  # better is no breach
        (950, 1000, 0.9, False),  # half of those that had it
        (951, 1000, 0.9, True),
    ],
)
def test_a_fact_that_has_become_unknown(count: int, leads: int, before: float | None, breach: bool) -> None:
    assert unknown(count, leads, before) is breach


def test_what_is_unknown_may_be_let_through_and_all_such_facts_are_told() -> None:
    assert not unknown(900, 1000, 0.0, allowed=900)
    assert unknown(901, 1000, 0.0, allowed=900)
    earlier = [brought(1000, budget=0.0, need=0.25, size=0.5)]
    now = {"budget": 1000, "need": 700, "size": 500, "new": 1000}
    told = list(more_unknown(now, 1000, earlier, {"need": ["a", "b"]}, jump=0.2, floor=50, allowed=None))
    assert [(each.value, each.breached) for each in told] == [(1000, True), (700, True)]
    assert told[1].words == (
        "the fact need is unknown for 70 % of the leads, at the last run 25 %: 700 leads, limit 450"
    )
    assert (told[1].leads, told[1].options) == (("a", "b"), "--allow unknown=700")
    (nearest,) = more_unknown({**now, "budget": 0, "need": 0}, 1000, earlier, {}, jump=0.2, floor=50, allowed=None)
    assert (nearest.breached, nearest.value) == (False, 500)


@pytest.mark.parametrize(
    ("needed", "left", "allowed", "breach"),
    [(90, 100, None, False), (91, 100, None, True), (91, 100, 91, False), (92, 100, 91, True), (1, 0, None, True),
     (0, 0, None, False)],
)  # fmt: skip
def test_calls_against_what_is_left(needed: int, left: int, allowed: int | None, breach: bool) -> None:
    (reading,) = calls_left(needed, left, share=0.9, allowed=allowed)
    assert reading.breached is breach


def test_a_crm_that_does_not_tell_what_is_left_stops_nothing() -> None:
    assert list(calls_left(10**9, None, share=0.9, allowed=None)) == []


@pytest.mark.parametrize(
    ("changes", "creates", "needed"), [(0, 0, 0), (1, 0, 3), (200, 0, 3), (201, 0, 6), (200, 1, 6)]
)
def test_calls_are_counted_by_batches(changes: int, creates: int, needed: int) -> None:
    assert calls_needed(changes, creates, 200) == needed


def test_texts_in_another_language_are_let_through_one_by_one() -> None:
    assert language_changed([], "Italian", allowed=None) is None
    told = language_changed(["a"], "Italian", allowed=None)
    assert told is not None
    assert (told.breached, told.leads, told.options) == (True, ("a",), "--allow language=1")
    assert told.words == "1 lead is written for fields for people alone, in Italian now, allowed 0"


def both_sides() -> Mapping[str, tuple[bool, bool]]:
    """Reading → whether it is breached just within its limit, and just beyond."""

    def counted(guard: str) -> tuple[bool, bool]:
        bounds = {guard: Limit(number=3)}
        within, beyond = (guard in breached(plan_of(KINDS[guard], count), 100, **bounds) for count in (3, 4))
        return within, beyond

    def gone(missing: int, allowed: int | None) -> bool:
        return missing_leads(missing, 100, limit_share=0.3, floor=0, allowed_gone=allowed) is not None

    def changes(count: int, allowed: int | None) -> bool:
        return changed_share("x" * count, 100, limit_share=0.3, floor=0, allowed_changes=allowed).breached

    def few(guard: str, count: int) -> bool:
        now = Brought(NOW, True, *((count, 100) if guard == "few_leads" else (100, count)), {})
        earlier = [Brought(NOW - timedelta(days=1), True, 100, 100, {})]
        told = few_read(now, earlier, share=0.5, floor=10, allowed={})
        return next(reading.breached for reading in told if reading.name == guard)

    def unknown(count: int) -> bool:
        earlier = [Brought(NOW, True, 100, 0, {"need": 0.1})]
        (told,) = more_unknown({"need": count}, 100, earlier, {}, jump=0.2, floor=0, allowed=None)
        return told.breached

    def calls(needed: int) -> bool:
        (told,) = calls_left(needed, 100, share=0.9, allowed=None)
        return told.breached

    def language(count: int) -> bool:
        told = language_changed((f"{number}" for number in range(count)), "Italian", allowed=3)
        return told is not None and told.breached

    return {
        **{guard: counted(guard) for guard in KINDS},
        "gone_share": (gone(30, None), gone(31, None)),
        "gone_leads": (gone(40, 40), gone(41, 40)),
        "changed_share": (changes(30, None), changes(31, None)),
        "allowed_changes": (changes(40, 40), changes(41, 40)),
        "few_leads": (few("few_leads", 50), few("few_leads", 49)),
        "few_activities": (few("few_activities", 50), few("few_activities", 49)),
        "unknown": (unknown(30), unknown(31)),
        "calls": (calls(90), calls(91)),
        "language": (language(3), language(4)),
        "all_unmanaged": (
            nothing_managed(99, 100, stage_field="Status") is not None,
            nothing_managed(100, 100, stage_field="Status") is not None,
        ),
    }


def test_every_guard_is_held_from_both_sides() -> None:
    """Those that know no number, `writes_off` and `declined`, are breached whenever they are told."""
    sides = both_sides()
    assert {*sides, "writes_off", "declined"} == {name for kind in GUARDS.values() for name in kind.readings}
    assert set(sides.values()) == {(False, True)}

"""Plans: what counts as a change, how it is bound by a digest, and where guards stop it."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from crmsync.configuration import read_document
from crmsync.mapping import CrmMapping, mapping_from
from crmsync.model import DECIDED, LEADS, ROUTED, Change, NewRecord, Routing
from crmsync.plan import (
    change_from,
    changed,
    changed_share,
    digest_of,
    missing_leads,
    nothing_managed,
    unmanaged_notes,
    unread_notes,
    with_way_on,
)
from crmsync.values import replace

MAPPING = """
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: Open, mql: Marketing, sql: Sales}}
"""
DAY = date(2026, 11, 21)


@pytest.fixture
def mapping() -> CrmMapping:
    return mapping_from(read_document(MAPPING, "mappings/salesforce.yaml"))


def decided(**columns: object) -> dict[str, object]:
    row: dict[str, object] = {
        **dict.fromkeys((*LEADS, *DECIDED, *ROUTED)),
        "lead": "1",
        "managed": True,
        "stage": "lead",
        "stage_after": "lead",
        "owner": "u1",
        "owner_after": None,
        "pool": None,
        "lowest": "lead",
        "clearing": False,
        "reminded": False,
        "route_reason": "the next turn",
        "counter_before": 4,
        "counter_after": 5,
        "passed_over": [{"person": "u3", "why": "absent until 2026-12-01"}],
        "stage_native": '{"Status":"Open"}',
        "score.fit.low": 1000,
        "score.fit.high": 2000,
    }
    return row | columns


@pytest.mark.parametrize(
    ("columns", "is_change"),
    [
        ({}, False),
        ({"stage_after": "mql"}, True),
        ({"owner_after": "u2"}, True),
        ({"owner_after": "u1"}, False),
        ({"owner": None, "owner_after": "u1"}, True),
        ({"stage": None, "stage_native": '{"Status":null}'}, False),
        ({"stage": None, "stage_native": '{"Status":null}', "clearing": True}, True),
        ({"stage": None, "stage_native": '{"Status":null}', "stage_after": "mql"}, True),
        ({"reminded": True}, True),
        ({"managed": False, "stage": None, "stage_after": None, "owner_after": "u2"}, False),
    ],
)
def test_what_is_a_change(columns: dict[str, object], is_change: bool) -> None:
    assert changed(pl.DataFrame([decided(**columns)])).height == int(is_change)


def test_a_change_writes_only_what_differs(mapping: CrmMapping) -> None:
    change = change_from(mapping, decided(stage_after="sql", owner_after="u2", pool="receivers"), ["fit"], ("why",))
    assert change.writes == {"Status": ("Open", "Sales"), "OwnerId": ("u1", "u2")}
    assert (change.scores, change.turn, change.beside) == ({"fit": (1000, 2000)}, "receivers", {})
    passed_over = (("u3", "absent until 2026-12-01"),)
    assert change.routing == Routing("the next turn", "receivers", 4, 5, passed_over)


def test_an_empty_stage_on_the_lowest_rung_is_not_written_with_an_owner(mapping: CrmMapping) -> None:
    row = decided(stage=None, stage_native='{"Status":null}', owner=None, owner_after="u2")
    change = change_from(mapping, row, ["fit"], ())
    assert (change.stage_before, change.stage_after, change.stage_changes) == (None, None, False)
    assert change.writes == {"OwnerId": (None, "u2")}
    assert change.beside == {"Status": None}


def test_the_digest_binds_connection_day_leads_fields_and_values(mapping: CrmMapping) -> None:
    change = change_from(mapping, decided(stage_after="mql"), ["fit"], ("why",))
    digest = digest_of("salesforce", DAY, [change])
    assert digest == digest_of("salesforce", DAY, [replace(change, reasons=("in other words",))])
    task = NewRecord("Task", {"Subject": "Call"}, ("Subject",))
    others: list[tuple[str, date, list[Change]]] = [
        ("salesforce", DAY, [replace(change, creates=(task,))]),
        ("hubspot", DAY, [change]),
        ("salesforce", date(2026, 11, 22), [change]),
        ("salesforce", DAY, []),
        ("salesforce", DAY, [replace(change, lead="2")]),
        ("salesforce", DAY, [replace(change, writes={"Status": ("Open", "Sales")})]),
        ("salesforce", DAY, [replace(change, writes={"State": ("Open", "Marketing")})]),
    ]
    assert len({digest, *(digest_of(*other) for other in others)}) == len(others) + 1


@pytest.mark.parametrize(
    ("changes", "leads", "breached"),
    [
        (49, 60, False),
        (50, 60, True),
        (50, 166, True),
        (50, 167, False),
        (0, 0, False),
        (300, 1000, False),
        (301, 1000, True),
    ],
)
def test_the_share_counts_from_the_floor_on(changes: int, leads: int, breached: bool) -> None:
    reading = changed_share("x" * changes, leads, limit_share=0.3, floor=50, allowed_changes=None)
    assert reading.breached is breached
    assert (reading.value > reading.limit) is breached, "whoever compares the two comes to the same"
    assert len(reading.leads) == (changes if breached else 0), "a breach names the leads"
    (told,) = with_way_on([reading], "run hubspot")
    assert (f": crmsync run hubspot --allow-changes {changes}" in told.way_on) is breached


def test_of_few_leads_the_limit_is_told_as_a_number() -> None:
    few, many = (
        changed_share("x" * 40, leads, limit_share=0.1, floor=50, allowed_changes=None) for leads in (60, 600)
    )
    assert few.words == "40 of 60 leads, limit 49 of so few"
    assert many.words == "6.67 % of the leads, limit 10 %"


@pytest.mark.parametrize(("changes", "breached"), [(79, False), (80, False), (81, True)])
def test_an_allowed_number_replaces_the_share(changes: int, breached: bool) -> None:
    reading = changed_share("x" * changes, 100, limit_share=0.3, floor=50, allowed_changes=80)
    assert (reading.name, reading.limit, reading.breached) == ("allowed_changes", 80, breached)
    assert len(reading.leads) == (changes if breached else 0)


UNREAD = ("part", "name", "field", "value", "count", "lead")


def test_notes_tell_what_cannot_be_read_with_its_values() -> None:
    rows = [
        *(("fact", "size", "Size__c", value, 9 - number, f"lead{number}") for number, value in enumerate("abcdefg")),
        ("outcome", "calls", "disposition", "busy", 1, "x"),
        ("day", "Task", "At", "soon", 2, "y"),
    ]
    assert list(unread_notes(pl.DataFrame(rows, schema=UNREAD, orient="row"))) == [
        "size: unknown for 42 records, because Size__c holds text that does not convert: “a” (9), “b” (8), “c” (7), "
        "“d” (6), “e” (5) and 2 more values (see lead0, lead1, lead2, …) "
        "→ translate them with `values`, or correct them in the CRM",
        "calls: the outcome of 1 record is unknown, because no rule names what disposition holds: “busy” (1) (see x) "
        "→ name them in the mapping under `values`: until then such records do not count as done",
        "Task: 2 records left out, because At holds no day: “soon” (2) (see y, …)",
    ]


def test_one_note_tells_all_stages_that_are_left_alone_and_the_next_step() -> None:
    rows = [
        ('{"Status":"Odd","Sub":null}', 2, "1"),
        ('{"Status":"Odd","Sub":"x"}', 1, "3"),
        ('{"Status":"7"}', 5, "4"),
    ]
    unmanaged = pl.DataFrame(rows, schema=["stage_native", "count", "lead"], orient="row")
    assert list(unmanaged_notes(unmanaged, "Status", 9, {"7": "Customer", "Odd": "Odd"})) == [
        "8 leads in a stage that the mapping does not name are left alone: Status = 7 “Customer” (5), Odd (3) "
        "(see 1, 3, 4, …) → to have them decided, name the values under `stage: values:`"
    ]
    assert next(unmanaged_notes(unmanaged, "Status", 8, {})).startswith("every lead is in a stage")
    assert next(unmanaged_notes(unmanaged[1:2], "Status", 8, {})).startswith("1 lead in a stage")
    assert list(unmanaged_notes(unmanaged[:0], "Status", 8, {})) == []


def test_a_guard_stops_where_nothing_is_managed() -> None:
    assert nothing_managed(0, 0, stage_field="Status") is None
    assert nothing_managed(2, 3, stage_field="Status") is None
    guard = nothing_managed(3, 3, stage_field="Status")
    assert guard is not None
    assert guard.breached


@pytest.mark.parametrize(
    ("missing", "known", "allowed", "breach"),
    [
        (49, 50, None, None),  # fewer than the floor
        (50, 50, None, "gone_share"),
        (3, 3, None, "gone_share"),  # all of them, however few
        (60, 200, None, None),  # 30 %, the limit
        (61, 200, None, "gone_share"),
        (61, 200, 61, None),
        (61, 200, 60, "gone_leads"),
        (1, 200, 0, "gone_leads"),
    ],
)
def test_a_full_reading_that_misses_too_many_leads_is_a_breach(
    missing: int, known: int, allowed: int | None, breach: str | None
) -> None:
    reading = missing_leads(missing, known, limit_share=0.3, floor=50, allowed_gone=allowed, leads=["x"])
    assert (reading and reading.name) == breach
    if reading:
        assert (reading.breached, reading.leads) == (True, ("x",))
        (told,) = with_way_on([reading], "run salesforce")
        assert told.way_on.endswith(f"; if they are gone: crmsync run salesforce --full --allow gone={missing}")

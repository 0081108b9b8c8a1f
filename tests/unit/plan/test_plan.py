"""Plans: what counts as a change, how it is bound by a digest, and where guards stop it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from crmsync.configuration import read_document
from crmsync.mapping import CrmMapping, mapping_from
from crmsync.model import Change, NewRecord, Routing
from crmsync.plan import change_from, changed, changed_share, digest_of, unmanaged_notes, unreadable_notes

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
    reading = changed_share(changes, leads, limit_share=0.3, floor=50, allowed_changes=None)
    assert reading.breached is breached
    assert f"--allow-changes {changes}" in reading.way_on


@pytest.mark.parametrize(("changes", "breached"), [(79, False), (80, False), (81, True)])
def test_an_allowed_number_replaces_the_share(changes: int, breached: bool) -> None:
    reading = changed_share(changes, 100, limit_share=0.3, floor=50, allowed_changes=80)
    assert (reading.name, reading.limit, reading.breached) == ("allowed_changes", 80, breached)


def test_notes_count_and_name_some_leads() -> None:
    unreadable = pl.DataFrame({"lead": list("dcba"), "fact": ["size"] * 4, "field": ["Size__c"] * 4})
    assert list(unreadable_notes(unreadable)) == [
        "size: unknown for 4 records, because Size__c holds text that does not convert (a, b, c, …)"
    ]
    one = decided(managed=False, stage_native='{"Status":"Odd","Sub":null}')
    assert list(unmanaged_notes(pl.DataFrame([one, {**one, "lead": "2"}]))) == [
        "2 leads in a stage that the mapping does not name are left alone: Status = Odd (1, 2)"
    ]


def test_notes_on_a_single_lead_are_in_the_singular() -> None:
    unreadable = pl.DataFrame({"lead": ["a"], "fact": ["size"], "field": ["Size__c"]})
    assert list(unreadable_notes(unreadable)) == [
        "size: unknown for 1 record, because Size__c holds text that does not convert (a)"
    ]
    frame = pl.DataFrame([decided(managed=False, stage_native='{"Status":"Odd","Sub":null}')])
    assert list(unmanaged_notes(frame)) == [
        "1 lead in a stage that the mapping does not name is left alone: Status = Odd (1)"
    ]

"""One decided row as a change: what it writes, what it looks at besides, and when a stage is written at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crmsync.configuration import read_document
from crmsync.mapping import CrmMapping, mapping_from
from crmsync.model import DECIDED, LEADS, ROUTED, GuardReading, Outcome, Plan, SetAside
from crmsync.plan import change_from

MAPPING = """
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: Open, mql: {Status: Working, Step__c: Marketing}, sql: Sales}}
"""


@pytest.fixture
def mapping() -> CrmMapping:
    return mapping_from(read_document(MAPPING, "mappings/salesforce.yaml"))


def decided(**columns: Any) -> dict[str, Any]:
    row = {
        **dict.fromkeys((*LEADS, *DECIDED, *ROUTED)),
        "lead": "1",
        "stage": "sql",
        "stage_after": "sql",
        "owner": "anna",
        "owner_after": None,
        "lowest": "lead",
        "clearing": False,
        "stage_native": '{"Status":"Sales","Step__c":null}',
        "route_reason": None,
    }
    return row | columns


def test_a_stage_that_crmsync_cleared_is_set_though_it_is_the_lowest(mapping: CrmMapping) -> None:
    row = decided(stage=None, stage_after="lead", stage_native='{"Status":null,"Step__c":null}')
    left = change_from(mapping, row, [], ())
    assert (left.writes, left.stage_changes) == ({}, False), "an empty stage is the lowest rung"
    ended = change_from(mapping, {**row, "clearing": True}, [], ())
    assert (ended.stage_before, ended.stage_after) == (None, "lead")
    assert ended.writes == {"Status": (None, "Open")}


def test_stage_and_owner_fields_that_are_not_written_stand_beside(mapping: CrmMapping) -> None:
    stage_only = change_from(mapping, decided(stage_after="lead"), [], ())
    assert stage_only.writes == {"Status": ("Sales", "Open")}
    assert stage_only.beside == {"Step__c": None, "OwnerId": "anna"}
    owner_only = change_from(mapping, decided(owner_after="ben", passed_over=[]), [], ())
    assert owner_only.writes == {"OwnerId": ("anna", "ben")}
    assert owner_only.beside == {"Status": "Sales", "Step__c": None}
    nothing = change_from(mapping, decided(), [], ())
    assert nothing.beside == {"Status": "Sales", "Step__c": None, "OwnerId": "anna"}, "for a reminder, say"


def test_a_score_that_is_no_integer_is_a_mistake_of_ours(mapping: CrmMapping) -> None:
    row = decided(**{"score.fit.low": 1.5, "score.fit.high": 2})
    with pytest.raises(TypeError, match="milli-points"):
        change_from(mapping, row, ["fit"], ())


ASIDE = (SetAside("1", "nobody could take it"),)
BREACHED = (GuardReading("changed_share", 0.9, 0.3, breached=True),)


@pytest.mark.parametrize(
    ("outcomes", "aside", "guards", "code"),
    [
        ({}, (), (), 0),
        ({"1": "written", "2": "unchanged"}, (), (), 0),
        ({"1": "written", "2": "conflict"}, (), (), 4),
        ({"1": "refused"}, (), (), 4),
        ({"1": "did_not_stick"}, (), (), 4),
        ({"1": "written"}, ASIDE, (), 4),
        ({"1": "written"}, ASIDE, BREACHED, 3),
    ],
)
def test_the_exit_code_tells_what_a_person_has_to_look_at(
    outcomes: dict[str, Outcome], aside: tuple[SetAside, ...], guards: tuple[GuardReading, ...], code: int
) -> None:
    plan = Plan("c", date(2026, 11, 21), (), aside, guards, {}, {}, "digest", outcomes=outcomes)
    assert plan.exit_code == code

"""Mapping, policy and roster held against each other and the CRM: every finding, with its place, before any call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from small_settings import FIELDS, LEAD_FIELDS, MAPPING, POLICY, ROSTER, USERS, fields, held, told

from crmsync.connection.fitting import account_findings, activity_findings
from crmsync.connection.opening import Opened
from crmsync.connection.snapshot import Snapshot
from crmsync.contract import Capabilities, NativeField
from crmsync.errors import UsageError
from crmsync.testing import MemoryCrm
from crmsync.values import replace


def test_what_fits_together_is_ready(tmp_path: Path) -> None:
    ready = held(tmp_path)
    assert ready.mapping.stage.values["sql"].set == {"Status": ("S1",)}, "labels are the CRM's own values by now"
    assert ready.user_names == {"ann": "Ann", "bea": "Bea"}
    assert ready.accounts_asked == (), "no rule asks who owns an account"
    rules = ROSTER + "rules: {hand_off: [{strategy: account_owner}]}\n"
    assert [account.object for account in held(tmp_path, roster=rules).accounts_asked] == ["Account"]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("mql: Marketing, sql: {label: Sales ready}", None),
        ("mql: Marketing", "mapping.yaml:5:24: no value is mapped for the policy's stage `sql`"),
        (
            "mql: Marketing, sql: S1, sqo: S2",
            "mapping.yaml:5:58: the policy has no stage `sqo`",
        ),
    ],
)
def test_stages_of_policy_and_mapping_are_the_same(tmp_path: Path, mapping: str, message: str | None) -> None:
    text = MAPPING.replace("mql: Marketing, sql: {label: Sales ready}", mapping)
    if message is None:
        held(tmp_path, mapping=text)
    else:
        assert message in told(tmp_path, mapping=text)


@pytest.mark.parametrize(
    ("mapped", "declared", "message"),
    [
        ("size: {field: Employees, type: integer}", "integer", None),
        ("size: unmapped", "integer", None),
        ("size: {field: Employees, type: money}", "number", None),
        ("size: {field: Employees, type: number}", "integer", "`size` is number here and integer in the policy"),
        ("size: {field: Employees, type: text}", "integer", "`size` is text here and integer in the policy"),
        ("sise: {field: Employees, type: integer}", "integer", "mapping.yaml:7:3: the policy has no fact `sise`"),
        ("age: {field: Employees, type: integer}", "integer", "the policy's fact `size` is not mapped"),
    ],
)
def test_facts_of_policy_and_mapping_have_one_type(
    tmp_path: Path, mapped: str, declared: str, message: str | None
) -> None:
    mapping = MAPPING.replace("size: {field: Employees, type: integer}", mapped)
    policy = POLICY.replace("size: {type: integer}", f"size: {{type: {declared}}}")
    if message is None:
        held(tmp_path, mapping=mapping, policy=policy)
    else:
        assert [message in line for line in told(tmp_path, mapping=mapping, policy=policy)] == [True]


def test_a_choice_is_a_text_like_another(tmp_path: Path) -> None:
    mapping = MAPPING.replace("type: integer", "type: text")
    policy = POLICY.replace("{type: integer}", "{type: choice, values: [a, b]}").replace("at_least: 50", "is: a")
    held(tmp_path, mapping=mapping, policy=policy)


def test_a_hand_off_needs_somebody_who_can_receive_it(tmp_path: Path) -> None:
    message = "roster.yaml:2:1: nobody in the roster can receive a hand-off"
    assert message in told(tmp_path, roster=ROSTER.replace("  - {user: ann, role: ae}\n", ""))
    inactive = (replace(USERS[0], active=False), USERS[1])
    assert message in told(tmp_path, inactive), "one who is inactive in the CRM receives nothing"
    without = POLICY.replace("hand_off: {stage: sql, task: {subject: Call}}\n", "")
    held(tmp_path, inactive, policy=without)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    mapping = MAPPING.replace("mql: Marketing, ", "").replace("Employees", "Size__c")
    lines = told(tmp_path, mapping=mapping, roster=ROSTER.replace("role: ae", "role: bdr"))
    assert len(lines) == 3, lines
    assert {line.partition(":")[0] for line in lines} == {"mapping.yaml", "roster.yaml"}


# What only the CRM can tell, by one call for each object


@dataclass
class Described:
    """As much of a connector as describing objects takes. `objects`: what the user can see."""

    objects: Mapping[str, Collection[str]]
    capabilities: Capabilities
    asked: list[str]

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        self.asked.append(object_name)
        if object_name not in self.objects:
            raise UsageError(f"there is no object {object_name}")
        return fields(self.objects[object_name])


def opened(
    tmp_path: Path, open_objects: tuple[str, ...] = (), **objects: Collection[str] | None
) -> tuple[Opened, Any]:
    there = {name: names for name, names in {**FIELDS, **objects}.items() if names is not None}
    capabilities = replace(MemoryCrm({}).capabilities, open_objects=open_objects)
    connector: Any = Described(there, capabilities, [])
    ready = held(tmp_path)
    return Opened(ready, connector, Snapshot(ready.org, ready.users, LEAD_FIELDS)), connector


def test_activities_and_the_task_are_looked_up_once_each(tmp_path: Path) -> None:
    at, connector = opened(tmp_path)
    assert (activity_findings(at), account_findings(at)) == ([], [])
    assert connector.asked == ["Task", "Reminder", "Account"]


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ({"Task": ("ActivityDate",)}, "Task has no field `Type`"),
        ({"Task": None}, "there is no object Task"),
        ({"Reminder": ("Subject",)}, "Reminder has no field `OwnerId`"),
        ({"Reminder": None}, "there is no object Reminder"),
        ({"Account": ("OwnerId",)}, "Account has no field `Website`"),
        ({"Account": None}, "there is no object Account"),
    ],
)
def test_what_the_crm_lacks_is_told_at_its_place(
    tmp_path: Path, objects: Mapping[str, Collection[str] | None], message: str
) -> None:
    at, _ = opened(tmp_path, **objects)
    found = [*activity_findings(at), *account_findings(at)]
    assert [message in finding.message for finding in found] == [True]
    assert found[0].line > 0


def test_an_object_whose_fields_are_open_is_not_looked_up(tmp_path: Path) -> None:
    at, connector = opened(tmp_path, ("Task",), Task=())
    assert activity_findings(at) == []
    assert connector.asked == ["Reminder"]

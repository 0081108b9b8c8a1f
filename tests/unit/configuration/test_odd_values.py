"""Whatever stands in whichever place of a file: it is taken, or told at its place; nothing else is raised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crmsync.configuration import Document, read_document, validated
from crmsync.errors import ConfigurationError
from crmsync.mapping import mapping_from
from crmsync.qualify.language.reading import policy_from
from crmsync.route.roster.roster import roster_from
from crmsync.settings.load import load_settings
from crmsync.settings.shipped_policies import presets
from crmsync.settings.whole_file import SettingsFile
from crmsync.values import replace

ROOT = Path(__file__).parents[3]
ODD: tuple[Any, ...] = (
    None, True, -1, 10**30, float("nan"), "", "x", [], {}, [None], [{"a": 1}], [["a"]], {"x": {}}, {"x": []},
    date(2026, 2, 28),
)  # fmt: skip
SETTINGS = """
policy: policy.yaml
roster: roster.yaml
store: crmsync.db
language: de
retention: {journal_days: 90, undo_days: 30}
connections:
  salesforce:
    connector: salesforce
    mapping: mappings/salesforce.yaml
    writes: on
    language: de
    options: {url: "https://firm.my.salesforce.com"}
    schedule: {every_minutes: 15, full_cron: "0 3 * * 0", quiet_hours: ["22:00-06:00"], jitter_seconds: 4}
    guards: {changed_share: 0.3, stage_changes: {share: 0.1, number: 4}, floor: 10}
"""
ROSTER = """
people:
  - user: a@firm.example
    role: ae
    hours: {mon-thu: "09:00-17:00"}
    absences: [{from: 2026-12-24, to: 2027-01-02}]
    capacity: {per_day: 5}
    calendar: {file: a.ics, only: [OOO]}
  - {user: {salesforce: 0055g00000AbCdE}, key: b, roles: [bdr], partner: a@firm.example}
pools: {west: {where: {territory: [DE]}}}
receivers: {role: ae}
rules: {hand_off: [{pool: west, strategy: rotation, when: fits}]}
"""


def _paths(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    steps = data.items() if isinstance(data, dict) else enumerate(data[:9]) if isinstance(data, list) else ()
    for step, below in steps:
        yield from _paths(below, (*at, step))


def _with(data: Any, at: tuple[Any, ...], odd: Any) -> Any:
    if not at:
        return odd
    if isinstance(data, dict):
        return {key: _with(value, at[1:], odd) if key == at[0] else value for key, value in data.items()}
    return [_with(value, at[1:], odd) if index == at[0] else value for index, value in enumerate(data)]


def _policy(document: Document) -> object:
    return policy_from(document, presets())


@pytest.mark.parametrize(
    ("document", "read", "every"),
    [
        (read_document(SETTINGS, "crmsync.yaml"), lambda document: validated(SettingsFile, document), 1),
        (read_document(ROSTER, "roster.yaml"), roster_from, 1),
        (read_document((ROOT / "mappings" / "hubspot.yaml").read_text("utf-8"), "hubspot.yaml"), mapping_from, 2),
        (presets()["agency"], _policy, 23),
    ],
    ids=["settings", "roster", "mapping", "policy"],
)
def test_every_odd_value_is_taken_or_told(document: Document, read: Callable[[Document], object], every: int) -> None:
    """`every`: so many places are one step, as a policy takes long to read."""
    for at in list(_paths(document.data))[::every]:
        for odd in ODD:
            with suppress(ConfigurationError):
                read(replace(document, data=_with(document.data, at, odd)))


MAPPING = """
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {lead: New, mql: Marketing}}
facts: {budget: {field: Budget__c, type: choice, values: [available, none]}}
"""


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("field: Status", "field: [Status]", "`field`: a text belongs here, not a list"),
        ("field: Status", "field: null", "`field`: a text belongs here, not nothing"),
        ("lead: New", "lead:", "the value of `Status` for this stage is missing"),
        ("mql: Marketing", "mql: []", "`Status` has too few entries; at least 1 belong here"),
        ("values: [available", "values: [{available: 1}", "`{'available': 1}` is no value of a field"),
    ],
)
def test_a_value_of_another_kind_is_told_at_its_place(right: str, wrong: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        mapping_from(read_document(MAPPING.replace(right, wrong), "mapping.yaml"))
    assert [finding.message for finding in raised.value.findings] == [told]
    assert raised.value.findings[0].line > 1


def test_a_language_that_is_a_list_is_told() -> None:
    document = read_document(SETTINGS.replace("language: de", "language: [de]", 1), "crmsync.yaml")
    with pytest.raises(ConfigurationError, match="no texts in the language"):
        validated(SettingsFile, document)


def test_a_name_longer_than_the_system_takes_is_told_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "crmsync.yaml").write_text(SETTINGS.replace("policy.yaml", "y" * 5_000), "utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_settings(tmp_path / "crmsync.yaml")
    assert raised.value.findings[0].line == 2

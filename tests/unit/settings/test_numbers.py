"""A number in a file is written as one: truth and texts that look like numbers are mistakes, not ones and fives."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmsync.configuration import read_document, validated
from crmsync.connection import registry
from crmsync.errors import ConfigurationError
from crmsync.route.people.person import Capacity
from crmsync.settings import GuardSettings, ScheduleSettings, connector_settings
from crmsync.settings.file import LimitSettings, RetentionSettings

NO_NUMBERS = ["true", "false", "'5'", "[5]", "1e400"]


@pytest.mark.parametrize("value", NO_NUMBERS)
@pytest.mark.parametrize(
    ("model", "key"),
    [
        (Capacity, "per_day"),
        (Capacity, "per_week"),
        (Capacity, "open_leads"),
        (ScheduleSettings, "every_minutes"),
        (GuardSettings, "changed_share"),
        (GuardSettings, "gone_share"),
        (GuardSettings, "floor"),
        (GuardSettings, "few_share"),
        (GuardSettings, "unknown_jump"),
        (GuardSettings, "calls_share"),
        (LimitSettings, "share"),
        (LimitSettings, "number"),
        (RetentionSettings, "undo_days"),
        (RetentionSettings, "journal_days"),
        (RetentionSettings, "dry_runs_days"),
    ],
)
def test_what_is_no_number_is_told(model: type, key: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        validated(model, read_document(f"{key}: {value}", "some.yaml"))
    assert "some.yaml:1:" in str(caught.value)


@pytest.mark.parametrize("hours", ["true", "'5'"])
def test_hours_between_full_readings_are_a_number(hours: str) -> None:
    with pytest.raises(ConfigurationError):
        validated(ScheduleSettings, read_document(f"every_minutes: 5\nfull_every_hours: {hours}", "some.yaml"))


@pytest.mark.parametrize(
    "text",
    [
        "every_minutes: 1e-7",
        "every_minutes: 0.019",
        "every_minutes: 5\nfull_every_hours: 1e-7",
        "every_minutes: 5\nfull_every_hours: 0.24",
        "cron: 0 6 * * *\nfull_every_hours: 1e-7",
    ],
)
def test_a_schedule_without_a_pause_is_refused(text: str) -> None:
    """One run after the other would use up the CRM's calls of the day."""
    with pytest.raises(ConfigurationError, match="greater than or equal to"):
        validated(ScheduleSettings, read_document(text, "some.yaml"))


@pytest.mark.parametrize("option", ["timeout_seconds", "connect_timeout_seconds", "longest_wait_seconds", "attempts"])
@pytest.mark.parametrize("connector", ["salesforce", "hubspot"])
@pytest.mark.parametrize("value", ["1e300", "100000000000"])
def test_nothing_is_waited_for_without_end(tmp_path: Path, connector: str, option: str, value: str) -> None:
    document = read_document(f"connections: {{{connector}: {{options: {{{option}: {value}}}}}}}", "crmsync.yaml")
    options = document.data["connections"][connector]["options"]
    with pytest.raises(ConfigurationError, match=option):
        connector_settings(registry.load(connector), connector, options, document, tmp_path)


def test_numbers_are_taken() -> None:
    assert validated(Capacity, read_document("per_day: 0", "some.yaml")).per_day == 0
    assert validated(ScheduleSettings, read_document("every_minutes: 5", "some.yaml")).every_minutes == 5
    assert validated(ScheduleSettings, read_document("cron: 0 6 * * *\nfull_every_hours: null", "x")).cron


@pytest.mark.parametrize(("connector", "option"), [("salesforce", "attempts"), ("hubspot", "timeout_seconds")])
def test_an_option_that_is_a_number_is_not_yes(tmp_path: Path, connector: str, option: str) -> None:
    document = read_document(f"connections: {{{connector}: {{options: {{{option}: true}}}}}}", "crmsync.yaml")
    options = document.data["connections"][connector]["options"]
    with pytest.raises(ConfigurationError, match=f"`{option}` is a number"):
        connector_settings(registry.load(connector), connector, options, document, tmp_path)

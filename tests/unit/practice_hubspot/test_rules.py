"""Rules without a socket: stages, summaries of activity, limits, signatures, merging, stored definitions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmsync_practice.backend import PracticeContext
from crmsync_practice.deliveries import on_loopback
from crmsync_practice.hubspot import activity_summary
from crmsync_practice.hubspot.association_types import _TABLE, types_between
from crmsync_practice.hubspot.definitions import LIFECYCLE_OPTIONS, standard_definitions
from crmsync_practice.hubspot.errors import HubSpotError
from crmsync_practice.hubspot.lifecycle import STAGE, direction, stage_dates
from crmsync_practice.hubspot.limits import Limits
from crmsync_practice.hubspot.object_types import STANDARD_TYPES, aliases_of
from crmsync_practice.hubspot.paths import canonical, segments_of
from crmsync_practice.hubspot.properties import _frozen, _thawed
from crmsync_practice.hubspot.settings import Settings, settings_of
from crmsync_practice.hubspot.webhooks import signature_v3

STAGES = [value for value, _ in LIFECYCLE_OPTIONS]
DEFINITION = standard_definitions("contacts")[STAGE]


@given(st.sampled_from([None, "deleted", *STAGES]), st.sampled_from([None, "deleted", *STAGES]))
def test_only_a_known_earlier_stage_is_backward(before: str | None, after: str | None) -> None:
    backward = direction(DEFINITION, before, after) < 0
    known = before in STAGES and after in STAGES
    assert backward == (known and STAGES.index(str(after)) < STAGES.index(str(before)))


def test_stage_dates() -> None:
    moved = stage_dates(DEFINITION, "lead", "94943285", 0)
    zero = "1970-01-01T00:00:00.000Z"
    assert moved["hs_v2_date_exited_lead"] == moved["hs_v2_date_entered_94943285"] == zero
    assert moved["hs_lifecyclestage_customer_date"] is None and "hs_lifecyclestage_lead_date" not in moved
    assert stage_dates(DEFINITION, "lead", "lead", 0) == {}


def test_what_a_logged_activity_changes() -> None:
    now = "2026-11-20T00:00:00.000Z"
    past, future = "2026-11-19T00:00:00.000Z", "2026-11-21T00:00:00.000Z"
    call = activity_summary.logged({}, "calls", {"hs_timestamp": past}, now)
    assert call["notes_last_contacted"] == call["notes_last_updated"] == past
    note = activity_summary.logged(call, "notes", {"hs_timestamp": "2026-11-19T05:00:00.000Z"}, now)
    assert "notes_last_contacted" not in note and note["notes_last_updated"].startswith("2026-11-19T05")
    assert note["num_notes"] == "2"
    meeting = activity_summary.logged({}, "meetings", {"hs_timestamp": future}, now)
    assert meeting == {"num_notes": "1", "notes_next_activity_date": future}
    older = activity_summary.logged(call, "calls", {"hs_timestamp": "2020-01-01T00:00:00.000Z"}, now)
    assert older["notes_last_contacted"] == past
    assert activity_summary.logged({}, "deals", {}, now) == {}


def test_what_a_form_changes() -> None:
    day = 86_400_000
    first = activity_summary.converted({}, 10 * day, "A", True)
    second = {**first, **activity_summary.converted(first, 5 * day, "B", True)}
    third = {**second, **activity_summary.converted(second, 20 * day, "A", False)}
    assert (third["num_conversion_events"], third["num_unique_conversion_events"]) == ("3", "2")
    assert third["first_conversion_event_name"] == "B" and third["recent_conversion_event_name"] == "A"


class _Clock:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.at = datetime(2026, 11, 20, 22, 59, 50, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.at + timedelta(seconds=self.seconds)

    def today(self, zone: Any) -> date:
        return self.now().astimezone(zone).date()


def test_the_windows_roll_and_the_day_ends_at_the_accounts_midnight() -> None:
    clock = _Clock()
    context = PracticeContext(crm="hubspot", timezone="Europe/Berlin", today=date(2026, 11, 20), clock=clock)  # type: ignore[arg-type]
    limits = Limits(context, Settings(limited=True, ten_secondly=3, daily=5, search_secondly=2))

    def policy(*, search: bool = False) -> str | None:
        try:
            limits.take(search=search)
        except HubSpotError as refused:
            return str(refused.extra["policyName"])
        return None

    assert [policy() for _ in range(4)] == [None, None, None, "TEN_SECONDLY_ROLLING"]
    assert [policy(search=True) for _ in range(3)] == [None, None, "DAILY"]
    clock.seconds = 9.9
    assert policy() == "DAILY" and limits.used_today() == 5
    clock.seconds = 10.5
    assert limits.used_today() == 0 and policy() is None
    assert [policy(search=True) for _ in range(3)] == [None, None, "SECONDLY"]
    assert limits.headers(oauth=False)["X-HubSpot-RateLimit-Daily-Remaining"] == "2"
    assert not [name for name in limits.headers(oauth=True) if "Daily" in name]


def test_calm_counts_and_never_refuses() -> None:
    context = PracticeContext(crm="hubspot", timezone="UTC", today=date(2026, 11, 20))
    limits = Limits(context, settings_of("calm"))
    for _ in range(500):
        limits.take(search=False)
    assert limits.headers(oauth=False)["X-HubSpot-RateLimit-Remaining"] == "0"


def test_the_signature_decodes_only_the_documented_escapes() -> None:
    one = signature_v3("s", "POST", "http://x/a%3Fb%20c", b"{}", "1")
    assert one == signature_v3("s", "POST", "http://x/a?b%20c", b"{}", "1")
    assert one != signature_v3("s", "POST", "http://x/a?b c", b"{}", "1")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:1/x", True), ("http://localhost/x", True), ("http://[::1]:8/x", True),
        ("https://127.0.0.1/x", False), ("http://example.com/", False), ("http://127.0.0.1.example.com/", False),
        ("http://127.0.0.1:99999/", False), ("http://127.0.0.1/é", False), ("nonsense", False), ("http://[", False),
    ],
)  # fmt: skip
def test_webhooks_go_to_loopback_only(url: str, allowed: bool) -> None:
    assert on_loopback(url) is allowed


@pytest.mark.parametrize(
    ("path", "expected", "dated"),
    [
        ("/crm/v3/objects/contacts/", "crm/v3/objects/contacts", False),
        ("/crm/objects/2026-03/contacts/batch/read", "crm/v3/objects/contacts/batch/read", True),
        (
            "/crm/objects/2026-09-beta/contacts/1/associations/calls",
            "crm/v4/objects/contacts/1/associations/calls",
            True,
        ),
        ("/crm/associations/2026-03/a/b/batch/read", "crm/v4/associations/a/b/batch/read", True),
        ("/crm/owners/2026-03", "crm/v3/owners", True),
        ("/crm/v4/objects/contacts/1", "crm/v3/objects/contacts/1", False),
        ("/crm-object-schemas/v3/schemas/x", "crm/v3/schemas/x", False),
        ("/marketing/forms/2026-03", "marketing/v3/forms", True),
        ("/oauth/v3/token", "oauth/v1/token", False),
        ("/account-info/2026-03/details", "account-info/v3/details", True),
        ("/crm/objects/2026-04/contacts", "crm/objects/2026-04/contacts", False),
    ],
)
def test_path_families(path: str, expected: str, dated: bool) -> None:
    assert canonical(segments_of(path)) == (tuple(expected.split("/")), dated)


def test_segments_are_decoded_one_by_one() -> None:
    assert segments_of("/crm/v3/objects/contacts/a%2Fb%40c")[-1] == "a/b@c"


def test_definitions_survive_storage() -> None:
    for kind in STANDARD_TYPES:
        for definition in standard_definitions(kind.name).values():
            assert _thawed(_frozen(definition)) == definition


def test_names_and_numbers_are_unique() -> None:
    aliases = [alias for kind in STANDARD_TYPES for alias in aliases_of(kind)]
    assert len(aliases) == len(set(aliases))
    numbers = [kind.number for kind in STANDARD_TYPES]
    assert len(numbers) == len(set(numbers))
    for origin, target, number, back, _ in _TABLE:
        assert [each.inverse for each in types_between(origin, target) if each.number == number] == [back or number]


def test_a_merge_fills_gaps_and_keeps_the_later_stage(build: Callable[..., Any], lead: Callable[..., Any]) -> None:
    inside = build(
        [
            lead(1, stage="lead", company=None, first_name="Kept"),
            lead(2, stage="sql", company="Filled", first_name="Lost", email="two@x.example"),
        ]
    )
    body = {"primaryObjectId": "51", "objectIdToMerge": "52"}
    inside.ask("POST", "/crm/v3/objects/contacts/merge", body)
    names = "company,firstname,lifecyclestage,email,hs_additional_emails,hs_calculated_merged_vids"
    shown = inside.ask("GET", "/crm/v3/objects/contacts/52", query=f"properties={names}")
    props = shown["properties"]
    assert shown["id"] == "51" and props["firstname"] == "Kept" and props["company"] == "Filled"
    assert props["lifecyclestage"] == "salesqualifiedlead"
    assert props["email"] == "l1@x.example" and props["hs_additional_emails"] == "two@x.example"
    assert [each["id"] for each in inside.side.state()["leads"]] == ["L1"]
    again = inside.raw("POST", "/crm/v3/objects/contacts/merge", body=b'{"primaryObjectId":51,"objectIdToMerge":52}')
    assert again[0] == 400

"""Small parts of the connector by themselves, without a server: what a pull leaves, and what a refusal means."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from crmsync.sdk import PullRequest, RunStopped, TryAgain
from crmsync_hubspot.cursor import Cursor
from crmsync_hubspot.errors import fault_of
from crmsync_hubspot.pull import Paging
from crmsync_hubspot.records import merged_ids

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_pull_goes_on_from_its_first_page():
    paging = Paging(PullRequest("contacts", ("email",)))
    for minutes in (0, 5, 90):
        paging.began(NOON + timedelta(minutes=minutes))
    assert Cursor.from_text(paging.last().cursor) == Cursor(NOON, NOON), "what changed meanwhile comes again"


def test_a_recycle_bin_that_waits_keeps_its_own_place():
    paging = Paging(PullRequest("calls", (), leads_object="contacts"), leads=True)
    paging.began(NOON)
    paging.recycle_bin_waits(NOON - timedelta(hours=3))
    assert paging.last().cursor == "2026-11-21T12:00:00Z 2026-11-21T09:00:00Z"


@pytest.mark.parametrize(
    ("told", "ids"),
    [(None, []), ("", []), ("5;6", ["5", "6"]), ("5;1;6", ["5", "6"]), ("1", [])],
)
def test_a_record_is_not_merged_into_itself(told, ids):
    assert merged_ids({"id": "1", "properties": {"hs_merged_object_ids": told}}) == ids


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"policyName": "DAILY"}, RunStopped),
        ({"policyName": "DAILY", "message": "You have reached your limit."}, RunStopped),
        ({"message": "You have reached your daily limit."}, RunStopped),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, TryAgain),
        ({}, TryAgain),
    ],
)
def test_only_a_limit_of_the_day_ends_the_run(body, kind):
    fault = fault_of("list contacts", 429, {}, json.dumps(body).encode())
    assert isinstance(fault, kind)
    assert isinstance(fault, TryAgain) == (kind is TryAgain)

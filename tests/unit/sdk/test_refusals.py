"""Tables of codes: found by code and words, the special case first."""

from __future__ import annotations

from crmsync.sdk import Meaning, meaning_of, table_rows
from crmsync_hubspot import codes as hubspot
from crmsync_salesforce import codes as salesforce

SPECIAL = Meaning("LIMIT", "stopped", "used up", "wait", says=("TotalRequests", "for today"))
GENERAL = Meaning("LIMIT", "tried again", "too many at once")
TABLE = (SPECIAL, GENERAL)


def test_the_words_tell_the_special_case() -> None:
    assert meaning_of(TABLE, "LIMIT", "totalrequests exceeded") is SPECIAL
    assert meaning_of(TABLE, "LIMIT", "none left for today") is SPECIAL
    assert meaning_of(TABLE, "LIMIT", "ConcurrentRequests exceeded") is GENERAL
    assert meaning_of(TABLE, "OTHER") is None


def test_a_table_is_a_page() -> None:
    assert list(table_rows(TABLE))[2:] == [
        "| `LIMIT` with “TotalRequests” or “for today” | stopped | used up | wait |",
        "| `LIMIT` | tried again | too many at once | – |",
    ]


def test_no_entry_stands_behind_one_that_always_comes_first() -> None:
    for table in (salesforce.CALLS, salesforce.RECORDS, hubspot.CALLS, hubspot.RECORDS):
        for place, entry in enumerate(table):
            words = entry.says[0] if entry.says else ""
            assert meaning_of(table[: place + 1], entry.code, words) is entry


def test_whoever_has_something_to_do_is_told_what() -> None:
    for table in (salesforce.CALLS, hubspot.CALLS):
        assert [entry.code for entry in table if entry.deed == "stopped" and not entry.hint] == []

"""What stands in Date and Retry-After, and what cannot be meant by it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crmsync.sdk import server_date, wished_seconds

DATE = "Sat, 21 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (DATE, datetime(2026, 11, 21, 12, tzinfo=UTC)),
        (f" {DATE}\t", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("Sat, 21 Nov 2026 12:00:00 -0500", None),
        ("Sat, 21 Nov 2026 12:00:00 -0000", None),
        ("Sat, 21 Nov 2026 12:00:00", None),
        ("Sat, 21 Nov 0000 12:00:00 GMT", None),
        ("Tue, 21 Nov 0000 12:00:00 GMT", None),
        ("Sat, 21 Nov 26 12:00:00 GMT", None),
        ("Saturday, 21-Nov-26 12:00:00 GMT", None),
        ("Sat Nov 21 12:00:00 2026", None),
        ("Sun, 21 Nov 2026 12:00:00 GMT", None),
        ("21 Nov 2026 12:00:00 GMT", None),
        ("Sat, 21 Now 2026 12:00:00 GMT", None),
        ("Sat, 31 Feb 2026 12:00:00 GMT", None),
        ("Sat, 21 Nov 2026 24:00:00 GMT", None),
        ("Sat, 21 Nov 2026 12:00:60 GMT", None),
        ("Sat, 21 Nov 2026 12:00:00 GMT, Sat, 21 Nov 2026 12:00:00 GMT", None),
        ("Sat, ٢١ Nov 2026 12:00:00 GMT", None),
        ("Sat, 21 Nov 2026 12:00:00.5 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("Sat, 21 Nov 20260 12:00:00 GMT", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_date(text: str | None, moment: datetime | None) -> None:
    assert server_date(text) == moment


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("0", 0.0),
        ("604800", 604_800.0),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("604801", None),
        ("nan", None),
        ("inf", None),
        ("-inf", None),
        ("-5", None),
        ("1e400", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(text: str | None, seconds: float | None) -> None:
    assert wished_seconds(text, date=DATE) == seconds


def test_a_date_is_seen_from_this_machine_where_the_answer_has_none() -> None:
    seconds = wished_seconds("Sat, 01 Jan 2000 00:00:00 GMT")
    assert seconds == 0.0

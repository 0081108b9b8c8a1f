"""Reading the iCalendar files that the roster names: where they lie, how far they are followed, what is told."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crmsync.route.hours.counting import ReadCalendar
from crmsync.route.roster.roster import roster_from
from crmsync.settings import document_at, read_calendars
from crmsync.settings.calendars import LARGEST_CALENDAR_BYTES

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
DAILY = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20200101\nRRULE:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR\n"
TWO = (
    "people:\n  - {user: a@firm.example, calendar: team/off.ics}\n"
    "  - {user: b@firm.example, calendar: [team/off.ics, {file: team/off.ics, only: Bea}]}\n"
)


def read(folder: Path, text: str) -> tuple[list[ReadCalendar], list[str]]:
    (folder / "roster.yaml").write_text(text, encoding="utf-8")
    document = document_at(folder / "roster.yaml")
    found, findings = read_calendars(roster_from(document), document, NOW)
    return list(found.values()), [str(finding).replace(f"{folder}/", "") for finding in findings]


def test_files_lie_beside_the_roster_and_are_followed_from_before_now_until_a_year_after(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "off.ics").write_text(DAILY, encoding="utf-8")
    (every, words), findings = read(tmp_path, TWO)
    assert findings == []
    assert words.away == ()
    days = {away.start for away in every.away}
    assert {date(2026, 8, 11), date(2026, 11, 18), date(2027, 12, 22)} <= days
    assert min(days) > date(2026, 8, 1)
    assert max(days) < date(2028, 1, 1)


TOLD = [
    # what lies there, what is told of it
    (None, "roster.yaml:2:38: the calendar `team/off.ics`: no such file or directory\n  → looked for team/off.ics"),
    (
        b"\xff\xfe\x00B",
        "roster.yaml:2:38: the calendar `team/off.ics`: is not UTF-8 text\n  → export it again, as .ics",
    ),
    (
        b" " * (LARGEST_CALENDAR_BYTES + 1),
        "roster.yaml:2:38: the calendar `team/off.ics`: is larger than 8,000,000 bytes",
    ),
    (b"\xef\xbb\xbf<html>", "team/off.ics:1:1: this is no iCalendar file"),
]


@pytest.mark.parametrize(("content", "told"), TOLD)
def test_a_wrong_file_is_told_once_for_each_who_names_it(tmp_path: Path, content: bytes | None, told: str) -> None:
    (tmp_path / "team").mkdir()
    if content is not None:
        (tmp_path / "team" / "off.ics").write_bytes(content)
    found, findings = read(tmp_path, TWO)
    assert findings[0].startswith(told)
    assert len(findings) == (1 if "ics:1:1" in told else 2)  # at both places of the roster, or once in the file
    assert {one.away for one in found} == {()}


def test_a_pipe_in_place_of_a_calendar_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    os.mkfifo(tmp_path / "team" / "off.ics")
    _, findings = read(tmp_path, TWO)
    assert findings[0].startswith("roster.yaml:2:38: the calendar `team/off.ics`: is not a file but a pipe")


def test_an_address_is_no_file(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "holidays: {all: {file: 'https://calendar.example/x.ics', for: {}}}\n")
    assert findings == [
        "roster.yaml:1:24: an address, and calendars are read from files\n  → download it regularly and name the file"
    ]

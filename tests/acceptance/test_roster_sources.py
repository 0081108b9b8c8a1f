"""The roster from outside: absences from calendars, public holidays, people from the CRM's groups and teams."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from rehearsal import CRMS, Rehearsal, personal_data, rehearsal, told_in
from small_world import small_world

from crmsync.clock import now
from suite.breadth import broadly

TEAMS = {"ae-1": "AE EMEA", "ae-2": "AE EMEA", "ae-gone": "AE EMEA", "bdr-1": "Development", "bdr-2": "Development"}
WHERE = {"salesforce": "group", "hubspot": "team"}
AURELIA = "aurelia.kvernberg@seller.example"
ANSELM = "anselm.zsigmond@seller.example"


def today() -> date:
    return now().date()


def calendar(*events: str) -> str:
    inner = "".join(
        f"BEGIN:VEVENT\r\nUID:{number}\r\n{event}\r\nEND:VEVENT\r\n" for number, event in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inner}END:VCALENDAR\r\n"


def days_off(first: date, days: int, title: str = "Wedding of Zebulon") -> str:
    end = first + timedelta(days=days)
    return f"SUMMARY:{title}\r\nDTSTART;VALUE=DATE:{first:%Y%m%d}\r\nDTEND;VALUE=DATE:{end:%Y%m%d}"


BEGUN = today()
"""The day on which the tests began: the calendars below are made for it, also when midnight passes."""
AWAY = days_off(BEGUN - timedelta(days=2), 9)
MEETING = f"SUMMARY:Daily\r\nDTSTART:{today():%Y%m%d}T000000Z\r\nDURATION:PT23H\r\nRRULE:FREQ=DAILY"


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """The small world with teams; nothing may be written there."""
    place = tmp_path_factory.mktemp("firm")
    world = small_world(place / "world")
    users = world / "users.jsonl"
    people = [json.loads(line) for line in users.read_text(encoding="utf-8").splitlines()]
    told = [{**person, "team": TEAMS.get(person["id"])} for person in people]
    users.write_text("\n".join(map(json.dumps, told)) + "\n", encoding="utf-8")
    with rehearsal(place / "right", "--import", str(world)) as crms:
        yield crms


@pytest.fixture
def here(firm: Rehearsal, tmp_path: Path) -> Iterator[Rehearsal]:
    yield firm.copy(tmp_path / "here")
    assert [firm.writes(crm) for crm in CRMS] == [[], []]


def roster(here: Rehearsal, text: str) -> None:
    here.file("roster.yaml").write_text(text, encoding="utf-8")


def from_crm(group: str = "AE EMEA", rest: str = "") -> str:
    entries = "".join(
        f"  - {{connection: {crm}, {WHERE[crm]}: {group}, role: ae{rest}}}\n"
        f"  - {{connection: {crm}, team: Development, role: bdr}}\n"
        for crm in CRMS
    )
    return "from_crm:\n" + entries


def owners(here: Rehearsal, crm: str) -> dict[str, str]:
    """Lead → new owner, by import ids, of a dry run."""
    (plan,) = here.json("run", crm, "--dry-run")["plans"]
    users, leads = (
        {native: name for name, native in here.native(crm, table).items()} for table in ("users", "leads")
    )
    return {leads[change["lead"]]: users[change["owner"]["after"]] for change in plan["changes"] if change["owner"]}


def test_a_group_in_one_crm_and_a_team_in_the_other_give_the_same_owners(here: Rehearsal) -> None:
    """Counters go by e-mail and those read stand in its order, so both CRMs agree."""
    roster(here, from_crm())
    salesforce, hubspot = (owners(here, crm) for crm in CRMS)
    assert salesforce == hubspot
    assert set(salesforce.values()) >= {"ae-1", "ae-2"}


@pytest.mark.parametrize("crm", CRMS)
def test_check_tells_whom_it_read_and_who_is_away(here: Rehearsal, crm: str) -> None:
    soon = days_off(today() + timedelta(days=5), 1)
    here.file("aurelia.ics").write_text(calendar(AWAY, MEETING), encoding="utf-8")
    here.file("anselm.ics").write_text(calendar(soon), encoding="utf-8")
    named = f"people:\n  - {{user: {AURELIA}, calendar: aurelia.ics}}\n  - {{user: {ANSELM}, calendar: anselm.ics}}\n"
    roster(here, from_crm() + named)
    (result,) = here.json("check", crm)["connections"]
    found = [point["found"] for point in result["points"] if point["what"] == "roster"]
    assert "2 people read from AE EMEA; 1 inactive in the CRM are skipped" in found
    end = BEGUN + timedelta(days=7)
    assert f"away now: Aurelia Kvernberg until {end} 00:00" in found
    first, last = today() + timedelta(days=5), today() + timedelta(days=6)
    assert f"away within 30 days: Anselm Zsigmond from {first} 00:00 until {last} 00:00" in found
    within = "within 100 days before and 400 days after today"
    assert f"calendar aurelia.ics: 1 absences {within}" in found
    assert "Zebulon" not in str(result)


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_whom_a_calendar_shows_as_away_gets_nothing(here: Rehearsal, crm: str) -> None:
    here.file("off.ics").write_text(calendar(AWAY), encoding="utf-8")
    people = f"people: [{{user: {AURELIA}, calendar: off.ics}}]\n"
    roster(here, from_crm() + people)
    given = set(owners(here, crm).values())
    assert "ae-2" in given
    assert "ae-1" not in given
    roster(here, from_crm() + f"holidays: {{all: {{days: [{today()}], for: {{role: ae}}}}}}\n")
    (plan,) = here.json("run", crm, "--dry-run", code=4)["plans"]
    waiting = [each["reason"] for each in plan["set_aside"]]
    assert waiting == ["nobody of pool receivers can take this lead now: absent, inactive in the CRM"] * 2


WRONG = {
    "missing": (None, "roster.yaml:6:", "the calendar `aurelia.ics`: no such file or directory"),
    "broken": ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "aurelia.ics:3:1", "the file ends within VEVENT"),
    "endless": (calendar("DTSTART:20260101\r\nRRULE:FREQ=SECONDLY"), "aurelia.ics:6:7", "does not recur `secondly`"),
}


@pytest.mark.parametrize("name", broadly(WRONG))
def test_nothing_is_assigned_by_a_calendar_that_cannot_be_read(here: Rehearsal, name: str) -> None:
    text, place, words = WRONG[name]
    if text is not None:
        here.file("aurelia.ics").write_text(text, encoding="utf-8")
    roster(here, from_crm() + f"people: [{{user: {AURELIA}, calendar: aurelia.ics}}]\n")
    for command, crm in zip(("run", "check"), CRMS, strict=True):
        done = here.crmsync(command, crm)
        assert done.returncode == 2
        said = " ".join((done.stdout + done.stderr).split()).replace(" ", "")
        assert place in said
        assert words.replace(" ", "") in said
        assert "Traceback" not in done.stderr
        assert told_in(done.stderr, personal_data(here.state("salesforce"))) == []


@pytest.mark.breadth
def test_an_unknown_group_and_a_team_of_nobody_are_told_at_their_places(here: Rehearsal) -> None:
    roster(here, from_crm("AE EMAE"))
    done = here.crmsync("run")
    said = " ".join(done.stderr.split())
    assert done.returncode == 2
    assert "roster.yaml:2:37: salesforce has no group `AE EMAE` → did you mean `AE EMEA`?" in said
    assert "roster.yaml:4:33: nobody in hubspot has the team `AE EMAE` → did you mean `AE EMEA`?" in said
    roster(here, from_crm().replace("connection: hubspot", "connection: hubsopt"))
    done = here.crmsync("check", "salesforce")
    said = " ".join((done.stdout + done.stderr).split()).replace(" ", "")
    assert done.returncode == 2
    assert "roster.yaml:4:18:noconnection`hubsopt`isconfigured→didyoumean`hubspot`?" in said
    roster(here, from_crm().replace(", role: ae}", "}"))
    done = here.crmsync("run")
    assert done.returncode == 2
    assert "nobody in the roster can receive a hand-off" in done.stderr

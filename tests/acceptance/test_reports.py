"""Work list and near misses on generated leads in both CRMs, held against `explain` and the CRMs themselves."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import NATIVE

LADDER = ["lead", "mql", "sal", "sql", "sqo"]
UNMANAGED = {"salesforce": "Nurturing", "hubspot": "customer"}
FORMULA = '=HYPERLINK("http://elsewhere.example","click")'


@dataclass(frozen=True)
class Story:
    """The rehearsal after its first dry run, and what explain tells of every lead, by CRM and native id."""

    crm: Rehearsal
    stories: dict[str, dict[str, dict[str, Any]]]
    calls: dict[str, int]

    def report(self, *arguments: str) -> Any:
        return self.crm.json("report", *arguments)

    def listing(self, crm: str, name: str, *arguments: str) -> dict[str, Any]:
        """One list of one connection."""
        kind = "worklist" if name == "worklist" else "near-miss"
        (connection,) = self.report(kind, crm, "--show", "1000", *arguments)["connections"]
        found: dict[str, Any] = connection["lists"][name]
        assert len(found["leads"]) == found["total"]
        return found


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A report asked for before anything is stored says what to do, and reads no CRM."""
    with rehearsal(tmp_path_factory.mktemp("reports") / "rehearsal", "--leads", "200", "--seed", "11") as crm:
        before = {name: sum(crm.calls(name).values()) for name in CRMS}
        for name in ("worklist", "near-miss", "funnel", "scorecard", "forecast", "capacity"):
            refused = crm.crmsync("report", name)
            assert refused.returncode == 2, name
            assert "nothing is stored of salesforce yet\n  → `crmsync run salesforce --dry-run`" in refused.stderr
        assert {name: sum(crm.calls(name).values()) for name in CRMS} == before
        crm.json("run", "salesforce", "--dry-run")
        for name in ("worklist", "funnel", "load"):
            told = crm.crmsync("report", name)
            assert told.returncode == 0, told.stderr
            assert "left out: nothing is stored of hubspot yet" in " ".join(told.stderr.split())
        assert crm.crmsync("report", "load", "hubspot").returncode == 2
        crm.json("run", "--dry-run")
        calls = {name: sum(crm.calls(name).values()) for name in CRMS}
        stories = {name: _stories(crm, name) for name in CRMS}
        yield Story(crm, stories, calls)


def _stories(crm: Rehearsal, name: str, *arguments: str) -> dict[str, dict[str, Any]]:
    done = crm.crmsync("explain", name, "--all", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    return {told["lead"]: told for told in map(json.loads, done.stdout.splitlines())}


both = pytest.mark.parametrize("crm", CRMS)


@both
def test_the_work_list_holds_who_is_to_be_contacted_the_highest_priority_first(story: Story, crm: str) -> None:
    told = story.stories[crm]
    leads = story.listing(crm, "worklist")["leads"]
    assert {lead["lead"] for lead in leads} == {id_ for id_, one in told.items() if one["stage"] in ("sql", "sqo")}
    assert len(leads) >= 20
    for lead in leads:
        explained = told[lead["lead"]]
        assert lead["stage"] == explained["stage"]
        assert lead["priority_milli"] == explained["scores"]["total"][0]
        assert lead["next_action"] == explained["next_action"] != ""
        assert lead["reasons"]
    priorities = [lead["priority_milli"] for lead in leads]
    assert priorities == sorted(priorities, reverse=True)


@both
def test_the_last_contact_is_what_the_crm_shows(story: Story, crm: str) -> None:
    state = story.crm.state(crm)
    native = {one["id"]: one["native_id"] for one in state["leads"]}
    day = date.fromisoformat(story.report("worklist", crm)["connections"][0]["as_of"])
    outbound: dict[str, date] = {}
    for one in state["activities"]:
        at = date.fromisoformat(one["at"][:10])
        if one["direction"] == "outbound" and one["kind"] not in ("note", "task") and at <= day:
            outbound[native[one["lead"]]] = max(at, outbound.get(native[one["lead"]], at))
    leads = story.listing(crm, "worklist")["leads"]
    assert any(lead["lead"] in outbound for lead in leads)
    for lead in leads:
        if lead["lead"] in outbound:
            assert lead["days_since_touch"] <= (day - outbound[lead["lead"]]).days


@both
def test_near_misses_are_open_at_their_next_stage(story: Story, crm: str) -> None:
    told = story.stories[crm]
    leads = story.listing(crm, "short")["leads"]
    assert len(leads) >= 10
    for lead in leads:
        explained = told[lead["lead"]]
        following = LADDER[LADDER.index(explained["earned_stage"]) + 1]
        assert lead["next_stage"] == following
        assert explained["conditions"][f"ladder.{following}"] != "met"
        assert explained["reason"] is None
        assert lead["lacks"]
    stages = [LADDER.index(lead["next_stage"]) for lead in leads]
    assert stages == sorted(stages, reverse=True)
    assert any(lead["ask"] for lead in leads)


@pytest.mark.breadth
def test_what_a_near_miss_lacks_tips_it(story: Story, tmp_path: Path) -> None:
    """The one thing a lead lacks is entered in the CRM, and the lead gets the next stage."""
    here = story.crm.copy(tmp_path / "here")
    leads = [
        lead for lead in story.listing("salesforce", "short")["leads"] if lead["lacks"] == ["budget is available"]
    ]
    lead = next(lead for lead in leads if lead["ask"] == ["Is there a budget for this?"])
    ids = {native: id_ for id_, native in here.native("salesforce").items()}
    here.edit("salesforce", by=None, leads=[{"id": ids[lead["lead"]], "attributes": {"budget": "available"}}])
    here.json("run", "salesforce", "--dry-run", code=(0, 4))
    (after,) = [json.loads(here.crmsync("explain", "salesforce", lead["lead"], "--format", "json").stdout)]
    assert after["earned_stage"] == lead["next_stage"]


@pytest.mark.breadth
@both
def test_quiet_leads_are_told_those_to_nurture_first(story: Story, crm: str) -> None:
    leads = story.listing(crm, "quiet", "--quiet-days", "45")["leads"]
    assert leads
    assert all(lead["quiet_days"] >= 45 for lead in leads)
    assert {lead["stage"] for lead in leads} <= set(LADDER[1:])
    order = [(LADDER.index(lead["stage"]) < 3, LADDER.index(lead["stage"]), lead["quiet_days"]) for lead in leads]
    assert order == sorted(order, reverse=True)
    assert leads[0]["stage"] == "sal"
    everybody = story.listing(crm, "quiet", "--quiet-days", "0")["total"]
    assert everybody == sum(one["managed"] and one["stage"] in LADDER[1:] for one in story.stories[crm].values())


@pytest.mark.breadth
@both
def test_below_the_line_yet_won(story: Story, crm: str) -> None:
    asked = story.listing(crm, "won")
    assert asked["total"] == 0
    assert "--won" in asked["note"]
    value = UNMANAGED[crm]
    below = {
        id_
        for id_, one in story.stories[crm].items()
        if not one["managed"] and value in one["stage_native"].values() and one["earned_stage"] in LADDER[:3]
    }
    assert below
    won = story.listing(crm, "won", "--won", value)
    assert {lead["lead"] for lead in won["leads"]} == below
    assert won["note"] == ""


@pytest.mark.breadth
@both
def test_disqualified_leads_that_are_active_since(story: Story, crm: str, tmp_path: Path) -> None:
    here = story.crm.copy(tmp_path / "here")
    here.json("run", crm, "--dry-run", code=(0, 4))
    day = date.fromisoformat(here.json("report", "near-miss", crm, "--only", "returning")["connections"][0]["as_of"])
    stood = {id_ for id_, one in story.stories[crm].items() if one["crm_stage"] == "disqualified"}
    ids = {native: id_ for id_, native in here.native(crm).items()}
    lead, *others = sorted(stood)
    assert others
    at = f"{day + timedelta(days=2)}T12:00:00Z"
    activity = {
        "id": f"late-{crm}",
        "lead": ids[lead],
        "kind": "webinar",
        "at": at,
        "direction": "inbound",
        "outcome": "completed",
        "by": None,
        "subject": "x",
    }
    here.edit(crm, by=None, activities=[activity])
    here.json("run", crm, "--dry-run", code=(0, 4))
    for ahead, expected in ((1, []), (2, [lead])):
        as_of = (day + timedelta(days=ahead)).isoformat()
        answer = here.json("report", "near-miss", crm, "--only", "returning", "--as-of", as_of)
        listing = answer["connections"][0]["lists"]["returning"]
        leads = listing["leads"]
        assert [one["lead"] for one in leads] == expected
        assert (
            f"first saw the earliest of them there on {day}, and only what a lead did on a later" in listing["note"]
        )
    assert leads[0]["engagement"] == ["webinar"]
    assert leads[0]["engaged_on"] == (day + timedelta(days=2)).isoformat()


@pytest.mark.breadth
def test_csv_is_safe_to_open_and_tells_the_same(story: Story, tmp_path: Path) -> None:
    here = story.crm.copy(tmp_path / "here")
    first = story.listing("hubspot", "worklist")["leads"][0]
    ids = {native: id_ for id_, native in here.native("hubspot").items()}
    here.edit("hubspot", by=None, leads=[{"id": ids[first["lead"]], "company": FORMULA}])
    here.json("run", "hubspot", "--dry-run")
    done = here.crmsync("report", "worklist", "hubspot", "--show", "5", "--format", "csv", "--out", "list.csv")
    assert done.returncode == 0, done.stderr
    assert here.file("list.csv").read_text(encoding="utf-8") == done.stdout
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 5
    row = next(row for row in rows if row["lead"] == first["lead"])
    assert row["company"] == f"'{FORMULA}"
    assert int(row["priority_milli"]) == first["priority_milli"], "one name and one unit in CSV and JSON"
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+@-" and cell]


@pytest.mark.breadth
def test_tables_for_people_and_limits(story: Story) -> None:
    done = story.crm.crmsync("report", "near-miss", "--show", "3", "--quiet-days", "10")
    assert done.returncode == 0, done.stderr
    for words in ("salesforce", "hubspot", "One condition, or at most 10 points, short", "Nobody was in contact"):
        assert words in done.stdout
    assert "(3 of " in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.breadth
def test_reports_call_the_crm_only_when_nothing_is_stored(story: Story, tmp_path: Path) -> None:
    before = {crm: sum(story.crm.calls(crm).values()) for crm in CRMS}
    story.report("worklist")
    story.report("near-miss")
    assert {crm: sum(story.crm.calls(crm).values()) for crm in CRMS} == before
    assert all(count > 0 for count in story.calls.values())


def test_mistakes_are_told_in_words(story: Story) -> None:
    for arguments, words in (
        (("worklist", "sales"), "no connection `sales`"),
        (("worklist", "--stage", "sqlo"), "did you mean"),
        (("near-miss", "--only", "all"), "Invalid value"),
    ):
        done = story.crm.crmsync("report", *arguments)
        assert done.returncode == 2
        assert words in done.stderr
        assert done.stdout == ""


@both
def test_leads_that_nobody_nurtures_are_those_of_the_crm(story: Story, crm: str) -> None:
    """By owner, counted from what the CRM holds: stages above the lowest, and when one of us spoke with them."""
    quiet = 20
    [report] = story.report("sales", crm, "--quiet-days", str(quiet))["connections"]
    day = date.fromisoformat(report["load"]["as_of"])
    state = story.crm.state(crm)
    users = {user["id"]: user["native_id"] for user in state["users"]}
    spoken: dict[str, date] = {}
    for one in state["activities"]:
        at = date.fromisoformat(one["at"][:10])
        ours = one["direction"] == "outbound" or (
            one["by"] and (one["direction"] is None or one["outcome"] in ("connected", "completed"))
        )
        happened = one["outcome"] not in ("canceled", "no_show", "scheduled", "rescheduled", "open")
        if ours and happened and one["kind"] not in ("note", "task") and at <= day:
            spoken[one["lead"]] = max(at, spoken.get(one["lead"], at))
    counted: dict[str | None, list[int]] = {}
    for lead in state["leads"]:
        if lead["stage"] in {NATIVE[crm][stage] for stage in LADDER[1:]}:
            since = spoken.get(lead["id"], date.fromisoformat(lead["created_at"][:10]))
            untouched = (day - since).days >= quiet
            line = counted.setdefault(users.get(lead["owner"]), [0, 0, 0, 0])
            line[0] += 1
            line[1] += untouched
            line[2] += untouched and lead["id"] not in spoken
            line[3] = max(line[3], (day - since).days if untouched else 0)
    told = {
        line["owner"]: [line["open"], line["untouched"], line["never"], line["longest_days"] or 0]
        for line in report["untouched"]
    }
    assert told == counted
    assert sum(line[1] for line in counted.values()) > 10
    assert 0 < sum(line[2] for line in counted.values()) < sum(line[1] for line in counted.values())

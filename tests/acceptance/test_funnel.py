"""Funnel, forecast and capacity of the first day: from the CRMs' own histories, held against what was imported."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from one_file import without_scripts
from rehearsal import Rehearsal, rehearsal

DAY = date(2026, 11, 20)
LADDER = ("lead", "mql", "sal", "sql", "sqo")
NATIVE = {
    "lead": {"salesforce": "Open - Not Contacted", "hubspot": "lead"},
    "mql": {"salesforce": "Marketing Qualified", "hubspot": "marketingqualifiedlead"},
    "sal": {"salesforce": "Sales Accepted", "hubspot": "94943285"},
    "sql": {"salesforce": "Sales Qualified", "hubspot": "salesqualifiedlead"},
    "sqo": {"salesforce": "Sales Qualified Opportunity", "hubspot": "94943286"},
    "disqualified": {"salesforce": "Closed - Not Converted", "hubspot": "UNQUALIFIED"},
    "elsewhere": {"salesforce": "Nurturing", "hubspot": "other"},
}
SOURCES = ("Web", "Fair", None)
CAMPAIGNS = ("Spring e-book", "Pricing guide", None, "Trade fair")
CALLS = ("Autumn calls", "Spring e-book")
"""What calls of leads are about: touches beside the campaign that the lead came by."""
USERS = [
    {"id": "ann", "type": "person", "name": "Ann", "email": "ann@firm.example", "roles": ["ae"], "team": "North"}
]
Lead = dict[str, Any]


def _way(rng: random.Random) -> list[tuple[str, datetime]]:
    """Up the ladder, sometimes past a rung, out, or back to its foot."""
    at = datetime(2026, 11, 18, 9, tzinfo=UTC) - timedelta(days=rng.randrange(20, 300))
    way, stage = [("lead", at)], "lead"
    while rng.random() < 0.85:
        at += timedelta(days=rng.randrange(1, 30), minutes=rng.randrange(60))
        if at.date() >= date(2026, 11, 19):
            break
        above = LADDER[LADDER.index(stage) + 1 :] if stage in LADDER else ()
        options = (*above[:2] * 3, "disqualified", "elsewhere", *(("lead",) if stage != "lead" else ()))
        stage = rng.choice(options)
        way.append((stage, at))
    return way


def _won(way: list[tuple[str, datetime]], count: int) -> Lead:
    """Two of three that came to the last stage are won eight days later, for 1,000 to 4,000; of some nobody says."""
    came = next((at.date() for stage, at in way if stage == "sqo"), None)
    if came is None or count % 3 == 0 or came + timedelta(days=8) > date(2026, 11, 18):
        return {}
    amount = {} if count % 5 == 4 else {"deal_amount": 1_000 + 1_000 * (count % 5)}
    return {"won_on": (came + timedelta(days=8)).isoformat(), **amount}


def _leads(number: int) -> Iterator[Lead]:
    rng = random.Random(5)
    for count in range(number):
        way = _way(rng)
        source = SOURCES[count % 3]
        campaign = CAMPAIGNS[count % 4]
        yield {
            "id": f"L{count:03}",
            "last_name": f"Lead {count}",
            "email": f"p{count // 2 if count < 20 else count}@firm{count}.example",
            "owner": "ann",
            "created_at": way[0][1].isoformat(),
            "modified_at": "2026-11-19T10:00:00Z",
            "stage_history": [{"stage": NATIVE[stage], "at": at.isoformat()} for stage, at in way],
            "attributes": {
                name: value for name, value in (("lead_source", source), ("campaign", campaign)) if value is not None
            }
            | _won(way, count),
            "way": way,
        }


WORLD = list(_leads(300))


def _with_outcome(mapping: Any) -> None:
    for fact, kind in (("won_on", "date"), ("deal_amount", "number")):
        mapping["facts"][fact]["type"] = kind
    mapping["outcome"] = {"won_on": "won_on", "amount": "deal_amount"}


def _with_calls(mapping: Any) -> None:
    for one in mapping["activities"]:
        if one["object"] in ("Task", "Event", "calls"):
            one["about"] = one["subject"]


def _activities() -> Iterator[dict[str, Any]]:
    """A note of the last day, which an import ends with, and calls: those by the firm are no touches."""
    rng = random.Random(6)
    yield {"id": "A", "lead": "L000", "kind": "note", "direction": "outbound", "at": "2026-11-19T09:00:00Z"}
    for number, lead in enumerate(WORLD):
        for again in range(rng.randrange(3)):
            at = lead["way"][0][1] + timedelta(days=rng.randrange(1, 40))
            if at.date() < date(2026, 11, 19):
                yield {
                    "id": f"A{number}-{again}",
                    "lead": lead["id"],
                    "kind": "call",
                    "direction": "outbound" if number % 7 == 0 else "inbound",
                    "subject": CALLS[again],
                    "at": at.isoformat(),
                }


ACTIVITIES = list(_activities())


def _imported(folder: Path, leads: list[Lead], activities: list[dict[str, Any]]) -> None:
    folder.mkdir(exist_ok=True)
    for name, rows in (("users", USERS), ("leads", leads), ("activities", activities)):
        told = [{key: value for key, value in row.items() if key != "way"} for row in rows]
        (folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in told), "utf-8")


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    folder = tmp_path_factory.mktemp("imported")
    _imported(folder, WORLD, ACTIVITIES)
    directory = tmp_path_factory.mktemp("firm")
    with rehearsal(directory, "--import", str(folder), "--today", "2026-11-19") as running:
        for crm in running.urls:
            running.change(f"mappings/{crm}.yaml", _with_outcome)
            running.change(f"mappings/{crm}.yaml", _with_calls)
        running.json("run", "--dry-run")
        yield running


def counted(leads: list[Lead]) -> list[tuple[str, int, int, int, int]]:
    """stage, stood, moved on, ended, open: straight from the ways that were imported."""
    stood, on, ended, still = (Counter[str]() for _ in range(4))
    for lead in leads:
        way = [stage for stage, _ in lead["way"]]
        for place, stage in enumerate(way):
            if stage not in LADDER:
                continue
            stood[stage] += 1
            if place + 1 == len(way):
                still[stage] += 1
            elif way[place + 1] in LADDER and LADDER.index(way[place + 1]) > LADDER.index(stage):
                on[stage] += 1
            else:
                ended[stage] += 1
    return [(stage, stood[stage], on[stage], ended[stage], still[stage]) for stage in LADDER]


def told(funnel: Any) -> list[tuple[str, int, int, int, int]]:
    return [
        (it["stage"], it["stood"], it["moved_on"], sum(it["ended"].values()), it["open"]) for it in funnel["stages"]
    ]


def test_the_first_day_has_everybodys_past_on_both_crms(firm: Rehearsal) -> None:
    reports = firm.json("report", "funnel", "--by", "source", "--as-of", DAY.isoformat())["connections"]
    assert [report["connection"] for report in reports] == ["salesforce", "hubspot"]
    for report in reports:
        assert told(report) == counted(WORLD)
        [by] = report["by"]
        assert {part["name"] for part in by["parts"]} == set(SOURCES)
        for part in by["parts"]:
            assert told(part) == counted(
                [lead for lead in WORLD if lead["attributes"].get("lead_source") == part["name"]]
            )
    shares = [[stage["within"]["value"] for stage in report["stages"][:-1]] for report in reports]
    assert shares[0] == pytest.approx(shares[1], abs=0.03), "Salesforce tells changes only, so its past begins later"


def test_days_are_those_that_passed(firm: Rehearsal) -> None:
    [report] = firm.json("report", "funnel", "hubspot", "--as-of", DAY.isoformat(), "--within", "150")["connections"]
    assert all(stage["dated"] == stage["stood"] for stage in report["stages"])
    lead = report["stages"][0]
    assert 0 < lead["within"]["low"] < lead["within"]["value"] < lead["within"]["high"] < 1
    assert lead["within"]["value"] > lead["moved_on"] / lead["stood"], "who is open has not failed to move on"


@pytest.mark.breadth
def test_each_form_says_the_same(firm: Rehearsal) -> None:
    asked = ("report", "funnel", "salesforce", "--by", "cohort", "--per", "person", "--as-of", DAY.isoformat())
    [report] = firm.json(*asked)["connections"]
    rows = list(csv.DictReader(io.StringIO(firm.crmsync(*asked, "--format", "csv").stdout)))
    assert [int(row["stood"]) for row in rows if not row["by"]] == [it["stood"] for it in report["stages"]]
    assert len(rows) == len(LADDER) * (1 + len(report["by"][0]["parts"]))
    page = firm.crmsync(*asked, "--format", "html").stdout
    assert f"{report['stages'][0]['stood']:,}" in without_scripts(page)
    table = firm.crmsync(*asked).stdout
    assert "funnel per person" in table
    people = {lead["email"].partition("@")[0] for lead in WORLD}
    assert report["stages"][0]["reached"] <= len(WORLD) and len(people) < len(WORLD)


def test_what_nobody_can_part_leads_by_is_told(firm: Rehearsal) -> None:
    done = firm.crmsync("report", "funnel", "--by", "shoe_size")
    assert done.returncode == 2
    assert "`shoe_size`" in done.stderr and "cohort, segment, owner, team" in done.stderr


def test_both_crms_forecast_the_same_and_say_how_far_off_that_was(firm: Rehearsal) -> None:
    """But for a little: Salesforce tells changes only, so that its past begins later."""
    day = ("--as-of", DAY.isoformat())
    reports = firm.json("report", "forecast", *day)["connections"]
    came = [
        sum(1 for lead in WORLD for stage, at in lead["way"] if stage == "sqo" and f"{at:%Y-%m}" == month)
        for month in ("2026-09", "2026-10", "2026-11")
    ]
    for report in reports:
        assert not report["too_short"] and report["stage"] == "sqo"
        assert report["months"][0]["so_far"] == came[-1]
        past = {one["month"]: one["came"] for one in report["backtest"]["forecasts"]}
        assert [past["2026-09-01"], past["2026-10-01"]] == came[:2]
        assert [stage["open"] for stage in report["stages"]] == [row[4] for row in counted(WORLD)[:-1]]
        assert report["backtest"]["together"]["number"] == len(report["backtest"]["forecasts"])
    expected = [[month["expected"] for month in report["months"]] for report in reports]
    assert expected[0] == pytest.approx(expected[1], rel=0.1)
    won = [lead["attributes"] for lead in WORLD if "won_on" in lead["attributes"]]
    for report in reports:
        wins = report["wins"]
        amounts = [one["deal_amount"] for one in won if "deal_amount" in one]
        assert wins["arrived"] == len(won)
        assert (wins["revenue"]["amounts"], wins["revenue"]["without_amount"]) == (
            len(amounts),
            len(won) - len(amounts),
        )
        assert 0 < len(amounts) < len(won)
        assert wins["revenue"]["mean_amount"] == pytest.approx(sum(amounts) / len(amounts), abs=0.01)
        for month, bring in zip(wins["months"], wins["revenue"]["months"], strict=True):
            coming = (month["expected"] - month["so_far"]) * sum(amounts) / len(won)
            assert bring["expected"] - bring["so_far"] == pytest.approx(coming, abs=3)
        november = [one for one in won if one["won_on"] >= "2026-11-01"]
        assert wins["months"][0]["so_far"] == len(november)
        assert wins["revenue"]["months"][0]["so_far"] == sum(one.get("deal_amount", 0) for one in november)
        tested = wins["revenue"]["backtest"]
        assert {one["month"]: one["came"] for one in tested["forecasts"]} == {
            month: sum(one.get("deal_amount", 0) for one in won if one["won_on"][:7] == month[:7])
            for month in (one["month"] for one in wins["backtest"]["forecasts"])
        }
        assert tested["together"]["number"] == wins["backtest"]["together"]["number"]


@pytest.mark.breadth
def test_new_leads_are_expected_as_in_the_last_ninety_days(firm: Rehearsal) -> None:
    [report] = firm.json("report", "forecast", "hubspot", "--as-of", DAY.isoformat())["connections"]
    begun: Counter[str] = Counter()
    for lead in WORLD:
        before = None
        for stage, at in lead["way"]:
            rank = LADDER.index(stage) if stage in LADDER else None
            if (
                rank is not None
                and (before is None or rank <= before)
                and DAY - timedelta(days=90) < at.date() <= DAY
            ):
                begun[stage] += 1
            before = rank
    assert {one["stage"]: one["new_in_30_days"] for one in report["stages"]} == pytest.approx(
        {stage: begun[stage] / 3 for stage in LADDER[:-1]}, abs=1e-3
    )


@pytest.mark.breadth
def test_a_forecast_of_then_is_made_of_what_was_known_then(firm: Rehearsal) -> None:
    """The backtest's forecast of the last month's end is the one that would have been made on it."""
    [now] = firm.json("report", "forecast", "hubspot", "--as-of", DAY.isoformat())["connections"]
    [then] = firm.json("report", "forecast", "hubspot", "--as-of", "2026-09-30")["connections"]
    told = {one["month"]: one for one in now["backtest"]["forecasts"] if one["made_on"] == "2026-09-30"}
    month = then["months"][0]
    assert (month["month"], month["expected"]) == ("2026-10-01", told["2026-10-01"]["expected"])


@pytest.mark.breadth
def test_each_form_of_a_forecast_says_the_same(firm: Rehearsal) -> None:
    asked = ("report", "forecast", "hubspot", "--as-of", DAY.isoformat(), "--months", "2")
    [report] = firm.json(*asked)["connections"]
    rows = list(csv.DictReader(io.StringIO(firm.crmsync(*asked, "--format", "csv").stdout)))
    coming = [float(row["expected"]) for row in rows if row["stage"] == "sqo" and not row["came"]]
    assert coming == [month["expected"] for month in report["months"]]
    assert {row["stage"] for row in rows} == {"sqo", "won", "revenue"}
    shown = f"{report['months'][1]['expected']:.1f}"
    table, page = firm.crmsync(*asked).stdout, firm.crmsync(*asked, "--format", "html").stdout
    assert f" {shown} " in table and f">{shown}<" in page and "80 % interval" in table
    assert "Vorhersage" in firm.crmsync(*asked, "--format", "html", "--language", "de").stdout
    done = firm.crmsync("report", "forecast", "--stage", "lead")
    assert done.returncode == 2 and "`lead`" in done.stderr and "`mql`, `sal`, `sql`, `sqo`" in done.stderr


@pytest.mark.breadth
def test_what_receivers_get_is_what_is_forecast_and_who_is_away_gets_less(firm: Rehearsal) -> None:
    day = ("--as-of", DAY.isoformat())
    reports = firm.json("report", "capacity", *day)["hand_overs"]
    for report in reports:
        [expected] = firm.json("report", "forecast", report["connection"], "--stage", report["stage"], *day)[
            "connections"
        ]
        december = next(month for month in report["months"] if month["month"] == "2026-12-01")
        assert december["expected"] == next(
            month["expected"] for month in expected["months"] if month["month"] == "2026-12-01"
        )
        got = [one for one in report["receivers"] if one["month"] == "2026-12-01"]
        assert sum(one["expected"] for one in got) == pytest.approx(december["expected"], abs=0.01)
        assert {one["state"] for one in got} == {"no_limit"}
    absent = {"from": "2026-12-01", "to": "2026-12-31"}
    roster = firm.file("roster.yaml").read_text(encoding="utf-8")
    try:
        firm.change(
            "roster.yaml", lambda data: data["people"][0].update(absences=[absent], capacity={"per_month": 1})
        )
        [report] = firm.json("report", "capacity", "hubspot", *day)["hand_overs"]
    finally:
        firm.file("roster.yaml").write_text(roster, encoding="utf-8")
    states = {one["month"]: one["state"] for one in report["receivers"]}
    assert (states["2026-12-01"], states["2027-01-01"]) == ("away", "over")
    assert next(month for month in report["months"] if month["month"] == "2026-12-01")["for_nobody"] > 1


def touches_of(lead: Lead) -> list[tuple[date, str]]:
    """Everything that reached this person, whichever record it is of."""
    own = {other["id"]: other for other in WORLD if other["email"] == lead["email"]}
    told = [
        (it["way"][0][1].date(), it["attributes"]["campaign"])
        for it in own.values()
        if "campaign" in it["attributes"]
    ]
    calls = [call for call in ACTIVITIES if call["lead"] in own and call["direction"] == "inbound"]
    return [*told, *((datetime.fromisoformat(call["at"]).date(), call["subject"]) for call in calls)]


def credited() -> dict[str, dict[str, Counter[str | None]]]:
    """Way → stage → name → credits: straight from what was imported, attempt by attempt."""
    told: dict[str, dict[str, Counter[str | None]]] = {}
    for lead in WORLD:
        ended, top, arrived = None, -1, set[int]()
        for stage, at in lead["way"]:
            rank = LADDER.index(stage) if stage in LADDER else -1
            if 0 <= top >= rank:
                ended, arrived = at.date(), set()
            for reached in range(1, rank + 1):
                if reached in arrived or (rank > reached and top < 0):
                    continue
                arrived.add(reached)
                before = {each for each in touches_of(lead) if each[0] <= at.date()}
                since = {each for each in before if ended is None or each[0] >= ended}
                for way, some in (("first", before), ("last", before), ("linear", before), ("attempt", since)):
                    end = (max if way == "last" else min)((day for day, _ in some), default=None)
                    named = [name for day, name in some if way == "linear" or day == end] or [None]
                    for name in named:
                        told.setdefault(way, {}).setdefault(LADDER[reached], Counter())[name] += 1 / len(named)
            top = rank
    return told


def test_a_scorecard_is_the_same_on_both_crms_and_what_the_import_gives(firm: Rehearsal) -> None:
    reports = firm.json("report", "scorecard", "--as-of", DAY.isoformat())["connections"]
    cards = [{card["by"]: card["ways"] for card in report["cards"]} for report in reports]
    assert [list(each) for each in cards] == [["campaign", "source"]] * 2
    mine = credited()
    for by in ("campaign", "source"):
        for one, other in zip(cards[0][by], cards[1][by], strict=True):
            assert [line["name"] for line in one["lines"]] == [line["name"] for line in other["lines"]]
            assert [line["stages"] for line in one["lines"]] == [line["stages"] for line in other["lines"]]
    assert {way["way"] for way in cards[0]["campaign"]} == set(mine)
    for way in cards[0]["campaign"]:
        for place, stage in enumerate(LADDER[1:]):
            found = {line["name"]: line["stages"][place]["credit"] for line in way["lines"]}
            assert {name: credit for name, credit in found.items() if credit} == pytest.approx(
                mine[way["way"]][stage]
            )
            assert sum(found.values()) == pytest.approx(reports[0]["stages"][place]["came"], abs=1e-4)


@pytest.mark.breadth
def test_each_form_of_a_scorecard_says_the_same(firm: Rehearsal) -> None:
    asked = ("report", "scorecard", "salesforce", "--by", "campaign", "--by", "kind", "--as-of", DAY.isoformat())
    [report] = firm.json(*asked)["connections"]
    ways = report["cards"][0]["ways"]
    rows = list(csv.DictReader(io.StringIO(firm.crmsync(*asked, "--format", "csv").stdout)))
    told = [
        (row["way"], row["name"] or None, float(row["credit"]))
        for row in rows
        if (row["by"], row["what"], row["stage"]) == ("campaign", "came", "sqo")
    ]
    assert told == [(way["way"], line["name"], line["stages"][-1]["credit"]) for way in ways for line in way["lines"]]
    page = without_scripts(firm.crmsync(*asked, "--format", "html", "--credit", "linear").stdout)
    table = firm.crmsync(*asked, "--credit", "linear").stdout
    for told in (page, table):
        assert "Spring e-book" in told and "Autumn calls" in told and "the same part to each touch before" in told
    german = firm.crmsync(*asked, "--language", "de").stdout
    assert german != firm.crmsync(*asked).stdout
    wrong = firm.crmsync("report", "scorecard", "--by", "nothing")
    assert wrong.returncode == 2 and "there are no touches by `nothing`" in wrong.stderr


def _dated(number: int) -> Iterator[Lead]:
    """Leads of which no history tells: only fields hold the days on which they became MQL and SQL."""
    rng = random.Random(9)
    for count in range(number):
        began = date(2026, 6, 1) + timedelta(days=rng.randrange(60))
        mql, sql = began + timedelta(days=rng.randrange(3, 30)), began + timedelta(days=rng.randrange(40, 90))
        way = [("lead", began), *((("mql", mql), ("sql", sql))[: count % 3])]
        yield {
            "id": f"D{count:03}",
            "last_name": f"Lead {count}",
            "email": f"d{count}@firm.example",
            "owner": "ann",
            "created_at": f"{began}T12:00:00Z",
            "modified_at": "2026-11-19T10:00:00Z",
            "stage_history": [{"stage": NATIVE[way[-1][0]], "at": f"{way[-1][1]}T12:00:00Z"}],
            "attributes": {},
            "way": [(stage, datetime.combine(day, datetime.min.time(), UTC)) for stage, day in way],
        }


def _noted(here: Rehearsal, world: list[Lead]) -> None:
    """Another program fills the fields: a day for MQL, a moment for SQL."""
    salesforce: list[Any] = []
    hubspot: list[Any] = []
    natives = {crm: here.native(crm) for crm in here.urls}
    for lead in world:
        days = {stage: at.date().isoformat() for stage, at in lead["way"][1:]}
        moment = f"{days['sql']}T12:00:00Z" if "sql" in days else None
        known = {"Crmsync_Mql_First__c": days.get("mql"), "Crmsync_Sql_First__c": moment}
        salesforce.append({"attributes": {"type": "Lead"}, "id": natives["salesforce"][lead["id"]], **known})
        known = {"crmsync_mql_first": days.get("mql") or "", "crmsync_sql_first": moment or ""}
        hubspot.append({"id": natives["hubspot"][lead["id"]], "properties": known})
    sobjects = "/services/data/v62.0/composite/sobjects"
    told = here.native_send("salesforce", sobjects, "PATCH", {"allOrNone": True, "records": salesforce})
    assert all(one["success"] for one in told)
    here.native_send("hubspot", "/crm/v3/objects/contacts/batch/update", "POST", {"inputs": hubspot})


@pytest.mark.breadth
def test_fields_that_hold_days_tell_the_past_on_the_first_day(tmp_path: Path) -> None:
    world = list(_dated(90))
    dates = {
        "salesforce": {"lead": "CreatedDate", "mql": "Crmsync_Mql_First__c", "sql": "Crmsync_Sql_First__c"},
        "hubspot": {"lead": "createdate", "mql": "crmsync_mql_first", "sql": "crmsync_sql_first"},
    }
    _imported(tmp_path / "world", world, [{**ACTIVITIES[0], "lead": "D000"}])
    with rehearsal(tmp_path / "own", "--import", str(tmp_path / "world"), "--today", "2026-11-19") as here:
        _noted(here, world)
        here.json("run", "--dry-run")
        asked = ("report", "funnel", "--as-of", DAY.isoformat(), "--within", "60")
        [*without] = here.json(*asked)["connections"]
        again = here.copy(tmp_path / "again")
        for crm in here.urls:
            again.change(f"mappings/{crm}.yaml", lambda mapping, crm=crm: mapping["stage"].update(dates=dates[crm]))
        again.json("run", "--dry-run")
        reports = again.json(*asked)["connections"]
    assert [report["connection"] for report in reports] == ["salesforce", "hubspot"]
    for report, bare in zip(reports, without, strict=True):
        assert told(report) == counted(world) != told(bare)
        assert all(stage["dated"] == stage["stood"] for stage in report["stages"])
        went = [(lead["way"][1][1] - lead["way"][0][1]).days for lead in world if len(lead["way"]) > 1]
        stood = [*sorted(went), *[400] * (len(world) - len(went))]
        assert report["stages"][0]["median_days"]["value"] == stood[len(world) // 2 - 1]

"""`crmsync report load` on both practice CRMs and `crmsync simulate routing` by itself, as users run them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from one_file import without_scripts
from rehearsal import CRMS, LEAD_OBJECT, OWNER_FIELD, Rehearsal, crmsync, rehearsal

from crmsync.store import Store
from suite.breadth import broadly

CLOSED = {
    "salesforce": {"Closed - Converted", "Closed - Not Converted", "Nurturing"},
    "hubspot": {"customer", "other", "UNQUALIFIED"},
}
"""Stages that the policy does not give, and its disqualified one."""
TO_CONTACT = {
    "salesforce": {"Sales Qualified": "sql", "Sales Qualified Opportunity": "sqo"},
    "hubspot": {"salesqualifiedlead": "sql", "94943286": "sqo"},
}
"""What the CRM calls the stages whose leads are to be contacted → what the policy calls them."""
HEAVY = "jonas.keller@ourfirm.example"


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both CRMs after a run, with capacity and an absence in the roster."""
    folder = tmp_path_factory.mktemp("load")
    with rehearsal(folder / "config", "--leads", "200", "--seed", "5") as running:
        empty = running.crmsync("report", "load")
        assert empty.returncode == 2
        assert "crmsync run salesforce --dry-run" in empty.stderr
        running.change("roster.yaml", _with_a_weight)
        running.json("run", code=(0, 4))
        yield running


def _with_a_weight(roster: Any) -> None:
    next(each for each in roster["people"] if str(each["user"]) == HEAVY)["weight"] = 2


def loads(firm: Rehearsal, *arguments: str) -> dict[str, dict[str, Any]]:
    """The answer by connection."""
    answer = firm.json("report", "load", *arguments)
    assert (answer["format"], answer["report"]) == (1, "load")
    return {one["connection"]: one for one in answer["connections"]}


def test_turns_are_what_the_crms_hold_and_fair(firm: Rehearsal) -> None:
    answers = loads(firm)
    assert list(answers) == list(CRMS)
    for crm, one in answers.items():
        pools = {pool["pool"]: pool for pool in one["pools"]}
        assert {"receivers", "bdrs"} <= set(pools)
        assert pools["receivers"]["turns"] > 20
        people = {person["person"]: person for person in one["people"]}
        got = Counter({name: person["outside_rotation"] for name, person in people.items()})
        for pool in pools.values():
            assert pool["within_bound"]
            assert pool["largest_deviation"] < 1
            for each in pool["people"]:
                assert each["turns"] - each["share"] == pytest.approx(each["deviation"])
                got[each["person"]] += each["turns"]
        owner = OWNER_FIELD[crm]
        gained = Counter(
            write["after"][owner]
            for write in firm.writes(crm)
            if write["object"] == LEAD_OBJECT[crm] and write["after"].get(owner) != (write["before"] or {}).get(owner)
        )
        assert {person["user"]: got[name] for name, person in people.items() if got[name]} == gained
        assert sum(gained.values()) > 20
        for person in people.values():
            assert person["today"]["has"] == person["this_week"]["has"] == got[person["person"]]
            assert person["available"] is (person["why_not"] is None)


def test_fair_shares_are_the_parts_of_each_turn_added_up(firm: Rehearsal) -> None:
    """From the journal: of each turn everybody who took part has their part by weight, and one person got it."""
    with closing(Store(firm.store)) as store:
        entries = {crm: [each for each in store.journal.entries(crm) if each.turn] for crm in CRMS}
    for crm, one in loads(firm).items():
        users = {person["person"]: person["user"] for person in one["people"]}
        due: dict[str, Counter[str]] = {}
        given: dict[str, Counter[str]] = {}
        for each in entries[crm]:
            routing = each.change.routing
            assert routing is not None and each.turn is not None
            if routing.shared is not None:
                pool, person = each.turn
                given.setdefault(pool, Counter())[person] += 1
                whole = sum(weight for _, weight in routing.shared)
                due.setdefault(pool, Counter()).update({who: weight / whole for who, weight in routing.shared})
        assert set(due) == {pool["pool"] for pool in one["pools"]} and len(due) > 1
        for pool in one["pools"]:
            mine, got = due[pool["pool"]], given[pool["pool"]]
            told = {users[each["person"]]: each for each in pool["people"]}
            assert {user: each["share"] for user, each in told.items() if each["share"]} == pytest.approx(mine)
            assert {user: each["turns"] for user, each in told.items() if each["turns"]} == got
            assert pool["turns"] == sum(got.values()) == pytest.approx(sum(mine.values()))
            assert pool["took_part"] == len(mine)
            assert pool["largest_deviation"] == pytest.approx(max(abs(got[user] - mine[user]) for user in told))
        heavy = users[HEAVY]
        assert due["receivers"][heavy] == pytest.approx(2 * min(due["receivers"].values()))


def test_the_work_list_holds_the_leads_of_its_stages_in_the_crm(firm: Rehearsal) -> None:
    """After a run: whom the CRM itself shows there, under their owners."""
    for crm, stages in TO_CONTACT.items():
        state = firm.state(crm)
        users = {user["id"]: user["native_id"] for user in state["users"]}
        there = {
            each["native_id"]: (stages[each["stage"]], users.get(each["owner"]), each["company"])
            for each in state["leads"]
            if each["stage"] in stages
        }
        [report] = firm.json("report", "worklist", crm, "--show", "0")["connections"]
        listed = report["lists"]["worklist"]
        told = {each["lead"]: (each["stage"], each["owner"], each["company"]) for each in listed["leads"]}
        assert told == there
        assert listed["total"] == len(there) > 20 and {stage for stage, *_ in there.values()} == {"sql", "sqo"}


def test_open_leads_are_those_of_the_crm(firm: Rehearsal) -> None:
    for crm, one in loads(firm).items():
        state = firm.state(crm)
        users = {user["id"]: user["native_id"] for user in state["users"]}
        owned = Counter(users.get(lead["owner"]) for lead in state["leads"] if lead["stage"] not in CLOSED[crm])
        for person in one["people"]:
            assert person["open_leads"]["has"] == owned[person["user"]], (crm, person["person"])
        assert sum(person["open_leads"]["has"] for person in one["people"]) > 100


@pytest.mark.breadth
def test_it_says_who_takes_no_lead_and_why(firm: Rehearsal, tmp_path: Path) -> None:
    other = firm.copy(tmp_path / "other")
    other.json("run", "--dry-run", code=(0, 4))
    first = next(iter(loads(other).values()))
    names = [each["person"] for each in first["people"] if each["available"]]

    def change(data: Any) -> None:
        by_name = {str(each["user"]).lower(): each for each in data["people"]}
        by_name[names[0]]["absences"] = [{"from": "2020-01-01", "to": "2037-12-31"}]
        by_name[names[1]]["ends"] = "2020-01-31"
        by_name[names[2]]["starts"] = "2037-01-01"
        by_name[names[3]]["capacity"] = {"open_leads": 0, "per_day": 7}
        data["rejoin"] = "catch_up"

    other.change("roster.yaml", change)
    for one in loads(other).values():
        told = {each["person"]: each for each in one["people"]}
        assert one["rejoin"] == "catch_up"
        assert told[names[0]]["why_not"].startswith("absent until 2038-01-01")
        assert told[names[1]]["why_not"] == "left on 2020-01-31"
        assert told[names[2]]["why_not"] == "starts on 2037-01-01"
        assert told[names[3]]["why_not"] == "at capacity: 0 open leads"
        assert told[names[3]]["open_leads"]["most"] == 0
        assert told[names[3]]["today"]["most"] == 7
    later = loads(other, "salesforce", "--as-of", "2038-01-02")["salesforce"]
    assert {each["person"]: each for each in later["people"]}[names[0]]["available"]


def test_who_was_taken_off_the_roster_is_still_shown(firm: Rehearsal, tmp_path: Path) -> None:
    before = loads(firm)["hubspot"]
    receivers = next(pool for pool in before["pools"] if pool["pool"] == "receivers")
    gone = receivers["people"][0]["person"]
    user = next(each["user"] for each in before["people"] if each["person"] == gone)
    text = firm.file("roster.yaml").read_text(encoding="utf-8")
    try:
        firm.change(
            "roster.yaml",
            lambda data: data.update(people=[each for each in data["people"] if str(each["user"]).lower() != gone]),
        )
        after = loads(firm, "hubspot")["hubspot"]
        (shown,) = [each for each in after["people"] if each["person"] == user]
        assert (shown["in_roster"], shown["why_not"]) == (False, "not in the roster")
        pool = next(pool for pool in after["pools"] if pool["pool"] == "receivers")
        assert pool["turns"] == receivers["turns"]
        table = firm.crmsync("report", "load", "hubspot")
        assert "no: not in the roster" in table.stdout
    finally:
        firm.file("roster.yaml").write_text(text, encoding="utf-8")


def test_nobody_is_asked_nothing_is_written_and_the_table_is_plain(firm: Rehearsal, tmp_path: Path) -> None:
    calls = {crm: firm.calls(crm) for crm in CRMS}
    before = firm.file("crmsync.db").read_bytes()
    done = firm.crmsync("report", "load", "--out", str(tmp_path / "load.txt"))
    assert done.returncode == 0
    assert done.stdout == (tmp_path / "load.txt").read_text(encoding="utf-8")
    assert "\x1b" not in done.stdout
    assert "Pool receivers: " in done.stdout
    assert {crm: firm.calls(crm) for crm in CRMS} == calls
    assert firm.file("crmsync.db").read_bytes() == before


@pytest.mark.breadth
def test_the_configured_roster_can_be_simulated_without_touching_anything(firm: Rehearsal) -> None:
    calls = {crm: firm.calls(crm) for crm in CRMS}
    before = firm.file("crmsync.db").read_bytes()
    arguments = ("--days", "10", "--leads", "400", "--start", "2026-11-23", "--every", "2h")
    one = firm.json("simulate", "routing", "hubspot", *arguments)["simulation"]
    assert one["roster"] == "roster.yaml"
    assert one["given"] + sum(each["leads"] for each in one["unassigned"]) == 400
    assert {each["person"] for each in one["people"]} <= {
        each["person"] for each in loads(firm, "hubspot")["hubspot"]["people"]
    }
    assert {crm: firm.calls(crm) for crm in CRMS} == calls
    assert firm.file("crmsync.db").read_bytes() == before


# Without any configuration


def routing(folder: Path, *arguments: str) -> Any:
    done = crmsync("simulate", "routing", *arguments, "--format", "json", cwd=folder)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["format"] == 1
    return answer["simulation"]


QUARTER = ("--reps", "12", "--days", "90", "--leads", "20000", "--start", "2026-10-01", "--every", "3h")


@pytest.mark.breadth
def test_a_quarter_with_twelve_aes_without_absences_is_never_a_turn_off(tmp_path: Path) -> None:
    one = routing(tmp_path, *QUARTER, "--no-absences")
    assert one["given"] == 20_000
    (pool,) = one["pools"]
    assert pool["everybody_could_take_every_turn"]
    assert (pool["bound"], pool["bound_is_strict"]) == (1.0, True)
    assert 0.5 < pool["largest_deviation"] < 1
    weights = sum(each["weight"] for each in pool["people"])
    for each in pool["people"]:
        assert each["target"] == pytest.approx(20_000 * each["weight"] / weights)
        assert abs(each["turns"] - each["target"]) < 1


@pytest.mark.breadth
def test_a_quarter_with_absences_stays_within_the_stated_bound(tmp_path: Path) -> None:
    one = routing(tmp_path, *QUARTER)
    (pool,) = one["pools"]
    assert not pool["everybody_could_take_every_turn"]
    assert pool["bound"] == 5.5
    assert pool["within_bound"] and one["within_bound"]
    assert pool["largest_deviation"] < 5.5
    assert sum(each["days_away"] for each in one["people"]) > 50
    assert one["waits"]["leads"] == 20_000
    print(f"largest deviation in a quarter with absences: {pool['largest_deviation']:.2f} turns")


SHORT = ("--reps", "5", "--days", "10", "--leads", "300", "--start", "2026-11-23", "--every", "1h")
PAGE = ("--format", "html", "--out")


@pytest.mark.breadth
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    runs = [crmsync("simulate", "routing", *SHORT, *PAGE, f"{name}.html", cwd=tmp_path) for name in ("a", "b")]
    assert runs[0].returncode == 0
    assert runs[0].stdout == runs[1].stdout
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert routing(tmp_path, *SHORT, "--seed", "2") != routing(tmp_path, *SHORT)
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".html"] == []


class Wellformed(HTMLParser):
    """Follows tags as they open and close."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: Counter[str] = Counter()
        self.ids: list[str] = []
        self.labels: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1
        told = dict(attrs)
        self.ids += [told["id"] or ""] if "id" in told else []
        self.labels += (told.get("aria-labelledby") or "").split()
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.breadth
def test_the_page_stands_alone_and_is_well_formed(tmp_path: Path) -> None:
    done = crmsync("simulate", "routing", *SHORT, "--no-absences", *PAGE, "page.html", cwd=tmp_path)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = Wellformed()
    told = without_scripts(text)
    page.feed(told)
    page.close()
    assert page.open == []
    assert page.seen["canvas"] == 3
    assert "Deviation of each person<" in told, "one day is like the other"
    assert len(page.ids) == len(set(page.ids))
    assert set(page.labels) == {each for each in page.ids if not each.startswith("part-")}, "those are jumped to"
    assert not re.search(r"https?://|<link|<img|\bon\w+=", told)
    assert "color-scheme: light dark" in text
    assert "@media print" in text
    assert all(f"ae-0{number}@practice.example" in text for number in range(1, 6))


@pytest.mark.parametrize(
    ("arguments", "said"),
    broadly(
        [
            (("--reps", "12", "--leads", "0"), "0 is not in the range"),
            (("--reps", "12", "--days", "-3"), "-3 is not in the range"),
            (("--reps", "0"), "0 is not in the range"),
            (("--reps", "3", "--zone", "Europe/Berln"), "did you mean `Europe/Berlin`"),
            (("--zone", "Europe/Berlin"), "--zone is for made-up people"),
            (("--reps", "3", "--sla", "4"), "write 15m or 4h"),
            (("--reps", "3", "--every", "0m"), "is not between 1m and 168h"),
            (("--reps", "3", "--start", "tomorrow"), "is not a day"),
            (("--reps", "3", "--rejoin", "never"), "'never' is not one of"),
            ((), "`--reps 12` makes up a roster"),
            (("--reps", "3", "--days", "2", "--leads", "5", "--out", "no/where.txt"), "there is no folder"),
            (("--reps", "3", "--days", "2", "--leads", "5", *PAGE, "no/where.html"), "there is no folder"),
        ],
        core=3,
    ),
)
def test_mistakes_are_told_in_words(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = crmsync("simulate", "routing", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.breadth
def test_an_unknown_connection_is_told(firm: Rehearsal) -> None:
    for command in (("report", "load", "pipedrive"), ("simulate", "routing", "pipedrive")):
        done = firm.crmsync(*command)
        assert done.returncode == 2
        assert "no connection `pipedrive` is configured" in done.stderr


@pytest.mark.breadth
def test_the_policy_is_still_simulated_without_the_word(firm: Rehearsal) -> None:
    short = firm.crmsync("simulate", "hubspot", "--policy", "policy.yaml")
    long = firm.crmsync("simulate", "policy", "hubspot", "--policy", "policy.yaml")
    assert short.returncode == long.returncode == 0
    assert short.stdout == long.stdout


@pytest.mark.breadth
def test_people_whom_the_crm_names_are_taken_as_last_seen(firm: Rehearsal, tmp_path: Path) -> None:
    other = firm.copy(tmp_path / "other")
    other.file("roster.yaml").write_text(
        "format: 1\nfrom_crm: [{connection: hubspot, team: DACH, role: ae}]\npeople: []\n", encoding="utf-8"
    )
    arguments = ("simulate", "routing", "hubspot", "--days", "3", "--leads", "20", "--every", "4h")
    unseen = other.crmsync(*arguments)
    assert unseen.returncode == 2
    assert "`crmsync run hubspot --dry-run` reads it" in unseen.stderr
    other.json("run", "hubspot", "--dry-run", code=(0, 4))
    one = other.json(*arguments)["simulation"]
    assert one["given"] == 20
    assert len(one["people"]) > 1
    assert {each["person"] for each in one["people"]} <= {
        each["person"] for each in loads(other, "hubspot")["hubspot"]["people"]
    }

"""Rotation counters carried from one store to another, and from one CRM user to another."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import small_world

from crmsync.clock import now
from crmsync.store import Store
from suite.breadth import broadly


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path / "here", "--import", str(small_world(tmp_path / "world"))) as crms:
        yield crms


def pools(here: Rehearsal) -> Any:
    """Turns and shares of every pool, connection by connection."""
    return [each["pools"] for each in here.json("report", "load")["connections"]]


@pytest.mark.breadth
def test_counters_survive_a_change_of_store(here: Rehearsal) -> None:
    here.json("run")
    before = pools(here)
    assert sum(person["turns"] for each in before for pool in each for person in pool["people"]) > 0
    exported = here.crmsync("counters", "export", "--out", "counters.json")
    assert exported.returncode == 0
    assert json.loads(exported.stdout) == json.loads(here.file("counters.json").read_text(encoding="utf-8"))
    here.file("crmsync.db").unlink()

    early = here.crmsync("counters", "import", "counters.json")
    assert (early.returncode, "nothing is stored" in early.stderr) == (2, True)
    here.json("run", "--dry-run")
    assert all(pool["turns"] == 0 for each in pools(here) for pool in each), "a new store begins anew"
    done = here.crmsync("counters", "import", "counters.json")
    assert done.returncode == 0, done.stderr
    assert "turns in" in done.stdout
    assert pools(here) == before
    again = here.crmsync("counters", "import", "counters.json")
    assert (again.returncode, "--replace" in again.stderr) == (2, True)
    assert here.crmsync("counters", "import", "counters.json", "--replace").returncode == 0
    assert pools(here) == before


@pytest.mark.breadth
def test_turns_given_back_after_an_import_go_to_the_next_store(here: Rehearsal) -> None:
    """Somebody then has fewer than none; who exports that can import it."""
    here.json("run", "salesforce")
    with closing(sqlite3.connect(here.file("crmsync.db"))) as at, at:
        at.execute("UPDATE counters SET count = count - 3 WHERE pool = 'receivers'")  # as `undo` gives turns back
    exported = here.crmsync("counters", "export", "salesforce").stdout
    states = json.loads(exported)["counters"]["salesforce"]["receivers"].values()
    assert min(each["turns"] for each in states) < 0
    here.file("counters.json").write_text(exported, encoding="utf-8")
    done = here.crmsync("counters", "import", "counters.json", "--replace")
    assert done.returncode == 0, done.stderr
    assert here.crmsync("counters", "export", "salesforce").stdout == exported


@pytest.mark.breadth
def test_leads_of_days_before_count_in_the_next_store_and_are_told(here: Rehearsal) -> None:
    """Whose two weeks are full by the file gets nothing more; the report says so."""
    full = {"per_days": {14: 7}, "per_month": 90}

    def limit(roster: Any) -> None:
        for person in roster["people"]:
            person["capacity"] = full

    here.change("roster.yaml", limit)
    here.json("run", "--dry-run", "salesforce")
    ahead = next(person["person"] for person in here.json("report", "load", "salesforce")["connections"][0]["people"])
    yesterday, long_ago = (now() - timedelta(days=1)).date(), (now() - timedelta(days=40)).date()
    state = {"turns": 9, "day": yesterday.isoformat(), "today": 7, "earlier": {long_ago.isoformat(): 2}}
    here.file("counters.json").write_text(
        json.dumps({"format": 1, "counters": {"salesforce": {"direct": {ahead: state}}}}), encoding="utf-8"
    )
    done = here.crmsync("counters", "import", "counters.json")
    assert done.returncode == 0, done.stderr
    people = here.json("report", "load", "salesforce")["connections"][0]["people"]
    [told] = [each for each in people if each["person"] == ahead]
    assert told["in_days"] == [{"days": 14, "has": 7, "most": 7}]
    assert (told["why_not"], told["this_month"]["most"]) == ("at capacity: 7 in 14 days", 90)
    assert "14 days" in here.crmsync("report", "load", "salesforce").stdout
    again = here.crmsync("counters", "export", "salesforce").stdout
    assert json.loads(again)["counters"]["salesforce"]["direct"][ahead]["earlier"] == {long_ago.isoformat(): 2}
    for wrong, words in (
        ({**state, "earlier": {"2026-1-3": 1}}, "`2026-1-3` is no day"),
        ({**state, "earlier": {yesterday.isoformat(): 1}}, "`earlier` holds days before `day`"),
    ):
        here.file("counters.json").write_text(
            json.dumps({"format": 1, "counters": {"salesforce": {"direct": {ahead: wrong}}}}), encoding="utf-8"
        )
        refused = here.crmsync("counters", "import", "counters.json", "--replace")
        assert (refused.returncode, words in refused.stderr) == (2, True), refused.stderr


@pytest.mark.parametrize("busy", broadly(CRMS))
def test_while_a_run_works_on_one_connection_no_counters_are_replaced(here: Rehearsal, busy: str) -> None:
    """Neither its own, which the run is about to change, nor those of the others in the file."""
    here.json("run", "--dry-run")
    counters = {name: {"receivers": {"somebody": {"turns": 3}}} for name in CRMS}
    here.file("counters.json").write_text(json.dumps({"format": 1, "counters": counters}), encoding="utf-8")
    before = here.crmsync("counters", "export").stdout
    with closing(Store(here.file("crmsync.db"))) as store, store.hold(busy, now=now()):
        refused = here.crmsync("counters", "import", "counters.json", "--replace")
    assert (refused.returncode, "another run works on" in refused.stderr) == (1, True), refused.stderr
    assert here.crmsync("counters", "export").stdout == before
    assert here.crmsync("counters", "import", "counters.json").returncode == 0
    assert here.crmsync("counters", "export").stdout != before


@pytest.mark.breadth
def test_edited_turns_are_taken_over(here: Rehearsal) -> None:
    """Who is said to have had more gets less from then on, as if the rotation had given it."""
    here.json("run")
    counters = json.loads(here.crmsync("counters", "export").stdout)
    edited = {}
    for connection, pools_ in counters["counters"].items():
        people = pools_["receivers"]
        ahead, other = sorted(people)
        edited[connection] = (ahead, people[ahead]["turns"] + 4, other)
        people[ahead]["turns"] += 4
    here.file("counters.json").write_text(json.dumps(counters), encoding="utf-8")
    done = here.crmsync("counters", "import", "counters.json", "--replace")
    assert done.returncode == 0, done.stderr
    for connection, (ahead, turns, other) in edited.items():
        state = json.loads(here.crmsync("counters", "export", connection).stdout)["counters"][connection]["receivers"]
        assert state[ahead]["turns"] == turns
        share = {key: Fraction(*each["share"]) for key, each in state.items()}
        assert {key: each["turns"] + Fraction(*each.get("lag", (0, 1))) for key, each in state.items()} == share
        assert Fraction(*state[ahead]["lag"]) <= -Fraction(3, 2), "four turns were had, two of them the other's"
        assert Fraction(*state[other]["lag"]) >= Fraction(3, 2)
    leads = [{"id": "done-lead", "attributes": {"interest": "strong"}}]
    for crm in CRMS:
        [asked] = [each for each in here.state(crm)["leads"] if each["id"] == leads[0]["id"]]
        activity = {"id": "asks", "lead": asked["id"], "kind": "demo_request", "at": "2026-01-01T00:00:00Z"}
        here.edit(crm, activities=[{**activity, "at": now().isoformat(), "direction": "inbound"}])
    names = {crm: {native: name for name, native in here.native(crm, "users").items()} for crm in CRMS}
    emails = {user["id"]: user["email"] for user in here.state("hubspot")["users"]}
    for plan in here.json("run", "--dry-run")["plans"]:
        crm = plan["connection"]
        [change] = [each for each in plan["changes"] if each["owner"]]
        assert emails[names[crm][change["owner"]["after"]]] == edited[crm][2]


@pytest.mark.breadth
@pytest.mark.parametrize("spoilt", [{"lag": [1, 3]}, {"share": [1, 7]}])
def test_numbers_that_do_not_belong_together_are_refused(here: Rehearsal, spoilt: dict[str, Any]) -> None:
    here.json("run")
    before = pools(here)
    counters = json.loads(here.crmsync("counters", "export").stdout)
    for people in (each["receivers"] for each in counters["counters"].values()):
        first, second = sorted(people)
        people[first] |= spoilt
        people[second] |= {"lag": [-spoilt["lag"][0], spoilt["lag"][1]]} if "lag" in spoilt else {}
    here.file("counters.json").write_text(json.dumps(counters), encoding="utf-8")
    done = here.crmsync("counters", "import", "counters.json", "--replace")
    assert done.returncode == 2
    assert "turns, share and lag do not belong together" in done.stderr
    assert pools(here) == before


@pytest.mark.breadth
def test_a_lead_that_a_person_gave_is_in_the_load(here: Rehearsal) -> None:
    here.json("run")
    for crm in CRMS:
        here.edit(crm, by="bdr-1", leads=[{"id": "done-lead", "owner": "ae-2"}])
    here.json("run", "--dry-run")
    email = next(user["email"] for user in here.state("hubspot")["users"] if user["id"] == "ae-2")
    had = [_today(here, email), (here.json("run"), _today(here, email))[1]]
    assert had[0] == had[1], "what was seen counts, whether a run has taken account of it or not"
    assert all(number >= 1 for number in had[0])


def _today(here: Rehearsal, email: str) -> list[int]:
    reports = here.json("report", "load")["connections"]
    return [each["today"]["has"] for report in reports for each in report["people"] if each["person"] == email]


def _state(**state: Any) -> str:
    """A file of one person's counter."""
    return json.dumps({"format": 1, "counters": {"salesforce": {"p": {"a": state}}}})


WRONG = {
    "no JSON": ("{", "counters.json:1:2"),
    "another file": ('{"format": 1}', "counters"),
    "unknown key": ('{"format": 1, "counters": {"salesforce": {"p": {"a": {"turns": 1, "luck": 2}}}}}', "luck"),
    "not a number": ('{"format": 1, "counters": {"salesforce": {"p": {"a": {"turns": "many"}}}}}', "turns"),
    "lags": (
        '{"format": 1, "counters": {"salesforce": {"p": {"a": {"turns": 1, "lag": [1, 2]}}}}}',
        "do not add up to zero",
    ),
    "text": (_state(turns="7"), "turns: Input should be a valid integer"),
    "truth": (_state(turns=True), "turns: Input should be a valid integer"),
    "a fraction": (_state(turns=7.0), "turns: Input should be a valid integer"),
    "less than none": (_state(turns=-3), "turns are -3, and nobody has had fewer than none"),
    "too many": (_state(turns=10**30), "turns: Input should be less than or equal to"),
    "digits": ('{"format": 1, "counters": ' + "9" * 10_000 + "}", "too many digits"),
    "no number": (_state(turns=float("nan")), "turns"),
    "null": (_state(turns=None), "turns"),
    "missing": (_state(today=1), "turns: Field required"),
    "today": (_state(turns=1, today=-1), "today"),
    "owed": (_state(turns=1, owed=True), "owed"),
    "lag in floats": (_state(turns=1, lag=[0.0, 1]), "lag"),
    "lag of nothing": (_state(turns=1, lag=[0, 0]), "lag"),
    "lag of one": (_state(turns=1, lag=[0]), "lag"),
    "far ahead": (_state(turns=1, share=[10**40, 1]), "share is more than"),
    "no day": (_state(turns=1, day="soon"), "day"),
    "a day to come": (_state(turns=1, day="2999-01-01"), "the day 2999-01-01 is yet to come"),
    "no week": (_state(turns=1, week="2026-W60"), "week"),
    "nobody": ('{"format": 1, "counters": {"salesforce": {"p": {"": {"turns": 1}}}}}', "at least 1 character"),
    "a list": ("[]", "should be an object"),
    "format": ('{"format": true, "counters": {}}', "format"),
    "nothing": ('{"format": 1, "counters": {}}', "at least 1 item"),
    "twice": ('{"format": 1, "counters": {}, "counters": {}}', "`counters` stands twice"),
    "deep": ("[" * 200_000, "nested"),
    "unknown connection": ('{"format": 1, "counters": {"salesforze": {}}}', "no connection `salesforze`"),
}


@pytest.mark.breadth
def test_a_file_that_is_not_right_changes_nothing(here: Rehearsal) -> None:
    here.json("run")
    before = pools(here)
    for text, words in WRONG.values():
        here.file("counters.json").write_text(text, encoding="utf-8")
        done = here.crmsync("counters", "import", "counters.json", "--replace")
        assert done.returncode == 2, words
        assert words in done.stderr
        assert "Traceback" not in done.stderr and "foresee" not in done.stderr
    assert pools(here) == before

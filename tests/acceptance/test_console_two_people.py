"""Two people at once in real consoles: one wins, the other is told in words, and nothing is written twice."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from threading import Barrier

import pytest
import requests
from rehearsal import LEAD_OBJECT, WRITE, Rehearsal, keep_in, rehearsal

from suite import postgresql
from suite.waiting import wait_until
from unit.console.signing_in import PASSWORD, let_in, token_in

pytestmark = pytest.mark.breadth

CRM = "salesforce"
PLAN = f"/plan/{CRM}"
READ = "^/services/data/v[0-9.]+/query/?$"
BUSY = "Something is at work on this connection already."
WRITTEN_ALREADY = "Some of these leads are no longer open in this plan"
FOR_GOOD, A_MOMENT = 60.0, 0.5


class Person:
    """Somebody who has signed in to a console with a browser of their own."""

    def __init__(self, address: str, name: str) -> None:
        self.name, self._origin, self._browser = name, address.rstrip("/"), requests.Session()
        self._browser.headers["Origin"] = self._origin
        form = {"name": name, "password": PASSWORD, "csrf": token_in(self.page("/sign-in"))}
        assert self._browser.post(f"{self._origin}/sign-in", form, timeout=60).status_code == 200
        self.token = token_in(self.page(PLAN))

    def page(self, path: str) -> str:
        return self._browser.get(f"{self._origin}{path}", timeout=60).text

    def words(self, path: str = PLAN) -> str:
        return in_words(self.page(path))

    def send(self, path: str, **form: object) -> tuple[int, str, str]:
        """The status, where it leads, and what it says."""
        data = {"csrf": self.token, **form}
        told = self._browser.post(f"{self._origin}{path}", data, allow_redirects=False, timeout=60)
        return told.status_code, told.headers.get("Location", ""), in_words(told.text)

    def approve(self, *leads: str, plan: str = "", which: str = "ticked") -> tuple[int, str, str]:
        form = {"lead": leads, "plan": plan or self.plan, "which": which, "reason": f"{self.name} has looked"}
        return self.send(f"{PLAN}/approve", **form)

    @property
    def plan(self) -> str:
        return re.findall(r'name="plan" value="(\d+)"', self.page(PLAN))[0]

    @property
    def leads(self) -> list[str]:
        return re.findall(r'name="lead" value="([^"]+)"', self.page(PLAN))

    def done(self) -> str:
        """What the plan's page says once nothing is at work at this person's console."""
        wait_until(lambda: f'hx-get="{PLAN}/progress"' not in self.page(PLAN), what="the end of the work")
        return self.words()

    def make(self) -> None:
        assert self.send(f"{PLAN}/make")[0] == 303
        self.done()


def in_words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@dataclass
class Firm:
    """One CRM and one store with two consoles, as two machines have; ada's is the first."""

    here: Rehearsal
    ada: Person
    ben: Person
    """At ada's console."""
    bob: Person
    """ben, at the other console."""

    def slowly(self, path: str, seconds: float) -> None:
        self.here.control(CRM, "faults", "PUT", [{"path": path, "delay_seconds": seconds, "times": 1}])

    def held(self) -> None:
        """Until the slow call has begun."""
        wait_until(lambda: self.here.control(CRM, "faults")[0]["fired"], what="the slow call")

    def go_on(self) -> None:
        self.here.control(CRM, "faults", "DELETE")

    def written(self, after: int) -> Counter[str]:
        """Lead → how many writes of it changed something since."""
        some = [each for each in self.here.writes(CRM, after) if each["object"] == LEAD_OBJECT[CRM]]
        return Counter(str(each["id"]) for each in some)

    def last_run(self) -> tuple[int, str]:
        """Its number, and whose it is."""
        run = self.here.json("runs", CRM)["runs"][0]
        return run["id"], run["by"]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.breadth)])
def firm(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, testrun_uid: str
) -> Iterator[Firm]:
    place = tmp_path_factory.mktemp("two")
    with ExitStack() as open_ones:
        here = open_ones.enter_context(rehearsal(place / "own", "--leads", "60", "--crm", CRM))
        if request.param == "postgresql":
            os.environ.setdefault("CRMSYNC_TEST_RUN", testrun_uid[:12])
            keep_in(here.file("crmsync.yaml"), open_ones.enter_context(postgresql.database()))
        let_in(here.file("crmsync.yaml"), {"ada": "admin", "ben": "admin"})
        consoles = [open_ones.enter_context(here.start("console", "--port", "0")) for _ in range(2)]
        first, second = (each.first_line().strip() for each in consoles)
        yield Firm(here, Person(first, "ada"), Person(first, "ben"), Person(second, "ben"))
        for each in consoles:
            os.kill(each.pid, signal.SIGTERM)
            assert each.wait() == 0
            assert "Traceback" not in each.stderr


def at_once(*deeds: Callable[[], tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """What each was answered, in their order."""
    ready = Barrier(len(deeds))

    def done(deed: Callable[[], tuple[int, str, str]]) -> tuple[int, str, str]:
        ready.wait()
        return deed()

    with ThreadPoolExecutor() as people:
        return list(people.map(done, deeds))


def one_wrote(said: Mapping[str, str], number: int) -> None:
    """The other is told that these leads are open no longer, or finds all of them written when it is their turn."""
    [writer] = [name for name, words in said.items() if f"written {number}" in words]
    [other] = {*said} - {writer}
    told = said[other].partition("What became of it")[2][:300]
    assert WRITTEN_ALREADY in told or f"unchanged {number}" in told or "nothing of it was left" in told, told


def test_both_approve_the_same_leads_at_one_console(firm: Firm) -> None:
    firm.ada.make()
    plan, leads, before = firm.ada.plan, firm.ada.leads[:3], firm.here.last_write(CRM)
    firm.slowly(WRITE[CRM], A_MOMENT)
    told = at_once(*(lambda who=who: who.approve(*leads, plan=plan) for who in (firm.ada, firm.ben)))
    assert sorted(status for status, _, _ in told) == [303, 409]
    assert next(words for status, _, words in told if status == 409).count(BUSY) == 1
    winner = ("ada", "ben")[[status for status, _, _ in told].index(303)]
    assert "written 3" in firm.ada.done()
    assert firm.written(before) == dict.fromkeys(leads, 1)
    assert firm.last_run()[1] == winner


def test_both_approve_the_same_leads_at_two_consoles(firm: Firm) -> None:
    firm.ada.make()
    plan, leads, before = firm.ada.plan, firm.ada.leads[:3], firm.here.last_write(CRM)
    firm.slowly(WRITE[CRM], A_MOMENT)
    told = at_once(*(lambda who=who: who.approve(*leads, plan=plan) for who in (firm.ada, firm.bob)))
    assert [status for status, _, _ in told] == [303, 303]
    said = {who.name: who.done() for who in (firm.ada, firm.bob)}
    assert firm.written(before) == dict.fromkeys(leads, 1)
    one_wrote(said, 3)


def test_who_approves_the_rest_meanwhile_waits_and_writes_the_rest(firm: Firm) -> None:
    firm.ada.make()
    plan, leads, before = firm.ada.plan, firm.ada.leads[:4], firm.here.last_write(CRM)
    firm.slowly(WRITE[CRM], FOR_GOOD)
    assert firm.ada.approve(*leads[:2], plan=plan)[0] == 303
    firm.held()
    assert firm.bob.approve(*leads[2:], plan=plan)[0] == 303
    wait_until(lambda: "Another run is at work" in firm.bob.words(), what="that ben is told to wait")
    firm.go_on()
    assert "written 2" in firm.ada.done()
    assert "written 2" in firm.bob.done()
    assert firm.written(before) == dict.fromkeys(leads, 1)


def test_a_run_begins_while_somebody_approves(firm: Firm) -> None:
    firm.ada.make()
    leads, before = firm.ada.leads[:2], firm.here.last_write(CRM)
    firm.slowly(WRITE[CRM], FOR_GOOD)
    assert firm.ada.approve(*leads)[0] == 303
    firm.held()
    run = firm.here.crmsync("run", CRM, "--limit", "1")
    assert run.returncode != 0
    assert "another run works on" in run.stderr
    firm.go_on()
    firm.ada.done()
    assert firm.written(before) == dict.fromkeys(leads, 1)


def test_somebody_approves_while_a_run_writes_the_same_lead(firm: Firm) -> None:
    firm.ada.make()
    before = firm.here.last_write(CRM)
    lead, other = firm.ada.leads[:2]
    firm.slowly(WRITE[CRM], FOR_GOOD)
    with firm.here.start("run", CRM, "--lead", lead) as run:
        firm.held()
        assert firm.ada.approve(lead, other)[0] == 303
        wait_until(lambda: "Another run is at work" in firm.ada.words(), what="that ada is told to wait")
        firm.go_on()
        assert run.wait() == 0, run.stderr
    said = firm.ada.done()
    assert firm.written(before) == {lead: 1, other: 1}
    assert "written 1" in said


def test_a_new_plan_is_made_while_somebody_approves_the_old_one(firm: Firm) -> None:
    firm.ada.make()
    old, leads, before = firm.ada.plan, firm.ada.leads[:1], firm.here.last_write(CRM)
    firm.slowly(READ, FOR_GOOD)
    assert firm.ben.send(f"{PLAN}/make")[0] == 303
    firm.held()
    status, _, words = firm.ada.approve(*leads, plan=old)
    assert (status, BUSY in words) == (409, True)
    firm.go_on()
    firm.ada.done()
    status, _, words = firm.ada.approve(*leads, plan=old)
    assert (status, "Another plan was made meanwhile" in words) == (409, True)
    assert firm.written(before) == {}
    assert firm.ada.plan != old


def test_both_take_the_same_run_back(firm: Firm) -> None:
    firm.ada.make()
    leads = firm.ada.leads[:2]
    assert firm.ada.approve(*leads)[0] == 303
    assert "written 2" in firm.ada.done()
    run, before = firm.last_run()[0], firm.here.last_write(CRM)
    firm.slowly(READ, A_MOMENT)
    told = at_once(*(lambda who=who: who.send(f"/runs/{run}/undo") for who in (firm.ada, firm.ben)))
    assert sorted(status for status, _, _ in told) == [303, 409]
    assert f"takes back run {run}" in firm.ada.done()
    plan, back = firm.ada.plan, firm.ada.leads
    assert back
    assert {*back} <= {*leads}, "a lead that nobody had before is given back to nobody"
    firm.slowly(WRITE[CRM], A_MOMENT)
    told = at_once(*(lambda who=who: who.approve(plan=plan, which="all") for who in (firm.ada, firm.bob)))
    assert [status for status, _, _ in told] == [303, 303]
    said = {who.name: who.done() for who in (firm.ada, firm.bob)}
    assert firm.written(before) == dict.fromkeys(back, 1)
    one_wrote(said, len(back))


def _drafted(who: Person, fact: str) -> str:
    """A change of the mapping that was checked and waits to be saved; its number."""
    status, there, words = who.send(f"/mapping/{CRM}/fact", fact=fact, clear="yes")
    assert status == 303, words
    number = re.findall(r"draft=([\w-]+)", there)[0]
    who.send(f"/mapping/{CRM}/check", draft=number)
    wait_until(
        lambda: f'action="/mapping/{CRM}/save"' in who.page(f"/mapping/{CRM}?draft={number}"), what="the check"
    )
    return number


@pytest.mark.breadth
def test_one_changes_the_files_while_the_other_saves(firm: Firm) -> None:
    mapping, policy = (firm.here.file(name) for name in (f"mappings/{CRM}.yaml", "policy.yaml"))
    drafts = {who.name: _drafted(who, fact) for who, fact in ((firm.ada, "goals"), (firm.ben, "need"))}
    assert firm.ben.send(f"/mapping/{CRM}/save", draft=drafts["ben"])[0] == 303
    saved = mapping.read_text("utf-8")
    assert "need: unmapped" in saved
    status, _, words = firm.ada.send(f"/mapping/{CRM}/save", draft=drafts["ada"])
    assert status != 303
    assert f"{Path(mapping).name} has been changed meanwhile" in words
    assert mapping.read_text("utf-8") == saved

    digest = re.findall(r'name="digest" value="(\w+)"', firm.ada.page("/policy/edit"))[0]
    text = policy.read_text("utf-8")
    told = at_once(
        *(
            lambda who=who: who.send("/policy/save", digest=digest, text=f"{text}# {who.name}\n", reason="r")
            for who in (firm.ada, firm.bob)
        )
    )
    assert sorted(status for status, _, _ in told) == [303, 409]
    refused = next(words for status, _, words in told if status == 409)
    assert "policy.yaml has been changed meanwhile" in refused or "else is saving policy.yaml" in refused
    winner = ("ada", "ben")[[status for status, _, _ in told].index(303)]
    assert policy.read_text("utf-8") == f"{text}# {winner}\n"


def test_two_name_another_last_day_at_once(firm: Firm) -> None:
    roster = firm.here.file("roster.yaml")
    before, drafts = roster.read_text("utf-8"), {}
    person = re.findall(r"user: (\S+@\S+)", before)[0]
    days = {"ada": "2027-03-31", "ben": "2027-04-30"}
    for who in (firm.ada, firm.ben):
        status, there, words = who.send(f"/routing/roster/{CRM}/last-day", person=person, ends=days[who.name])
        assert status == 303, words
        drafts[who.name] = re.findall(r"draft=([\w-]+)", there)[0]
    save = f"/routing/roster/{CRM}/save"
    told = at_once(
        *(lambda who=who: who.send(save, person=person, draft=drafts[who.name]) for who in (firm.ada, firm.ben))
    )
    [winner] = [name for name, (status, _, _) in zip(("ada", "ben"), told, strict=True) if status == 303]
    [refused] = [words for status, _, words in told if status != 303]
    assert "roster.yaml has been changed meanwhile" in refused or "else is saving roster.yaml" in refused
    after = roster.read_text("utf-8")
    assert re.findall(r"ends: (\S+)", after) == [days[winner]]
    roster.write_text(before, "utf-8")

"""Plans approved in the console: in a real browser by the keyboard alone, and the CRM's own state looked at after."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from rehearsal import Rehearsal, personal_data, rehearsal, told_in
from starlette.testclient import TestClient
from tests.contract.clients.packages import browser, installed

from crmsync.clock import now
from crmsync.console import OneAddress, Site, application
from crmsync.schedule import first_due
from crmsync.settings import KeptSettings
from unit.console.signing_in import behind_sign_in, let_in, sign_in

HERE = "http://127.0.0.1"
CRM = "salesforce"


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    place = tmp_path_factory.mktemp("approving")
    with rehearsal(place / "own", "--leads", "60", "--crm", CRM) as here:
        yield here


def test_a_pilot_is_approved_and_taken_back_by_the_keyboard_alone(crm: Rehearsal, tmp_path: Path) -> None:
    program, chromium = installed("browser"), browser()
    before = stages(crm)
    behind = crm.copy(tmp_path / "behind")
    let_in(behind.file("crmsync.yaml"))
    behind.change("crmsync.yaml", lambda file: file.update(store=str(crm.store)))
    with ExitStack() as open_ones:
        consoles = [
            open_ones.enter_context(crm.start("console", "--as", "approver")),
            open_ones.enter_context(behind.start("console", "--port", "0")),
        ]
        addresses = [each.first_line().strip() for each in consoles]
        call = ["node", "approve.mjs", chromium, *addresses, str(tmp_path)]
        done = subprocess.run(call, cwd=program, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        for each in consoles:
            os.kill(each.pid, signal.SIGTERM)
            assert each.wait() == 0
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["said"] == []
    assert {name: found for name, found in told["findings"].items() if found} == {}
    assert {name: wide for name, wide in told["tooWide"].items() if wide > 0} == {}
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", told["entered"])
    assert told["open"] == "25 changes wait"
    assert len(told["ticked"]) == 10
    assert told["untickedOne"] == 9
    assert told["closed"] == [True, ""], "Escape closes one change, and the focus is where it was asked for"
    assert told["beside"] == ["Some of this plan was approved meanwhile. Look at it as it is now", "half a thought"]
    assert told["beyond"] == ["10 leads are ticked, 10 of them beyond this list", "No open lead is like that."]
    assert told["pilot"] == "written 10"
    assert told["back"] == ["No lead is ticked", ""], "whoever goes back finds nothing ticked that they have not seen"
    assert told["left"] == "15 changes wait"
    assert "takes back run 2" in told["undo"]
    assert told["undone"] == "written 10"
    assert told["who"] == "vicmay look"
    assert set(told["viewerMay"]) == {"/look", "/sign-out"}
    assert told["out"] == "/sign-in"
    written = crm.writes(CRM)
    assert {each["id"] for each in written} <= set(told["ticked"])
    assert len({each["id"] for each in written}) == 10
    assert stages(crm) == before


def stages(crm: Rehearsal) -> dict[str, Any]:
    return {each["native_id"]: (each["stage"], each["owner"]) for each in crm.state(CRM)["leads"]}


class Console:
    """A console in this process, entered by its address: as a browser would send, without one."""

    def __init__(self, here: Rehearsal, role: str = "approver") -> None:
        config = here.file("crmsync.yaml")
        access = OneAddress(role, "ada")  # type: ignore[arg-type]
        self.site = Site(KeptSettings(config), now, first_due, None, access)
        self.browser = TestClient(application(self.site), base_url=HERE, follow_redirects=False)
        assert self.browser.get(f"/{access.path}").status_code == 303
        self.token = re.findall(r'name="csrf" value="(\w+)"', self.page())[0]

    def page(self, asked: str = "") -> str:
        return str(self.browser.get(f"/plan/{CRM}{asked}").text)

    def send(self, what: str, **form: object) -> int:
        """The status; 303 = begun, and waited for."""
        data = {"csrf": self.token, **form}
        status = int(self.browser.post(what, data=data, headers={"Origin": HERE}).status_code)
        while (work := self.site.works.of(CRM)) is not None and not work.ended:
            time.sleep(0.02)
        return status

    def made(self) -> list[str]:
        assert self.send(f"/plan/{CRM}/make") == 303
        return self.leads()

    def leads(self) -> list[str]:
        return re.findall(r'name="lead" value="([^"]+)"', self.page())

    def approve(self, *leads: str, reason: str = "looked at", plan: str = "", which: str = "ticked") -> int:
        number = plan or re.findall(r'name="plan" value="(\d+)"', self.page())[0]
        return self.send(f"/plan/{CRM}/approve", lead=leads, reason=reason, plan=number, which=which)


@pytest.fixture
def console(crm: Rehearsal, tmp_path: Path) -> Iterator[Console]:
    opened = Console(crm.copy(tmp_path / "here"))
    yield opened
    opened.site.works.close()


@pytest.mark.breadth
def test_what_changed_in_the_crm_since_is_left_alone(crm: Rehearsal, console: Console) -> None:
    leads = console.made()
    ids = {native: name for name, native in crm.native(CRM).items()}
    moved, other = leads[:2]
    crm.edit(CRM, leads=[{"id": ids[moved], "stage": "Nurturing"}])
    assert console.approve(moved, other) == 303
    page = console.page("?all=yes")
    assert "conflict" in page
    assert crm.lead(CRM, ids[moved])["stage"] == "Nurturing"
    assert {each["id"] for each in crm.writes(CRM)[-1:]} == {other}


@pytest.mark.breadth
def test_a_plan_that_is_not_the_one_shown_is_refused(crm: Rehearsal, console: Console) -> None:
    leads = console.made()
    old = re.findall(r'name="plan" value="(\d+)"', console.page())
    console.made()
    last = crm.last_write(CRM)
    assert console.approve(leads[0], plan=old[0]) == 409
    assert console.approve(leads[0], reason="") == 409
    assert console.approve() == 409
    assert console.approve("00Q000000000000AAA") == 303  # told once it is looked at
    assert "no longer open in this plan" in console.page()
    assert crm.last_write(CRM) == last


@pytest.mark.breadth
def test_a_leavers_leads_go_to_those_whom_the_command_names(crm: Rehearsal, console: Console) -> None:
    console.made()  # reads the CRM
    routing = console.browser.get("/routing").text
    leaver = re.findall(r'<option value="(\w+)">', routing)[0]
    here = Rehearsal(console.site.read_settings().directory, crm.urls)
    [plan] = here.json("redistribute", CRM, "--from", leaver, "--dry-run", code=(0, 4))["plans"]
    wanted = {each["lead"]: each["writes"]["OwnerId"]["after"] for each in plan["changes"]}
    assert wanted
    assert console.send(f"/routing/{CRM}/redistribute", **{"from": ""}) == 409
    assert console.send(f"/routing/{CRM}/redistribute", **{"from": leaver}) == 303
    assert "gives leads of people who leave to others" in console.page()
    assert {*console.leads()} == {*wanted}
    assert console.approve(which="all", reason="she has left") == 303
    native = {each["id"]: each["native_id"] for each in crm.state(CRM)["users"]}
    assert {lead: native[owner] for lead, (_, owner) in stages(crm).items() if lead in wanted} == wanted
    [line] = [it for it in here.json("runs", CRM)["runs"] if it["kind"] == "apply"][:1]
    assert line["by"] == "ada"


@pytest.mark.breadth
def test_viewers_from_whom_personal_data_is_hidden_see_none_of_it(crm: Rehearsal, tmp_path: Path) -> None:
    """On any page: no name, no company, no e-mail of a lead."""
    here = crm.copy(tmp_path / "here")
    opened = Console(here)
    lead = opened.made()[0]
    assert opened.approve(lead) == 303
    opened.site.works.close()
    let_in(here.file("crmsync.yaml"), console="{personal_data: hidden_from_viewers}")
    browser, told = behind_sign_in(here.file("crmsync.yaml")), {}
    assert sign_in(browser, "vic") == 303
    leads = [{**each, "activities": []} for each in crm.state(CRM)["leads"]]
    hidden = personal_data({"leads": leads, "users": [], "activities": []}) - {""}
    paths = ["/", f"/first-to-contact/{CRM}", f"/plan/{CRM}", f"/plan/{CRM}/changes/{lead}", f"/leads/{CRM}/{lead}"]
    for path in (*paths, "/leads?sought=an", f"/leads?sought={lead[:12]}", "/runs", "/runs/1", "/runs/2"):
        page = browser.get(path)
        assert page.status_code in (200, 303), path
        told[path] = told_in(page.text, hidden)
    assert {path: words for path, words in told.items() if words} == {}


@pytest.mark.breadth
def test_an_undo_leaves_alone_what_people_have_changed_since(crm: Rehearsal, console: Console) -> None:
    leads = console.made()[:2]
    assert console.approve(*leads) == 303
    [run] = set(re.findall(r'href="/runs/(\d+)">Run', console.page()))
    assert console.send(f"/runs/{run}/undo") == 303
    assert sorted(console.leads()) == sorted(leads)
    ids = {native: name for name, native in crm.native(CRM).items()}
    crm.edit(CRM, leads=[{"id": ids[leads[0]], "stage": "Nurturing"}])
    last = crm.last_write(CRM)
    assert console.approve(which="all", reason="a mistake") == 303
    assert {each["id"] for each in crm.writes(CRM, last)} == {leads[1]}
    assert crm.lead(CRM, ids[leads[0]])["stage"] == "Nurturing"
    assert "conflict" in console.page("?all=yes")


@pytest.mark.breadth
def test_a_run_that_was_taken_back_meanwhile_is_told(crm: Rehearsal, console: Console) -> None:
    first, second, third, *_ = console.made()
    assert waits_for(console, first)
    assert waits_for(console, third)
    assert console.approve(first, second) == 303
    assert not waits_for(console, first)
    assert waits_for(console, third)
    [run] = set(re.findall(r'href="/runs/(\d+)">Run', console.page()))
    assert console.send(f"/runs/{run}/undo") == 303
    assert console.leads()
    meanwhile = Rehearsal(console.site.read_settings().directory, crm.urls).crmsync("undo", run)
    assert meanwhile.returncode == 0, meanwhile.stderr
    last = crm.last_write(CRM)
    assert console.approve(which="all", reason="a mistake") == 303
    assert "nothing of it was left to write" in console.page()
    assert crm.last_write(CRM) == last


def waits_for(console: Console, lead: str) -> bool:
    """Whether the lead's own page tells of its change."""
    page = console.browser.get(f"/leads/{CRM}/{lead}").text
    return f'<a href="/plan/{CRM}/changes/{lead}">Look at it</a>' in page


def test_nothing_is_written_where_a_guard_says_no_and_the_plan_waits_on(crm: Rehearsal, console: Console) -> None:
    """The connection is switched off while the plan waits."""
    leads = console.made()
    file = console.site.read_settings().directory / "crmsync.yaml"
    file.write_text(file.read_text().replace("writes: on", "writes: off"))
    last = crm.last_write(CRM)
    assert console.approve(leads[0]) == 303
    page = console.page()
    assert "not switched on" in page
    assert console.leads() == leads
    assert crm.last_write(CRM) == last

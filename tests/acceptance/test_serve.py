"""`crmsync serve` against the practice CRMs: what happens there leads to stage and owner on the next tick."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, WRITE, Rehearsal, personal_data, rehearsal, told_in
from small_world import NATIVE, activity, small_world

from suite.waiting import wait_until
from suite.warm import WarmProcess

TICK_MINUTES = 0.02
JSON_LOG = {"CRMSYNC_LOG_FORMAT": "json"}
FRESH = {
    "id": "fresh",
    "email": "fresh.face@buyer-fresh.example",
    "last_name": "Freshface-Q",
    "company": "Freshface Works",
}
PLANNED = 6
"""Changes in the small world."""


@pytest.fixture
def crms(tmp_path: Path) -> Iterator[Rehearsal]:
    """Both practice CRMs, and a schedule of a run about every second."""
    with rehearsal(tmp_path / "here", "--import", str(small_world(tmp_path / "world"))) as here:
        set_schedule(here)
        yield here


def set_schedule(here: Rehearsal) -> None:
    """Every connection often; faults last no longer than one try."""

    def change(data: Any) -> None:
        for connection in data["connections"].values():
            connection["schedule"] = {"every_minutes": TICK_MINUTES}
            connection["options"] |= {"attempts": 1}

    here.change("crmsync.yaml", change)


def lines(running: WarmProcess) -> list[dict[str, Any]]:
    """The log so far; each line is JSON. A line that is being written is left out."""
    text = running.stderr
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def ended(running: WarmProcess, crm: str) -> list[dict[str, Any]]:
    """The log lines of one connection's finished runs."""
    return [line for line in lines(running) if line["event"] == "run ended" and line["connection"] == crm]


def wait_for_runs(running: WarmProcess, crm: str, more: int) -> None:
    """Wait until so many more runs have begun after now and ended: one of them has seen everything."""
    so_far = len(ended(running, crm))
    wait_until(lambda: len(ended(running, crm)) >= so_far + more, what=f"{more} more runs on {crm}")


def now() -> str:
    """This instant, as the control API takes it."""
    return datetime.now(UTC).isoformat()  # noqa: TID251 - what happens in the CRM happens now


def test_news_in_the_crm_lead_to_stage_and_owner_on_the_next_tick(crms: Rehearsal) -> None:
    people = personal_data(crms.state("salesforce")) | personal_data(crms.state("hubspot"))
    with crms.start("serve", env=JSON_LOG) as running:
        for crm in CRMS:
            wait_until(lambda crm=crm: ended(running, crm), what=f"the first run on {crm}")
        first = {crm: crms.last_write(crm) for crm in CRMS}
        for crm in CRMS:
            assert crms.lead(crm, "lead-1")["stage"] == NATIVE[crm]["lead"]
            # somebody asks for a demo; somebody turns out to be strongly interested; a new lead comes in
            crms.edit(
                crm,
                by="bdr-1",
                activities=[activity("lead-1", "demo_request", now())],
                leads=[{"id": "mql-1", "attributes": {"interest": "strong"}}, {**FRESH, "created_at": now()}],
            )
        for crm in CRMS:
            wait_until(lambda crm=crm: crms.lead(crm, "lead-1")["stage"] == NATIVE[crm]["sqo"], what="the stage")
            wait_until(lambda crm=crm: crms.lead(crm, "fresh")["owner"], what="an owner")
            wait_for_runs(running, crm, 2)
            state = {lead["id"]: lead for lead in crms.state(crm)["leads"]}
            assert {state["lead-1"]["owner"], state["mql-1"]["owner"]} == {"ae-1", "ae-2"}
            assert state["mql-1"]["stage"] == NATIVE[crm]["sql"]
            assert state["fresh"]["owner"] in {"bdr-1", "bdr-2"}
            assert Counter(entry["id"] for entry in crms.writes(crm, first[crm])) == Counter(
                state[lead]["native_id"] for lead in ("lead-1", "mql-1", "fresh")
            )
        check_silence(crms, running)
        assert running.end() == 0
    assert running.stdout == ""
    log = lines(running)
    assert log[-1]["event"] == "stopped"
    assert {line["connection"] for line in log if line["event"] == "scheduled"} == set(CRMS)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", line["timestamp"]) for line in log)
    assert [line for line in log if line["level"] not in {"info"}] == []
    check_runs(log)
    people |= personal_data(crms.state("salesforce")) | personal_data(crms.state("hubspot"))
    assert told_in(running.stderr, people) == []
    assert "freshface" not in running.stderr.lower()


def check_silence(crms: Rehearsal, running: WarmProcess) -> None:
    """Where nothing changed nothing is written, run after run."""
    before = {crm: crms.last_write(crm) for crm in CRMS}
    for crm in CRMS:
        wait_for_runs(running, crm, 2)
        assert ended(running, crm)[-1]["changes"] == 0
    assert {crm: crms.last_write(crm) for crm in CRMS} == before


def check_runs(log: list[dict[str, Any]]) -> None:
    """Every run has a number, numbers grow; the first run reads everything, later ones what is new."""
    numbers = [line["run"] for line in log if line["event"] == "run ended"]
    assert all(isinstance(number, int) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    for crm in CRMS:
        mine = [line for line in log if line["event"] == "run ended" and line["connection"] == crm]
        assert [line["run"] for line in mine] == sorted(line["run"] for line in mine)
        assert mine[0]["read"] == 10
        assert mine[0]["outcomes"] == {"written": PLANNED}
        assert mine[-1]["read"] < 11
        assert {line["exit_code"] for line in mine} == {0}


@pytest.mark.breadth
def test_a_connection_in_trouble_is_tried_again_and_holds_up_no_other(crms: Rehearsal) -> None:
    crms.control("hubspot", "faults", "PUT", [{"status": 503}])
    with crms.start("serve", env=JSON_LOG) as running:
        wait_until(lambda: len(ended(running, "salesforce")) >= 2, what="runs on salesforce")
        failed = wait_until(lambda: [line for line in lines(running) if line["event"] == "run stopped"])
        assert {(line["connection"], line["level"]) for line in failed} == {("hubspot", "error")}
        assert failed[0]["message"]
        assert failed[0]["next_step"]
        assert ended(running, "hubspot") == []
        crms.control("hubspot", "faults", "DELETE")
        wait_until(lambda: ended(running, "hubspot"), what="a run on hubspot")
        assert crms.lead("hubspot", "sqo-1")["stage"] == NATIVE["hubspot"]["sqo"]
        os.kill(running.pid, signal.SIGINT)  # Ctrl-C is as good as SIGTERM
        assert running.wait() == 0
    assert "Traceback" not in running.stderr


@pytest.mark.breadth
def test_a_broken_connection_is_told_holds_up_no_other_and_runs_once_it_is_mended(crms: Rehearsal) -> None:
    mapping = crms.file("mappings/hubspot.yaml")
    right = mapping.read_text(encoding="utf-8")
    mapping.write_text("format: 1\nlead: [\n", encoding="utf-8")
    with crms.start("serve", env=JSON_LOG) as running:
        wait_until(lambda: len(ended(running, "salesforce")) >= 2, what="runs on salesforce")
        told = [line for line in lines(running) if line["level"] == "error"]
        assert told[0]["event"] == "connection is not right; it waits until mended"
        assert {line["connection"] for line in told} == {"hubspot"}
        assert "mappings/hubspot.yaml:3:1: not valid YAML" in told[0]["message"]
        assert crms.writes("hubspot") == []
        mapping.write_text(right, encoding="utf-8")
        wait_until(lambda: ended(running, "hubspot"), what="a run on hubspot")
        assert crms.lead("hubspot", "sqo-1")["stage"] == NATIVE["hubspot"]["sqo"]
        check_silence(crms, running)
        assert running.end() == 0
    assert "Traceback" not in running.stderr


@pytest.mark.breadth
def test_what_the_crm_finds_wrong_in_a_mapping_is_mended_without_a_restart(crms: Rehearsal) -> None:
    mapping, roster = crms.file("mappings/salesforce.yaml"), crms.file("roster.yaml")
    right, people = mapping.read_text(encoding="utf-8"), roster.read_text(encoding="utf-8")
    mapping.write_text(right.replace("field: Budget__c", "field: Budgt__c"), encoding="utf-8")
    roster.write_text(people.replace("anselm.zsigmond@", "anselm.zigmond@"), encoding="utf-8")
    with crms.start("serve", "salesforce", env=JSON_LOG) as running:
        wait_until(lambda: "Budgt__c" in running.stderr, what="the mistake")
        assert "this e-mail address is no user of salesforce" in running.stderr
        mapping.write_text(right, encoding="utf-8")
        roster.write_text(people, encoding="utf-8")
        wait_until(lambda: ended(running, "salesforce"), what="a run on salesforce")
        assert running.end() == 0
    assert "@" not in running.stderr


@pytest.mark.breadth
def test_files_that_have_changed_are_taken_and_broken_ones_are_not(crms: Rehearsal) -> None:
    """At once by SIGHUP; the unit tests have a change that is noticed by itself."""
    policy = crms.file("policy.yaml")
    right = policy.read_text(encoding="utf-8")
    with crms.start("serve", env=JSON_LOG) as running:
        for crm in CRMS:
            wait_until(lambda crm=crm: ended(running, crm), what=f"the first run on {crm}")
        policy.write_text("format: 1\nextends: saas\nhand_off: null\nladder: [", encoding="utf-8")
        os.kill(running.pid, signal.SIGHUP)
        wait_until(lambda: "not taken" in running.stderr, what="the broken policy")
        for crm in CRMS:
            wait_for_runs(running, crm, 2)
        policy.write_text(right, encoding="utf-8")
        crms.change("crmsync.yaml", lambda data: data["connections"].pop("hubspot"))
        os.kill(running.pid, signal.SIGHUP)
        wait_until(lambda: "no longer scheduled" in running.stderr, what="hubspot taken out")
        so_far = len(ended(running, "hubspot"))
        wait_for_runs(running, "salesforce", 3)
        assert len(ended(running, "hubspot")) - so_far <= 1, "at most the one that was under way"
        assert running.end() == 0
    [told] = [line for line in lines(running) if line["level"] != "info"]
    assert told["event"] == "the files have changed and are not taken; what was read before goes on"
    assert "policy.yaml:4" in told["message"]


@pytest.mark.breadth
def test_it_tells_health_and_metrics_to_whoever_asks(crms: Rehearsal) -> None:
    def change(data: Any) -> None:
        data["watch"] = {"listen": "127.0.0.1:0"}

    crms.change("crmsync.yaml", change)
    with crms.start("serve", env=JSON_LOG) as running:
        wait_for_runs(running, "salesforce", 1)
        wait_for_runs(running, "hubspot", 1)
        [address] = [line["address"] for line in lines(running) if line["event"] == "listening"]
        pages = {}
        for page in ("healthz", "readyz", "metrics"):
            with urllib.request.urlopen(f"{address}/{page}", timeout=60) as answer:
                pages[page] = answer.read().decode()
    assert (pages["healthz"], pages["readyz"]) == ("ok\n", "ok\n")
    samples = dict(line.rsplit(" ", 1) for line in pages["metrics"].splitlines() if not line.startswith("#"))
    for crm in CRMS:
        assert float(samples[f'crmsync_runs_total{{connection="{crm}",exit_code="0"}}']) >= 1
        assert samples[f'crmsync_changes_total{{connection="{crm}",outcome="written"}}'] == f"{PLANNED}.0"
        assert samples[f'crmsync_needs_a_person{{connection="{crm}"}}'] == "0.0"
        leads = [value for name, value in samples.items() if name.startswith(f'crmsync_leads{{connection="{crm}"')]
        assert sum(map(float, leads)) == len(crms.state(crm)["leads"])
        assert not told_in(pages["metrics"], personal_data(crms.state(crm)))


@pytest.mark.breadth
def test_where_it_is_watched_is_taken_without_a_restart(crms: Rehearsal) -> None:
    def addresses(running: WarmProcess) -> list[str]:
        return [line["address"] for line in lines(running) if line["event"] == "listening"]

    with crms.start("serve", env=JSON_LOG) as running:
        wait_for_runs(running, "salesforce", 1)
        assert addresses(running) == []
        crms.change("crmsync.yaml", lambda data: data.update(watch={"listen": "127.0.0.1:0"}))
        os.kill(running.pid, signal.SIGHUP)
        [address] = wait_until(lambda: addresses(running), what="an address")
        with urllib.request.urlopen(f"{address}/healthz", timeout=60) as answer:
            assert answer.read() == b"ok\n"
        wait_for_runs(running, "salesforce", 1)
        assert running.end() == 0


@pytest.mark.breadth
def test_sigterm_ends_between_two_batches_and_the_next_run_goes_on(tmp_path: Path) -> None:
    with rehearsal(tmp_path / "here", "--crm", "hubspot", "--leads", "330", "--seed", "9") as here:
        plan = here.json("run", "--dry-run")["plans"][0]
        changes = len(plan["changes"])
        assert changes > 100, "one batch would hold everything"
        here.control("hubspot", "faults", "PUT", [{"path": WRITE["hubspot"], "delay_seconds": 300, "times": 1}])
        with here.start("serve", env=JSON_LOG) as running:
            wait_until(lambda: here.control("hubspot", "faults")[0]["fired"], what="the first batch")
            os.kill(running.pid, signal.SIGTERM)
            wait_until(lambda: any(line["event"] == "stopping" for line in lines(running)), what="the stop")
            here.control("hubspot", "faults", "DELETE")  # and the batch goes on
            assert running.wait() == 0
        (line,) = ended(running, "hubspot")
        assert line["outcomes"] == {"written": 100, "not_reached": changes - 100}
        written = {entry["id"] for entry in here.writes("hubspot")}
        assert len(written) == 100
        rest = here.json("run")["plans"][0]
        assert {change["lead"] for change in rest["changes"]} == {c["lead"] for c in plan["changes"]} - written
        assert {change["outcome"] for change in rest["changes"]} == {"written"}
        wanted = {change["lead"]: change["writes"] for change in plan["changes"]}
        assert {change["lead"]: change["writes"] for change in rest["changes"]} == {
            lead: writes for lead, writes in wanted.items() if lead not in written
        }, "those that waited get what was planned for them, the same owners included"
        assert len(here.writes("hubspot")) == changes


def test_a_breached_guard_is_told_and_nothing_is_written(crms: Rehearsal) -> None:
    guards = {"changed_share": 0.5, "floor": 0}
    crms.change("crmsync.yaml", lambda data: data["connections"]["salesforce"].update(guards=guards))
    with crms.start("serve", "salesforce", env=JSON_LOG) as running:
        wait_until(lambda: len(ended(running, "salesforce")) >= 2, what="two runs")
        assert running.end() == 0
    warnings = [line for line in lines(running) if line["level"] == "warning"]
    assert warnings
    assert {(line["guard"], line["value"], line["limit"]) for line in warnings} == {("changed_share", 0.6, 0.5)}
    assert {(line["exit_code"], line["changes"]) for line in ended(running, "salesforce")} == {(3, PLANNED)}
    assert all(isinstance(line["run"], int) for line in ended(running, "salesforce"))
    assert crms.writes("salesforce") == []


@pytest.mark.breadth
def test_the_store_is_tidied_once_a_day(crms: Rehearsal) -> None:
    crms.json("run")
    with closing(sqlite3.connect(crms.file("crmsync.db"))) as store, store:
        store.execute("UPDATE journal SET intended_at = 1000, settled_at = 1000")  # long ago
    with crms.start("serve", "salesforce", env=JSON_LOG) as running:
        wait_until(lambda: len(ended(running, "salesforce")) >= 3, what="three runs")
        assert running.end() == 0
    [tidied] = [line for line in lines(running) if line["event"] == "tidied"]
    assert (tidied["connection"], tidied["entries"]) == ("salesforce", PLANNED)
    with closing(sqlite3.connect(crms.file("crmsync.db"))) as store:
        told = (
            "SELECT name, sum(reasons = '[]') FROM journal JOIN connections c ON c.id = connection_id GROUP BY name"
        )
        thinned = dict(store.execute(told).fetchall())
    assert thinned == {"salesforce": PLANNED, "hubspot": 0}, "another connection's day comes with its own run"


@pytest.mark.breadth
def test_the_log_for_people_tells_the_same(crms: Rehearsal) -> None:
    with crms.start("serve", "salesforce") as running:
        wait_until(lambda: "run ended" in running.stderr, what="a run")
        assert running.end() == 0
    assert "connection=salesforce" in running.stderr
    assert "hubspot" not in running.stderr
    assert "\x1b[" not in running.stderr
    assert told_in(running.stderr, personal_data(crms.state("salesforce"))) == []


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_a_run_of_the_service_is_undone_and_left_alone_by_its_next_ones(crms: Rehearsal, crm: str) -> None:
    def stands() -> dict[str, Any]:
        return {lead["id"]: (lead["stage"], lead["owner"]) for lead in crms.state(crm)["leads"] if lead["owner"]}

    begun = stands()
    with crms.start("serve", crm, env=JSON_LOG) as running:
        wait_for_runs(running, crm, 1)
        assert running.end() == 0
    # A lead that was nobody's is not that again in every CRM; the others have to be as they were.
    assert stands().keys() >= begun.keys()
    assert {name: stands()[name] for name in begun} != begun
    [run] = [line["id"] for line in crms.json("runs", crm)["runs"] if line["counts"]["changes"]]
    [plan] = crms.json("undo", str(run), code=(0, 4))["plans"]
    assert {change["outcome"] for change in plan["changes"]} == {"written"}
    assert {name: stands()[name] for name in begun} == begun

    before = crms.last_write(crm)
    with crms.start("serve", crm, env=JSON_LOG) as running:
        wait_for_runs(running, crm, 2)
        assert running.end() == 0
    assert crms.writes(crm, before) == []


def test_serve_refuses_what_is_wrong_before_it_begins(crms: Rehearsal) -> None:
    done = crms.crmsync("serve", "salesfarce")
    assert done.returncode == 2
    assert "no connection `salesfarce`" in done.stderr
    crms.change("crmsync.yaml", lambda data: data["connections"]["hubspot"].update(schedule={"cron": "0 6 * *"}))
    done = crms.crmsync("serve")
    assert done.returncode == 2
    assert "five fields" in done.stderr
    crms.change("crmsync.yaml", lambda data: data["connections"]["hubspot"].update(schedule={"cron": "0 6 * * *"}))
    for crm in CRMS:
        crms.file(f"mappings/{crm}.yaml").unlink()
    done = crms.crmsync("serve")
    assert done.returncode == 2, "nothing would run"
    assert "`salesforce.yaml` is not there" in done.stderr
    assert "`hubspot.yaml` is not there" in done.stderr
    assert [crms.writes(crm) for crm in CRMS] == [[], []]

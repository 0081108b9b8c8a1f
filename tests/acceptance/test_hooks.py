"""What CRMs tell by themselves: leads are read, decided and written at once, and only they; nobody else gets in."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from receiving import (
    MESSAGE_KEY,
    ORGANIZATION,
    PORTAL,
    TOUCH_SECRET,
    WEBHOOK_SECRET,
    address,
    event,
    hooks_at,
    message,
    outbound,
    posted,
    signed,
    touched,
    webhook,
)
from rehearsal import (
    CRMS,
    LEAD_OBJECT,
    READ_BY_ID,
    WRITE,
    Rehearsal,
    keep_in,
    on_one,
    personal_data,
    rehearsal,
    told_in,
)
from small_world import DISQUALIFYING, NATIVE, activity, small_world

from crmsync.clock import now
from crmsync.store import Store, ToldRecord
from suite import postgresql
from suite.breadth import broadly
from suite.waiting import wait_until
from suite.warm import WarmProcess

JSON_LOG = {"CRMSYNC_LOG_FORMAT": "json", "CRMSYNC_LOG_LEVEL": "debug"}
SELDOM = {"cron": "0 0 1 1 *", "full_every_hours": None}
NAME = "Somebody else"
"""In the deliveries that are made up here: a value, which is never looked at."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both practice CRMs, which tell of changes; a schedule of one run a year; everybody stands where they belong."""
    folder = tmp_path_factory.mktemp("hooks")
    imported = small_world(folder / "world", copies=4)
    with hooks_at() as hooks, rehearsal(folder / "here", "--import", str(imported), "--hooks", hooks) as here:
        here.change("crmsync.yaml", seldom)
        run_unheard(here)
        yield here


def run_unheard(here: Rehearsal) -> None:
    """Everybody to where they belong, before anybody listens: nobody is told, else CRMs would try for long."""
    hooks = {crm: ("outbound_url" if crm == "salesforce" else "webhook_url") for crm in here.urls}
    told = {crm: here.control(crm, "switches")[name] for crm, name in hooks.items()}
    for crm, name in hooks.items():
        here.control(crm, "switches", "PUT", {name: None})
    here.json("run")
    for crm, name in hooks.items():
        here.control(crm, "switches", "PUT", {name: told[crm]})


def seldom(data: Any) -> None:
    """No run by schedule, and short faults."""
    for connection in data["connections"].values():
        connection["schedule"] = dict(SELDOM)
        connection["options"] |= {"attempts": 1}
    data["hooks"] |= {"gather_seconds": 0.05, "slowest_seconds": 1}


@pytest.fixture(scope="module")
def service(world: Rehearsal) -> Iterator[WarmProcess]:
    """The service, at work."""
    with serving(world) as running:
        yield running
        assert running.end() == 0, running.stderr


def serving(here: Rehearsal) -> WarmProcess:
    """Start it and wait until it listens."""
    running = here.start("serve", env=JSON_LOG)
    wait_until(lambda: [line for line in lines(running) if line["event"] == "hooks"], what="a service that listens")
    return running


def lines(running: WarmProcess) -> list[dict[str, Any]]:
    """The log so far; each line is JSON. A line that is being written is left out."""
    text = running.stderr
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def runs_by_tellings(running: WarmProcess, crm: str) -> list[dict[str, Any]]:
    """The log lines of runs that read what was told."""
    told = {"run ended", "told of changes; nothing follows"}
    return [line for line in lines(running) if line["event"] in told and line["connection"] == crm and "told" in line]


def standing(here: Rehearsal, crm: str) -> Mapping[str, Any]:
    """What `status` says of tellings."""
    [one] = here.json("status", crm, code=[0, 1])["connections"]
    told: Mapping[str, Any] = one["tellings"]
    return told


def all_read(here: Rehearsal, *crms: str) -> None:
    """Wait until nothing waits to be read, and go on a moment: what was written is told, too."""
    for crm in crms or CRMS:
        wait_until(lambda crm=crm: waiting(here, crm) == 0, what=f"everything told by {crm} read")
    time.sleep(0.3)
    for crm in crms or CRMS:
        wait_until(lambda crm=crm: waiting(here, crm) == 0, what=f"everything told by {crm} read")


def comes_to_rest(here: Rehearsal, crm: str) -> None:
    """Wait until the CRM is asked nothing more. What was written is told, read once more, and answered by nothing."""
    looks = [here.calls(crm)]

    def rests() -> bool:
        time.sleep(1)
        looks.append(here.calls(crm))
        return looks[-1] == looks[-2]

    wait_until(rests, 60, f"rest of {crm}")


def waiting(here: Rehearsal, crm: str) -> int:
    with closing(Store(here.store)) as store:
        return store.tellings.standing(crm).waiting


def stage_of(here: Rehearsal, crm: str, lead: str) -> Any:
    held = here.lead(crm, lead)
    return (held.get("native") or {}).get("hs_lead_status") or held["stage"]


def test_what_changes_in_the_crm_is_written_at_once(world: Rehearsal, service: WarmProcess) -> None:
    """A fact of one lead, an activity of another; only these are read, and then it is quiet."""
    for crm in CRMS:
        all_read(world)
        calls, begun = world.calls(crm), world.last_write(crm)
        world.edit(crm, leads=[{"id": "lead-1", "attributes": DISQUALIFYING}])
        wanted = NATIVE[crm]["disqualified"]
        wait_until(lambda crm=crm, wanted=wanted: stage_of(world, crm, "lead-1") == wanted, 60, "a lead disqualified")
        world.edit(crm, activities=[activity("lead-2", "demo_request", now().isoformat())])
        wait_until(lambda crm=crm: stage_of(world, crm, "lead-2") == NATIVE[crm]["sqo"], 60, "a lead moved up")
        all_read(world)
        asked = world.calls(crm) - calls
        assert not [path for path in asked if "query" in path.lower() and "updated" in path.lower()]
        assert asked["POST /crm/v3/objects/{type}/search"] == 0, asked
        comes_to_rest(world, crm)
        written = [each["id"] for each in world.writes(crm, after=begun)]
        assert len(written) == len(set(written)) == 2, "our own writings come back, and are nothing new"
    plans = world.json("run", "--full", "--dry-run")["plans"]
    assert [plan["counts"]["changes"] for plan in plans] == [0, 0]


@pytest.mark.breadth
def test_a_run_by_tellings_says_nothing_of_how_a_connection_stands(world: Rehearsal, service: WarmProcess) -> None:
    """It is listed among runs; when everybody was looked at last is told by others."""
    all_read(world)
    native = world.native("hubspot")["lead-3"]
    before = world.json("status", "hubspot", code=[0, 1])["connections"][0]
    world.edit("hubspot", leads=[{"id": "lead-3", "attributes": DISQUALIFYING}])
    wait_until(lambda: stage_of(world, "hubspot", "lead-3") == "UNQUALIFIED", 60, "a lead disqualified")
    all_read(world)
    newest = world.json("runs", "hubspot")["runs"][0]
    assert (newest["kind"], newest["exit_code"]) == ("told", 0)
    [entry] = [it for it in world.json("history", native)["entries"] if it["run"] == newest["id"]][:1]
    assert entry["outcome"] == "written"
    after = world.json("status", "hubspot", code=[0, 1])["connections"][0]
    assert (after["read_at"], after["last_run"]) == (before["read_at"], before["last_run"])
    assert after["tellings"]["taken"] > 0


def test_a_thousand_duplicates_in_any_order_are_one_reading(world: Rehearsal, service: WarmProcess) -> None:
    all_read(world)
    native = world.native("hubspot")["lead-4"]
    calls, runs = sum(world.calls("hubspot").values()), len(runs_by_tellings(service, "hubspot"))
    events = [event(native, eventId=place, occurredAt=int(time.time() * 1000) - place) for place in range(1000)]
    random.Random(7).shuffle(events)
    for start in range(0, 1000, 100):
        assert webhook(world, events[start : start + 100]) == 200
    all_read(world)
    more = len(runs_by_tellings(service, "hubspot")) - runs
    assert 1 <= more <= 10
    assert sum(world.calls("hubspot").values()) - calls <= 8 + more


REFUSED: Mapping[str, tuple[str, str, int]] = {
    "wrong signature": ("hubspot", "wrong_signature", 401),
    "no signature": ("hubspot", "unsigned", 401),
    "old": ("hubspot", "old", 401),
    "of the future": ("hubspot", "old", 401),
    "another address": ("hubspot", "wrong_signature", 401),
    "no JSON": ("hubspot", "not_readable", 400),
    "10 MB": ("hubspot", "too_large", 413),
    "wrong key": ("salesforce", "wrong_key", 401),
    "no key": ("salesforce", "unsigned", 401),
    "no message": ("salesforce", "not_readable", 400),
    "a document type": ("salesforce", "not_readable", 400),
    "touch by another secret": ("", "wrong_signature", 401),
    "old touch": ("", "old", 401),
    "no such connection": ("", "no_connection", 404),
}


def attack(here: Rehearsal, name: str, native: str) -> int:
    """The status of a delivery that must not be believed, about this contact or lead."""
    hook, body = f"{address(here)}/hooks/hubspot", json.dumps([event(native if native.isdigit() else "1")]).encode()
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    salesforce = message([("Lead", native)])
    attacks = {
        "wrong signature": lambda: posted(hook, body, signed(hook, body, "another-secret"))[0],
        "no signature": lambda: posted(hook, body, {})[0],
        "old": lambda: posted(hook, body, signed(hook, body, at=time.time() - 301))[0],
        "of the future": lambda: posted(hook, body, signed(hook, body, at=time.time() + 301))[0],
        "another address": lambda: posted(hook, body, signed(hook + "/more", body))[0],
        "no JSON": lambda: posted(hook, b"[{", signed(hook, b"[{"))[0],
        "10 MB": lambda: huge(hook),
        "wrong key": lambda: outbound(here, salesforce, "practice-outbound-kez")[0],
        "no key": lambda: outbound(here, salesforce, None)[0],
        "no message": lambda: outbound(here, b"<notifications/>")[0],
        "a document type": lambda: outbound(here, salesforce.replace(b"<soapenv", bomb + b"<soapenv", 1))[0],
        "touch by another secret": lambda: touched(here, "hubspot", [native], secret="another-secret"),
        "old touch": lambda: touched(here, "hubspot", [native], at=time.time() - 301),
        "no such connection": lambda: posted(f"{address(here)}/hooks/pipedrive", body, signed(hook, body))[0],
    }
    return attacks[name]()


def huge(url: str) -> int:
    """10 MB, of which the length is not told before: the status of the answer, which comes before all is sent."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30) as sender:
        head = f"POST {parts.path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        sender.sendall(head.encode())
        part, sent = b"%x\r\n%s\r\n" % (64_000, b" " * 64_000), 0
        try:
            while sent < 10_000_000:
                sender.sendall(part)
                sent += 64_000
        except OSError:
            pass
        answer = sender.recv(100)
    assert sent < 8_000_000, "nobody reads ten megabytes"
    return int(answer.split()[1])


@pytest.mark.parametrize("name", broadly(REFUSED, core=2))
def test_what_proves_nothing_is_refused_and_counted(name: str, world: Rehearsal, service: WarmProcess) -> None:
    crm, reason, status = REFUSED[name]
    all_read(world)
    native = world.native(crm or "hubspot")["lead-4"]
    before = standing(world, crm)["refused"].get(reason, 0) if crm else None
    taken = {each: standing(world, each)["taken"] for each in CRMS}
    assert attack(world, name, native) == status
    if crm:
        wait_until(lambda: standing(world, crm)["refused"].get(reason, 0) == before + 1, 60, "a refusal counted")
    assert {each: standing(world, each)["taken"] for each in CRMS} == taken
    assert [waiting(world, each) for each in CRMS] == [0, 0]


def test_tellings_of_another_account_are_acknowledged_and_left(world: Rehearsal, service: WarmProcess) -> None:
    """Their sender would only send them again."""
    for crm in CRMS:
        comes_to_rest(world, crm)
    calls = {crm: world.calls(crm) for crm in CRMS}
    native = world.native("hubspot")["lead-4"], world.native("salesforce")["lead-4"]
    assert webhook(world, [event(native[0], portalId=PORTAL + 1)]) == 200
    status, answer = outbound(world, message([("Lead", native[1])], ORGANIZATION[:14] + "9AAA"))
    assert (status, b"<Ack>true</Ack>" in answer) == (200, True)
    time.sleep(0.5)
    assert {crm: world.calls(crm) for crm in CRMS} == calls
    assert [waiting(world, each) for each in CRMS] == [0, 0]


@pytest.mark.breadth
def test_an_outbound_message_is_acknowledged_and_its_session_never_used(
    world: Rehearsal, service: WarmProcess
) -> None:
    all_read(world)
    native = world.native("salesforce")
    runs = len(runs_by_tellings(service, "salesforce"))
    status, answer = outbound(world, message([("Lead", native["lead-4"]), ("Lead", native["mql-1"])]))
    assert (status, b"<Ack>true</Ack>" in answer) == (200, True)
    wait_until(lambda: len(runs_by_tellings(service, "salesforce")) > runs, 60, "a reading")
    all_read(world)
    assert world.lead("salesforce", "lead-4")["last_name"] != NAME
    requests = json.dumps(world.control("salesforce", "requests"))
    assert "SECRETSESSION" not in requests


def test_unknown_records_and_objects_are_harmless(world: Rehearsal, service: WarmProcess) -> None:
    all_read(world)
    leads = {crm: len(world.state(crm)["leads"]) for crm in CRMS}
    assert webhook(world, [event("999999"), event("5", subscriptionType="deal.creation"), {"objectId": 1}]) == 200
    assert outbound(world, message([("Lead", "00QKp0000009999MAA"), ("Nothing__c", "a01Kp0000000001MAA")]))[0] == 200
    assert touched(world, "hubspot", ["999998", "no id at all"]) == 200
    all_read(world)
    assert [line for line in lines(service) if line["level"] in {"error", "critical"}] == []
    assert {crm: len(world.state(crm)["leads"]) for crm in CRMS} == leads


@pytest.mark.breadth
def test_one_that_was_merged_or_deleted_leaves(world: Rehearsal, service: WarmProcess) -> None:
    """As polling handles it: it is out, and the one that it went into is decided anew."""
    for crm in CRMS:
        all_read(world)
        native = world.native(crm)
        merged(world, crm, native["sal-2"], native["sal-1"])
        gone_from(world, crm, native["sal-2"])
        world.delete_lead(crm, "mql-2")
        if crm == "salesforce":  # nobody is told of a deletion there
            assert outbound(world, message([("Lead", native["mql-2"])]))[0] == 200
        gone_from(world, crm, native["mql-2"])
        assert native["sal-1"] in stored(world, crm)
    all_read(world)
    assert [line for line in lines(service) if line["level"] in {"error", "critical"}] == []


def merged(here: Rehearsal, crm: str, lost: str, winner: str) -> None:
    if crm == "salesforce":
        here.edit(crm, leads=[{"id": lost, "merged_into": winner}])
        return
    body = json.dumps({"primaryObjectId": winner, "objectIdToMerge": lost}).encode()
    status, _ = posted(f"{here.urls[crm]}/crm/v3/objects/contacts/merge", body, {"Authorization": "Bearer another"})
    assert status == 200


def stored(here: Rehearsal, crm: str) -> tuple[str, ...]:
    with closing(Store(here.store)) as store:
        return store.facts.leads_of_connection(crm, limit=1000)


def gone_from(here: Rehearsal, crm: str, native: str) -> None:
    wait_until(lambda: native not in stored(here, crm), 60, f"a lead of {crm} out")


@pytest.mark.breadth
def test_slow_clients_keep_nobody_waiting(world: Rehearsal, service: WarmProcess) -> None:
    """Heads that never end, bodies that never come: the others are answered, and these are gone soon."""
    parts = urlsplit(address(world))
    here = (parts.hostname or "", parts.port or 80)
    slow = [socket.create_connection(here, timeout=30) for _ in range(60)]
    for place, each in enumerate(slow):
        each.sendall(b"POST /hooks/hubspot HTTP/1.1\r\nHost: x\r\n")
        if place % 2:
            each.sendall(b"Content-Length: 1000\r\n\r\n[")
    began = time.monotonic()
    assert webhook(world, [event(world.native("hubspot")["lead-4"])]) == 200
    assert time.monotonic() - began < 30
    assert all(map(at_its_end, slow)), "each is answered, or closed"


def at_its_end(slow: socket.socket) -> bool:
    """Whether the service ends it, whatever it says before."""
    with slow, suppress(ConnectionResetError):
        while slow.recv(1000):
            pass
    return True


def test_a_touch_is_tried_by_a_command(world: Rehearsal, service: WarmProcess) -> None:
    all_read(world)
    native = world.native("hubspot")["lead-4"]
    told = world.json("hooks", "test", "hubspot", "--lead", native)
    assert (told["status"], told["leads"], told["read_after_seconds"] < 30) == (200, [native], True)
    said = world.crmsync("hooks", "test", "salesforce")
    assert (said.returncode, "taken" in said.stdout) == (0, True)
    wrong = world.crmsync("hooks", "test", "hubspot", "--lead", native, env={"CRMSYNC_HOOKS_SECRET": "x" * 20})
    assert (wrong.returncode, "the signature is wrong" in wrong.stdout) == (1, True)
    nobody = world.crmsync("hooks", "test", "hubspot", "--lead", "nobody@nowhere.example")
    assert nobody.returncode == 2
    assert "told " in world.crmsync("status", "hubspot").stdout


@pytest.mark.breadth
def test_nothing_personal_and_no_secret_comes_into_the_log(world: Rehearsal, service: WarmProcess) -> None:
    """The last of those that share a service: what it wrote about all of the above."""
    people = personal_data(world.state("hubspot")) | personal_data(world.state("salesforce"))
    secrets = {word.lower() for word in (WEBHOOK_SECRET, MESSAGE_KEY, TOUCH_SECRET, "SECRETSESSION", NAME)}
    assert told_in(service.stderr, people | secrets) == []
    with closing(Store(world.store)) as store:
        kept = Path(str(store.name)).read_bytes() if not store.shared else b""
    assert NAME.encode() not in kept
    assert b"SECRETSESSION" not in kept


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Rehearsal]:
    """One practice CRM of its own, with a schedule of one run a year."""
    imported = small_world(tmp_path / "world")
    options = ("--import", str(imported), "--crm", "hubspot")
    with hooks_at() as hooks, rehearsal(tmp_path / "here", *options, "--hooks", hooks) as here:
        here.change("crmsync.yaml", seldom)
        run_unheard(here)
        yield here


@pytest.mark.breadth
@pytest.mark.parametrize("where", [READ_BY_ID, WRITE], ids=["before it is read", "before it is written"])
def test_what_was_told_outlives_a_kill(alone: Rehearsal, where: Mapping[str, str]) -> None:
    """The touch is acknowledged; the service dies on its way to the CRM; the next one does what is left, once."""
    with serving(alone) as running:
        alone.control("hubspot", "faults", "PUT", [{"path": where["hubspot"], "delay_seconds": 60, "times": 1}])
        alone.edit("hubspot", leads=[{"id": "lead-1", "attributes": DISQUALIFYING}])
        wait_until(lambda: alone.control("hubspot", "faults")[0]["fired"], 60, "a call that hangs")
        running.kill()
    alone.control("hubspot", "faults", "DELETE")
    assert waiting(alone, "hubspot") >= 1
    after = alone.last_write("hubspot")
    with serving(alone) as running:
        wait_until(lambda: stage_of(alone, "hubspot", "lead-1") == "UNQUALIFIED", 60, "the lead disqualified")
        all_read(alone, "hubspot")
        assert running.end() == 0
    assert len({entry["id"] for entry in alone.writes("hubspot", after)}) <= 1
    [plan] = alone.json("run", "--full", "--dry-run")["plans"]
    assert plan["counts"]["changes"] == 0


@pytest.mark.breadth
def test_a_crm_that_is_down_is_asked_again_and_nothing_is_lost(alone: Rehearsal) -> None:
    with serving(alone) as running:
        alone.control("hubspot", "faults", "PUT", [{"path": READ_BY_ID["hubspot"], "status": 503, "times": 2}])
        alone.edit("hubspot", leads=[{"id": "lead-1", "attributes": DISQUALIFYING}])
        wait_until(lambda: stage_of(alone, "hubspot", "lead-1") == "UNQUALIFIED", 120, "the lead disqualified")
        assert running.end() == 0
    stopped = [line for line in lines(running) if "could not be read" in line["event"]]
    assert stopped
    assert all(line["connection"] == "hubspot" for line in stopped)


@pytest.mark.breadth
def test_files_that_change_are_taken_and_so_are_hooks(alone: Rehearsal) -> None:
    """Another secret counts once the files are read again; a changed mapping has everything read first."""
    with serving(alone) as running:
        native = alone.native("hubspot")["lead-1"]
        assert touched(alone, "hubspot", [native]) == 200
        wait_until(lambda: runs_by_tellings(running, "hubspot"), 60, "a service at work")
        env = alone.file(".env")
        env.write_text(
            env.read_text(encoding="utf-8").replace(TOUCH_SECRET, "another-touch-secret"), encoding="utf-8"
        )
        alone.change(
            "mappings/hubspot.yaml", lambda data: data["lead"].update(when={"company": {"none_of": ["Away"]}})
        )
        os.kill(running.pid, signal.SIGHUP)
        wait_until(lambda: any(line["event"] == "files read again" for line in lines(running)), 60, "new files")
        assert touched(alone, "hubspot", [native]) == 401
        assert touched(alone, "hubspot", [native], secret="another-touch-secret") == 200
        wait_until(lambda: any("everything is read first" in line["event"] for line in lines(running)), 60, "that")
        all_read(alone, "hubspot")
        assert running.end() == 0
    newest = next(run for run in alone.json("runs", "hubspot")["runs"] if run["kind"] == "run")
    assert newest["counts"]["read"] > 1


@pytest.mark.breadth
@on_one("hubspot")
def test_what_one_machine_was_told_another_reads(crm: str, tmp_path: Path) -> None:
    imported = small_world(tmp_path / "world")
    options = ("--import", str(imported), "--crm", crm)
    with (
        hooks_at() as hooks,
        rehearsal(tmp_path / "here", *options, "--hooks", hooks) as here,
        postgresql.database() as store,
    ):
        here.change("crmsync.yaml", seldom)
        keep_in(here.file("crmsync.yaml"), store)
        here.json("run")
        here.control(crm, "switches", "PUT", {"webhook_url": None})
        with serving(here) as running:
            here.edit(crm, leads=[{"id": "lead-1", "attributes": DISQUALIFYING}])
            native = here.native(crm)["lead-1"]
            with closing(Store(here.store)) as elsewhere:
                elsewhere.tellings.take_in(crm, [ToldRecord(LEAD_OBJECT[crm], native)], now=now())
            wait_until(lambda: stage_of(here, crm, "lead-1") == "UNQUALIFIED", 60, "the lead disqualified")
            assert running.end() == 0


@pytest.mark.breadth
def test_without_a_secret_a_hook_is_none(alone: Rehearsal) -> None:
    env = alone.file(".env")
    kept = [line for line in env.read_text(encoding="utf-8").splitlines() if "SECRET" not in line]
    env.write_text("\n".join(kept) + "\n", encoding="utf-8")
    with serving(alone) as running:
        assert webhook(alone, [event("1")]) == 404
        assert touched(alone, "hubspot", ["1"]) == 404
        assert running.end() == 0
    [line] = [line for line in lines(running) if line["event"] == "hooks"]
    assert (line["connections"], line["touches"]) == ([], False)
    done = alone.crmsync("hooks", "test", "hubspot")
    assert (done.returncode, "CRMSYNC_HOOKS_SECRET" in done.stderr) == (2, True)

"""What CRMs tell by themselves: leads are read, decided and written at once, and only they; nobody else gets in."""

from __future__ import annotations

import json
import random
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from listening import (
    NAME,
    all_read,
    comes_to_rest,
    gone_from,
    lines,
    run_unheard,
    runs_by_tellings,
    seldom,
    serving,
    stage_of,
    standing,
    stored,
    waiting,
)
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
    Rehearsal,
    personal_data,
    rehearsal,
    told_in,
)
from small_world import DISQUALIFYING, NATIVE, activity, small_world

from crmsync.clock import now
from crmsync.store import Store
from suite.breadth import broadly
from suite.waiting import wait_until
from suite.warm import WarmProcess


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both practice CRMs, which tell of changes; a schedule of one run a year; everybody stands where they belong."""
    folder = tmp_path_factory.mktemp("hooks")
    imported = small_world(folder / "world", copies=4)
    with hooks_at() as hooks, rehearsal(folder / "here", "--import", str(imported), "--hooks", hooks) as here:
        here.change("crmsync.yaml", seldom)
        run_unheard(here)
        yield here


@pytest.fixture(scope="module")
def service(world: Rehearsal) -> Iterator[WarmProcess]:
    """The service, at work."""
    with serving(world) as running:
        yield running
        assert running.end() == 0, running.stderr


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


@pytest.mark.breadth
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

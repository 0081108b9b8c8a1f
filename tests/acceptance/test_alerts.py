"""What needs a person reaches a web hook, once, from a real service on the practice CRMs; runs never wait for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, personal_data, rehearsal, told_in
from small_world import small_world

from suite.receivers import Hook, mail_server, web_hook
from suite.waiting import wait_until
from suite.warm import WarmProcess

JSON_LOG = {"CRMSYNC_LOG_FORMAT": "json"}
SECRET = "very-secret-part"


@pytest.fixture
def crms(tmp_path: Path) -> Iterator[Rehearsal]:
    """Both practice CRMs, a run about every second, faults that last one try."""
    with rehearsal(tmp_path / "here", "--import", str(small_world(tmp_path / "world"))) as here:

        def change(data: Any) -> None:
            for connection in data["connections"].values():
                connection["schedule"] = {"every_minutes": 0.02}
                connection["options"] |= {"attempts": 1}

        here.change("crmsync.yaml", change)
        yield here


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_hook() as made:
        yield made


def set_channels(here: Rehearsal, secrets: dict[str, str], **channels: Any) -> None:
    """Tell these channels."""
    here.change("crmsync.yaml", lambda data: data.update(alerts={"channels": channels}))
    with here.file(".env").open("a", encoding="utf-8") as variables:
        variables.writelines(f"\nCRMSYNC_ALERTS_{name}={secret}\n" for name, secret in secrets.items())


def runs(running: WarmProcess, crm: str) -> int:
    """How many runs of the connection have ended so far, well or not."""
    text = running.stderr
    lines = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
    return sum(line["event"] in {"run ended", "run stopped"} and line.get("connection") == crm for line in lines)


def wait_for_runs(running: WarmProcess, crm: str, more: int = 3) -> None:
    so_far = runs(running, crm)
    wait_until(lambda: runs(running, crm) >= so_far + more, what=f"{more} more runs on {crm}")


@pytest.mark.breadth
def test_a_stop_and_its_end_are_told_once_by_two_services_and_after_a_restart(crms: Rehearsal, hook: Hook) -> None:
    set_channels(crms, {"PAGER_URL": hook.address}, pager={"by": "webhook"})
    stopped = ("salesforce", "run_failed", "new")
    with crms.start("serve", env=JSON_LOG) as one, crms.start("serve", "salesforce", env=JSON_LOG) as other:
        wait_for_runs(one, "hubspot")
        assert hook.events == []
        crms.control("salesforce", "faults", "PUT", [{"status": 503}])
        wait_until(lambda: stopped in hook.events, what="the alert")
        wait_for_runs(one, "salesforce")
        wait_for_runs(other, "salesforce")
        assert other.end() == 0
        assert one.end() == 0
    assert hook.events == [stopped], one.stderr + other.stderr
    [shown] = crms.json("alerts")["alerts"]
    assert (shown["connection"], shown["kind"], list(shown["told"])) == ("salesforce", "run_failed", ["pager"])
    with crms.start("serve", env=JSON_LOG) as again:
        wait_for_runs(again, "salesforce")
        assert hook.events == [stopped], "the store knows that it was told"
        crms.control("salesforce", "faults", "DELETE")
        wait_until(lambda: len(hook.events) > 1, what="the end of it")
        wait_for_runs(again, "salesforce")
        assert again.end() == 0
    assert hook.events == [stopped, ("salesforce", "run_failed", "over")]
    said = one.stderr + other.stderr + again.stderr
    people = personal_data(crms.state("salesforce")) | personal_data(crms.state("hubspot"))
    assert told_in(said + json.dumps(hook.bodies), people) == []
    assert SECRET not in said
    assert "Traceback" not in said
    assert crms.json("alerts")["alerts"] == []


def test_a_refused_sign_in_is_told_and_so_is_its_end(crms: Rehearsal, hook: Hook) -> None:
    set_channels(crms, {"OPS_URL": hook.address}, ops={"by": "slack"})
    file = crms.file(".env")
    right = file.read_text(encoding="utf-8")
    lines = [f"{line}-invalid" if "HUBSPOT_ACCESS_TOKEN" in line else line for line in right.splitlines()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with crms.start("serve", env=JSON_LOG) as running:
        texts = lambda: [text for body in hook.bodies for text in body["text"].splitlines()]  # noqa: E731
        wait_until(lambda: any("refuses the sign-in" in text for text in texts()), what="the alert")
        status = crms.json("status", code=1)["connections"]
        needs = {each["connection"]: [need["kind"] for need in each["needs"]] for each in status}
        assert needs["hubspot"][-1] == "sign_in_refused"
        assert set(needs["salesforce"]) <= {"never_read"}, "its first run may be under way"
        file.write_text(right, encoding="utf-8")
        wait_until(lambda: any("over: " in text for text in texts()), what="the end of it")
        assert running.end() == 0
    assert [text for text in texts() if not text.startswith("*")] == [
        "hubspot: the CRM refuses the sign-in → `crmsync check hubspot`",
        "hubspot: over: the CRM refuses the sign-in",
    ]


@pytest.mark.breadth
def test_runs_do_not_wait_for_a_receiver_and_it_keeps_no_service_from_ending(crms: Rehearsal, hook: Hook) -> None:
    over = threading.Event()
    hook.before = lambda: over.wait(300) and None
    set_channels(crms, {"PAGER_URL": hook.address}, pager={"by": "webhook"})
    crms.control("hubspot", "faults", "PUT", [{"status": 503}])
    with crms.start("serve", env=JSON_LOG) as running:
        wait_until(lambda: hook.got, what="a message under way")
        for crm in CRMS:
            wait_for_runs(running, crm, 4)
        assert running.end() == 0
        assert len(hook.got) == 1, "and nobody sends it a second time meanwhile"
    over.set()


@pytest.mark.breadth
def test_a_receiver_that_is_down_is_told_in_status_and_gets_it_later(crms: Rehearsal, hook: Hook) -> None:
    set_channels(crms, {"PAGER_URL": hook.address}, pager={"by": "webhook"})
    crms.json("run")
    crms.control("salesforce", "faults", "PUT", [{"status": 503}])
    crms.json("run", code=1)
    hook.status = 500
    [sent] = crms.json("alerts", "send", code=1)["sent"]
    assert sent == {"channel": "pager", "alerts": 1, "taken": False, "trouble": "it answers 500"}
    assert crms.json("alerts", "send")["sent"] == [], "not before its time"
    crms.control("salesforce", "faults", "DELETE")
    crms.json("run")
    status = crms.json("status", code=1)
    assert [each["needs"] for each in status["connections"]] == [[], []]
    [channel] = status["alert_channels"]
    assert (channel["failures"], channel["trouble"]) == (1, "it answers 500")
    shown = crms.crmsync("status").stdout
    assert "not taken: it answers 500" in shown
    assert SECRET not in shown
    assert hook.events == [("salesforce", "run_failed", "new")], "what is over before it was taken is not told"


def test_each_channel_is_tried(crms: Rehearsal, hook: Hook) -> None:
    with mail_server() as box, web_hook() as broken:
        broken.status = 403
        sender, server = "crmsync@acme.example", f"127.0.0.1:{box.port}"
        set_channels(
            crms,
            {"OPS_URL": hook.address, "PAGER_URL": broken.address},
            ops={"by": "slack"},
            pager={"by": "webhook"},
            mail={"by": "email", "server": server, "security": "none", "from": sender, "to": "ops@acme.example"},
        )
        done = crms.crmsync("alerts", "test")
        assert done.returncode == 1
        assert done.stdout.splitlines() == [
            "ops (slack): taken", "pager (webhook): not taken: it answers 403", "mail (email): taken",
        ]  # fmt: skip
        assert [mail["To"] for mail in box.mails] == ["ops@acme.example"]
    assert hook.bodies == [{"text": "*crmsync: test*\nthis is a test of the channel ops: nothing is wrong"}]
    tried = crms.json("alerts", "test", "ops")["channels"]
    assert tried == [{"channel": "ops", "by": "slack", "taken": True, "trouble": None}]


@pytest.mark.breadth
def test_what_is_missing_is_told_with_its_place_and_runs_go_on(crms: Rehearsal) -> None:
    assert crms.crmsync("alerts", "test").returncode == 2
    assert "Nobody is told" in crms.crmsync("alerts").stdout
    set_channels(crms, {"OTHER_URL": "https://nowhere.invalid/very-secret-part"}, ops={"by": "slack"})
    for command in (("alerts", "test"), ("alerts", "send")):
        done = crms.crmsync(*command)
        assert done.returncode == 2
        assert "CRMSYNC_ALERTS_OPS_URL is missing" in done.stderr
        assert "crmsync.yaml:" in done.stderr
    findings = crms.json("check", code=2)["findings"]
    told = {each["message"]: each["severity"] for each in findings}
    assert told["CRMSYNC_ALERTS_OPS_URL is missing"] == "error"
    assert told["`CRMSYNC_ALERTS_OTHER_URL` means nothing to crmsync"] == "warning"
    assert crms.json("run")
    assert crms.json("status", code=1)["alert_channels"][0]["trouble"].startswith("its secrets are missing or wrong")
    done = crms.crmsync("alerts", "test", "opps")
    assert (done.returncode, "configured: ops" in done.stderr) == (2, True)

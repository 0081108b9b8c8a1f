"""Whatever is wrong is told in words, with its place and the next step; nothing is left half-written.

Wrong configurations meet practice CRMs that are shared: nothing may be written there, so every one finds them as new.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, personal_data, rehearsal, told_in, wait_until, write_world
from small_world import USERS, small_world

pytestmark = pytest.mark.xdist_group("bad_input")

Done = subprocess.CompletedProcess[str]
SECRETS = ("practice-secret", "pat-na1-practice", "very-invalid-secret", "pat-eu1-invalid-0815", "top-secret-thing")
LEADS = 10
CHANGES = 6
"""What a right run on the small world reads, and what it would change."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both practice CRMs with the small world."""
    place = tmp_path_factory.mktemp("bad")
    with rehearsal(place / "right", "--import", str(small_world(place / "world"))) as crms:
        yield crms


@pytest.fixture
def here(shared: Rehearsal, tmp_path: Path) -> Iterator[Rehearsal]:
    """A right configuration to spoil. Afterwards, whatever happened: no CRM was written to."""
    yield shared.copy(tmp_path / "here")
    for crm in CRMS:
        shared.control(crm, "faults", "DELETE")
    assert [shared.writes(crm) for crm in CRMS] == [[], []]


def check_words(done: Done, here: Rehearsal, *words: str) -> None:
    """The message holds these words and a next step, and nothing that must not be told."""
    said = " ".join(done.stderr.split())
    for word in words:
        assert word in said, f"{word!r} is not in: {done.stderr}"
    assert "→" in said, f"no next step: {done.stderr}"
    assert "Traceback" not in done.stdout + done.stderr
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []
    for crm in here.urls:
        assert told_in(done.stderr, personal_data(here.state(crm))) == []


def check_works(here: Rehearsal, connection: str, shared: Rehearsal | None = None) -> None:
    """With its files mended, the same store serves a right run."""
    for name in ("crmsync.yaml", ".env", "policy.yaml", "roster.yaml", *(f"mappings/{crm}.yaml" for crm in CRMS)):
        if shared is not None:
            here.file(name).write_bytes(shared.file(name).read_bytes())
    plan = here.json("run", connection, "--dry-run")["plans"][0]
    assert (plan["counts"]["leads"], len(plan["changes"])) == (LEADS, CHANGES)


def set_options(here: Rehearsal, **options: Any) -> None:
    """Options for both connections."""

    def change(data: Any) -> None:
        for connection in data["connections"].values():
            connection["options"] |= options

    here.change("crmsync.yaml", change)


def replace(name: str, old: str, new: str, *, count: int = 1) -> Callable[[Rehearsal], None]:
    """A spoiler: other words in a file, in as many places."""

    def spoil(here: Rehearsal) -> None:
        text = here.file(name).read_text(encoding="utf-8")
        assert text.count(old) == count, f"{old!r} stands {text.count(old)} times in {name}"
        here.file(name).write_text(text.replace(old, new), encoding="utf-8")

    return spoil


def write(name: str, text: str) -> Callable[[Rehearsal], None]:
    """A spoiler: a file with this text."""

    def spoil(here: Rehearsal) -> None:
        here.file(name).write_text(text, encoding="utf-8")

    return spoil


@dataclass(frozen=True)
class Wrong:
    """One mistake in the files. `at`: the message's line and column are where this text stands in the spoiled file."""

    name: str
    spoil: Callable[[Rehearsal], None]
    file: str
    at: str | None
    words: tuple[str, ...]
    connection: str = "salesforce"
    env: Mapping[str, str] = field(default_factory=dict)

    def place(self, here: Rehearsal) -> str:
        """What the message begins with."""
        if self.at is None:
            return self.file
        before, found, _ = here.file(self.file).read_text(encoding="utf-8").partition(self.at)
        assert found, f"{self.at!r} is not in {self.file}"
        return f"{self.file}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "


LADDER = """
format: 1
extends: saas
ladder: [{stage: lead}, {stage: warm, when: gave_details}]
hand_off: null
sales_confirmation: null
next_action: null
"""

FIRST = "connector: salesforce\n    mapping: mappings/salesforce.yaml\n    options:\n      url: "

CONFIGURATIONS = [
    Wrong(
        "no crmsync.yaml",
        lambda here: here.file("crmsync.yaml").unlink(),
        "crmsync.yaml: ",
        None,
        ("no such file", "--config"),
    ),
    Wrong(
        "no policy",
        lambda here: here.file("policy.yaml").unlink(),
        "crmsync.yaml",
        "policy: policy.yaml",
        ("`policy.yaml` is not there",),
    ),
    Wrong(
        "broken YAML", write("roster.yaml", "format: 1\npeople: [\n"), "roster.yaml:3:1", None, ("not valid YAML",)
    ),
    Wrong("an empty file", write("crmsync.yaml", ""), "crmsync.yaml:1:1: ", None, ("connections",)),
    Wrong(
        "an unknown key",
        replace("crmsync.yaml", "store: crmsync.db", "stor: crmsync.db"),
        "crmsync.yaml",
        "stor: ",
        ("`stor`", "did you mean `store`?"),
    ),
    Wrong(
        "another connector's mapping",
        replace("crmsync.yaml", FIRST, FIRST.replace("connector: salesforce", "connector: hubspot")),
        "mappings/salesforce.yaml",
        "salesforce\n\nlead:",
        ("this mapping is for `salesforce`, the connection uses `hubspot`",),
    ),
    Wrong(
        "an unknown option",
        replace("crmsync.yaml", FIRST, FIRST.replace("url: ", "atempts: 3\n      url: ")),
        "crmsync.yaml",
        "3\n      url",
        ("`atempts`", "did you mean `attempts`?"),
    ),
    Wrong(
        "a secret in the file",
        replace("crmsync.yaml", FIRST, FIRST.replace("url: ", "client_secret: top-secret-thing\n      url: ")),
        "crmsync.yaml",
        "client_secret",
        ("`client_secret` is a secret", ".env", "CRMSYNC_SALESFORCE_CLIENT_SECRET"),
    ),
    Wrong(
        "an address in the clear",
        replace("crmsync.yaml", FIRST + "http://127.0.0.1:", FIRST + "http://crm.example:"),
        "crmsync.yaml",
        "http://crm.example:",
        ("https://",),
    ),
    Wrong(
        "a missing secret",
        write(".env", "CRMSYNC_HUBSPOT_ACCESS_TOKEN=pat-na1-practice\n"),
        "crmsync.yaml",
        "salesforce:\n",
        ("credentials are missing", "client_secret", ".env", "CRMSYNC_SALESFORCE_"),
    ),
    Wrong(
        "a missing token",
        write(".env", "CRMSYNC_SALESFORCE_CLIENT_ID=x\n"),
        "crmsync.yaml",
        "hubspot:\n",
        ("access_token", ".env", "CRMSYNC_HUBSPOT_"),
        connection="hubspot",
    ),
    Wrong(
        "an ill variable",
        lambda here: None,
        "crmsync.yaml",
        "salesforce:\n",
        ("CRMSYNC_SALESFORCE_ATTEMPTS", "integer"),
        env={"CRMSYNC_SALESFORCE_ATTEMPTS": "many"},
    ),
    Wrong(
        "an ill schedule",
        replace("crmsync.yaml", "schedule: {every_minutes: 15}", "schedule: {cron: 0 25 * * *}", count=2),
        "crmsync.yaml",
        "0 25 * * *",
        ("not a crontab line",),
    ),
    Wrong(
        "a criterion on no fact",
        write("policy.yaml", "format: 1\nextends: saas\ncriteria:\n  a: {fact: bugdet, is: none}\n"),
        "policy.yaml",
        "bugdet",
        ("`bugdet`", "did you mean `budget`?"),
    ),
    Wrong(
        "a hand-off at no stage",
        write("policy.yaml", "format: 1\nextends: saas\nhand_off: {stage: slq}\n"),
        "policy.yaml",
        "slq",
        ("`slq` is no stage",),
    ),
    Wrong(
        "no such preset",
        write("policy.yaml", "format: 1\nextends: sas\n"),
        "policy.yaml",
        "sas",
        ("`sas`", "did you mean `saas`?"),
    ),
    Wrong(
        "stages of another ladder",
        write("policy.yaml", LADDER),
        "mappings/salesforce.yaml",
        "mql:",
        ("the policy has no stage `mql`", "no value is mapped for the policy's stage `warm`"),
    ),
    Wrong(
        "a stage the policy lacks",
        replace("mappings/salesforce.yaml", "    sql: Sales", "    sqll: Sales"),
        "mappings/salesforce.yaml",
        "sqll",
        ("the policy has no stage `sqll`", "did you mean `sql`?", "stage `sql`"),
    ),
    Wrong(
        "a stage value the CRM lacks",
        replace("mappings/salesforce.yaml", "sql: Sales Qualified\n", "sql: Sales Kwalified\n"),
        "mappings/salesforce.yaml",
        "sql: ",
        ("Status has no active value `Sales Kwalified`", "valid here", "`Nurturing`"),
    ),
    Wrong(
        "a stage label the CRM lacks",
        replace("mappings/hubspot.yaml", "{label: Sales Accepted Lead}", "{label: Sales Akzepted Lead}"),
        "mappings/hubspot.yaml",
        "sal: ",
        ("`Sales Akzepted Lead`", "Sales Accepted Lead"),
        connection="hubspot",
    ),
    Wrong(
        "a field the CRM lacks",
        replace("mappings/salesforce.yaml", "field: Budget__c", "field: Budgt__c"),
        "mappings/salesforce.yaml",
        "Budgt__c",
        ("Lead has no field `Budgt__c`",),
    ),
    Wrong(
        "a property the CRM lacks",
        replace("mappings/hubspot.yaml", "field: budget", "field: budgt"),
        "mappings/hubspot.yaml",
        "budgt",
        ("contacts has no field `budgt`",),
        connection="hubspot",
    ),
    Wrong(
        "an activity field the CRM lacks",
        replace("mappings/salesforce.yaml", "{from: CallDisposition", "{from: CallDispositon"),
        "mappings/salesforce.yaml",
        "CallDispositon",
        ("Task has no field `CallDispositon`", "did you mean `CallDisposition`?"),
    ),
    Wrong(
        "an activity object the CRM lacks",
        replace("mappings/hubspot.yaml", "object: calls", "object: callz"),
        "mappings/hubspot.yaml",
        "callz",
        ("no object named 'callz'",),
        connection="hubspot",
    ),
    Wrong(
        "a lead object the CRM lacks",
        replace("mappings/salesforce.yaml", "object: Lead\n", "object: Leed\n"),
        "mappings/salesforce.yaml",
        "Leed",
        ("no object 'Leed'",),
    ),
    Wrong(
        "a fact of another type",
        replace("mappings/salesforce.yaml", "NumberOfEmployees, type: integer", "NumberOfEmployees, type: date"),
        "mappings/salesforce.yaml",
        "{field: NumberOfEmployees",
        ("`employees` is date here and integer in the policy", "type: integer"),
    ),
    Wrong(
        "a fact left out",
        replace("mappings/salesforce.yaml", "  seniority: {field: Seniority__c, type: choice}\n", ""),
        "mappings/salesforce.yaml",
        "facts:",
        ("`seniority` is not mapped", "unmapped"),
    ),
    Wrong(
        "an empty roster",
        write("roster.yaml", "format: 1\npeople: []\n"),
        "roster.yaml",
        "people",
        ("nobody in the roster",),
    ),
    Wrong(
        "nobody active",
        write("roster.yaml", "people:\n  - {user: ottokar.wyvernhall@seller.example, roles: [ae]}\n"),
        "roster.yaml",
        "people",
        ("nobody in the roster can receive a hand-off", "active"),
    ),
    Wrong(
        "nobody who may receive",
        write("roster.yaml", "people:\n  - {user: brigitta.qvist@seller.example, roles: [bdr]}\n"),
        "roster.yaml",
        "people",
        ("nobody in the roster can receive a hand-off", "receiving role"),
    ),
    Wrong(
        "a person the CRM lacks",
        replace("roster.yaml", "anselm.zsigmond@", "anselm.zigmond@"),
        "roster.yaml",
        '"anselm.zigmond',
        ("no user of salesforce",),
    ),
]


@pytest.mark.parametrize("wrong", CONFIGURATIONS, ids=lambda wrong: wrong.name)
def test_a_wrong_configuration_is_told_with_its_place(here: Rehearsal, wrong: Wrong) -> None:
    wrong.spoil(here)
    done = here.crmsync("run", wrong.connection, env=wrong.env)
    assert done.returncode == 2, done.stderr
    check_words(done, here, wrong.place(here), *wrong.words)
    assert "carried out" not in done.stdout


def test_a_connection_that_is_not_configured(here: Rehearsal) -> None:
    done = here.crmsync("run", "salesforce", "hubspt")
    assert done.returncode == 2
    check_words(done, here, "no connection `hubspt`", "salesforce, hubspot")
    assert done.stdout == ""


def test_an_ill_log_format(here: Rehearsal) -> None:
    done = here.crmsync("serve", env={"CRMSYNC_LOG_FORMAT": "xml"})
    assert done.returncode == 2
    assert "CRMSYNC_LOG_FORMAT" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_finds_the_same_mistakes_and_writes_no_store(here: Rehearsal) -> None:
    replace("mappings/salesforce.yaml", "field: Budget__c", "field: Budgt__c")(here)
    replace("mappings/hubspot.yaml", "subject: hs_call_title", "subject: hs_call_titel")(here)
    points = {each["connection"]: each for each in here.json("check", code=2)["connections"]}
    assert {name: each["exit_code"] for name, each in points.items()} == {"salesforce": 2, "hubspot": 2}
    wrong = {
        name: [point["found"] for point in each["points"] if not point["right"]] for name, each in points.items()
    }
    assert "mappings/salesforce.yaml:39:19" in wrong["salesforce"][0]
    assert re.search(r"mappings/hubspot.yaml:\d+:\d+: calls has no field `hs_call_titel`", wrong["hubspot"][0])
    assert not here.file("crmsync.db").exists()


@pytest.mark.parametrize("crm", CRMS)
def test_wrong_credentials(here: Rehearsal, crm: str, shared: Rehearsal) -> None:
    secrets = "CRMSYNC_SALESFORCE_CLIENT_ID=x\nCRMSYNC_SALESFORCE_CLIENT_SECRET=very-invalid-secret\n"
    here.file(".env").write_text(f"{secrets}CRMSYNC_HUBSPOT_ACCESS_TOKEN=pat-eu1-invalid-0815\n", encoding="utf-8")
    done = here.crmsync("run", crm)
    assert done.returncode == 1
    check_words(done, here, f"{crm}: ", "refused", "credentials" if crm == "hubspot" else "sign-in")
    check_works(here, crm, shared)


@pytest.mark.parametrize("crm", CRMS)
def test_a_crm_that_is_down(here: Rehearsal, crm: str, shared: Rehearsal) -> None:
    set_options(here, url="http://127.0.0.1:9", attempts=2, longest_wait_seconds=0.1)  # 9: discard, nobody listens
    done = here.crmsync("run", crm)
    assert done.returncode == 1
    check_words(done, here, f"{crm}: ", "cannot be reached", "tried 2 times", "url")
    check_works(here, crm, shared)


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.parametrize("path", ["", "Task|Event|objects/(meetings|notes)"], ids=["everywhere", "half-way"])
def test_a_crm_that_answers_503_for_ever(here: Rehearsal, crm: str, path: str, shared: Rehearsal) -> None:
    set_options(here, attempts=2, longest_wait_seconds=0.1)
    here.control(crm, "faults", "PUT", [{"path": path, "status": 503}])
    done = here.crmsync("run", crm)
    assert done.returncode == 1
    check_words(done, here, f"{crm}: ", "tried 2 times", "status")
    assert re.search(r"503|SERVER_UNAVAILABLE", done.stderr)
    here.control(crm, "faults", "DELETE")
    check_works(here, crm, shared)


def test_a_damaged_store(here: Rehearsal) -> None:
    store = here.file("crmsync.db")
    store.write_bytes(b"this is no database " * 500)
    done = here.crmsync("run", "salesforce")
    assert done.returncode == 1
    check_words(done, here, str(store), "not a database", "backup")
    assert store.read_bytes().startswith(b"this is no database"), "somebody may want to mend it"
    store.unlink()
    check_works(here, "salesforce")


@pytest.mark.parametrize("store", ["nowhere/crmsync.db", "policy.yaml/crmsync.db", "mappings"])
def test_a_store_that_cannot_be_written(here: Rehearsal, store: str) -> None:
    here.change("crmsync.yaml", lambda data: data.update(store=store))
    done = here.crmsync("run", "salesforce")
    assert done.returncode == 1
    check_words(done, here, "the store", store, "folder exists")


@pytest.mark.skipif(os.getuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_may_not_be_written(here: Rehearsal) -> None:
    folder = here.file("locked")
    folder.mkdir()
    folder.chmod(0o555)
    done = here.crmsync("run", "salesforce", env={"CRMSYNC_STORE": str(folder / "crmsync.db")})
    folder.chmod(0o755)
    assert done.returncode == 1
    check_words(done, here, "the store", "ermission denied", "folder exists")


def test_a_store_of_another_kind(here: Rehearsal) -> None:
    done = here.crmsync("run", "salesforce", env={"CRMSYNC_STORE": "mysql://crmsync:top-secret-thing@127.0.0.1/x"})
    assert done.returncode == 2
    check_words(done, here, "mysql", "store: crmsync.db")


def test_an_out_file_that_cannot_be_written(here: Rehearsal) -> None:
    done = here.crmsync("run", "salesforce", "--dry-run", "--out", "nowhere/plan.json")
    assert done.returncode == 2
    check_words(done, here, "nowhere/plan.json", "--out")


def test_zero_leads(tmp_path: Path) -> None:
    world = write_world(tmp_path / "world", USERS, [])
    with rehearsal(tmp_path / "here", "--import", str(world)) as here:
        for arguments in (["--dry-run"], [], ["--full"]):
            for plan in here.json("run", *arguments)["plans"]:
                assert (plan["counts"]["read"], plan["changes"], plan["set_aside"]) == (0, [], [])
        done = here.crmsync("run", "--dry-run")
        assert done.returncode == 0
        assert done.stdout.count("Nothing to change.") == 2


def test_two_runs_at_once(here: Rehearsal) -> None:
    here.control("salesforce", "faults", "PUT", [{"path": "/oauth2/token", "delay_seconds": 300, "times": 1}])
    with here.start("run", "salesforce", "--dry-run") as first:
        wait_until(lambda: here.control("salesforce", "faults")[0]["fired"], what="the first run's sign-in")
        second = here.crmsync("run", "salesforce", "--dry-run")
        assert second.returncode == 1
        check_words(second, here, "another run works on salesforce", f"process {first.process.pid}", "wait until")
        assert re.search(r"since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", second.stderr)
        here.json("run", "hubspot", "--dry-run")  # another connection is free
        assert first.process.poll() is None, "the first run has ended before the second one was tried"
        first.process.kill()
        first.wait()
    check_works(here, "salesforce")  # a killed run leaves no lock


def set_guards(here: Rehearsal, **guards: Any) -> None:
    """Guards for both connections."""

    def change(data: Any) -> None:
        for connection in data["connections"].values():
            connection["guards"] = dict(guards)

    here.change("crmsync.yaml", change)


def test_a_guard_is_breached_above_its_limit_only(here: Rehearsal) -> None:
    def asked(code: int, *arguments: str, **guards: Any) -> dict[str, Any]:
        set_guards(here, **guards)
        answer = here.json("run", "salesforce", "--dry-run", *arguments, code=code)
        plan: dict[str, Any] = answer["plans"][0]
        assert len(plan["changes"]) == CHANGES, "the plan is told, breached or not"
        assert [guard["breached"] for guard in plan["guards"]] == [code == 3]
        return plan

    share = CHANGES / LEADS
    asked(0, changed_share=share, floor=0)
    plan = asked(3, changed_share=share - 0.001, floor=0)
    assert plan["guards"][0] == {"name": "changed_share", "value": share, "limit": share - 0.001, "breached": True}
    asked(3, changed_share=0.0, floor=CHANGES)
    asked(0, changed_share=0.0, floor=CHANGES + 1)
    asked(0, "--allow-changes", str(CHANGES), changed_share=0.0, floor=0)
    asked(3, "--allow-changes", str(CHANGES - 1), changed_share=1.0, floor=50)
    asked(0, changed_share=0.0)  # the default floor: plans below 50 changes are never stopped


def test_a_breached_guard_names_the_way_on(here: Rehearsal) -> None:
    set_guards(here, changed_share=0.5, floor=0)
    for arguments in ([], ["--dry-run"]):
        done = here.crmsync("run", "salesforce", *arguments)
        assert done.returncode == 3
        assert "Guard changed_share" in done.stdout
        assert f"--allow-changes {CHANGES}" in done.stdout
        assert "lead → sqo" in done.stdout
    check_works(here, "salesforce")


def test_codes_of_several_connections(here: Rehearsal) -> None:
    """2 before 1 before 3; every connection is tried."""
    set_options(here, attempts=1)
    set_guards(here, changed_share=0.5, floor=0)
    wrong = {"CRMSYNC_SALESFORCE_CLIENT_SECRET": "very-invalid-secret"}
    answer = here.json("run", "--dry-run", code=3)
    assert [plan["connection"] for plan in answer["plans"]] == list(CRMS)

    done = here.crmsync("run", "--dry-run", "--format", "json", env=wrong)
    assert done.returncode == 1
    check_words(done, here, "salesforce: ", "refused")
    answer = json.loads(done.stdout)
    assert [plan["connection"] for plan in answer["plans"]] == ["hubspot"]
    assert [(error["connection"], error["exit_code"]) for error in answer["errors"]] == [("salesforce", 1)]

    replace("mappings/hubspot.yaml", "field: budget", "field: budgt")(here)
    done = here.crmsync("run", "--dry-run", "--format", "json", env=wrong)
    assert done.returncode == 2
    check_words(done, here, "salesforce: ", "refused", "hubspot: ", "`budgt`")
    answer = json.loads(done.stdout)
    assert answer["plans"] == []
    assert {error["connection"]: error["exit_code"] for error in answer["errors"]} == {"salesforce": 1, "hubspot": 2}

"""Whatever is wrong is told in words, with its place and the next step; nothing is left half-written.

Wrong configurations meet practice CRMs that are shared: nothing may be written there, so every one finds them as new.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, READ_BY_ID, Rehearsal, crmsync, personal_data, rehearsal, told_in, wait_until, write_world
from small_world import NATIVE, USERS, small_world

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
    """The message holds these words, and nothing that must not be told."""
    said = " ".join(done.stderr.split())
    for word in words:
        assert word in said, f"{word!r} is not in: {done.stderr}"
    assert "Traceback" not in done.stdout + done.stderr
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []
    for crm in here.urls:
        assert told_in(done.stderr, personal_data(here.state(crm))) == []


def check_works(here: Rehearsal, *connections: str, right: Rehearsal | None = None) -> None:
    """With the files of `right`, the same store serves a right run."""
    if right is not None:
        for name in ("crmsync.yaml", ".env", "policy.yaml", "roster.yaml", *(f"mappings/{crm}.yaml" for crm in CRMS)):
            here.file(name).write_bytes(right.file(name).read_bytes())
    for plan in here.json("run", *connections, "--dry-run")["plans"]:
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


def nothing(_: Rehearsal) -> None:
    """No spoiler: another one, or the environment, does it."""


def write(name: str, text: str) -> Callable[[Rehearsal], None]:
    """A spoiler: a file with this text."""

    def spoil(here: Rehearsal) -> None:
        here.file(name).write_text(text, encoding="utf-8")

    return spoil


@dataclass(frozen=True)
class Wrong:
    """One mistake in the files and what is said of it.

    `at`: the message's line and column are where this text stands in the spoiled file; None: `file` says it all.
    `words` are in the message, the next step among them.
    """

    spoil: Callable[[Rehearsal], object]
    file: str
    at: str | None
    words: tuple[str, ...]

    def place(self, here: Rehearsal) -> str:
        """What the message begins with."""
        if self.at is None:
            return self.file
        before, found, _ = here.file(self.file).read_text(encoding="utf-8").partition(self.at)
        assert found, f"{self.at!r} is not in {self.file}"
        return f"{self.file}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "

    def check(self, said: str, here: Rehearsal) -> None:
        """Some message has the place and all the words."""
        place = self.place(here)
        messages = re.split(r"(?m)^(?=\S+\.yaml|\.env|Error: |salesforce: |hubspot: )", said)
        there = [" ".join(message.split()) for message in messages if place in message]
        fitting = [message for message in there if all(word in message for word in self.words)]
        assert fitting, f"nothing at {place} says {self.words}:\n{said}"


@dataclass(frozen=True)
class Mistakes:
    """Mistakes that are told together, in one go."""

    name: str
    wrongs: tuple[Wrong, ...]
    connections: tuple[str, ...] = ("salesforce",)
    env: Mapping[str, str] = field(default_factory=dict)


def write_latin_env(here: Rehearsal) -> None:
    """A spoiler: `.env` as an old editor saves it."""
    here.file(".env").write_bytes("CRMSYNC_SALESFORCE_USERNAME=jürgen\n".encode("latin-1"))


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
    Mistakes(
        "no crmsync.yaml",
        (
            Wrong(
                lambda here: here.file("crmsync.yaml").unlink(),
                "crmsync.yaml: ",
                None,
                ("no such file", "--config"),
            ),
        ),
    ),
    Mistakes(
        "an empty file",
        (
            Wrong(
                write("crmsync.yaml", ""),
                "crmsync.yaml:1:1: ",
                None,
                ("connections",),
            ),
        ),
    ),
    Mistakes(
        "crmsync.yaml",
        (
            Wrong(
                replace("crmsync.yaml", "store: crmsync.db", "stor: crmsync.db"),
                "crmsync.yaml",
                "stor: ",
                ("`stor`", "did you mean `store`?"),
            ),
            Wrong(
                replace("crmsync.yaml", "schedule: {every_minutes: 15}", "schedule: {cron: 0 25 * * *}", count=2),
                "crmsync.yaml",
                "0 25 * * *",
                ("not a crontab line", "→ e.g. `0 6 * * 1-5`"),
            ),
        ),
    ),
    Mistakes(
        "files that cannot be read",
        (
            Wrong(
                lambda here: here.file("policy.yaml").unlink(),
                "crmsync.yaml",
                "policy: policy.yaml",
                ("`policy.yaml` is not there",),
            ),
            Wrong(write("roster.yaml", "format: 1\npeople: [\n"), "roster.yaml:3:1", None, ("not valid YAML",)),
            Wrong(
                replace("crmsync.yaml", FIRST, FIRST.replace("connector: salesforce", "connector: hubspot")),
                "mappings/salesforce.yaml",
                "salesforce\n\nlead:",
                ("this mapping is for `salesforce`, the connection uses `hubspot`",),
            ),
        ),
    ),
    Mistakes(
        "options",
        (
            Wrong(
                replace(
                    "crmsync.yaml",
                    FIRST,
                    FIRST.replace("url: ", "atempts: 3\n      client_secret: top-secret-thing\n      url: "),
                ),
                "crmsync.yaml",
                "3\n      client_secret",
                ("`atempts`", "did you mean `attempts`?"),
            ),
            Wrong(
                nothing,
                "crmsync.yaml",
                "client_secret",
                ("`client_secret` is a secret", ".env", "CRMSYNC_SALESFORCE_CLIENT_SECRET"),
            ),
        ),
    ),
    Mistakes(
        "values of options",
        (
            Wrong(
                replace("crmsync.yaml", FIRST + "http://127.0.0.1:", FIRST + "http://crm.example:"),
                "crmsync.yaml",
                "http://crm.example:",
                ("https://",),
            ),
            Wrong(
                nothing,
                "crmsync.yaml",
                "salesforce:\n",
                ("CRMSYNC_SALESFORCE_ATTEMPTS", "integer"),
            ),
        ),
        env={"CRMSYNC_SALESFORCE_ATTEMPTS": "many"},
    ),
    Mistakes(
        "an .env in another encoding",
        (Wrong(write_latin_env, ".env: ", None, ("is not UTF-8 text", "→ save it as UTF-8")),),
    ),
    Mistakes(
        "missing secrets",
        (
            Wrong(
                write(".env", "CRMSYNC_SALESFORCE_CLIENT_ID=x\n"),
                "crmsync.yaml",
                "salesforce:\n",
                ("credentials are missing", "client_secret", ".env", "CRMSYNC_SALESFORCE_"),
            ),
            Wrong(
                write(".env", "CRMSYNC_SALESFORCE_CLIENT_ID=x\n"),
                "crmsync.yaml",
                "hubspot:\n",
                ("access_token", ".env", "CRMSYNC_HUBSPOT_"),
            ),
        ),
        connections=CRMS,
    ),
    Mistakes(
        "names in the policy",
        (
            Wrong(
                write("policy.yaml", "format: 1\nextends: saas\ncriteria:\n  a: {fact: bugdet, is: none}\n"),
                "policy.yaml",
                "bugdet",
                ("`bugdet`", "did you mean `budget`?"),
            ),
        ),
    ),
    Mistakes(
        "a hand-off at no stage",
        (
            Wrong(
                write("policy.yaml", "format: 1\nextends: saas\nhand_off: {stage: slq}\n"),
                "policy.yaml",
                "slq",
                ("`slq` is no stage",),
            ),
        ),
    ),
    Mistakes(
        "no such preset",
        (
            Wrong(
                write("policy.yaml", "format: 1\nextends: sas\n"),
                "policy.yaml",
                "sas",
                ("`sas`", "did you mean `saas`?"),
            ),
        ),
    ),
    Mistakes(
        "stages of another ladder",
        (
            Wrong(
                nothing,
                "mappings/salesforce.yaml",
                "values:",
                ("no value is mapped for the policy's stage `warm`", "→ add it"),
            ),
            Wrong(
                write("policy.yaml", LADDER),
                "mappings/salesforce.yaml",
                "mql:",
                ("the policy has no stage `mql`", "→ valid here: `disqualified`, `lead`, `warm`"),
            ),
        ),
    ),
    Mistakes(
        "mappings against policy and CRM",
        (
            Wrong(
                replace("mappings/salesforce.yaml", "    sql: Sales", "    sqll: Sales"),
                "mappings/salesforce.yaml",
                "sqll",
                ("the policy has no stage `sqll`", "did you mean `sql`?"),
            ),
            Wrong(
                replace("mappings/salesforce.yaml", "field: Budget__c", "field: Budgt__c"),
                "mappings/salesforce.yaml",
                "Budgt__c",
                ("Lead has no field `Budgt__c`",),
            ),
            Wrong(
                replace(
                    "mappings/salesforce.yaml", "NumberOfEmployees, type: integer", "NumberOfEmployees, type: date"
                ),
                "mappings/salesforce.yaml",
                "{field: NumberOfEmployees",
                ("`employees` is date here and integer in the policy", "type: integer"),
            ),
            Wrong(
                replace("mappings/salesforce.yaml", "  seniority: {field: Seniority__c, type: choice}\n", ""),
                "mappings/salesforce.yaml",
                "facts:",
                ("`seniority` is not mapped", "unmapped"),
            ),
            Wrong(
                replace("roster.yaml", "anselm.zsigmond@", "anselm.zigmond@"),
                "roster.yaml",
                '"anselm.zigmond',
                ("no user of salesforce",),
            ),
            Wrong(
                replace("mappings/hubspot.yaml", "field: budget", "field: budgt"),
                "mappings/hubspot.yaml",
                "budgt",
                ("contacts has no field `budgt`",),
            ),
        ),
        connections=CRMS,
    ),
    Mistakes(
        "stage values",
        (
            Wrong(
                replace("mappings/salesforce.yaml", "sql: Sales Qualified\n", "sql: Sales Kwalified\n"),
                "mappings/salesforce.yaml",
                "sql: ",
                ("Status has no active value `Sales Kwalified`", "did you mean `Sales Qualified`?"),
            ),
            Wrong(
                replace("mappings/hubspot.yaml", "{label: Sales Accepted Lead}", "{label: Sales Akzepted Lead}"),
                "mappings/hubspot.yaml",
                "sal: ",
                ("`Sales Akzepted Lead`", "Sales Accepted Lead"),
            ),
        ),
        connections=CRMS,
    ),
    Mistakes(
        "activities",
        (
            Wrong(
                replace("mappings/salesforce.yaml", "{from: CallDisposition", "{from: CallDispositon"),
                "mappings/salesforce.yaml",
                "CallDispositon",
                ("Task has no field `CallDispositon`", "did you mean `CallDisposition`?"),
            ),
            Wrong(
                replace("mappings/hubspot.yaml", "object: calls", "object: callz"),
                "mappings/hubspot.yaml",
                "callz",
                ("no object named 'callz'",),
            ),
        ),
        connections=CRMS,
    ),
    Mistakes(
        "a lead object",
        (
            Wrong(
                replace("mappings/salesforce.yaml", "object: Lead\n", "object: Leed\n"),
                "mappings/salesforce.yaml",
                "Leed",
                ("no object 'Leed'",),
            ),
        ),
    ),
    Mistakes(
        "an empty roster",
        (
            Wrong(
                write("roster.yaml", "format: 1\npeople: []\n"),
                "roster.yaml",
                "people",
                ("nobody in the roster",),
            ),
        ),
    ),
    Mistakes(
        "nobody active",
        (
            Wrong(
                write("roster.yaml", "people:\n  - {user: ottokar.wyvernhall@seller.example, roles: [ae]}\n"),
                "roster.yaml",
                "people",
                ("nobody in the roster can receive a hand-off", "active"),
            ),
        ),
    ),
    Mistakes(
        "nobody who may receive",
        (
            Wrong(
                write("roster.yaml", "people:\n  - {user: brigitta.qvist@seller.example, roles: [bdr]}\n"),
                "roster.yaml",
                "people",
                ("nobody in the roster can receive a hand-off", "receiving role"),
            ),
        ),
    ),
]


@pytest.mark.parametrize("mistakes", CONFIGURATIONS, ids=lambda mistakes: mistakes.name)
def test_mistakes_are_told_with_their_place_and_the_mend(here: Rehearsal, mistakes: Mistakes) -> None:
    for wrong in mistakes.wrongs:
        wrong.spoil(here)
    done = here.crmsync("run", *mistakes.connections, env=mistakes.env)
    assert done.returncode == 2, done.stderr
    for wrong in mistakes.wrongs:
        wrong.check(done.stderr, here)
    check_words(done, here)
    assert "carried out" not in done.stdout


def test_a_connection_that_is_not_configured(here: Rehearsal) -> None:
    done = here.crmsync("run", "salesforce", "hubspt")
    assert done.returncode == 2
    check_words(done, here, "no connection `hubspt`", "salesforce, hubspot")
    assert done.stdout == ""


def test_an_ill_variable_of_crmsync_itself(here: Rehearsal, tmp_path: Path) -> None:
    elsewhere = {"CRMSYNC_CONFIG": str(here.file("crmsync.yaml")), "CRMSYNC_LOG_FORMAT": "xml"}
    done = crmsync("serve", cwd=tmp_path, env=elsewhere)
    assert done.returncode == 2
    check_words(done, here, "CRMSYNC_LOG_FORMAT", "'text' or 'json'")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar(here: Rehearsal, day: str) -> None:
    done = here.crmsync("run", "--dry-run", "--as-of", day)
    assert done.returncode == 2
    check_words(done, here, f"`{day}` is not between", "--as-of")


def test_a_connection_named_twice_runs_once(here: Rehearsal) -> None:
    plans = here.json("run", "salesforce", "hubspot", "salesforce", "--dry-run")["plans"]
    assert [plan["connection"] for plan in plans] == list(CRMS)


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


def test_wrong_credentials(here: Rehearsal, shared: Rehearsal) -> None:
    secrets = "CRMSYNC_SALESFORCE_CLIENT_ID=x\nCRMSYNC_SALESFORCE_CLIENT_SECRET=very-invalid-secret\n"
    here.file(".env").write_text(f"{secrets}CRMSYNC_HUBSPOT_ACCESS_TOKEN=pat-eu1-invalid-0815\n", encoding="utf-8")
    done = here.crmsync("run")
    assert done.returncode == 1
    check_words(done, here, "salesforce: ", "refused the sign-in", "→ check the connection's credentials")
    check_words(done, here, "hubspot: ", "refused the credentials", "→ check the connection's access token")
    check_works(here, right=shared)


def test_crms_that_are_down(here: Rehearsal, shared: Rehearsal) -> None:
    set_options(here, url="http://127.0.0.1:9", attempts=2, longest_wait_seconds=0.1)  # 9: discard, nobody listens
    done = here.crmsync("run")
    assert done.returncode == 1
    for crm in CRMS:
        check_words(done, here, f"{crm}: ", "cannot be reached", "tried 2 times", "→ check", "url")
    check_works(here, right=shared)


@pytest.mark.parametrize("path", ["", "Task|Event|objects/(meetings|notes)"], ids=["everywhere", "half-way"])
def test_crms_that_answer_503_for_ever(here: Rehearsal, path: str) -> None:
    set_options(here, attempts=2, longest_wait_seconds=0.1)
    for crm in CRMS:
        here.control(crm, "faults", "PUT", [{"path": path, "status": 503}])
    done = here.crmsync("run")
    assert done.returncode == 1
    assert done.stderr.count("tried 2 times") == 2
    assert len(re.findall("503|SERVER_UNAVAILABLE", done.stderr)) == 2
    check_words(done, here, "salesforce: ", "hubspot: ", "→")
    for crm in CRMS:
        here.control(crm, "faults", "DELETE")
    check_works(here)


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


@pytest.mark.parametrize("out", ["nowhere/plan.json", "policy.yaml/plan.json", "mappings"])
def test_an_out_file_that_cannot_be_written_is_told_before_anything_is_done(here: Rehearsal, out: str) -> None:
    done = here.crmsync("run", "salesforce", "--out", out)
    assert done.returncode == 2
    check_words(done, here, out, "--out")
    assert done.stdout == ""
    assert not here.file("crmsync.db").exists()


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


def test_a_breached_guard_names_the_way_on(here: Rehearsal, shared: Rehearsal) -> None:
    set_guards(here, changed_share=0.5, floor=0)
    for arguments in ([], ["--dry-run"]):
        done = here.crmsync("run", "salesforce", *arguments)
        assert done.returncode == 3
        assert "Guard changed_share" in done.stdout
        assert f"--allow-changes {CHANGES}" in done.stdout
        assert "lead → sqo" in done.stdout
    check_works(here, "salesforce", right=shared)


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


VALIDATION_RULE = {
    "object": "Lead",
    "condition": "Status = 'Sales Qualified'",
    "message": "Sales Qualified needs an approval",
    "field": "Status",
}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Rehearsal]:
    """Practice CRMs that may be written to."""
    with rehearsal(tmp_path / "own", "--import", str(small_world(tmp_path / "world"))) as crms:
        yield crms


def outcomes(plan: Mapping[str, Any]) -> dict[str, str]:
    """Native id → outcome."""
    return {change["lead"]: change["outcome"] for change in plan["changes"]}


def test_a_guard_stops_one_connection_and_a_rule_one_record_of_another(own: Rehearsal) -> None:
    """3 before 4: what a guard stops is not written, what is refused leaves the rest written; all comes later."""
    guards = {"changed_share": 0.5, "floor": 0}
    own.change("crmsync.yaml", lambda data: data["connections"]["hubspot"].update(guards=guards))
    own.control("salesforce", "switches", "PUT", {"validation_rules": [VALIDATION_RULE]})
    sql = own.native("salesforce")["sql-1"]
    done = own.crmsync("run", "--format", "json")
    assert done.returncode == 3
    plans = {plan["connection"]: plan for plan in json.loads(done.stdout)["plans"]}
    assert outcomes(plans["salesforce"]).pop(sql) == "refused"
    assert Counter(outcomes(plans["salesforce"]).values()) == {"written": CHANGES - 1, "refused": 1}
    (refused,) = (change for change in plans["salesforce"]["changes"] if change["lead"] == sql)
    assert "needs an approval" in refused["message"]
    assert sql not in {entry["id"] for entry in own.writes("salesforce")}
    assert [change for change in plans["hubspot"]["changes"] if "outcome" in change] == []
    assert own.writes("hubspot") == []

    own.control("salesforce", "switches", "PUT", {"validation_rules": []})
    plans = {plan["connection"]: plan for plan in own.json("run", "--allow-changes", str(CHANGES))["plans"]}
    assert outcomes(plans["salesforce"]) == {sql: "written"}
    assert Counter(outcomes(plans["hubspot"]).values()) == {"written": CHANGES}
    for crm in CRMS:  # the turn of the refused hand-off was given back: two hand-offs, one for each AE
        owners = {lead["id"]: lead["owner"] for lead in own.state(crm)["leads"]}
        assert {owners["sql-1"], owners["sqo-1"]} == {"ae-1", "ae-2"}


def test_records_that_are_refused_are_told_and_written_later(own: Rehearsal) -> None:
    """An AE who leaves between the plan and its writes: exit 4; the next run gives their leads to somebody else."""
    own.json("run", "--dry-run")
    for crm in CRMS:
        own.control(crm, "faults", "PUT", [{"path": READ_BY_ID[crm], "delay_seconds": 5, "times": 1}])
    with own.start("run", "--format", "json") as running:
        for crm in CRMS:  # they run one after the other
            wait_until(lambda crm=crm: own.control(crm, "faults")[0]["fired"], what=f"the first write to {crm}")
            own.edit(crm, users=[{"id": "ae-1", "active": False}])
        assert running.wait() == 4
    plans = {plan["connection"]: plan for plan in json.loads(running.stdout)["plans"]}
    for crm in CRMS:
        native = {id_: lead for lead, id_ in own.native(crm).items()}
        told = {native[lead]: outcome for lead, outcome in outcomes(plans[crm]).items()}
        assert Counter(told.values()) == {"written": CHANGES - 1, "refused": 1}
        (refused,) = (lead for lead, outcome in told.items() if outcome == "refused")
        assert refused in {"sql-1", "sqo-1"}
        assert own.lead(crm, refused)["owner"] == "bdr-1"
        assert own.lead(crm, refused)["stage"] == NATIVE[crm]["lead"], "half a change was written"
    assert told_in(running.stderr, personal_data(own.state("hubspot"))) == []
    for plan in own.json("run")["plans"]:
        assert list(outcomes(plan).values()) == ["written"] * 2
    for crm in CRMS:
        for lead in ("sql-1", "sqo-1", "done-sqo"):
            assert own.lead(crm, lead)["owner"] == "ae-2"
            assert own.lead(crm, lead)["stage"] == NATIVE[crm]["sql" if lead == "sql-1" else "sqo"]

"""`crmsync init` without a terminal: from an empty folder to a configuration that `check --data` passes."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from commands import Done, crmsync
from rehearsal import CRMS, Rehearsal, practice, write_world
from ruamel.yaml import YAML
from small_world import USERS, activity, lead

from suite.breadth import broadly

SECRET = "s3cret-that-nobody-sees"
CREDENTIALS = {
    "salesforce": {"CRMSYNC_SALESFORCE_CLIENT_ID": "the-app", "CRMSYNC_SALESFORCE_CLIENT_SECRET": SECRET},
    "hubspot": {"CRMSYNC_HUBSPOT_ACCESS_TOKEN": SECRET},
}
FAST = ("--set", "calls_per_10_seconds=10000", "--set", "searches_per_second=1000", "--set", "settle_seconds=0")
"""A practice portal answers as fast as it is asked."""
FACTS = (
    "industry",
    "employees",
    "country",
    "title",
    "seniority",
    "budget",
    "authority",
    "need",
    "timeline",
    "interest",
)


def odd_world(directory: Path) -> Path:
    """Leads whose facts stand in fields that nobody would guess, and whose stages are the firm's own."""
    leads = [
        lead(f"odd-{number}", owner="bdr-1" if number % 2 else "ae-1", stage={"salesforce": "Neu", "hubspot": "lead"},
             attributes={"xx_bud_conf": "Ja" if number % 3 else "Nein", "einsatz_ab": "0-3 Monate", "branche": "Bau"})
        for number in range(40)
    ]  # fmt: skip
    return write_world(directory, USERS, leads, [activity("odd-1", "call", outcome="connected")])


@pytest.fixture(scope="module", params=["generated", "odd"])
def urls(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Both practice CRMs without any configuration."""
    place = tmp_path_factory.mktemp("crms")
    filled = ("--leads", "120", "--seed", "3")
    options = filled if request.param == "generated" else ("--import", str(odd_world(place / "world")))
    with practice(place / "practice", "--crm", "both", *options) as served:
        yield served


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The generated ones only."""
    with practice(tmp_path_factory.mktemp("one") / "practice", "--crm", "both", "--leads", "400") as served:
        yield served


def init(directory: Path, urls: Mapping[str, str], crm: str, *more: str, **env: str) -> Done:
    """In the folder, with credentials from the environment, asking nobody."""
    directory.mkdir(exist_ok=True)
    given = ("--connector", crm, "--url", urls[crm], *(FAST if crm == "hubspot" else ()))
    return crmsync("init", *given, *more, cwd=directory, env={**CREDENTIALS[crm], "COLUMNS": "80", **env})


def everything(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def answer(done: Done) -> dict[str, Any]:
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("crm", broadly(CRMS))
def test_the_configuration_works_and_the_second_time_nothing_changes(
    urls: Mapping[str, str], tmp_path: Path, crm: str
) -> None:
    here = tmp_path / "firm"
    done = init(here, urls, crm, "--preset", "saas", "--yes")
    assert done.returncode in (0, 4), done.stderr + done.stdout
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []
    unmapped = re.findall(r"the fact `(\w+)` is unmapped", done.stdout)
    assert (done.returncode == 4) == bool(unmapped), "what is open besides is told, and works"
    assert ("\nOpen\n" in re.sub(" +\n", "\n", done.stdout)) or not unmapped
    mapping = YAML(typ="safe").load(here / f"mappings/{crm}.yaml")
    assert [name for name, fact in mapping["facts"].items() if fact == "unmapped"] == unmapped
    assert set(FACTS) <= set(mapping["facts"])
    check = crmsync("check", "--data", "--format", "json", cwd=here)
    assert check.returncode == 0, check.stdout
    assert [each for each in answer(check)["findings"] if each["severity"] == "error"] == []
    before = everything(here)
    again = init(here, urls, crm, "--preset", "saas", "--yes")
    assert again.returncode == done.returncode
    assert "Nothing has changed since." in again.stdout
    assert everything(here) == before
    assert urls[crm] in before["crmsync.yaml"].decode()
    assert "writes: off" in before["crmsync.yaml"].decode()
    rehearsal = Rehearsal(here, urls)
    assert rehearsal.writes(crm) == [], "nothing is written to the CRM"


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_secrets_stand_in_one_file_that_nobody_else_may_read(
    generated: Mapping[str, str], tmp_path: Path, crm: str
) -> None:
    done = init(tmp_path / "firm", generated, crm, "--yes")
    assert done.returncode == 0, done.stderr + done.stdout
    files = everything(tmp_path / "firm")
    assert [name for name, content in files.items() if SECRET.encode() in content] == [".env"]
    assert SECRET not in done.stdout + done.stderr
    assert stat.S_IMODE((tmp_path / "firm/.env").stat().st_mode) == 0o600
    assert crmsync("run", "--dry-run", "--limit", "1", cwd=tmp_path / "firm").returncode == 0, "they suffice"
    (tmp_path / "firm/.env").chmod(0o644)
    init(tmp_path / "firm", generated, crm, "--yes")
    assert stat.S_IMODE((tmp_path / "firm/.env").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("crm", "url", "env", "code", "words"),
    broadly(
        [
            ("salesforce", None, {"CRMSYNC_SALESFORCE_CLIENT_SECRET": "invalid"}, 1, "refused"),
            ("hubspot", None, {"CRMSYNC_HUBSPOT_ACCESS_TOKEN": "invalid"}, 1, "token"),
            ("salesforce", "http://127.0.0.1:9", {"CRMSYNC_SALESFORCE_RETRY_SECONDS": "0"}, 1, "check `url`"),
            ("hubspot", "http://127.0.0.1:9", {"CRMSYNC_HUBSPOT_ATTEMPTS": "1"}, 1, "url"),
            ("salesforce", "https://acme.lightning.force.com", {}, 2, "acme.my.salesforce.com"),
            ("hubspot", "https://app.hubspot.com", {}, 2, "address for people in browsers"),
            ("hubspot", None, {"CRMSYNC_HUBSPOT_ACCESS_TOKEN": ""}, 2, "CRMSYNC_HUBSPOT_ACCESS_TOKEN"),
        ],
        core=2,
    ),
)
def test_what_cannot_be_is_told_in_words(
    generated: Mapping[str, str],
    tmp_path: Path,
    crm: str,
    url: str | None,
    env: dict[str, str],
    code: int,
    words: str,
) -> None:
    done = init(tmp_path, {crm: url or generated[crm]}, crm, "--yes", **env)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr and "did not foresee" not in done.stderr
    assert set(everything(tmp_path)) <= {".env"}, "no half of a configuration"


@pytest.mark.parametrize(
    ("arguments", "option"),
    [((), "--connector"), (("--connector", "salesforce"), "--url"), (("--connector", "nonesuch"), "is installed")],
)
def test_without_a_terminal_nobody_is_asked(tmp_path: Path, arguments: tuple[str, ...], option: str) -> None:
    done = crmsync("init", *arguments, cwd=tmp_path)
    assert (done.returncode, option in done.stderr) == (2, True), done.stderr
    assert everything(tmp_path) == {}


@pytest.mark.breadth
def test_what_the_user_may_not_read_is_told_and_gone_without(generated: Mapping[str, str], tmp_path: Path) -> None:
    crms = Rehearsal(tmp_path, generated)
    hidden = {"hidden_objects": ["Event", "UserRole"], "hidden_fields": ["User.Title", "Lead.Budget__c"]}
    crms.control("salesforce", "switches", "PUT", hidden)
    try:
        done = init(tmp_path, generated, "salesforce", "--yes")
    finally:
        crms.control("salesforce", "switches", "PUT", {"hidden_objects": [], "hidden_fields": []})
    assert done.returncode == 4, done.stderr + done.stdout
    shown = " ".join(done.stdout.split())
    assert "Event is left out: Salesforce has no object 'Event' for this user" in shown
    assert "users are read without roles" in shown
    assert "titles and profiles of users are not known" in shown
    assert "the fact `budget` is unmapped" in shown
    mapping = YAML(typ="safe").load(tmp_path / "mappings/salesforce.yaml")
    assert [each["object"] for each in mapping["activities"]] == ["Task"]


@pytest.mark.breadth
@pytest.mark.parametrize(
    ("path", "scope", "codes"),
    [("^/marketing/v3/forms", "forms", (0, 4)), ("^/crm/v3/owners", "crm.objects.owners.read", (1, 2))],
)
def test_hubspot_without_a_scope_is_told_with_the_scope(
    generated: Mapping[str, str], tmp_path: Path, path: str, scope: str, codes: tuple[int, ...]
) -> None:
    """What a run can do without is left out; what it cannot, `check` tells."""
    crms = Rehearsal(tmp_path, generated)
    missing = {"message": "One or more", "context": {"requiredGranularScopes": [scope]}}
    words = "This app hasn't been granted all required scopes"
    body = {"status": "error", "category": "MISSING_SCOPES", "message": words, "errors": [missing]}
    crms.control("hubspot", "faults", "PUT", [{"path": path, "status": 403, "body": body}])
    try:
        done = init(tmp_path, generated, "hubspot", "--yes")
    finally:
        crms.control("hubspot", "faults", "DELETE")
    assert done.returncode in codes, done.stderr + done.stdout
    assert scope in re.sub(r"\s+", "", done.stdout)
    mapping = YAML(typ="safe").load(tmp_path / "mappings/hubspot.yaml")
    objects = [each["object"] for each in mapping["activities"]]
    assert ("form_submissions" in objects) == (scope != "forms")


@pytest.mark.breadth
def test_answers_come_before_suggestions_and_can_be_replayed(generated: Mapping[str, str], tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text(
        "format: 1\nconnector: salesforce\nsells: consulting\nladder: sql-sqo\nhand_off: sqo\n"
        "facts: {budget: unmapped, title: Company, goals: unmapped}\n"
        "roles: {nora.haas@ourfirm.example: ae, greta.fischer@ourfirm.example: none}\n",
        encoding="utf-8",
    )
    for folder in ("one", "two"):
        done = init(tmp_path / folder, generated, "salesforce", "--answers", "../answers.yaml", "--yes")
        assert done.returncode == 0, done.stderr + done.stdout
    one, two = (everything(tmp_path / folder) for folder in ("one", "two"))
    for files in (one, two):
        del files["crmsync.db"]
    assert {name: text for name, text in one.items() if "lock" not in name} == {
        name: text for name, text in two.items() if "lock" not in name
    }
    policy = YAML(typ="safe").load(one["policy.yaml"].decode())
    assert (policy["extends"], policy["hand_off"]) == ("consulting-sql-sqo", {"stage": "sqo"})
    facts = YAML(typ="safe").load(one["mappings/salesforce.yaml"].decode())["facts"]
    assert (facts["budget"], facts["title"]) == ("unmapped", {"field": "Company", "type": "text"})
    people = {each["user"]: each["roles"] for each in YAML(typ="safe").load(one["roster.yaml"].decode())["people"]}
    assert people["nora.haas@ourfirm.example"] == ["ae"]
    assert "greta.fischer@ourfirm.example" not in people


@pytest.mark.parametrize(
    ("line", "words"),
    broadly(
        [
            ("facts: {budget: Nonesuch__c}", "Nonesuch__c"),
            ("roles: {nobody@nowhere.example: ae}", "no user of the CRM"),
            ("roles: {nora.haas@ourfirm.example: boss}", "answers.yaml:2"),
            ("password: x", "answers.yaml:2"),
            ("sign_in: smoke", "client_credentials"),
            ("preset: nonesuch", "saas"),
        ],
        core=2,
    ),
)
def test_wrong_answers_are_told(generated: Mapping[str, str], tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "answers.yaml").write_text(f"format: 1\n{line}\n", encoding="utf-8")
    done = init(tmp_path, generated, "salesforce", "--answers", "answers.yaml", "--yes")
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert set(everything(tmp_path)) <= {".env", "answers.yaml"}


def test_files_of_people_are_kept_and_what_would_change_is_shown(
    generated: Mapping[str, str], tmp_path: Path
) -> None:
    init(tmp_path, generated, "salesforce", "--yes")
    mapping = tmp_path / "mappings/salesforce.yaml"
    edited = mapping.read_text(encoding="utf-8").replace("field: Industry,", "field: Company,")
    mapping.write_text(edited, encoding="utf-8")
    done = init(tmp_path, generated, "salesforce", "--yes")
    assert "mappings/salesforce.yaml is kept as it is" in done.stdout
    assert "+  industry: {field: Industry, type: text}" in done.stdout
    assert mapping.read_text(encoding="utf-8") == edited
    done = init(tmp_path, generated, "salesforce", "--yes", "--replace")
    assert done.returncode == 0
    assert "field: Industry," in mapping.read_text(encoding="utf-8")


@pytest.mark.breadth
def test_who_is_new_is_added_and_what_no_longer_fits_comes_before_the_next_steps(
    generated: Mapping[str, str], tmp_path: Path
) -> None:
    """What is added is shown; a mapping that was kept and fits no more is told with what helps."""
    assert init(tmp_path, generated, "salesforce", "--preset", "saas", "--yes").returncode == 0
    roster, mapping = tmp_path / "roster.yaml", tmp_path / "mappings/salesforce.yaml"
    people = roster.read_text("utf-8").splitlines()
    roster.write_text("\n".join(people[:-2]) + "\n", encoding="utf-8")
    mapping.write_text(mapping.read_text("utf-8").replace("Budget__c", "Bdget__c"), encoding="utf-8")
    done = init(tmp_path, generated, "salesforce", "--preset", "saas", "--yes")
    assert done.returncode == 2
    assert f"Added to roster.yaml:\n+{people[-2]}\n+{people[-1]}\n" in done.stdout
    assert roster.read_text("utf-8").splitlines() == people
    after = done.stdout.rpartition("\nNext\n")[2]
    assert after.split()[:2] == ["crmsync", "check"]
    assert "crmsync run" not in after


@pytest.mark.breadth
def test_a_second_crm_comes_beside_the_first(generated: Mapping[str, str], tmp_path: Path) -> None:
    assert init(tmp_path, generated, "salesforce", "--yes").returncode == 0
    before = everything(tmp_path)
    done = init(tmp_path, generated, "hubspot", "--yes")
    assert done.returncode in (0, 4), done.stderr + done.stdout
    after = everything(tmp_path)
    for name in ("policy.yaml", "mappings/salesforce.yaml"):
        assert after[name] == before[name]
    assert after[".env"].startswith(before[".env"])
    configured = YAML(typ="safe").load(after["crmsync.yaml"].decode())
    assert list(configured["connections"]) == ["salesforce", "hubspot"]
    check = crmsync("check", "--format", "json", cwd=tmp_path)
    assert check.returncode == 0, check.stdout


@pytest.mark.breadth
def test_json_is_for_programs(generated: Mapping[str, str], tmp_path: Path) -> None:
    told = answer(init(tmp_path, generated, "hubspot", "--yes", "--format", "json"))
    assert told["exit_code"] == 0
    assert {each["path"]: each["state"] for each in told["files"]}["mappings/hubspot.yaml"] == "written"
    assert {each["fact"]: each["field"] for each in told["facts"]}["budget"] == "budget"
    assert told["gaps"] == []
    assert told["next"][-1] == "crmsync run hubspot --limit 10"

"""Policies are read, described and tested with the real command beside a rehearsal; no CRM is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from rehearsal import CRMS, Rehearsal, crmsync, rehearsal
from ruamel.yaml import YAML

from suite.breadth import broadly

CASES = """\
format: 1
as_of: 2026-11-21
examples:
  - name: a demo request from a bank
    facts: {industry: Banking, employees: 400, budget: available}
    activities: [{kind: demo_request, days_ago: 3}]
    owner: BDR
    expect: {stage: sqo, conditions: {fits_target_market: met}, owner: [AES]}
  - name: only the newsletter
    activities: [{kind: newsletter_signup, days_ago: 3}]
    expect: {stage: sal}
"""


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A configuration; what the CRMs were asked is looked at when all is done."""
    with rehearsal(tmp_path_factory.mktemp("policy") / "rehearsal", "--leads", "200", "--seed", "3") as crms:
        yield crms
        assert {name: sum(crms.calls(name).values()) for name in CRMS} == dict.fromkeys(CRMS, 0)
        assert not crms.file("crmsync.db").exists()


@pytest.fixture
def here(crm: Rehearsal, tmp_path: Path) -> Rehearsal:
    """A copy to change."""
    return crm.copy(tmp_path / "here")


def cases(here: Rehearsal) -> str:
    people = YAML(typ="safe").load(here.file("roster.yaml"))["people"]
    bdr = next(person["user"] for person in people if "bdr" in person["roles"])
    aes = [person["user"] for person in people if "ae" in person["roles"]]
    return CASES.replace("BDR", json.dumps(bdr)).replace("[AES]", json.dumps(aes))


def test_the_page_of_the_configured_policy(here: Rehearsal) -> None:
    done = here.crmsync("policy", "describe", "--out", "policy.md")
    assert done.returncode == 0, done.stderr
    assert here.file("policy.md").read_text(encoding="utf-8") == done.stdout
    assert done.stdout.startswith("# When is a lead qualified? Rehearsal\n")
    assert "## Agreed" in done.stdout
    page = here.crmsync("policy", "describe", "--format", "html").stdout
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    told = here.json("policy", "describe")
    assert told["signed_by"] == ["Marketing", "Sales"]
    assert [section["title"] for section in told["sections"]][:3] == [
        "How to read this page",
        "The stages",
        "The word of sales",
    ]


def test_a_changed_policy_is_another_wording(here: Rehearsal) -> None:
    before = here.json("policy", "describe")["digest"]
    here.change("policy.yaml", lambda data: data.update(next_action={"sql": "Call them"}))
    after = here.json("policy", "describe")
    assert after["digest"] != before
    assert "Call them" in json.dumps(after)


def test_show_writes_out_what_is_extended_and_is_a_policy_itself(here: Rehearsal) -> None:
    done = here.crmsync("policy", "show", "--out", "whole.yaml")
    assert "extends" not in done.stdout
    assert here.crmsync("policy", "show", "--policy", "whole.yaml").stdout == done.stdout
    assert here.json("policy", "show")["ladder"][-1]["stage"] == "sqo"
    here.change("crmsync.yaml", lambda data: data.update(policy="whole.yaml"))
    assert here.crmsync("policy", "describe").returncode == 0


def test_a_day_of_a_policy_is_a_day_in_json(here: Rehearsal) -> None:
    here.file("policy.yaml").write_text(
        "format: 1\nname: Days\nfacts: {d: {type: date}, n: {type: number}}\n"
        "criteria: {early: {fact: d, before: 2026-12-31}, half: {fact: n, at_least: 0.5}}\n"
        "ladder: [{stage: lead}, {stage: mql, when: early}]\n"
    )
    criteria = here.json("policy", "show")["criteria"]
    assert criteria == {"early": {"fact": "d", "before": "2026-12-31"}, "half": {"fact": "n", "at_least": 0.5}}
    assert "2026-12-31" in json.dumps(here.json("policy", "describe"))


def test_presets_are_listed(here: Rehearsal) -> None:
    listed = {one["name"]: one for one in here.json("policy", "presets")["presets"]}
    assert listed["saas-sal-sqo"]["ladder"] == ["Lead", "Sales accepted lead", "Sales qualified opportunity"]
    table = here.crmsync("policy", "presets").stdout
    assert all(name in table for name in listed)


@pytest.mark.parametrize(
    "preset", broadly(["saas", "consulting", "agency", "saas-sal-sqo", "consulting-sql-sqo", "mql-sql"])
)
def test_shipped_examples_pass_without_any_configuration(preset: str, tmp_path: Path) -> None:
    done = crmsync("test", "--preset", preset, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert re.fullmatch(r"(\d+) of \1 examples as expected\n", done.stdout)


@pytest.mark.parametrize("folder", broadly(["tests", "policy-tests"]))
def test_examples_beside_the_configuration(here: Rehearsal, folder: str) -> None:
    here.file(folder).mkdir()
    (here.file(folder) / "leads.yaml").write_text(cases(here), encoding="utf-8")
    done = here.crmsync("test")
    assert (done.returncode, done.stdout) == (0, "2 of 2 examples as expected\n"), done.stderr
    here.change("policy.yaml", lambda data: data.update(extends="consulting"))
    done = here.crmsync("test")
    assert done.returncode == 4
    line, total = done.stdout.splitlines()
    assert line.startswith(f"{folder}/leads.yaml:4:5: a demo request from a bank: stage is sql, expected sqo (why: ")
    assert total == "1 of 2 examples as expected"
    told = here.json("test", code=4)
    assert (told["cases"], told["passed"], told["failed"]) == (2, 1, 1)
    assert here.json("test", "--policy", "saas")["failed"] == 0


def test_a_broken_file_of_examples(here: Rehearsal) -> None:
    here.file("bad.yaml").write_text("examples:\n  - name: x\n    expct: {stage: lead}\n", encoding="utf-8")
    done = here.crmsync("test", "bad.yaml")
    assert done.returncode == 2
    assert "bad.yaml:3:5: `expct` is not known here" in done.stderr
    assert "did you mean `expect`?" in done.stderr


def test_mistakes_are_told_in_words(here: Rehearsal, tmp_path: Path) -> None:
    for arguments, words in (
        (("test",), "there are no examples"),
        (("test", "nowhere.yaml"), "no such file"),
        (("test", "--preset", "sass"), "did you mean `saas`?"),
        (("policy", "describe", "--policy", "agncy"), "did you mean `agency`?"),
        (("policy", "show", "--config", "nowhere.yaml"), "no such file"),
        (("schema", "lead"), "Invalid value"),
    ):
        done = here.crmsync(*arguments)
        assert done.returncode == 2, arguments
        assert words in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("policy", "policy"),
        ("roster", "roster"),
        ("settings", "crmsync"),
        *(("mapping", f"mappings/{crm}") for crm in CRMS),
    ],
)
def test_schemas_accept_the_written_files(here: Rehearsal, kind: str, file: str) -> None:
    done = here.crmsync("schema", kind, "--out", "schema.json")
    schema = json.loads(done.stdout)
    assert json.loads(here.file("schema.json").read_text(encoding="utf-8")) == schema
    data = YAML(typ="safe").load(here.file(f"{file}.yaml"))
    assert list(Draft202012Validator(schema).iter_errors(data)) == []

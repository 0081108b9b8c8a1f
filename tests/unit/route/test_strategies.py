"""Every strategy: its file, its page (the docstring), its cases, and what the cases say."""

import ast
import re
from datetime import date, datetime
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import polars as pl
import pytest
from routing_world import leads, owners, resolved, roster_of, route
from ruamel.yaml import YAML

from crmsync.model import ACCOUNTS
from crmsync.route import strategies
from crmsync.route.placing.rule_desk import RuleDesk
from crmsync.route.registry import STRATEGIES
from crmsync.values import replace
from suite.breadth import broadly

CASES = Path(__file__).parents[2] / "cases" / "route"


def cases():
    for file in sorted(CASES.glob("*.yaml")):
        for case in YAML(typ="safe").load(file):
            yield pytest.param(case, id=f"{file.stem}: {case['name']}")


def rows(case: list[dict[str, Any]]) -> pl.DataFrame:
    for row in case:
        if "created_at" in row and isinstance(row["created_at"], str):
            row["created_at"] = datetime.fromisoformat(row["created_at"])
    return leads(case)


def options_of(case: dict[str, Any]) -> dict[str, Any]:
    """What else `assign` is told."""
    options = {key: case[key] for key in ("counters", "open_leads", "zone") if key in case}
    if "known" in case:
        options["known"] = rows(case["known"])
    if "accounts" in case:
        options["accounts"] = accounts(case["accounts"])
    if "given_on" in case:
        options["given_on"] = {lead: date.fromisoformat(day) for lead, day in case["given_on"].items()}
    return options


def accounts(given: list[dict[str, Any]]) -> pl.DataFrame:
    """The CRM's accounts, in the order of their claim unless a case says `rank`."""
    unknown = dict.fromkeys(("name", "domain", "facts", "created_at"))
    rows = [{"rank": rank, **unknown, **row} for rank, row in enumerate(given)]
    for row in rows:
        row["created_at"] = row["created_at"] and datetime.fromisoformat(row["created_at"])
    return pl.DataFrame(rows, schema=dict(ACCOUNTS))


@pytest.mark.parametrize("case", list(cases()))
def test_case(case):
    found = resolved(roster_of(**case["roster"]), case.get("inactive", ()), case.get("queues", ()))
    result = route(found, rows(case["leads"]), **options_of(case))

    given = owners(result) | {each.lead: None for each in result.set_aside}
    assert given == case["owners"]
    told = {
        row["lead"]: {each["person"]: each["why"] for each in row["passed_over"]}
        for row in result.assigned.to_dicts()
    }
    for lead, people in case.get("passed_over", {}).items():
        for person, why in people.items():
            assert told[lead].get(person) == why
    reasons = {each.lead: each.reason for each in result.set_aside} | dict(
        result.assigned.select("lead", "reason").iter_rows()
    )
    for lead, reason in case.get("reasons", {}).items():
        assert reasons[lead] == reason
    for lead, people in told.items():
        assert owners(result)[lead] not in people


def test_one_file_each_with_its_cases():
    files = {module.name for module in iter_modules(strategies.__path__)}
    assert files == set(STRATEGIES)
    assert {file.stem for file in CASES.glob("*.yaml")} == files


def test_no_other_room_names_a_strategy():
    """Whoever runs strategies asks for their needs. Words of one part (`queue`, `partner`) mean other things, too."""
    names = {name for name in STRATEGIES if "_" in name}
    package = Path(strategies.__file__).parents[2]
    for file in sorted(package.rglob("*.py")):
        if file.parent.name == "strategies":
            continue
        code = file.read_text(encoding="utf-8")
        if not re.search(r"\.(strategy|then)\b", code) and not any(name in code for name in names):
            continue
        nodes = list(ast.walk(ast.parse(code)))
        texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        assert not names & texts, file
        compared = [ast.unparse(node) for node in nodes if isinstance(node, ast.Compare)]
        assert not [words for words in compared if re.search(r"\.(strategy|then)\b.*['\"]", words)], file


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_the_page_says_when_the_next_rule_decides(name):
    page = STRATEGIES[name].page
    assert len(page) > 200
    assert "next rule" in page


@pytest.mark.parametrize("name", broadly(sorted(STRATEGIES), core=4))
def test_the_cases_show_it_choosing_and_not_finding_anybody_and_use_all_that_it_needs(name, monkeypatch):
    """What is declared and never read would be fetched for nothing, from the CRM even."""
    listed = YAML(typ="safe").load(CASES / f"{name}.yaml")
    assert len(listed) >= 2
    chose, failed, read = [], [], set()
    plain, declared = STRATEGIES[name], RuleDesk._declared

    def choose(desk):
        placement = plain.choose(desk)
        (chose if placement.owner or placement.waits else failed).append(desk.lead.lead)
        return placement

    def noting(desk, need):
        declared(desk, need)
        if desk._strategy.name == name:
            read.add(need)

    monkeypatch.setitem(STRATEGIES, name, replace(plain, choose=choose))
    monkeypatch.setattr(RuleDesk, "_declared", noting)
    for case in listed:
        found = resolved(roster_of(**case["roster"]), case.get("inactive", ()), case.get("queues", ()))
        route(found, rows(case["leads"]), **options_of(case))
    assert chose
    assert failed or plain.waits
    assert read == plain.needs

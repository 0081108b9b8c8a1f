"""`crmsync init` on a CRM whose own fields have German names: its mapping uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from commands import crmsync
from rehearsal import CRMS, practice, write_world
from ruamel.yaml import YAML
from small_world import USERS, activity, lead

SECRET = "s3cret-that-nobody-sees"
CREDENTIALS = {
    "salesforce": {"CRMSYNC_SALESFORCE_CLIENT_ID": "the-app", "CRMSYNC_SALESFORCE_CLIENT_SECRET": SECRET},
    "hubspot": {"CRMSYNC_HUBSPOT_ACCESS_TOKEN": SECRET},
}
FAST = ("--set", "calls_per_10_seconds=10000", "--set", "searches_per_second=1000", "--set", "settle_seconds=0")
HELD = {
    "budget_vorhanden": ("Ja", "Nein", "unbekannt"),
    "entscheider_rolle": ("Entscheider", "Anwender", "Mitentscheider"),
    "zeithorizont": ("sofort", "0-3 Monate", "dieses Jahr"),
    "kaufinteresse": ("hoch", "mittel", "kein Interesse"),
    "rechnung_land": ("Schweiz", "Italien", "Norwegen"),
}
"""Attribute → its values, each held by every third lead."""
USED = {
    "budget": ("budgetvorhanden", {"Ja": "available", "Nein": "none", "unbekannt": None}),
    "authority": (
        "entscheiderrolle",
        {"Entscheider": "decision_maker", "Anwender": "user", "Mitentscheider": "influencer"},
    ),
    "timeline": ("zeithorizont", {"sofort": "now", "0-3 Monate": "this_quarter", "dieses Jahr": "this_year"}),
    "interest": ("kaufinteresse", {"hoch": "strong", "mittel": "some", "kein Interesse": "none"}),
}
"""Fact → its field as bare letters, and what becomes of its values."""


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Both practice CRMs with the German world."""
    place = tmp_path_factory.mktemp("german")
    leads = [
        lead(f"de-{number}", attributes={name: values[number % 3] for name, values in HELD.items()})
        for number in range(90)
    ]
    world = write_world(place / "world", USERS, leads, [activity("de-1", "call", outcome="connected")])
    with practice(place / "practice", "--crm", "both", "--import", str(world)) as served:
        yield served


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_the_mapping_uses_german_fields(urls: Mapping[str, str], tmp_path: Path, crm: str) -> None:
    given = ("--connector", crm, "--url", urls[crm], *(FAST if crm == "hubspot" else ()))
    env = {**CREDENTIALS[crm], "COLUMNS": "80"}
    done = crmsync("init", *given, "--preset", "saas", "--yes", cwd=tmp_path, env=env)
    assert done.returncode in (0, 4), done.stderr + done.stdout
    facts = YAML(typ="safe").load(tmp_path / f"mappings/{crm}.yaml")["facts"]
    for fact, (bare, values) in USED.items():
        assert isinstance(facts[fact], dict), (fact, facts)
        name = facts[fact]["field"].removesuffix("__c").replace("_", "").lower()
        assert (name, facts[fact]["values"]) == (bare, values)
    assert "rechnung" not in str(facts["country"]).lower()
    check = crmsync("check", "--data", cwd=tmp_path)
    assert check.returncode == 0, check.stdout

"""HubSpot lists: whether a contact is on one decides which leads there are, and is a fact."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rehearsal import Rehearsal, rehearsal, write_world
from ruamel.yaml import YAML
from small_world import USERS, activity, lead

NAMES = ("guest", "friend", "stranger", "quiet")
POLICY = """
format: 1
name: Lists
facts: {friend: {type: boolean}}
criteria:
  friend: {fact: friend, is: true}
  never: {activities: {kind: rfp_received}}
ladder:
  - {stage: lead}
  - {stage: mql, when: friend}
  - {stage: sal, when: never}
  - {stage: sql, when: never}
  - {stage: sqo, when: never}
disqualified: {stage: disqualified, when: never}
"""


def somebody(here: Rehearsal, method: str, path: str, body: Any) -> Any:
    """Another program's call."""
    headers = {"Authorization": "Bearer another-program", "Content-Type": "application/json"}
    request = urllib.request.Request(here.urls["hubspot"] + path, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.loads(answer.read())


def made(here: Rehearsal, name: str) -> str:
    """A new list's number."""
    body = {"name": name, "objectTypeId": "0-1", "processingType": "MANUAL"}
    return str(somebody(here, "POST", "/crm/v3/lists", body)["list"]["listId"])


def put(here: Rehearsal, number: str, *names: str, how: str = "add") -> None:
    """Put leads on a list, or take them off."""
    contacts = here.native("hubspot")
    somebody(here, "PUT", f"/crm/v3/lists/{number}/memberships/{how}", [contacts[name] for name in names])


def mapped(here: Rehearsal, leads: str, friends: str) -> None:
    """Only members of the one list are leads; being on the other is a fact."""
    yaml, file = YAML(), here.directory / "mappings" / "hubspot.yaml"
    mapping = yaml.load(file.read_text(encoding="utf-8"))
    mapping["lead"]["when"] = {f"list:{leads}": True}
    mapping["facts"] = {"friend": {"field": f"list:{friends}", "type": "boolean"}}
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(mapping, out)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Rehearsal]:
    world = write_world(tmp_path / "world", USERS, [lead(name) for name in NAMES], [activity("quiet", "note")])
    with rehearsal(tmp_path / "here", "--import", str(world), "--crm", "hubspot") as running:
        running.file("policy.yaml").write_text(POLICY, encoding="utf-8")
        yield running


@pytest.mark.breadth
def test_lists_say_who_is_a_lead_and_decide(here: Rehearsal) -> None:
    guests, friends = made(here, "Guests"), made(here, "Friends")
    put(here, guests, "guest", "friend", "quiet")
    put(here, friends, "friend", "stranger")
    mapped(here, guests, friends)
    told = here.crmsync("check", "hubspot")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "which the CRM calculates" in " ".join(told.stdout.split())

    names = {native: name for name, native in here.native("hubspot").items()}
    [plan] = here.json("run")["plans"]
    assert plan["counts"]["leads"] == 3
    assert [names[change["lead"]] for change in plan["changes"] if change["stage"]] == ["friend"]

    # A membership moves no stamp: a complete reading sees it.
    put(here, guests, "quiet", how="remove")
    put(here, guests, "stranger")
    [plan] = here.json("run", "--full")["plans"]
    assert (plan["counts"]["leads"], plan["counts"]["left_scope"]) == (3, 1)
    assert [names[change["lead"]] for change in plan["changes"] if change["stage"]] == ["stranger"]


def test_a_list_that_is_not_there_stops_the_run_before_it_writes(here: Rehearsal) -> None:
    mapped(here, "4711", "4712")
    done = here.crmsync("run")
    assert done.returncode == 2
    assert "HubSpot has no list" in done.stdout + done.stderr
    assert here.writes("hubspot") == []

"""The example leads of a whole definition as a practice world: the same people, doing the same on the same days.

A definition is a folder of `docs/examples`; its leads are those of `policy-tests`, and what each of them gets in one
run stands in a table of its README. Both CRMs and crmsync live at noon of the day that the examples count from.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from rehearsal import CRMS, Rehearsal, practice, write_world
from written_fields import native as native_field

from crmsync import clock
from crmsync.configuration import read_document

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
ENVIRONMENT = {
    "CRMSYNC_SALESFORCE_CLIENT_ID": "practice-client",
    "CRMSYNC_SALESFORCE_CLIENT_SECRET": "practice-secret",
    "CRMSYNC_HUBSPOT_ACCESS_TOKEN": "pat-na1-practice",
}
FOREIGN = {"salesforce": "Closed - Converted", "hubspot": "customer"}
"""A stage that no definition manages."""
OLD = 90
"""Days since the creation of leads that do not say."""
REAL = clock.now


@dataclass(frozen=True)
class Outcome:
    """What a lead has in each CRM after the run, as its README says; `fields`: scores and grades, as texts."""

    stage: str | None
    fields: Mapping[str, str]
    owner: Mapping[str, str | None]


@dataclass(frozen=True)
class Definition:
    """A folder of `docs/examples`, read."""

    name: str
    as_of: date
    policy: Mapping[str, Any]
    examples: Sequence[Mapping[str, Any]]
    people: Sequence[str]
    queues: Sequence[str]
    outcomes: Mapping[str, Outcome]

    @property
    def folder(self) -> Path:
        """Where it stands."""
        return EXAMPLES / self.name

    @property
    def lowest(self) -> str:
        """The stage at which every lead stands at least."""
        return str(self.policy["ladder"][0]["stage"])

    @property
    def written(self) -> Sequence[str]:
        """Its scores and grades, which the mappings write to fields of these names."""
        return [*self.policy["scores"], *self.policy.get("grades", ())]


def definition(name: str) -> Definition:
    """Reads a definition."""
    folder = EXAMPLES / name
    leads = _yaml(folder / "policy-tests" / "leads.yaml")
    roster = _yaml(folder / "roster.yaml")
    people = [person["user"] for person in roster["people"]]
    return Definition(
        name,
        leads["as_of"],
        _yaml(folder / "policy.yaml"),
        leads["examples"],
        people,
        sorted(
            {*_queues(roster["rules"])} | {each["owner"] for each in leads["examples"] if "owner" in each} - {*people}
        ),
        _outcomes((folder / "README.md").read_text(encoding="utf-8")),
    )


def _yaml(file: Path) -> Any:
    return read_document(file.read_text(encoding="utf-8"), file.name).data


def _queues(rules: Any) -> Iterator[str]:
    """The names of all queues under the roster's rules."""
    if isinstance(rules, Mapping):
        for key, value in rules.items():
            if key == "queue":
                yield from value.values() if isinstance(value, Mapping) else [value]
            else:
                yield from _queues(value)
    elif isinstance(rules, Sequence) and not isinstance(rules, str):
        for rule in rules:
            yield from _queues(rule)


def _outcomes(page: str) -> dict[str, Outcome]:
    """The rows of the README's table that begins with `lead`, `stage`, fields, `owner`.

    An owner is one for all, or one for each CRM with a slash between; a dash is nothing.
    """
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in re.findall(r"^\|.*\|$", page, re.M)
    ]
    begin = next(number for number, row in enumerate(rows) if row[:2] == ["lead", "stage"])
    header, found = rows[begin], {}
    for row in rows[begin + 2 :]:
        if len(row) != len(header):
            break
        cells = {name: None if cell in ("–", "nobody") else cell for name, cell in zip(header, row, strict=True)}
        fields = {name: cells[name] for name in header[2 : header.index("owner")]}
        owners = [None if one == "nobody" else one for one in (cells["owner"] or "nobody").split(" / ")]
        found[str(cells["lead"])] = Outcome(
            cells["stage"],
            {name: value for name, value in fields.items() if value is not None},
            dict(zip(CRMS, owners * len(CRMS), strict=False)),
        )
    return found


def lead_id(example: Mapping[str, Any]) -> str:
    """The word before the colon of the example's name."""
    return str(example["name"]).split(":")[0]


@contextmanager
def practised(told: Definition, place: Path) -> Iterator[Rehearsal]:
    """The definition in a folder of one's own, switched on, and both CRMs with its people and leads, on its day.

    What leads came through before is done on the days that the examples tell, by a person, and looked at then.
    """
    world = write_world(place / "world", list(_users(told)), [_lead(told, each) for each in told.examples])
    shutil.copytree(told.folder, place / "here")
    with practice(place / "practice", "--today", told.as_of.isoformat(), "--import", str(world)) as urls:
        here = Rehearsal(place / "here", urls)
        here.change("crmsync.yaml", lambda data: _switched_on(data, urls))
        (place / "here" / ".env").write_text("".join(f"{key}={value}\n" for key, value in ENVIRONMENT.items()))
        (place / "here" / ".env").chmod(0o600)
        ways = sorted({stay["days_ago"] for each in told.examples for stay in each.get("history", ())}, reverse=True)
        before = [ways[0] + 1, *ways] if ways else []
        for number, days_ago in enumerate([*before, 0]):
            with on(here, told.as_of - timedelta(days=days_ago)):
                if number == 0:
                    for crm in CRMS:
                        here.json("provision", crm, "--yes")
                if days_ago:
                    _came(told, here, days_ago)
                    here.json("run", "--dry-run")
        with on(here, told.as_of):
            for crm in CRMS:
                here.edit(crm, activities=list(_activities(told)))
            yield here


@contextmanager
def on(here: Rehearsal, day: date) -> Iterator[None]:
    """It is noon of this day, for crmsync and for the CRMs."""
    noon = datetime.combine(day, time(12), UTC)
    ahead = noon - REAL()
    for crm in CRMS:
        here.control(crm, "clock", "PUT", {"now": noon.isoformat()})
    with mock.patch("crmsync.clock.now", lambda: REAL() + ahead):
        yield


def _switched_on(data: Any, urls: Mapping[str, str]) -> None:
    for crm, connection in data["connections"].items():
        connection.update(writes="on", options={"url": urls[crm]}, guards={"changed_share": 1.0})
        if crm == "hubspot":
            connection["options"].update(calls_per_10_seconds=10000, searches_per_second=1000, settle_seconds=0)


def _users(told: Definition) -> Iterator[dict[str, Any]]:
    for email in told.people:
        name = email.split("@")[0].capitalize()
        yield {"id": email, "type": "person", "name": f"{name} Seller", "email": email, "roles": [], "active": True}
    for queue in told.queues:
        yield {"id": queue, "type": "queue", "name": queue, "email": None, "roles": [], "active": True}


def _lead(told: Definition, example: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(example.get("facts", {}))
    created = datetime.combine(told.as_of - timedelta(days=example.get("created_days_ago", OLD)), time(8), UTC)
    history = example.get("history", ())
    return {
        "id": lead_id(example),
        "email": facts.pop("email"),
        "company": facts.pop("company", None),
        "first_name": "Lead",
        "last_name": lead_id(example),
        "owner": example.get("owner"),
        "stage": native(told, None if history else example.get("stage")) if example.get("managed", True) else FOREIGN,
        "created_at": created.isoformat(),
        "modified_at": created.isoformat(),
        "attributes": {
            name: value.isoformat() if isinstance(value, date) else value for name, value in facts.items()
        },
    }


def native(told: Definition, stage: str | None) -> dict[str, str] | None:
    """A policy's stage in the words of each CRM, as the definition's mappings have it."""
    if stage is None:
        return None
    words = {}
    for crm in CRMS:
        value = _yaml(told.folder / "mappings" / f"{crm}.yaml")["stage"]["values"][stage]
        words[crm] = _first_word(value)
    return words


def _first_word(value: Any) -> str:
    """What is written for a stage: a value, the first of several, a label, or what another field is set to."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return str(value["label"] if "label" in value else next(iter(value["set"].values())))
    return str(value[0])


def _came(told: Definition, here: Rehearsal, days_ago: int) -> None:
    for crm in CRMS:
        moves = [
            {"id": lead_id(each), "stage": (native(told, stay["stage"]) or {})[crm]}
            for each in told.examples
            for stay in each.get("history", ())
            if stay["days_ago"] == days_ago
        ]
        if moves:
            here.edit(crm, leads=moves)


def _activities(told: Definition) -> Iterator[dict[str, Any]]:
    for example in told.examples:
        for number, one in enumerate(example.get("activities", ())):
            at = datetime.combine(told.as_of - timedelta(days=one.get("days_ago", 1)), time(9), UTC)
            for copy in range(one.get("times", 1)):
                yield {
                    "id": f"{lead_id(example)}-{number}-{copy}",
                    "lead": lead_id(example),
                    "at": (at + timedelta(minutes=copy)).isoformat(),
                    "subject": None,
                    **{key: one.get(key) for key in ("kind", "outcome", "direction", "by")},
                }


def written(told: Definition, here: Rehearsal, crm: str) -> dict[str, dict[str, str]]:
    """Lead → its scores and grades, as the CRM's own API tells them."""
    fields = {native_field(crm, name): name for name in told.written}
    if crm == "salesforce":
        query = f"SELECT Id, {', '.join(fields)} FROM Lead".replace(" ", "+")
        rows = {row["Id"]: row for row in here.native_get(crm, f"/services/data/v62.0/query?q={query}")["records"]}
    else:
        answer = here.native_get(crm, f"/crm/v3/objects/contacts?limit=100&properties={','.join(fields)}")
        rows = {row["id"]: row["properties"] for row in answer["results"]}
    return {
        lead: {
            name: str(rows[record][field]).removesuffix(".0")
            for field, name in fields.items()
            if rows[record].get(field) is not None
        }
        for lead, record in here.native(crm).items()
    }

"""Made orgs (tests/data/orgs) loaded into a practice CRM, and `crmsync init --yes` on them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commands import crmsync
from rehearsal import practice, write_world
from ruamel.yaml import YAML
from small_world import USERS, activity, lead

LEADS = 60
SECRET = "s3cret-that-nobody-sees"
CREDENTIALS = {
    "salesforce": {"CRMSYNC_SALESFORCE_CLIENT_ID": "the-app", "CRMSYNC_SALESFORCE_CLIENT_SECRET": SECRET},
    "hubspot": {"CRMSYNC_HUBSPOT_ACCESS_TOKEN": SECRET},
}
FAST = ("--set", "calls_per_10_seconds=10000", "--set", "searches_per_second=1000", "--set", "settle_seconds=0")
STANDARD = {
    "Industry": ("industry", "Manufacturing"), "NumberOfEmployees": ("employees", 120),
    "Country": ("country", "Norway"),
    "Title": ("title", "Buyer"), "industry": ("industry", "Manufacturing"), "numemployees": ("employees", 120),
    "country": ("country", "Norway"), "jobtitle": ("title", "Buyer"),
}  # fmt: skip
"""Standard field → as the import calls it, and a value."""


def complaints(path: Path, place: Path) -> list[str]:
    """What of `init --yes` does not hold: that it works, that `check --data` passes, that again is no news."""
    org = YAML(typ="safe").load(path)
    crm = org["connector"]
    world = _world(org, place / "world")
    here = place / "firm"
    here.mkdir(parents=True)
    env = {**CREDENTIALS[crm], "COLUMNS": "80"}
    with practice(place / "practice", "--crm", crm, "--import", str(world)) as urls:
        given = (
            "--connector",
            crm,
            "--url",
            urls[crm],
            *(FAST if crm == "hubspot" else ()),
            "--preset",
            "agency",
            "--yes",
        )
        done = crmsync("init", *given, cwd=here, env=env)
        if done.returncode not in (0, 4):
            return [f"exit {done.returncode}: {done.stdout[-600:]}{done.stderr[-600:]}"]
        wrong = []
        if (done.returncode == 4) != ("\nOpen" in done.stdout):
            wrong.append(f"exit {done.returncode}, and gaps are told: {done.returncode == 0}")
        check = crmsync("check", "--data", cwd=here)
        if check.returncode != 0:
            wrong.append(f"check --data: {check.stdout[-800:]}")
        before = _files(here)
        again = crmsync("init", *given, cwd=here, env=env)
        if again.returncode != done.returncode or "Nothing has changed since." not in again.stdout:
            wrong.append(f"again exit {again.returncode}: {again.stdout[-600:]}")
        if _files(here) != before:
            wrong.append("the second time files have changed")
        return wrong


def _world(org: Mapping[str, Any], directory: Path) -> Path:
    """Every lead holds one option of each field, and stands at one of the stages, in turn."""
    stages = list(org["stages"])
    leads = [
        lead(f"made-{number}", owner="bdr-1" if number % 2 else "ae-1", attributes=_attributes(org, number),
             stage={org["connector"]: stages[number % len(stages)]})
        for number in range(LEADS)
    ]  # fmt: skip
    return write_world(directory, USERS, leads, [activity("made-1", "call", outcome="connected")])


def _attributes(org: Mapping[str, Any], number: int) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, share in org["filled"].items():
        if name in STANDARD and number < share * LEADS:
            called, value = STANDARD[name]
            told[called] = value
    for field in org["fields"]:
        if number >= field["filled"] * LEADS:
            continue
        told[field["name"].removesuffix("__c").split("__")[-1].lower()] = _value(field, number)
    return told


def _value(field: Mapping[str, Any], number: int) -> Any:
    if field["type"] == "boolean":
        return number % 2 == 0
    if field["type"] in ("number", "money"):
        return 10 * (number + 1)
    options = list(field.get("options", ()))
    return str(options[number % len(options)]) if options else f"Text {number % 7}"


def _files(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}

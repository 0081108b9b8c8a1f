"""What mapping and policy write is made in both practice CRMs, once, and nothing that was there is changed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal

NAMES = {
    "salesforce": {"band": "Acme_Band__c", "why": "Acme_Why__c", "before": "Acme_Before__c", "day": "Acme_Day__c"},
    "hubspot": {"band": "acme_band", "why": "acme_why", "before": "acme_before", "day": "acme_day"},
}
NEW_STAGE = {"salesforce": "Taken by Sales", "hubspot": {"label": "Taken by Sales"}}
STANDARD_FIELDS = {
    "salesforce": "/services/data/v62.0/sobjects/Lead/describe",
    "hubspot": "/crm/v3/properties/contacts",
}


def asked_for(here: Rehearsal, crm: str) -> None:
    """A mapping that writes fields and a stage value which the CRM lacks."""

    def change(data: Any) -> None:
        names = NAMES[crm]
        data["stage"]["values"]["sal"] = NEW_STAGE[crm]
        data["write"] = {
            "bands": {"fit": names["band"]},
            "reasons": names["why"],
            "previous_owner": names["before"],
            "stage_days": {"sql": {"first": names["day"]}},
        }

    here.change(f"mappings/{crm}.yaml", change)


def states(told: dict[str, Any]) -> dict[str, str]:
    return {f"{each['kind']} {each['name']}": each["state"] for each in told["provisions"]}


def fields(here: Rehearsal, crm: str) -> dict[str, Any]:
    answer = here.native_get(crm, STANDARD_FIELDS[crm])
    listed = answer["fields"] if crm == "salesforce" else answer["results"]
    return {each["name"]: each for each in listed}


@pytest.mark.parametrize("crm", CRMS)
def test_what_is_missing_is_made_once_and_then_there(own: Rehearsal, crm: str) -> None:
    asked_for(own, crm)
    names, before = NAMES[crm], fields(own, crm)
    stage_field = "Status" if crm == "salesforce" else "lifecyclestage"
    assert own.crmsync("check", crm).returncode == 2
    seq = own.last_write(crm)
    planned = own.json("provision", crm, "--dry-run")
    assert own.writes(crm, after=seq) == []
    wanted = {f"field {name}" for name in names.values()} | {f"values {stage_field}", f"list {stage_field}"}
    assert {name for name, state in states(planned).items() if state == "missing"} - {"access crmsync"} == wanted
    made = own.json("provision", crm)
    assert {name for name, state in states(made).items() if state == "made"} - {"access crmsync"} == wanted
    after = fields(own, crm)
    assert set(after) - set(before) == set(names.values())
    kept = {name: each for name, each in after.items() if name in before and name != stage_field}
    assert kept == {name: each for name, each in before.items() if name != stage_field}, "nothing was changed"
    offered = "picklistValues" if crm == "salesforce" else "options"
    assert after[stage_field][offered][:-1] == before[stage_field][offered], "values are added, and none is lost"
    assert own.crmsync("check", crm).returncode == 0
    seq = own.last_write(crm)
    again = own.json("provision", crm)
    assert set(states(again).values()) <= {"there", "by_hand"}
    assert own.writes(crm, after=seq) == []
    assert own.crmsync("run", crm).returncode == 0
    (plan,) = own.json("run", crm, "--dry-run")["plans"]
    assert plan["changes"] == []


def test_a_user_who_may_not_set_the_org_up_is_told_the_way(own: Rehearsal) -> None:
    asked_for(own, "salesforce")
    own.control("salesforce", "switches", "PUT", {"may_modify_metadata": False})
    done = own.crmsync("provision", "salesforce", "--format", "json")
    assert done.returncode == 4
    assert "refused" in done.stdout
    assert "--files DIR" in done.stdout
    assert "Traceback" not in done.stderr
    assert not set(fields(own, "salesforce")) & set(NAMES["salesforce"].values())


def test_one_bad_name_keeps_all_from_being_made_and_is_told(own: Rehearsal) -> None:
    asked_for(own, "salesforce")
    long = "A" * 41 + "__c"
    own.change("mappings/salesforce.yaml", lambda data: data["write"].update(reasons=long))
    done = own.crmsync("provision", "salesforce")
    assert done.returncode == 4
    assert "Invalid fullName" in done.stdout
    assert "nothing was made, as all of it is made or none" in " ".join(done.stdout.split())
    assert not set(fields(own, "salesforce")) & set(NAMES["salesforce"].values())


def test_the_same_as_files(own: Rehearsal) -> None:
    asked_for(own, "salesforce")
    seq = own.last_write("salesforce")
    told = own.json("provision", "salesforce", "--files", "metadata")
    assert {name.rpartition("metadata/")[2] for name in told["files"]} == {
        "objects/Lead.object",
        "package.xml",
        "permissionsets/crmsync.permissionset",
        "standardValueSets/LeadStatus.standardValueSet",
    }
    assert "EditTask" not in own.file("metadata/permissionsets/crmsync.permissionset").read_text("utf-8"), "no tasks"
    values = own.file("metadata/standardValueSets/LeadStatus.standardValueSet").read_text(encoding="utf-8")
    known = [each["value"] for each in fields(own, "salesforce")["Status"]["picklistValues"]]
    assert [value for value in known if f"<fullName>{value}</fullName>" not in values] == [], "else it is deactivated"
    assert "<fullName>Taken by Sales</fullName>" in values
    assert own.writes("salesforce", after=seq) == []
    again = own.crmsync("provision", "salesforce", "--files", "metadata")
    assert again.returncode == 0, "the same files may be written again"
    own.file("metadata/package.xml").write_text("mine", encoding="utf-8")
    refused = own.crmsync("provision", "salesforce", "--files", "metadata")
    assert refused.returncode == 2
    assert "holds something else" in refused.stderr
    assert own.crmsync("provision", "hubspot", "--files", "there").returncode == 2


SEEN_BY_ALL = {"Lead", "Task", "Event", "User", "UserRole", "Organization", "Group", "GroupMember", "QueueSobject"}
"""Objects that the permission set gives, and those that everybody who is signed in may read."""
TASK = {"object": "Task", "subject": "Subject", "body": "Description", "owner": "OwnerId", "due": "ActivityDate"}


@pytest.mark.breadth
def test_the_permission_set_is_all_that_a_user_needs(own: Rehearsal) -> None:
    """Somebody who sees the set's fields and nothing else reads, decides, writes and makes tasks."""
    asked_for(own, "salesforce")
    own.change("mappings/salesforce.yaml", lambda data: data.update(hand_off={"bdr": "Bdr__c", "task": TASK}))
    hand_off = {"stage": "sql", "task": {"subject": "Get in touch"}, "first_touch": {"within_hours": 4}}
    own.change("policy.yaml", lambda data: data.update(hand_off=hand_off))
    own.json("provision", "salesforce")
    own.json("provision", "salesforce", "--files", "metadata")
    text = own.file("metadata/permissionsets/crmsync.permissionset").read_text(encoding="utf-8")
    given = {
        name: edit == "true" for edit, name in re.findall(r"<editable>(\w+)</editable>\s*<field>(\S+)</field>", text)
    }
    fixed = {}
    hidden = []
    for name in ("Lead", "Task", "Event"):
        for each in own.native_get("salesforce", f"/services/data/v62.0/sobjects/{name}/describe")["fields"]:
            full = f"{name}.{each['name']}"
            fixed[full] = not each["permissionable"]
            hidden += [full] if each["permissionable"] and full not in given else []
    objects = [each["name"] for each in own.native_get("salesforce", "/services/data/v62.0/sobjects")["sobjects"]]
    only = {"hidden_objects": sorted({*objects} - SEEN_BY_ALL), "hidden_fields": hidden}
    own.control("salesforce", "switches", "PUT", only)
    assert len(hidden) > 50
    allowed = ["ActivitiesAccess", "ApiEnabled", "EditTask", "TransferAnyLead", "ViewRoles"]
    assert re.findall(r"<userPermissions>\s*<enabled>true</enabled>\s*<name>(\w+)</name>", text) == allowed
    assert own.crmsync("check", "salesforce", "--data").returncode == 0
    seq = own.last_write("salesforce")
    assert own.crmsync("run", "salesforce").returncode == 0
    writes = own.writes("salesforce", after=seq)
    assert {each["object"] for each in writes} == {"Lead", "Task"}
    touched = {
        f"{each['object']}.{name}"
        for each in writes
        for name, value in (each["after"] or {}).items()
        if name != "LastModifiedById" and value != (each["before"] or {}).get(name)
    }
    assert [name for name in touched if name in fixed and not fixed[name] and not given.get(name)] == []


@pytest.mark.parametrize("name", ["Task.WhoId", "Event.WhoId"])
def test_whose_an_activity_is_and_hidden_is_told_by_check(own: Rehearsal, name: str) -> None:
    own.control("salesforce", "switches", "PUT", {"hidden_fields": [name]})
    done = own.crmsync("check", "salesforce")
    assert done.returncode == 2
    assert "permitted to read the field Name (WhoId)" in " ".join(done.stdout.split())

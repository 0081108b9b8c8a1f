"""Campaign members as evidence: what is sent is no response, what is answered counts, what is taken away does not."""

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

NAMES = ("sent", "registered", "attended", "elsewhere", "quiet")
POLICY = """
format: 1
name: Campaigns
facts: {}
criteria:
  registered: {activities: {kind: webinar_registered, within_days: 60}}
  attended: {activities: {kind: webinar, within_days: 60}}
  never: {activities: {kind: rfp_received}}
ladder:
  - {stage: lead}
  - {stage: mql, when: {any: [registered, attended]}}
  - {stage: sal, when: attended}
  - {stage: sql, when: never}
  - {stage: sqo, when: never}
disqualified: {stage: disqualified, when: never}
"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Rehearsal]:
    world = write_world(tmp_path / "world", USERS, [lead(name) for name in NAMES], [activity("quiet", "note")])
    with rehearsal(tmp_path / "here", "--import", str(world), "--crm", "salesforce") as made:
        made.file("policy.yaml").write_text(POLICY, encoding="utf-8")
        take_up_the_example(made)
        yield made


def take_up_the_example(here: Rehearsal) -> None:
    """Add the starter's commented example to the mapping's activities, as its reader is told to."""
    starter = (Path(__file__).parents[2] / "mappings" / "salesforce.yaml").read_text(encoding="utf-8").splitlines()
    begin = starter.index("#   - object: CampaignMember")
    end = starter.index("", begin)
    yaml = YAML()
    example = yaml.load("\n".join(line.removeprefix("# ") for line in starter[begin:end]))
    file = here.directory / "mappings" / "salesforce.yaml"
    mapping = yaml.load(file.read_text(encoding="utf-8"))
    mapping["activities"] += example
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(mapping, out)


def somebody(here: Rehearsal, method: str, path: str, values: dict[str, Any] | None = None) -> Any:
    """Another program's call."""
    address = f"{here.urls['salesforce']}/services/data/v62.0/sobjects/{path}"
    body = None if values is None else json.dumps(values).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method=method)
    request.add_header("Authorization", "Bearer 00D!somebody-else")
    with urllib.request.urlopen(request, timeout=300) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def stages(here: Rehearsal) -> dict[str, str]:
    """Lead -> the stage that a run gives it now, of those that it changes."""
    names = {native: name for name, native in here.native("salesforce").items()}
    [plan] = here.json("run")["plans"]
    return {names[change["lead"]]: change["stage"]["after"] for change in plan["changes"] if change["stage"]}


@pytest.mark.breadth
def test_members_count_by_their_status(here: Rehearsal) -> None:
    leads = here.native("salesforce")
    campaign = somebody(here, "POST", "Campaign", {"Name": "Autumn", "Type": "Webinar"})["id"]
    other = somebody(here, "POST", "Campaign", {"Name": "Poster", "Type": "Other"})["id"]
    for label in ("Registered", "Attended"):
        row = {"CampaignId": campaign, "Label": label, "HasResponded": True, "IsDefault": False}
        somebody(here, "POST", "CampaignMemberStatus", row)

    def member(name: str, status: str, of: str = campaign) -> str:
        row = {"CampaignId": of, "LeadId": leads[name], "Status": status}
        return str(somebody(here, "POST", "CampaignMember", row)["id"])

    sent, registered = member("sent", "Sent"), member("registered", "Registered")
    member("attended", "Attended")
    member("elsewhere", "Responded", other)
    assert stages(here) == {"registered": "mql", "attended": "sal"}

    # Read again: only what changed since, an answer and a further step.
    somebody(here, "PATCH", f"CampaignMember/{sent}", {"Status": "Registered"})
    somebody(here, "PATCH", f"CampaignMember/{registered}", {"Status": "Attended"})
    assert stages(here) == {"sent": "mql", "registered": "sal"}

    told = here.crmsync("explain", "salesforce", leads["sent"], "--format", "json").stdout
    assert json.loads(told)["conditions"]["registered"] == "met"
    somebody(here, "DELETE", f"CampaignMember/{sent}")
    assert stages(here).keys() <= {"sent"}
    told = here.crmsync("explain", "salesforce", leads["sent"], "--format", "json").stdout
    assert json.loads(told)["conditions"]["registered"] == "not_met"


def test_check_finds_the_example_right_and_a_slip_wrong(here: Rehearsal) -> None:
    done = here.crmsync("check", "salesforce")
    assert done.returncode == 0, done.stdout + done.stderr
    file = here.directory / "mappings" / "salesforce.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("HasResponded: false", "HasRespond: false"), encoding="utf-8")
    wrong = here.crmsync("check", "salesforce")
    assert wrong.returncode == 2
    assert "CampaignMember has no field `HasRespond`" in wrong.stdout + wrong.stderr

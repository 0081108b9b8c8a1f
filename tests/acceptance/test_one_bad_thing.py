"""One thing that cannot be read, or one that the CRM refuses: it is told, and all else goes on."""

from __future__ import annotations

import pytest
from rehearsal import Rehearsal
from spoiling import CHANGES, LEADS, check_words


@pytest.mark.breadth
def test_a_form_whose_submissions_answer_404(here: Rehearsal) -> None:
    here.change("crmsync.yaml", lambda data: data["connections"]["hubspot"]["options"].update(unhurried_minutes=0))
    before = here.json("run", "hubspot", "--dry-run", "--full")["plans"][0]
    path = "/form-integrations/v1/submissions/forms/"
    here.control("hubspot", "faults", "PUT", [{"path": path, "status": 404, "times": 1}])
    plan = here.json("run", "hubspot", "--dry-run", "--full")["plans"][0]
    assert plan["counts"]["leads"] == LEADS
    assert [note for note in plan["notes"] if "cannot be read (404) and are left out" in note]
    here.control("hubspot", "faults", "PUT", [{"path": path, "status": 404}])
    table = here.crmsync("run", "hubspot", "--dry-run", "--full")
    assert table.returncode == 0
    assert "left out" in table.stdout
    here.control("hubspot", "faults", "DELETE")
    after = here.json("run", "hubspot", "--dry-run")["plans"][0]
    assert after["changes"] == before["changes"], "the forms are read from where they were left"


def test_roles_that_this_user_may_not_see(here: Rehearsal) -> None:
    here.control("salesforce", "switches", "PUT", {"hidden_objects": ["UserRole", "LeadStatus"]})
    try:
        plan = here.json("run", "salesforce", "--dry-run")["plans"][0]
        check = here.crmsync("check", "salesforce")
    finally:
        here.control("salesforce", "switches", "PUT", {"hidden_objects": []})
    assert len(plan["changes"]) == CHANGES
    assert any("View Roles and Role Hierarchy" in note for note in plan["notes"])
    assert check.returncode == 0
    assert "without roles" in " ".join(check.stdout.split())


def test_an_organization_that_this_user_may_not_see(here: Rehearsal) -> None:
    here.control("salesforce", "switches", "PUT", {"hidden_objects": ["Organization"]})
    try:
        done = here.crmsync("run", "salesforce", "--dry-run")
    finally:
        here.control("salesforce", "switches", "PUT", {"hidden_objects": []})
    assert done.returncode == 1
    check_words(done, here, "View Setup and Configuration")


def test_check_asks_each_object_once(here: Rehearsal) -> None:
    """The definitions of an object may be read, and its records not."""
    lacking = {
        "status": "error",
        "message": "This app hasn't been granted all required scopes to make this call.",
        "category": "MISSING_SCOPES",
        "errors": [{"message": "x", "context": {"requiredGranularScopes": ["crm.objects.contacts.sensitive.read"]}}],
    }
    path = "/crm/v3/objects/(meetings|notes)"
    here.control("hubspot", "faults", "PUT", [{"path": path, "status": 403, "body": lacking}])
    done = here.crmsync("check", "hubspot")
    assert done.returncode == 2
    said = " ".join((done.stdout + done.stderr).split())
    assert said.count("crm.objects.contacts.sensitive.read") == 2, "both objects are named at once"
    refused = [{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}]
    here.control("salesforce", "faults", "PUT", [{"path": "FROM[ +]Event", "status": 403, "body": refused}])
    done = here.crmsync("check", "salesforce")
    assert done.returncode == 2
    assert "the query on Event" in " ".join((done.stdout + done.stderr).split())


def test_a_gateways_page_is_not_told_as_a_missing_permission(here: Rehearsal) -> None:
    for crm in here.urls:
        here.control(crm, "faults", "PUT", [{"path": "owners|query", "status": 403, "body": "<html>blocked</html>"}])
    here.change(
        "crmsync.yaml",
        lambda data: [
            each["options"].update(attempts=2, longest_wait_seconds=0.1) for each in data["connections"].values()
        ],
    )
    done = here.crmsync("run", "--dry-run")
    assert done.returncode == 1
    check_words(
        done, here, "a server between this machine and Salesforce", "a server between this machine and HubSpot"
    )
    assert "grant" not in done.stderr


@pytest.mark.breadth
def test_a_login_host_that_rotates_refresh_tokens(here: Rehearsal) -> None:
    """Two processes after one another, then two at once."""
    here.control("salesforce", "switches", "PUT", {"rotate_refresh_tokens": True})
    try:
        here.file(".env").write_text(
            "CRMSYNC_SALESFORCE_CLIENT_ID=app\nCRMSYNC_SALESFORCE_REFRESH_TOKEN=given-by-the-admin\n",
            encoding="utf-8",
        )
        for _ in range(3):
            assert len(here.json("run", "salesforce", "--dry-run")["plans"][0]["changes"]) == CHANGES
        assert here.process("check", "salesforce").returncode == 0
    finally:
        here.control("salesforce", "switches", "PUT", {"rotate_refresh_tokens": False})
    kept = here.file("refresh-tokens.json")
    assert kept.stat().st_mode & 0o777 == 0o600

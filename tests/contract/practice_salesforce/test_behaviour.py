"""What an org does by itself: assignment, owners, conversion, stamps, archive, visibility, quota, rules."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

OFF = {"Sforce-Auto-Assign": "FALSE"}


def patch(org: Any, lead_id: str, fields: dict[str, Any], **headers: str) -> Any:
    return org.request("PATCH", f"sobjects/Lead/{lead_id}", json=fields, headers=headers)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


def users(org: Any, condition: str) -> list[str]:
    return [user["Id"] for user in org.query(f"SELECT Id FROM User WHERE {condition} AND UserType = 'Standard'")]


def test_the_assignment_rule_steals_the_owner_unless_told_not_to(fresh: Any) -> None:
    lead = fresh.lead("IsConverted = false AND Owner.Type = 'User'")
    (queue,) = fresh.query("SELECT Id FROM Group WHERE Type = 'Queue'")
    assert patch(fresh, lead["Id"], {"Status": "A"}, **OFF).status_code == 204
    assert fresh.lead(f"Id = '{lead['Id']}'")["OwnerId"] == lead["OwnerId"]
    assert patch(fresh, lead["Id"], {"Status": "B"}).status_code == 204
    assert fresh.lead(f"Id = '{lead['Id']}'")["OwnerId"] == queue["Id"]
    entries = fresh.control("GET", "log")
    assert [entry["after"] for entry in entries] == [{"Status": "A"}, {"Status": "B", "OwnerId": queue["Id"]}]
    assert entries[1]["before"] == {"Status": "A", "OwnerId": lead["OwnerId"]}
    fresh.switch(assignment_rule=False)
    assert patch(fresh, lead["Id"], {"OwnerId": lead["OwnerId"]}).status_code == 204
    assert fresh.lead(f"Id = '{lead['Id']}'")["OwnerId"] == lead["OwnerId"]


def test_a_composite_subrequest_says_itself_that_the_owner_stays(fresh: Any) -> None:
    lead = fresh.lead("IsConverted = false AND Owner.Type = 'User'")
    part = {"method": "PATCH", "url": f"/services/data/v59.0/sobjects/Lead/{lead['Id']}", "body": {"Status": "A"}}
    for own, kept in ((OFF, True), ({}, False)):
        each = {**part, "referenceId": "a", "httpHeaders": own}
        answer = fresh.request("POST", "composite", json={"compositeRequest": [each]}, headers=OFF).json()
        assert answer["compositeResponse"][0]["httpStatusCode"] == 204
        assert (fresh.lead(f"Id = '{lead['Id']}'")["OwnerId"] == lead["OwnerId"]) == kept


def test_owners_must_be_active_and_of_the_right_kind(fresh: Any) -> None:
    lead = fresh.lead()
    inactive = users(fresh, "IsActive = false")[0]
    assert code(patch(fresh, lead["Id"], {"OwnerId": inactive}, **OFF)) == (400, "INACTIVE_OWNER_OR_USER")
    assert code(patch(fresh, lead["Id"], {"OwnerId": lead["Id"]}, **OFF))[1] == "FIELD_INTEGRITY_EXCEPTION"
    assert code(patch(fresh, lead["Id"], {"OwnerId": "005Kp0000000ZZZ"}, **OFF))[1] == "INVALID_CROSS_REFERENCE_KEY"
    assert code(patch(fresh, lead["Id"], {"OwnerId": "nobody"}, **OFF))[1] == "MALFORMED_ID"
    assert fresh.control("GET", "log") == []


def test_open_tasks_follow_their_lead_and_closed_ones_stay(fresh: Any) -> None:
    lead = fresh.lead("IsConverted = false AND Owner.Type = 'User'")
    client = fresh.client()
    for subject, status in (("open", "Not Started"), ("closed", "Completed")):
        client.Task.create({"WhoId": lead["Id"], "OwnerId": lead["OwnerId"], "Subject": subject, "Status": status})
    other = next(user for user in users(fresh, "IsActive = true") if user != lead["OwnerId"])
    patch(fresh, lead["Id"], {"OwnerId": other}, **OFF)
    owners = {
        task["Subject"]: task["OwnerId"]
        for task in fresh.query(
            f"SELECT Subject, OwnerId FROM Task WHERE WhoId = '{lead['Id']}' AND Subject IN ('open', 'closed')"
        )
    }
    assert owners == {"open": other, "closed": lead["OwnerId"]}


def test_converted_leads_cannot_be_changed(fresh: Any) -> None:
    lead = fresh.lead()
    session = "<sessionId>t</sessionId>"
    body = (
        f"<e:Envelope><e:Header>{session}</e:Header><e:Body><convertLead><leadConverts>"
        f"<convertedStatus>Closed - Converted</convertedStatus><leadId>{lead['Id']}</leadId>"
        "<doNotCreateOpportunity>true</doNotCreateOpportunity></leadConverts></convertLead></e:Body></e:Envelope>"
    )
    answer = fresh.request("POST", "/services/Soap/u/59.0", data=body)
    assert "<success>true</success>" in answer.text
    assert code(patch(fresh, lead["Id"], {"Status": "X"}, **OFF)) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    (converted,) = fresh.query(
        f"SELECT IsConverted, ConvertedContactId, ConvertedContact.Name FROM Lead WHERE Id = '{lead['Id']}'"
    )
    assert converted["IsConverted"] and converted["ConvertedContact"]["Name"].endswith(lead["LastName"])
    again = fresh.request("POST", "/services/Soap/u/59.0", data=body)
    assert "CANNOT_UPDATE_CONVERTED_LEAD" in again.text


def test_a_merge_leaves_a_trace_and_moves_activities(fresh: Any) -> None:
    winner, loser = fresh.query("SELECT Id FROM Lead WHERE IsConverted = false LIMIT 2")
    state = {lead["native_id"]: lead["id"] for lead in fresh.control("GET", "state")["leads"]}
    fresh.client().Task.create({"WhoId": loser["Id"], "Subject": "moves"})
    fresh.edit(leads=[{"id": state[loser["Id"]], "merged_into": state[winner["Id"]]}])
    (gone,) = fresh.query(f"SELECT IsDeleted, MasterRecordId FROM Lead WHERE Id = '{loser['Id']}'", everything=True)
    assert gone["IsDeleted"] and gone["MasterRecordId"] == winner["Id"]
    assert fresh.query("SELECT WhoId FROM Task WHERE Subject = 'moves'")[0]["WhoId"] == winner["Id"]
    assert code(patch(fresh, loser["Id"], {"Status": "X"}, **OFF)) == (404, "ENTITY_IS_DELETED")


def test_a_logged_task_moves_system_modstamp_but_not_last_modified(fresh: Any) -> None:
    lead = fresh.lead("LastActivityDate != TODAY")
    fresh.client().Task.create({"WhoId": lead["Id"], "Status": "Completed", "ActivityDate": "2098-01-05"})
    after = fresh.lead(f"Id = '{lead['Id']}'")
    assert after["LastModifiedDate"] == lead["LastModifiedDate"]
    assert after["SystemModstamp"] > lead["SystemModstamp"]
    assert after["LastActivityDate"] == "2098-01-05"


def test_conditional_requests_have_a_resolution_of_one_second(fresh: Any) -> None:
    lead = fresh.lead()
    stamp = datetime.fromisoformat(lead["LastModifiedDate"][:19]).replace(tzinfo=UTC)

    def http(at: datetime) -> str:
        return at.strftime("%a, %d %b %Y %H:%M:%S GMT")

    earlier = {"If-Unmodified-Since": http(stamp - timedelta(seconds=1))}
    assert patch(fresh, lead["Id"], {"Status": "A"}, **OFF, **earlier).status_code == 412
    assert fresh.control("GET", "log") == []
    assert patch(fresh, lead["Id"], {"Status": "A"}, **OFF, **{"If-Unmodified-Since": "soon"}).status_code == 400
    assert patch(fresh, lead["Id"], {"Status": "A"}, **OFF, **{"If-Unmodified-Since": http(stamp)}).status_code == 204
    got = fresh.request("GET", f"sobjects/Lead/{lead['Id']}")
    unchanged = {"If-Modified-Since": got.headers["Last-Modified"]}
    assert fresh.request("GET", f"sobjects/Lead/{lead['Id']}", headers=unchanged).status_code == 304
    assert fresh.request("GET", "sobjects/Lead/describe", headers=unchanged).status_code == 304
    account = fresh.client().Account.create({"Name": "A"})["id"]
    tag = fresh.request("GET", f"sobjects/Account/{account}").headers["ETag"]
    for wanted, status in (('"other"', 412), (tag, 204)):
        answer = fresh.request(
            "PATCH", f"sobjects/Account/{account}", json={"Name": "B"}, headers={"If-Match": wanted}
        )
        assert answer.status_code == status


def test_the_set_clock_makes_ties_and_moves_date_literals(fresh: Any) -> None:
    fresh.control("PUT", "clock", json={"now": "2031-03-30T23:30:00.750Z"})
    leads = fresh.query("SELECT Id FROM Lead WHERE IsConverted = false LIMIT 3")
    for lead in leads:
        patch(fresh, lead["Id"], {"Status": "Tie"}, **OFF)
    stamps = {lead["SystemModstamp"] for lead in fresh.query("SELECT SystemModstamp FROM Lead WHERE Status = 'Tie'")}
    assert stamps == {"2031-03-30T23:30:00.000+0000"}
    assert len(fresh.query("SELECT Id FROM Lead WHERE SystemModstamp = TODAY")) == 3
    assert fresh.query("SELECT Id FROM Lead WHERE SystemModstamp < LAST_N_DAYS:3 AND Status = 'Tie'") == []
    fresh.control("PUT", "clock", json={"now": None})
    assert fresh.control("GET", "clock")["set"] is False


def test_the_days_of_date_literals_are_the_orgs(start_org: Any) -> None:
    org = start_org("--leads", "3", "--timezone", "America/Los_Angeles")
    org.control("PUT", "clock", json={"now": "2031-07-02T05:00:00Z"})
    made = org.client().Lead.create({"LastName": "Late", "Company": "C"})["id"]
    org.control("PUT", "clock", json={"now": "2031-07-02T08:00:00Z"})
    assert [lead["Id"] for lead in org.query("SELECT Id FROM Lead WHERE CreatedDate = YESTERDAY")] == [made]
    assert org.query("SELECT Id FROM Lead WHERE CreatedDate = TODAY") == []
    assert len(org.query("SELECT Id FROM Lead WHERE HOUR_IN_DAY(convertTimezone(CreatedDate)) = 22")) == 1


def test_old_closed_activities_are_archived(fresh: Any) -> None:
    client = fresh.client()
    lead = fresh.lead()
    old = (datetime.now(UTC) - timedelta(days=400)).date().isoformat()  # noqa: TID251 - beside a real clock
    made = client.Task.create({"WhoId": lead["Id"], "Status": "Completed", "ActivityDate": old, "Subject": "old"})[
        "id"
    ]
    client.Task.create({"WhoId": lead["Id"], "Status": "Not Started", "ActivityDate": old, "Subject": "old"})
    assert len(fresh.query("SELECT Id FROM Task WHERE Subject = 'old'")) == 1
    found = fresh.query(
        "SELECT Id, IsArchived FROM Task WHERE Subject = 'old' ORDER BY IsArchived DESC", everything=True
    )
    assert [(task["Id"] == made, task["IsArchived"]) for task in found] == [(True, True), (False, False)]
    assert client.Task.update(made, {"Subject": "still writable"}) == 204


def test_late_commits_hold_latest_date_covered_back(fresh: Any) -> None:
    at = datetime(2031, 1, 1, 12, 0, 30, tzinfo=UTC)
    fresh.control("PUT", "clock", json={"now": at.isoformat()})
    fresh.switch(late_visibility_seconds=90)
    lead = fresh.control("GET", "state")["leads"][0]
    fresh.edit(leads=[{"id": lead["id"], "stage": "Late"}])
    fresh.control("PUT", "clock", json={"now": (at + timedelta(seconds=60)).isoformat()})
    span = {"start": "2031-01-01T11:00:00Z", "end": "2031-01-01T12:05:00Z"}
    assert fresh.query("SELECT Id FROM Lead WHERE Status = 'Late'") == []
    covered = fresh.request("GET", "sobjects/Lead/updated", params=span).json()
    assert covered == {"ids": [], "latestDateCovered": "2031-01-01T12:00:00.000+0000"}
    fresh.control("PUT", "clock", json={"now": (at + timedelta(seconds=120)).isoformat()})
    (late,) = fresh.query("SELECT SystemModstamp FROM Lead WHERE Status = 'Late'")
    assert late["SystemModstamp"] == "2031-01-01T12:00:30.000+0000"
    covered = fresh.request("GET", "sobjects/Lead/updated", params=span).json()
    assert covered["latestDateCovered"] == "2031-01-01T12:02:00.000+0000"
    assert covered["ids"] == [lead["native_id"]]


def test_admins_rules_locks_and_triggers(fresh: Any) -> None:
    lead = fresh.lead()
    fresh.switch(
        validation_rules=[{"object": "Lead", "condition": "Status = 'Bad'", "message": "Not so", "field": "Status"}],
        status_rewrites={"Sales Qualified": "Nurturing"},
        restricted_picklists=["Lead.Rating"],
        hidden_fields=["Lead.Industry"],
    )
    refused = patch(fresh, lead["Id"], {"Status": "Bad"}, **OFF)
    assert refused.json() == [
        {"message": "Not so", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Status"]}
    ]
    assert fresh.lead(f"Id = '{lead['Id']}'")["Status"] == lead["Status"]
    assert patch(fresh, lead["Id"], {"Status": "Sales Qualified"}, **OFF).status_code == 204
    assert fresh.lead(f"Id = '{lead['Id']}'")["Status"] == "Nurturing"
    assert code(patch(fresh, lead["Id"], {"Rating": "Tepid"}, **OFF))[1] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    fields = {field["name"] for field in fresh.client().Lead.describe()["fields"]}
    assert "Industry" not in fields and "Country" in fields
    assert code(fresh.request("GET", "query?q=SELECT+Industry+FROM+Lead"))[1] == "INVALID_FIELD"
    fresh.switch(locked_ids=[lead["Id"]], hidden_fields=[])
    assert code(patch(fresh, lead["Id"], {"Status": "C"}, **OFF))[1] == "UNABLE_TO_LOCK_ROW"
    assert "Industry" in {field["name"] for field in fresh.client().Lead.describe()["fields"]}


def test_values_are_checked_as_salesforce_does(fresh: Any) -> None:
    lead = fresh.lead()
    cases = {
        "STRING_TOO_LONG": {"Title": "x" * 129},
        "INVALID_EMAIL_ADDRESS": {"Email": "nobody"},
        "REQUIRED_FIELD_MISSING": {"LastName": ""},
        "JSON_PARSER_ERROR": {"NumberOfEmployees": "many"},
        "INVALID_FIELD_FOR_INSERT_UPDATE": {"SystemModstamp": "2026-01-01T00:00:00Z"},
        "INVALID_FIELD": {"Id": lead["Id"]},
    }
    for expected, fields in cases.items():
        assert code(patch(fresh, lead["Id"], fields, **OFF)) == (400, expected), fields
    assert code(fresh.request("POST", "sobjects/Lead", json={}))[1] == "REQUIRED_FIELD_MISSING"
    assert code(fresh.request("POST", "sobjects/Lead", data="{"))[1] == "JSON_PARSER_ERROR"
    assert code(fresh.request("POST", "sobjects/LeadStatus", json={"MasterLabel": "x"}))[1].startswith(
        "CANNOT_INSERT"
    )
    assert fresh.control("GET", "log") == []


def test_the_quota_counts_down_to_a_refusal(start_org: Any) -> None:
    org = start_org("--leads", "3", "--profile", "quota-poor")
    assert org.request("GET", "limits").json()["DailyApiRequests"] == {"Max": 300, "Remaining": 300}
    org.switch(daily_api_requests=2)
    first = org.request("GET", "query?q=SELECT+Id+FROM+Lead")
    assert first.headers["Sforce-Limit-Info"] == "api-usage=1/2"
    org.request("GET", "query?q=SELECT+Id+FROM+Lead")
    refused = org.request("GET", "query?q=SELECT+Id+FROM+Lead")
    assert code(refused) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert refused.json()[0]["message"] == "TotalRequests Limit exceeded."
    assert org.control("GET", "calls")["GET query"] == 3


def test_long_addresses_are_refused_before_they_are_read(fresh: Any) -> None:
    assert fresh.request("GET", "query", params={"q": "x" * 17000}).status_code == 414
    assert fresh.request("GET", "limits", headers={"X-Long": "x" * 17000}).status_code == 431


@pytest.mark.parametrize("given", ["Bearer invalid", "Bearer expired-token", "Basic x", ""])
def test_a_bad_token_is_told_as_an_expired_session(fresh: Any, given: str) -> None:
    answer = fresh.request("GET", "limits", headers={"Authorization": given})
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    assert fresh.request("GET", "/services/data", headers={"Authorization": given}).status_code == 200


def test_user_info_and_identity(fresh: Any) -> None:
    info = fresh.request("GET", "/services/oauth2/userinfo").json()
    assert info["organization_id"].startswith("00D") and info["user_id"].startswith("005")
    identity = fresh.request("GET", fresh.request("GET", "/services/data/v59.0").json()["identity"][len(fresh.url) :])
    assert identity.json()["username"] == info["preferred_username"]


def test_switches_refuse_what_they_do_not_know(fresh: Any) -> None:
    before = fresh.control("GET", "switches")
    for body in (
        {"nonsense": 1},
        {"assignment_rule": "maybe"},
        {"locked_ids": "00Q"},
        {"validation_rules": [{"message": "no condition"}]},
        {"validation_rules": [{"condition": "Nope__c = 1"}]},
        {"validation_rules": [{"object": "Nope", "condition": "Id = null"}]},
        {"late_visibility_seconds": -1},
        ["soap_login"],
    ):
        refused = requests.put(f"{fresh.url}/_practice/switches", json=body, timeout=300)
        assert refused.status_code == 400 and refused.json()["error"], body
    assert fresh.control("GET", "switches") == before


def test_a_token_that_was_given_back_is_good_for_nothing(fresh: Any) -> None:
    def signed_in() -> str:
        body = {"grant_type": "client_credentials", "client_id": "k", "client_secret": "s"}
        answer = requests.post(f"{fresh.url}/services/oauth2/token", data=body, timeout=300)
        return str(answer.json()["access_token"])

    def works(token: str) -> bool:
        answer = fresh.request("GET", "limits", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in {200, 401}
        return bool(answer.status_code == 200)

    def soap(token: str, operation: str) -> requests.Response:
        header = f"<e:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></e:Header>"
        body = f"<e:Envelope>{header}<e:Body><{operation}/></e:Body></e:Envelope>"
        return requests.post(f"{fresh.url}/services/Soap/u/59.0", data=body, timeout=300)

    first, second, kept = signed_in(), signed_in(), signed_in()
    assert works(first) and works(second)
    assert requests.post(f"{fresh.url}/services/oauth2/revoke", data={"token": first}, timeout=300).status_code == 200
    assert "logoutResponse" in soap(second, "logout").text
    assert [works(token) for token in (first, second, kept)] == [False, False, True]
    assert "INVALID_SESSION_ID" in soap(second, "getServerTimestamp").text
    assert re.search(r"<timestamp>[0-9T:.-]+Z</timestamp>", soap(kept, "getServerTimestamp").text)


def test_a_late_edit_that_cannot_be_carried_out_breaks_nobody_elses_request(fresh: Any) -> None:
    lead = fresh.control("GET", "state")["leads"][0]["id"]
    fresh.switch(late_visibility_seconds=90)
    fresh.edit(leads=[{"id": lead, "stage": "Late"}], by="nobody-there")
    fresh.edit(leads=[{"id": lead, "stage": "In time"}])
    assert fresh.control("GET", "state")["leads"][0]["stage"] not in {"Late", "In time"}
    later = datetime.now(UTC) + timedelta(seconds=100)  # noqa: TID251 - beside a real clock
    fresh.control("PUT", "clock", json={"now": later.isoformat()})
    assert fresh.request("GET", "limits").status_code == 200
    assert fresh.control("GET", "state")["leads"][0]["stage"] == "In time"

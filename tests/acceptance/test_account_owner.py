"""Leads of a company that somebody owns in the CRM go to that person, on both practice CRMs.

Salesforce: open opportunities first, then accounts. HubSpot: companies with open deals first, then any company.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, OWNER_FIELD, Rehearsal, rehearsal
from ruamel.yaml import YAML
from small_world import activity, lead, small_world

from crmsync.connection.registry import starter_mapping

ACCOUNTS: Mapping[str, list[dict[str, Any]]] = {
    "salesforce": [
        {
            "object": "Opportunity",
            "name": "Account.Name",
            "domain": "Account.Website",
            "owner": "OwnerId",
            "when": {"IsClosed": "false"},
        },
        {"object": "Account", "name": "Name", "domain": "Website", "owner": "OwnerId"},
    ],
    "hubspot": [
        {
            "object": "companies",
            "domain": "domain",
            "owner": "hubspot_owner_id",
            "when": {"hs_num_open_deals": {"matches": "[1-9]"}},
        },
        {"object": "companies", "name": "name", "domain": ["domain", "website"], "owner": "hubspot_owner_id"},
    ],
}
COMPANY = "buyer-sql-1.example"
"""The domain of the lead `sql-1`, which is handed off."""


@pytest.fixture
def crms(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path / "here", "--import", str(small_world(tmp_path / "world"))) as here:
        yield here


def accounts_mapped(here: Rehearsal) -> None:
    for crm in CRMS:
        here.change(f"mappings/{crm}.yaml", lambda mapping, crm=crm: mapping.update(accounts=ACCOUNTS[crm]))


def account_owners_first(here: Rehearsal) -> None:
    rules = {"hand_off": [{"strategy": "account_owner"}, {"pool": "receivers"}]}
    here.change("roster.yaml", lambda roster: roster.update(rules=rules))


def called(here: Rehearsal, crm: str, method: str, path: str, body: Any = None, version: int = 3) -> Any:
    """Another program calls the CRM's own API (`version`: HubSpot's)."""
    base = {"salesforce": "/services/data/v62.0/sobjects/", "hubspot": f"/crm/v{version}/objects/"}[crm]
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(here.urls[crm] + base + path, data, method=method)
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", "Bearer 00D!another-program")
    with urllib.request.urlopen(request, timeout=300) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def saved(here: Rehearsal, crm: str, object_name: str, values: Mapping[str, Any], record: str | None = None) -> str:
    """A new record, or a changed one; its id."""
    method, path = ("POST", object_name) if record is None else ("PATCH", f"{object_name}/{record}")
    answer = called(here, crm, method, path, values if crm == "salesforce" else {"properties": values})
    return record or str(answer["id"])


def firms(here: Rehearsal, crm: str, owner: str, first: str) -> tuple[str, str, str]:
    """The company of `sql-1`: `owner` owns the account; `first`, who has the open deal, has the first claim.

    Gives the names of the two records, and the deal's id.
    """
    users = here.native(crm, "users")
    if crm == "salesforce":
        website = f"https://WWW.{COMPANY.title()}/en/?from=ad"
        account = saved(here, crm, "Account", {"Name": "Buyer One", "Website": website, "OwnerId": users[owner]})
        deal = {"Name": "Deal", "AccountId": account, "StageName": "Prospecting", "CloseDate": "2030-01-01"}
        opportunity = saved(here, crm, "Opportunity", {**deal, "OwnerId": users[first]})
        return f"Account:{account}", f"Opportunity:{opportunity}", opportunity
    company = {"name": "Buyer One", "domain": COMPANY}
    account, with_deal = (
        saved(here, crm, "companies", {**company, "hubspot_owner_id": users[each]}) for each in (owner, first)
    )
    deal = saved(here, crm, "deals", {"dealname": "Deal", "dealstage": "qualifiedtobuy"})
    called(here, crm, "PUT", f"deals/{deal}/associations/default/companies/{with_deal}", version=4)
    return f"companies:{account}", f"companies:{with_deal}", deal


def changes(here: Rehearsal, *arguments: str) -> dict[str, dict[str, Any]]:
    """Connection → lead (import id) → change."""
    answer = here.json("run", *arguments)
    names = {crm: {native: name for name, native in here.native(crm).items()} for crm in CRMS}
    return {
        plan["connection"]: {names[plan["connection"]][change["lead"]]: change for change in plan["changes"]}
        for plan in answer["plans"]
    }


def owner(here: Rehearsal, crm: str, name: str) -> str | None:
    found: str | None = here.lead(crm, name)["owner"]
    return found


def another_lead(here: Rehearsal, name: str) -> None:
    """A new lead of the same company, ready to be handed off."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    for crm in CRMS:
        one = lead(name, email=f"{name}@{COMPANY}", company="Another spelling")
        here.edit(crm, leads=[one], activities=[activity(name, "consultation_request", at=now)])


@pytest.mark.breadth
def test_the_owner_of_the_company_gets_the_lead_though_it_is_anothers_turn(crms: Rehearsal) -> None:
    turn = {crm: change["sql-1"]["owner"]["after"] for crm, change in changes(crms, "--dry-run").items()}
    account_owners_first(crms)
    accounts_mapped(crms)
    whose = {crm: next(n for n, id_ in crms.native(crm, "users").items() if id_ == turn[crm]) for crm in CRMS}
    other = {crm: {"ae-1": "ae-2", "ae-2": "ae-1"}[whose[crm]] for crm in CRMS}
    records = {crm: firms(crms, crm, owner=whose[crm], first=other[crm]) for crm in CRMS}
    planned = changes(crms, "--dry-run")
    done = changes(crms)
    for crm in CRMS:
        _, first, _ = records[crm]
        assert planned[crm]["sql-1"]["owner"]["after"] == crms.native(crm, "users")[other[crm]] != turn[crm]
        assert {**planned[crm]["sql-1"], "outcome": "written", "may_be_written": False} == done[crm]["sql-1"]
        assert f"owns {first} of the same company" in done[crm]["sql-1"]["reasons"]
        assert owner(crms, crm, "sql-1") == other[crm]
        assert f"owns {first} of the same company" in crms.crmsync("explain", crm, crms.native(crm)["sql-1"]).stdout
    assert changes(crms) == {crm: {} for crm in CRMS}, "a second run finds nothing to do"

    # The deal is closed, and with it the first claim goes. Nobody loses a lead by it.
    for crm in CRMS:
        object_name, won = {
            "salesforce": ("Opportunity", {"StageName": "Closed Won"}),
            "hubspot": ("deals", {"dealstage": "closedwon"}),
        }[crm]
        saved(crms, crm, object_name, won, records[crm][2])
    assert changes(crms) == {crm: {} for crm in CRMS}
    another_lead(crms, "second")
    second = changes(crms)
    for crm in CRMS:
        account, _, _ = records[crm]
        assert set(second[crm]) == {"second"}
        assert f"owns {account} of the same company" in second[crm]["second"]["reasons"]
        assert owner(crms, crm, "second") == whose[crm], "the account comes before other leads of the company"

    # The account gets another owner: seen by the next run, without reading everything again.
    for crm in CRMS:
        object_name, _, record = records[crm][0].partition(":")
        saved(crms, crm, object_name, {OWNER_FIELD[crm]: crms.native(crm, "users")[other[crm]]}, record)
    another_lead(crms, "third")
    answer = crms.json("run")
    for plan in answer["plans"]:
        crm = plan["connection"]
        assert plan["counts"]["read"] < len(crms.state(crm)["leads"])
        assert plan["notes"] == []
        assert owner(crms, crm, "third") == other[crm]


@pytest.mark.breadth
def test_an_owner_who_has_left_is_told_and_the_rotation_decides(crms: Rehearsal) -> None:
    account_owners_first(crms)
    accounts_mapped(crms)
    for crm in CRMS:
        # Nobody inactive is given an account, but they keep those they have.
        crms.edit(crm, users=[{"id": "ae-gone", "active": True}])
        object_name, field = {"salesforce": ("Account", "Name"), "hubspot": ("companies", "name")}[crm]
        company = {field: "COMPANY sql-1  works", OWNER_FIELD[crm]: crms.native(crm, "users")["ae-gone"]}
        saved(crms, crm, object_name, company)
        crms.edit(crm, users=[{"id": "ae-gone", "active": False}])
    done = changes(crms)
    for crm in CRMS:
        routing = done[crm]["sql-1"]["routing"]
        assert owner(crms, crm, "sql-1") in {"ae-1", "ae-2"}
        gone = crms.native(crm, "users")["ae-gone"]
        [why] = [each["why"] for each in routing["passed_over"] if each["user"] == gone and "owns" in each["why"]]
        assert why.endswith("of the same company, but is inactive in the CRM")


@pytest.mark.breadth
def test_only_the_company_of_late_and_of_the_same_country_counts(crms: Rehearsal) -> None:
    """A new account that says another country is not meant; one that says the same is, for so many days."""
    told = {
        "salesforce": {"created_at": "CreatedDate", "facts": {"country": "BillingCountry"}},
        "hubspot": {"created_at": "createdate", "facts": {"country": "country"}},
    }
    fields = {"salesforce": ("Name", "Website", "BillingCountry"), "hubspot": ("name", "domain", "country")}
    rule = {"strategy": "account_owner", "same": "country", "within_days": 30}
    rules = {"hand_off": [rule, {"pool": "receivers"}]}
    crms.change("roster.yaml", lambda roster: roster.update(rules=rules))
    accounts_mapped(crms)
    silent = crms.crmsync("check", "salesforce").stdout
    for asked in ("the age (`created_at`)", "the same country (`facts`)"):
        assert f"rules ask for {asked}: Opportunity, Account do not tell it" in " ".join(silent.split())
    accounts = {}
    for crm in CRMS:
        entry = {**ACCOUNTS[crm][-1], **told[crm]}
        crms.change(f"mappings/{crm}.yaml", lambda mapping, entry=entry: mapping.update(accounts=[entry]))
        crms.edit(crm, leads=[{"id": "sql-1", "attributes": {"country": "Norge"}}])
        name, kind = ("Account", "companies")[crm == "hubspot"], fields[crm]
        for number, country in ((1, "Italia"), (2, " NORGE")):
            values = dict(zip(kind, (f"Firm {number}", f"https://{COMPANY}", country), strict=True))
            record = saved(crms, crm, name, {**values, OWNER_FIELD[crm]: crms.native(crm, "users")[f"ae-{number}"]})
            accounts[crm, number] = f"{name}:{record}"
        assert "does not tell it" not in crms.crmsync("check", crm).stdout
    planned = changes(crms, "--dry-run")
    later = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 32 * 86_400))
    aged = changes(crms, "--dry-run", "--as-of", later)
    for crm in CRMS:
        routing = planned[crm]["sql-1"]["routing"]
        assert planned[crm]["sql-1"]["owner"]["after"] == crms.native(crm, "users")["ae-2"]
        assert f"owns {accounts[crm, 2]} of the same company" in planned[crm]["sql-1"]["reasons"]
        first = {each["user"]: each["why"] for each in routing["passed_over"]}[crms.native(crm, "users")["ae-1"]]
        assert first == f"owns {accounts[crm, 1]} of the same company, but country is another"
        assert "next in the rotation of pool receivers" in aged[crm]["sql-1"]["reasons"]


@pytest.mark.breadth
def test_accounts_are_read_from_the_run_on_in_which_a_rule_asks_for_them(crms: Rehearsal, tmp_path: Path) -> None:
    plain = crms.copy(tmp_path / "plain").json("run", "--dry-run")
    accounts_mapped(crms)
    mapped = crms.json("run", "--dry-run")
    for before, unasked in zip(plain["plans"], mapped["plans"], strict=True):
        assert before["counts"]["calls"] == unasked["counts"]["calls"]
    turn = {plan["connection"]: plan["changes"] for plan in mapped["plans"]}
    for crm in CRMS:
        [change] = [each for each in turn[crm] if each["lead"] == crms.native(crm)["sql-1"]]
        users = {native: name for name, native in crms.native(crm, "users").items()}
        other = {"ae-1": "ae-2", "ae-2": "ae-1"}[users[change["owner"]["after"]]]
        firms(crms, crm, owner=other, first=other)
    account_owners_first(crms)
    asked = crms.json("run", "--dry-run")
    for unasked, plan in zip(mapped["plans"], asked["plans"], strict=True):
        assert plan["counts"]["read"] < unasked["counts"]["read"], "the leads are not read again for it"
        [change] = [each for each in plan["changes"] if each["lead"] == crms.native(plan["connection"])["sql-1"]]
        assert "of the same company" in change["reasons"][-1]
        [before] = [each for each in unasked["changes"] if each["lead"] == change["lead"]]
        assert change["owner"] != before["owner"]


@pytest.mark.parametrize("crm", CRMS)
def test_check_holds_the_accounts_against_the_crm(crms: Rehearsal, crm: str) -> None:
    """Those that the starter mapping shows are right."""
    starter = starter_mapping(crm)
    shown = starter[starter.index("# accounts:\n") :].partition("\n\n")[0].replace("\n# ", "\n").removeprefix("# ")
    crms.change(f"mappings/{crm}.yaml", lambda mapping: mapping.update(YAML().load(shown)))
    told = crms.crmsync("check", crm)
    assert told.returncode == 0, told.stdout
    assert "account_owner" in told.stdout, "it says that nobody asks for them"
    account_owners_first(crms)
    assert "account_owner" not in crms.crmsync("check", crm).stdout

    def spoil(mapping: Any) -> None:
        mapping["accounts"][1]["domain"] = "Web_Site"
        mapping["accounts"][0]["object"] = "Oportunity"

    crms.change(f"mappings/{crm}.yaml", spoil)
    wrong = crms.crmsync("check", crm)
    assert wrong.returncode == 2
    assert "Oportunity" in wrong.stdout
    assert "has no field `Web_Site`" in wrong.stdout
    lines = crms.file(f"mappings/{crm}.yaml").read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "domain: Web_Site" in text)
    assert f"{crm}.yaml:{line}:" in wrong.stdout


@pytest.mark.breadth
def test_the_company_that_hubspot_ties_a_contact_to_counts_whatever_its_email_says(crms: Rehearsal) -> None:
    account_owners_first(crms)
    accounts_mapped(crms)
    tied = {"account": {"field": "associatedcompanyid", "type": "text"}}
    crms.change("mappings/hubspot.yaml", lambda mapping: mapping["facts"].update(tied))
    users = crms.native("hubspot", "users")
    for owner_of, domain in (("ae-1", COMPANY), ("ae-2", "holding.example")):
        company = {"name": domain, "domain": domain, "hubspot_owner_id": users[owner_of]}
        record = saved(crms, "hubspot", "companies", company)
    contact = crms.native("hubspot")["sql-1"]
    called(crms, "hubspot", "PUT", f"contacts/{contact}/associations/default/companies/{record}", version=4)
    answer = crms.json("run", "hubspot")
    [change] = [each for each in answer["plans"][0]["changes"] if each["lead"] == contact]
    assert change["owner"]["after"] == users["ae-2"]
    assert f"owns companies:{record} of the same company" in change["reasons"]

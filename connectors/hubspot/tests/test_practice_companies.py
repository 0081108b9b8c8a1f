"""Companies, which belong to no contact, against the practice portal: all of them, then what changed."""

from __future__ import annotations

from crmsync.contract import PullRequest

FIELDS = ("name", "domain", "hubspot_owner_id", "lifecyclestage")


def pull(connector, cursor=None):
    return list(connector.pull(PullRequest("companies", FIELDS, cursor=cursor)))


def rows(pages):
    """Id → values; each record once."""
    found = [row for page in pages for row in page.records.iter_rows(named=True)]
    assert len({row["@id"] for row in found}) == len(found)
    return {row["@id"]: {name: row[name] for name in FIELDS} for row in found}


def gone(pages):
    return {record for page in pages for record in page.gone}


def test_companies_are_read_whole_and_then_what_changed(start_practice, connect):
    practice = start_practice("--leads", "5", "--seed", "7")
    owners = [each["id"] for each in practice.call("GET", "/crm/v3/owners?limit=2")["results"]]

    def made(name):
        properties = {"name": name, "domain": f"{name.lower()}.example", "hubspot_owner_id": owners[0]}
        return practice.call("POST", "/crm/v3/objects/companies", {"properties": properties})["id"]

    ids = [made(name) for name in ("Alpha", "Beta", "Gamma", "Delta")]
    connector = connect(practice.url)
    full = pull(connector)
    held = rows(full)
    assert set(ids) <= held.keys()
    assert (held[ids[0]]["domain"], held[ids[0]]["hubspot_owner_id"]) == ("alpha.example", owners[0])
    assert gone(full) == set()

    change = {"hubspot_owner_id": owners[1], "lifecyclestage": "customer"}
    practice.call("PATCH", f"/crm/v3/objects/companies/{ids[0]}", {"properties": change})
    practice.call("DELETE", f"/crm/v3/objects/companies/{ids[1]}")
    merge = {"primaryObjectId": ids[2], "objectIdToMerge": ids[3]}
    kept = practice.call("POST", "/crm/v3/objects/companies/merge", merge)["id"]
    new = made("Epsilon")
    changes = pull(connector, full[-1].cursor)
    assert {name: rows(changes)[ids[0]][name] for name in change} == change
    assert {new, kept} <= rows(changes).keys()
    assert {ids[1], *({ids[2], ids[3]} - {kept})} <= gone(changes)
    assert not gone(changes) & rows(changes).keys()
    before = connector.usage().calls
    pull(connector, changes[-1].cursor)
    assert connector.usage().calls == before + 2

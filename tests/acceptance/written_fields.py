"""The fields that reps see, as the starter mappings name them, and how a test looks at them in the practice CRMs."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from rehearsal import LEAD_OBJECT, Rehearsal

API = {
    "salesforce": "/services/data/v62.0/sobjects/Lead/{id}",
    "hubspot": "/crm/v3/objects/contacts/{id}",
}


def switched_on(here: Rehearsal, crm: str) -> None:
    """The starter's `write:` as a reader switches it on: its comment signs taken away."""
    mapping = here.file(f"mappings/{crm}.yaml")
    text = mapping.read_text(encoding="utf-8")
    text, found = re.subn(
        r"^# write:\n(# .*\n)+", lambda part: re.sub("^# ", "", part[0], flags=re.M), text, flags=re.M
    )
    assert found == 1
    mapping.write_text(text, encoding="utf-8")


def native(crm: str, name: str) -> str:
    """`fit_band` → `Crmsync_Fit_Band__c` or `crmsync_fit_band`."""
    return f"crmsync_{name}" if crm == "hubspot" else f"Crmsync_{'_'.join(map(str.capitalize, name.split('_')))}__c"


def plain(crm: str, field: str) -> str:
    """The reverse of `native`."""
    return field.removesuffix("__c").lower().removeprefix("crmsync_")


def asked(here: Rehearsal, crm: str, record: str, values: Mapping[str, Any] | None = None) -> tuple[int, Any]:
    """The lead's record as another program reads it, or changes it: (status, answer)."""
    url = here.urls[crm] + API[crm].format(id=record)
    body = None
    if values is not None:
        body = json.dumps({"properties": values} if crm == "hubspot" else values).encode()
    elif crm == "hubspot":
        names = [each["name"] for each in _json(here, crm, f"/crm/v3/properties/{LEAD_OBJECT[crm]}")["results"]]
        url += "?properties=" + ",".join(name for name in names if name.startswith("crmsync_"))
    try:
        with urllib.request.urlopen(_request(here, crm, url, body), timeout=300) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def held(here: Rehearsal, crm: str, record: str) -> dict[str, Any]:
    """What stands in the lead's fields for reps, by their plain names; only those that hold something."""
    status, answer = asked(here, crm, record)
    assert status == 200, answer
    values = answer["properties"] if crm == "hubspot" else answer
    mine = {plain(crm, name): value for name, value in values.items() if name.lower().startswith("crmsync_")}
    return {name: value for name, value in mine.items() if value is not False and value not in (None, "", "false")}


def _json(here: Rehearsal, crm: str, path: str) -> Any:
    with urllib.request.urlopen(_request(here, crm, here.urls[crm] + path, None), timeout=300) as answer:
        return json.loads(answer.read())


def _request(here: Rehearsal, crm: str, url: str, body: bytes | None) -> urllib.request.Request:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    request.method = "PATCH" if body else "GET"
    request.add_header("Sforce-Auto-Assign", "FALSE")
    token = "another-program"
    if crm == "salesforce":
        form = b"grant_type=client_credentials&client_id=another&client_secret=program"
        with urllib.request.urlopen(f"{here.urls[crm]}/services/oauth2/token", form, timeout=300) as answer:
            token = json.loads(answer.read())["access_token"]
    request.add_header("Authorization", f"Bearer {token}")
    return request

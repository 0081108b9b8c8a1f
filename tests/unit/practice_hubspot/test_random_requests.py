"""Whatever comes in, the portal answers like HubSpot: never a 5xx of its own, never an exception."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.practice.thorough import drawing

METHODS = st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"])
WORDS = [
    "crm", "v3", "v4", "objects", "contacts", "0-1", "0-136", "contact", "calls", "deals", "leads", "notes", "search",
    "batch", "read", "create", "update", "upsert", "archive", "merge", "gdpr-delete", "associations", "default",
    "companies", "labels", "properties", "owners", "pipelines", "schemas", "2026-03", "2026-09-beta", "associate",
    "forms", "marketing", "form-integrations", "v1", "submissions", "account-info", "details", "oauth", "token",
    "introspect", "access-tokens", "engagements", "modified", "after", "51", "52", "18000000001", "email",
    "lifecyclestage", "groups", "types", "stages", "_portal", "settings", "..", "", "9" * 30, "-1", "51.0", "%00",
    "crm-object-schemas", "api-usage", "daily", "private-apps",
]  # fmt: skip
PATHS = [
    "/crm/v3/objects/contacts", "/crm/v3/objects/contacts/51", "/crm/v3/objects/contacts/search",
    "/crm/v3/objects/contacts/batch/read", "/crm/v3/objects/contacts/batch/update",
    "/crm/v3/objects/contacts/batch/upsert", "/crm/v3/objects/contacts/batch/create",
    "/crm/v3/objects/contacts/batch/archive", "/crm/v3/objects/contacts/merge",
    "/crm/v3/objects/contacts/gdpr-delete",
    "/crm/v3/objects/calls", "/crm/v3/objects/leads", "/crm/v3/objects/deals/search",
    "/crm/v4/associations/contacts/calls/batch/read", "/crm/v4/associations/contacts/companies/batch/create",
    "/crm/v4/associations/contacts/companies/batch/archive",
    "/crm/v4/associations/contacts/companies/batch/associate/default",
    "/crm/v4/objects/contacts/51/associations/notes", "/crm/v4/objects/contacts/51/associations/contacts/52",
    "/crm/v4/objects/contacts/51/associations/default/contacts/52", "/crm/v3/associations/contact/call/batch/read",
    "/crm/v3/associations/contact/company/batch/create", "/crm/v3/properties/contacts",
    "/crm/v3/properties/contacts/batch/create", "/crm/v3/properties/contacts/batch/read",
    "/crm/v3/properties/calls/x",
    "/crm/v3/owners/", "/crm/v3/owners/41629700", "/crm/v3/pipelines/deals", "/crm/v3/schemas", "/marketing/v3/forms",
    "/oauth/v1/token", "/oauth/2026-03/token/introspect", "/engagements/v1/engagements/modified/after",
    "/account-info/v3/details",
]  # fmt: skip
NAMES = [
    "inputs", "id", "properties", "email", "lifecyclestage", "hubspot_owner_id", "filterGroups", "filters",
    "propertyName", "operator", "value", "values", "highValue", "sorts", "direction", "query", "limit", "after",
    "idProperty", "objectWriteTraceId", "associations", "to", "from", "types", "associationTypeId",
    "associationCategory", "type", "primaryObjectId", "objectIdToMerge", "objectId", "name", "label", "fieldType",
    "groupName", "options", "hasUniqueValue", "labels", "propertiesWithHistory", "hs_timestamp", "hs_object_id",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(
        ["51", "52", "999", "contacts", "EQ", "IN", "BETWEEN", "CONTAINS_TOKEN", "HAS_PROPERTY", "*", "**a*", "", " ",
         "email", "createdate", "firstname", "hs_object_id", "associations.call", "ASCENDING", "-email", "string",
         "enumeration", "number", "text", "contactinformation", "true", "\x00", "é", "';--", "9" * 40, "-5", "1e400",
         "nan", "2026-01-01T00:00:00Z", "0001-01-01", "99999999999999999", "lead", "customer", ";lead", "a;b"]
    ),
    st.text(max_size=12),
)  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True),
    TEXTS,
    st.sampled_from([0, 51, 279, 578, 2**70]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(st.sampled_from(NAMES), TEXTS), inner, max_size=6)
    ),
    max_leaves=25,
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.one_of(TEXTS, st.integers()),
        "idProperty": TEXTS,
        "objectWriteTraceId": TEXTS,
        "properties": st.dictionaries(st.one_of(st.sampled_from(NAMES), TEXTS), SCALARS, max_size=4),
        "from": st.fixed_dictionaries({"id": TEXTS}),
        "to": st.fixed_dictionaries({"id": TEXTS}),
        "name": TEXTS,
        "label": TEXTS,
        "type": TEXTS,
        "fieldType": TEXTS,
        "groupName": TEXTS,
    },
)
OPERATORS = st.sampled_from(
    ["EQ", "NEQ", "LT", "GTE", "IN", "NOT_IN", "BETWEEN", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN", "NOT_HAS_PROPERTY"]
)
FILTERS = st.fixed_dictionaries(
    {"propertyName": TEXTS, "operator": OPERATORS},
    optional={"value": SCALARS, "highValue": SCALARS, "values": st.lists(SCALARS, max_size=3)},
)
BODIES = st.one_of(
    JSON,
    st.fixed_dictionaries({"inputs": st.lists(RECORDS, max_size=4)}),
    st.fixed_dictionaries(
        {"filterGroups": st.lists(st.fixed_dictionaries({"filters": st.lists(FILTERS, max_size=2)}), max_size=2)},
        optional={"sorts": st.lists(TEXTS, max_size=1), "query": TEXTS, "limit": SCALARS, "after": SCALARS},
    ),
    RECORDS,
)
RAW_BODIES = st.one_of(
    st.binary(max_size=40), BODIES.map(lambda body: json.dumps(body).encode("utf-8", "surrogatepass"))
)
QUERY_NAMES = [
    "limit",
    "after",
    "properties",
    "propertiesWithHistory",
    "associations",
    "archived",
    "idProperty",
    "email",
]
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(QUERY_NAMES), st.one_of(TEXTS, st.binary(max_size=6).map(lambda b: b.decode("latin-1")))
    ),
    max_size=4,
).map(lambda pairs: "&".join(f"{name}={quote(value, errors='replace')}" for name, value in pairs))
ODD_SEGMENTS = st.text(max_size=5).map(lambda text: quote(text, errors="replace"))
ANY_PATH = st.one_of(
    st.sampled_from(PATHS),
    st.lists(st.one_of(st.sampled_from(WORDS), ODD_SEGMENTS), max_size=8).map(lambda parts: "/" + "/".join(parts)),
)


@drawing(200)
@given(METHODS, ANY_PATH, QUERIES, RAW_BODIES)
def test_any_request_gets_an_answer(generated: Any, method: str, path: str, query: str, body: bytes) -> None:
    status, text = generated.raw(method, path, query, body)
    assert 200 <= status < 500
    if status >= 400 and status != 414:
        assert json.loads(text)["status"] in ("error", "BAD_CLIENT_SECRET", "BAD_GRANT_TYPE", "BAD_REFRESH_TOKEN")
    assert generated.side.endpoint_of(method, path).startswith(method)


@drawing(130)
@given(st.sampled_from(PATHS), BODIES)
def test_any_body_at_a_writing_path_gets_an_answer(generated: Any, path: str, body: Any) -> None:
    for method in ("POST", "PATCH", "PUT"):
        status, _ = generated.raw(method, path, "", json.dumps(body).encode("utf-8", "surrogatepass"))
        assert 200 <= status < 500


@drawing(50)
@given(st.text(max_size=20))
def test_any_credential_gets_an_answer(generated: Any, text: str) -> None:
    status, _ = generated.raw("GET", "/crm/v3/objects/contacts", headers={"authorization": f"Bearer {text}"})
    assert status in (200, 401, 403)


def test_the_portal_is_still_whole(generated: Any) -> None:
    """Runs last: all that was written above can be read back and exported."""
    state = generated.side.state()
    assert len(state["users"]) > 5 and state["leads"]
    after = ""
    while True:
        page = generated.ask("GET", "/crm/v3/objects/contacts", query=f"limit=100&archived=false{after}")
        if "paging" not in page:
            break
        after = f"&after={page['paging']['next']['after']}"

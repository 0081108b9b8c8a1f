"""Whatever a client sends, the practice org answers like Salesforce: no 5xx that was not asked for, no traceback."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.practice.thorough import drawing

from crmsync_practice.generate import generate_world
from crmsync_practice.salesforce.objects import standard_objects

from .conftest import TODAY, InProcess

ORG = InProcess(generate_world(40, 5, TODAY, "UTC"))
WORLD = generate_world(3, 5, TODAY, "UTC")
FIELDS = sorted({*standard_objects()[0].fields, "Budget__c", "Nope"})
LEAD = "00QKp0000000001MAA"
SEGMENTS = st.sampled_from(
    [
        "services", "data", "v59.0", "v0.0", "query", "queryAll", "sobjects", "Lead", "Task", "Event", "User",
        "Account", "Group", LEAD, LEAD[:15], "00Q", "Ext_Id__c", "Id", "describe", "updated", "deleted", "composite",
        "batch", "jobs", "ingest", "batches", "results", "limits", "oauth2", "token", "Soap", "u", "59.0", "id",
        "layouts", "ui-api", "object-info", "picklist-values", "012000000000000AAA",
        "async", "recent", "%00", "%2F", "é", "..", "0r8Kp0000000001MAA-200", "750Kp0000000001MAA", "1" * 400, "-1",
    ]
)  # fmt: skip
PATHS = st.lists(SEGMENTS, max_size=6).map(lambda parts: "/" + "/".join(parts)) | st.lists(SEGMENTS, max_size=4).map(
    lambda parts: "/".join(["/services/data/v59.0", *parts])
)
KEYS = [
    "attributes", "type", "id", "Id", "records", "allOrNone", "compositeRequest", "batchRequests", "method", "url",
    "referenceId", "body", "ids", "fields", "LastName", "Company", "Status", "OwnerId", "NumberOfEmployees", "Name",
    "HasOptedOutOfEmail", "AnnualRevenue", "operation", "object", "query", "state", "httpHeaders", "WhoId",
    "StartDateTime", "EndDateTime", "DurationInMinutes", "ActivityDate", "externalIdFieldName",
]  # fmt: skip
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**30), max_value=10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["Lead", LEAD, "2026-01-01", "2026-01-01T00:00:00Z", "\x00", "#N/A", "true", "query", "insert"]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)
PICKLISTS = st.dictionaries(
    st.sampled_from(["Status", "Rating", "Industry", "LastName", "Nope"]),
    st.lists(st.sampled_from(["Hot", "Open", "", "x" * 300]), max_size=3),
    max_size=2,
)
RECORD_TYPES = st.lists(
    st.fixed_dictionaries(
        {"developer_name": st.sampled_from(["A", "B", "C", "Master", "1x", ""])},
        optional={
            "name": st.text(max_size=5) | st.none(),
            "active": st.booleans(),
            "available": st.booleans(),
            "default": st.booleans(),
            "picklists": PICKLISTS,
        },
    ),
    max_size=3,
)
SWITCHES = st.fixed_dictionaries(
    {},
    optional={
        "record_types": RECORD_TYPES,
        "hidden_fields": st.lists(
            st.sampled_from(["Lead.Id", "Lead.RecordTypeId", "Lead.Status", "Nope"]), max_size=2
        ),
        "restricted_picklists": st.lists(st.sampled_from(["Lead.Status", "Lead.Rating", "x"]), max_size=2),
        "validation_rules": st.lists(
            st.fixed_dictionaries({"condition": st.sampled_from(["Id = null", "RecordTypeId != null", "(", ""])}),
            max_size=1,
        ),
        "status_rewrites": st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
        "unique_external_ids": st.booleans(),
        "soap_login": JSON,
        "daily_api_requests": st.none() | st.integers(min_value=-1),
        "bulk_polls": st.integers(),
        "nonsense": JSON,
    },
)
WORDS = st.sampled_from(
    [
        "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "ORDER", "BY", "GROUP", "HAVING", "LIMIT",
        "OFFSET", "ASC", "DESC", "NULLS", "FIRST", "LAST", "COUNT()", "COUNT(Id)", "Lead", "Task", "Id", "Name",
        "Status", "Owner.Name", "Who.Type", "CreatedDate", "NumberOfEmployees", "IsConverted", "TODAY",
        "LAST_N_DAYS:3", "=", "!=", "<", ">", "<=", ">=", "(", ")", ",", "'x'", "'it\\'s'", "'%'", "null", "true",
        "5", "-1.5e3", "2026-01-01", "2026-01-01T00:00:00Z", "(SELECT", "FIELDS(ALL)", "TYPEOF", "WHEN", "THEN",
        "END", "CALENDAR_YEAR(CreatedDate)", "Tasks", "INCLUDES", "#", ";", "\x00", "99999999999999999999",
    ]
)  # fmt: skip
METHODS = st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"])
RARELY = drawing(100)


def check(answer: Any) -> None:
    """An answer that Salesforce could have given."""
    assert answer.status < 500 or b"sf:exceptionCode" in answer.body, (answer.status, answer.body[:400])
    assert b"Traceback" not in answer.body and b"sqlite" not in answer.body.lower()
    if answer.headers.get("content-type", "").startswith("application/json") and answer.body:
        content = answer.json()
        if answer.status >= 400 and isinstance(content, list):
            assert all({"message", "errorCode"} <= set(each) for each in content)


@RARELY
@given(
    METHODS, PATHS, st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()), st.text(max_size=30)
)
def test_any_method_path_and_body(method: str, path: str, body: bytes, query: str) -> None:
    check(ORG.call(method, path, body, query=quote(query, safe="=&")))


@RARELY
@given(
    JSON,
    st.sampled_from(
        ["composite", "composite/batch", "composite/sobjects", "composite/sobjects/Lead", "sobjects/Lead"]
    ),
)
def test_any_json_where_records_are_expected(body: Any, where: str) -> None:
    check(ORG.call("POST", f"/services/data/v59.0/{where}", json.dumps(body).encode()))
    check(ORG.call("PATCH", f"/services/data/v59.0/{where}", json.dumps({"records": [body]}).encode()))


@RARELY
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5))
def test_any_value_for_any_field(values: dict[str, Any]) -> None:
    check(ORG.call("PATCH", f"/services/data/v59.0/sobjects/Lead/{LEAD}", json.dumps(values).encode()))
    check(ORG.call("POST", "/services/data/v59.0/sobjects/Task", json.dumps(values).encode()))
    check(ORG.call("POST", "/services/data/v59.0/sobjects/Event", json.dumps(values).encode()))


@RARELY
@given(st.lists(WORDS, max_size=16).map(" ".join))
def test_any_words_as_a_statement(words: str) -> None:
    for text in (words, f"SELECT Id FROM Lead WHERE {words}", f"SELECT {words} FROM Lead"):
        check(ORG.call("GET", "/services/data/v59.0/query", query=f"q={quote(text)}"))


@RARELY
@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")))
def test_any_text_as_csv_and_soap(text: str) -> None:
    made = ORG.call(
        "POST", "/services/data/v59.0/jobs/ingest", json.dumps({"object": "Lead", "operation": "insert"}).encode()
    ).json()
    where = f"/services/data/v59.0/jobs/ingest/{made['id']}"
    for body in (text.encode("utf-8", "replace"), b"LastName,Company\n" + text.encode("utf-8", "replace")):
        check(ORG.call("PUT", f"{where}/batches", body, {"content-type": "text/csv"}))
    check(ORG.call("PATCH", where, b'{"state":"UploadComplete"}'))
    for resource in ("", "/successfulResults", "/failedResults", "/unprocessedrecords"):
        check(ORG.call("GET", where + resource))
    envelope = (
        f"<sessionId>x</sessionId><convertLead><leadConverts><leadId>{text}</leadId></leadConverts></convertLead>"
    )
    check(ORG.call("POST", "/services/Soap/u/59.0", envelope.encode("utf-8", "replace")))


@RARELY
@given(JSON)
def test_any_edit_is_done_or_refused(payload: Any) -> None:
    for body in (payload, {"leads": [payload]}, {"activities": [payload]}, {"users": [payload], "by": "x"}):
        answer = ORG.call("POST", "/_practice/edit", json.dumps(body).encode())
        assert answer.status in {200, 400}, answer.body
    assert ORG.call("GET", "/_practice/state").status == 200


@drawing(40)
@given(SWITCHES | JSON, st.dictionaries(st.sampled_from(["RecordTypeId", "Status", "Rating", "Ext_Id__c"]), JSON))
def test_whatever_is_switched_answers_stay_in_order(switches: Any, values: dict[str, Any]) -> None:
    own = InProcess(WORLD)
    answer = own.call("PUT", "/_practice/switches", json.dumps(switches).encode())
    assert answer.status in {200, 400} and b"Traceback" not in answer.body
    types = own.call("GET", "/services/data/v59.0/query", query=f"q={quote('SELECT Id FROM RecordType')}")
    check(types)
    for each in types.json().get("records", []) if types.status == 200 else []:
        body = json.dumps({"LastName": "L", "Company": "C", **values, "RecordTypeId": each["Id"]}).encode()
        check(own.call("POST", "/services/data/v59.0/sobjects/Lead", body))
        check(own.call("GET", f"/services/data/v59.0/ui-api/object-info/Lead/picklist-values/{each['Id']}"))
    for where in ("sobjects/Lead/describe", "sobjects/Lead/describe/layouts", f"sobjects/Lead/{LEAD}", "limits"):
        check(own.call("GET", f"/services/data/v59.0/{where}"))
    check(own.call("PATCH", f"/services/data/v59.0/sobjects/Lead/{LEAD}", json.dumps(values).encode()))

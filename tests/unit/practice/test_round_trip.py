"""What is imported comes back as it was: every kind, outcome, direction, actor, instant, day and attribute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.practice.thorough import drawing

from crmsync_practice.records import Activity, Lead, User, World, activity_to_json, lead_to_json, user_to_json

from .conftest import InProcess

KINDS = """form_submission newsletter_signup content_download gated_content webinar_registered webinar event
social_connect social_follow page_view intent_signal demo_request demo pricing_request pricing_talk
consultation_request discovery_call discovery_workshop proposal_request rfp_received call email meeting note task
something_else Call""".split()  # noqa: SIM905 - a list of 27 words reads better so
OUTCOMES = [
    None,
    "connected",
    "no_answer",
    "left_voicemail",
    "completed",
    "scheduled",
    "no_show",
    "canceled",
    "replied",
]
ZONES = ["UTC", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati"]
USERS = (
    User(
        "u1", "person", "Ann Lee", "ann@firm.example", ("ae", "manager"), True, "North", ("DE", "AT"), "Europe/Berlin"
    ),
    User("u2", "person", "Madonna", None, ("bdr",), False, None, (), None),
    User("q1", "queue", "Inbound leads", None, (), True, "North", ("DE",), None),
    User("q2", "queue", None, "q@firm.example", ("ae",), False, None, (), "UTC"),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12)
VALUE = st.one_of(
    st.none(), TEXT, st.booleans(), st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9, allow_nan=False).map(abs)
)
INSTANT = st.datetimes(datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2026-12-31")).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)


def without_nulls(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "attributes": {name: each for name, each in record["attributes"].items() if each is not None}}


def same_kind_by_name(leads: list[dict[str, Any]]) -> bool:
    """Whether every attribute has values of one JSON type: only then can its type be kept."""
    kinds: dict[str, set[type]] = {}
    for lead in leads:
        for name, value in lead.items():
            if value is not None:
                kinds.setdefault(name, set()).add(float if type(value) is int else type(value))
    return all(len(each) == 1 for each in kinds.values())


def edges(zone: str) -> st.SearchStrategy[datetime]:
    """Instants beside a local midnight, and any others."""
    midnight = st.dates(date(2024, 1, 2), date(2026, 12, 1)).map(
        lambda day: datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    )
    return st.one_of(INSTANT, st.builds(lambda at, off: at + timedelta(seconds=off), midnight, st.integers(-1, 1)))


@drawing(30)
@given(st.data(), st.sampled_from(ZONES))
def test_an_imported_world_comes_back(data: st.DataObject, zone: str) -> None:
    names = [
        "industry",
        "employees",
        "annual_revenue",
        "country",
        "deal_urgency",
        "Deal Urgency",
        "b2b",
        "ext_id",
        "é",
    ]
    attributes = data.draw(
        st.lists(st.dictionaries(st.sampled_from(names), VALUE, max_size=5), min_size=1, max_size=5).filter(
            same_kind_by_name
        )
    )
    leads = tuple(
        Lead(
            id=f"l{index}",
            email=data.draw(st.none() | st.just("Same@firm.example")),
            first_name=data.draw(st.none() | TEXT),
            last_name=data.draw(st.none() | TEXT),
            company=data.draw(st.none() | TEXT),
            owner=data.draw(st.sampled_from([None, "u1", "u2", "q1"])),
            stage=data.draw(st.none() | TEXT | st.just("Sales Qualified")),
            created_at=data.draw(INSTANT),
            modified_at=data.draw(INSTANT),
            attributes=each,
        )
        for index, each in enumerate(attributes)
    )
    activities = tuple(
        Activity(
            id=f"a{index}",
            lead=data.draw(st.sampled_from(leads)).id,
            kind=data.draw(st.sampled_from(KINDS)),
            at=data.draw(edges(zone)),
            direction=data.draw(st.sampled_from([None, "inbound", "outbound"])),
            outcome=data.draw(st.sampled_from(OUTCOMES)),
            by=data.draw(st.sampled_from([None, "u1", "u2"])),
            subject=data.draw(st.none() | TEXT),
        )
        for index in range(data.draw(st.integers(0, 8)))
    )
    org = InProcess(World(USERS, leads, activities), zone)
    state = org.side.state()
    order = {each.id: place for place, each in enumerate(activities)}
    native = sorted((dict(each) for each in state["activities"]), key=lambda each: order[each["id"]])
    for table in state.values():
        for record in table:
            assert len(record.pop("native_id")) == 18
    assert state["users"] == [user_to_json(user) for user in USERS]
    assert [without_nulls(lead) for lead in state["leads"]] == [without_nulls(lead_to_json(lead)) for lead in leads]
    by_id = {activity["id"]: activity for activity in state["activities"]}
    assert [by_id[each.id] for each in activities] == [activity_to_json(each) for each in activities]
    ids = {row["native_id"]: each.id for row, each in zip(native, activities, strict=True)}
    for name, more in (("Task", ", CompletedDateTime, Status"), ("Event", "")):
        for row in org.query(f"SELECT Id, ActivityDate{more} FROM {name}", everything=True):
            activity = next(each for each in activities if each.id == ids[row["Id"]])
            assert row["ActivityDate"] == activity.at.astimezone(ZoneInfo(zone)).date().isoformat()
            if row.get("Status") == "Completed":
                assert row["CompletedDateTime"] == activity.at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def test_a_stage_for_each_crm_and_the_leads_of_converted_status() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)

    def lead(number: int, stage: Any) -> Lead:
        return Lead(f"l{number}", None, None, "X", None, None, stage, at, at)

    stages = [{"salesforce": "A", "hubspot": "b"}, {"hubspot": "b"}, "Own words", None, "Closed - Converted"]
    org = InProcess(World((), tuple(lead(number, stage) for number, stage in enumerate(stages)), ()))
    rows = org.query("SELECT Status, IsConverted FROM Lead ORDER BY Id")
    assert [row["Status"] for row in rows] == ["A", None, "Own words", None, "Closed - Converted"]
    assert [row["IsConverted"] for row in rows] == [False] * 4 + [True]


def test_attributes_choose_their_fields_by_type() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    rows: list[dict[str, Any]] = [
        {"employees": 12, "annual_revenue": 1.5, "deal_urgency": True, "budget": 5000, "segment": "A", "seats": 3},
        {"employees": 7, "campaign": "Spring", "budget": 1, "segment": "A", "seats": 2.5},
    ]
    leads = tuple(
        Lead(f"l{index}", None, None, "X", None, None, None, at, at, each) for index, each in enumerate(rows)
    )
    org = InProcess(World((), leads, ()))
    fields = {
        field["name"]: field
        for field in org.call("GET", "/services/data/v59.0/sobjects/Lead/describe").json()["fields"]
    }
    assert [value["value"] for value in fields["Deal_Urgency__c"]["picklistValues"]] == ["true", "false"]
    assert fields["Budget__c"]["type"] == fields["Seats__c"]["type"] == "double"
    assert fields["Segment__c"]["type"] == "picklist"
    wanted = "NumberOfEmployees, AnnualRevenue, Campaign__c, Deal_Urgency__c, Budget__c, Seats__c"
    (first, second) = org.query(f"SELECT {wanted} FROM Lead ORDER BY Id")
    assert list(first.values())[1:] == [12, 1.5, None, "true", 5000.0, 3.0]
    assert list(second.values())[1:] == [7, None, "Spring", None, 1.0, 2.5]
    assert [lead["attributes"] for lead in org.side.state()["leads"]] == rows


def test_text_where_a_number_is_usual_gets_a_field_of_its_own() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    leads = (Lead("l", None, None, "X", None, None, None, at, at, {"employees": "51-200"}),)
    org = InProcess(World((), leads, ()))
    assert org.query("SELECT Employees__c, NumberOfEmployees FROM Lead")[0]["Employees__c"] == "51-200"
    assert org.side.state()["leads"][0]["attributes"] == {"employees": "51-200"}

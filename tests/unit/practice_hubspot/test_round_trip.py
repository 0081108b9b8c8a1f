"""Any world comes back from `state` as it went in, and natively reads the way other people's mappings expect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.practice.thorough import drawing

from crmsync_practice.hubspot import native_activities
from crmsync_practice.hubspot.attributes import from_text, property_for, survey, to_text, widened
from crmsync_practice.records import Activity, User

KINDS = [
    "form_submission", "newsletter_signup", "content_download", "gated_content", "webinar_registered", "webinar",
    "event", "social_connect", "social_follow", "page_view", "intent_signal", "demo_request", "demo",
    "pricing_request", "pricing_talk", "consultation_request", "discovery_call", "discovery_workshop",
    "proposal_request", "rfp_received", "call", "email", "meeting", "note", "task", "Call", "calls", "odd Ünit;kind",
]  # fmt: skip
OUTCOMES = [
    None, "connected", "no_answer", "left_voicemail", "completed", "scheduled", "no_show", "canceled", "replied",
    "rescheduled", "open", "failed", "bounced", "busy", "Connected", "COMPLETED", "odd one",
]  # fmt: skip
DIRECTIONS = [None, "inbound", "outbound"]
TIMES = st.integers(0, 10**9).map(lambda ms: datetime(2026, 11, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=20)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_outcome_and_direction_maps_back(kind: str) -> None:
    at = datetime(2026, 11, 2, 23, 59, 59, 999000, tzinfo=UTC)
    for outcome in OUTCOMES:
        for direction in DIRECTIONS:
            name, props = native_activities.properties_of(kind, at, direction, outcome, "S")
            assert name in native_activities.OBJECTS
            assert native_activities.kind_of(name, props) == kind
            assert native_activities.outcome_of(name, props) == outcome
            assert native_activities.direction_of(name, props) == direction
            assert props["hs_timestamp"] == "2026-11-02T23:59:59.999Z"
            assert all(props.values())


@pytest.mark.parametrize(
    ("kind", "outcome", "direction", "expected"),
    [
        ("call", "connected", "outbound", {"hs_call_disposition": "f240bbac-87c9-4f6e-bf70-924b57d47db7",
                                           "hs_call_direction": "OUTBOUND", "hs_call_status": "COMPLETED"}),
        ("call", "no_answer", None, {"hs_call_status": "NO_ANSWER"}),
        ("meeting", "no_show", None, {"hs_meeting_outcome": "NO_SHOW"}),
        ("demo", "completed", None, {"hs_meeting_outcome": "COMPLETED", "activity_kind": "demo"}),
        ("email", "replied", "inbound", {"hs_email_direction": "INCOMING_EMAIL", "activity_outcome": "replied"}),
        ("email", None, "outbound", {"hs_email_direction": "EMAIL", "hs_email_status": "SENT"}),
        ("task", "completed", None, {"hs_task_status": "COMPLETED"}),
        ("task", "open", None, {"hs_task_status": "NOT_STARTED"}),
        ("task", None, None, {}),
        ("call", "canceled", None, {"hs_call_status": "CANCELED"}),
        ("email", "bounced", "outbound", {"hs_email_status": "BOUNCED"}),
        ("webinar", None, "inbound", {"activity_kind": "webinar", "activity_direction": "inbound"}),
    ],
)  # fmt: skip
def test_native_values(kind: str, outcome: str | None, direction: str | None, expected: dict[str, str]) -> None:
    _, props = native_activities.properties_of(kind, datetime(2026, 11, 2, tzinfo=UTC), direction, outcome, None)
    assert expected.items() <= props.items()
    assert ("activity_kind" in props) == ("activity_kind" in expected)
    assert ("activity_outcome" in props) == ("activity_outcome" in expected)


ONE_TYPE = (
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
VALUES = st.one_of(st.none(), *ONE_TYPE)


@drawing(150)
@given(st.one_of(*[st.lists(kind, min_size=1, max_size=8) for kind in ONE_TYPE]))
def test_attribute_values_of_one_type_come_back(values: list[Any]) -> None:
    seen = survey({"fact": value} for value in values)["fact"]
    definition = property_for("fact", seen, {})
    for value in values:
        back = from_text(to_text(value), definition)
        assert back == value and isinstance(back, bool) == isinstance(value, bool)


def test_mixed_values_become_texts_and_widening_never_fails() -> None:
    seen = survey([{"fact": 1}, {"fact": "one"}])["fact"]
    assert property_for("fact", seen, {}).type == "string"
    numbers = property_for("size", survey([{"size": 1}])["size"], {})
    assert numbers.type == "number" and widened(numbers, 5) is numbers
    assert widened(numbers, "many").type == "string"
    choices = property_for("urgency", survey([{"urgency": each} for each in "aabb"])["urgency"], {})
    assert choices.type == "enumeration" and "c" in widened(choices, "c").values
    assert widened(choices, "x;y").type == "string"


USERS = [
    User("u1", "person", "Ann One", "ann@x.example"),
    User("u2", "queue", "Q"),
    User("u3", "person", active=False),
]
LEADS = st.lists(
    st.fixed_dictionaries(
        {
            "email": st.one_of(st.none(), st.sampled_from(["a@x.example", "B@x.example", "no at"])),
            "first_name": st.one_of(st.none(), TEXTS),
            "owner": st.sampled_from([None, "u1", "u2", "u3"]),
            "stage": st.sampled_from([None, "94943285", "customer", "disqualified", "gone stage"]),
            "created_at": TIMES,
            "modified_at": TIMES,
            "attributes": st.dictionaries(
                st.sampled_from(["industry", "title", "Deal Urgency", "deal_urgency", "email", "1st", "größe"]),
                VALUES,
            ),
        }
    ),
    min_size=1,
    max_size=5,
)
ACTIVITIES = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(KINDS),
        TIMES,
        st.sampled_from(DIRECTIONS),
        st.sampled_from(OUTCOMES),
        st.sampled_from([None, "u1", "u3"]),
        st.one_of(st.none(), TEXTS),
    ),
    max_size=12,
)


@drawing(50)
@given(LEADS, ACTIVITIES)
def test_a_random_world_round_trips(
    build: Callable[..., Any], lead: Callable[..., Any], leads: list[dict[str, Any]], rows: list[tuple[Any, ...]]
) -> None:
    people = [lead(number, **fields) for number, fields in enumerate(leads)]
    activities = [
        Activity(f"A{index}", f"L{number % len(people)}", *rest) for index, (number, *rest) in enumerate(rows)
    ]
    state = build(people, activities, USERS).side.state()
    got = {each["id"]: each for each in state["leads"]}
    mixed = {
        name
        for name in {key for person in people for key in person.attributes}
        if len({type_of(p.attributes[name]) for p in people if p.attributes.get(name) is not None}) > 1
    }
    for person in people:
        shown = got[person.id]
        assert (shown["email"], shown["first_name"], shown["owner"]) == (
            person.email,
            person.first_name,
            person.owner,
        )
        assert shown["stage"] == ("UNQUALIFIED" if person.stage == "disqualified" else person.stage)
        assert datetime.fromisoformat(shown["created_at"]) == person.created_at
        assert datetime.fromisoformat(shown["modified_at"]) == person.modified_at
        expected = {name: value for name, value in person.attributes.items() if value is not None}
        assert shown["attributes"].keys() == expected.keys()
        for name in expected.keys() - mixed:
            assert shown["attributes"][name] == expected[name]
    back = {each["id"]: each for each in state["activities"]}
    assert len(back) == len(activities)
    for activity in activities:
        shown = back[activity.id]
        for key in ("lead", "kind", "direction", "outcome", "by", "subject"):
            assert shown[key] == getattr(activity, key)
        assert datetime.fromisoformat(shown["at"]) == activity.at


def type_of(value: Any) -> str:
    """The JSON type of a value."""
    return "boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"

"""In which order leads get their owner, and what the answer tells of each turn."""

from datetime import UTC, datetime, timedelta

from routing_world import ROLES, leads, resolved, route

from crmsync.model import ROUTED


def test_the_order_of_turns():
    base = datetime(2026, 11, 1, tzinfo=UTC)
    rows = [
        {"lead": "9", "priority": 7},
        {"lead": "8", "priority": 5, "created_at": base, "email": "B@x.example"},
        {"lead": "7", "priority": 5, "created_at": base + timedelta(milliseconds=900), "email": "a@y.example"},
        {"lead": "6", "priority": 5, "created_at": base, "email": None},
        {"lead": "5", "priority": 5, "created_at": base + timedelta(seconds=1)},
        {"lead": "3", "priority": 5, "created_at": None, "email": None},
        {"lead": "4", "priority": 5, "created_at": None, "email": None},
        {"lead": "2", "priority": 5, "created_at": None, "email": "z@z.example"},
        {"lead": "1", "priority": -3},
        {"lead": "0", "priority": None},
    ]
    frame = leads([{"stage": "sql", **row} for row in rows])
    for mixed in (frame, frame.reverse(), frame.sample(fraction=1, shuffle=True, seed=3)):
        result = route(resolved(ROLES), mixed)
        assert result.assigned["lead"].to_list() == ["9", "7", "8", "6", "5", "2", "3", "4", "1", "0"]
    new = leads([{"lead": "n", "owner": None, "priority": 99}, {"lead": "h", "stage": "sql"}])
    assert route(resolved(ROLES), new).assigned["lead"].to_list() == ["h", "n"]


def test_the_frame_tells_the_counter_before_and_after_and_who_was_passed_over():
    result = route(resolved(ROLES), leads([{"lead": "a", "stage": "sql"}, {"lead": "b", "stage": "sql"}]))
    assert dict(result.assigned.schema) == dict(ROUTED)
    rows = result.assigned.to_dicts()
    assert [(row["pool"], row["counter_before"], row["counter_after"]) for row in rows] == [("receivers", 0, 1)] * 2
    assert rows[0]["reason"] == "next in the rotation of pool receivers"
    assert rows[0]["passed_over"] == [{"person": "ben", "why": "not their turn: 0 of a share of 0.50"}]

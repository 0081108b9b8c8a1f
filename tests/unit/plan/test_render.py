"""A plan as JSON: the shape that other programs rely on, every key of it."""

from __future__ import annotations

from datetime import date

from crmsync.model import Between, Change, GuardReading, HandOffStep, NewRecord, Plan, RecordChange, Routing, SetAside
from crmsync.plan.render import plan_to_json, report_to_json
from crmsync.plan.seal import seal_of

DAY = date(2026, 11, 21)
HANDED = Change(
    lead="1",
    stage_before="mql",
    stage_after="sql",
    owner_before="bea",
    owner_after="ann",
    writes={"Status": ("Open", "Sales"), "OwnerId": ("bea", "ann"), "Why__c": (None, "asked")},
    scores={"fit": (12000, 15000)},
    reasons=("asked for a demo", "next in the rotation"),
    turn="aes",
    routing=Routing(
        "next in the rotation",
        "aes",
        4,
        5,
        (("abe", "absent"),),
        (("ann", 2), ("bea", 1)),
        Between("between aes, partners", 6, 7, (("aes", 7), ("partners", 3))),
    ),
    hand_off=HandOffStep("handed", 1, "bea", answer="Answer"),
    creates=(NewRecord("Task", {"Subject": "Call"}, ("Subject",)),),
    fields=("Why__c",),
    records=(RecordChange("Task", "1", {"Status": ("Open", "Done")}),),
)
ONLY_STAGE = Change("2", None, "lead", "bea", "bea", {"Status": (None, "Open")}, {}, ())
QUEUED = Change("3", "sql", "sql", None, "desk", {"OwnerId": (None, "desk")}, {}, (), routing=Routing("to a queue"))


def plan(**more: object) -> Plan:
    values = {
        "connection": "salesforce",
        "as_of": DAY,
        "changes": (HANDED, ONLY_STAGE, QUEUED),
        "set_aside": (SetAside("9", "nobody could take it"),),
        "guards": (GuardReading("changed_share", 0.25, 0.3, breached=False, way_on="look"),),
        "counts": {"read": 12},
        "stages": {"sql": 3},
        "digest": "abc",
        "notes": ("first run",),
        "urls": {"1": "https://crm.example/1"},
        "owner_leads": {"bea": 4, None: 2},
    }
    return Plan(**{**values, **more})  # type: ignore[arg-type]


def test_a_whole_plan() -> None:
    shown = plan_to_json(plan())
    changes = shown.pop("changes")
    assert shown == {
        "connection": "salesforce",
        "as_of": "2026-11-21",
        "digest": "abc",
        "bound_to": None,
        "undo_of": None,
        "guards": [
            {
                "name": "changed_share",
                "value": 0.25,
                "limit": 0.3,
                "breached": False,
                "words": "",
                "leads": [],
                "way_on": "look",
            }
        ],
        "counts": {"read": 12},
        "stages": {"sql": 3},
        "owners": [
            {"owner": "ann", "before": 0, "after": 1, "gains": 1, "losses": 0},
            {"owner": "desk", "before": 0, "after": 1, "gains": 1, "losses": 0},
            {"owner": "bea", "before": 4, "after": 3, "gains": 0, "losses": 1},
            {"owner": None, "before": 2, "after": 1, "gains": 0, "losses": 1},
        ],
        "set_aside": [{"lead": "9", "reason": "nobody could take it", "url": None}],
        "notes": ["first run"],
        "rest": None,
    }
    assert changes[0] == {
        "lead": "1",
        "url": "https://crm.example/1",
        "stage": {"before": "mql", "after": "sql"},
        "owner": {"before": "bea", "after": "ann"},
        "holds": {"stage": "mql", "owner": "bea"},
        "decided": None,
        "writes": {
            "Status": {"before": "Open", "after": "Sales"},
            "OwnerId": {"before": "bea", "after": "ann"},
            "Why__c": {"before": None, "after": "asked"},
        },
        "fields": ["Why__c"],
        "scores": {"fit": [12000, 15000]},
        "reasons": ["asked for a demo", "next in the rotation"],
        "routing": {
            "reason": "next in the rotation",
            "pool": "aes",
            "counter": {"before": 4, "after": 5},
            "passed_over": [{"user": "abe", "why": "absent"}],
            "shared": [{"user": "ann", "weight": 2}, {"user": "bea", "weight": 1}],
            "between": {
                "rotation": "between aes, partners",
                "counter": {"before": 6, "after": 7},
                "pools": [{"pool": "aes", "weight": 7}, {"pool": "partners", "weight": 3}],
            },
        },
        "hand_off": {"move": "handed", "attempt": 1, "bdr": "bea", "reason": None, "answer": "Answer"},
        "turn": "aes",
        "beside": {},
        "creates": [{"object": "Task", "values": {"Subject": "Call"}, "known_by": ["Subject"]}],
        "records": [{"object": "Task", "id": "1", "writes": {"Status": {"before": "Open", "after": "Done"}}}],
    }


def test_what_stays_is_null() -> None:
    _, stage_only, queued = plan_to_json(plan())["changes"]
    assert (stage_only["stage"], stage_only["owner"]) == ({"before": None, "after": "lead"}, None)
    assert (stage_only["routing"], stage_only["hand_off"], stage_only["creates"]) == (None, None, [])
    assert (queued["stage"], queued["owner"]) == (None, {"before": None, "after": "desk"})
    nothing = {"pool": None, "counter": None, "passed_over": [], "shared": None, "between": None}
    assert queued["routing"] == {"reason": "to a queue", **nothing}


def test_outcomes_and_messages_stand_on_changes_that_were_carried_out() -> None:
    done = plan(outcomes={"1": "written", "2": "refused"}, messages={"2": "not without a phone"})
    first, second, third = plan_to_json(done)["changes"]
    assert (first["outcome"], "message" in first) == ("written", False)
    assert (second["outcome"], second["message"]) == ("refused", "not without a phone")
    assert not {"outcome", "message"} & third.keys()


def test_the_whole_answer() -> None:
    error = {"connection": "hubspot", "message": "signed out"}
    report = report_to_json([plan()], [error], dry_run=True, as_of=DAY)
    assert report == {
        "format": 1,
        "dry_run": True,
        "as_of": "2026-11-21",
        "plans": [plan_to_json(plan())],
        "errors": [error],
        "seal": seal_of(report),
    }


def test_in_a_real_run_every_change_has_an_outcome() -> None:
    """Also where a guard has stopped it: nothing was sent."""
    one = plan(outcomes={"1": "written"})
    [real] = report_to_json([one], [], dry_run=False, as_of=DAY)["plans"]
    assert [change["outcome"] for change in real["changes"]] == ["written", "not_reached", "not_reached"]
    [dry] = report_to_json([plan()], [], dry_run=True, as_of=DAY)["plans"]
    assert ["outcome" in change for change in dry["changes"]] == [False] * 3

"""Figures of answers counted a second time, from what the practice CRM holds and from the store's rows.

Nothing here calls crmsync. What a policy decides of each lead is taken from `explain`, which other tests recompute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

from fixed_world import INSTANT
from rehearsal import Rehearsal
from sqlalchemy import URL, create_engine, inspect, make_url, text

TODAY = INSTANT.date()
EPOCH = date(1970, 1, 1)
LADDER = ("lead", "mql", "sal", "sql", "sqo")
STAGES = {
    "lead": "lead",
    "marketingqualifiedlead": "mql",
    "94943285": "sal",
    "salesqualifiedlead": "sql",
    "94943286": "sqo",
    "UNQUALIFIED": "disqualified",
}
"""What the practice CRM calls a stage → what the policy calls it; others are not managed."""
NOBODY_SPEAKS = ("note", "task")
NEVER_HAPPENED = ("canceled", "no_show", "scheduled", "rescheduled", "open")
Row = dict[str, Any]


@dataclass(frozen=True)
class World:
    """What the CRM held, and every row of the store, when a command had answered.

    `before`: the same a command or some earlier.
    """

    state: Mapping[str, list[Row]]
    tables: Mapping[str, list[Row]]
    before: World | None = None

    @property
    def leads(self) -> dict[str, Row]:
        """By native id; `owner` is one, too."""
        users = {each["id"]: each["native_id"] for each in self.state["users"]}
        return {each["native_id"]: {**each, "owner": users.get(each["owner"])} for each in self.state["leads"]}

    def activities(self, lead: str) -> list[Row]:
        """Of the lead with this native id."""
        name = next(each["id"] for each in self.state["leads"] if each["native_id"] == lead)
        return [each for each in self.state["activities"] if each["lead"] == name]


def world_of(crm: Rehearsal, connection: str, before: World | None) -> World:
    """As they are now."""
    engine = create_engine(_address(crm.store))
    with engine.connect() as at:
        names = inspect(at).get_table_names()
        tables = {
            name: [dict(row) for row in at.execute(text(f'select * from "{name}"')).mappings()] for name in names
        }
    engine.dispose()
    return World(crm.state(connection), tables, before)


def _address(store: Path | str) -> URL:
    if isinstance(store, Path):
        return URL.create("sqlite", database=str(store))
    return make_url(store).set(drivername="postgresql+psycopg")


def counted(things: Iterable[Any]) -> dict[Any, int]:
    return dict(Counter(things))


def the(told: Sequence[Any], *path: str | int) -> Any:
    """The one answer's one connection, or what lies there."""
    found: Any = told[0]
    for part in path or ("connections", 0):
        found = found[part]
    return found


def day_of(value: str) -> date:
    return datetime.fromisoformat(value).date()


# lists of leads


def last(activities: Iterable[Row], *, ours: bool) -> date | None:
    """The last day on which one of us was in contact with the lead, or on which the lead did something by itself."""

    def counts(it: Row) -> bool:
        unknown = it["kind"] == "email" and it["outcome"] is None  # the mapping does not name its word
        if unknown or it["kind"] in NOBODY_SPEAKS or it["outcome"] in NEVER_HAPPENED or day_of(it["at"]) > TODAY:
            return False
        if it["direction"] is not None:
            return (it["direction"] == "outbound") is ours
        return bool(it["by"]) is ours and (not ours or it["outcome"] in (None, "connected", "completed"))

    return max((day_of(it["at"]) for it in activities if counts(it)), default=None)


def near_miss(told: Sequence[Any], world: World, stories: Sequence[Any]) -> None:
    """`--quiet-days 0 --won customer --points 1000`."""
    lists, leads = the(told)["lists"], world.leads
    decided = {one["lead"]: one for one in stories}
    spoken = {lead: last(world.activities(lead), ours=True) for lead in leads}
    did = {lead: last(world.activities(lead), ours=False) for lead in leads}
    since = {lead: spoken[lead] or day_of(leads[lead]["created_at"]) for lead in leads}
    for one in (each for listed in lists.values() for each in listed["leads"]):
        lead = one["lead"]
        assert one["days_since_touch"] == (spoken[lead] and (TODAY - spoken[lead]).days)
        assert one["priority_milli"] == decided[lead]["scores"]["total"][0]
        assert one["owner"] == leads[lead]["owner"]
    quiet = [lead for lead, one in decided.items() if one["managed"] and one["stage"] in LADDER[1:]]
    quiet.sort(
        key=lambda lead: (
            decided[lead]["stage"] in ("sql", "sqo"),
            -LADDER.index(decided[lead]["stage"]),
            since[lead],
            -decided[lead]["scores"]["total"][0],
        )
    )
    assert [one["lead"] for one in lists["quiet"]["leads"]] == quiet
    for one in lists["quiet"]["leads"]:
        assert one["quiet_days"] == (TODAY - since[one["lead"]]).days
        assert one["ever_touched"] is (spoken[one["lead"]] is not None)
    stood = {each["lead"]: each["stage_since"] for each in world.tables["leads"]}
    back = [
        lead
        for lead, one in leads.items()
        if STAGES.get(one["stage"]) == "disqualified" and did[lead] and (did[lead] - EPOCH).days > stood[lead]
    ]
    assert [one["lead"] for one in lists["returning"]["leads"]] == back != []
    for one in lists["returning"]["leads"]:
        assert one["engaged_on"] == str(did[one["lead"]])
        assert one["disqualified_since"] == str(EPOCH + timedelta(days=stood[one["lead"]]))
    won = [lead for lead, one in leads.items() if one["stage"] == "customer"]
    below = [lead for lead in won if decided[lead]["earned_stage"] in LADDER[:3]]
    below.sort(key=lambda lead: (LADDER.index(decided[lead]["earned_stage"]), decided[lead]["scores"]["total"][0]))
    assert [one["lead"] for one in lists["won"]["leads"]] == below != []
    for listed in lists.values():
        assert listed["total"] == len(listed["leads"])


def work_list(told: Sequence[Any], world: World, stories: Sequence[Any]) -> None:
    listed = the(told)["lists"]["worklist"]
    wanted = [one for one in stories if one["managed"] and one["stage"] in ("sql", "sqo")]
    wanted.sort(key=lambda one: (-one["scores"]["total"][0], -LADDER.index(one["stage"])))
    assert [one["lead"] for one in listed["leads"]] == [one["lead"] for one in wanted]
    assert listed["total"] == len(wanted) > 3
    for one in listed["leads"]:
        spoken = last(world.activities(one["lead"]), ours=True)
        assert one["days_since_touch"] == (spoken and (TODAY - spoken).days)


def conflicts(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    """Each value that stands replaced in the store, once for each lead and part."""
    it = the(told)
    rows = counted((each["lead"], each["part"]) for each in world.tables["overruled"])
    assert {(each["lead"], each["part"]): len(each["times"]) for each in it["conflicts"]} == rows != {}
    assert it["total"] == len(rows)
    for each in it["conflicts"]:
        assert each["stopped"] is (rows[each["lead"], each["part"]] >= 3)


# how it stands


def status(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    it, tables = the(told), world.tables
    runs = {each["id"]: each for each in tables["runs"]}
    newest = max(runs)
    assert it["leads"] == len(world.leads)
    day = (TODAY - EPOCH).days
    assert it["due"] == sum(each["due_on"] is not None and each["due_on"] <= day for each in tables["leads"]) > 0
    assert it["set_aside"] == sum(each["run_id"] == newest for each in tables["set_aside"])
    assert it["left_alone"] == {
        "held": len(tables["holds"]),
        "pinned": sum(bool(each["pinned"]) for each in tables["leads"]),
        "stopped": 0,
        "undone": sum(each["undone_on"] is not None for each in tables["leads"]),
    }
    under_way = [each for each in tables["hand_offs"] if each["ended_at"] is None]
    silent = [each for each in under_way if not any(each[f"{it}_at"] for it in ("touched", "accepted", "returned"))]
    assert it["hand_offs"] == {"under_way": len(under_way), "waiting": len(silent), "late": 0}
    assert len(silent) > 2
    assert it["lag_minutes"] == (INSTANT - datetime.fromisoformat(it["read_at"])) // timedelta(minutes=1)
    assert it["last_run"]["id"] == newest
    assert [need["number"] for need in it["needs"]] == [breach["value"] for breach in it["open_guard"]]
    _counts(it["last_run"], world)


def runs(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    lines = told[0]["runs"]
    assert [line["id"] for line in lines] == sorted((each["id"] for each in world.tables["runs"]), reverse=True)
    for line in lines:
        _counts(line, world)
    [wrote] = [line for line in lines if line["undone_by"]]
    undoing = [each["id"] for each in world.tables["runs"] if each["undo_of"] == wrote["id"] and not each["dry_run"]]
    back = {each["lead"] for each in world.tables["journal"] if each["run_id"] in undoing}
    assert [(each["run"], each["leads"]) for each in wrote["undone_by"]] == [(undoing[0], len(back))]


def _counts(line: Row, world: World) -> None:
    entries = [each for each in world.tables["journal"] if each["run_id"] == line["id"]]
    assert line["outcomes"] == counted(each["state"] for each in entries)
    assert line["counts"]["leads"] == len(world.leads)
    assert line["counts"]["set_aside"] == sum(each["run_id"] == line["id"] for each in world.tables["set_aside"])
    if entries:
        assert line["counts"]["changes"] == len({each["lead"] for each in entries})


def alerts(told: Sequence[Any], _world: World, _stories: Sequence[Any]) -> None:
    assert [each["number"] for each in told[0]["alerts"]] == [1]
    assert [each["failures"] for each in told[0]["channels"]] == [0]


# load


def load(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    """All that was given was given on one day."""
    it = the(told)
    assert _load(it, world) > 3


def sales(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    """Load as in its own report; hand-offs and replaced values from the store's rows."""
    it, hand_offs = the(told), world.tables["hand_offs"]
    _load(it["load"], world)
    assert (it["all"]["handed"], it["all"]["waiting"]) == (len(hand_offs), len(hand_offs))
    rows = {part["name"]: {each["name"]: each["handed"] for each in part["groups"]} for part in it["by"]}
    assert rows["receiver"] == counted(each["receiver"] for each in hand_offs)
    assert rows["pool"] == counted(each["pool"] for each in hand_offs)
    teams = {each["native_id"]: each["team"] for each in world.state["users"] if each["type"] == "person"}
    assert rows["team"] == counted(teams[each["receiver"]] for each in hand_offs)
    replaced = counted((each["part"], "person") for each in world.tables["overruled"])
    told_of = {(each["part"], each["by"]): (each["values"], each["leads"]) for each in it["replaced"]}
    assert {part for part, _ in told_of} == {part for part, _ in replaced}
    assert [number for number, _ in told_of.values()] == list(replaced.values())


def _load(it: Row, world: World) -> int:
    given = 0
    on_ladder = [one["owner"] for one in world.leads.values() if STAGES.get(one["stage"]) in LADDER]
    for person in it["people"]:
        assert person["open_leads"]["has"] == on_ladder.count(person["user"])
        assert person["today"]["has"] == person["this_week"]["has"] == person["this_month"]["has"]
        given += person["today"]["has"]
    gone = {each["native_id"] for each in world.state["users"] if not each["active"]}
    assert {each["user"]: each["open_leads"] for each in it["leavers"]} == counted(
        owner for owner in on_ladder if owner in gone
    )
    for pool in it["pools"]:
        assert pool["turns"] == sum(each["turns"] for each in pool["people"])
        assert pool["took_part"] == sum(each["share"] > 0 for each in pool["people"])
        assert abs(sum(each["share"] for each in pool["people"]) - pool["turns"]) < 1e-5
        assert pool["largest_deviation"] == max(abs(each["turns"] - each["share"]) for each in pool["people"])
        assert pool["bound"] == (pool["took_part"] - 1) / 2
    return given


# what records hold


def check(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    """`check --data`, the second answer."""
    [it], leads = told[1]["connections"], list(world.leads.values())
    many = len(leads)
    objects = {each["object"]: each["records"] for each in it["read"]}
    assert objects.pop("contacts") == many
    assert sum(objects.values()) == sum(each["count"] for each in it["activities"])
    for fact in it["facts"]:
        held = [one["attributes"].get(fact["fact"]) for one in leads]
        assert fact["filled"] == fact["converted"] == round(sum(each is not None for each in held) / many, 4)
        assert fact["unconverted"] == []
    assert fmean(fact["filled"] for fact in it["facts"]) > 0.4
    stages = {each["native"]: each["leads"] for each in it["stages"] if each["leads"]}
    unmanaged = {each["value"]: each["count"] for each in it["unmanaged"]}
    assert stages | unmanaged == counted(one["stage"] for one in leads)
    assert set(unmanaged).isdisjoint(STAGES)
    assert {(each["kind"], each["outcome"]): each["count"] for each in it["activities"]} == counted(
        (each["kind"], each["outcome"] or ("unknown" if each["kind"] == "email" else None))
        for each in world.state["activities"]
    )
    sent = sum(each["kind"] == "email" and each["outcome"] is None for each in world.state["activities"])
    assert [(each["value"], each["count"]) for each in it["unnamed"]] == [("SENT", sent)]


def fields(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    it, leads = told[0], list(world.leads.values())
    known = {each["name"]: each for each in it["fields"]}
    assert it["sample"]["records"] == len(leads)
    for name in ("industry", "country", "seniority", "budget", "need", "lead_source"):
        held = counted(each for one in leads if (each := one["attributes"].get(name)) is not None)
        assert known[name]["filled"] == round(sum(held.values()) / len(leads), 4)
        masked = counted(  # each word's first letter is shown
            " ".join(f"{word[0]}***" for word in value.split())
            for value, number in held.items()
            for _ in range(number)
        )
        for each in known[name]["values"]:
            assert each["count"] == (masked if "***" in each["value"] else held)[each["value"]], name
        assert known[name]["values"], name
        if known[name]["kind"] == "choice":
            assert {each["value"]: each["count"] for each in known[name]["choices"] if each["count"]} == held, name


# plans and trials


def plans(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    """Each plan's sums are those of its changes, one by one; a pilot leaves what the whole plan holds besides."""
    [whole, pilot] = [each["plans"][0] for each in told if each["plans"] and each["plans"][0]["as_of"] < str(TODAY)]
    chosen = {each["lead"] for each in pilot["changes"]}
    left = [each for each in whole["changes"] if each["lead"] not in chosen]
    assert pilot["rest"] == {
        "leads": len(left),
        "stages": counted(each["stage"]["after"] for each in left if each["stage"]),
        "owners": sum(each["owner"] is not None for each in left),
        "fields": sum(bool(each["fields"]) for each in left),
    }
    first = whole["counts"]
    assert first["read"] == first["decided"] == len(world.leads)
    assert first["activities_read"] == len(world.state["activities"]) - len(world.tables["made_records"])
    assert first["unmanaged"] == len(world.leads) - sum(whole["stages"].values()) > 0
    assert min(pilot["rest"]["leads"], pilot["rest"]["owners"]) > 1
    for plan in (each for answer in told for each in answer["plans"]):
        changes = plan["changes"]
        assert plan["counts"]["changes"] == len(changes)
        assert plan["counts"]["set_aside"] == len(plan["set_aside"])
        assert plan["counts"]["leads"] == len(world.leads)
        moved = [each["owner"] for each in changes if each["owner"]]
        gains, losses = (counted(each[end] for each in moved) for end in ("after", "before"))
        told_of = {each["owner"]: each for each in plan["owners"]}
        assert {owner: each["gains"] for owner, each in told_of.items() if each["gains"]} == {
            owner: number for owner, number in gains.items() if owner is not None
        } | ({None: gains[None]} if None in gains else {})
        assert {owner: each["losses"] for owner, each in told_of.items() if each["losses"]} == losses
        assert all(each["after"] == each["before"] + each["gains"] - each["losses"] for each in plan["owners"])
        guards = {each["name"]: each["value"] for each in plan["guards"]}
        staged = sum(each["stage"] is not None for each in changes)
        assert guards.get("stage_changes", staged) == staged


def simulation(told: Sequence[Any], world: World, stories: Sequence[Any]) -> None:
    """One policy is the configured one, as `explain` tells it; the other is the first, and those who move."""
    [it] = told[0]["simulations"]
    before = {one["lead"]: one["stage"] if one["managed"] else None for one in stories}
    assert it["leads"] == len(before) == len(world.leads)
    movers = {one["lead"]: one for one in it["movers"]}
    after = {lead: movers[lead]["after"] if lead in movers else stage for lead, stage in before.items()}
    assert {(each["before"], each["after"]): each["leads"] for each in it["matrix"]} == counted(
        zip(before.values(), after.values(), strict=True)
    )
    places = ("disqualified", *LADDER)
    ups = [lead for lead in before if before[lead] != after[lead] and _up(places, before[lead], after[lead])]
    assert it["moved"] == {"up": len(ups), "down": len(movers) - len(ups), "beside": 0}
    assert len(ups) > 1
    assert it["stages"] == _pairs(before, after, before)
    owners = counted(one["owner"] for one in world.leads.values())
    assert {each["owner"]: each["now"] for each in it["owners"]} == owners
    employees = {lead: one["attributes"].get("employees") for lead, one in world.leads.items()}
    for part in it["by"]["employees"]:
        mine = [lead for lead, many in employees.items() if (None if many is None else str(many)) == part["value"]]
        assert (part["leads"], part["up"], part["down"]) == (len(mine), len({*mine} & {*ups}), 0)
        assert part["stages"] == _pairs(before, after, mine)
    assert sum(part["leads"] for part in it["by"]["employees"]) == len(before)


def _up(places: Sequence[str], before: str | None, after: str | None) -> bool:
    return before is not None and after is not None and places.index(after) > places.index(before)


def _pairs(before: Mapping[str, Any], after: Mapping[str, Any], leads: Iterable[str]) -> dict[str, dict[str, int]]:
    both = [counted(end[lead] for lead in leads if end[lead] is not None) for end in (before, after)]
    return {
        stage: {"before": both[0].get(stage, 0), "after": both[1].get(stage, 0)} for stage in {*both[0], *both[1]}
    }


# what the store keeps


def copied(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    for each in told[0]["tables"]:
        assert each["rows"] == len(world.tables[each["table"]]), each["table"]
    assert {each["table"] for each in told[0]["tables"]} == set(world.tables) - {"alembic_version"}


def deeds(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    assert told[0]["total"] == len(world.tables["console_log"]) == len(told[0]["deeds"]) == 2


def tidied(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    """Only one of the deeds is old."""
    dates = [each["at"] for each in world.tables["console_log"]]
    assert told[0]["deeds"] == sum(EPOCH + timedelta(microseconds=at) < TODAY - timedelta(days=1000) for at in dates)
    assert told[0]["deeds"] == 1


def let_go(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    """One hold was made, and let go by the second command."""
    assert [(each["holds"], each["overruled"]) for each in told[1]["released"]] == [(len(told[0]["holds"]), 0)]
    assert world.tables["holds"] == []


def forgotten(told: Sequence[Any], world: World, _stories: Sequence[Any]) -> None:
    """As many rows of the lead as there were before, and none is left that tells of it."""
    assert world.before is not None
    before, lead, erased = world.before.tables, told[0]["lead"], told[0]["erased"]
    by_table = {
        "leads": ("leads",),
        "activities": ("activities",),
        "stage_moves": ("stage_history", "earlier_stages"),
        "hand_offs": ("hand_offs",),
        "entries": ("journal",),
        "holds": ("holds",),
        "out_of_scope": ("left_leads",),
        "set_aside": ("set_aside",),
        "planned": ("plan_changes",),
    }
    for name, tables in by_table.items():
        there = sum(each.get("lead") == lead for table in tables for each in before[table])
        assert erased[name] == there, name
        assert not any(each.get("lead") == lead for table in tables for each in world.tables[table])
    assert erased["leads"] == erased["holds"] == 1


Recount = Callable[[Sequence[Any], World, Sequence[Any]], None]
RECOUNTS: Mapping[str, Recount] = {
    "alerts-show": alerts,
    "check": check,
    "console-log": deeds,
    "fields": fields,
    "forget": forgotten,
    "hold": let_go,
    "report-conflicts": conflicts,
    "report-load": load,
    "report-near-miss": near_miss,
    "report-sales": sales,
    "report-worklist": work_list,
    "run": plans,
    "runs": runs,
    "simulate": simulation,
    "status": status,
    "store-copy": copied,
    "tidy": tidied,
}
"""Name of an answer → how its figures are counted again; given are what it told, the world, and `explain --all`."""

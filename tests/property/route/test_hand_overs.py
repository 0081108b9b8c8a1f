"""Random hand-overs over random leads, against a second, plain reading of which leads move and which are nobody's."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import PATIENT
from routing_world import LADDER, applied, leads, owners, resolved, roster_of, route

from crmsync.route.placing.hand_overs import ResolvedHandOver

NAMES = ("to_bdr", "to_ae", "to_am", "nurture")
POOLS = {"to_bdr": "bdrs", "to_ae": "aes", "to_am": "ams"}
QUEUES = {"raw": "queue-raw", "other": "queue-other", "nurture": "queue-nurture"}
PEOPLE = {"bdr0": "bdr", "bdr1": "bdr", "ae0": "ae", "ae1": "ae", "am0": "am", "boss": "boss"}
ROSTER = roster_of(
    [{"user": f"{name}@firm.example", "role": role} for name, role in PEOPLE.items()],
    pools={pool: {"role": role} for pool, role in (("aes", "ae"), ("ams", "am"))},
    rules={
        **{name: [{"pool": pool}] for name, pool in POOLS.items()},
        "nurture": [{"strategy": "queue", "queue": "nurture"}],
    },
)


@st.composite
def hand_overs(draw):
    """Some of the four; also in an order that the language would refuse: then one just never counts."""
    found = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1)):
        leaving, anybody = name == "nurture", draw(st.booleans())
        found.append(
            ResolvedHandOver(
                name,
                ("disqualified",) if leaving else LADDER[draw(st.integers(0, 3)) :],
                when=() if leaving else draw(st.sampled_from([(), ("hot",), ("hot", "big")])),
                reasons=draw(st.sampled_from([None, ("no_budget",)])) if leaving else None,
                anybody=anybody,
                nobody=not anybody and draw(st.booleans()),
                queues=frozenset() if anybody else draw(st.sampled_from([frozenset(), frozenset({QUEUES["raw"]})])),
                any_queue=frozenset(QUEUES.values()) if not anybody and draw(st.booleans()) else frozenset(),
                people=frozenset() if anybody else draw(st.sampled_from([frozenset(), frozenset({"bdr0", "bdr1"})])),
            )
        )
    return tuple(found)


@st.composite
def batches(draw):
    """Leads of companies of their own: none goes along with another."""
    known = st.sampled_from([True, False, None])
    return [
        {
            "lead": f"l{index}",
            "owner": draw(st.sampled_from([None, *PEOPLE, *QUEUES.values(), "stranger"])),
            "stage": draw(st.sampled_from([*LADDER, "disqualified", None])),
            "verdict.hot": draw(known),
            "verdict.big": draw(known),
            "reason": draw(st.sampled_from(["no_budget", "not_now", None])),
        }
        for index in range(draw(st.integers(1, 12)))
    ]


def counting(row: dict, listed: Sequence[ResolvedHandOver]) -> int | None:
    """The place of the last one that counts, by hand."""
    last = None
    for place, each in enumerate(listed):
        met = all(row[f"verdict.{name}"] is True for name in each.when)
        why = each.reasons is None or row["reason"] in each.reasons
        if row["stage"] in each.stages and met and why:
            last = place
    return last


def receives(name: str, hand_over: str) -> bool:
    return f"{PEOPLE.get(name, '')}s" == POOLS.get(hand_over)


def moves(row: dict, listed: Sequence[ResolvedHandOver], gone: Sequence[str]) -> bool:
    """Whether the lead is handed over, by hand."""
    place = counting(row, listed)
    if place is None:
        return False
    owner, one = row["owner"], listed[place]
    if owner not in gone and any(receives(owner, each.name) for each in listed[place:]):
        return False
    if one.anybody or (owner in gone and receives(owner, one.name)):
        return True
    if owner is None or (owner in gone and one.nobody):
        return one.nobody
    return owner in one.queues or owner in one.any_queue or owner in one.people


@given(batches(), hand_overs(), st.sets(st.sampled_from(sorted(PEOPLE)), max_size=3))
@settings(max_examples=150, **PATIENT)
def test_who_moves_where_and_who_is_nobodys_is_as_read_by_hand(listed, named, inactive):
    gone = sorted(inactive)
    found = resolved(ROSTER, gone, [*QUEUES])
    frame = leads(listed)
    result = route(found, frame, hand_overs=named)

    expected = {row["lead"] for row in listed if moves(row, named, gone)}
    given_, aside = owners(result), {each.lead for each in result.set_aside}
    at_home = {row["lead"] for row in listed if row["owner"] == QUEUES["nurture"]}
    assert {*given_, *aside} <= expected
    assert expected - {*given_, *aside} <= at_home, "only a lead in its queue already needs no other owner"
    for row in listed:
        if row["lead"] in given_:
            one = named[counting(row, named)]
            right = {name for name in PEOPLE if receives(name, one.name)} - {*gone}
            assert given_[row["lead"]] in ({QUEUES["nurture"]} if one.name == "nurture" else right)
    raw = {QUEUES["raw"], QUEUES["other"], *(queue for each in named for queue in each.queues)}
    waiting = {
        row["lead"] for row in listed if row["stage"] in LADDER and (row["owner"] is None or row["owner"] in raw)
    }
    assert result.nobody_yet == waiting - {*given_, *aside}
    again = route(found, applied(frame, result), hand_overs=named, counters=result.counters)
    assert owners(again) == {}
    assert {each.lead for each in again.set_aside} == aside

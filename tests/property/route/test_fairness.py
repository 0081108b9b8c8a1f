"""The two bounds of the rotation, over random weights and over eligibility chosen as badly as hypothesis can."""

import json
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from routing_world import leads, resolved, roster_of, route

from crmsync.route.rotation.counters import Ledger
from crmsync.route.rotation.fair import Rotation

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

weights = st.one_of(st.integers(1, 5), st.integers(1, 1000))


def largest(rotation: Rotation) -> Fraction:
    return max((abs(Fraction(lag, rotation.unit)) for lag in rotation.lags.values()), default=Fraction(0))


@given(st.lists(weights, min_size=1, max_size=14), st.integers(1, 400))
@settings(max_examples=100, **PATIENT)
def test_with_everybody_eligible_nobody_is_ever_a_turn_off(vector, turns):
    rotation, total = Rotation(), sum(vector)
    shares = [(str(index), weight) for index, weight in enumerate(vector)]
    for turn in range(1, turns + 1):
        rotation.take(shares)
        for key, weight in shares:
            assert abs(weight * turn - rotation.turns[key] * total) < total
            assert rotation.lags[key] * total == (weight * turn - rotation.turns[key] * total) * rotation.unit


@st.composite
def careers(draw):
    """Who could take each turn, with which weights: subsets of up to 14 people, weights that change now and then."""
    people = draw(st.integers(1, 14))
    turns = []
    vector = draw(st.lists(weights, min_size=people, max_size=people))
    for _ in range(draw(st.integers(1, 120))):
        if draw(st.integers(0, 9)) == 0:
            vector = draw(st.lists(weights, min_size=people, max_size=people))
        present = draw(
            st.sets(st.integers(0, people - 1), min_size=1, max_size=draw(st.sampled_from([2, 3, people])))
        )
        turns.append([(str(index), vector[index]) for index in sorted(present) if index < people])
    return turns


@given(careers())
@settings(max_examples=100, **PATIENT)
def test_whoever_can_take_which_turn_nobody_is_further_off_than_half_the_others(turns):
    rotation = Rotation()
    for present in turns:
        chosen = rotation.take(present)
        assert chosen in dict(present)
        people = len(rotation.lags)
        bound = Fraction(people - 1, 2) if people != 2 else 1
        assert largest(rotation) <= bound + Fraction(len(turns), 10**12)
        assert sum(rotation.lags.values()) == 0


def _spread(rotation: Rotation, people: int) -> list[tuple[str, int]]:
    """The two people of the closest lags with the highest of these: what drives lags apart fastest."""
    order = sorted(range(people), key=lambda index: rotation.lags.get(str(index), 0))
    pairs = [(order[index], order[index + 1]) for index in range(people - 1)]
    lag = rotation.lags.get
    best = min(pairs, key=lambda pair: (lag(str(pair[1]), 0) - lag(str(pair[0]), 0), -lag(str(pair[1]), 0)))
    return [(str(index), 1) for index in sorted(best)]


@given(st.integers(3, 14), st.integers(1, 500))
@settings(max_examples=60, **PATIENT)
def test_an_adversary_who_knows_the_counters_does_not_break_the_bound(people, turns):
    rotation = Rotation()
    for _ in range(turns):
        rotation.take(_spread(rotation, people))
        assert largest(rotation) <= max(1, Fraction(len(rotation.lags) - 1, 2))


def test_the_adversary_drives_lags_beyond_one_turn():
    """So a bound of one turn cannot hold once eligibility varies, and the test above is no empty promise."""
    rotation = Rotation()
    for _ in range(500):
        rotation.take(_spread(rotation, 14))
    assert largest(rotation) > 1


@given(careers())
@settings(max_examples=60, **PATIENT)
def test_counters_go_through_json_between_any_two_turns(turns):
    straight = Ledger({})
    stored = "{}"
    for present in turns:
        first = straight.rotation("p").take(present)
        ledger = Ledger(json.loads(stored))
        assert ledger.rotation("p").take(present) == first
        stored = json.dumps(ledger.counters())
    assert json.loads(stored) == json.loads(json.dumps(straight.counters()))


@given(
    st.lists(st.decimals("0.001", "100", places=3), min_size=1, max_size=6),
    st.lists(st.integers(1, 12), min_size=1, max_size=6),
)
@settings(max_examples=40, **PATIENT)
def test_the_bound_holds_from_run_to_run(vector, batches):
    people = [
        {"user": f"p{index}@firm.example", "role": "ae", "weight": weight} for index, weight in enumerate(vector)
    ]
    found, total = resolved(roster_of(people)), sum(map(Fraction, vector))
    counters, turn = {}, 0
    for number, size in enumerate(batches):
        frame = leads([{"lead": f"{number}-{index}", "stage": "sql"} for index in range(size)])
        result = route(found, frame, counters=counters)
        for row in result.assigned.sort("counter_after").iter_rows(named=True):
            assert row["counter_after"] == row["counter_before"] + 1
        counters = json.loads(json.dumps(result.counters))
        turn += size
        for person, weight in zip(people, vector, strict=True):
            had = counters["receivers"][person["user"]]["turns"]
            assert abs(Fraction(weight) * turn / total - had) < 1

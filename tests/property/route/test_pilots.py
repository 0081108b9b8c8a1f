"""Whatever pilots come before: the rotation stays even by its bound, and takes no turn for who is left out."""

from collections import Counter
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from routing_world import applied, leads, owners, resolved, roster_of, route

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


@st.composite
def pilots(draw):
    """Receivers' weights, and an order of pilots that ends with everybody: sets of leads by number."""
    shares = draw(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    count = draw(st.integers(1, 24))
    several = draw(st.lists(st.sets(st.integers(0, count - 1)), max_size=5))
    return shares, count, [*several, set(range(count))]


@given(pilots())
@settings(max_examples=60, **PATIENT)
def test_the_rotation_is_even_after_every_pilot(drawn):
    shares, count, several = drawn
    people = [{"user": f"ae{index}@firm.example", "role": "ae", "weight": w} for index, w in enumerate(shares)]
    found = resolved(roster_of(people))
    frame = leads([{"lead": f"l{number:02}", "stage": "sql"} for number in range(count)])
    counters, given_to = {}, Counter()
    for picked in several:
        result = route(found, frame, counters=counters, picked={f"l{number:02}" for number in picked})
        counters = result.counters
        placed = owners(result)
        assert set(placed) <= {f"l{number:02}" for number in picked}
        given_to.update(placed.values())
        assert sum(state["turns"] for pool in counters.values() for state in pool.values()) == given_to.total()
        for share, person in zip(shares, people, strict=True):
            turns = sum(
                state["turns"] for pool in counters.values() for key, state in pool.items() if key == person["user"]
            )
            assert abs(turns - Fraction(share * given_to.total(), sum(shares))) < 1
        frame = applied(frame, result)
    assert given_to.total() == count

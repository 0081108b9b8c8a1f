"""The rotation by itself: the bound by exhaustion, exactness, undoing, memory in small numbers."""

from fractions import Fraction
from itertools import combinations_with_replacement, pairwise, permutations

import pytest

from crmsync.route.rotation.fair import COARSE_UNIT, LARGEST_UNIT, Rotation


def lags(rotation: Rotation) -> dict[str, Fraction]:
    return {key: Fraction(lag, rotation.unit) for key, lag in rotation.lags.items()}


def shares(weights):
    return [(f"p{index}", weight) for index, weight in enumerate(weights)]


@pytest.mark.parametrize(("people", "heaviest"), [(2, 24), (3, 12), (4, 7), (5, 5), (6, 3)])
def test_every_weight_vector_stays_within_one_turn_at_every_prefix(people, heaviest):
    checked = 0
    for ascending in combinations_with_replacement(range(1, heaviest + 1), people):
        for weights in {ascending, ascending[::-1], (*ascending[1:], ascending[0])}:
            rotation, total, had = Rotation(), sum(weights), [0] * people
            for turn in range(1, total + 1):
                had[int(rotation.take(shares(weights))[1:])] += 1
                for weight, count in zip(weights, had, strict=True):
                    assert abs(weight * turn - count * total) < total, (weights, turn, had)
                    checked += 1
            assert had == list(weights)  # one full round: everybody has exactly the weight
            assert set(rotation.lags.values()) == {0}
    assert checked > 1000


def test_largest_lag_alone_would_break_the_bound():
    """Why the deadline rule is there: the obvious rule (serve the largest lag) is off by a turn and more."""
    weights = next(
        weights for weights in combinations_with_replacement((1, 2, 3, 50), 8) if _worst_by_largest_lag(weights) >= 1
    )
    rotation, worst = Rotation(), Fraction(0)
    for _ in range(sum(weights)):
        rotation.take(shares(weights))
        worst = max(worst, *map(abs, lags(rotation).values()))
    assert worst < 1


def _worst_by_largest_lag(weights):
    total, lag, worst = sum(weights), [0] * len(weights), 0
    for _ in range(total):
        lag = [each + weight for each, weight in zip(lag, weights, strict=True)]
        lag[lag.index(max(lag))] -= total
        worst = max(worst, *map(abs, lag))
    return Fraction(worst, total)


def test_equal_weights_go_round_in_roster_order():
    rotation = Rotation()
    assert [rotation.take(shares((1, 1, 1))) for _ in range(7)] == ["p0", "p1", "p2", "p0", "p1", "p2", "p0"]


def test_ties_follow_the_order_given_and_nothing_else():
    for order in permutations(["x", "a", "m"]):
        rotation = Rotation()
        assert tuple(rotation.take([(key, 2) for key in order]) for _ in range(3)) == order


def test_the_absent_keep_their_lag_and_the_sum_stays_zero():
    rotation = Rotation()
    for _ in range(5):
        rotation.take(shares((3, 2, 2)))
    before = lags(rotation)["p0"]
    for _ in range(9):
        rotation.take(shares((3, 2, 2))[1:])
    assert lags(rotation)["p0"] == before
    assert sum(rotation.lags.values()) == 0


def test_giving_back_undoes_taking():
    rotation = Rotation()
    for _ in range(4):
        rotation.take(shares((5, 3, 1)))
    before, turns = lags(rotation), dict(rotation.turns)
    rotation.give_back(rotation.take(shares((5, 3, 1))), shares((5, 3, 1)))
    assert lags(rotation) == before
    assert rotation.turns == turns


def test_who_has_a_turn_back_is_next():
    rotation = Rotation()
    first = rotation.take(shares((1, 1, 1)))
    rotation.take(shares((1, 1, 1)))
    rotation.give_back(first, shares((1, 1, 1)))
    assert rotation.take(shares((1, 1, 1))) == first


def test_credit_counts_like_a_turn():
    rotation = Rotation()
    rotation.credit("p0", shares((1, 1)))
    assert rotation.turns["p0"] == 1
    assert rotation.take(shares((1, 1))) == "p1"


def test_a_turn_given_back_to_somebody_who_left_the_pool_moves_nobody_else_twice():
    rotation = Rotation()
    rotation.take([("gone", 1)])
    rotation.give_back("gone", shares((1, 1)))
    assert rotation.turns["gone"] == 0
    assert sum(rotation.lags.values()) == 0


def test_numbers_stay_small_whatever_the_weights():
    """Shares of 1/W for many different W would need ever larger denominators: lags are rounded to 1e-12 turns."""
    rotation = Rotation()
    primes = [101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157]
    for turn in range(2000):
        present = [(f"p{index}", prime) for index, prime in enumerate(primes) if (turn >> (index % 5)) % 3]
        if present:
            rotation.take(present)
        assert rotation.unit <= LARGEST_UNIT
        assert sum(rotation.lags.values()) == 0
    assert rotation.unit >= COARSE_UNIT // 2
    assert max(map(abs, lags(rotation).values())) <= Fraction(11, 2)


def _raised(rotation, people, turns):
    """The worst |lag| while somebody heavy only ever meets light people who are ahead in what is owed to them."""
    worst = Fraction(0)
    for person in range(people):
        rotation.join(str(person))
    for _ in range(turns):
        order = sorted(range(1, people), key=lambda person: -rotation.lags[str(person)])
        if rotation.lags[str(order[0])] >= rotation.unit:
            rotation.take([("0", 1000), (str(order[0]), 1)])
        else:
            pairs = pairwise(order)
            high, low = min(pairs, key=lambda pair: rotation.lags[str(pair[0])] - rotation.lags[str(pair[1])])
            rotation.take([(str(high), 1), (str(low), 1)])
        worst = max(worst, *map(abs, lags(rotation).values()))
    return worst


def test_the_bound_under_any_eligibility_is_kept_and_nearly_reached():
    """The deadline rule alone would let lags grow without end here: the largest-lag rule has to step in."""

    class DeadlineRuleAlone(Rotation):
        def _is_safe(self):
            return True

    assert _raised(DeadlineRuleAlone(), 14, 1500) > 10
    assert Fraction(6) < _raised(Rotation(), 14, 1500) <= Fraction(13, 2)

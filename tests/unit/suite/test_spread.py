"""Tests are dealt to the workers so that none of them has all the slow ones."""

from __future__ import annotations

from suite.spread import dealt

SLOW = [f"tests/acceptance/test_{name}.py::test_{at}" for name in "abcdef" for at in range(4)]
QUICK = [f"tests/unit/test_{name}.py::test_{at}" for name in "abcdefghi" for at in range(9)]


def test_each_worker_has_its_share_of_what_takes_long_mixed_with_the_rest() -> None:
    order = dealt([*QUICK[:30], *SLOW, *QUICK[30:]], workers=3)
    assert sorted(order) == sorted(SLOW + QUICK), "every test once"
    third = len(order) // 3
    hands = [order[at : at + third] for at in range(0, len(order), third)]
    assert [sum(test in SLOW for test in hand) for hand in hands] == [8, 8, 8]
    for hand in hands:
        assert hand[0] in SLOW and hand[-1] in QUICK, "quick ones are left for whoever is done"
        assert [test in SLOW for test in hand] != sorted((test in SLOW for test in hand), reverse=True), "mixed"


def test_tests_of_a_file_stay_together_and_in_order() -> None:
    order = dealt(SLOW + QUICK, workers=2)
    for file in {test.split("::")[0] for test in SLOW + QUICK}:
        its = [test for test in SLOW + QUICK if test.startswith(file)]
        at = order.index(its[0])
        assert order[at : at + len(its)] == its


def test_every_worker_comes_to_the_same_order() -> None:
    assert dealt(SLOW + QUICK, workers=4) == dealt(SLOW + QUICK, workers=4)

"""Suggestions for the made orgs hold: what is taken unasked is right, and most of what is there is found."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from suite.suggestion_bench import Made, made_orgs, scores

PARTS = ("facts", "options", "stages", "roles", "activities")


@pytest.fixture(scope="module")
def orgs() -> Sequence[Made]:
    return list(made_orgs())


@pytest.mark.breadth
@pytest.mark.parametrize("unseen", [False, True])
def test_what_is_taken_unasked_is_right_and_most_is_found(orgs: Sequence[Made], unseen: bool) -> None:
    """Also where nothing was tuned by."""
    some = [made for made in orgs if made.unseen == unseen]
    assert len(some) >= 12
    told = scores(some)
    assert set(told) == set(PARTS)
    for part, score in told.items():
        assert score.taken >= 30, part
        assert score.precision >= 0.95, (part, score.wrong)
        assert score.recall >= 0.80, (part, score.missed)


@pytest.mark.breadth
def test_what_nothing_fits_stays_unread_and_is_listed(orgs: Sequence[Made]) -> None:
    made = next(each for each in orgs if each.name == "en-custom")
    authority = next(each for each in made.found.facts if each.fact == "authority")
    assert authority.candidates[0].unread == ("Gatekeeper",)
    assert "Gatekeeper" not in authority.candidates[0].translations


def test_what_is_not_there_stays_unmapped() -> None:
    (made,) = made_orgs("mixed-half")
    taken = {each.fact for each in made.found.facts if each.taken}
    assert taken == {"industry", "budget", "goals", "business_owner"}

"""Suggestions for the made orgs hold: what is taken unasked is right, and most of what is there is found."""

from __future__ import annotations

from suite.suggestion_bench import made_orgs, scores


def test_what_is_taken_unasked_is_right_and_most_is_found() -> None:
    orgs = list(made_orgs())
    assert len(orgs) >= 12
    told = scores(orgs)
    for part, score in told.items():
        assert score.taken >= 30, part
        assert score.precision >= 0.95, (part, score.wrong)
    assert told["facts"].recall >= 0.80, told["facts"].missed


def test_what_is_taken_is_right_where_nothing_was_tuned() -> None:
    """Less is found there; how much, `make bench-suggestions` tells."""
    told = scores([made for made in made_orgs() if made.unseen])
    for part, score in told.items():
        assert score.taken and score.precision >= 0.95, (part, score.wrong)


def test_what_nothing_fits_stays_unread_and_is_listed() -> None:
    made = next(each for each in made_orgs() if each.name == "en-custom")
    authority = next(each for each in made.found.facts if each.fact == "authority")
    assert authority.candidates[0].unread == ("Gatekeeper",)
    assert "Gatekeeper" not in authority.candidates[0].translations


def test_what_is_not_there_stays_unmapped() -> None:
    made = next(each for each in made_orgs() if each.name == "mixed-half")
    taken = {each.fact for each in made.found.facts if each.taken}
    assert taken == {"industry", "budget", "goals", "business_owner"}

"""What `crmsync explain` says of an owner whom a person has set."""

from datetime import date

from crmsync.operations.explain.owner_story import OwnerStory
from crmsync.showing.explain.owner_parts import owner_parts


def test_an_owner_set_in_the_crm_is_told_with_how_long_it_stays():
    story = OwnerStory(None, (), {}, date(2026, 11, 22), date(2026, 12, 6))
    title, words = owner_parts(story)
    assert "Owner set in the CRM" in title
    assert words == "  2026-11-22, by a person or another program, crmsync leaves it alone until 2026-12-06"
    told = story.to_json()
    assert (told["owner_set_on"], told["owner_stays_until"]) == ("2026-11-22", "2026-12-06")


def test_without_hands_off_days_it_is_not_said_to_stay():
    assert "leaves it alone" not in " ".join(owner_parts(OwnerStory(None, (), {}, date(2026, 11, 22))))


def test_nothing_is_said_of_an_owner_nobody_was_seen_to_set():
    story = OwnerStory(None, (), {})
    assert list(owner_parts(story)) == []
    assert story.to_json()["owner_set_on"] is None

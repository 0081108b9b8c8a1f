"""Words by which pools, receivers and holidays choose people, and that nobody has: misspelt, or left over. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.configuration import Path, did_you_mean
from crmsync.route.roster.people_findings import Found
from crmsync.route.roster.roster_file import Match, Roster


def unused_words(roster: Roster) -> Iterator[Found]:
    """Each word of a match that no person has. `roster`: with everybody whom the CRM names."""
    if not roster.people:
        return
    having: dict[str, set[str]] = {
        "role": {role for person in roster.people for role in person.all_roles},
        "team": {person.team for person in roster.people if person.team},
        "territory": {word for person in roster.people for word in person.territories},
        "segment": {word for person in roster.people for word in person.segments},
        "language": {word for person in roster.people for word in person.languages},
    }
    for path, match in _matches(roster):
        for key, there in having.items():
            for word in getattr(match, key):
                if word not in there:
                    hint = did_you_mean(word, there) or f"nobody has a {key}"
                    yield (*path, key), f"nobody in the roster has the {key} `{word}`", hint


def _matches(roster: Roster) -> Iterator[tuple[Path, Match]]:
    if isinstance(roster.receivers, dict):
        for name, match in roster.receivers.items():
            yield ("receivers", name), match
    elif "receivers" in roster.model_fields_set:
        yield ("receivers",), roster.receivers
    for name, match in roster.pools.items():
        yield ("pools", name), match
    for name, holidays in roster.holidays.items():
        if holidays.for_ is not None:
            yield ("holidays", name, "for"), holidays.for_

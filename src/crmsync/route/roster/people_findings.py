"""What can be wrong between people, pools and rules. Needs everybody, those whom a CRM names, too."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.configuration import Path, did_you_mean
from crmsync.route.people.person import Person
from crmsync.route.roster.defaults import DIRECT, default_pools, is_between, may_own
from crmsync.route.roster.roster_file import Roster

Found = tuple[Path, str, str | None]
"""(place in roster.yaml, what is wrong, the mend)."""


def people_findings(roster: Roster) -> Iterator[Found]:
    """What is wrong between people, pools and rules, once all people are there."""
    yield from _partners(roster.people)
    yield from _pools(roster)
    pools = default_pools(roster)
    for name, index, rule in roster.rules.written():
        for pool in () if name == "new_lead" else rule.pools:
            match = pools.get(pool)
            for person in roster.people:
                if match is not None and match.fits(person) and not may_own(roster, person, name):
                    words = f"`{person.person_key}` of pool `{pool}` is no receiver: the lead would move again"
                    hint = "let `receivers` include this pool, or choose another pool"
                    place = ("share", pool) if pool in rule.share else ("pool",)
                    yield ("rules", name, index, *place), words, hint
                    break


def _partners(people: tuple[Person, ...]) -> Iterator[Found]:
    keys = {person.person_key for person in people}
    for index, person in enumerate(people):
        partner = person.partner and (person.partner.lower() if "@" in person.partner else person.partner)
        path: Path = ("people", index, "partner")
        if partner == person.person_key:
            yield path, "this person is their own partner", "name the AE this BDR works with"
        elif partner and partner not in keys:
            yield path, f"the partner `{person.partner}` is not in the roster", did_you_mean(partner, keys)


def _pools(roster: Roster) -> Iterator[Found]:
    keys = {person.person_key for person in roster.people}
    roles = {role for person in roster.people for role in person.all_roles}
    for name, match in roster.pools.items():
        path: Path = ("pools", name)
        if name == DIRECT:
            yield path, f"`{DIRECT}` is the name for leads outside any rotation", "choose another name"
        if is_between(name):
            yield path, f"`{name}` reads like the rotation between pools", "choose another name"
        for index, written in enumerate(match.people):
            if (written.lower() if "@" in written else written) not in keys:
                yield (*path, "people", index), f"`{written}` is not in the roster", did_you_mean(written, keys)
        if roster.people and not any(map(match.fits, roster.people)):
            unknown = [role for role in match.role if role not in roles]
            hint = did_you_mean(unknown[0], roles) if unknown else "compare with the people above"
            yield path, f"the pool `{name}` is empty: nobody in the roster fits it", hint

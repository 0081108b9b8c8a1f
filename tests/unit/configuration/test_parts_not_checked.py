"""Parts of files that nobody wrote are made without a check, which had to be built first: as if checked."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from crmsync.mapping.schema import CrmMapping
from crmsync.qualify.language.hand_overs import the_hand_off
from crmsync.qualify.language.ladder import HandOff
from crmsync.qualify.language.policy import Policy
from crmsync.route.people.person import Person
from crmsync.route.roster.defaults import all_rules, default_pools
from crmsync.route.roster.lead_hours import NOTHING_SAID
from crmsync.route.roster.roster_file import Roster
from crmsync.settings.file import ConnectionSettings, GuardSettings
from crmsync.settings.whole_file import SettingsFile


def parts() -> Iterator[tuple[str, BaseModel]]:
    for model in (CrmMapping, Policy, Person, Roster, ConnectionSettings, GuardSettings, SettingsFile):
        for name, given in model.model_fields.items():
            if isinstance(given.default, BaseModel):
                yield f"{model.__name__}.{name}", given.default
    roster = Roster(people=(Person(user="ann@seller.example", role="bdr"),))
    yield from ((f"pool {name}", pool) for name, pool in default_pools(roster).items())
    yield from ((f"rule for {rule.pool}", rule) for rule in all_rules(roster))
    yield "lead hours", NOTHING_SAID
    yield "the hand-off", the_hand_off(HandOff(stage="sql"))
    yield "where a hand-off stands", CrmMapping.model_construct(hand_off=None, hand_overs={}).of_hand_over(None)


def test_a_part_that_nobody_wrote_is_as_if_it_had_been_checked() -> None:
    tried = 0
    for name, part in parts():
        kind = type(part)
        names = {name: field.alias or name for name, field in kind.model_fields.items()}
        again = kind.model_validate({names[name]: getattr(part, name) for name in part.model_fields_set})
        assert (again, repr(again)) == (part, repr(part)), name
        tried += 1
    assert tried >= 24

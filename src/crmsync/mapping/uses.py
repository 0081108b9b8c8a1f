"""What a mapping makes of each native field, the other way about: field → what it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crmsync.mapping.activity_mapping import ActivityMapping
from crmsync.mapping.schema import CrmMapping

Uses = Mapping[tuple[str, str], tuple[str, ...]]
"""(object, field), both in lower case → the parts of the mapping that name it: a fact's name, `stage`, `outcome` …"""


def uses_of(mapping: CrmMapping) -> Uses:
    """Every native field that the mapping names, each use once, in the mapping's order."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for object_name, field, use in (*_of_leads(mapping), *_of_activities(mapping), *_of_accounts(mapping)):
        found.setdefault((object_name.lower(), field.lower()), {})[use] = None
    return {place: tuple(uses) for place, uses in found.items()}


def _of_leads(mapping: CrmMapping) -> Iterator[tuple[str, str, str]]:
    lead = mapping.lead
    name = lead.object
    yield name, lead.email, "email"
    yield name, lead.created_at, "created_at"
    yield from ((name, field, "name") for field in lead.name)
    if lead.company:
        yield name, lead.company, "company"
    yield from ((name, field, "lead.when") for field in lead.when)
    yield from ((name, field, "lead.leave_alone") for field in lead.leave_alone)
    yield name, mapping.owner.field, "owner"
    yield from ((name, field, "stage") for field in mapping.stage.fields)
    yield from ((name, field, "stage.dates") for field in mapping.stage.dates.values())
    for fact, written in mapping.mapped_facts.items():
        yield from ((name, field, fact) for field in written.field)
        if written.currency:
            yield name, written.currency, fact
    yield from ((name, field, "hand_off") for field in mapping.hand_off_fields)
    yield from ((name, field, "write") for field in (mapping.write.fields if mapping.write else ()))


def _of_activities(mapping: CrmMapping) -> Iterator[tuple[str, str, str]]:
    for activity in mapping.activities:
        yield from ((activity.object, field, part) for field, part in _parts(activity))


def _parts(activity: ActivityMapping) -> Iterator[tuple[str, str]]:
    for moment in activity.at:
        yield from ((field, "at") for field in (*moment.fields, *moment.when))
    for part, rules in (("kind", activity.kind), ("outcome", activity.outcome), ("direction", activity.direction)):
        for rule in rules:
            yield from ((field, part) for field in (*([rule.from_] if rule.from_ else []), *rule.when))
    yield from ((field, "leave_out") for field in activity.leave_out)
    named = ((activity.by, "by"), (activity.subject, "subject"), (activity.about, "about"))
    yield from ((field, part) for field, part in named if field)


def _of_accounts(mapping: CrmMapping) -> Iterator[tuple[str, str, str]]:
    for account in mapping.accounts:
        for field in (*account.name, *account.domain, account.owner, *account.when, *account.told_besides):
            yield account.object, field, "accounts"

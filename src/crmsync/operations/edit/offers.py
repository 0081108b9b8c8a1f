"""What a CRM offers for the facts of a mapping: its fields with options and fill, and which of them probably fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crmsync.connection.machine_clock import clock_held_against
from crmsync.connection.opening import connector_of
from crmsync.contract import Connector
from crmsync.errors import UsageError
from crmsync.mapping import CrmMapping, uses_of
from crmsync.operations.fields.listing import ListedField, fields_with_parents, listed_field, sample_if_readable
from crmsync.operations.init.policy_choice import facts_asked
from crmsync.operations.init.reading_org import org_field
from crmsync.operations.init.starter import starter_of
from crmsync.operations.init.vocabulary_files import vocabulary
from crmsync.progress import Progress, silent
from crmsync.settings import Settings
from crmsync.suggest.facts import suggested_facts
from crmsync.suggest.shapes import FactSuggestion, KnownOrg

MOST_OPTIONS = 200
"""Values of one field that are set side by side with the policy's."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One connection's. `records`: of how many the counts tell; `whole`: the CRM has no more.

    `options`: field → (native value, its label, records with it; null = not counted) of fields with a list. Of
    others nothing is offered value by value: what people write may tell who somebody is. `activity_options`: (object,
    field) → native values, of fields with a list that rules of activities ask.
    """

    object: str
    records: int
    whole: bool
    fields: Mapping[str, ListedField]
    options: Mapping[str, tuple[tuple[str, str, int | None], ...]]
    suggestions: Mapping[str, FactSuggestion]
    notes: tuple[str, ...]
    activity_options: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


def offer_of(settings: Settings, connection: str, progress: Progress = silent) -> Offer:
    """Sign in, and read the fields and a sample of the leads. Writes nothing.

    Raises `RunStopped` when the CRM refuses or does not answer, `UsageError` when leads are not there.
    """
    configuration = settings.connection(connection)
    mapping = configuration.mapping
    wanted = mapping.lead.object
    with connector_of(settings, connection) as connector:
        with clock_held_against(connector):
            connector.org()
        uses = uses_of(mapping)
        fields = fields_with_parents(connector, wanted, uses)
        sample, notes = sample_if_readable(connector, wanted, fields, progress)
        notes += connector.left_out()
        of_activities = _activity_options(connector, mapping)
    listed = {each.name: listed_field(wanted, each, sample, uses) for each in fields}
    org = KnownOrg(
        configuration.settings.connector, wanted, tuple(org_field(wanted, each, sample) for each in fields)
    )
    try:
        usual = starter_of(configuration.settings.connector).mapping.mapped_facts
    except UsageError:  # a connector that brings no starter
        usual = {}
    found = suggested_facts(org, facts_asked(settings.policy), usual, vocabulary())
    return Offer(
        wanted,
        sample.records,
        sample.whole,
        listed,
        {name: options for name, each in listed.items() if (options := _options(each))},
        {each.fact: each for each in found},
        tuple(notes),
        of_activities,
    )


def _activity_options(connector: Connector, mapping: CrmMapping) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """An object that this user may not see has none; the check tells that."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for activity in mapping.activities:
        asked = {rule.from_ for rule in (*activity.kind, *activity.outcome, *activity.direction) if rule.values}
        try:
            there = connector.fields(activity.object) if asked else ()
        except UsageError:
            continue
        for each in there:
            if each.name in asked and each.choices:
                values = tuple(choice.value for choice in each.choices if choice.active)
                found[activity.object, each.name] = values[:MOST_OPTIONS]
    return found


def _options(listed: ListedField) -> tuple[tuple[str, str, int | None], ...]:
    if not listed.choices and listed.kind == "boolean":
        counted = dict(listed.values)
        return tuple((word, word, counted.get(word, 0)) for word in ("true", "false"))
    return tuple((each.value, each.label, each.count) for each in listed.choices[:MOST_OPTIONS])

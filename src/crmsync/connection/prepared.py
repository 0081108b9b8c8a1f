"""A connection ready to decide: mapping, policy and roster held against each other and the CRM's set-up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import partial

from msgspec import Struct

from crmsync import clock
from crmsync.connection.agreement import (
    fact_findings,
    most_points,
    receiver_findings,
    stage_findings,
    written_findings,
    written_words,
)
from crmsync.connection.asked_words import asked_of_activities
from crmsync.connection.compiled import compiled
from crmsync.connection.named_leads import id_form
from crmsync.connection.snapshot import Snapshot
from crmsync.connection.words import misspelt_words, word_findings
from crmsync.contract import CrmUser, NativeField, Org
from crmsync.errors import ConfigurationError, Finding
from crmsync.hand_off import origin_findings, resolved_hand_overs, target_findings, unmapped_findings
from crmsync.languages.tongues import tongue_of
from crmsync.mapping import (
    AccountMapping,
    CrmMapping,
    Filled,
    KnownWords,
    NativeTypes,
    choices_known,
    filled_fields,
    findings_against,
    hand_off_findings_against,
    ids_spelt,
    known_words,
    labels_resolved,
    native_types,
    write_findings_against,
)
from crmsync.qualify.engine.compile import CompiledPolicy
from crmsync.route.choosing.strategy import Need
from crmsync.route.placing.hand_overs import ResolvedHandOver
from crmsync.route.roster import outside_names
from crmsync.route.roster.directory import Directory
from crmsync.route.roster.resolution import resolve
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.settings import ConnectionConfiguration, Settings, read_calendars
from crmsync.tongue import Tongue


class Prepared(Struct, frozen=True):
    """One connection, ready to decide. `mapping` has its labels resolved to the CRM's own values, takes ids in any
    form, and knows the policy's choices. `native_types`: what the CRM says of the fields that facts stand in.
    `words`: kinds and outcomes that mean something where a field of an activity is taken as it stands. `filled`:
    the lead fields that crmsync fills for people, with what the CRM says of them. `hand_overs`: the policy's, as this
    CRM knows them.
    """

    name: str
    configuration: ConnectionConfiguration
    settings: Settings
    org: Org
    users: tuple[CrmUser, ...]
    mapping: CrmMapping
    compiled: CompiledPolicy
    roster: ResolvedRoster
    fields: Mapping[str, NativeField]
    native_types: NativeTypes
    words: KnownWords
    filled: tuple[Filled, ...] = ()
    hand_overs: tuple[ResolvedHandOver, ...] = ()

    @property
    def tongue(self) -> Tongue:
        """The language of what is written to the CRM, and of the reasons in its plans."""
        return tongue_of(self.configuration.language)

    @property
    def lead_fields(self) -> tuple[str, ...]:
        """The native lead fields to read: those that the mapping names, and the currencies of its amounts."""
        return tuple(dict.fromkeys((*self.mapping.lead_fields, *self.native_types.currency_fields.values())))

    def labels_of(self, field: str) -> Mapping[str, str]:
        """The CRM's own words for the values of a lead field that the mapping names."""
        return {choice.value: choice.label for choice in self.fields[field].choices} if field in self.fields else {}

    @property
    def user_names(self) -> Mapping[str, str]:
        """Native id → name, for tables."""
        return {user.id: user.name for user in self.users}

    @property
    def accounts_asked(self) -> tuple[AccountMapping, ...]:
        """The mapping's accounts if a rule of the roster asks who owns them; else no call is spent on them."""
        return self.mapping.accounts if Need.ACCOUNTS in self.roster.needs else ()


def prepared(
    settings: Settings,
    configuration: ConnectionConfiguration,
    snapshot: Snapshot,
    others: Collection[NativeField] = (),
    *,
    now: datetime | None = None,
) -> Prepared:
    """Mapping, policy and roster held against each other and the CRM's set-up. Raises `ConfigurationError`.

    `others`: lead fields that the mapping does not use, to suggest where it names one that is not there.
    `now`: around when people's calendars are read; null = by the clock.
    """
    lead_fields = {field.name: field for field in snapshot.lead_fields}
    policy_facts = settings.policy.choices_by_fact
    mapping = choices_known(labels_resolved(configuration.mapping, lead_fields), policy_facts)
    mapping = ids_spelt(mapping, lead_fields, partial(id_form, configuration.settings.connector))
    calendars, unreadable = read_calendars(settings.roster, settings.roster_document, now or clock.now())
    roster = resolve(settings.roster, snapshot.users, configuration.name, settings.roster_document, calendars)
    queue = Directory(snapshot.users).queue
    findings = [
        *_against_crm(settings, configuration, mapping, lead_fields, others),
        *_against_policy(settings, configuration),
        *misspelt_words(settings, roster),
        *unreadable,
        *_of_roster(settings, configuration, roster),
        *origin_findings(settings.policy, roster, configuration.name, queue, settings.policy_document),
        *target_findings(settings.policy, roster, configuration.name, queue, settings.policy_document),
    ]
    if findings:
        raise ConfigurationError(findings)
    policy = compiled(
        settings.policy,
        mapping.provided_kinds,
        frozenset(mapping.mapped_facts),
        snapshot.org.time_zone,
        frozenset(mapping.write.scores) if mapping.write else frozenset(),
    )
    units = {name: fact.unit for name, fact in settings.policy.all_facts.items() if fact.unit}
    return Prepared(
        configuration.name,
        configuration,
        settings,
        snapshot.org,
        snapshot.users,
        mapping,
        policy,
        roster,
        lead_fields,
        native_types(snapshot.lead_fields, mapping, snapshot.currencies, units),
        known_words(mapping, *asked_of_activities(settings.policy)),
        tuple(filled_fields(mapping.write, lead_fields)),
        resolved_hand_overs(settings.policy, roster, configuration.name, queue),
    )


def _against_crm(
    settings: Settings,
    configuration: ConnectionConfiguration,
    mapping: CrmMapping,
    lead_fields: Mapping[str, NativeField],
    others: Collection[NativeField],
) -> Iterator[Finding]:
    document = configuration.mapping_document
    yield from findings_against(mapping, lead_fields, document, others)
    yield from hand_off_findings_against(mapping, lead_fields, document)
    yield from write_findings_against(
        mapping,
        {**{field.name: field for field in others}, **lead_fields},
        document,
        written_words(settings.policy, mapping, tongue_of(configuration.language)),
        most_points(settings.policy),
    )


def _against_policy(settings: Settings, configuration: ConnectionConfiguration) -> Iterator[Finding]:
    for findings in (stage_findings, fact_findings, written_findings, word_findings):
        yield from findings(settings.policy, configuration)


def _of_roster(
    settings: Settings, configuration: ConnectionConfiguration, roster: ResolvedRoster
) -> Iterator[Finding]:
    named, document = settings.roster, settings.roster_document
    yield from outside_names.connection_findings(named, document, settings.configured)
    facts = {*settings.policy.all_facts, *configuration.mapping.facts}
    told = {name: fact.type for name, fact in configuration.mapping.mapped_facts.items()}
    told |= {name: fact.type for name, fact in settings.policy.all_facts.items()}
    words = {name for name, kind in told.items() if kind in ("text", "choice")}
    yield from outside_names.fact_findings(named, document, facts, words)
    for hand_over in settings.policy.every_hand_over:
        yield from unmapped_findings(hand_over, configuration.mapping, configuration.mapping_document)
    yield from roster.findings
    yield from receiver_findings(settings, roster)

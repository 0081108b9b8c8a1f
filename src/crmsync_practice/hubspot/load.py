"""Fills an empty portal from a world: owners, properties, then contacts with their activities, in chunks.

Ids follow from the order of the import alone. Leads are taken in order and each one's activities by time, so that
records and associations are written in the order of their keys: that keeps a million leads loadable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time

from crmsync_practice.hubspot import activity_summary, history, lead_records, lifecycle, native_activities
from crmsync_practice.hubspot.associations import Row, default_type, rows_of
from crmsync_practice.hubspot.attributes import property_for, survey, to_text
from crmsync_practice.hubspot.call import Actor
from crmsync_practice.hubspot.forms import submission_record, submission_values
from crmsync_practice.hubspot.instants import iso, to_ms
from crmsync_practice.hubspot.lifecycle import STAGE
from crmsync_practice.hubspot.native_leads import contact_properties, stage_properties
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.owners import Owner
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.rep_properties import rep_properties
from crmsync_practice.hubspot.storage import Record
from crmsync_practice.records import Activity, Lead, StageStep, World, native_stage, user_to_json

_CHUNK = 2_000


def fill(portal: Portal, world: World) -> None:
    """Loads the world; everything happens in one transaction."""
    with portal.storage.transaction():
        born = min((to_ms(lead.created_at) for lead in world.leads), default=portal.now())
        for user in world.users:
            portal.owners.put(user_to_json(user), born)
        portal.owners.reload()
        contacts = portal.types.named("contacts")
        for definition in rep_properties(portal.lead_object):
            portal.properties.put(portal.types.named(portal.lead_object), definition)
        for attribute, seen in survey((lead.attributes for lead in world.leads), world.usual).items():
            definition = property_for(attribute, seen, portal.properties.of(contacts))
            if portal.lead_object == "leads" and attribute in lead_records.HAND_OFF:
                lead_records.add_properties(portal, [definition])
            else:
                portal.properties.put(contacts, definition)
        if portal.lead_object == "leads":
            lead_records.add_stages(portal, map(lead_records.pipeline_stage, _stages_of(world.leads)))
        else:
            _add_stages(portal, contacts, world.leads)
        portal.forms.plan((a.subject for a in world.activities if a.kind == native_activities.FORM_KIND), born)
        loader = _Loader(portal)
        by_lead = _activities_by_lead(world.activities)
        for start in range(0, len(world.leads), _CHUNK):
            loader.load(world.leads[start : start + _CHUNK], by_lead)
        portal.storage.set_meta("loaded", "yes")
        portal.storage.set_meta("lead_object", portal.lead_object)
        prepare_indexes(portal)


def _stage_of(lead: Lead) -> str | None:
    return lead.stage_for("hubspot")


def _stages_of(leads: Iterable[Lead]) -> dict[str | None, None]:
    """Every stage of these leads, former ones too."""
    return dict.fromkeys(stage for lead in leads for stage in lead.stages_for("hubspot"))


def _add_stages(portal: Portal, contacts: ObjectType, leads: Sequence[Lead]) -> None:
    """Makes imported stages that the portal has no value for choices of the lifecycle stage, as its last ones."""
    known = portal.properties.of(contacts)[STAGE]
    stages = dict.fromkeys(stage_properties(stage).get(STAGE) for stage in _stages_of(leads))
    added = [stage for stage in stages if stage is not None and stage not in known.values]
    if added:
        portal.properties.put(contacts, known.with_options(added))


def prepare_indexes(portal: Portal) -> None:
    """Makes the indexes of all types."""
    for kind in portal.types.all():
        unique = [each.name for each in portal.properties.of(kind).values() if each.unique]
        portal.storage.index(kind, unique)
    portal.storage.connection.execute(
        "CREATE INDEX IF NOT EXISTS hubspot_submissions_newest ON hubspot_submissions (form, at, seq)"
    )


def end_of_planning(portal: Portal) -> int:
    """The start of the portal's anchor day in its zone (ms): what lies on a later day was logged by then."""
    context = portal.context
    return to_ms(datetime.combine(context.today, time.min, context.zone))


def _activities_by_lead(activities: Sequence[Activity]) -> dict[str, list[Activity]]:
    found: dict[str, list[Activity]] = defaultdict(list)
    for activity in activities:
        found[activity.lead].append(activity)
    return found


def _follows_the_stage(name: str) -> bool:
    return name.startswith(("hs_v2_date_", "hs_date_entered_", "hs_lifecyclestage_"))


class _Loader:
    """Turns leads into rows, chunk by chunk."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._contacts = portal.types.named("contacts")
        self._form_numbers = portal.forms.numbers()
        self._attributes = {name: each.name for name, each in portal.properties.by_attribute(self._contacts).items()}
        self._kinds = {name: portal.types.named(name) for name in native_activities.OBJECTS}
        self._types = {name: default_type(self._contacts, kind) for name, kind in self._kinds.items()}
        self._as_leads = portal.lead_object == "leads"
        self._submissions = 0
        self._planned_from = end_of_planning(portal) + 86_400_000
        self._planned_text = iso(self._planned_from)
        self._logged_by = end_of_planning(portal)

    def load(self, leads: Sequence[Lead], by_lead: dict[str, list[Activity]]) -> None:
        """Writes one chunk of leads with everything that belongs to them."""
        contacts: list[Record] = []
        engagements: dict[str, list[Record]] = {name: [] for name in self._kinds}
        links: list[Row] = []
        submissions: list[tuple[int, int, int, int, str, str]] = []
        records: list[Record] = []
        past: list[history.Entry] = []
        for lead in leads:
            contact = self._contact(lead)
            past += self._way(lead, contact)
            if self._as_leads:
                records.append(self._lead(lead))
                past += self._way_of_lead(lead, records[-1])
                links += lead_records.primary_rows(self._portal, records[-1].id, contact.id)
            used_forms: set[int] = set()
            for activity in sorted(by_lead.get(lead.id, ()), key=lambda each: (each.at, each.id)):
                if activity.kind == native_activities.FORM_KIND:
                    submissions.append(self._submission(contact, activity, used_forms))
                else:
                    links += self._engagement(contact, activity, engagements)
            contacts.append(contact)
        storage = self._portal.storage
        storage.insert_many(self._contacts, contacts)
        storage.insert_many(self._portal.types.named("leads"), records)
        for name, records in engagements.items():
            storage.insert_many(self._kinds[name], records)
        past.sort(key=lambda entry: entry[:4])
        storage.connection.executemany("INSERT INTO hubspot_history VALUES (?,?,?,?,?,?,?,?,?)", past)
        links.sort()
        storage.connection.executemany("INSERT INTO hubspot_associations VALUES (?,?,?,?,?,?)", links)
        storage.connection.executemany("INSERT INTO hubspot_submissions VALUES (?,?,?,?,?,?)", submissions)

    def _contact(self, lead: Lead) -> Record:
        created = to_ms(lead.created_at)
        props = contact_properties(
            email=lead.email,
            first_name=lead.first_name,
            last_name=lead.last_name,
            company=lead.company,
            owner=None if self._as_leads else self._owner(lead),
            stage="lead" if self._as_leads else _stage_of(lead),
            created=created,
        )
        props |= self._values(lead, self._attributes)
        record_id = self._portal.next_id(self._contacts)
        return Record(record_id, created, to_ms(lead.modified_at), props, import_id=lead.id)

    def _way(self, lead: Lead, contact: Record) -> Iterator[history.Entry]:
        """The history of a contact's stage, and the dates that follow it."""
        if self._as_leads or not lead.stage_history:
            return
        states = [(stage_properties(native_stage(step.stage, "hubspot")), step) for step in lead.stage_history]
        stages = self._portal.properties.of(self._contacts)[STAGE]
        for name in [name for name in contact.props if _follows_the_stage(name)]:
            del contact.props[name]
        stood: str | None = None
        for values, step in states:
            dates = lifecycle.stage_dates(stages, stood, values.get(STAGE), to_ms(step.at))
            contact.props.update({name: text for name, text in dates.items() if text is not None})
            for name in [name for name, text in dates.items() if text is None]:
                contact.props.pop(name, None)
            stood = values.get(STAGE)
        yield from history.told(self._contacts, contact, self._stamped(states))

    def _way_of_lead(self, lead: Lead, record: Record) -> Iterator[history.Entry]:
        """The same of a lead's record, which always stands somewhere in its pipeline."""
        states = [
            ({lead_records.STAGE: lead_records.pipeline_stage(native_stage(step.stage, "hubspot"))}, step)
            for step in lead.stage_history
        ]
        kind = self._portal.types.named("leads")
        yield from history.told(kind, record, self._stamped(states))

    def _stamped(
        self, states: Iterable[tuple[Mapping[str, str], StageStep]]
    ) -> Iterator[tuple[Mapping[str, str], int, Actor]]:
        for values, step in states:
            owner = None if step.by is None else self._portal.owners.by_import_id(step.by)
            actor = Actor("AUTOMATION_PLATFORM", "1") if owner is None else Actor("CRM_UI", "", owner.user_id)
            yield values, to_ms(step.at), actor

    @staticmethod
    def _values(lead: Lead, homes: dict[str, str]) -> dict[str, str]:
        """Property → text of the attributes that have a home there."""
        texts = {homes[name]: to_text(value) for name, value in lead.attributes.items() if name in homes}
        return {name: text for name, text in texts.items() if text is not None}

    def _owner(self, lead: Lead) -> Owner | None:
        return None if lead.owner is None else self._portal.owners.by_import_id(lead.owner)

    def _lead(self, lead: Lead) -> Record:
        created = to_ms(lead.created_at)
        props = lead_records.lead_properties(
            first_name=lead.first_name,
            last_name=lead.last_name,
            owner=self._owner(lead),
            stage=_stage_of(lead),
            at=created,
        )
        kind = self._portal.types.named("leads")
        props |= self._values(
            lead, {name: it.name for name, it in self._portal.properties.by_attribute(kind).items()}
        )
        number = self._portal.next_id(kind)
        return Record(number, created, to_ms(lead.modified_at), props, import_id=lead.id)

    def _owner_id(self, activity: Activity) -> str | None:
        owner = None if activity.by is None else self._portal.owners.by_import_id(activity.by)
        return None if owner is None else str(owner.id)

    def _engagement(self, contact: Record, activity: Activity, engagements: dict[str, list[Record]]) -> Iterator[Row]:
        at = to_ms(activity.at)
        name, props = native_activities.properties_of(
            activity.kind,
            activity.at,
            activity.direction,
            activity.outcome,
            activity.subject,
            planned=at >= self._planned_from,
        )
        owner_id = self._owner_id(activity)
        if owner_id is not None:
            props["hubspot_owner_id"] = owner_id
        logged = self._logged_by if at >= self._planned_from else at
        kind = self._kinds[name]
        record = Record(self._portal.next_id(kind), logged, logged, props, import_id=activity.id)
        engagements[name].append(record)
        contact.props.update(activity_summary.logged(contact.props, name, props, self._planned_text))
        return iter(rows_of(self._contacts, kind, self._types[name], contact.id, record.id))

    def _submission(
        self, contact: Record, activity: Activity, used_forms: set[int]
    ) -> tuple[int, int, int, int, str, str]:
        number, name = self._portal.forms.for_subject(activity.subject, self._form_numbers)
        at = to_ms(activity.at)
        values = submission_values(
            contact.id,
            contact.props,
            outcome=activity.outcome,
            direction=activity.direction,
            by=self._owner_id(activity),
            subject=activity.subject,
        )
        self._submissions += 1
        contact.props.update(activity_summary.converted(contact.props, at, name, number not in used_forms))
        used_forms.add(number)
        record = submission_record(self._submissions, at, values, name)
        return self._submissions, number, at, contact.id, activity.id, record

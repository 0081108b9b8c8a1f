"""A CRM account read for suggestions: fields with samples, staff with what they own, activities by their words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crmsync.connection.parents import fields_of_parents
from crmsync.contract import Connector, CrmUser, Currencies, NativeField, PullRequest
from crmsync.errors import CrmsyncError, CrmUnreachable, RunStopped, SignInRefused, UsageError, WrongClock
from crmsync.mapping import CrmMapping, filled
from crmsync.operations.fields.sample import LEAST_RECORDS, Sample, sample_of
from crmsync.progress import Progress, silent
from crmsync.suggest.shapes import KnownOrg, OrgActivityKind, OrgChoice, OrgField, OrgUser

_MOST_VALUES = 30


def _refused(error: CrmsyncError) -> str:
    """In words what this user may not read; what ends everything else, too, is raised again."""
    if isinstance(error, CrmUnreachable | SignInRefused | WrongClock):
        raise error
    return f"{error.message}{f' ({error.hint})' if error.hint else ''}"


def read_org(connector: Connector, name: str, starter: CrmMapping, progress: Progress = silent) -> KnownOrg:
    """All that suggestions need. `starter`: says which objects and fields a CRM of this kind has as a rule.

    What the signed-in user may not read is told in `notes`; only leads must be readable. Raises `UsageError` when
    they are not, `RunStopped` when the CRM refuses or does not answer.
    """
    notes: list[str] = []
    lead = starter.lead.object
    through = [name for name in starter.lead_fields if "." in name]
    fields = (*connector.fields(lead), *fields_of_parents(connector, lead, through))
    sample = _sample(connector, lead, fields, notes, progress)
    owned = _owned(connector, starter, {field.name for field in fields}, notes)
    currencies = _currencies(connector, notes)
    activities = tuple(_activities(connector, starter, notes, progress))
    users = tuple(_user(user, owned) for user in _staff(connector, notes) if user.kind != "group")
    return KnownOrg(
        connector=name,
        lead_object=lead,
        fields=tuple(org_field(lead, field, sample) for field in fields),
        users=users,
        activities=activities,
        currency=currencies.home if currencies else None,
        notes=(*notes, *connector.left_out()),
    )


def _sample(
    connector: Connector, object_name: str, fields: Sequence[NativeField], notes: list[str], progress: Progress
) -> Sample:
    try:
        return sample_of(connector, object_name, fields, progress=progress)
    except (UsageError, RunStopped) as error:
        notes.append(f"records of {object_name} cannot be read: {_refused(error)}")
        return Sample(object_name, 0, False, {})


def org_field(object_name: str, field: NativeField, sample: Sample) -> OrgField:
    """A field as suggestions need it."""
    told = sample.fields.get(field.name)
    counted: Counter[str] = told.counted if told else Counter()
    choices = tuple(
        OrgChoice(it.value, it.label, counted[it.value] if told else None, it.active) for it in field.choices
    )
    return OrgField(
        object=object_name,
        name=field.name,
        label=field.label,
        type=field.kind,
        writable=field.writable,
        choices=choices,
        filled=sample.share(field.name),
        sampled=sample.records,
        values=tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:_MOST_VALUES]),
        # What stands on a parent is told to be calculated, as its changes are not seen; people fill it all the same.
        of_system=field.calculated and "." not in field.name,
        open_choices=field.open_choices,
        calculated=field.calculated,
        currency_field=field.currency_field,
    )


def _activities(
    connector: Connector, starter: CrmMapping, notes: list[str], progress: Progress
) -> Iterator[OrgActivityKind]:
    """Every object of the starter that this user may read."""
    for activity in starter.activities:
        try:
            fields = connector.fields(activity.object)
        except (UsageError, RunStopped) as error:
            notes.append(f"{activity.object} is left out: {_refused(error)}")
            continue
        sample = _sample(connector, activity.object, fields, notes, progress)
        if not sample.fields:
            continue
        told = tuple(org_field(activity.object, field, sample) for field in fields)
        yield OrgActivityKind(activity.object, told, sample.records)


Owned = Mapping[str, Counter[str]]
"""Owner's native id → native stage → leads of the sample."""


def _owned(connector: Connector, starter: CrmMapping, there: set[str], notes: list[str]) -> Owned:
    owner, stage = starter.owner.field, starter.stage.field
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    if not {owner, stage} <= there:
        return found
    read = 0
    try:
        for page in connector.pull(PullRequest(starter.lead.object, (owner, stage))):
            for who, where in page.records.select(filled(owner), filled(stage)).iter_rows():
                if who is not None:
                    found[who][where or ""] += 1
            read += page.records.height
            if read >= 5 * LEAST_RECORDS:
                break
    except (UsageError, RunStopped) as error:
        notes.append(f"who owns leads is not known: {_refused(error)}")
    return found


def _staff(connector: Connector, notes: list[str]) -> Sequence[CrmUser]:
    try:
        return connector.staff()
    except (UsageError, RunStopped) as error:
        notes.append(f"users cannot be read, so nobody is known to own or receive leads: {_refused(error)}")
        return ()


def _currencies(connector: Connector, notes: list[str]) -> Currencies | None:
    try:
        return connector.currencies()
    except (UsageError, RunStopped) as error:
        notes.append(f"currencies are not known: {_refused(error)}")
        return None


def _user(user: CrmUser, owned: Owned) -> OrgUser:
    stages: Any = owned.get(user.id, Counter())
    return OrgUser(
        id=user.id,
        name=user.name,
        type="queue" if user.kind == "queue" else "person",
        active=user.active,
        email=user.email,
        title=user.title,
        role=user.role,
        profile=user.profile,
        teams=tuple(dict.fromkeys((*([user.team] if user.team else []), *user.teams, *user.groups))),
        owns_leads=stages.total(),
        owns_by_stage=tuple(sorted(stages.items())),
    )

"""The HubSpot connector: the contract's verbs, each handed to the module that knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus

from crmsync.sdk import (
    Capabilities,
    Closing,
    Creation,
    CreationResult,
    CrmClock,
    CrmUser,
    Currencies,
    Edit,
    NativeField,
    Org,
    Page,
    Parent,
    Provided,
    Provision,
    PullRequest,
    Reading,
    Usage,
    UsageError,
    Write,
    WriteResult,
)
from crmsync_hubspot.activities import ACTIVITY_OBJECTS, pull_activities
from crmsync_hubspot.create import Creator, closing_of
from crmsync_hubspot.deal_stages import DealStages
from crmsync_hubspot.errors import HubSpotRefused
from crmsync_hubspot.forms import FORM_SUBMISSIONS, ask_for_submissions, pull_submissions, submission_fields
from crmsync_hubspot.gateway import BATCH, Gateway
from crmsync_hubspot.lists import ON_A_CONTACTS_LIST, ON_A_LIST, ListMembers
from crmsync_hubspot.object_names import COMPANIES, CONTACTS, LEADS, plural
from crmsync_hubspot.open_deals import BEHIND, deal_fields, has_deals, won_fields
from crmsync_hubspot.owners import read_currencies, read_org, read_users
from crmsync_hubspot.paths import COMPANY, CONTACT, OPEN_DEALS, WON_DEALS
from crmsync_hubspot.primary_contacts import PrimaryContacts
from crmsync_hubspot.properties import STAGE, Properties
from crmsync_hubspot.property_history import read_edits
from crmsync_hubspot.provisions import Provider
from crmsync_hubspot.pull import pull_records
from crmsync_hubspot.read import read_records
from crmsync_hubspot.reread import reread_activities, submissions_of
from crmsync_hubspot.schema_gateway import SchemaGateway
from crmsync_hubspot.settings import HubSpotSettings
from crmsync_hubspot.transport import Transport
from crmsync_hubspot.unhurried import ContactsWatch, nothing_new
from crmsync_hubspot.write import Writer


class HubSpotConnector:
    """A connection to one HubSpot account. Opening it makes no call."""

    capabilities = Capabilities(
        write_batch_size=BATCH,
        activity_objects=(*ACTIVITY_OBJECTS, FORM_SUBMISSIONS),
        open_objects=(FORM_SUBMISSIONS,),
        fields_beside=(ON_A_LIST, ON_A_CONTACTS_LIST),
    )

    def __init__(self, settings: HubSpotSettings) -> None:
        self._settings = settings
        self._transport = Transport(settings)
        self._gateway = Gateway(self._transport)
        self._properties = Properties(self._gateway)
        self._contacts = ContactsWatch(settings)
        self._lists = ListMembers(self._gateway)
        self._people = PrimaryContacts(self._gateway)
        self._left_out: dict[str, None] = {}

    def org(self) -> Org:
        """The account's id, name and time zone."""
        return read_org(self._gateway, self._settings)

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        """The object's properties. Raises `UsageError` when there is no such object."""
        if object_name == FORM_SUBMISSIONS:
            return submission_fields(self._gateway)
        if object_name == OPEN_DEALS:
            return deal_fields(DealStages(self._gateway))
        if object_name == WON_DEALS:
            return won_fields()
        return self._properties.fields(object_name)

    def parents(self, object_name: str) -> Mapping[str, Parent]:
        """Primary company, primary contact of a lead, and deals; records of what has changed come with it."""
        found: dict[str, Parent] = {}
        if plural(object_name) == LEADS:
            found[CONTACT.rstrip(".")] = Parent((CONTACTS,), followed=True)
        if plural(object_name) in (CONTACTS, LEADS):
            found[COMPANY.rstrip(".")] = Parent((COMPANIES,), followed=True)
        return {**found, **BEHIND} if has_deals(object_name) else found

    def users(self) -> tuple[CrmUser, ...]:
        """All owners, archived ones too."""
        return read_users(self._gateway)

    def staff(self) -> tuple[CrmUser, ...]:
        """The same: HubSpot tells teams only, and those are told already."""
        return self.users()

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Stream records; see `pull`, `activities` and `forms` for how each kind is read."""
        if request.object == FORM_SUBMISSIONS:
            if self._contacts.may_wait(request):
                return iter([nothing_new(request)])
            return pull_submissions(
                self._gateway,
                self._settings,
                request,
                request.leads_object or CONTACTS,
                self._people,
                lambda words: self._left_out.update({words: None}),
            )
        if request.leads_object is not None:
            return pull_activities(
                self._gateway, self._properties, self._settings, request, request.leads_object, self._people
            )
        pages = pull_records(self._gateway, self._properties, self._settings, request, self._lists, self._people)
        return self._contacts.watched(request, pages) if plural(request.object) == CONTACTS else pages

    def same_object(self, one: str, other: str) -> bool:
        """HubSpot has several names for each of its objects."""
        return plural(one) == plural(other)

    def reread(
        self, request: PullRequest, ids: Sequence[str] = (), of_leads: Sequence[str] = ()
    ) -> Iterator[Page] | None:
        """Engagements by id or by contact; of form submissions what came since the last reading."""
        if request.object != FORM_SUBMISSIONS:
            return reread_activities(self._gateway, self._people, request, ids, of_leads)
        if request.cursor is None:
            return None
        return submissions_of(self.pull(request), of_leads) if of_leads else iter(())

    def ask(self, object_name: str, leads_object: str | None = None) -> None:
        """One record, or one form and its first submissions."""
        if object_name == FORM_SUBMISSIONS:
            ask_for_submissions(self._gateway)
            return
        try:
            self._gateway.list_records(object_name, (), limit=1)
        except HubSpotRefused as refused:
            if refused.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}:
                self._properties.of(object_name)  # an object that there is not is told by its name
            raise

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        """The records with these ids as they stand now."""
        _refuse_submissions(object_name)
        return read_records(self._gateway, object_name, ids, fields, self._lists, self._people)

    def push(self, object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        """Write at most 100 records; one result each, in order."""
        _refuse_submissions(object_name)
        if len(writes) > BATCH:
            raise ValueError(f"at most {BATCH} writes at once, not {len(writes)}")
        if not writes:
            return []
        self._properties.check(object_name, dict.fromkeys(name for write in writes for name in write.values))
        stages_move = any(write.values.get(STAGE) and write.expected.get(STAGE) for write in writes)
        order = self._properties.stage_order(object_name) if stages_move else {}
        return Writer(self._gateway, object_name, order).push(writes)

    def create(self, object_name: str, leads_object: str, creations: Sequence[Creation]) -> list[CreationResult]:
        """Make activities of at most 100 contacts or leads, each once."""
        _refuse_submissions(object_name)
        if len(creations) > BATCH:
            raise ValueError(f"at most {BATCH} creations at once, not {len(creations)}")
        return Creator(self._gateway, self._properties, object_name, leads_object).results(creations)

    def closing(self, object_name: str) -> Closing | None:
        """Tasks have a status that says so; calls, meetings and notes have nothing to do."""
        return closing_of(object_name)

    def edits(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[Edit]:
        """Who set these properties, by their histories."""
        _refuse_submissions(object_name)
        return read_edits(self._gateway, object_name, ids, fields)

    def provided(self, provisions: Sequence[Provision]) -> list[Provided]:
        """How properties, options and lists stand; scopes are told."""
        return Provider(SchemaGateway(self._transport)).provided(provisions)

    def provide(self, provisions: Sequence[Provision]) -> list[Provided]:
        """Make properties (in a group of their own), options and lists."""
        return Provider(SchemaGateway(self._transport)).provide(provisions)

    def provision_files(self, provisions: Sequence[Provision]) -> Mapping[str, str]:
        """None: HubSpot takes no files for what is made here."""
        return {}

    def currencies(self) -> Currencies | None:
        """The account's own currency; amounts in another one are not converted."""
        return read_currencies(self._gateway)

    def usage(self) -> Usage:
        """Calls so far, and what HubSpot says is left of the day."""
        return self._transport.usage()

    def left_out(self) -> tuple[str, ...]:
        """Forms that HubSpot refused to tell the submissions of, and entries of listings that are no records."""
        torn = (
            f"{count:,} of the entries that HubSpot lists as {name} came without id or properties, or without some "
            "of them, and were left out: run again with --full; if it stays, look for a server in between that "
            "changes answers"
            for name, count in self._gateway.torn.items()
            if count
        )
        return (*self._left_out, *torn)

    def clock(self) -> CrmClock:
        """HubSpot's own clock, by the `Date` of its answers."""
        return self._transport.clock

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()


def _refuse_submissions(object_name: str) -> None:
    if object_name == FORM_SUBMISSIONS:
        raise UsageError("form submissions can only be pulled", hint="name contacts (or another HubSpot object) here")

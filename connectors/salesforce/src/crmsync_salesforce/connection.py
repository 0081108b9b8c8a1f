"""The Salesforce connector: the contract's verbs, each handed to the module that knows it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

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
from crmsync_salesforce.belonging import belonging
from crmsync_salesforce.closing import TaskClosing
from crmsync_salesforce.create import Creator
from crmsync_salesforce.currencies import read_currencies
from crmsync_salesforce.describe import LEAD_STATUSES, Describer
from crmsync_salesforce.errors import Refusal
from crmsync_salesforce.field_history import read_edits
from crmsync_salesforce.open_deals import BEHIND, OPEN_DEALS, WON_DEALS, deal_fields, has_deals, won_fields
from crmsync_salesforce.provisions import Provider
from crmsync_salesforce.pull import Puller
from crmsync_salesforce.read import Reader
from crmsync_salesforce.reread import reread_activities
from crmsync_salesforce.settings import SalesforceSettings
from crmsync_salesforce.transport import Transport
from crmsync_salesforce.users import USER_QUERIES, read_org, read_staff, read_users
from crmsync_salesforce.write import Writer


class SalesforceConnector:
    """One Salesforce org. Signs in at the first call that needs it; used by one thread."""

    def __init__(
        self,
        settings: SalesforceSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: random.Random | None = None,
    ) -> None:
        """No call is made yet."""
        self.capabilities = Capabilities(settings.batch_size, activity_objects=("Task", "Event", "CampaignMember"))
        self._transport = Transport(settings, sleep=sleep, jitter=jitter)
        self._provider = Provider(self._transport, settings.api_version, sleep)
        self._describer = Describer(self._transport)
        self._puller = Puller(self._transport, self._describer)
        self._reader = Reader(self._transport, self._describer)
        self._writer = Writer(self._transport, self._describer, self._reader)
        self._closing = TaskClosing(self._transport)
        # A reader of its own: the other remembers what the next push was decided from.
        self._creator = Creator(self._transport, self._describer, Reader(self._transport, self._describer))

    def org(self) -> Org:
        """The org's id, name and default time zone."""
        return read_org(self._transport)

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        """The object's fields as the signed-in user sees them."""
        if object_name.lower() == "lead":
            # A run asks for the users next: one call for both.
            self._transport.prefetch((LEAD_STATUSES, *USER_QUERIES), what="the queries on statuses and users")
        if object_name == OPEN_DEALS:
            return deal_fields(self._transport, self._describer)
        if object_name == WON_DEALS:
            return won_fields()
        return self._describer.native_fields(object_name)

    def parents(self, object_name: str) -> Mapping[str, Parent]:
        """The object's lookups, and its opportunities. A new value of a lookup's moves no stamp of the record."""
        if object_name in BEHIND:
            return {}
        lookups = self._describer.parents(object_name)
        return {**lookups, **BEHIND} if has_deals(object_name) else lookups

    def users(self) -> tuple[CrmUser, ...]:
        """All users and queues."""
        return read_users(self._transport)

    def staff(self) -> tuple[CrmUser, ...]:
        """All users and queues with titles and profiles."""
        return read_staff(self._transport)

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Stream records; converted leads never come."""
        return self._puller.pages(request)

    def same_object(self, one: str, other: str) -> bool:
        """Salesforce takes names in any case."""
        return one.casefold() == other.casefold()

    def reread(self, request: PullRequest, ids: Sequence[str] = (), of_leads: Sequence[str] = ()) -> Iterator[Page]:
        """Tasks, events and members of campaigns by id or by whose they are."""
        return reread_activities(self._transport, self._describer, request, ids, of_leads)

    def ask(self, object_name: str, leads_object: str | None = None) -> None:
        """One record's id; and whether the user sees whose the records are."""
        schema = self._describer.schema(object_name)
        if leads_object:
            belonging(schema, leads_object)
        what = f"the query on {schema.name}"
        try:
            self._transport.query(f"SELECT Id FROM {schema.name} LIMIT 1", what=what)  # noqa: S608 - a described name
        except Refusal as refusal:
            raise UsageError(refusal.message, hint=refusal.hint) from refusal

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        """The records with these ids as they stand now."""
        return self._reader.reading(object_name, ids, fields)

    def push(self, object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        """Set fields. After a lost answer `expected` tells which records nobody has touched: they are sent again."""
        return self._writer.results(object_name, writes)

    def create(self, object_name: str, leads_object: str, creations: Sequence[Creation]) -> list[CreationResult]:
        """Make tasks or events of leads or contacts, each once."""
        return self._creator.results(object_name, leads_object, creations)

    def closing(self, object_name: str) -> Closing | None:
        """Tasks have statuses that say so, which ones is the org's own; an Event has nothing to do."""
        return self._closing.of(object_name)

    def edits(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[Edit]:
        """Who set these fields, as far as the org tracks their history."""
        return read_edits(self._transport, self._describer, object_name, ids, fields)

    def provided(self, provisions: Sequence[Provision]) -> list[Provided]:
        """How fields, values, the permission set and list views stand."""
        return self._provider.provided(provisions)

    def provide(self, provisions: Sequence[Provision]) -> list[Provided]:
        """Make them by one deployment of metadata."""
        return self._provider.provide(provisions)

    def provision_files(self, provisions: Sequence[Provision]) -> Mapping[str, str]:
        """The same as files of the Metadata API."""
        return self._provider.files(provisions)

    def currencies(self) -> Currencies | None:
        """The org's currencies and their rates; null when it has one only."""
        return read_currencies(self._transport)

    def usage(self) -> Usage:
        """Requests sent so far, sign-ins included."""
        return self._transport.usage

    def left_out(self) -> tuple[str, ...]:
        """Roles, groups and the like that the user may not see."""
        return self._transport.left_out

    def clock(self) -> CrmClock:
        """Salesforce's own clock, by the `Date` of its answers."""
        return self._transport.clock

    def close(self) -> None:
        """Release sockets."""
        self._transport.close()

"""The Salesforce org as a practice CRM's side."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from crmsync_practice.backend import PracticeContext
from crmsync_practice.reading import RecordRefused
from crmsync_practice.record_page import RecordView
from crmsync_practice.records import Crm, World
from crmsync_practice.salesforce import currencies
from crmsync_practice.salesforce.carriers import PARENT, add_contact_fields, carrier_of
from crmsync_practice.salesforce.catalogue.currency_fields import FIELD as CURRENCY
from crmsync_practice.salesforce.composite import subrequests
from crmsync_practice.salesforce.currencies import rates_of
from crmsync_practice.salesforce.custom_fields import Home, find_homes
from crmsync_practice.salesforce.deployed import Deployed
from crmsync_practice.salesforce.editing import Editor, remember_homes
from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.gateway import failure
from crmsync_practice.salesforce.instants import from_stamp, to_stamp
from crmsync_practice.salesforce.lightning_page import addressed, page_of
from crmsync_practice.salesforce.limits import Quota
from crmsync_practice.salesforce.loading import Loader
from crmsync_practice.salesforce.objects import standard_objects
from crmsync_practice.salesforce.org import INTEGRATION_USER_ID, ORGANIZATION_ID, seed_org
from crmsync_practice.salesforce.outbound import Outbound
from crmsync_practice.salesforce.people import user_state
from crmsync_practice.salesforce.record_types import RecordTypes
from crmsync_practice.salesforce.rep_fields import rep_fields
from crmsync_practice.salesforce.schema import Field, Schema
from crmsync_practice.salesforce.service import OrgService
from crmsync_practice.salesforce.soql.functions import add_functions
from crmsync_practice.salesforce.soql.parse import parse
from crmsync_practice.salesforce.state import read_state
from crmsync_practice.salesforce.statuses import add_lead_statuses, recall_lead_statuses, seed_statuses
from crmsync_practice.salesforce.storage import Store
from crmsync_practice.salesforce.switches import SCHEMA_SWITCHES, checked
from crmsync_practice.salesforce.visibility import Visibility, check_names

logger = logging.getLogger("crmsync_practice")


class SalesforceSide:
    """One org: its data, its resources, and the edits that are not visible yet."""

    name: Crm = "salesforce"

    def __init__(self, context: PracticeContext) -> None:
        self._context = context
        context.switches.update(checked({}))
        self._schema = Schema(standard_objects())
        connection = context.connect()
        self._store = Store(connection, self._schema)
        self._store.listeners.append(Outbound(context.switches).saved)
        add_functions(connection, context.zone)
        self._record_types = RecordTypes(self._store)
        self._homes: list[Home] = []
        self._changed_at: datetime | None = None
        self._pending: list[tuple[datetime, datetime, Mapping[str, Any], str | None]] = []
        self._visibility = Visibility(self._schema)
        self._deployed = Deployed(self._store, lambda: to_stamp(context.clock.now()))
        self._carrier = carrier_of(context.lead_object)
        if self.holds_data():
            self._recall()
        self._service = OrgService(
            self._store,
            self._context,
            self._record_types,
            self._deployed,
            quota=Quota(context),
            before_each=self._before_each,
            schema_made_at=self._schema_made_at,
            oldest_open=self._oldest_open,
        )

    @property
    def lead_object(self) -> str:
        """`Lead` or `Contact`."""
        return self._carrier.object

    def holds_data(self) -> bool:
        """Whether the database file held an org already."""
        return self._store.read_meta("loaded") is not None

    def load(self, world: World) -> None:
        """Makes the tables and fills them with the world."""
        lead = self._schema[self._carrier.object]
        for each in rep_fields():
            lead.add(each)
        if self._carrier.has_account:
            add_contact_fields(lead, [stage for each in world.leads for stage in each.stages_for("salesforce")])
        found = (each.attributes for each in world.leads)
        homes, fields = find_homes(lead, found, world.usual, self._carrier.standard)
        for field in fields:
            lead.add(field)
        self._homes.extend(homes)
        stamp = to_stamp(
            min((each.created_at for each in world.leads), default=self._context.clock.now()) - timedelta(days=1)
        )

        def work() -> None:
            self._store.create_tables()
            stages = () if self._carrier.has_account else world.leads
            add_lead_statuses(self._store, (stage for each in stages for stage in each.stages_for("salesforce")))
            seed_org(self._store, self._context.timezone, stamp)
            when = (self._context.today, self._context.zone)
            Loader(self._store, self._carrier, self._homes, *when).load(world, stamp)
            remember_homes(self._store, self._carrier, self._homes)
            self._declare_currencies(rates_of(_currencies(world, self._homes)), stamp)
            self._store.write_meta("loaded", stamp)
            self._store.create_indexes()

        self._store.in_transaction(work)

    def serve_event_bus(self) -> int:
        """Tells of changes by the Pub/Sub API from now on; the port. Raises ImportError without its packages."""
        from crmsync_practice.salesforce.change_log import ChangeLog  # noqa: PLC0415 - need packages that are extra
        from crmsync_practice.salesforce.event_bus import EventBus  # noqa: PLC0415

        log = ChangeLog(self._store, self._context.switches, self._context.clock.now)
        bus = EventBus(log, self._context.switches, self._service.auth.user_of_token, ORGANIZATION_ID)
        port = bus.serve()
        self._store.listeners.append(log.saved)
        return port

    def users(self) -> list[dict[str, Any]]:
        """The users and queues in the import shape plus `native_id`."""
        return user_state(self._store)

    def attribute_fields(self) -> dict[str, tuple[str, str]]:
        """Where each import attribute lives."""
        kinds = {"yes_no": "boolean", "whole": "integer", "number": "number", "text": "text"}
        return {home.attribute: (home.field, kinds[home.kind]) for home in self._homes}

    def lead_fields(self) -> set[str]:
        """The names of the object's fields; of a contact also those of its account."""
        own = {field.name for field in self._schema[self._carrier.object].visible()}
        if not self._carrier.has_account:
            return own
        return own | {f"{PARENT}{field.name}" for field in self._schema["Account"].visible()}

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """The org's content in the import shape."""
        self._before_each()
        return read_state(self._store, self._carrier, self._homes, self._context.zone)

    def edit(self, payload: dict[str, Any], by: str | None) -> dict[str, Any]:
        """Applies an edit now, or stamps it now and shows it later (switch `late_visibility_seconds`)."""
        now = self._context.clock.now()
        self._before_each()
        lag = float(self._context.switches["late_visibility_seconds"] or 0)
        if lag > 0:
            self._pending.append((now + timedelta(seconds=lag), now, payload, by))
            return {table: len(payload[table]) for table in ("users", "leads", "activities")}
        return self._apply(payload, by, now)

    def record_at(self, path: str) -> RecordView | None:
        """A record in Lightning; one that was deleted has no page."""
        found = addressed(self._schema, path)
        if found is None:
            return None
        self._before_each()
        return page_of(self._store, *found)

    def routes(self) -> Sequence[BaseRoute]:
        """Everything below `/`."""
        parse("SELECT Id FROM Lead")  # builds the parser now and not during somebody's first query
        return [Mount("/", app=self._service.gateway)]

    def endpoint_of(self, method: str, path: str) -> str:
        """The route's template, such as `GET query`."""
        return self._service.routes.endpoint_of(method, path)

    def within(self, method: str, path: str, body: bytes) -> Sequence[tuple[str, str]]:
        """The subrequests of a composite request."""
        return subrequests(method, path, body)

    def failure(
        self, status: int, retry_after_seconds: float | None = None, *, method: str = "GET", path: str = "/"
    ) -> Response:
        """A failure in Salesforce's shape, the same on every path."""
        return failure(status, retry_after_seconds)

    def switches(self) -> dict[str, Any]:
        """The switches of `switches.py`."""
        return self._context.switches

    def switch(self, changes: Mapping[str, Any]) -> None:
        """Turns some of them; they take effect with the next request."""
        wanted = checked({**self._context.switches, **changes})
        for rule in wanted["validation_rules"] if "validation_rules" in changes else []:
            try:
                self._service.rules.compiled(rule, INTEGRATION_USER_ID)
            except SalesforceError as error:
                raise RecordRefused(f"validation_rules: {error.message.strip()}") from error
        if SCHEMA_SWITCHES & set(changes):
            self._changed_at = self._context.clock.now().replace(microsecond=0)
        check_names(self._schema, wanted)
        if "currencies" in changes:
            self._declare_currencies(wanted["currencies"], to_stamp(self._context.clock.now()))
        if "record_types" in changes:
            self._record_types.declare(wanted["record_types"], to_stamp(self._context.clock.now()))
        if wanted["sessions_ended"] != self._context.switches["sessions_ended"]:
            self._service.auth.end_sessions()
        self._context.switches.update(wanted)

    def _declare_currencies(self, rates: Mapping[str, float], stamp: str) -> None:
        self._context.switches["currencies"] = dict(rates)
        currencies.declare(self._store, rates, stamp)

    def _recall(self) -> None:
        self._carrier = carrier_of(self._store.read_meta("lead_object"))
        for each in self._store.read_meta("custom_fields") or []:
            self._schema[self._carrier.object].add(msgspec.convert(each, Field))
        self._homes.extend(Home(*each) for each in self._store.read_meta("homes") or [])
        recall_lead_statuses(self._store)
        self._deployed.recall()
        if self._store.complete_tables():
            seed_statuses(self._store, to_stamp(self._context.clock.now()), INTEGRATION_USER_ID)
        self._context.switches["currencies"] = self._store.read_meta("currencies") or {}
        types = self._store.read_meta("record_types") or []
        self._context.switches["record_types"] = types
        self._record_types.declare(types, to_stamp(self._context.clock.now()))

    def _apply(self, payload: Mapping[str, Any], by: str | None, at: datetime) -> dict[str, Any]:
        """A person's edit; a new attribute makes a custom field."""
        lead = self._schema[self._carrier.object]
        known = len(lead.fields)
        answer = dict(Editor(self._store, self._context, self._carrier, self._homes).apply(payload, by, at))
        if len(lead.fields) != known:
            self._changed_at = at.replace(microsecond=0)
        return answer

    def _schema_made_at(self) -> datetime:
        """When the schema was last changed, for `Last-Modified` of a describe."""
        return self._changed_at or from_stamp(self._store.read_meta("loaded") or "2020-01-01T00:00:00")

    def _oldest_open(self) -> datetime | None:
        return min((stamped for _, stamped, _, _ in self._pending), default=None)

    def _before_each(self) -> None:
        """Shows the edits whose time has come and applies the switches that change the schema."""
        if self._pending:
            now = self._context.clock.now()
            due = [each for each in self._pending if each[0] <= now]
            self._pending = [each for each in self._pending if each[0] > now]
            for _, stamped, payload, by in due:
                try:
                    self._apply(payload, by, stamped)
                except RecordRefused as refused:
                    logger.warning("a late edit was not carried out: %s", refused)
        self._visibility.apply(self._context.switches)
        self._deployed.see()


def _currencies(world: World, homes: Sequence[Home]) -> set[str]:
    """The currencies that an import's leads name."""
    named = [home.attribute for home in homes if home.field == CURRENCY]
    return {str(lead.attributes[name]) for lead in world.leads for name in named if lead.attributes.get(name)}

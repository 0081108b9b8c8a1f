"""The HubSpot side as the practice CRM's server knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute

from crmsync_practice import exchange
from crmsync_practice.backend import PracticeContext
from crmsync_practice.hubspot import dispatch, search_sql
from crmsync_practice.hubspot.definitions import Definition
from crmsync_practice.hubspot.edit import Edit
from crmsync_practice.hubspot.errors import HubSpotError
from crmsync_practice.hubspot.export import state, users_of
from crmsync_practice.hubspot.limits import rate_limited
from crmsync_practice.hubspot.load import fill
from crmsync_practice.hubspot.native_activities import OBJECTS, activity_properties
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.records import resolve
from crmsync_practice.hubspot.settings import PORTAL_ID, Settings, settings_of
from crmsync_practice.hubspot.switches import change
from crmsync_practice.hubspot.webhooks import Sender
from crmsync_practice.record_page import ADDRESS, RecordView
from crmsync_practice.records import Crm, World

_PAGES = {502: "Bad Gateway", 504: "Gateway Timeout", 414: "Request-URI Too Large"}
_FOREMOST = ("lifecyclestage", "hs_pipeline_stage", "hubspot_owner_id", "company")
"""Properties on top of a record's page."""
_CATEGORIES = {
    400: ("Bad request", "VALIDATION_ERROR"),
    401: ("Authentication credentials not found.", "INVALID_AUTHENTICATION"),
    403: ("This app hasn't been granted all required scopes to make this call.", "MISSING_SCOPES"),
    404: ("resource not found", None),
    409: ("The resource is in conflict.", "CONFLICT"),
    423: ("The resource is locked. Try again later.", None),
    477: ("This account is being migrated between data centres.", None),
    500: ("internal error", None),
    503: ("The service is temporarily unavailable.", None),
}


class HubSpotSide:
    """One HubSpot portal; see `crmsync_practice.backend.Backend` for what each method promises."""

    name: Crm = "hubspot"

    def __init__(self, context: PracticeContext, settings: Settings | None = None) -> None:
        self.portal = Portal(context, settings or settings_of(context.profile))
        search_sql.add_functions(self.portal.storage.connection)
        self.portal.listener = Sender(self.portal.settings, context.seed, self.portal.now).send
        self.dispatcher = dispatch.Dispatcher(self.portal)
        if not self.holds_data():
            with self.portal.storage.transaction():
                for name in OBJECTS:
                    for definition in activity_properties():
                        self.portal.properties.put(self.portal.types.named(name), definition)

    @property
    def lead_object(self) -> str:
        """`contacts` or `leads`."""
        return self.portal.lead_object

    def holds_data(self) -> bool:
        """Whether a world was loaded into the database."""
        return self.portal.storage.meta("loaded") is not None

    def load(self, world: World) -> None:
        """Fills the empty portal."""
        fill(self.portal, world)

    def users(self) -> list[dict[str, Any]]:
        """The owners in the import shape plus `native_id`."""
        return users_of(self.portal)

    def attribute_fields(self) -> dict[str, tuple[str, str]]:
        """Where each import attribute lives."""
        kept = self.portal.properties.by_attribute(self.portal.types.named("contacts"))
        parent = "contact." if self.portal.lead_object == "leads" else ""
        return {attribute: (f"{parent}{each.name}", each.value_type or "text") for attribute, each in kept.items()}

    def lead_fields(self) -> set[str]:
        """The names of the contacts' properties; of leads also their own."""
        contacts = set(self.portal.properties.live(self.portal.types.named("contacts")))
        if self.portal.lead_object != "leads":
            return contacts
        return {*self.portal.properties.live(self.portal.types.named("leads")), *(f"contact.{it}" for it in contacts)}

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """The portal in the import shape."""
        return state(self.portal)

    def edit(self, payload: dict[str, Any], by: str | None) -> dict[str, Any]:
        """Changes records as a person would; all or nothing."""
        try:
            with self.portal.storage.transaction():
                answer = Edit(self.portal, by).apply(payload)
        except BaseException:
            self.portal.forget()
            raise
        self.portal.send_events()
        return answer

    def record_at(self, path: str) -> RecordView | None:
        """A record in the app, in its own portal; one that was merged away leads to the one that stays."""
        address = ADDRESS.fullmatch(path)
        kind = self.portal.types.find(address["type"]) if address and address["type"] else None
        if address is None or kind is None or address["portal"] != str(PORTAL_ID):
            return None
        record = resolve(self.portal, kind, address["number"])
        if record is None:
            return None
        labels = self.portal.properties.live(kind)
        title = " ".join(
            record.props[part] for part in ("firstname", "lastname", "name", "hs_lead_name") if record.props.get(part)
        )
        fields = [
            (labels[name].label if name in labels else name, name, self._shown(name, value, labels.get(name)))
            for name, value in sorted(record.props.items())
        ]
        return RecordView(kind.name, str(record.id), title, fields, _FOREMOST)

    def _shown(self, name: str, value: str, definition: Definition | None) -> str:
        """A value as the page has it: the owner with the name, a choice (such as the stage) with its label."""
        if name == "hubspot_owner_id":
            owner = self.portal.owners.get(value) if value else None
            label = owner.user.get("name") if owner else None
        else:
            options = definition.options if definition else ()
            label = next((option.label for option in options if option.value == value), None)
        return f"{label} ({value})" if label and label != value else value

    def routes(self) -> Sequence[BaseRoute]:
        """The portal's own paths."""
        return dispatch.routes(self.dispatcher)

    def endpoint_of(self, method: str, path: str) -> str:
        """The name under which a call is counted."""
        return self.dispatcher.endpoint_of(method, path)

    def within(self, method: str, path: str, body: bytes) -> Sequence[tuple[str, str]]:
        """HubSpot has no requests inside requests."""
        return ()

    def switches(self) -> dict[str, Any]:
        """The switches of `settings.py`."""
        return dict(msgspec.to_builtins(self.portal.settings))

    def switch(self, changes: Mapping[str, Any]) -> None:
        """Turns some of them; they take effect with the next request."""
        change(self.portal.settings, changes)

    def failure(
        self, status: int, retry_after_seconds: float | None = None, *, method: str = "GET", path: str = "/"
    ) -> Response:
        """An answer of HubSpot's for a failure: JSON from the application, HTML from the gateway."""
        retry_after = None if retry_after_seconds is None else exchange.retry_after(retry_after_seconds)
        if status in _PAGES:
            return dispatch.gateway_page(status, _PAGES[status], retry_after)
        correlation_id = self.portal.correlation_id()
        if status == 429:
            refused = rate_limited(search=self.dispatcher.is_search(method, path))
        else:
            message, category = _CATEGORIES.get(status, (f"HTTP {status}", None))
            refused = HubSpotError(status, message, category)
        headers = {"X-HubSpot-Correlation-Id": correlation_id}
        if retry_after is not None:
            headers["Retry-After"] = retry_after
        body = msgspec.json.encode(refused.body(correlation_id))
        return Response(body, status, headers, media_type=dispatch.JSON)

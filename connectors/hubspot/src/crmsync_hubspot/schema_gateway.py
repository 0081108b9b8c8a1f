"""The operations by which properties, groups of them and lists are looked at and made."""

from __future__ import annotations

from collections.abc import Sequence

from crmsync_hubspot.errors import HubSpotRefused
from crmsync_hubspot.parts import JsonObject, object_in
from crmsync_hubspot.transport import Answer, Transport


class SchemaGateway:
    """What of HubSpot's API changes an account's set-up. Nothing here is sent again after a lost answer."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def property(self, object_name: str, name: str) -> JsonObject | None:
        """A property's definition as it stands now; null where there is none."""
        return self._found(
            f"read the property {name}",
            lambda root: root.crm.properties.core_api.get_by_name(object_name, name, _preload_content=False),
        )

    def make_property(self, object_name: str, definition: JsonObject) -> None:
        """Make one. HubSpot refuses (409) where one of this name is there."""
        self._transport.send(
            f"make the property {definition['name']}",
            lambda root: root.crm.properties.core_api.create(object_name, definition, _preload_content=False),
            idempotent=False,
        )

    def set_options(self, object_name: str, name: str, options: Sequence[JsonObject]) -> None:
        """Replace the options of a property; what is left out is gone."""
        self._transport.send(
            f"add values to the property {name}",
            lambda root: root.crm.properties.core_api.update(
                object_name, name, {"options": list(options)}, _preload_content=False
            ),
            idempotent=False,
        )

    def group(self, object_name: str, name: str) -> JsonObject | None:
        """A group of properties; null where there is none."""
        return self._found(
            f"read the property group {name}",
            lambda root: root.crm.properties.groups_api.get_by_name(object_name, name, _preload_content=False),
        )

    def make_group(self, object_name: str, name: str, label: str) -> None:
        """Make a group of properties, after all others."""
        self._transport.send(
            f"make the property group {name}",
            lambda root: root.crm.properties.groups_api.create(
                object_name, {"name": name, "label": label, "displayOrder": -1}, _preload_content=False
            ),
            idempotent=False,
        )

    def list_named(self, object_type: str, name: str) -> JsonObject | None:
        """The list of this name of an object's records, by its type id (`0-1`); null where there is none."""
        found = self._found(
            "look for a list by its name",
            lambda root: root.crm.lists.lists_api.get_by_name(name, object_type, _preload_content=False),
        )
        return None if found is None else object_in(found.get("list"))

    def make_list(self, definition: JsonObject) -> None:
        """Make a list that HubSpot keeps filled by a filter."""
        self._transport.send(
            "make a list",
            lambda root: root.crm.lists.lists_api.create(definition, _preload_content=False),
            idempotent=False,
        )

    def _found(self, doing: str, call: object) -> JsonObject | None:
        try:
            answer: Answer = self._transport.send(doing, call)  # type: ignore[arg-type]
        except HubSpotRefused as refused:
            if refused.status == 404:
                return None
            raise
        return object_in(answer.body)

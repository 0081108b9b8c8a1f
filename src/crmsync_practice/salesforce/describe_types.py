"""What describe tells of record types: infos, layouts with their picklists, and the UI API's picklist values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from crmsync_practice.salesforce.errors import not_found
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.ids import make_id, read_id
from crmsync_practice.salesforce.record_types import RecordType, RecordTypes
from crmsync_practice.salesforce.schema import Field, SObject


def record_type_infos(sobject: SObject, types: Sequence[RecordType], base: str) -> list[dict[str, Any]]:
    """`recordTypeInfos` of a describe."""
    return [
        {
            "active": each.active,
            "available": each.active and each.available,
            "defaultRecordTypeMapping": each.default,
            "developerName": each.developer_name,
            "master": each.master,
            "name": each.name,
            "recordTypeId": each.id,
            "urls": {"layout": f"{base}/sobjects/{sobject.name}/describe/layouts/{each.id}"},
        }
        for each in types
    ]


def picklist_values(shown: Sequence[str], default: object) -> list[dict[str, Any]]:
    """`picklistValues` of a field, as many as are shown."""
    return [
        {"active": True, "defaultValue": value == default, "label": value, "validFor": None, "value": value}
        for value in shown
    ]


class TypeDescriptions:
    """The resources `sobjects/X/describe/layouts…` and `ui-api/object-info/X/picklist-values/…`."""

    def __init__(self, types: RecordTypes, find: Callable[[str], SObject]) -> None:
        self._types = types
        self._find = find

    def layouts(self, call: Call) -> Reply:
        """`GET sobjects/X/describe/layouts`: `layouts` is null when the object has record types (documented)."""
        sobject = self._find(call.part("name"))
        types = self._types.of(sobject)
        layouts = [_layout(sobject)] if len(types) == 1 else None
        infos = record_type_infos(sobject, types, call.base)
        mappings = [
            {key: value for key, value in info.items() if key != "active"}
            | {"layoutId": _layout_id(sobject), "picklistsForRecordType": _picklists(sobject, each)}
            for info, each in zip(infos, types, strict=True)
        ]
        content = {"layouts": layouts, "recordTypeMappings": mappings, "recordTypeSelectorRequired": [len(types) > 1]}
        return Reply(content=content)

    def layout(self, call: Call) -> Reply:
        """`GET sobjects/X/describe/layouts/RECORDTYPEID`."""
        sobject = self._find(call.part("name"))
        self._type(call, sobject)
        return Reply(content=_layout(sobject))

    def picklists(self, call: Call) -> Reply:
        """`GET ui-api/object-info/X/picklist-values/RECORDTYPEID`."""
        sobject = self._find(call.part("name"))
        record_type = self._type(call, sobject)
        values: dict[str, Any] = {
            each.name: _ui_values(call, sobject, record_type, each) for each in sobject.visible() if each.picklist
        }
        url = _ui_base(call, sobject, record_type)
        return Reply(content={"eTag": _etag(values), "picklistFieldValues": values, "url": url})

    def picklist(self, call: Call) -> Reply:
        """`GET ui-api/object-info/X/picklist-values/RECORDTYPEID/FIELD`."""
        sobject = self._find(call.part("name"))
        field = sobject.field(call.part("field"))
        if field is None or not field.picklist:
            raise not_found()
        return Reply(content=_ui_values(call, sobject, self._type(call, sobject), field))

    def _type(self, call: Call, sobject: SObject) -> RecordType:
        wanted = read_id(call.part("id"))
        found = next((each for each in self._types.of(sobject) if each.id == wanted), None)
        if found is None:
            raise not_found()
        return found


def _picklists(sobject: SObject, record_type: RecordType) -> list[dict[str, Any]]:
    return [
        {
            "picklistName": each.name,
            "picklistValues": picklist_values(record_type.values_of(each), record_type.default_of(each)),
        }
        for each in sobject.visible()
        if each.picklist
    ]


def _ui_base(call: Call, sobject: SObject, record_type: RecordType) -> str:
    return f"{call.base}/ui-api/object-info/{sobject.name}/picklist-values/{record_type.id}"


def _ui_values(call: Call, sobject: SObject, record_type: RecordType, field: Field) -> dict[str, Any]:
    values: list[dict[str, Any]] = [
        {"attributes": None, "label": each, "validFor": [], "value": each} for each in record_type.values_of(field)
    ]
    default = record_type.default_of(field)
    return {
        "controllerValues": {},
        "defaultValue": next((each for each in values if each["value"] == default), None),
        "eTag": _etag(values),
        "url": f"{_ui_base(call, sobject, record_type)}/{field.name}",
        "values": values,
    }


def _etag(content: object) -> str:
    return hashlib.md5(msgspec.json.encode(content), usedforsecurity=False).hexdigest()


def _layout_id(sobject: SObject) -> str:
    return make_id("00h", int.from_bytes(sobject.prefix.encode()))


def _layout(sobject: SObject) -> dict[str, Any]:
    """One page with one section that holds every field: the practice org has no page layouts."""
    rows = [
        {
            "layoutItems": [
                {
                    "editableForNew": each.createable,
                    "editableForUpdate": each.updateable,
                    "label": each.label,
                    "layoutComponents": [{"displayLines": 1, "tabOrder": 1, "type": "Field", "value": each.name}],
                    "placeholder": False,
                    "required": not each.nillable and each.createable,
                }
            ],
            "numItems": 1,
        }
        for each in sobject.visible()
    ]
    section = {
        "columns": 1,
        "heading": f"{sobject.label} Information",
        "layoutRows": rows,
        "rows": len(rows),
        "useCollapsibleSection": False,
        "useHeading": True,
    }
    return {
        "buttonLayoutSection": {"detailButtons": []},
        "detailLayoutSections": [section],
        "editLayoutSections": [section],
        "feedView": None,
        "highlightsPanelLayoutSection": None,
        "id": _layout_id(sobject),
        "multirowEditLayoutSections": [],
        "offlineLinks": [],
        "quickActionList": {"quickActionListItems": []},
        "relatedContent": None,
        "relatedLists": [],
        "saveOptions": [],
    }

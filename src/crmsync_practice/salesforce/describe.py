"""Describe and global describe (wire notes, section 2.4). Fields hidden from the user are simply absent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmsync_practice.salesforce.describe_types import picklist_values, record_type_infos
from crmsync_practice.salesforce.record_types import RecordType
from crmsync_practice.salesforce.schema import Field, Schema, SObject

_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "base64": "xsd:base64Binary",
    "anyType": "xsd:anyType",
}

_SAME_FOR_EVERY_FIELD: dict[str, Any] = {
    "aiPredictionField": False,
    "autoNumber": False,
    "calculatedFormula": None,
    "cascadeDelete": False,
    "caseSensitive": False,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "extraTypeInfo": None,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "queryByDistance": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "searchPrefilterable": False,
    "writeRequiresMasterRead": False,
}


def describe_field(field: Field, schema: Schema) -> dict[str, Any]:
    """One entry of `fields`; a reference names only what the user may read."""
    targets = [each.name for each in schema.readable(field.targets)]
    own = {
        "aggregatable": field.type not in {"boolean", "textarea"},
        "byteLength": field.length * 3,
        "calculated": field.expression is not None,
        "compoundFieldName": field.compound,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default if field.type == "boolean" else None,
        "defaultedOnCreate": field.default is not None or field.type == "boolean" or field.name == "OwnerId",
        "digits": 9 if field.type == "int" else 0,
        "externalId": field.external_id,
        "filterable": field.filterable,
        "groupable": field.groupable and field.type not in {"double", "currency", "percent", "datetime"},
        "idLookup": field.type == "id" or field.external_id or field.type == "email",
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": len(field.targets) > 1,
        "nillable": field.nillable,
        "permissionable": field.nillable and field.type != "id",
        "picklistValues": picklist_values(field.picklist, field.default),
        "polymorphicForeignKey": len(field.targets) > 1,
        "precision": field.precision,
        "referenceTo": targets,
        "relationshipName": field.relationship if targets else None,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
    }
    return dict(sorted({**_SAME_FOR_EVERY_FIELD, **own}.items()))


def describe_object(sobject: SObject, base: str, types: Sequence[RecordType], schema: Schema) -> dict[str, Any]:
    """The whole describe of one object."""
    return {
        **_summary(sobject, base),
        "actionOverrides": [],
        "childRelationships": [
            {
                "cascadeDelete": True,
                "childSObject": each.child,
                "deprecatedAndHidden": False,
                "field": each.field,
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": each.name,
                "restrictedDelete": False,
            }
            for each in sobject.children
            if not schema[each.child].hidden
        ],
        "compactLayoutable": True,
        "fields": [describe_field(field, schema) for field in sobject.visible()],
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": record_type_infos(sobject, types, base),
        "searchLayoutable": True,
        "supportedScopes": [{"label": "All", "name": "everything"}, {"label": "My", "name": "mine"}],
    }


def describe_global(schema: Schema, base: str) -> dict[str, Any]:
    """All objects, briefly."""
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [_summary(each, base) for each in sorted(schema.visible(), key=lambda each: each.name)],
    }


def describe_brief(sobject: SObject, base: str) -> dict[str, Any]:
    """`GET sobjects/X`."""
    return {"objectDescribe": _summary(sobject, base), "recentItems": []}


def _summary(sobject: SObject, base: str) -> dict[str, Any]:
    url = f"{base}/sobjects/{sobject.name}"
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": sobject.writable,
        "custom": False,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": sobject.writable and sobject.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": True,
        "mergeable": sobject.name in {"Lead", "Contact", "Account"},
        "mruEnabled": False,
        "name": sobject.name,
        "queryable": True,
        "replicateable": sobject.replicateable,
        "retrieveable": True,
        "searchable": sobject.searchable,
        "triggerable": sobject.writable,
        "undeletable": sobject.writable and sobject.deletable,
        "updateable": sobject.writable,
        "urls": {
            "sobject": url,
            "describe": f"{url}/describe",
            "rowTemplate": f"{url}/{{ID}}",
        },
    }

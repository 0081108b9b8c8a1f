"""Checks recorded HubSpot exchanges against schemas derived, at run time, from hubspot-api-client's own classes.

HubSpot's OpenAPI files may not be kept here; the generated client carries the same knowledge under its licence: which
paths exist, which statuses each answers with, which model belongs to it, and which fields of a model are required.
The overlays are the places where the client's models are stricter than the documented service.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator

PACKAGES = (
    "crm.contacts", "crm.companies", "crm.deals", "crm.tickets", "crm.objects", "crm.objects.calls",
    "crm.objects.emails", "crm.objects.meetings", "crm.objects.notes", "crm.objects.tasks", "crm.objects.leads",
    "crm.objects.communications", "crm.owners", "crm.properties", "crm.pipelines", "crm.schemas",
    "crm.associations", "crm.associations.v4", "crm.associations.v4.schema", "oauth", "marketing.forms",
)  # fmt: skip
HTML_STATUSES = (414, 502, 504)
_SCALARS: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "object": {},
    "datetime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"},
    "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
}
ERROR_SCHEMA = {
    # Every field but these is to be treated as optional (documentation of errors).
    "type": "object",
    "required": ["status", "message", "correlationId"],
    "properties": {
        "status": {"const": "error"},
        "message": {"type": "string"},
        "correlationId": {"type": "string", "pattern": r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
        "category": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object", "required": ["message"]}},
    },
}
TOKEN_ERROR_SCHEMA = {"type": "object", "required": ["status", "message", "error"]}


@dataclass(frozen=True)
class Operation:
    """One method of a generated API class: which model each status answers with, and the body's model."""

    method: str
    path: str
    package: str
    responses: Mapping[int, str | None]
    body: str | None
    pattern: re.Pattern[str] = field(compare=False)

    @property
    def literal(self) -> int:
        """How many segments are fixed: the more, the better the match."""
        return sum(not part.startswith("{") for part in self.path.split("/"))


def _module(package: str, inner: str) -> ModuleType:
    return importlib.import_module(f"hubspot.{package}.{inner}")


def _api_sources(package: str) -> Iterator[str]:
    api = _module(package, "api")
    for found in pkgutil.iter_modules(api.__path__):
        yield inspect.getsource(importlib.import_module(f"{api.__name__}.{found.name}"))


def _operations_of(package: str) -> Iterator[Operation]:
    for source in _api_sources(package):
        for chunk in re.split(r"\n    def (?=\w+_with_http_info)", source)[1:]:
            call = re.search(r'call_api\(\s*"([^"]+)",\s*"([A-Z]+)"', chunk)
            assert call is not None
            path, method = call.groups()
            responses: dict[int, str | None] = {
                int(status): name for status, name in re.findall(r'(\d{3}): "([^"]+)"', chunk)
            }
            body = None
            named = re.search(r'body_params = local_var_params\["(\w+)"\]', chunk)
            if named is not None:
                typed = re.search(rf":type {named.group(1)}: (\S+)", chunk)
                body = typed.group(1) if typed else None
            pattern = re.compile("^" + re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path.rstrip("/"))) + "/?$")
            yield Operation(method, path, package, responses or {204: None}, body, pattern)


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation of the packages."""
    return tuple(each for package in PACKAGES for each in _operations_of(package))


def _model(package: str, name: str) -> Any:
    return getattr(_module(package, "models"), name)


@cache
def _source(model: Any) -> str:
    """Of its module, which holds nothing else: where a class ends is found by reading the file word by word."""
    return Path(inspect.getfile(model)).read_text(encoding="utf-8")


def _required(model: Any) -> set[str]:
    """The attributes whose setter refuses None: those the specification requires."""
    return set(re.findall(r"Invalid value for `(\w+)`, must not be `None`", _source(model)))


def _choices(model: Any) -> dict[str, list[str]]:
    source = _source(model)
    found = re.findall(
        r"def (\w+)\(self, \w+\):(?:(?!\n    def ).)*?allowed_values = (\[[^\]]*\])", source, re.DOTALL
    )
    return {name: ast.literal_eval(values) for name, values in found}


class Schemas:
    """JSON Schemas of the client's models, made when asked for."""

    def __init__(self) -> None:
        self._definitions: dict[str, dict[str, Any]] = {}

    def type_schema(self, package: str, declared: str) -> dict[str, Any]:
        """The schema of a declared type such as `list[Filter]` or `dict[str, str]`."""
        if declared.startswith("list["):
            return {"type": "array", "items": self.type_schema(package, declared[5:-1])}
        if declared.startswith("dict["):
            inner = declared[5:-1].split(",", 1)[1].strip()
            return {"type": "object", "additionalProperties": self.type_schema(package, inner)}
        if declared in _SCALARS:
            return dict(_SCALARS[declared])
        name = f"{package}.{declared}"
        if name not in self._definitions:
            self._definitions[name] = {}
            self._definitions[name] = _overlaid(declared, self._object(package, declared))
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, package: str, declared: str) -> dict[str, Any]:
        model = _model(package, declared)
        choices = _choices(model)
        properties = {}
        for attribute, kind in model.openapi_types.items():
            schema = self.type_schema(package, kind)
            if attribute in choices:
                allowed = {"enum": choices[attribute]}
                schema = {"type": "array", "items": allowed} if kind.startswith("list[") else allowed
            properties[model.attribute_map[attribute]] = schema
        required = sorted(model.attribute_map[attribute] for attribute in _required(model))
        return {"type": "object", "properties": properties, "required": required}

    def problems(self, package: str, declared: str, value: Any) -> list[str]:
        """What is wrong with a value, as texts; empty when it conforms."""
        schema = {**self.type_schema(package, declared), "$defs": self._definitions}
        validator = Draft202012Validator(schema)
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


def _optional(schema: dict[str, Any], *names: str) -> None:
    schema["required"] = [name for name in schema["required"] if name not in names]


_NULLABLE_TEXTS = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}


def _overlaid(declared: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The documented differences between the client's models and the service."""
    properties = schema["properties"]
    if declared.startswith(("SimplePublicObject", "SimplePublicUpsertObject")):
        if declared in ("SimplePublicObjectInput", "SimplePublicObjectInputForCreate"):
            _optional(schema, "associations")
        properties["properties"] = _NULLABLE_TEXTS
        _optional(schema, "associations")
    if declared == "PublicObjectSearchRequest":
        _optional(schema, "after", "filterGroups", "limit", "properties", "sorts")
        properties["sorts"] = {"type": "array", "items": {"type": ["string", "object"]}}
    if declared == "BatchReadInputSimplePublicObjectId":
        _optional(schema, "properties", "propertiesWithHistory")
    if declared == "StandardError":
        schema["required"] = ["status", "message", "category"]
        properties["context"] = {"type": "object", "additionalProperties": {"type": "array"}}
    if declared == "MultiAssociatedObjectWithLabel":
        properties["toObjectId"] = {"type": ["string", "integer"]}
    if declared == "LabelsBetweenObjectPair":
        properties["toObjectId"] = properties["fromObjectId"] = {"type": ["string", "integer"]}
    if declared == "AssociationSpecWithLabel":
        properties["label"] = {"type": ["string", "null"]}
    if declared == "PublicOwner":
        properties["userId"] = {"type": ["integer", "null"]}
        properties["email"] = {"type": ["string", "null"]}
    if declared == "DependentFieldDependentField":
        # The generator made one model of all kinds of fields; these are what they have in common.
        schema["required"] = ["objectTypeId", "name", "label", "required", "hidden", "fieldType", "dependentFields"]
        properties["fieldType"] = {"type": "string"}
        properties["validation"] = {"type": "object"}
    if declared == "HubSpotFormDefinitionAllOfLegalConsentOptions":
        schema["required"] = ["type"]
        properties["type"] = {"enum": ["none", "implicit_consent_to_process", "explicit_consent_to_process",
                                       "legitimate_interest"]}  # fmt: skip
    if declared == "PublicFetchAssociationsBatchRequest":
        _optional(schema, "after")
    return schema


def undated(path: str) -> str:
    """The `/crm/v3` or `/crm/v4` path that a date-versioned one stands for."""
    dated = re.fullmatch(r"/crm/(\w+)/20\d\d-0[39](?:-beta)?(/.*)?", path)
    if dated is None:
        return path
    family, rest = dated.group(1), dated.group(2) or ""
    version = "v4" if family == "associations" or "/associations/" in rest else "v3"
    return f"/crm/{version}/{family}{rest}"


def find_operation(method: str, path: str) -> Operation | None:
    """The operation that a request is; the one with the most fixed segments."""
    fitting = [each for each in operations() if each.method == method and each.pattern.match(undated(path))]
    return max(fitting, key=lambda each: each.literal, default=None)


def check_exchange(schemas: Schemas, exchange: Mapping[str, Any]) -> list[str]:
    """What is wrong with one recorded exchange (the shape of `/_practice/requests`, bodies included)."""
    status = exchange["status"]
    if status is None:
        return []
    where = f"{exchange['method']} {exchange['path']} -> {status}"
    if status >= 400:
        return [f"{where}: {each}" for each in _check_refusal(exchange)]
    operation = find_operation(exchange["method"], exchange["path"])
    if operation is None:
        return []
    if status not in operation.responses:
        return [f"{where}: the client knows only {sorted(operation.responses)}"]
    found = [f"query {each}" for each in _check_query(exchange["query"])]
    if operation.body is not None and _is_json(exchange):
        sent = json.loads(exchange["request_body"] or "null")
        found += [f"request {each}" for each in schemas.problems(operation.package, operation.body, sent)]
    found += _check_answer(schemas, operation, status, exchange["response_body"])
    return [f"{where}: {each}" for each in found]


def _check_answer(schemas: Schemas, operation: Operation, status: int, text: str) -> list[str]:
    model = operation.responses[status]
    if model is None:
        return ["a body where there is none"] if text else []
    try:
        received = json.loads(text)
    except ValueError:
        return ["not JSON"]
    return schemas.problems(operation.package, model, received)


def _is_json(exchange: Mapping[str, Any]) -> bool:
    return "json" in exchange["request_headers"].get("content-type", "")


def _check_query(query: str) -> list[str]:
    return [
        f"{name}={value}"
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name == "archived" and value.lower() not in ("true", "false")
    ]


def _check_refusal(exchange: Mapping[str, Any]) -> list[str]:
    if exchange["status"] in HTML_STATUSES:
        return [] if exchange["response_body"].startswith("<html>") else ["the gateway answers in HTML"]
    try:
        body = json.loads(exchange["response_body"])
    except ValueError:
        return ["not JSON"]
    schema = TOKEN_ERROR_SCHEMA if re.match(r"/oauth/[^/]+/token$", exchange["path"]) else ERROR_SCHEMA
    found = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(body)]
    if schema is ERROR_SCHEMA:
        told = exchange["response_headers"].get("x-hubspot-correlation-id")
        if told != body.get("correlationId"):
            found.append("header and body tell different correlation ids")
    return found

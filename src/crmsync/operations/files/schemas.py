"""The JSON Schemas of crmsync's files, so that editors complete and check them.

They follow from the models that read the files, made to say what a *file* may hold: the short forms that reading
accepts, and in a policy `null`, which takes away what it extends. What a schema cannot say (that a name exists, that
a window is not empty) is told by `crmsync check` with file, line and column.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from crmsync.mapping import CrmMapping
from crmsync.operations.files.answers_file import Answers
from crmsync.operations.files.mapping_schema import mapping_file
from crmsync.operations.policy.case_files import CaseFile
from crmsync.qualify.language.policy import Policy
from crmsync.route.roster.roster import Roster
from crmsync.settings import SettingsFile

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAME = r"^\w[\w-]*$"
_NAME_EVERYWHERE = r"^[^\s!-,./:-@\[-^`{-~-][^\s!-,./:-@\[-^`{-~]*$"
"""The same for editors, whose `\\w` knows no letters but a to z."""
_POLICY_PARTS_BY_NAME = ("facts", "lists", "derived", "criteria", "scores", "grades", "next_action", "expectations")


def schema_of(kind: str) -> Schema:
    """The schema of one kind of file: a key of `KINDS`."""
    model, adapt, title = KINDS[kind]
    schema = _by_title(model.model_json_schema(by_alias=True))
    _walk(schema, _plain_dates)
    _walk(schema, _names_of_any_language)
    adapt(schema)
    return {"$schema": DIALECT, "title": title, **{key: schema[key] for key in schema if key != "title"}}


def schema_text(kind: str) -> str:
    """The schema as a file holds it."""
    return json.dumps(schema_of(kind), ensure_ascii=False, indent=2) + "\n"


def _by_title(schema: Schema) -> Schema:
    """Definitions go by their titles: what a class is called in the program may change, a schema's words stay."""
    titles = {name: inner["title"] for name, inner in schema.get("$defs", {}).items()}

    def named(node: Schema) -> None:
        reference = node.get("$ref")
        if isinstance(reference, str):
            node["$ref"] = f"#/$defs/{titles[reference.removeprefix('#/$defs/')]}"

    _walk(schema, named)
    definitions = {titles[name]: inner for name, inner in schema.get("$defs", {}).items()}
    return {**schema, "$defs": dict(sorted(definitions.items()))}


def _policy_file(schema: Schema) -> None:
    """In a file, what is written as null is taken away from what the policy extends."""
    definitions = schema["$defs"]
    for name, inner in definitions["Policy"]["properties"].items():
        if name in _POLICY_PARTS_BY_NAME:
            inner["additionalProperties"] = _or_null(inner["additionalProperties"])
        definitions["Policy"]["properties"][name] = _or_null(inner)
    for part in ("Score", "Movement"):
        properties = definitions[part]["properties"]
        definitions[part]["properties"] = {name: _or_null(inner) for name, inner in properties.items()}


def _roster_file(schema: Schema) -> None:
    """A number may stand for a word, one word for a list of one, and a file's name for the file."""
    _walk(schema, _one_for_a_list)
    _walk(schema, _number_for_a_word)
    calendar = schema["$defs"]["Person"]["properties"]["calendar"]
    one = {"anyOf": [calendar["items"], {"type": "string"}]}
    calendar["anyOf"] = [{"type": calendar.pop("type"), "items": one}, *one["anyOf"]]
    del calendar["items"]
    holidays = schema["properties"]["holidays"]
    days = {"type": "array", "items": {"type": "string", "format": "date"}}
    holidays["additionalProperties"] = {"anyOf": [holidays["additionalProperties"], {"type": "string"}, days]}


def _as_it_is(_: Schema) -> None:
    """Nothing to add."""


KINDS: Mapping[str, tuple[type[BaseModel], Callable[[Schema], None], str]] = {
    "policy": (Policy, _policy_file, "crmsync policy"),
    "roster": (Roster, _roster_file, "crmsync roster"),
    "mapping": (CrmMapping, mapping_file, "crmsync mapping"),
    "settings": (SettingsFile, _as_it_is, "crmsync.yaml"),
    "tests": (CaseFile, _as_it_is, "crmsync examples for `crmsync test`"),
    "answers": (Answers, _as_it_is, "crmsync answers for `crmsync init`"),
}
"""Kind of file → its model, what a file may hold besides, and a title."""


def _walk(node: Any, change: Callable[[Schema], None]) -> None:
    """Every schema in a schema, the inner ones first."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        _walk(child, change)
    if isinstance(node, dict):
        change(node)


def _names_of_any_language(schema: Schema) -> None:
    if schema.get("pattern") == _NAME:
        schema["pattern"] = _NAME_EVERYWHERE
    patterns = schema.get("patternProperties", {})
    if _NAME in patterns:
        del schema["patternProperties"]
        schema["additionalProperties"] = patterns[_NAME]
        schema["propertyNames"] = {**schema.get("propertyNames", {}), "pattern": _NAME_EVERYWHERE}


def _plain_dates(schema: Schema) -> None:
    """An instant may be written without a zone, which `date-time` would refuse."""
    if schema.get("format") == "date-time":
        del schema["format"]


def _one_for_a_list(schema: Schema) -> None:
    if schema.get("type") == "array" and schema.get("items") == {"type": "string"}:
        words = {key: schema.pop(key) for key in ("type", "items")}
        schema["anyOf"] = [words, {"type": "string"}, {"type": "integer"}]
        words["items"] = {"type": ["string", "integer"]}


def _number_for_a_word(schema: Schema) -> None:
    if schema.get("type") == "string" and schema.get("minLength") == 1:
        schema["type"] = ["string", "integer"]


def _or_null(schema: Schema) -> Schema:
    kinds = schema.get("anyOf", ())
    if any(kind.get("type") == "null" for kind in kinds):
        return schema
    return {"anyOf": [schema, {"type": "null"}]}

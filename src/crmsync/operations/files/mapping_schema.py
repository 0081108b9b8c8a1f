"""The short forms of a mapping file as JSON Schema: a word for a list or a rule, the shapes of a stage."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

WORD: Schema = {"type": "string"}
VALUE: Schema = {"type": ["string", "number", "boolean"]}
"""A native value; numbers and truth mean their text."""
LABELLED: Schema = {
    "type": "object",
    "properties": {"label": WORD},
    "required": ["label"],
    "additionalProperties": False,
}
ONE: Schema = {"anyOf": [VALUE, LABELLED]}
ONE_OR_MORE: Schema = {"anyOf": [VALUE, LABELLED, {"type": "array", "items": ONE}]}
FIELDS: Schema = {"type": "object", "additionalProperties": ONE_OR_MORE, "not": {"required": ["set"]}}
WORDS: Schema = {"anyOf": [WORD, {"type": "array", "items": WORD, "minItems": 1}]}


def mapping_file(schema: Schema) -> None:
    """Makes the schema of the model that of the file."""
    definitions = schema["$defs"]

    def set_(part: str, name: str, inner: Schema) -> None:
        kept = {key: definitions[part]["properties"][name].get(key) for key in ("description", "title")}
        definitions[part]["properties"][name] = {**{key: word for key, word in kept.items() if word}, **inner}

    for part, name in (("LeadMapping", "name"), ("FactMapping", "field")):
        set_(part, name, WORDS)
    moment = {"$ref": "#/$defs/Moment"}
    told = {"type": "array", "items": {"anyOf": [WORD, moment]}, "minItems": 1}
    set_("ActivityMapping", "at", {"anyOf": [WORD, moment, told]})
    set_("Moment", "earliest", {"anyOf": [WORDS, {"type": "null"}]})
    for name in ("name", "domain"):
        set_("AccountMapping", name, WORDS)
    rule = {"$ref": "#/$defs/Rule"}
    for name in ("kind", "outcome", "direction"):
        set_("ActivityMapping", name, {"anyOf": [WORD, rule, {"type": "array", "items": rule}]})
    meaning = {"type": "object", "additionalProperties": VALUE}
    translation = {"type": "object", "additionalProperties": {"anyOf": [VALUE, {"type": "null"}]}}
    listed = {"type": "array", "items": VALUE}
    set_("FactMapping", "values", {"anyOf": [translation, listed, {"type": "null"}]})
    set_("Test", "equals", {"anyOf": [listed, {"type": "null"}]})
    set_("StageValue", "set", {"type": "object", "additionalProperties": ONE_OR_MORE})
    set_("StageValue", "leaving", {"type": "object", "additionalProperties": {"anyOf": [VALUE, {"type": "null"}]}})
    full = {"$ref": "#/$defs/StageValue"}
    stages = {"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": [ONE_OR_MORE, FIELDS, full]}}
    set_("StageMapping", "values", stages)
    for name, part in (("body", "BodyField"), ("due", "DueField")):
        set_("HandOffTask", name, {"anyOf": [WORD, {"$ref": f"#/$defs/{part}"}, {"type": "null"}]})
    set_("HandOffTask", "set", meaning)
    for name in ("accepted", "returned"):
        set_("HandOffResponse", name, VALUE)
    set_("HandOffResponse", "pending", {"anyOf": [VALUE, {"type": "null"}]})
    word = {"anyOf": [WORD, {"$ref": "#/$defs/WordField"}]}
    for name in ("bands", "grades"):
        set_("WriteMapping", name, {"type": "object", "additionalProperties": word})
    for name in ("next_action", "disqualification_reason"):
        set_("WriteMapping", name, {"anyOf": [*word["anyOf"], {"type": "null"}]})
    set_("WordField", "values", meaning)
    definitions["FullTest"] = definitions.pop("Test")
    definitions["Test"] = {"anyOf": [VALUE, listed, {"$ref": "#/$defs/FullTest"}]}

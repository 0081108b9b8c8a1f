"""The page of JSON answers, from the schemas of these answers. `make_reference.py` writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crmsync.showing.answers.every import ANSWERS, Answer, answer_schema

Schema = Mapping[str, Any]
WORDS = {
    "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null",
    "date": "day", "date-time": "instant",
}  # fmt: skip
OPENING = """
What commands say on stdout with `--format json`, and what `--out FILE` holds then. These answers are stable: keys are
added, never renamed or taken away, and none changes its meaning without another `format`. So a program should ignore
keys that it does not know. Days are ISO days in the zone of the CRM's account, instants have their zone. Ids are the
CRM's own, stages are in the policy's names.

`crmsync schema --answer COMMAND` prints an answer's JSON Schema; they stand beside this page, too. In the tables,
*name → …* is an object whose keys are names that a policy, a mapping or the CRM gives, and a key in *italics* is left
out where there is nothing to tell. What is wrong with a command's arguments goes to stderr; then stdout is empty.

`crmsync policy show --format json` is a policy as [its file](policy.md) holds it, `crmsync schema` a JSON Schema, and
what `practice serve` says is told under [the practice CRM](practice-crm.md).
"""


def answers_page(note: str) -> str:
    """Every answer with its objects; an object that several answers share is told once, where it comes first."""
    parts, told = [note, "# Answers as JSON", OPENING.strip()], dict[str, Schema]()
    for name, answer in ANSWERS.items():
        parts += _answer(name, answer, told)
    return "\n\n".join(parts) + "\n"


def _answer(name: str, answer: Answer, told: dict[str, Schema]) -> Iterator[str]:
    schema = answer_schema(name)
    definitions: Schema = schema.get("$defs", {})
    yield f"## {', '.join(command.removesuffix(' --format json') for command in answer.commands)}"
    yield _line(schema["description"])
    typed = "; ".join(f"`crmsync {command}`" for command in answer.commands)
    yield f"{typed}. Schema: [{name}.json](schemas/answers/{name}.json)."
    yield _table(schema, definitions)
    for title in _reached(schema, definitions):
        if title in told:
            if told[title] != definitions[title]:
                raise ValueError(f"two objects of answers are called {title}")
            continue
        told[title] = definitions[title]
        yield f"### {title}"
        yield _line(definitions[title]["description"])
        yield _table(definitions[title], definitions)


def _line(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _table(schema: Schema, definitions: Schema) -> str:
    required = schema.get("required", ())
    rows = ["| key | value | meaning |", "|---|---|---|"]
    for name, inner in schema["properties"].items():
        key = f"`{name}`" if name in required else f"*`{name}`*"
        rows.append(f"| {key} | {_kind(inner)} | {_meaning(inner, definitions)} |")
    return "\n".join(rows)


def _meaning(schema: Schema, definitions: Schema) -> str:
    """What a key tells; where it is all that its object tells, the object's words stand for it."""
    told = schema.get("description") or definitions[schema["$ref"].rpartition("/")[2]]["description"]
    return _line(told)


def _kind(schema: Schema) -> str:
    """What a value is, in words."""
    if "$ref" in schema:
        title = schema["$ref"].rpartition("/")[2]
        return f"[{title}](#{title.lower()})"
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        words = schema.get("enum", [schema.get("const")])
        return ", ".join(f"`{str(word).lower() if isinstance(word, bool) else word}`" for word in words)
    return _of_others(schema) or WORDS[schema.get("format", schema["type"])]


def _of_others(schema: Schema) -> str:
    """A list, a pair or an object of other values; empty = it is none."""
    if "prefixItems" in schema:
        return f"pair of {_kind(schema['prefixItems'][0])}s"
    if schema["type"] == "array":
        return f"list of {_kind(schema['items'])}"
    return f"name → {_kind(schema['additionalProperties'])}" if schema["type"] == "object" else ""


def _reached(schema: Schema, definitions: Schema) -> list[str]:
    """Definitions in the order in which a reader comes upon them."""
    found: list[str] = []
    waiting = [schema]
    while waiting:
        for title in _names({key: value for key, value in waiting.pop(0).items() if key != "$defs"}):
            if title not in found:
                found.append(title)
                waiting.append(definitions[title])
    return found


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for value in node.values():
            yield from _names(value)
    elif isinstance(node, list):
        for value in node:
            yield from _names(value)

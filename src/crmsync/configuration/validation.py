"""From a document to a validated pydantic model, with every error at its place in the file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from crmsync.configuration.document import Document
from crmsync.configuration.place import Path
from crmsync.errors import ConfigurationError, Finding
from crmsync.patterns import late_pattern

M = TypeVar("M", bound=BaseModel)
_UNION_MEMBER = late_pattern(r"[\[<(]")
"""What stands in pydantic's names of union members, and in no key of a file."""
_BELONGS = {
    f"{kind}_{why}": words
    for kind, words in (
        ("string", "a text"), ("int", "a whole number"), ("float", "a number"), ("bool", "`true` or `false`")
    )
    for why in ("type", "parsing", "from_float")
}  # fmt: skip
"""What pydantic calls a wrong type, and what belongs there instead."""
_KEY = "[key]"
"""pydantic's last step to a key, as against the value under it."""


def validated(model: type[M], document: Document) -> M:
    """The document as `model`. Raises `ConfigurationError` with one finding for each error."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        findings = _findings(model, document, error)
    raise ConfigurationError(findings)


def did_you_mean(word: object, known: Iterable[str]) -> str | None:
    """A hint such as "did you mean employees?", or the valid choices when they are few."""
    choices = sorted({str(item) for item in known})
    close = difflib.get_close_matches(str(word), choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    if 0 < len(choices) <= 16:
        return "valid here: " + ", ".join(f"`{choice}`" for choice in choices)
    return None


def _findings(model: type[BaseModel], document: Document, error: ValidationError) -> list[Finding]:
    found: dict[tuple[Path, str], Finding] = {}
    errors = error.errors(include_url=False)
    for details in errors:
        if details["type"] == "missing" and _misspelt(model, details["loc"], errors):
            continue  # the misspelt key is told already, with the right word
        path = _path_in(document.data, details["loc"])
        message, hint, at_key = _words(model, details)
        found.setdefault((path, message), document.finding(path, message, hint, at_key=at_key))
    return sorted(found.values(), key=lambda finding: (finding.line, finding.column))


def _misspelt(model: type[BaseModel], location: tuple[str | int, ...], errors: list[ErrorDetails]) -> bool:
    hint = f"did you mean `{location[-1]}`?"
    return any(
        other["type"] == "extra_forbidden"
        and other["loc"][:-1] == location[:-1]
        and did_you_mean(other["loc"][-1], _keys_at(model, location[:-1])) == hint
        for other in errors
    )


def _path_in(data: Any, location: tuple[str | int, ...]) -> Path:
    """pydantic's location without the names of union members, which are not in the file."""
    path: list[str | int] = []
    here = data
    for part in location:
        if isinstance(here, Mapping) and part in here:
            here = here[part]
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            continue
        path.append(part)
    return tuple(path)


def _words(model: type[BaseModel], details: ErrorDetails) -> tuple[str, str | None, bool]:
    """(message, hint, whether it is about the key) for one pydantic error."""
    kind, location, context = details["type"], details["loc"], details.get("ctx", {})
    written = [part for part in location if isinstance(part, int) or _UNION_MEMBER.search(part) is None]
    name = next((part for part in reversed(written) if isinstance(part, str)), "the file")
    match kind:
        case "missing":
            return f"`{name}` is missing", _example(model, location), True
        case "extra_forbidden":
            return f"`{name}` is not known here", did_you_mean(name, _keys_at(model, location[:-1])), True
        case "literal_error" | "enum":
            expected = str(context.get("expected", ""))
            choices = [word.strip(" '\"") for word in expected.replace(" or ", ", ").split(",")]
            return (
                f"{_shown(details['input'])} is not a valid {name}",
                did_you_mean(details["input"], choices),
                False,
            )
        case "value_error" | "assertion_error":
            message, _, hint = str(context.get("error", details["msg"])).partition("\n→ ")
            return message, hint or None, False
        case "string_pattern_mismatch":
            words = f"{_shown(details['input'])} is no name; use letters, digits, `_` and `-`"
            return words, None, location[-1] == _KEY
        case _:
            return *_wrong_kind(model, details, name), location[-1:] == (_KEY,)


def _wrong_kind(model: type[BaseModel], details: ErrorDetails, name: str) -> tuple[str, str | None]:
    """(message, hint) for a value that is not what belongs there."""
    shown = _shown(details["input"])
    match details["type"]:
        case "model_type" | "model_attributes_type" | "dict_type" | "mapping_type":
            if details["loc"]:
                return f"`{name}` takes keys and values, not {shown}", None
            required = [key for key, field in model.model_fields.items() if field.is_required()]
            return (
                f"this file takes keys and values, not {shown}",
                f"begin with `{required[0]}:`" if required else None,
            )
        case "list_type" | "tuple_type":
            return f"`{name}` takes a list, not {shown}", None
        case "too_long":
            most, found = details["ctx"]["max_length"], details["ctx"]["actual_length"]
            told = f"{found:,}" if isinstance(found, int) else "too many"
            return f"`{name}` has {told} entries; at most {most:,} belong here", None
        case "too_short":
            return f"`{name}` has too few entries; at least {details['ctx']['min_length']} belong here", None
        case kind:
            belongs = f"{_BELONGS[kind]} belongs here" if kind in _BELONGS else None
            wanted = belongs or details["msg"][0].lower() + details["msg"][1:]
            return f"`{name}`: {wanted}, not {shown}", None


def _example(model: type[BaseModel], location: tuple[str | int, ...]) -> str | None:
    """What to write for a missing key of the whole file, where the model gives an example."""
    field = model.model_fields.get(str(location[0])) if len(location) == 1 else None
    return f"e.g. `{location[0]}: {field.examples[0]}`" if field and field.examples else None


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    text = str(value)
    return f"`{text[:60]}{'…' if len(text) > 60 else ''}`"


def _keys_at(model: type[BaseModel], location: tuple[str | int, ...]) -> set[str]:
    """The keys that the models at `location` allow. Best effort: unions give the keys of all members."""
    types: list[Any] = [model]
    for part in location:
        following = [step for kind in types for step in _steps(kind, part)]
        types = following or types
    return {
        str(field.alias or name)
        for kind in types
        for member in _models_in(kind)
        for name, field in _fields_of(member).items()
    }


def _fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Its fields, whose types may have names that pydantic looks up only when the model is built by itself."""
    model.model_rebuild()
    return model.model_fields


def _steps(kind: Any, part: str | int) -> list[Any]:
    result: list[Any] = []
    for member in _flattened(kind):
        if isinstance(member, type) and issubclass(member, BaseModel):
            named = [field for name, field in _fields_of(member).items() if part in (name, field.alias)]
            result.extend(field.annotation for field in named)
            if not named and member.model_config.get("extra") == "allow":
                result.extend(get_args(get_type_hints(member)["__pydantic_extra__"])[-1:])
        elif get_origin(member) is Literal:
            continue  # words, which have no keys
        elif get_origin(member) in (dict, list, tuple, Mapping) or hasattr(get_origin(member), "__getitem__"):
            result.extend(argument for argument in get_args(member) if argument is not Ellipsis)
    return result


def _flattened(kind: Any) -> list[Any]:
    if get_origin(kind) in (Union, UnionType):
        return [member for argument in get_args(kind) for member in _flattened(argument)]
    if hasattr(kind, "__metadata__"):  # Annotated[...]
        return _flattened(get_args(kind)[0])
    return [kind]


def _models_in(kind: Any) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = []
    for member in _flattened(kind):
        if isinstance(member, type) and issubclass(member, BaseModel):
            found.append(member)
        elif get_origin(member) is not None:
            found.extend(inner for argument in get_args(member) for inner in _models_in(argument))
    return found

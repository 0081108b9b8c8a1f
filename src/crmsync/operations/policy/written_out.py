"""A policy written out in full: what it says once everything it extends stands in it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from crmsync.configuration import escaped, seen_whole
from crmsync.qualify.language.policy import Policy

_MERGED = ("facts", "lists", "derived", "criteria", "grades", "next_action", "expectations", "movement", "scores")
"""Parts in which a segment's policy only adds to the main one, so that what it lacks must be taken away by name."""
_SHORT = 80
"""Characters that a mapping or list may have to stand on one line."""


def resolved(policy: Policy) -> dict[str, Any]:
    """The policy as plain data that reads back as the same policy without extending any."""
    data = _written(policy)
    for segment in data.get("segments", ()):
        segment["policy"] = _with_removals({**data, "segments": None}, segment["policy"])
    return data


def resolved_yaml(policy: Policy) -> str:
    """The same as YAML. What a reader would not see, or see elsewhere, stands there as an escape."""
    yaml = YAML()
    yaml.width = 110
    yaml.allow_unicode = True
    text = io.StringIO()
    yaml.dump(_laid_out(resolved(policy)), text)
    return escaped(text.getvalue())


def _laid_out(value: Any) -> Any:
    """Short mappings, and lists of plain values, on one line, as people write them."""
    if isinstance(value, dict):
        laid_out: Any = CommentedMap((_laid_out(key), _laid_out(item)) for key, item in value.items())
    elif isinstance(value, list):
        laid_out = CommentedSeq(_laid_out(item) for item in value)
    else:
        return DoubleQuotedScalarString(value) if isinstance(value, str) and not seen_whole(value) else value
    plain = isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value)
    if plain or len(str(value)) <= _SHORT:
        laid_out.fa.set_flow_style()
    return laid_out


def _written(policy: Policy) -> dict[str, Any]:
    data: dict[str, Any] = _plain(policy.model_dump(by_alias=True, exclude_unset=True))
    for one in (data, *(segment["policy"] for segment in data.get("segments", ()))):
        one.pop("extends", None)
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _with_removals(main: Mapping[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A segment's data with null for whatever the main policy has and the segment has not."""
    result = {key: None for key in main if key not in own and key not in ("format", "name", "segments")} | own
    for part in _MERGED:
        entries, inherited = result.get(part), main.get(part)
        if isinstance(entries, dict) and isinstance(inherited, Mapping):
            result[part] = {name: None for name in inherited if name not in entries} | entries
    for name, score in (result.get("scores") or {}).items():
        inherited = (main.get("scores") or {}).get(name)
        if isinstance(score, dict) and isinstance(inherited, Mapping):
            result["scores"][name] = {key: None for key in inherited if key not in score} | score
    return result

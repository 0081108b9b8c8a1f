"""From documents to a checked policy: `extends` resolved, lists read, every name looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmsync.configuration import Document, Path, did_you_mean, validated
from crmsync.errors import ConfigurationError
from crmsync.qualify.language.checking import findings_of
from crmsync.qualify.language.policy import Policy
from crmsync.values import replace

_BY_NAME = frozenset({"facts", "lists", "derived", "criteria", "grades", "next_action", "expectations", "movement"})
"""Parts that are merged entry by entry; an entry given as null is removed."""
_NULL_IS_A_VALUE = {"movement": frozenset({"tug_of_war"})}
"""Of such parts the entries of which null says something else than what holds when nothing is said: it stays."""
_BY_NAME_AND_KEY = frozenset({"scores"})
"""Parts that are merged entry by entry and, within an entry, key by key."""
_EITHER_OR = ("hand_off", "hand_overs")
"""Two ways to say the same: who writes one does not take over the other."""
_MOST_EXTENSIONS = 10
_MOST_VALUES = 2_000_000


def policy_from(
    document: Document, presets: Mapping[str, Document], files: Mapping[str, str] | None = None
) -> Policy:
    """The policy a document says, on top of the preset it extends.

    `presets`: name → document. `files`: the texts of the files that lists name (`files_needed`). Raises
    `ConfigurationError` with every mistake found, each at its line and column.
    """
    merged = _with_lists(_resolved(document, presets, ()), files or {})
    policy = validated(Policy, merged)
    findings = findings_of(policy, merged)
    if findings:
        raise ConfigurationError(findings)
    return policy


def files_needed(document: Document, presets: Mapping[str, Document]) -> Mapping[str, Path]:
    """Paths of list files that a policy document names, as written, with the first place that names each.

    Raises `ConfigurationError`.
    """
    data = _resolved(document, presets, ()).data
    parts: list[tuple[Path, dict[str, Any]]] = [((), data)]
    parts += [(("segments", index, "policy"), one["policy"]) for index, one in enumerate(_segments(data))]
    named: dict[str, Path] = {}
    for place, part in parts:
        for name, values in _mapping(part.get("lists")).items():
            if isinstance(values, dict) and isinstance(values.get("file"), str):
                named.setdefault(values["file"], (*place, "lists", name, "file"))
    return named


def _resolved(document: Document, presets: Mapping[str, Document], seen: tuple[str, ...]) -> Document:
    """The document with what it extends put underneath, also in its segments' policies."""
    if not isinstance(document.data, dict):
        raise document.error((), "a policy is a mapping with keys such as `ladder` and `criteria`")
    data = _based(document, document.data, (), presets, seen, base={})
    marks, keys = dict(document.values), dict(document.keys)
    if "extends" in document.data:  # what is inherited is told where it comes in
        for key in data.keys() - document.data.keys():
            marks[(key,)] = document.values[("extends",)]
    for index, segment in enumerate(_segments(data)):
        path = ("segments", index, "policy")
        plain = {key: value for key, value in data.items() if key not in ("segments", "name", "extends")}
        segment["policy"] = _based(document, segment["policy"], path, presets, seen, base=plain)
        segment["policy"].setdefault("name", segment.get("name", f"segment {index + 1}"))
    return replace(document, data=data, values=marks, keys=keys)


def _based(
    document: Document,
    data: dict[str, Any],
    path: tuple[str | int, ...],
    presets: Mapping[str, Document],
    seen: tuple[str, ...],
    *,
    base: dict[str, Any],
) -> dict[str, Any]:
    """`data` on top of the preset it extends, else on top of `base`."""
    name = data.get("extends")
    if isinstance(name, str):
        if name not in presets:
            hint = did_you_mean(name, presets)
            raise document.error((*path, "extends"), f"there is no preset `{name}`", hint)
        if name in seen or len(seen) >= _MOST_EXTENSIONS:
            chain = " → ".join((*seen, name))
            raise document.error((*path, "extends"), f"presets extend each other in a circle: {chain}")
        base = _resolved(presets[name], presets, (*seen, name)).data
    return _merged(base, data)


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`own` on top of `base`. What `own` writes as null is taken away."""
    result = dict(base)
    for key, other in (_EITHER_OR, _EITHER_OR[::-1]):
        if own.get(key) is not None:
            result.pop(other, None)
    for key, value in own.items():
        if key in _BY_NAME | _BY_NAME_AND_KEY and isinstance(value, dict) and isinstance(result.get(key), dict):
            kept = _NULL_IS_A_VALUE.get(key, frozenset())
            result[key] = _entries(result[key], value, deeper=key in _BY_NAME_AND_KEY, kept=kept)
        elif value is None:
            result.pop(key, None)
        else:
            result[key] = dict(value) if isinstance(value, dict) else value
    if "segments" in result and isinstance(result["segments"], list):
        result["segments"] = [dict(one) if isinstance(one, dict) else one for one in result["segments"]]
    return result


def _entries(
    base: Mapping[str, Any], own: Mapping[str, Any], *, deeper: bool, kept: frozenset[str] = frozenset()
) -> dict[str, Any]:
    result = dict(base)
    for name, value in own.items():
        if value is None and name not in kept:
            result.pop(name, None)
        elif deeper and isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = _entries(result[name], value, deeper=False)
        else:
            result[name] = value
    return result


def _with_lists(document: Document, files: Mapping[str, str]) -> Document:
    """Lists that stand in files, with their lines as values; a file without text stays as it is."""
    data = dict(document.data)
    values_of = {file: _lines(text) for file, text in files.items()}
    left = _MOST_VALUES
    for part in (data, *(segment["policy"] for segment in _segments(data))):
        lists = part.get("lists")
        if isinstance(lists, dict):
            part["lists"] = {name: _read(values, values_of) for name, values in lists.items()}
            left -= sum(len(values) for values in part["lists"].values() if isinstance(values, list))
            if left < 0:
                message = f"all `lists` together have more than {_MOST_VALUES:,} values"
                hint = "make them shorter; each segment counts with the lists it takes over from the main policy"
                raise document.error(("lists",), message, hint, at_key=True)
    return replace(document, data=data)


def _read(values: Any, values_of: Mapping[str, list[str]]) -> Any:
    """A list's values; those of its file where there is one."""
    file = values.get("file") if isinstance(values, dict) else None
    return values_of.get(file, values) if isinstance(file, str) else values


def _lines(text: str) -> list[str]:
    lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def _segments(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The segments whose shape can be worked with; the others are told by validation."""
    segments = data.get("segments")
    if not isinstance(segments, list):
        return []
    return [one for one in segments if isinstance(one, dict) and isinstance(one.get("policy"), dict)]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}

"""The stages of a mapping, each with the CRM's values that are read as it, and the text with others for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import filterfalse
from typing import Any

from crmsync.configuration import did_you_mean, read_document, rewritten
from crmsync.errors import UsageError
from crmsync.mapping import LABEL, as_text
from crmsync.operations.edit.offers import Offer
from crmsync.settings import Settings

IN_THE_EDITOR = "change it in an editor: it is told by more than one field"


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage of the policy. `natives`: what is read as it, the first is written. `simple`: told by one field alone,
    so that a form can change it; `said`: else what the file says. `natives` are those of the stage field, then.
    """

    stage: str
    label: str
    natives: tuple[str, ...]
    simple: bool
    said: str


@dataclass(frozen=True, slots=True)
class StageOption:
    """A value of the CRM's stage field. `native`: as the file has it, if it does. `stage`: null = no stage's.

    `leads`: records of the sample with it; null = not counted. `there`: whether the CRM offers it. `several`: it
    takes more fields to tell that stage, so a form changes nothing of it.
    """

    native: str
    label: str
    leads: int | None
    stage: str | None
    there: bool
    several: bool = False


@dataclass(frozen=True, slots=True)
class Stages:
    """`unmanaged`: values of the CRM that are no stage's: their leads are left alone."""

    field: str
    lines: tuple[StageLine, ...]
    options: tuple[StageOption, ...]

    @property
    def unmanaged(self) -> int:
        """How many."""
        return sum(option.stage is None for option in self.options)


def stages_of(settings: Settings, connection: str, known: Offer | None) -> Stages:
    """As the file has them, beside what the CRM offers as far as that is known."""
    mapping, policy = settings.connection(connection).mapping.stage, settings.policy
    lines = []
    for stage in dict.fromkeys((*policy.stages, *mapping.values)):
        value = mapping.values.get(stage)
        simple = value is None or (set(value.set) == {mapping.field} and not value.leaving)
        natives = value.set.get(mapping.field, ()) if value is not None else ()
        said = "" if value is None or simple else _in_words(value.set, value.leaving)
        lines.append(StageLine(stage, policy.label_of(stage), natives, simple, said))
    as_read = {each.stage: each for each in lines}
    in_turn = [as_read[stage] for stage in mapping.values]
    return Stages(mapping.field, tuple(lines), tuple(_options(in_turn, known, mapping.field)))


def with_stages(
    settings: Settings, connection: str, text: str, told: Mapping[str, str], written: Mapping[str, str]
) -> str:
    """The mapping's text where these native values are of these stages ("" = of none).

    `written`: stage → which of its values is written. Raises `UsageError` for a stage that the policy has not, or
    that a form cannot change, and for a text that cannot be changed.
    """
    file = str(settings.mapping_path(connection))
    field, before = _said(text, file)
    stages = settings.policy.stages
    items = {stage: _items(entry, field) for stage, entry in before.items()}
    stood = _stood(items)
    changed = {native: stage for native, stage in told.items() if stage != stood.get(native, "")}
    for stage in filter(None, changed.values()):
        if stage not in stages and stage not in before:
            raise UsageError(f"the policy has no stage `{stage[:60]}`", hint=did_you_mean(stage, stages))
        if items.get(stage, []) is None:
            raise UsageError(f"the stage `{stage}` cannot be changed here", hint=IN_THE_EDITOR)
    spelt = {_text(item): item for some in items.values() for item in some or ()}
    after = {}
    for stage in dict.fromkeys((*before, *stages)):
        had = items.get(stage, [])
        if had is None:
            after[stage] = before[stage]
            continue
        kept = [item for item in had if changed.get(_text(item), stage) == stage]
        there = {_text(item) for item in kept}
        new = [spelt.get(native, native) for native, to in changed.items() if to == stage and native not in there]
        ordered = _first(written.get(stage), [*kept, *new])
        if ordered:
            after[stage] = before[stage] if ordered == had else ordered[0] if len(ordered) == 1 else ordered
    return rewritten(text, file, ("stage", "values"), after)


def _stood(items: Mapping[str, list[Any] | None]) -> dict[str, str]:
    """Value → the stage that it is read as: of several the first in the file."""
    stood: dict[str, str] = {}
    for stage, some in items.items():
        for item in some or ():
            stood.setdefault(_text(item), stage)
    return stood


def _options(lines: Sequence[StageLine], known: Offer | None, field: str) -> Iterator[StageOption]:
    """The CRM's, then what the file alone has. `lines`: as they are read, of which the first that fits holds."""
    named: dict[str, str] = {}
    for line in (*filter(_is_simple, lines), *filterfalse(_is_simple, lines)):
        for native in line.natives:
            named.setdefault(native, line.stage)
    several = {native for line in lines if not line.simple for native in line.natives if named[native] == line.stage}
    seen = set()
    for native, label, leads in known.options.get(field, ()) if known else ():
        spelt = next((each for each in named if _means(each, native, label)), native)
        seen.add(spelt)
        yield StageOption(spelt, label, leads, named.get(spelt), True, spelt in several)
    for native, stage in named.items():
        if native not in seen:
            yield StageOption(native, native.removeprefix(LABEL), None, stage, False, native in several)


def _is_simple(line: StageLine) -> bool:
    return line.simple


def _means(named: str, native: str, label: str) -> bool:
    text = named.removeprefix(LABEL)
    return text.strip().casefold() == (label if named.startswith(LABEL) else native).strip().casefold()


def _in_words(sets: Mapping[str, Sequence[str]], leaving: Mapping[str, Any]) -> str:
    told = [f"{field}: {', '.join(values)}" for field, values in sets.items()]
    return "; ".join([*told, *(f"on leaving {field}: {value or 'empty'}" for field, value in leaving.items())])


def _said(text: str, file: str) -> tuple[Any, Mapping[str, Any]]:
    data = read_document(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), file).data
    stage = data.get("stage") if isinstance(data, Mapping) else None
    stage = stage if isinstance(stage, Mapping) else {}
    values = stage.get("values")
    return stage.get("field"), values if isinstance(values, Mapping) else {}


def _items(entry: Any, field: Any) -> list[Any] | None:
    """The values of a stage that one field tells; null where it takes more to tell it."""
    if isinstance(entry, Mapping):
        if "set" in entry and set(entry) <= {"set", "leaving"} and not entry.get("leaving"):
            entry = entry["set"]
        if isinstance(entry, Mapping) and set(entry) == {field}:
            return _items(entry[field], field)
        return [entry] if isinstance(entry, Mapping) and set(entry) == {"label"} else None
    return list(entry) if isinstance(entry, list) else [entry]


def _text(item: Any) -> str:
    return f"{LABEL}{item['label']}" if isinstance(item, Mapping) else str(as_text(item))


def _first(native: str | None, items: list[Any]) -> list[Any]:
    """With the one that is written before the others."""
    return sorted(items, key=lambda item: _text(item) != native) if native is not None else items

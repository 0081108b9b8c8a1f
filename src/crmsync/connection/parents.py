"""Fields of parents, such as `Account.Industry` and `company.industry`: where a path leads, step by step."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from crmsync.contract import Connector, NativeField, Parent
from crmsync.errors import UsageError
from crmsync.values import replace

_LIKE = 0.7
"""From so much likeness on, a step that is not there is taken for one that is, to suggest its fields."""


def fields_of_parents(connector: Connector, object_name: str, names: Iterable[str]) -> tuple[NativeField, ...]:
    """All fields of the parents that these names lead through, called by their whole paths; they are read only.

    A step that is nowhere is taken for the one that it looks like, so that its fields can be suggested. A name of
    which the connector does not tell comes as it is, its kind unknown. One call for each further object.
    """
    found: dict[str, NativeField] = {}
    for relationship, wanted in _by_relationship(names).items():
        path, parent = _led(connector, object_name, relationship.split("."))
        if parent is None:
            continue
        if not parent.objects:
            found |= {name: NativeField(name, name, "", writable=False) for name in wanted}
        found |= {field.name: field for field in _fields(connector, path, parent)}
    return tuple(found.values())


def fields_behind(connector: Connector, object_name: str, relationship: str) -> tuple[NativeField, ...]:
    """The fields behind one relationship (`Account`, `Account.Owner`), called by their whole paths.

    Raises `UsageError` where it leads nowhere, or the connector does not tell where.
    """
    path, parent = _led(connector, object_name, relationship.split("."))
    if parent is None or path != relationship:
        hint = f"did you mean {object_name}.{path}?" if parent is not None else "look at the name"
        raise UsageError(f"{object_name} has no parent {relationship!r} that the signed-in user can see", hint=hint)
    if not parent.objects:
        raise UsageError(f"what fields stand behind {relationship!r} is not told", hint="look at the CRM's own page")
    return tuple(_fields(connector, path, parent))


def _by_relationship(names: Iterable[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        relationship, dot, _ = name.rpartition(".")
        if dot:
            found.setdefault(relationship, []).append(name)
    return found


def _led(connector: Connector, object_name: str, steps: Sequence[str]) -> tuple[str, Parent | None]:
    """The path, its steps as the CRM spells them, and where it leads: nowhere is null, untold is without objects."""
    path: list[str] = []
    parent = Parent((object_name,))
    for step in steps:
        known = [connector.parents(name) for name in parent.objects]
        if not known or any(each is None for each in known):
            return ".".join((*path, step)), Parent(())
        there = {name: leads for each in known for name, leads in (each or {}).items()}
        meant = _meant(step, there)
        if meant is None:
            return ".".join((*path, step)), None
        path.append(meant)
        parent = there[meant]
    return ".".join(path), parent


def _meant(step: str, there: Collection[str]) -> str | None:
    if step in there:
        return step
    lower = {name.lower(): name for name in there}
    near = difflib.get_close_matches(step.lower(), lower, n=1, cutoff=_LIKE)
    return lower[near[0]] if near else None


def _fields(connector: Connector, path: str, parent: Parent) -> Iterator[NativeField]:
    """Of objects that this user may not see there are none."""
    for name in parent.objects:
        try:
            fields = connector.fields(name)
        except UsageError:
            continue
        for field in fields:
            yield replace(
                field,
                name=f"{path}.{field.name}",
                writable=False,
                # A parent that changes moves no stamp of the record, as a formula does.
                calculated=field.calculated or not parent.followed,
                currency_field=f"{path}.{field.currency_field}" if field.currency_field else None,
            )
